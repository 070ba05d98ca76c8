"""Who did something, and where: found, or made where they are new to the bot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from bot.chat.events import BotRemoved, Event
from bot.domain.people import Account, AccountSecret, Person
from bot.domain.rooms import Room, RoomSecret
from bot.i18n import known
from bot.store.unit_of_work import UnitOfWork


async def who(
    uow: UnitOfWork, event: Event, now: datetime, new_id: Callable[[], UUID], zone: str
) -> tuple[Person, Account, Room]:
    """Find or make the person, account and room of an event; what the event tells of them is kept."""
    room = await _room(uow, event, now, new_id, zone)
    lookup = uow.keys.lookup("account", str(event.sender.account))
    account = await uow.by(Account, lookup)
    if account is None:
        locale = known(event.sender.locale)
        me = Person(new_id(), now, locale=locale)
        uow.add(me)
        secret = AccountSecret(event.sender.account, event.sender.name)
        account = Account(new_id(), me.id, event.sender.account.channel, lookup, secret)
        uow.add(account)
    else:
        me = await uow.need(Person, account.person_id)
        told = event.sender.locale
        if told and not me.chosen_locale and known(told) != me.locale:
            me = msgspec.structs.replace(me, locale=known(told))
            uow.save(me)
    if room.private and not isinstance(event, BotRemoved) and (account.private_room_id != room.id or room.gone):
        account = msgspec.structs.replace(account, private_room_id=room.id, reachable=True)
        uow.save(account)
        if room.gone:
            room = msgspec.structs.replace(room, gone=False)
            uow.save(room)
    if room.private and not isinstance(event, BotRemoved) and me.room_id != room.id:
        me = msgspec.structs.replace(me, room_id=room.id)
        uow.save(me)
    if not room.locale or (room.private and room.locale != me.locale):
        room = msgspec.structs.replace(room, locale=me.locale)
        uow.save(room)
    return me, account, room


async def _room(uow: UnitOfWork, event: Event, now: datetime, new_id: Callable[[], UUID], zone: str) -> Room:
    key = event.room.key
    lookup = uow.keys.lookup("room", str(key))
    room = await uow.by(Room, lookup)
    if room is None:
        secret = RoomSecret(key, "" if event.room.private else event.room.title)
        whole = await uow.by(Room, uow.keys.lookup("room", str(key.whole))) if key.thread else None
        room = Room(
            new_id(), key.channel, lookup, secret, event.room.private, now,
            locale=whole.locale if whole else "", zone=whole.zone if whole else zone,
        )  # fmt: skip
        uow.add(room)
    return room
