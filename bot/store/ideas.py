"""Queries about ideas, supports and votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import json
from sqlalchemy import Select, Text, and_, exists, func, select, type_coerce

from bot.domain.ideas import Idea
from bot.store.among import among
from bot.store.schema import idea, participant, vote
from bot.store.unit_of_work import UnitOfWork

Asker = tuple[UUID, UUID | None]
"""A conversation and a participant of it; None is somebody who only looks."""


def _shown(conversation_id: Any) -> Any:
    return and_(idea.c.conversation_id == conversation_id, idea.c.state == "shown")


@cache
def _ahead(dialect: str) -> Select[Any]:
    """For some participants: how many ideas they have weighed, how many are left, and which comes next.

    Each is told by searches of an index; none goes through all ideas, however many there are. Who has weighed an idea
    that is part of another one now is asked about that one first.
    """
    here = participant.c.conversation_id
    own = and_(vote.c.conversation_id == here, vote.c.participant_id == participant.c.id)
    given = select(func.count()).where(own).scalar_subquery()
    shown = select(func.count()).where(_shown(here)).scalar_subquery()
    weighed = exists().where(own, vote.c.idea_id == idea.c.id).correlate(idea, participant)
    gone = and_(idea.c.conversation_id == here, idea.c.state.in_(("hidden", "withdrawn", "merged")), weighed)
    given_to_gone = select(func.count()).where(gone).scalar_subquery()
    coming = _coming().where(_shown(here), ~weighed).scalar_subquery()
    first = func.coalesce(_whole_of_weighed(), coming)
    query = select(here, participant.c.id, given, shown - given + given_to_gone, first)
    return query.where(among(dialect, "askers", here, participant.c.id))


def _whole_of_weighed() -> Any:
    """The idea that something which a participant has weighed became part of, if they have not weighed it."""
    here, part, whole = participant.c.conversation_id, idea.alias("part"), idea.alias("whole")

    def weighed(one: Any) -> Any:
        own = vote.alias()
        mine = and_(own.c.conversation_id == here, own.c.idea_id == one, own.c.participant_id == participant.c.id)
        return exists().where(mine).correlate(part, whole, participant)

    merged = and_(part.c.conversation_id == here, part.c.state == "merged", weighed(part.c.id))
    there = and_(whole.c.conversation_id == here, whole.c.id == part.c.merged_into, whole.c.state == "shown")
    query = select(whole.c.id).where(merged, there, ~weighed(whole.c.id)).order_by(part.c.number).limit(1)
    return query.correlate(participant).scalar_subquery()


def _coming() -> Select[Any]:
    """The idea whose turn it is, then the older one."""
    return select(idea.c.id).order_by(idea.c.turn, idea.c.number).limit(1)


async def next_to_weigh(uow: UnitOfWork, askers: Iterable[Asker]) -> dict[Asker, tuple[Idea | None, int, int]]:
    """Give the idea that each should weigh next, how many are left, and how many they have weighed."""
    wanted = list(dict.fromkeys(askers))
    rows: list[Any] = []
    taking_part = [one for one in wanted if one[1] is not None]
    if taking_part:
        rows += await uow.rows(_ahead(uow.connection.dialect.name), {"askers": taking_part})
    for conversation_id in {conversation_id for conversation_id, participant_id in wanted if participant_id is None}:
        all_of_it = select(func.count()).where(_shown(conversation_id)).scalar_subquery()
        coming = _coming().where(_shown(conversation_id)).scalar_subquery()
        rows += [(conversation_id, None, 0, *row) for row in await uow.rows(select(all_of_it, coming))]
    await uow.load(Idea, [(row[0], row[4]) for row in rows if row[4]])
    return {
        (row[0], row[1]): (await uow.get(Idea, row[0], row[4]) if row[4] else None, int(row[3]), int(row[2]))
        for row in rows
    }


async def newest(uow: UnitOfWork, conversation_id: UUID) -> Idea | None:
    """Give the newest idea."""
    found = await listed(uow, conversation_id, "new", 0, 1)
    return found[0] if found else None


async def listed(uow: UnitOfWork, conversation_id: UUID, order: str, skip: int, most: int, tag: str = "") -> list[Idea]:
    """Give ideas: the newest (`new`), the most carried (`most`), those nobody leads (`free`), or by `hands`.

    With a `tag`, only those that have it.
    """

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(_shown(conversation_id))
        if tag:
            query = query.where(type_coerce(idea.c.tags, Text).contains(json.encode(tag).decode(), autoescape=True))
        if order == "most":
            query = query.order_by(idea.c.supporters.desc(), idea.c.number)
        elif order == "hands":
            query = query.order_by(idea.c.hands.desc(), idea.c.supporters.desc(), idea.c.number)
        elif order == "free":
            query = query.where(idea.c.leads == 0).order_by(idea.c.supporters.desc(), idea.c.number)
        else:
            query = query.order_by(idea.c.number.desc())
        return query.offset(skip).limit(most)

    return await uow.select(Idea, build)


async def tags(uow: UnitOfWork, conversation_id: UUID) -> dict[str, int]:
    """Give the tags of a conversation, and how many ideas have each; those of most ideas first."""
    query = select(idea.c.tags).where(_shown(conversation_id), type_coerce(idea.c.tags, Text) != "[]")
    counted = Counter(tag for row in await uow.rows(query) for tag in row[0])
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


async def numbered(uow: UnitOfWork, conversation_id: UUID, number: int) -> Idea | None:
    """Give the idea with this number."""
    found = await uow.select(
        Idea, lambda query: query.where(idea.c.conversation_id == conversation_id, idea.c.number == number)
    )
    return found[0] if found else None


async def from_message(uow: UnitOfWork, source: bytes) -> Idea | None:
    """Give the idea that a message gave (by the keyed hash of that message), if it gave just one."""
    found = await uow.select(Idea, lambda query: query.where(idea.c.source == source).limit(2))
    return found[0] if len(found) == 1 else None


async def texts(uow: UnitOfWork, conversation_id: UUID, most: int = 2000) -> list[tuple[UUID, int, str]]:
    """Give (id, number, text) of the ideas that can be seen, the newest first, to find similar ones."""
    query = select(idea.c.id, idea.c.number, idea.c.text).where(_shown(conversation_id))
    rows = await uow.rows(query.order_by(idea.c.number.desc()).limit(most))
    return [(row[0], row[1], row[2]) for row in rows]
