"""What a row of the outbox says: its words, or its card as it is when the message is claimed.

A message that takes the place of a card ends it: a refresh would write over what somebody is just answering.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

import msgspec
from uuid6 import uuid7

from bot.chat.content import Content, LocalMessage
from bot.chat.port import Manner
from bot.crypto import Keyring
from bot.delivery import calming, carrying
from bot.domain.rooms import Room
from bot.store import outbox
from bot.store.records import FANOUT, Card, Message, Outbox
from bot.store.unit_of_work import UnitOfWork
from bot.views.cards import card_content, load_cards
from bot.views.localize import localize


async def load(uow: UnitOfWork, rows: list[Outbox]) -> None:
    """Read what these messages ask for, and end the cards whose place they take."""
    await uow.load(Room, [(row.room_id,) for row in rows if row.room_id])
    replaced = [
        (row.room_id, row.secret.replaces) for row in rows if row.room_id and row.secret and row.secret.replaces
    ]
    for card in await outbox.cards_at(uow, replaced):
        uow.remove(card)
    cards = [row for row in rows if row.room_id and row.subject]
    await uow.load(Card, [(row.room_id, row.subject, row.subject_id) for row in cards])
    await carrying.load(uow, rows)
    await load_cards(uow, [(row.subject, row.conversation_id, row.subject_id) for row in cards])


async def message(
    uow: UnitOfWork, keys: Keyring, manner: Manner, row: Outbox, room: Room, now: datetime
) -> tuple[LocalMessage | None, Content | None]:
    """Give what a row says, in the room's language and its network's manner; None if there is nothing (more) to say."""
    match row.kind:
        case "say":
            if row.secret is None:
                return None, None
            return localize(row.secret, room, keys, manner), row.secret.content
        case "digest":
            content = await calming.message(uow, row, room, now, uuid7)
            if content is None:
                return None, None
            return localize(Message(content), room, keys, manner, silent=True), content
        case _:
            return await _card(uow, keys, manner, row, room, now)


async def shown(uow: UnitOfWork, row: Outbox, room: Room) -> Content | None:
    """Give a card as it is now, for what may be typed to it."""
    if row.subject_id is None or row.conversation_id is None:
        return None
    return await card_content(uow, row.subject, row.conversation_id, row.subject_id, room)


async def _card(
    uow: UnitOfWork, keys: Keyring, manner: Manner, row: Outbox, room: Room, now: datetime
) -> tuple[LocalMessage | None, Content | None]:
    """Give a card as it is now; None where it shows just that already."""
    if row.subject_id is None or row.conversation_id is None:
        return None, None
    content = await shown(uow, row, room)
    card = await uow.get(Card, room.id, row.subject, row.subject_id)
    if content is None or (row.kind == "refresh" and (card is None or not card.message_id)):
        return None, None
    digest = _digest(content, room)
    if card is None:
        card = Card(room.id, row.subject, row.subject_id, row.conversation_id, now)
        uow.add(card)
    elif card.message_id and card.shown == digest:
        return None, None
    uow.save(msgspec.structs.replace(card, shown=digest))
    said = Message(content, replaces=card.message_id)
    return localize(said, room, keys, manner, silent=row.priority == FANOUT), content


def _digest(content: Content, room: Room) -> bytes:
    """Mark what a card shows, to pass over edits that would change nothing."""
    return blake2b(msgspec.json.encode(content) + room.locale.encode(), digest_size=8).digest()
