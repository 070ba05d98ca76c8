"""How the cards come into a room that nobody there has asked for: each alone, or in one message of all that is new.

Rules
-----
* `domain.rooms.way_of` decides. It is asked when a card is staged for a room and, with what the room has had that day,
  when it is about to go: so a restart, a second process, other quiet hours or another pace make no difference.
* A card that is held is a row that nothing is sent for. One row `digest` a room says all that is held then, and is not
  sent where nothing is left to tell. What it tells is `told` until it has been sent, and held again where it cannot be.
* The day's message keeps an hour from what a host has set to a moment: a question is not one of two messages at five.
* A room that was parted from the conversation, or let the bot go, hears nothing of it any more. What somebody in the
  room has asked for meanwhile does not come again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec

from bot.chat.content import Content
from bot.domain.gatherings import Gathering
from bot.domain.moments import local_day, moment_of
from bot.domain.rooms import AT_ITS_TIME, Room, next_digest, quiet_until, way_of
from bot.domain.steps import Step
from bot.handlers import asking, seasons
from bot.store import due, outbox
from bot.store.records import FANOUT, Card, Outbox
from bot.store.unit_of_work import UnitOfWork
from bot.views import day

NewId = Callable[[], UUID]
APART = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)
"""So long the message of what is new waits for what is being asked at the same moment."""
SETS = frozenset(asking.DUE) | frozenset(seasons.DUE)
"""What is due, and brings rooms what a host has set to a moment."""


def unasked(row: Outbox) -> bool:
    """Whether a row is one that waits until the room may be told; not one that was tried."""
    calm = row.priority == FANOUT and row.kind in {"card", "digest"}
    return calm and row.room_id is not None and not row.attempts and row.rendered is None


async def bring(uow: UnitOfWork, row: Outbox, room: Room, now: datetime, new_id: NewId) -> None:
    """Stage the card of a fan-out for a room."""
    way, at = way_of(room, row.subject, now, happens_at=await _happens_at(uow, row))
    if way == "never":
        return
    state = "held" if way == "held" else "waiting"
    uow.add(
        Outbox(
            new_id(), room.channel, "card", FANOUT, at, room_id=room.id, conversation_id=row.conversation_id,
            subject=row.subject, subject_id=row.subject_id, unique_key=f"unasked:{room.id}:{row.subject_id}",
            state=state,  # type: ignore[arg-type]  # one of two literals
        )
    )  # fmt: skip
    if way == "held":
        _wake(uow, room, at, new_id)


async def settle(uow: UnitOfWork, rows: Sequence[Outbox], now: datetime, new_id: NewId) -> list[Outbox]:
    """Give of rooms' messages that are due those that may go; what the others wait for now is staged."""
    rooms = {row.room_id for row in rows if row.kind == "digest" and row.rendered is None and row.room_id}
    if rooms:
        held = await outbox.held(uow, rooms)
        await day.load(uow, [(one.subject, one.conversation_id, one.subject_id) for one in held])
    fresh = {row.id: await uow.need(Room, row.room_id) for row in rows if unasked(row)}
    apart = await _apart(uow, [fresh[row.id] for row in rows if row.id in fresh and row.kind == "digest"], now)
    today = await _today(uow, {fresh[row.id] for row in rows if row.id in fresh and row.kind == "card"}, now)
    return [
        row for row in rows
        if row.id not in fresh
        or (
            await _may_tell(uow, row, fresh[row.id], now, apart.get(fresh[row.id].id, now))
            if row.kind == "digest"
            else await _may_go(uow, row, fresh[row.id], now, today[row.room_id], new_id)
        )
    ]  # fmt: skip


async def message(uow: UnitOfWork, row: Outbox, room: Room, now: datetime, new_id: NewId) -> Content | None:
    """Give the message of all that is new in a room; None where there is nothing to tell. `settle` has read it."""
    known = sorted((one for one in uow.met(Outbox) if one.room_id == room.id), key=lambda one: one.id)
    held = [one for one in known if one.state == "held" or (one.state == "told" and one.after == row.id)]
    ours = {
        (one.subject, one.subject_id): one
        for one in held
        if one.subject_id and one.conversation_id == room.conversation_id
    }
    content, later = await day.content(uow, room, list(ours), now)
    for one in held:
        if (one.subject, one.subject_id) in later:
            uow.save(msgspec.structs.replace(one, state="held", after=None))
        elif content is None or one not in ours.values():
            uow.remove(one)
        else:
            uow.save(msgspec.structs.replace(one, state="told", after=row.id, unique_key=None))
    if later:
        _wake(uow, room, next_digest(room, now), new_id)
    return content


async def refused(uow: UnitOfWork, row: Outbox, room: Room, now: datetime, new_id: NewId) -> None:
    """What nobody asked for could not be sent since the bot has lost a right there: it is told when it has it again."""
    if row.kind == "digest":
        await outbox.hold_again(uow.connection, room.id, row.id)
    elif row.kind == "card" and row.priority == FANOUT and row.subject not in AT_ITS_TIME:
        shown = await uow.get(Card, room.id, row.subject, row.subject_id)
        if shown is not None:
            uow.remove(shown)
        uow.save(msgspec.structs.replace(row, state="held", attempts=0, rendered=None, lease_until=None))
    else:
        return
    _wake(uow, room, next_digest(room, now), new_id)


async def _may_tell(uow: UnitOfWork, row: Outbox, room: Room, now: datetime, apart: datetime) -> bool:
    """Whether a room's message of all that is new may go: not while it is quiet, nor before a moment."""
    if room.gone:
        await outbox.drop_held(uow.connection, room.id)
        return True
    at = quiet_until(room, max(now, apart)) if room.can_write else next_digest(room, now)
    if at > now:
        uow.save(msgspec.structs.replace(row, not_before=at))
    return at <= now


async def _may_go(uow: UnitOfWork, row: Outbox, room: Room, now: datetime, today: int, new_id: NewId) -> bool:
    if room.gone:
        await outbox.drop_held(uow.connection, room.id)
        return True
    way, at = way_of(room, row.subject, now, today=today, happens_at=await _happens_at(uow, row))
    shown = await uow.get(Card, room.id, row.subject, row.subject_id)
    if way == "never" or shown is not None or room.conversation_id != row.conversation_id:
        uow.remove(row)
        return False
    if way == "held":
        uow.save(msgspec.structs.replace(row, state="held", not_before=at))
        _wake(uow, room, at, new_id)
        return False
    if at > now:
        uow.save(msgspec.structs.replace(row, not_before=at))
    return at <= now


def _wake(uow: UnitOfWork, room: Room, at: datetime, new_id: NewId) -> None:
    """Have the room told what is held for it, if that is not staged yet."""
    uow.add(Outbox(new_id(), room.channel, "digest", FANOUT, at, room_id=room.id, unique_key=f"digest:{room.id}"))


async def _apart(uow: UnitOfWork, rooms: Sequence[Room], now: datetime) -> dict[UUID, datetime]:
    """Give from when on rooms may be told what is new, where a host has just set something to this moment."""
    if not rooms:
        return {}
    given = await outbox.last_of(uow, {room.id for room in rooms}, AT_ITS_TIME, now - APART, now)
    late = await due.late(uow, SETS, now)
    coming = {room.id: now + A_MINUTE for room in rooms if room.conversation_id in late}
    return coming | {room_id: at + APART for room_id, at in given.items()}


async def _today(uow: UnitOfWork, rooms: Collection[Room], now: datetime) -> Counter[UUID | None]:
    """Count the cards that rooms have had today, by the day of each."""
    begun = {room.id: moment_of(local_day(now, room.zone), time(), room.zone) for room in rooms}
    given = await outbox.cards_since(uow, list(begun), min(begun.values())) if begun else []
    return Counter(room_id for room_id, at in given if at >= begun[room_id])


async def _happens_at(uow: UnitOfWork, row: Outbox) -> datetime | None:
    """Give the moment before which a card tells of something, if it does."""
    if row.subject == "gathering":
        meeting = await uow.get(Gathering, row.conversation_id, row.subject_id)
        return meeting.at if meeting is not None else None
    if row.subject == "step":
        step = await uow.get(Step, row.conversation_id, row.subject_id)
        return step.at if step is not None else None
    return None
