"""Queries about rooms."""

from __future__ import annotations

import msgspec
from sqlalchemy import and_, update

from bot.chat.keys import RoomKey
from bot.domain.rooms import Room, RoomSecret
from bot.store.schema import is_open, outbox
from bot.store.unit_of_work import UnitOfWork


async def move_room(uow: UnitOfWork, room: Room, key: RoomKey) -> Room:
    """Let a room live on under another address; gives the room that is there now.

    Where the new address is known already, that room takes over what the old one was linked to, and what waits for it.
    """
    lookup = uow.keys.lookup("room", str(key))
    there = await uow.by(Room, lookup)
    if there is None:
        moved = msgspec.structs.replace(room, lookup=lookup, secret=RoomSecret(key, room.secret.title), gone=False)
        uow.save(moved)
        return moved
    if there.id != room.id:
        if there.conversation_id is None:
            there = msgspec.structs.replace(there, conversation_id=room.conversation_id, group_id=room.group_id)
            uow.save(there)
        uow.save(msgspec.structs.replace(room, gone=True, conversation_id=None))
        await uow.flush()
        waiting = and_(is_open(outbox), outbox.c.room_id == room.id, outbox.c.state == "waiting")
        await uow.connection.execute(update(outbox).where(waiting).values(room_id=there.id))
    return there
