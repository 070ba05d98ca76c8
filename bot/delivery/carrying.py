"""What the outbox's rows `carry` and `retract` ask for: a copy of what was said in another room, and its removal.

A `retract` that names a card removes that.

Rules
-----
* What a copy replies to, and which message an edit changes, is read when the row is claimed: what came before it in
  the room has been sent by then.
* A picture is brought from its own network when its copy is sent, and never kept. That has a time of its own, so that
  a slow picture is not taken for a lost answer. Where it cannot be brought, some words say where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
import structlog

from bot.chat.content import Attachment, LocalMessage
from bot.chat.events import Media
from bot.chat.port import ChatAdapter, DeliveryError, Later, Unreachable
from bot.crypto import Keyring
from bot.domain.rooms import Room
from bot.store.records import Card, Carried, Message, Outbox
from bot.store.unit_of_work import UnitOfWork
from bot.views.cards import card_content
from bot.views.localize import localize

log = structlog.get_logger()

KINDS = frozenset({"carry", "retract"})
FETCH_WITHIN = 15.0
FETCH_AGAIN = 5.0
TRIES = 3
MOST = 8 << 20


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be done: `rendered` to be sent, with a picture if there is one; or a message to be removed."""

    rendered: bytes = b""
    message: LocalMessage | None = None
    media: Media | None = None
    source: str = ""
    retracts: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Job).decode


async def load(uow: UnitOfWork, rows: list[Outbox]) -> None:
    """Read what these rows are about."""
    await uow.load(Carried, [(row.subject_id,) for row in rows if row.kind in KINDS and not row.subject])
    known = [await uow.get(Carried, row.subject_id) for row in rows if row.kind == "carry"]
    await uow.load(Carried, [(one.answers_id,) for one in known if one and one.answers_id])


async def wanted(uow: UnitOfWork, keys: Keyring, adapter: ChatAdapter, row: Outbox, room: Room) -> bytes | None:
    """Write what a row asks for; None if there is nothing to do (any more)."""
    if row.subject:
        return await _card_to_remove(uow, row, room)
    copy = await uow.get(Carried, row.subject_id)
    if copy is None:
        return None
    if row.kind == "retract":
        if not copy.message_id:
            uow.remove(copy)
            return None
        return _encode(Job(retracts=copy.message_id))
    if row.secret is None:
        return None
    answered = await uow.get(Carried, copy.answers_id) if copy.answers_id else None
    edits = copy.message_id
    replies = answered.message_id if answered and not edits else ""
    said = localize(Message(row.secret.content, edits, replies), room, keys, adapter.manner)
    if row.secret.media is None or row.secret.instead is None:
        return _encode(Job(adapter.render(room.key, said)))
    instead = localize(Message(row.secret.instead, edits, replies), room, keys, adapter.manner)
    return _encode(Job(adapter.render(room.key, instead), said, row.secret.media, row.secret.source))


async def _card_to_remove(uow: UnitOfWork, row: Outbox, room: Room) -> bytes | None:
    """Say which message is a card that has nothing to show any more; None if it has, or was never sent."""
    card = await uow.get(Card, room.id, row.subject, row.subject_id)
    if card is None or row.conversation_id is None or row.subject_id is None:
        return None
    if await card_content(uow, row.subject, row.conversation_id, row.subject_id, room) is not None:
        return None
    if not card.message_id:
        uow.remove(card)
        return None
    return _encode(Job(retracts=card.message_id))


async def fetched(adapters: Mapping[str, ChatAdapter], row: Outbox, room: Room, rendered: bytes) -> bytes:
    """Bring the picture of a copy, and give the job as it can be sent at once. Raises `Later`."""
    job = _decode(rendered)
    if job.media is None or job.message is None:
        return rendered
    try:
        async with asyncio.timeout(FETCH_WITHIN):
            data = await adapters[job.source].fetch_media(job.media.ref, MOST)
    except Unreachable as error:
        log.info("a picture was not carried", channel=row.channel, reason=str(error))
        return rendered
    except (DeliveryError, TimeoutError, KeyError) as error:
        if row.attempts + 1 < TRIES:
            seconds = error.retry_after if isinstance(error, Later) else FETCH_AGAIN
            raise Later("the picture is not here yet", seconds) from error
        log.info("a picture was not carried", channel=row.channel, reason=type(error).__name__)
        return rendered
    attachment = Attachment(job.media.kind, job.media.name, job.media.mime, data)
    whole = msgspec.structs.replace(job.message, attachment=attachment, same_attachment=bool(job.message.replaces))
    return _encode(Job(adapters[row.channel].render(room.key, whole)))


async def carry_out(adapter: ChatAdapter, row: Outbox, room: Room, rendered: bytes) -> str:
    """Have it done; gives the message's id. Raises `DeliveryError`."""
    job = _decode(rendered)
    if job.retracts:
        await adapter.delete(room.key, job.retracts, str(row.id))
        return job.retracts
    return await adapter.send(room.key, job.rendered, str(row.id))


async def done(uow: UnitOfWork, row: Outbox, message_id: str) -> None:
    """Remember where a copy stands; one that is removed is forgotten, and so is a card."""
    if row.subject:
        card = await uow.get(Card, row.room_id, row.subject, row.subject_id)
        if card is not None:
            uow.remove(card)
        return
    copy = await uow.get(Carried, row.subject_id)
    if copy is None:
        return
    if row.kind == "retract":
        uow.remove(copy)
    elif copy.message_id != message_id:
        uow.save(msgspec.structs.replace(copy, message_id=message_id))


async def refused(uow: UnitOfWork, row: Outbox) -> None:
    """Forget a copy that was never sent."""
    copy = await uow.get(Carried, row.subject_id)
    if copy is not None and row.kind == "carry" and not copy.message_id:
        uow.remove(copy)
