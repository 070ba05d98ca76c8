"""Who voted what: the votes of a conversation, kept up vote by vote.

Beside the votes stand sums over all pairs of ideas, from which the principal components follow without looking at the
votes again. They are whole numbers, so it makes no difference in which order they were added up: what was kept up for a
year equals, to the bit, what is computed anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter

import msgspec
import numpy as np
from numpy.typing import NDArray

NAME = 16
MISSING = 2
# The bits that sums of one kind are lifted by where two kinds are added up in one, and the people whose pairs are
# summed at a time: so each kind can be told from the other, and all stays below 2²⁴, where 32-bit floats are exact.
LIFT = 12
BLOCK = (1 << LIFT - 1) - 1

Row = tuple[bytes, bytes, int]
Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class VoteMatrix:
    """The votes of n people on m ideas, v in all; every person here has voted at least once. Never changes.

    `people` (n) and `ideas` (m) are names, ascending. The votes of person p are `codes[starts[p]:starts[p + 1]]`, by
    idea, each 3 · idea + vote + 1; `starts` has n + 1 entries. `pairs` (3 × m × m) holds for ideas i, j the sums over
    those who voted on both: of vote i · vote j, of vote i, and of 1. `cells` (v) tells of each vote with which others
    it was last summed up where people could see it (`secrecy`).
    """

    people: list[bytes]
    ideas: list[bytes]
    starts: Ints
    codes: Int32
    pairs: Int32
    cells: Int32

    @classmethod
    def of(cls, rows: Iterable[Row]) -> VoteMatrix:
        """Make a matrix of (person, idea, vote); of several votes of one person on one idea the last counts."""
        nothing = np.zeros(0, np.int32)
        return cls([], [], np.zeros(1, np.int64), nothing, nothing.reshape(3, 0, 0), nothing).cast(rows)

    def cast(self, rows: Iterable[Row], cells: Sequence[int] = ()) -> VoteMatrix:
        """Give the matrix with these votes, new ones and changed ones; in the order in which they were cast.

        `cells` are those of the rows, 0 if not told; a vote that stays what it was keeps its own.
        Takes time in proportion to all votes (they are copied) and, for each person with a new one, to m².
        Raises `ValueError` for a vote that is none.
        """
        rows = rows if isinstance(rows, Sequence) else list(rows)
        if not rows:
            return self
        voters, who = _numbered(rows, 0)
        weighed, what = _numbered(rows, 1)
        votes = np.fromiter(map(itemgetter(2), rows), np.int32, len(rows))
        if votes.min() < -1 or votes.max() > 1:
            raise ValueError("A vote is -1, 0 or 1.")
        matrix = _grown(self, _new(voters, self.people), _new(weighed, self.ideas))
        people = _places(matrix.people, voters)
        order = np.argsort(people)
        row = np.argsort(order) * len(matrix.ideas)
        at = row.take(who) + _places(matrix.ideas, weighed).take(what)
        ours = np.fromiter(cells, np.int32, len(rows)) if cells else np.zeros(len(rows), np.int32)
        return _revised(matrix, people[order], at, votes.astype(np.int8), ours)

    def without(self, people: Collection[bytes]) -> VoteMatrix:
        """Give the matrix without some people, made anew; ideas stay, even if nobody is left who voted on them."""
        kept = [place for place, person in enumerate(self.people) if person not in people]
        if len(kept) == len(self.people):
            return self
        places = np.array(kept, np.int64)
        lengths = self.counts[places]
        votes = _ranges(self.starts[places], lengths)
        pairs = np.zeros_like(self.pairs)
        for first in range(0, len(places), BLOCK):
            pairs += _pairs(self.rows(places[first : first + BLOCK]))
        names = [self.people[place] for place in kept]
        return VoteMatrix(names, self.ideas, _starts(lengths), self.codes[votes], pairs, self.cells[votes])

    def celled(self, cells: Int32) -> VoteMatrix:
        """Give the matrix with these cells of its votes (v)."""
        return VoteMatrix(self.people, self.ideas, self.starts, self.codes, self.pairs, cells)

    def vote_of(self, person: int, idea: int) -> int:
        """Give one vote, `MISSING` where there is none."""
        codes = self.codes[self.starts[person] : self.starts[person + 1]]
        place = int(np.searchsorted(codes, 3 * idea))
        return int(codes[place]) - 3 * idea - 1 if place < len(codes) and codes[place] // 3 == idea else MISSING

    def sums_of(self, idea: int) -> tuple[int, int, int]:
        """Give how many agree, disagree and pass on an idea."""
        squares, total, voters = (int(self.pairs[kind, idea, idea]) for kind in range(3))
        return (squares + total) // 2, (squares - total) // 2, voters - squares

    def rows(self, people: Ints) -> Int8:
        """Give the votes of some people (c × m), `MISSING` where there is none; of the people's numbers, ascending."""
        lengths = np.diff(self.starts)[people]
        codes = self.codes[_ranges(self.starts[people], lengths)]
        rows = np.full((len(people), len(self.ideas)), MISSING, np.int8)
        rows[np.repeat(np.arange(len(people)), lengths), codes // 3] = codes % 3 - 1
        return rows

    def _cells_of(self, people: Ints) -> Int32:
        lengths = np.diff(self.starts)[people]
        votes = _ranges(self.starts[people], lengths)
        cells = np.zeros((len(people), len(self.ideas)), np.int32)
        cells[np.repeat(np.arange(len(people)), lengths), self.codes[votes] // 3] = self.cells[votes]
        return cells

    @property
    def counts(self) -> Ints:
        """How many ideas each person has voted on (n)."""
        return np.diff(self.starts)


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A matrix as it is stored: little-endian bytes. Made anew when somebody is to be forgotten."""

    people: bytes
    ideas: bytes
    starts: bytes
    codes: bytes
    pairs: bytes
    cells: bytes


def pack(matrix: VoteMatrix) -> bytes:
    """Write a matrix for storing: 16 bytes a person or idea, 8 a vote, 12 · m² for the pairs."""
    parts = matrix.starts, matrix.codes, matrix.pairs, matrix.cells
    arrays = (np.ascontiguousarray(array).tobytes() for array in parts)
    return msgspec.msgpack.encode(Packed(b"".join(matrix.people), b"".join(matrix.ideas), *arrays))


def unpack(stored: bytes) -> VoteMatrix:
    """Read a stored matrix.

    Raises `msgspec.DecodeError` where that is none: make it of the votes.
    """
    packed = msgspec.msgpack.decode(stored, type=Packed)
    ideas = split(packed.ideas)
    pairs = np.frombuffer(packed.pairs, np.int32).reshape(3, len(ideas), len(ideas))
    starts, codes = np.frombuffer(packed.starts, np.int64), np.frombuffer(packed.codes, np.int32)
    return VoteMatrix(split(packed.people), ideas, starts, codes, pairs, np.frombuffer(packed.cells, np.int32))


def split(names: bytes) -> list[bytes]:
    """Take names apart that were written one after the other."""
    return [names[at : at + NAME] for at in range(0, len(names), NAME)]


def _numbered(rows: Sequence[Row], column: int) -> tuple[dict[bytes, int], Int32]:
    """Number the names in a column as they come: the number of each name, and of each row."""
    numbers: dict[bytes, int] = defaultdict(count().__next__)
    return numbers, np.fromiter(map(numbers.__getitem__, map(itemgetter(column), rows)), np.int32, len(rows))


def _new(names: Iterable[bytes], known: Iterable[bytes]) -> list[bytes]:
    """Give those names, ascending, that are not known."""
    there = frozenset(known)
    return sorted(name for name in names if name not in there)


def _grown(matrix: VoteMatrix, people: list[bytes], ideas: list[bytes]) -> VoteMatrix:
    """Give the matrix with more people and ideas, who have no votes yet."""
    if not people and not ideas:
        return matrix
    everyone, everything = sorted(matrix.people + people), sorted(matrix.ideas + ideas)
    lengths = np.zeros(len(everyone), np.int64)
    lengths[_places(everyone, matrix.people)] = matrix.counts
    places = _places(everything, matrix.ideas)
    pairs = np.zeros((3, len(everything), len(everything)), np.int32)
    pairs[:, places[:, None], places] = matrix.pairs
    codes = (3 * places[:, None] + np.arange(3)).astype(np.int32).ravel().take(matrix.codes)
    return VoteMatrix(everyone, everything, _starts(lengths), codes, pairs, matrix.cells)


def _revised(matrix: VoteMatrix, people: Ints, at: Ints, votes: Int8, cells: Int32) -> VoteMatrix:
    """Give the matrix with votes of `people` (ascending); `at` is the place of each, person by person and by idea."""
    after = matrix.rows(people)
    after.reshape(-1)[at] = votes
    present = after != MISSING
    given = np.flatnonzero(present)
    votes = after.reshape(-1).take(given)
    given %= len(matrix.ideas)
    codes = given.astype(np.int32)
    codes *= 3
    codes += votes + np.int8(1)
    fresh = np.zeros(len(codes), np.int32)
    if cells.any() or matrix.cells.any():
        dense = np.zeros(after.shape, np.int32)
        dense.reshape(-1)[at] = cells
        kept = after == matrix.rows(people)
        fresh = np.where(kept, matrix._cells_of(people), dense)[present]  # noqa: SLF001 (its own module)
    lengths = matrix.counts
    lengths[people] = np.count_nonzero(present, axis=1)
    pairs = _pairs(after)
    pairs += matrix.pairs
    if len(matrix.codes):
        pairs -= _pairs(matrix.rows(people))
        codes, fresh = (
            _put(theirs, lengths[people], whole, matrix.starts, people)
            for theirs, whole in ((codes, matrix.codes), (fresh, matrix.cells))
        )
    return VoteMatrix(matrix.people, matrix.ideas, _starts(lengths), codes, pairs, fresh)


def _pairs(rows: Int8) -> Int32:
    """Sum over people for each pair of ideas (3 × m × m) as `VoteMatrix.pairs` has it."""
    size = rows.shape[1]
    sums = np.zeros((3, size, size), np.int32)
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK]
        given = block != MISSING
        votes, voted = (block * given).astype(np.float32), given.astype(np.float32)
        sums[2] += (voted.T @ voted).astype(np.int32)
        voted *= 1 << LIFT
        voted += votes
        both = (votes.T @ voted).astype(np.int32)
        one = (both + (1 << LIFT - 1)) >> LIFT
        sums[1] += one
        sums[0] += both - (one << LIFT)
    return sums


def _put(theirs: Int32, lengths: Ints, whole: Int32, starts: Ints, people: Ints) -> Int32:
    """Put what is new of some people (`lengths` numbers each) in the place of theirs in the whole."""
    parts = np.split(whole, np.stack([starts[people], starts[people + 1]], axis=1).ravel())
    parts[1::2] = np.split(theirs, np.cumsum(lengths)[:-1])
    return np.concatenate(parts)


def _places(names: list[bytes], sought: Iterable[bytes]) -> Ints:
    """Find where each of the sought names stands."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[name] for name in sought], np.int64)


def _starts(lengths: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def _ranges(starts: Ints, lengths: Ints) -> Ints:
    """Write out ranges one after the other: each from its start, so many numbers."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + lengths, lengths)
