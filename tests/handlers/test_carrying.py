"""Messages carried between a helper group's rooms: asked for, said, edited, answered, removed, and ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat.content import Action
from bot.chat.events import (
    BotAdded,
    BotRemoved,
    Media,
    MessageEdited,
    MessageReceived,
    MessageRemoved,
    Quoted,
    RoomMoved,
    Sender,
)
from bot.chat.keys import AccountKey, RoomKey
from bot.domain.groups import HelperGroup
from bot.store import inbox
from bot.store.housekeeping import tidy
from bot.store.schema import metadata
from tests.handlers.deeds import change_me, count, mentions, person_of, starts_anew, stranger
from tests.handlers.test_groups import press_made_up, takes_the_lead
from tests.handlers.world import CHANNEL, Place, Who, World

PICTURE = Media("p1", "picture", "bench.png", "image/png", 9)


@dataclass
class Rooms:
    """A helper group of Anna, Bo and Cia with two rooms, and all that is done there."""

    world: World
    anna: Who
    bo: Who
    cia: Who
    group: HelperGroup
    river: Place
    school: Place

    async def says(self, who: Who, place: Place, text: str, **more: object) -> str:
        """Somebody writes in a room; gives the message's id."""
        happening = self.world._happening(place, self.world.sender(who))
        message_id = self.world.network.new_id()
        await self.world.happens(MessageReceived(**happening, message_id=message_id, text=text, **more))
        return message_id

    async def edits(self, who: Who, place: Place, message_id: str, text: str, **more: object) -> None:
        happening = self.world._happening(place, self.world.sender(who))
        await self.world.happens(MessageEdited(**happening, message_id=message_id, text=text, **more))

    async def removes(self, who: Who, place: Place, message_id: str) -> None:
        await self.world.happens(
            MessageRemoved(**self.world._happening(place, self.world.sender(who)), message_id=message_id)
        )

    async def carry(self, who: Who, arg: str) -> str:
        """Somebody presses one of the buttons about carrying, in private; gives what they are told."""
        action = Action("carry", self.group.conversation_id, self.group.id, arg)
        return await press_made_up(self.world, who, who.room, action)

    async def agree(self, *people: Who) -> None:
        for who in people:
            await self.carry(who, "yes")

    def copies(self, place: Place) -> list[str]:
        """What stands in a room that people said elsewhere."""
        return [said.text for said in self.world.said(place) if said.message.blocks[0].text in {"Anna", "Bo", "Cia"}]


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    world = await World.begin(tmp_path)
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    group = await takes_the_lead(world, anna, "A bench")
    await world.press(bo, garden, "I join in")
    places = []
    for title in ("River", "School"):
        place = await world.group(title)
        await world.press(anna, anna.room, "A room for the group")
        start = next(
            choice.start for said in reversed(world.said(anna.room)) for choice in said.choices if choice.group
        )
        await world.command(anna, place, f"/start {start}")
        places.append(place)
    world.network.media["p1"] = b"a picture"
    yield Rooms(world, anna, bo, cia, group, *places)
    await world.end()


async def begun(rooms: Rooms) -> None:
    """It has begun, and Anna and Bo have said yes."""
    await rooms.carry(rooms.anna, "on")
    await rooms.agree(rooms.anna, rooms.bo)


async def test_it_begins_when_the_convener_presses_it_and_both_rooms_are_told(rooms: Rooms) -> None:
    world = rooms.world
    assert await rooms.carry(rooms.bo, "on") == "Only whoever holds the group together can do that."
    await press_made_up(
        world, rooms.anna, rooms.anna.room, Action("groupmore", rooms.group.conversation_id, rooms.group.id)
    )
    await world.press(rooms.anna, rooms.anna.room, "Between our rooms")
    assert "Nothing is carried now." in world.last(rooms.anna.room).text
    await world.press(rooms.anna, rooms.anna.room, "Carry messages")
    for place in (rooms.river, rooms.school):
        assert (
            "From now on I carry messages between this group's rooms.\n"
            "This is also seen in another room of the group, without end-to-end encryption."
        ) in world.last(place).text
    assert await rooms.carry(rooms.anna, "on") == "Messages are carried already."


async def test_whoever_writes_is_asked_once_and_carried_from_their_yes_on(rooms: Rooms) -> None:
    world = rooms.world
    await rooms.carry(rooms.anna, "on")
    for words in ("Hello", "Anybody here?"):
        await rooms.says(rooms.bo, rooms.river, words)
    asked = [said for said in world.said(rooms.bo.room) if "Shall what you write there" in said.text]
    assert len(asked) == 1
    assert rooms.copies(rooms.school) == []

    await world.press(rooms.bo, rooms.bo.room, "Yes, show it")
    assert world.alert.startswith("Thank you.")
    await rooms.says(rooms.bo, rooms.river, "On *Saturday* <b>?")
    assert rooms.copies(rooms.school) == ["Bo\nOn *Saturday* <b>?"]
    assert rooms.copies(rooms.river) == []

    assert await rooms.carry(rooms.bo, "no") == "Good. Nothing of yours is carried from now on."
    await rooms.says(rooms.bo, rooms.river, "Not this")
    assert len(rooms.copies(rooms.school)) == 1
    await world.press(rooms.bo, rooms.bo.room, "Remove what was carried of mine")
    assert rooms.copies(rooms.school) == []


async def test_who_is_in_nothing_yet_is_asked_in_the_room_and_can_say_yes(rooms: Rooms) -> None:
    world, dora = rooms.world, stranger("Dora")
    await rooms.carry(rooms.anna, "on")
    await rooms.says(dora, rooms.river, "I live next door")
    asked = world.last(rooms.river)
    assert asked.message.only_for == dora.account.id
    await world.press(dora, rooms.river, "Yes, show it", on=asked)  # the notice of consent, as an alert
    await world.wait(seconds=5)
    await world.press(dora, rooms.river, "Yes, show it", on=asked)
    await rooms.says(dora, rooms.river, "I have a saw")
    assert world.last(rooms.school).text == "Dora\nI have a saw"
    # and so is who has blocked the bot in private
    await world.happens(BotRemoved(**world._happening(rooms.bo.room, world.sender(rooms.bo))))
    await rooms.says(rooms.bo, rooms.river, "And I paint")
    assert world.last(rooms.river).message.only_for == rooms.bo.account.id


async def test_replies_edits_and_removals_follow(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    first = await rooms.says(rooms.anna, rooms.river, "Saturday?")
    copy = world.last(rooms.school)
    await rooms.says(rooms.bo, rooms.school, "Yes", reply_to=Quoted(copy.id, copy.text))
    assert world.last(rooms.river).message.reply_to == first, "a reply to a copy answers what it is a copy of"
    answer = world.last(rooms.river)
    await rooms.says(rooms.anna, rooms.river, "At ten", reply_to=Quoted(answer.id, answer.text))
    assert world.last(rooms.school).message.reply_to != ""
    await rooms.says(rooms.anna, rooms.river, "And cake", reply_to=Quoted("long-ago", "cake"))
    assert world.last(rooms.school).message.reply_to == ""

    starts_anew(world)
    await rooms.edits(rooms.anna, rooms.river, first, "Sunday?")
    assert rooms.copies(rooms.school)[0] == "Anna\nSunday?"
    await rooms.edits(rooms.bo, rooms.river, first, "It is not Bo's")
    await rooms.edits(rooms.anna, rooms.river, "never-carried", "Nothing")
    assert rooms.copies(rooms.school)[0] == "Anna\nSunday?"

    await rooms.removes(rooms.anna, rooms.river, first)
    assert rooms.copies(rooms.school) == ["Anna\nAt ten", "Anna\nAnd cake"]
    await rooms.removes(rooms.anna, rooms.river, first)


async def test_remove_as_a_reply_removes_the_copies(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    first = await rooms.says(rooms.anna, rooms.river, "Saturday?")

    async def remove(who: Who, place: Place, message_id: str) -> str:
        return (await world.command(who, place, "/remove", reply_to=Quoted(message_id)))[-1].text

    copy = world.last(rooms.school).id
    assert "Whoever wrote it can do that" in await remove(rooms.bo, rooms.school, copy)
    assert "I have carried nothing of that message" in await remove(rooms.anna, rooms.river, "m1")
    assert "Reply with /remove" in (await world.command(rooms.anna, rooms.river, "/remove"))[-1].text
    assert "What I carried of it goes." in await remove(rooms.anna, rooms.river, first)
    assert rooms.copies(rooms.school) == []

    theirs = await rooms.says(rooms.bo, rooms.school, "Mine")
    assert theirs
    assert "What I carried of it goes." in await remove(rooms.anna, rooms.river, world.last(rooms.river).id)
    assert rooms.copies(rooms.river) == [], "who holds the group together can, also of what another wrote"


async def test_commands_answers_and_what_is_said_to_the_bot_are_not_carried(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    await mentions(world, rooms.anna, rooms.river, "@byalag what can you do?")
    await world.command(rooms.anna, rooms.river, "/idea")
    asked = world.last(rooms.river)
    await world.message(rooms.anna, rooms.river, "A boat", reply_to=asked)
    happening = world._happening(rooms.river, Sender(AccountKey(CHANNEL, "robot"), "Robot", bot=True))
    await world.happens(MessageReceived(**happening, message_id="x", text="beep"))
    await rooms.says(rooms.anna, rooms.river, "   ")
    assert rooms.copies(rooms.school) == []


async def test_what_is_said_in_a_thread_is_carried_and_what_is_said_in_private_about_the_group_is_not(
    rooms: Rooms,
) -> None:
    world = rooms.world
    await begun(rooms)
    thread = Place(RoomKey(CHANNEL, rooms.river.key.room, "t1"), private=False, title="River")
    first = await rooms.says(rooms.anna, thread, "About the saw")
    assert rooms.copies(rooms.school) == ["Anna\nAbout the saw"]
    await rooms.removes(rooms.anna, rooms.river, first)
    assert rooms.copies(rooms.school) == []

    await world.command(rooms.anna, rooms.river, "/idea")  # a dialogue of the group's, which then ends
    await world.command(rooms.anna, rooms.river, "/stop")
    for words in ("Not for all", "Nor this"):
        await rooms.says(rooms.anna, rooms.anna.room, words, aside=rooms.river.key)
    assert rooms.copies(rooms.school) == []


async def test_pictures_are_fetched_when_they_are_sent(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    first = await rooms.says(rooms.anna, rooms.river, "The bench", kind="photo", media=PICTURE)
    sent = world.last(rooms.school).message
    assert [block.text for block in sent.blocks] == ["Anna", "The bench"]
    assert sent.attachment is not None
    assert (sent.attachment.data, sent.attachment.name) == (b"a picture", "bench.png")
    await rooms.edits(rooms.anna, rooms.river, first, "The new bench", media=PICTURE)
    assert [block.text for block in world.last(rooms.school).message.blocks] == ["Anna", "The new bench"]
    assert world.last(rooms.school).message.attachment is not None

    await rooms.says(rooms.anna, rooms.river, "", kind="photo", media=PICTURE)
    assert world.last(rooms.school).text == "Anna\nA picture"
    huge = Media("p1", "picture", "x.png", "image/png", 20 << 20)
    await rooms.says(rooms.anna, rooms.river, "Look", kind="photo", media=huge)
    assert world.last(rooms.school).text == (
        "Anna\nLook\nHere came a picture that is too big for me to carry. It can be seen in memory."
    )
    world.network.media["p2"] = bytes(9 << 20)  # larger than it said
    await rooms.says(rooms.anna, rooms.river, "", kind="photo", media=Media("p2", "picture", size=5))
    assert "a picture or a file that I could not bring along" in world.last(rooms.school).text
    await rooms.says(rooms.anna, rooms.river, "", kind="voice")
    assert "such as a voice message or a sticker" in world.last(rooms.school).text


async def test_what_is_long_goes_on_in_the_next_message_and_follows_its_changes(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    story = "\n\n".join(f"{number}. We met at the river, and it rained on the bench. 🌧" for number in range(40))
    first = await rooms.says(rooms.anna, rooms.river, story, kind="photo", media=PICTURE)
    copies = rooms.copies(rooms.school)
    assert len(copies) == 2
    assert world.said(rooms.school)[-2].message.attachment is not None
    told = [copy.removeprefix("Anna\n").removeprefix("… ") for copy in copies]
    assert "\n\n".join(told) == story, "nothing is left out, and it is divided between paragraphs"
    # a reply to the second message answers the first; an edit makes them more or fewer; a removal takes all
    second = world.last(rooms.school)
    await rooms.says(rooms.bo, rooms.school, "How wet", reply_to=Quoted(second.id, second.text))
    assert world.last(rooms.river).message.reply_to == first
    await rooms.edits(rooms.anna, rooms.river, first, story + "\n\n" + "And then. " * 400, media=PICTURE)
    assert len(rooms.copies(rooms.school)) == 3
    await rooms.edits(rooms.anna, rooms.river, first, "It rained.", media=PICTURE)
    assert rooms.copies(rooms.school) == ["Anna\nIt rained."]
    await rooms.edits(rooms.anna, rooms.river, first, "x" * 30_000)
    assert rooms.copies(rooms.school)[-1] == "Anna\nThe rest can be read in memory."
    await rooms.removes(rooms.anna, rooms.river, first)
    assert rooms.copies(rooms.school) == []


async def test_a_picture_that_is_slow_to_come_holds_its_place_and_is_given_up_kindly(rooms: Rooms) -> None:
    world, network = rooms.world, rooms.world.network
    await begun(rooms)
    network.slow = 1
    await rooms.says(rooms.anna, rooms.river, "The bench", kind="photo", media=PICTURE)
    await rooms.says(rooms.anna, rooms.river, "Do you like it?")
    assert rooms.copies(rooms.school) == [], "what was said after it waits for it"
    starts_anew(world)
    await world.wait(seconds=6)
    assert rooms.copies(rooms.school) == ["Anna\nThe bench", "Anna\nDo you like it?"]
    assert world.said(rooms.school)[-2].message.attachment is not None

    network.slow = 9
    await rooms.says(rooms.anna, rooms.river, "And this one", kind="photo", media=PICTURE)
    for _ in range(3):
        await world.wait(seconds=6)
    assert "And this one\nHere came a picture" in rooms.copies(rooms.school)[-1]


async def test_what_is_removed_or_changed_before_it_is_sent_never_shows(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    world.network.slow = 1  # the first copy holds up the others
    await rooms.says(rooms.anna, rooms.river, "The bench", kind="photo", media=PICTURE)
    regretted = await rooms.says(rooms.anna, rooms.river, "That was silly")
    improved = await rooms.says(rooms.anna, rooms.river, "Teh saw")
    await rooms.removes(rooms.anna, rooms.river, regretted)
    await rooms.edits(rooms.anna, rooms.river, improved, "The saw")
    await world.wait(seconds=6)
    assert rooms.copies(rooms.school) == ["Anna\nThe bench", "Anna\nThe saw"]


async def test_a_fall_right_after_sending_neither_loses_nor_doubles(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    happening = world._happening(rooms.river, world.sender(rooms.anna))
    async with world.database.transaction() as connection:
        event = MessageReceived(**happening, message_id="n1", text="Anybody with a drill?")
        await inbox.store(connection, [event], world.keys, world.now)
    await world.dispatcher.once()
    assert "drill" not in await all_that_is_kept(world), "while it waits it is sealed"
    await world.delivery._round()
    await asyncio.wait(world.delivery._sending.values())
    starts_anew(world)  # what became of it was not written down
    await world.settle()
    assert rooms.copies(rooms.school) == ["Anna\nAnybody with a drill?"]
    await rooms.edits(rooms.anna, rooms.river, "n1", "Anybody with a saw?")
    assert rooms.copies(rooms.school) == ["Anna\nAnybody with a saw?"]


async def all_that_is_kept(world: World) -> str:
    """Everything in the database, as whoever has it alone can read it."""
    async with world.database.reading() as connection:
        tables = [(await connection.execute(select(table))).all() for table in metadata.sorted_tables]
    return repr(tables)


async def test_it_ends_with_a_press_and_both_rooms_are_told(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    await rooms.carry(rooms.anna, "")
    await world.press(rooms.anna, rooms.anna.room, "Stop carrying")
    for place in (rooms.river, rooms.school):
        assert "Messages are no longer carried" in world.last(place).text
    await rooms.says(rooms.anna, rooms.river, "Only here")
    assert rooms.copies(rooms.school) == []
    assert await rooms.carry(rooms.anna, "off") == "Nothing is carried now."

    before = world.now
    await world.wait(minutes=5)
    await rooms.carry(rooms.anna, "on")
    happening = world._happening(rooms.river, world.sender(rooms.anna)) | {"at": before}
    await world.happens(MessageReceived(**happening, message_id="late", text="Said while it was off"))
    assert rooms.copies(rooms.school) == [], "what was said before it began is not carried, however late it comes"


async def test_where_the_bot_cannot_read_along_it_says_what_is_missing(rooms: Rooms) -> None:
    world = rooms.world

    async def rights(*, hears: bool) -> None:
        await world.happens(BotAdded(**world._happening(rooms.school, world.sender(rooms.anna)), hears=hears))

    await rights(hears=False)
    assert await rooms.carry(rooms.anna, "on") == (
        "I cannot read along in the group's room in memory. Make me an admin of it there, without any other right.\n"
        "Then press here again."
    )
    await rights(hears=True)
    await begun(rooms)
    await rights(hears=False)
    assert "I cannot read along here any more" in world.last(rooms.school).text


async def test_a_group_that_ends_carries_nothing_and_does_not_begin_by_itself_when_it_opens(rooms: Rooms) -> None:
    world, scope, subject = rooms.world, rooms.group.conversation_id, rooms.group.id
    await begun(rooms)
    for arg in ("yes", "open"):
        await press_made_up(world, rooms.anna, rooms.anna.room, Action("groupend", scope, subject, arg))
        await rooms.says(rooms.anna, rooms.river, arg)
    assert rooms.copies(rooms.school) == []
    told = [said.text for said in world.said(rooms.school)[-3:]]
    assert "no longer carried" in told[0]
    assert told[1:] == [
        "This helper group has ended. Thank you, all who were in it.", "The group is open again. Anyone can join in."
    ]  # fmt: skip


async def test_it_goes_on_when_the_convener_leaves_and_the_next_one_can_end_it(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    leave = Action("leavegroup", rooms.group.conversation_id, rooms.group.id, "yes")
    await press_made_up(world, rooms.anna, rooms.anna.room, leave)
    await rooms.says(rooms.anna, rooms.river, "I come by sometimes")
    assert rooms.copies(rooms.school) == ["Anna\nI come by sometimes"], "who is in no group any more may speak there"
    assert await rooms.carry(rooms.anna, "off") == "Only whoever holds the group together can do that."
    assert "no longer carried" in await rooms.carry(rooms.bo, "off")


async def test_a_room_that_is_gone_ends_it_kindly(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    await world.happens(BotRemoved(**world._happening(rooms.school, world.sender(rooms.anna))))
    for words in ("Hello?", "Nobody?"):
        await rooms.says(rooms.anna, rooms.river, words)
    told = [said for said in world.said(rooms.river) if "There is no other room any more" in said.text]
    assert len(told) == 1


async def test_a_room_that_moves_goes_on_and_what_was_said_before_stays(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    first = await rooms.says(rooms.anna, rooms.river, "Saturday?")
    there = Place(RoomKey(CHANNEL, "school-anew"), private=False, title="School")
    await world.happens(RoomMoved(**world._happening(rooms.school, world.sender(rooms.bo)), to=there.key))
    await rooms.says(rooms.anna, rooms.river, "Ten?")
    assert rooms.copies(there) == ["Anna\nTen?"]
    await rooms.says(rooms.bo, there, "Eleven")
    assert rooms.copies(rooms.river) == ["Bo\nEleven"]
    await rooms.edits(rooms.anna, rooms.river, first, "Sunday?")
    await rooms.removes(rooms.anna, rooms.river, first)
    assert rooms.copies(rooms.school) == ["Anna\nSaturday?"], "a room that is left is not written to"
    assert rooms.copies(there) == ["Anna\nTen?"]


async def test_a_pause_holds_back_and_forgetting_removes(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    until = world.now + timedelta(days=1)
    await change_me(world, rooms.group.conversation_id, rooms.bo, muted_until=until)
    await rooms.says(rooms.bo, rooms.river, "Shh")
    assert rooms.copies(rooms.school) == []
    await world.wait(days=2)
    await rooms.says(rooms.bo, rooms.river, "I am back")
    assert rooms.copies(rooms.school) == ["Bo\nI am back"]

    await world.command(rooms.bo, rooms.bo.room, "/forget")
    await world.press(rooms.bo, rooms.bo.room, "Erase me; my ideas stay")
    await world.settle()
    assert rooms.copies(rooms.school) == []
    assert await count(world, "carried") == 0


async def test_sixty_messages_keep_their_order_and_are_forgotten_after_a_month(rooms: Rooms) -> None:
    world = rooms.world
    await begun(rooms)
    events = [
        MessageReceived(
            **world._happening(rooms.river, world.sender(rooms.anna)), message_id=f"n{number}", text=f"{number}"
        )
        for number in range(60)
    ]
    await world.happens(*events)
    assert rooms.copies(rooms.school) == [f"Anna\n{number}" for number in range(60)]
    assert await count(world, "carried") == 120
    assert (await person_of(world, rooms.anna)).secret.carried == {rooms.group.id: "yes"}
    async with world.database.transaction() as connection:
        await tidy(connection, world.now + timedelta(days=31))
    assert await count(world, "carried") == 0
