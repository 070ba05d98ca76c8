"""The stored state of a map, and how it is brought up to date: by those votes that people's sums count, and no others.

The sums of an idea are renewed with each five more who have weighed it. The state takes up an idea's votes up to just
that vote, so all that a map shows stays the same until another five have come. Where that cannot be told any more
(somebody changed a vote between), the idea keeps what it has until it is weighed by five more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np

from bot.domain.ideas import SUM_STEP, Sums
from bot.opinion.matrix import MISSING, Ints, Row, VoteMatrix, pack, unpack
from bot.opinion.memory import Memory
from bot.opinion.secrecy import cell
from bot.opinion.survey import Opinion, survey


class News(NamedTuple):
    """An idea whose sums were renewed: how people see them now, and its new and changed votes (who, what, when)."""

    idea: bytes
    shown: Sums
    votes: Sequence[tuple[bytes, int, datetime]]


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """The state as it is stored: a packed matrix, what is remembered, and for each idea the sums that people saw.

    `until` are the moments of the last votes in it, by idea.
    """

    matrix: bytes = b""
    memory: Memory = Memory()
    totals: dict[bytes, Sums] = {}
    until: dict[bytes, datetime] = {}


class Made(NamedTuple):
    """What comes out: the state to store, what it says, and of each idea how many votes are in it, and until when."""

    stored: bytes
    opinion: Opinion
    counted: dict[bytes, tuple[int, datetime]]


def brought_up(stored: bytes, news: Sequence[News], hidden: Collection[bytes], leaving: Collection[bytes]) -> Made:
    """Bring a state (empty: none yet) up to date; `hidden` names hidden ideas, `leaving` whose votes are to go."""
    state, matrix = _taken_up(_read(stored), news, leaving)
    opinion, memory = survey(matrix, hidden, state.memory, _totals(matrix, state.totals))
    matrix = matrix.celled(np.frombuffer(memory.cells, np.int32))
    memory = msgspec.structs.replace(memory, cells=b"")
    counted = {idea: (sums.voters, state.until[idea]) for idea, sums in state.totals.items()}
    return Made(_written(state, matrix, memory), opinion, counted)


def taken_up(stored: bytes, news: Sequence[News]) -> bytes:
    """Take votes into a state without looking at what they say: of many, a part after the other."""
    state, matrix = _taken_up(_read(stored), news, ())
    return _written(state, matrix, state.memory)


def _taken_up(state: Stored, news: Sequence[News], leaving: Collection[bytes]) -> tuple[Stored, VoteMatrix]:
    matrix = (unpack(state.matrix) if state.matrix else VoteMatrix.of([])).without(frozenset(leaving))
    totals, until = dict(state.totals), dict(state.until)
    rows: list[Row] = []
    cells: list[int] = []
    for one in news:
        taken = _taken(matrix, one)
        if taken is not None:
            totals[one.idea] = one.shown
            rows += [row for row, _cell in taken[0]]
            cells += [its_cell for _row, its_cell in taken[0]]
            until[one.idea] = taken[1]
    return Stored(b"", state.memory, totals, until), matrix.cast(rows, cells)


def _written(state: Stored, matrix: VoteMatrix, memory: Memory) -> bytes:
    return msgspec.msgpack.encode(Stored(pack(matrix), memory, state.totals, state.until))


def without(stored: bytes, leaving: Collection[bytes]) -> bytes:
    """Give a state without some people's votes; what was told stays told."""
    state = _read(stored)
    if not state.matrix:
        return stored
    gone = frozenset(leaving)
    return _written(state, unpack(state.matrix).without(gone), state.memory.without(gone))


def _read(stored: bytes) -> Stored:
    return msgspec.msgpack.decode(stored, type=Stored) if stored else Stored()


def _taken(matrix: VoteMatrix, one: News) -> tuple[list[tuple[Row, int]], datetime] | None:
    """Give the votes that an idea's sums count and the matrix has not, with their cells, and when the last was cast."""
    place = bisect_left(matrix.ideas, one.idea)
    known = place < len(matrix.ideas) and matrix.ideas[place] == one.idea
    sums = Sums(*matrix.sums_of(place)) if known else Sums()
    taken: list[tuple[Row, int]] = []
    for voter, value, at in sorted(one.votes, key=lambda vote: (vote[2], vote[0])):
        before = _vote(matrix, voter, place) if known else MISSING
        if before == value:
            continue
        if before != MISSING:
            sums = sums.with_vote(before, -1)
        taken.append(((voter, one.idea, value), cell(sums.voters // SUM_STEP)))
        sums = sums.with_vote(value)
        if sums.voters == one.shown.voters and before == MISSING:
            return (taken, at) if sums == one.shown else None
    return None


def _vote(matrix: VoteMatrix, voter: bytes, idea: int) -> int:
    person = bisect_left(matrix.people, voter)
    known = person < len(matrix.people) and matrix.people[person] == voter
    return matrix.vote_of(person, idea) if known else MISSING


def _totals(matrix: VoteMatrix, totals: dict[bytes, Sums]) -> Ints:
    """Write the sums as they are seen (3 × m: disagree, pass, agree)."""
    shown = [totals.get(idea, Sums()) for idea in matrix.ideas]
    rows = [(one.disagree, one.passed, one.agree) for one in shown]
    return np.array(rows, np.int64).reshape(-1, 3).T
