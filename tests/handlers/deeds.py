"""Deeds that only some stories need: pressing what is made up or old, editing, sending a picture, starting anew."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import func, select

from bot.chat.content import Action
from bot.chat.events import ChoiceMade, CommandGiven, MessageEdited, MessageKind, MessageReceived
from bot.chat.keys import AccountKey, RoomKey
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.people import Account, Participant, Person
from bot.domain.rooms import Room
from bot.store import schema
from bot.views.buttons import seal
from tests.handlers.world import CHANNEL, Place, Said, Who, World


def stranger(name: str, locale: str = "en") -> Who:
    """Somebody who has never written to the bot."""
    account = AccountKey(CHANNEL, name.lower())
    return Who(name, account, Place(RoomKey(CHANNEL, f"private-{name.lower()}"), private=True), locale)


def pressing(world: World, who: Who, place: Place, data: str, *, on: str = "m0", press: str = "") -> ChoiceMade:
    """A press with this data, whether or not there is such a button."""
    happening = world._happening(place, world.sender(who))
    return ChoiceMade(**happening, message_id=on, data=data, press=press or f"made-up-{world._events}")


async def press_data(world: World, who: Who, place: Place, data: str, *, on: str = "m0") -> str:
    """Press it; gives what only the presser is told."""
    event = pressing(world, who, place, data, on=on)
    await world.happens(event)
    return world.answers[event.press].text


async def sealed(world: World, place: Place, action: Action) -> str:
    """A button of the bot's in a room."""
    return seal(action, (await room_of(world, place)).lookup, world.keys)


async def press_old(world: World, who: Who, place: Place, before: Said, label: str) -> str:
    """Press a button of a message as it stood before; gives what only the presser is told."""
    data = next(choice.data for choice in before.choices if choice.label.startswith(label))
    return await press_data(world, who, place, data, on=before.id)


def as_it_stands(said: Said) -> Said:
    """A message as it is now, whatever becomes of it."""
    return Said(said.id, said.message)


async def gives(world: World, who: Who, place: Place, text: str) -> str:
    """Type a command; gives the message's id, to edit it by."""
    name, _, argument = text.removeprefix("/").partition(" ")
    message_id = world.network.new_id()
    happening = world._happening(place, world.sender(who))
    await world.happens(CommandGiven(**happening, message_id=message_id, name=name, argument=argument))
    return message_id


async def edits(world: World, who: Who, place: Place, message_id: str, text: str) -> list[Said]:
    """Edit an earlier message; gives what the bot says to it there."""
    event = MessageEdited(**world._happening(place, world.sender(who)), message_id=message_id, text=text, name="idea")
    return await world._does(place, event)


async def sends(world: World, who: Who, place: Place, kind: MessageKind, caption: str = "") -> list[Said]:
    """Send a photo, a voice message or the like; gives what the bot says to it there."""
    happening = world._happening(place, world.sender(who))
    message_id = world.network.new_id()
    return await world._does(place, MessageReceived(**happening, message_id=message_id, text=caption, kind=kind))


async def mentions(world: World, who: Who, place: Place, text: str) -> list[Said]:
    """Write a message that mentions the bot; gives what the bot says to it there."""
    happening = world._happening(place, world.sender(who))
    message_id = world.network.new_id()
    return await world._does(place, MessageReceived(**happening, message_id=message_id, text=text, mentions_bot=True))


def starts_anew(world: World) -> None:
    """Let the bot's process end and another one begin: it knows nothing but what is stored."""
    happened = world._events
    World.__post_init__(world)
    world._events = happened


async def change(world: World, record: Person | Participant | Conversation | Idea, **fields: object) -> None:
    """Let something be otherwise than it was."""
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(record, **fields))


async def change_me(world: World, conversation_id: UUID, who: Who, **fields: object) -> None:
    """Let somebody be otherwise in a conversation: a moderator, paused, gone."""
    async with world.work() as uow:
        me = await world.participant(uow, conversation_id, who)
        uow.save(msgspec.structs.replace(me, **fields))


async def end_conversation(world: World, conversation_id: UUID) -> None:
    """Let a conversation have ended."""
    async with world.work() as uow:
        conversation = await uow.need(Conversation, conversation_id)
        uow.save(msgspec.structs.replace(conversation, closed_at=world.now))


async def room_of(world: World, place: Place) -> Room:
    """Read a room."""
    async with world.work() as uow:
        room = await uow.by(Room, world.keys.lookup("room", str(place.key)))
    assert room is not None, place
    return room


async def person_of(world: World, who: Who) -> Person:
    """Read a person."""
    async with world.work() as uow:
        account = await uow.by(Account, world.keys.lookup("account", str(who.account)))
        assert account is not None, who
        return await uow.need(Person, account.person_id)


async def current(world: World, who: Who) -> UUID | None:
    """The conversation that somebody's private messages are about."""
    return (await person_of(world, who)).current_conversation_id


async def ideas_of(world: World, conversation_id: UUID) -> list[Idea]:
    """All ideas of a conversation, by number."""
    table = schema.idea
    async with world.work() as uow:
        found = await uow.select(
            Idea, lambda query: query.where(table.c.conversation_id == conversation_id).order_by(table.c.number)
        )
    return list(found)


async def count(world: World, *tables: str) -> int:
    """How many rows there are in these tables together."""
    async with world.work() as uow:
        return sum(
            [
                int((await uow.rows(select(func.count()).select_from(schema.metadata.tables[one])))[0][0])
                for one in tables
            ]
        )
