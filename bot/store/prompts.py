"""Queries about prompts: what is planned, where it is asked, and where something was asked already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select

from bot.domain.calm import NIGHT, Quiet
from bot.domain.prompts import Brought, Occurrence, Schedule
from bot.domain.rooms import Room
from bot.store.records import Card
from bot.store.schema import card, idea, is_open, occurrence, outbox, room, schedule
from bot.store.unit_of_work import CHUNK, UnitOfWork

PROMPT = "prompt"
"""The subject of cards that are prompts."""
SEASON = "season"
"""The subject of cards that tell which season it is."""


async def of(uow: UnitOfWork, conversation_id: UUID) -> list[Schedule]:
    """Give what is planned in a conversation and its helper groups, and not over; the oldest first."""
    going = and_(schedule.c.conversation_id == conversation_id, schedule.c.state != "ended")
    return await uow.select(Schedule, lambda query: query.where(going).order_by(schedule.c.id))


async def last_of(uow: UnitOfWork, planned: Schedule) -> Occurrence | None:
    """Give what came of a schedule's latest day."""
    own = and_(occurrence.c.conversation_id == planned.conversation_id, occurrence.c.schedule_id == planned.id)
    found = await uow.select(Occurrence, lambda query: query.where(own).order_by(occurrence.c.day.desc()).limit(1))
    return found[0] if found else None


async def occurrences(uow: UnitOfWork, planned: Schedule) -> list[Occurrence]:
    """Give what came of all days of a schedule."""
    own = and_(occurrence.c.conversation_id == planned.conversation_id, occurrence.c.schedule_id == planned.id)
    return await uow.select(Occurrence, lambda query: query.where(own))


async def on_day(uow: UnitOfWork, planned: Schedule, day: object) -> Occurrence | None:
    """Give what came of a day of a schedule, if anything yet."""
    own = and_(occurrence.c.conversation_id == planned.conversation_id, occurrence.c.schedule_id == planned.id)
    found = await uow.select(Occurrence, lambda query: query.where(own, occurrence.c.day == day))
    return found[0] if found else None


async def brought(uow: UnitOfWork, conversation_id: UUID) -> list[Brought]:
    """Give the questions of a conversation that brought ideas, the one first asked first; none of a helper group's."""
    readable = and_(idea.c.conversation_id == conversation_id, idea.c.state.in_(("shown", "merged")))
    counted = select(idea.c.prompt_id, func.count()).where(readable, idea.c.prompt_id.is_not(None))
    counts = dict(await uow.rows(counted.group_by(idea.c.prompt_id)))
    known = and_(occurrence.c.conversation_id == conversation_id, occurrence.c.id.in_(list(counts)))
    asked = await uow.select(Occurrence, lambda query: query.where(known).order_by(occurrence.c.id)) if counts else []
    await uow.load(Schedule, {(conversation_id, one.schedule_id) for one in asked})
    found: dict[str, Brought] = {}
    for one in asked:
        planned = await uow.need(Schedule, conversation_id, one.schedule_id)
        if one.words and planned.group_id is None:
            before = found.get(one.words, Brought(one, 0))
            found[one.words] = Brought(before.asked, before.ideas + int(counts[one.id]))
    return list(found.values())


def _where(conversation_id: UUID, group_id: UUID | None) -> Any:
    """Whether it is asked in a room: one of a helper group, or of the conversation alone."""
    return and_(
        room.c.conversation_id == conversation_id,
        room.c.group_id == group_id if group_id else room.c.group_id.is_(None),
        room.c.private.is_(False),
        room.c.gone.is_(False),
        room.c.can_write.is_(True),
    )


async def rooms_for(
    uow: UnitOfWork, conversation_id: UUID, group_id: UUID | None, after: UUID | None = None, most: int | None = None
) -> list[Room]:
    """Give the rooms where it is asked, in chunks by id: those of a helper group, or of the conversation alone."""
    where = _where(conversation_id, group_id)
    where = and_(where, room.c.id > after) if after else where
    return await uow.select(Room, lambda query: query.where(where).order_by(room.c.id).limit(most))


async def zones_for(uow: UnitOfWork, conversation_id: UUID, group_id: UUID | None) -> list[str]:
    """Give the zones of all of these rooms."""
    query = select(room.c.zone).where(_where(conversation_id, group_id)).distinct().order_by(room.c.zone)
    return [zone for (zone,) in await uow.rows(query)]


async def reach(uow: UnitOfWork, conversation_id: UUID, group_id: UUID | None) -> tuple[int, Quiet]:
    """Count these rooms, and give the quiet hours that most of them have."""
    each = select(room.c.quiet, func.count()).where(_where(conversation_id, group_id)).group_by(room.c.quiet)
    found = [(int(count), quiet or NIGHT) for quiet, count in await uow.rows(each)]
    return sum(count for count, _quiet in found), max(found, default=(0, NIGHT), key=lambda one: one[0])[1]


async def asked_in(uow: UnitOfWork, rooms: Sequence[UUID], since: datetime) -> list[tuple[UUID, datetime]]:
    """Give in which of some rooms something was asked since then, or is about to be; and when."""
    found: list[tuple[UUID, datetime]] = []
    for start in range(0, len(rooms), CHUNK):
        some: Collection[UUID] = list(rooms[start : start + CHUNK])
        was = select(card.c.room_id, card.c.created_at).where(
            card.c.room_id.in_(some), card.c.created_at >= since, _unasked(card.c.subject)
        )
        will = select(outbox.c.room_id, outbox.c.not_before).where(
            is_open(outbox), outbox.c.room_id.in_(some), outbox.c.kind == "card", _unasked(outbox.c.subject)
        )
        found += [(one, at) for query in (was, will) for one, at in await uow.rows(query)]
    return found


def _unasked(subject: Any) -> Any:
    """Whether a card is one that nobody asked for, of which a room gets one a day."""
    return subject.in_((PROMPT, SEASON, "map"))


async def drop_waiting(uow: UnitOfWork, planned: Schedule) -> None:
    """Drop what is about to be asked of a schedule."""
    last = await last_of(uow, planned)
    if last is None:
        return
    waits = and_(
        is_open(outbox), outbox.c.state == "waiting", outbox.c.subject == PROMPT, outbox.c.subject_id == last.id
    )
    await uow.flush()
    await uow.connection.execute(delete(outbox).where(waits))


async def latest_in(uow: UnitOfWork, room_id: UUID, since: datetime) -> Card | None:
    """Give what was asked last in a room, since a moment."""
    asked = and_(card.c.room_id == room_id, card.c.subject == PROMPT, card.c.created_at >= since)
    newest = card.c.created_at.desc()
    found = await uow.select(Card, lambda query: query.where(asked, card.c.message_id != "").order_by(newest).limit(1))
    return found[0] if found else None


async def at_message(uow: UnitOfWork, room_id: UUID, message_id: str) -> Card | None:
    """Give the card that a message of a room is, if it is one."""
    here = and_(card.c.room_id == room_id, card.c.message_id == message_id)
    found = await uow.select(Card, lambda query: query.where(here))
    return found[0] if found else None
