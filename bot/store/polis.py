"""Whole conversations with their votes, as Polis exports them: out by the operator's command line alone, and in.

Rules
-----
* Going out, a voter is a number that nothing leads back from: drawn anew each time, with no tie to who gave which idea;
  and a vote has its day, not its moment. What was imported keeps its numbers and times: they were public already.
* Coming in, nobody stands behind a participant: no membership, no name. They have left, and will never be host.
* Ideas that were taken back are not in it; hidden ones are, with their votes, and so are those that are part of
  another one now, since nobody weighs them any more: Polis knows only `moderated` of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, select

from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Sums, Vote, publishable
from bot.domain.people import Participant, ParticipantSecret
from bot.store import invitations, maps
from bot.store.schema import idea, vote
from bot.store.unit_of_work import UnitOfWork

MOST_ID = 2**48 - 1
_VERSION, _VARIANT = 8 << 76, 0b10 << 62
_RANDOM = 2**62 - 1


class Statement(msgspec.Struct, frozen=True):
    """An idea. `id` and `author` are Polis's numbers."""

    id: int
    author: int
    at: datetime
    text: str
    hidden: bool = False


class Ballot(msgspec.Struct, frozen=True):
    """One voter's last vote on one statement: +1, 0 or -1."""

    statement: int
    voter: int
    value: int
    at: datetime


class Exported(msgspec.Struct, frozen=True):
    """A conversation: statements by id, ballots by statement and voter, and nobody's name."""

    topic: str
    description: str
    statements: tuple[Statement, ...]
    ballots: tuple[Ballot, ...]

    @property
    def people(self) -> set[int]:
        """All who voted or gave a statement."""
        return {one.voter for one in self.ballots} | {one.author for one in self.statements}

    def sums(self) -> dict[int, Sums]:
        """Count the votes on each statement."""
        found: defaultdict[int, Sums] = defaultdict(Sums)
        for one in self.ballots:
            found[one.statement] = found[one.statement].with_vote(one.value)
        return found


def imported(conversation_id: UUID, number: int) -> UUID:
    """Make the id of what came in under a number (UUIDv8: the number, and the conversation's own chance)."""
    return UUID(int=number << 80 | _VERSION | _VARIANT | conversation_id.int & _RANDOM)


def number_of(one: UUID) -> int | None:
    """Give the number under which something came in; None of what was made here."""
    return one.int >> 80 if one.version == 8 else None  # noqa: PLR2004 (UUIDv8)


# -- out ---------------------------------------------------------------------------------------------------------------


async def load_exported(uow: UnitOfWork, conversation_id: UUID, shuffle: Callable[[list[Any]], None]) -> Exported:
    """Read a conversation with all its votes; `shuffle` brings a list into an order that nobody can guess."""
    about = await uow.need(Conversation, conversation_id)
    kept = and_(idea.c.conversation_id == conversation_id, idea.c.state != "withdrawn")
    ideas = await uow.select(Idea, lambda query: query.where(kept).order_by(idea.c.number))
    query = select(vote.c.idea_id, vote.c.participant_id, vote.c.value, vote.c.created_at)
    votes = await uow.rows(query.where(vote.c.conversation_id == conversation_id))
    ids = _numbers((one.id for one in ideas), first=1)
    voters = sorted({row[1] for row in votes})
    shuffle(voters)
    authors = [number for one in ideas if (number := number_of(one.author_id)) is not None]
    numbers = _numbers(voters, first=max(authors, default=-1) + 1)
    fresh = max((*authors, *numbers.values()), default=-1) + 1
    statements = []
    for place, one in enumerate(ideas):
        author = number_of(one.author_id)
        statements.append(
            Statement(
                ids[one.id], fresh + place if author is None else author, _told(one.id, one.created_at), one.text,
                one.state in {"hidden", "merged"},
            )
        )  # fmt: skip
    ballots = [
        Ballot(ids[idea_id], numbers[voter], value, _told(voter, at))
        for idea_id, voter, value, at in votes
        if idea_id in ids
    ]
    return Exported(about.question, about.why, _ordered(statements), _ordered(ballots))


def _numbers(found: Iterable[UUID], *, first: int) -> dict[UUID, int]:
    """Number what was made here, after all that came in and keeps its number; from `first` on, if none did."""
    known = {one: number_of(one) for one in found}
    latest = max((number for number in known.values() if number is not None), default=-1)
    coming = max(first, latest + 1)
    numbers: dict[UUID, int] = {}
    for one, number in known.items():
        numbers[one] = coming if number is None else number
        coming += number is None
    return numbers


def _told(one: UUID, at: datetime) -> datetime:
    """Give the moment of what came in, and the day of what was done here."""
    return at if number_of(one) is not None else datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def _ordered(rows: Iterable[Any]) -> tuple[Any, ...]:
    """Put rows in the order of their numbers, so that their order tells nothing else."""
    return tuple(sorted(rows, key=msgspec.structs.astuple))


# -- in ----------------------------------------------------------------------------------------------------------------


def keep_exported(
    uow: UnitOfWork, exported: Exported, about: Conversation, now: datetime, new_id: Callable[[], UUID],
    turn: Callable[[Sums], float],
) -> str:  # fmt: skip
    """Stage a conversation that came in. Gives a code: whoever is first to join by it, in a week, is the host.

    `about` is the conversation as it is to be called and found; what is counted in it is set here.
    `turn` draws when an idea comes to be weighed.
    """
    counted = exported.sums()
    acts = [(one.author, one.at) for one in exported.statements] + [(one.voter, one.at) for one in exported.ballots]
    began = min((at for _number, at in acts), default=now)
    conversation = msgspec.structs.replace(
        about, created_at=began, ideas=len(exported.statements), participants=len(exported.people)
    )
    uow.add(conversation)
    nobody = Participant(about.id, about.host_id, now, ParticipantSecret(), left=True)
    uow.add(nobody)
    since: dict[int, datetime] = {}
    for number, at in acts:
        since[number] = min(at, since.get(number, at))
    for number, at in since.items():
        uow.add(Participant(about.id, imported(about.id, number), at, ParticipantSecret(), left=True))
    for place, one in enumerate(exported.statements, 1):
        sums = counted.get(one.id, Sums())
        uow.add(
            Idea(
                about.id, imported(about.id, one.id), place, imported(about.id, one.author), named=False,
                text=one.text, created_at=one.at, state="hidden" if one.hidden else "shown", sums=sums,
                shown_sums=publishable(sums, Sums()), voters=sums.voters, turn=turn(sums),
            )
        )  # fmt: skip
    for ballot in exported.ballots:
        voter, statement = imported(about.id, ballot.voter), imported(about.id, ballot.statement)
        uow.add(Vote(about.id, statement, voter, ballot.value, ballot.at))
    uow.add(maps.to_renew(conversation, now, new_id()))
    _made, code = invitations.make(uow, conversation, nobody, "host", now, new_id, limit=1)
    return code
