"""Queries about rooms."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import and_, delete, update

from bot.chat.keys import RoomKey
from bot.domain.people import Account, Person
from bot.domain.rooms import Room
from bot.store.records import Listening
from bot.store.schema import card, carried, outbox
from bot.store.unit_of_work import UnitOfWork


async def private_room_of(uow: UnitOfWork, person_id: UUID) -> Room | None:
    """Give a private room where a person can be reached, or None: the one used last."""
    return (await private_rooms_of(uow, [person_id]))[person_id]


async def private_rooms_of(uow: UnitOfWork, people: Collection[UUID]) -> dict[UUID, Room | None]:
    """Give the same for many people, in a few queries for all of them."""
    accounts = await uow.select(Account, lambda query: query.where(query.selected_columns.person_id.in_(people)))
    await uow.load(Person, [(one,) for one in people])
    await uow.load(Room, [(one.private_room_id,) for one in accounts if one.private_room_id])
    found: dict[UUID, Room | None] = {}
    for person_id in people:
        person = await uow.get(Person, person_id)
        last = person.room_id if person else None
        own = [one for one in accounts if one.person_id == person_id and one.private_room_id and one.reachable]
        own.sort(key=lambda one: (one.private_room_id == last, one.id), reverse=True)
        rooms = [await uow.get(Room, one.private_room_id) for one in own]
        found[person_id] = next((room for room in rooms if room is not None and not room.gone), None)
    return found


async def move_room(uow: UnitOfWork, room: Room, key: RoomKey) -> Room:
    """Let a room live on under another address; gives the room that is there now.

    Where the new address is known already, that room takes over what the old one was linked to, and what waits for it.
    The cards and what was carried there stay where they are, and are not changed any more.
    """
    await uow.flush()
    await uow.connection.execute(update(card).where(card.c.room_id == room.id).values(message_id="", shown=b""))
    await uow.connection.execute(delete(carried).where(carried.c.room_id == room.id, carried.c.message_id != ""))
    lookup = uow.keys.lookup("room", str(key))
    there = await uow.by(Room, lookup)
    if there is None:
        moved = msgspec.structs.replace(
            room, lookup=lookup, secret=msgspec.structs.replace(room.secret, key=key), gone=False
        )
        uow.save(moved)
        return moved
    if there.id != room.id:
        if there.conversation_id is None:
            there = msgspec.structs.replace(
                there, conversation_id=room.conversation_id, group_id=room.group_id, zone=room.zone, locale=room.locale,
                secret=msgspec.structs.replace(there.secret, made=room.secret.made), hears=room.hears,
                carries_since=room.carries_since,
            )  # fmt: skip
            uow.save(there)
        uow.save(msgspec.structs.replace(room, gone=True, conversation_id=None))
        await uow.flush()
        waiting = and_(outbox.c.room_id == room.id, outbox.c.state.in_(("waiting", "making", "held", "told")))
        await uow.connection.execute(update(outbox).where(waiting).values(room_id=there.id))
        await uow.connection.execute(update(carried).where(carried.c.room_id == room.id).values(room_id=there.id))
        talk = await uow.get(Listening, room.id)
        if talk is not None:
            uow.remove(talk)
            uow.add(msgspec.structs.replace(talk, room_id=there.id))
    return there
