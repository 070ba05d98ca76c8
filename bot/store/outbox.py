"""The outbox: which messages are due, and what became of them.

Order: of each room at most one message is on its way; the oldest goes first, and none passes one that is being retried.
Across rooms an answer goes before a card, a card before a fan-out; what somebody waits for passes a fan-out in its own
room too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Integer, Select, and_, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.rooms import Room
from bot.store.among import among
from bot.store.records import FANOUT, Card, Outbox
from bot.store.schema import card, is_held, is_making, is_open, outbox, room
from bot.store.unit_of_work import UnitOfWork


def _turn(rows: FromClause) -> Any:
    """In which order a room's messages go, before their age: what is being tried again, then all but fan-outs."""
    return case((rows.c.attempts > 0, 0), (rows.c.priority < FANOUT, 1), else_=2)


@cache
def _due(dialect: str) -> Select[Any]:
    """What is due on some `channels` at a moment `now`, but for rooms that are `busy`."""
    now: Any = bindparam("now")
    other = outbox.alias("other")
    before = or_(_turn(other) < _turn(outbox), and_(_turn(other) == _turn(outbox), other.c.id < outbox.c.id))
    goes_first = and_(other.c.state == "waiting", or_(other.c.not_before <= now, other.c.attempts > 0), before)
    taken = exists().where(
        is_open(other), other.c.room_id == outbox.c.room_id, or_(other.c.state == "sending", goes_first)
    )
    query = select(outbox).where(
        is_open(outbox),
        outbox.c.state == "waiting",
        outbox.c.not_before <= now,
        ~taken,
        among(dialect, "channels", outbox.c.channel),
        or_(outbox.c.room_id.is_(None), ~among(dialect, "busy", outbox.c.room_id)),
    )
    query = query.order_by(outbox.c.priority, outbox.c.id).limit(bindparam("most", type_=Integer()))
    return query.with_for_update(skip_locked=True) if dialect == "postgresql" else query


async def due(
    uow: UnitOfWork, now: datetime, most: int, busy: Collection[UUID], channels: Collection[str]
) -> list[Outbox]:
    """Give the messages to send now: one a room, none of the busy rooms, only of these channels; fan-outs have none."""
    values = {"now": now, "most": most, "busy": list(busy), "channels": [*channels, ""]}
    return await uow.select(Outbox, lambda _all: _due(uow.connection.dialect.name), values)


async def locked(uow: UnitOfWork, ids: Collection[UUID]) -> list[Outbox]:
    """Give messages as they are now; nobody else changes them before the end of the transaction."""

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(outbox.c.id.in_(list(ids))).order_by(outbox.c.id)
        return query.with_for_update() if uow.connection.dialect.name == "postgresql" else query

    return await uow.select(Outbox, build)


@cache
def _engaged(dialect: str) -> Any:
    """Which of some `rooms` have something open; and which of some `messages` are cards."""
    waiting = select(outbox.c.room_id).where(is_open(outbox), among(dialect, "rooms", outbox.c.room_id))
    cards = select(card.c.room_id).where(among(dialect, "messages", card.c.room_id, card.c.message_id))
    return waiting.union(cards)


async def engaged(uow: UnitOfWork, messages: Mapping[UUID, str]) -> set[UUID]:
    """Give the rooms in which something waits or is on its way, or where the given message is a card.

    What this unit of work stages does not count.
    """
    values = {"rooms": list(messages), "messages": list(messages.items())}
    return {row[0] for row in await uow.look(_engaged(uow.connection.dialect.name), values)}


_NEXT_DUE = select(func.min(outbox.c.not_before)).where(
    is_open(outbox), outbox.c.state == "waiting", outbox.c.not_before > bindparam("now")
)


async def next_due(uow: UnitOfWork, now: datetime) -> datetime | None:
    """Give the moment from which another message will be due."""
    value: datetime | None = (await uow.rows(_NEXT_DUE, {"now": now}))[0][0]
    return value


async def waiting(connection: AsyncConnection, now: datetime) -> int:
    """Count the messages that are due or on their way."""
    open_now = and_(is_open(outbox), or_(outbox.c.state == "sending", outbox.c.not_before <= now))
    return int((await connection.execute(select(func.count()).select_from(outbox).where(open_now))).scalar_one())


async def reclaim(connection: AsyncConnection, now: datetime, *, all_leases: bool) -> int:
    """Take back messages whose sender is gone. Each may have been sent: it is sent once more, and counted."""
    lost = and_(is_open(outbox), outbox.c.state == "sending")
    if not all_leases:
        lost = and_(lost, outbox.c.lease_until < now)
    values = {
        "state": "waiting",
        "uncertain": outbox.c.uncertain + 1,
        "attempts": outbox.c.attempts + 1,
        "not_before": now,
    }
    result = await connection.execute(update(outbox).where(lost).values(values))
    return int(result.rowcount)


async def park_room(connection: AsyncConnection, room_id: UUID, reason: str) -> None:
    """Give up all messages to a room that is gone."""
    gone = and_(is_open(outbox), outbox.c.room_id == room_id, outbox.c.state == "waiting")
    emptied = {"state": "parked", "unique_key": None, "secret": None, "rendered": None}
    await connection.execute(update(outbox).where(gone).values(**emptied, error=reason))
    await drop_held(connection, room_id)


async def rooms_of(
    uow: UnitOfWork, conversation_id: UUID, after: UUID | None, most: int, group_id: UUID | None = None
) -> list[Room]:
    """Give the rooms linked to a conversation that one can write to, in chunks by id; a helper group's with them."""
    here = (
        room.c.group_id.is_(None) if group_id is None else or_(room.c.group_id.is_(None), room.c.group_id == group_id)
    )

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(
            room.c.conversation_id == conversation_id,
            room.c.gone.is_(False),
            room.c.can_write.is_(True),
            here,
        )
        return (query.where(room.c.id > after) if after else query).order_by(room.c.id).limit(most)

    return await uow.select(Room, build)


async def cards_of(uow: UnitOfWork, subject: str, subject_id: UUID, after: UUID | None, most: int) -> list[Card]:
    """Give the cards of a subject, in chunks by room."""

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(card.c.subject_id == subject_id, card.c.subject == subject)
        return (query.where(card.c.room_id > after) if after else query).order_by(card.c.room_id).limit(most)

    return await uow.select(Card, build)


@cache
def _cards_of_any(dialect: str) -> Select[Any]:
    query = select(card).where(among(dialect, "subjects", card.c.subject_id))
    return query.order_by(card.c.subject_id, card.c.room_id).limit(bindparam("most", type_=Integer()))


async def cards_of_any(uow: UnitOfWork, subjects: Collection[UUID], most: int) -> list[Card]:
    """Give the cards of subjects, in the order of subjects and rooms."""
    kept = _cards_of_any(uow.connection.dialect.name)
    return await uow.select(Card, lambda _all: kept, {"subjects": list(subjects), "most": most})


@cache
def _cards_at(dialect: str) -> Select[Any]:
    return select(card).where(among(dialect, "messages", card.c.room_id, card.c.message_id))


async def cards_at(uow: UnitOfWork, messages: Collection[tuple[UUID, str]]) -> list[Card]:
    """Give the cards that these messages are: (room, message)."""
    if not messages:
        return []
    kept = _cards_at(uow.connection.dialect.name)
    return await uow.select(Card, lambda _all: kept, {"messages": list(messages)})


async def cards_since(uow: UnitOfWork, rooms: Collection[UUID], since: datetime) -> list[tuple[UUID, datetime]]:
    """Give of each card that rooms were given since a moment the room, and when."""
    given = select(card.c.room_id, card.c.created_at).where(card.c.room_id.in_(list(rooms)), card.c.created_at >= since)
    return [(room_id, at) for room_id, at in await uow.rows(given)]


async def last_of(
    uow: UnitOfWork, rooms: Collection[UUID], subjects: Collection[str], since: datetime, now: datetime
) -> dict[UUID, datetime]:
    """Give when rooms were last given a card of these subjects since a moment; now, where it is about to come."""
    here, of = list(rooms), list(subjects)
    was = select(card.c.room_id, func.max(card.c.created_at)).where(
        card.c.room_id.in_(here), card.c.created_at >= since, card.c.subject.in_(of)
    )
    found: dict[UUID, datetime] = dict(await uow.rows(was.group_by(card.c.room_id)))
    comes = select(outbox.c.room_id).where(
        is_open(outbox), outbox.c.room_id.in_(here), outbox.c.subject.in_(of), outbox.c.kind == "card",
        outbox.c.not_before <= now,
    )  # fmt: skip
    return found | {one: now for (one,) in await uow.rows(comes)}


async def held(uow: UnitOfWork, rooms: Collection[UUID]) -> list[Outbox]:
    """Give the cards held for the next message of rooms, or in one that is on its way; the oldest first."""
    here = and_(is_held(outbox), outbox.c.room_id.in_(list(rooms)))
    return await uow.select(Outbox, lambda query: query.where(here).order_by(outbox.c.id))


async def drop_held(connection: AsyncConnection, room_id: UUID, digest: UUID | None = None) -> None:
    """Drop the cards that were told in a message of a room; without one, all that are held for it."""
    here = and_(is_held(outbox), outbox.c.room_id == room_id)
    await connection.execute(delete(outbox).where(here, outbox.c.after == digest if digest else here))


async def hold_again(connection: AsyncConnection, room_id: UUID, digest: UUID) -> None:
    """Hold the cards of a message that did not come for the next one."""
    told = and_(is_held(outbox), outbox.c.room_id == room_id, outbox.c.after == digest)
    await connection.execute(update(outbox).where(told).values(state="held", after=None))


async def look_again(uow: UnitOfWork, subject_id: UUID, now: datetime) -> None:
    """Have it looked at again whether cards that are held can wait: what they tell of has another time."""
    await uow.flush()
    held = and_(is_held(outbox), outbox.c.state == "held", outbox.c.subject_id == subject_id)
    await uow.connection.execute(update(outbox).where(held).values(state="waiting", not_before=now))


async def wait_anew(
    uow: UnitOfWork, room_id: UUID, but: Collection[str], now: datetime, *, cards: datetime, digest: datetime
) -> None:
    """Let what waits in a room, and nobody asked for, come from other moments on; but for cards of some subjects.

    Whether it may come then is looked at when it is about to go.
    """
    await uow.flush()
    waits = and_(
        is_open(outbox), outbox.c.state == "waiting", outbox.c.room_id == room_id, outbox.c.priority == FANOUT,
        outbox.c.attempts == 0, outbox.c.not_before > now, outbox.c.subject.not_in(list(but)),
    )  # fmt: skip
    for kind, at in (("card", cards), ("digest", digest)):
        await uow.connection.execute(update(outbox).where(waits, outbox.c.kind == kind).values(not_before=at))


@cache
def _to_make(dialect: str) -> Select[Any]:
    query = select(outbox).where(is_making(outbox), outbox.c.not_before <= bindparam("now"))
    query = query.order_by(outbox.c.id).limit(1)
    return query.with_for_update(skip_locked=True) if dialect == "postgresql" else query


async def to_make(uow: UnitOfWork, now: datetime) -> Outbox | None:
    """Give the oldest message whose file is to be made, and which nobody is making."""
    found = await uow.select(Outbox, lambda _all: _to_make(uow.connection.dialect.name), {"now": now})
    return found[0] if found else None


async def next_to_make(connection: AsyncConnection) -> datetime | None:
    """Give the moment from which something can be made."""
    value: datetime | None = (
        await connection.execute(select(func.min(outbox.c.not_before)).where(is_making(outbox)))
    ).scalar_one()
    return value


async def make_again(connection: AsyncConnection, now: datetime) -> None:
    """Take back all that was being made: who made it is gone."""
    await connection.execute(update(outbox).where(is_making(outbox)).values(not_before=now))


async def forget_old(connection: AsyncConnection, before: datetime) -> None:
    """Drop what was parked long ago."""
    await connection.execute(delete(outbox).where(outbox.c.state == "parked", outbox.c.not_before < before))
