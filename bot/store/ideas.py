"""Queries about ideas, supports and votes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select

from bot.domain.ideas import Idea
from bot.domain.rooms import Room
from bot.store.schema import card, idea, vote
from bot.store.unit_of_work import UnitOfWork


def _shown(conversation_id: UUID) -> Any:
    return and_(idea.c.conversation_id == conversation_id, idea.c.state == "shown")


def _unweighed(conversation_id: UUID, participant_id: UUID | None) -> Any:
    weighed = exists().where(
        vote.c.conversation_id == conversation_id, vote.c.idea_id == idea.c.id, vote.c.participant_id == participant_id
    )
    return and_(_shown(conversation_id), ~weighed)


async def next_to_weigh(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID | None) -> tuple[Idea | None, int]:
    """Give the idea that this participant should weigh next, and how many are left.

    Order: the idea that fewest have weighed, then the older one.
    """
    condition = _unweighed(conversation_id, participant_id)
    left = int((await uow.rows(select(func.count()).select_from(idea).where(condition)))[0][0])
    if not left:
        return None, 0
    found = await uow.select(Idea, lambda query: query.where(condition).order_by(idea.c.voters, idea.c.number).limit(1))
    return found[0], left


async def votes_of(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID) -> int:
    """Count what a participant has weighed."""
    query = select(func.count()).select_from(vote).where(
        vote.c.conversation_id == conversation_id, vote.c.participant_id == participant_id
    )  # fmt: skip
    return int((await uow.rows(query))[0][0])


async def newest(uow: UnitOfWork, conversation_id: UUID) -> Idea | None:
    """Give the newest idea."""
    found = await listed(uow, conversation_id, "new", 0, 1)
    return found[0] if found else None


async def listed(uow: UnitOfWork, conversation_id: UUID, order: str, skip: int, most: int) -> list[Idea]:
    """Give ideas: the newest (`new`), the most carried (`most`), or those nobody leads (`free`) first."""

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(_shown(conversation_id))
        if order == "most":
            query = query.order_by(idea.c.supporters.desc(), idea.c.number)
        elif order == "free":
            query = query.where(idea.c.leads == 0).order_by(idea.c.supporters.desc(), idea.c.number)
        else:
            query = query.order_by(idea.c.number.desc())
        return query.offset(skip).limit(most)

    return await uow.select(Idea, build)


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


async def texts(uow: UnitOfWork, conversation_id: UUID, most: int = 1000) -> list[tuple[UUID, int, str]]:
    """Give (id, number, text) of the ideas that can be seen, the newest first, to find similar ones."""
    query = select(idea.c.id, idea.c.number, idea.c.text).where(_shown(conversation_id))
    rows = await uow.rows(query.order_by(idea.c.number.desc()).limit(most))
    return [(row[0], row[1], row[2]) for row in rows]


async def without_card(uow: UnitOfWork, room: Room, most: int) -> list[Idea]:
    """Give the ideas that a room has no card of yet and that no earlier message of a day told, the oldest first."""
    has = exists().where(card.c.room_id == room.id, card.c.subject == "idea", card.c.subject_id == idea.c.id)
    since = room.digested_at or room.created_at

    def build(query: Select[Any]) -> Select[Any]:
        assert room.conversation_id is not None  # noqa: S101 (asked only of linked rooms)
        query = query.where(_shown(room.conversation_id), ~has, idea.c.created_at > since)
        return query.order_by(idea.c.number).limit(most)

    return await uow.select(Idea, build)
