"""What became of the messages that were handed to the adapters: sent, tried again later, or given up.

Rules
-----
* A temporary error waits as long as the network says; an uncertain one is sent once more, and counted.
* A permanent one parks the message, and unlinks a room that is gone; an edit is tried once more as a new message.
* Of several processes only the one that holds the claim tells what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from uuid6 import uuid7

from bot.chat.content import Content
from bot.chat.keys import RoomKey
from bot.chat.port import NO_RIGHTS, ChatAdapter, DeliveryError, Later, Uncertain, Unreachable
from bot.delivery import calming, carrying, keeping
from bot.delivery.pacing import Pacer
from bot.domain.rooms import Room
from bot.store import outbox
from bot.store.records import Card, Outbox, Prompted
from bot.store.rooms import move_room
from bot.store.unit_of_work import UnitOfWork
from bot.views.localize import typed_words

log = structlog.get_logger()

RETRY_UNCERTAIN = 1.0


@dataclass(slots=True)
class Sending:
    """A message on its way; `content` is what may be typed to it, `read_in` its room and where it is read."""

    row: Outbox
    room: Room
    rendered: bytes
    content: Content | None = None
    read_in: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Result:
    """What became of it: the network's message id, or the error."""

    sending: Sending
    message_id: str = ""
    error: DeliveryError | None = None


@dataclass
class Counts:
    """What delivery has done, for the metrics."""

    sent: int = 0
    uncertain: int = 0
    parked: int = 0
    retried: int = 0


@dataclass
class Outcomes:
    """Stages what became of messages, and counts it."""

    adapters: Mapping[str, ChatAdapter]
    pacers: Mapping[str, Pacer]
    clock: Callable[[], datetime]
    only_process: bool
    counts: Counts = field(default_factory=Counts)

    async def record(self, uow: UnitOfWork, results: list[Result]) -> None:
        """Stage what became of the messages."""
        now = self.clock()
        results = await self._ours(uow, results)
        sent = [result.sending for result in results if result.error is None]
        await carrying.load(uow, [result.sending.row for result in results])
        await uow.load(Card, [(s.room.id, s.row.subject, s.row.subject_id) for s in sent if s.row.subject])
        await uow.load(Prompted, [(s.room.id,) for s in sent if s.row.subject and _prompts(s)])
        for result in results:
            if result.error is None:
                await self._sent(uow, result.sending, result.message_id)
            else:
                await self._not_sent(uow, result.sending, result.error, now)

    async def _ours(self, uow: UnitOfWork, results: list[Result]) -> list[Result]:
        """Leave out what another process has taken over: it will tell what became of it."""
        if self.only_process or not results:
            return results
        rows = {row.id: row for row in await outbox.locked(uow, [result.sending.row.id for result in results])}

        def ours(result: Result) -> bool:
            row = rows.get(result.sending.row.id)
            if row is None or (row.state == "sending" and row.lease_until != result.sending.row.lease_until):
                return False
            return row.state == "sending" or result.error is None

        return [result for result in results if ours(result)]

    async def _sent(self, uow: UnitOfWork, sending: Sending, message_id: str) -> None:
        self.counts.sent += 1
        row, room = sending.row, sending.room
        anew = True
        uow.remove(row)
        if row.kind in keeping.KINDS:
            await keeping.done(uow, row, room, message_id)
        elif row.kind in carrying.KINDS:
            await carrying.done(uow, row, message_id)
        elif row.kind == "digest":
            await outbox.drop_held(uow.connection, room.id, row.id)
        elif row.subject and row.subject_id:
            card = await uow.get(Card, room.id, row.subject, row.subject_id)
            anew = card is None or card.message_id != message_id
            if card is not None and anew:
                uow.save(msgspec.structs.replace(card, message_id=message_id))
        content = sending.content
        if content is not None and _prompts(sending) and (anew or await _is_latest(uow, room, message_id)):
            actions = tuple(
                (word, choice.action) for word, choice in typed_words(content, room.locale) if choice.action
            )
            uow.add(Prompted(room.id, message_id, actions))

    async def _not_sent(self, uow: UnitOfWork, sending: Sending, error: DeliveryError, now: datetime) -> None:
        row = sending.row
        room = await uow.get(Room, sending.room.id) or sending.room
        pacer = self.pacers[row.channel]
        again = msgspec.structs.replace(row, state="waiting", attempts=row.attempts + 1, lease_until=None)
        self.counts.retried += 1
        match error:
            case Later(retry_after=seconds, room_only=room_only):
                until = now + timedelta(seconds=seconds)
                pacer.hold(room.id, until) if room_only else pacer.pause(until)
                uow.save(msgspec.structs.replace(again, not_before=until))
            case Uncertain() if self.adapters[row.channel].idempotent or row.uncertain == 0:
                self.counts.uncertain += 1
                until = now + timedelta(seconds=RETRY_UNCERTAIN)
                uow.save(msgspec.structs.replace(again, uncertain=row.uncertain + 1, not_before=until))
            case Unreachable(moved_to=RoomKey() as key):
                there = await move_room(uow, room, key)
                uow.save(msgspec.structs.replace(again, room_id=there.id, rendered=None, not_before=now))
            case _:
                await self._park(uow, row, room, error, now)

    async def _park(self, uow: UnitOfWork, row: Outbox, room: Room, error: DeliveryError, now: datetime) -> None:
        """Give up a message. A refused edit is tried once more as a new message."""
        dead = isinstance(error, Unreachable) and error.dead
        if not dead and await self._as_new(uow, row):
            return
        self.counts.parked += 1
        log.warning("a message was given up", channel=row.channel, kind=row.kind, reason=str(error))
        uow.save(
            msgspec.structs.replace(row, state="parked", error=str(error), secret=None, rendered=None, lease_until=None)
        )
        if row.kind in keeping.KINDS:
            await keeping.refused(uow, row, room)
        elif row.kind in carrying.KINDS:
            await carrying.refused(uow, row)
        elif str(error) == NO_RIGHTS:
            await calming.refused(uow, row, room, now, uuid7)
        elif row.kind == "digest":
            await outbox.drop_held(uow.connection, room.id, row.id)
        if dead:
            uow.save(msgspec.structs.replace(room, gone=True, conversation_id=None))
            await outbox.park_room(uow.connection, room.id, str(error))
        elif str(error) == NO_RIGHTS:
            uow.save(msgspec.structs.replace(room, can_write=False))

    async def _as_new(self, uow: UnitOfWork, row: Outbox) -> bool:
        fresh = msgspec.structs.replace(
            row, state="waiting", rendered=None, lease_until=None, attempts=row.attempts + 1
        )
        if row.secret is not None and row.secret.replaces:
            uow.save(msgspec.structs.replace(fresh, secret=msgspec.structs.replace(row.secret, replaces="")))
            return True
        if row.kind != "retract" and row.subject and row.subject_id and row.room_id:
            card = await uow.get(Card, row.room_id, row.subject, row.subject_id)
            if card is not None and card.message_id:
                uow.save(msgspec.structs.replace(card, message_id="", shown=b""))
                uow.save(msgspec.structs.replace(fresh, kind="card"))
                return True
        return False


async def _is_latest(uow: UnitOfWork, room: Room, message_id: str) -> bool:
    """Whether a card that is brought up to date is what may be answered by a number: not if something came below it."""
    found = await uow.get(Prompted, room.id)
    return found is None or found.message_id == message_id


def _prompts(sending: Sending) -> bool:
    """Whether what is typed next in the room may refer to this message."""
    content = sending.content
    return content is not None and (content.awaits or (bool(content.choices) and sending.room.private))
