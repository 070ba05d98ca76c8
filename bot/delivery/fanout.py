"""Fan-outs: one row of the outbox becomes one row a room, in chunks, at each room's pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from bot.delivery import calming
from bot.domain.rooms import Room
from bot.domain.steps import Story, picture_card
from bot.store import outbox
from bot.store.records import CARD, Card, Outbox
from bot.store.unit_of_work import UnitOfWork

CHUNK = 100
"""So many rooms or cards are expanded in one transaction: what a press may have to wait for."""


async def expand(uow: UnitOfWork, rows: Sequence[Outbox], now: datetime, new_id: Callable[[], UUID]) -> bool:
    """Expand a chunk of each fan-out; a row goes when its last chunk has. Tells whether there is more to do at once."""
    fresh = [row for row in rows if row.kind == "refresh" and row.after is None]
    more = await _refresh_all(uow, fresh, now, new_id) if fresh else False
    for row in rows:
        if row.kind != "refresh" or row.after is not None:
            await _expand(uow, row, now, new_id)
            more = True
    return more


async def _refresh_all(uow: UnitOfWork, rows: Sequence[Outbox], now: datetime, new_id: Callable[[], UUID]) -> bool:
    """Refresh the cards of many subjects in one query: most have few. One that has many goes on by itself."""
    cards = await outbox.cards_of_any(uow, {row.subject_id for row in rows if row.subject_id}, CHUNK)
    await uow.load(Room, [(card.room_id,) for card in cards])
    found: dict[UUID, list[Card]] = {}
    for card in cards:
        found.setdefault(card.subject_id, []).append(card)
    last = cards[-1] if len(cards) == CHUNK else None
    for row in rows:
        if row.subject_id is None:
            raise ValueError(row.kind)
        if last is not None and row.subject_id > last.subject_id:
            continue
        for card in found.get(row.subject_id, ()):
            await _refresh(uow, row, card, now, new_id)
        if last is not None and row.subject_id == last.subject_id:
            uow.save(msgspec.structs.replace(row, after=last.room_id, unique_key=None))
        else:
            uow.remove(row)
    return bool(cards)


async def _expand(uow: UnitOfWork, row: Outbox, now: datetime, new_id: Callable[[], UUID]) -> None:
    if row.conversation_id is None or row.subject_id is None:
        raise ValueError(row.kind)
    if row.kind in {"refresh", "retract"}:
        cards = await outbox.cards_of(uow, row.subject, row.subject_id, row.after, CHUNK)
        await uow.load(Room, [(card.room_id,) for card in cards])
        for card in cards:
            await _refresh(uow, row, card, now, new_id)
        last = cards[-1].room_id if len(cards) == CHUNK else None
    else:
        rooms = await outbox.rooms_of(uow, row.conversation_id, row.after, CHUNK, await _group_of(uow, row))
        await _show(uow, row, rooms, now, new_id)
        last = rooms[-1].id if len(rooms) == CHUNK else None
    if last is None:
        uow.remove(row)
    else:
        uow.save(msgspec.structs.replace(row, after=last, unique_key=None))


async def _group_of(uow: UnitOfWork, row: Outbox) -> UUID | None:
    """Give the helper group in whose own rooms a card stands, too: that of which a story tells."""
    if row.subject not in {"story", "picture"} or row.subject_id is None:
        return None
    told = await uow.get(
        Story, row.conversation_id, picture_card(row.subject_id) if row.subject == "picture" else row.subject_id
    )
    return told.group_id if told is not None else None


async def _refresh(uow: UnitOfWork, row: Outbox, card: Card, now: datetime, new_id: Callable[[], UUID]) -> None:
    """Bring a card up to date, or remove it; one that is just being sent is changed afterwards."""
    room = await uow.get(Room, card.room_id)
    if room is None or room.gone:
        return
    uow.add(
        Outbox(
            new_id(), room.channel, row.kind, CARD, now, room_id=room.id, conversation_id=row.conversation_id,
            subject=row.subject, subject_id=row.subject_id, unique_key=f"{row.kind}:{room.id}:{row.subject_id}",
        )
    )  # fmt: skip


async def _show(uow: UnitOfWork, row: Outbox, rooms: list[Room], now: datetime, new_id: Callable[[], UUID]) -> None:
    """Give each room its card, as calm as it wants it; one that has it already is left out."""
    await uow.load(Card, [(room.id, row.subject, row.subject_id) for room in rooms])
    for room in rooms:
        if await uow.get(Card, room.id, row.subject, row.subject_id) is None:
            await calming.bring(uow, row, room, now, new_id)
