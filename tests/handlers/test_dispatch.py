"""Dispatch: every event once, in its order, and one that cannot be handled harms no other.

What goes wrong here is the network's address book: while it is broken, whoever asks for an invitation meets a fault.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import structlog
from sqlalchemy import insert, select

from bot.chat.content import Action
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageReceived
from bot.chat.keys import RoomKey
from bot.chat.port import Manner, RoomKeeper
from bot.crypto import Keyring, make_keys
from bot.domain.people import PersonSecret
from bot.handlers.dispatch import MOST, TRIES
from bot.store import inbox, schema
from bot.store.engine import Database
from bot.store.unit_of_work import UnitOfWork
from tests.handlers.deeds import count, ideas_of, pressing, sealed, starts_anew
from tests.handlers.world import CHANNEL, Memory, Place, Who, World

APOLOGY = re.compile(
    r"Something went wrong on my side, and that did not happen\. It is noted as ([0-9A-F]+)\. "
    r"Please try again in another way\."
)


class Broken(Exception):
    """The address book is broken."""


class AddressBook:
    """Gives the network's addresses, unless it is broken; `asked` counts how often it was asked."""

    def __init__(self, network: Memory) -> None:
        self._network = network
        self.broken = True
        self.asked = 0

    manner = Manner()
    keeper: RoomKeeper | None = None

    def address(self, room: RoomKey) -> str:
        return ""

    def link(self, start: str, *, group: bool = False) -> str:
        self.asked += 1
        if self.broken:
            raise Broken(start)
        return self._network.link(start, group=group)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


def breaks(world: World) -> AddressBook:
    """From now on, inviting fails."""
    book = AddressBook(world.network)
    world.dispatcher.links = {CHANNEL: book}
    return book


def types(world: World, who: Who, place: Place, text: str) -> CommandGiven:
    """Somebody types a command."""
    name, _, argument = text.removeprefix("/").partition(" ")
    happening = world._happening(place, world.sender(who))
    return CommandGiven(**happening, message_id=world.network.new_id(), name=name, argument=argument)


def writes(world: World, who: Who, text: str) -> MessageReceived:
    """Somebody writes in private."""
    happening = world._happening(who.room, world.sender(who))
    return MessageReceived(**happening, message_id=world.network.new_id(), text=text)


async def come(world: World, events: Sequence[Event]) -> None:
    """Events come in, and are not handled yet."""
    async with world.database.transaction() as connection:
        await inbox.store(connection, events, world.keys, world.now)


async def left(world: World) -> list[tuple[str, int]]:
    """What was not handled: the state and how often it was tried."""
    table = schema.inbox
    async with world.database.transaction() as connection:
        rows = await connection.execute(
            select(table.c.state, table.c.attempts).where(table.c.state != "done").order_by(table.c.seq)
        )
        return [tuple(row) for row in rows]


async def texts(world: World, place: Place) -> list[str]:
    """The first lines of what stands in a room."""
    return [said.text.split("\n")[0] for said in world.said(place)]


# -- what cannot be handled ----------------------------------------------------------------------------------------


async def test_a_poisoned_event_is_tried_three_times_while_all_else_flows(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    book = breaks(world)
    await come(
        world,
        [
            types(world, anna, anna.room, "/invite for the school"),
            types(world, anna, anna.room, "/ideas"),
            types(world, bo, garden, "/idea A bench"),
            types(world, anna, garden, "/idea A boat"),
        ],
    )

    assert await world.dispatcher.once() == 2, "the other rooms do not wait, not even the same person's"
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench", "A boat"]
    assert await left(world) == [("new", 1), ("new", 0)], "the order of her room is kept"
    assert await world.dispatcher.once() == 0, "it is not tried again at once"
    for attempts in range(2, TRIES):
        world.now += timedelta(seconds=1)
        assert await world.dispatcher.once() == 0
        assert await left(world) == [("new", attempts), ("new", 0)]
    world.now += timedelta(seconds=1)
    assert await world.dispatcher.once() == 1
    assert (book.asked, world.dispatcher.parked) == (TRIES, 1)
    assert await left(world) == [("parked", TRIES)]

    await world.settle()
    apology, listed = world.said(anna.room)[-2:]
    assert APOLOGY.fullmatch(apology.text)
    assert listed.text.startswith("Newest"), "and what came after it is answered"
    assert not [text for place in (bo.room, garden) for text in await texts(world, place) if "wrong" in text]


async def test_its_reference_leads_to_the_places_where_it_failed_and_to_no_words(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    breaks(world)
    with structlog.testing.capture_logs() as logged:
        await come(world, [types(world, anna, anna.room, "/invite the secret society")])
        await world.settle()

    found = APOLOGY.fullmatch(world.last(anna.room).text)
    assert found is not None
    failures = [line for line in logged if line["event"] == "an event failed"]
    assert [(line["attempts"], line["reference"]) for line in failures] == [(n, found[1]) for n in (1, 2, 3)]
    async with world.database.transaction() as connection:
        [row] = await connection.execute(select(schema.inbox).where(schema.inbox.c.state == "parked"))
    assert row.seq == int(found[1], 16)
    assert "test_dispatch.py" in row.trace
    for told in (row.trace, repr(logged), repr(row.payload)):
        assert "secret society" not in told
        assert "Anna" not in told
    assert "secret society" in repr(inbox.opened(row.payload, world.keys)), "whoever mends it can look, with the keys"


async def test_a_fault_that_passes_loses_nothing_and_doubles_nothing(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    book = breaks(world)
    garden = await world.group("Garden", conversation)
    await come(
        world,
        [
            types(world, anna, garden, "/idea A bench"),
            types(world, anna, garden, "/invite"),
            types(world, anna, garden, "/idea A boat"),
        ],
    )
    assert await world.dispatcher.once() == 1
    book.broken = False
    world.now += timedelta(seconds=1)
    assert await world.dispatcher.once() == 2
    await world.settle()
    assert await texts(world, garden) == ["Idea 1", "Send this to somebody who is missing here:", "Idea 2"]
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench", "A boat"]
    assert (await left(world), world.dispatcher.parked) == ([], 0)


async def test_what_a_failed_event_had_begun_is_undone(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    breaks(world)
    before = await count(world, "invitation", "outbox")
    await come(world, [types(world, anna, anna.room, "/invite for the school")])
    await world.dispatcher.once()
    assert await count(world, "invitation", "outbox") == before


async def test_a_process_that_begins_anew_goes_on_counting(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    for tries in range(1, TRIES + 1):
        starts_anew(world)
        book = breaks(world)
        if tries == 1:
            await come(world, [types(world, anna, anna.room, "/invite for the school")])
        await world.dispatcher.once()
        assert book.asked == 1
    assert await left(world) == [("parked", TRIES)]


async def test_a_press_that_cannot_be_handled_ends_too(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    breaks(world)
    press = pressing(world, anna, anna.room, await sealed(world, anna.room, Action("forwhom", conversation, arg="0")))
    await come(world, [press])
    await world.settle()
    assert APOLOGY.fullmatch(world.last(anna.room).text)
    assert press.press not in world.answers, "the lane of presses has answered it meanwhile"


async def test_many_poisoned_rooms_do_not_hold_up_a_sound_one(world: World) -> None:
    people = [await world.person(f"P{number}") for number in range(6)]
    conversation = await world.conversation(*people)
    breaks(world)
    *poisoned, sound = people
    await come(world, [types(world, who, who.room, "/invite for us") for who in poisoned for _ in range(2)])
    garden = await world.group("Garden", conversation)
    await come(world, [types(world, sound, garden, "/idea A bench")])
    assert await world.dispatcher.once() == 1
    await world.settle()
    assert world.dispatcher.parked == 10
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench"]
    for who in poisoned:
        assert len([text for text in await texts(world, who.room) if text.startswith("Something went wrong")]) == 2


async def test_what_cannot_be_read_is_put_aside_at_once(world: World) -> None:
    """As after a wrong key file: what is there waits for the right one, and the rest goes on."""
    anna = await world.person("Anna")
    await world.conversation(anna)
    lookup = world.keys.lookup("room", str(anna.room.key))
    async with world.database.transaction() as connection:
        for number, payload in enumerate((b"", b"garbage", world.keys.seal(b"{}", inbox.ABOUT))):
            row = {
                "channel": CHANNEL, "event_id": f"unreadable {number}", "room_lookup": lookup, "payload": payload,
                "received_at": world.now, "state": "new", "attempts": 0, "trace": "",
            }  # fmt: skip
            await connection.execute(insert(schema.inbox), [row])
    await come(world, [types(world, anna, anna.room, "/ideas")])
    await world.settle()
    assert await left(world) == [("parked", 1)] * 3
    assert world.last(anna.room).text.startswith("There is no idea here yet.")


# -- once, and in order --------------------------------------------------------------------------------------------


async def test_an_event_counts_once_however_often_it_comes(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    given = types(world, anna, garden, "/idea A bench")
    await world.happens(given, given)
    await world.happens(given)
    starts_anew(world)
    await world.happens(given)
    assert len(await ideas_of(world, conversation)) == 1


async def test_the_same_id_in_another_channel_is_another_event(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    first = types(world, anna, garden, "/idea A bench")
    other = RoomKey("elsewhere", "garden")
    room = msgspec.structs.replace(first.room, key=other)
    async with world.database.transaction() as connection:
        await inbox.store(connection, [first, msgspec.structs.replace(first, room=room)], world.keys, world.now)
        assert await inbox.waiting(connection) == 2


async def test_a_rooms_words_are_answered_in_their_order_over_many_batches(world: World) -> None:
    people = [await world.person(f"P{number}") for number in range(3)]
    conversation = await world.conversation(*people)
    rooms = [await world.group(f"Room {number}", conversation) for number in range(3)]
    events: list[Event] = []
    for number in range(MOST + 50):
        who, room = people[number % 3], rooms[number % 3]
        events.append(types(world, who, room, f"/idea {sha256(bytes([number])).hexdigest()[:30]} {number}"))
    await world.happens(*events)
    ideas = await ideas_of(world, conversation)
    numbers = [int(idea.text.rsplit(" ", 1)[1]) for idea in ideas]
    for place in range(3):
        own = [number for number in numbers if number % 3 == place]
        assert own == sorted(own)
    assert [idea.number for idea in ideas] == list(range(1, len(ideas) + 1)), "each number once"
    assert len(ideas) == len(events)


async def test_what_one_event_of_a_batch_does_the_next_one_sees(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await come(
        world,
        [
            writes(world, bo, "A bench by the lake"),
            writes(world, bo, "yes"),
            types(world, bo, bo.room, "/language svenska"),
            types(world, bo, bo.room, "/help"),
            types(world, anna, anna.room, "/stop"),
        ],
    )
    assert await world.dispatcher.once() == 5
    await world.settle()
    assert world.last(bo.room).text.startswith("Vi samtalar om Nora:")
    assert await ideas_of(world, conversation) == []


async def test_a_flow_is_gone_through_within_one_batch(world: World) -> None:
    anna = await world.person("Anna")
    words = ("Nora", "What do we do with the old school?", "yes")
    await come(world, [types(world, anna, anna.room, "/new"), *(writes(world, anna, one) for one in words)])
    assert await world.dispatcher.once() == 4
    await world.settle()
    assert world.last(anna.room).text.startswith("Your conversation about Nora has begun")


async def test_presses_are_answered_after_the_commit_each_once(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, anna, "A bench")
    answered: list[str] = []

    def note(event: ChoiceMade, _answer: object) -> None:
        answered.append(event.press)

    world.dispatcher.answered = note
    data = {who.name: await sealed(world, who.room, Action("support", conversation, idea.id)) for who in (anna, bo)}
    presses = [pressing(world, who, who.room, data[who.name]) for who in (anna, bo, anna)]
    await come(world, [*presses, presses[0]])
    assert answered == []
    await world.dispatcher.once()
    assert answered == [press.press for press in presses]
    await world.dispatcher.once()
    assert (len(answered), await count(world, "support")) == (3, 1)


async def test_where_nothing_waits_nothing_is_done(world: World) -> None:
    assert (await world.dispatcher.once(), world.dispatcher.handled) == (0, 0)


async def test_what_others_change_while_an_event_is_handled_stays(postgresql_database: Database) -> None:
    """Another process keeps a yes to being carried, while this one handles a change of the same person's language."""
    world = World(postgresql_database, Keyring(make_keys()), Memory())
    anna = await world.person("Anna")
    yes = {UUID(int=1): "yes"}
    handled: list[int] = []

    async def meanwhile(_uow: UnitOfWork) -> Callable[[], None]:
        handled.append(1)
        if len(handled) == 1:
            async with world.work() as other:
                me = await world.person_of(other, anna)
                other.save(msgspec.structs.replace(me, secret=PersonSecret(carried=yes)))
        return lambda: None

    world.dispatcher.outgoing = meanwhile
    await world.command(anna, anna.room, "/language sv")

    async with world.work() as uow:
        me = await world.person_of(uow, anna)
    assert (me.locale, me.secret.carried) == ("sv", yes)
    assert world.dispatcher.parked == 0
