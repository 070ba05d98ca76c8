"""What a row of the outbox asks of the network, by its kind: rendered when it is claimed, carried out after that."""

from __future__ import annotations

from datetime import datetime

from bot.chat.content import Content
from bot.chat.port import ChatAdapter
from bot.crypto import Keyring
from bot.delivery import carrying, keeping, rendering
from bot.delivery.outcomes import Sending
from bot.domain.rooms import Room
from bot.store.records import Outbox
from bot.store.unit_of_work import UnitOfWork


async def rendered(
    uow: UnitOfWork, keys: Keyring, adapter: ChatAdapter, row: Outbox, now: datetime
) -> tuple[bytes, Content | None] | None:  # fmt: skip
    """Render a row, unless that was done, with what may be typed to it; None if there is nothing to send."""
    room = await uow.need(Room, row.room_id)
    if room.gone:
        return None
    if row.kind in keeping.KINDS:
        wanted = await keeping.wanted(uow, row, room)
        return None if wanted is None else (wanted, None)
    if row.rendered is not None:
        content: Content | None = None
        if row.kind not in carrying.KINDS:
            content = row.secret.content if row.secret else await rendering.shown(uow, row, room)
        return keys.open(row.rendered, row.id.bytes), content
    if row.kind in carrying.KINDS:
        copy = await carrying.wanted(uow, keys, adapter, row, room)
        return None if copy is None else (copy, None)
    message, content = await rendering.message(uow, keys, adapter.manner, row, room, now)
    return None if message is None else (adapter.render(room.key, message), content)


async def carry_out(adapter: ChatAdapter, sending: Sending) -> str:
    """Send a message, or do what else the row asks for."""
    if sending.row.kind in keeping.KINDS:
        return await keeping.carry_out(adapter, sending.row, sending.room, sending.rendered)
    if sending.row.kind in carrying.KINDS:
        return await carrying.carry_out(adapter, sending.row, sending.room, sending.rendered)
    return await adapter.send(sending.room.key, sending.rendered, str(sending.row.id))
