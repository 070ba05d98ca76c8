"""Rooms that the bot makes for helper groups: what the outbox's rows `make` and `admit` ask for, and how it is done.

What is wanted is read anew whenever the row is claimed: what is done already is not done again, and nobody is invited
who has left meanwhile. A room that is still to be made has an address that no network knows; what waits for it goes
along when it has its own.
"""

from __future__ import annotations

import msgspec
from uuid6 import uuid7

from bot.chat.content import Text
from bot.chat.keys import RoomKey
from bot.chat.port import ChatAdapter, Guest, NewRoom, Unreachable
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.people import Membership
from bot.domain.rooms import Room
from bot.i18n import render
from bot.store import groups
from bot.store.records import ANSWER, Message, Outbox
from bot.store.rooms import move_room, private_room_of
from bot.store.unit_of_work import UnitOfWork
from bot.views import groups as views

KINDS = frozenset({"make", "admit"})

_encode = msgspec.json.Encoder().encode
_room = msgspec.json.Decoder(NewRoom)
_guests = msgspec.json.Decoder(list[Guest])


async def wanted(uow: UnitOfWork, row: Outbox, room: Room) -> bytes | None:
    """Write what a row asks for; None if there is nothing to do any more. A room for nobody is given up."""
    conversation = await uow.get(Conversation, row.conversation_id)
    group = await uow.get(HelperGroup, row.conversation_id, room.group_id) if room.group_id else None
    if conversation is None or group is None or group.state != "open":
        if row.kind == "make":
            uow.save(msgspec.structs.replace(room, gone=True, conversation_id=None, group_id=None))
        return None
    found = await groups.accounts_on(uow, row.channel, group)
    admin = groups.admin_among(group, found)
    guests = [(member, Guest(account.secret.key.id, admin=member == admin)) for member, account in found]
    if row.kind == "make":
        topic = Text("A helper group. It is part of: %(question)s", {"question": conversation.question})
        people = tuple(guest for _, guest in guests)
        return _encode(NewRoom(views.room_title(group), render(topic, room.locale), people))
    meant = [guest for member, guest in guests if member == row.subject_id]
    return _encode(meant) if meant else None


async def carry_out(adapter: ChatAdapter, row: Outbox, room: Room, rendered: bytes) -> str:
    """Have it done; gives the room's id. Raises `DeliveryError`."""
    if adapter.keeper is None:
        raise Unreachable("no rooms are made here", dead=row.kind == "make")
    if row.kind == "make":
        return (await adapter.keeper.make_room(_room.decode(rendered), str(room.id))).room
    for guest in _guests.decode(rendered):
        await adapter.keeper.admit(room.key, guest)
    return room.key.room


async def done(uow: UnitOfWork, row: Outbox, room: Room, room_id: str) -> None:
    """Stage what follows: a room that was made lives under its own address from now on."""
    if row.kind == "make":
        await move_room(uow, room, RoomKey(row.channel, room_id))


async def refused(uow: UnitOfWork, row: Outbox, room: Room) -> None:
    """Tell the convener that there will be no room, and what they can do."""
    group = await uow.get(HelperGroup, row.conversation_id, room.group_id) if room.group_id else None
    membership = await uow.get(Membership, group.conversation_id, group.convener_id) if group else None
    to = await private_room_of(uow, membership.secret.person_id) if membership else None
    if row.kind == "make" and group is not None and to is not None:
        content = views.room_refused(group)
        uow.add(Outbox(uuid7(), to.channel, "say", ANSWER, row.not_before, room_id=to.id, secret=Message(content)))
