"""Questions for the groups: planned by a host, asked at the room's own clock, each once; and replies become ideas."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.keys import RoomKey
from bot.domain.calm import Quiet
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Proposal
from bot.domain.prompts import Occurrence, Schedule
from bot.domain.rooms import Room
from bot.store.harvest import load_harvest
from bot.store.records import Due
from tests.handlers.deeds import (
    change_me,
    end_conversation,
    ideas_of,
    mentions,
    press_data,
    room_of,
    sealed,
    starts_anew,
    stranger,
)
from tests.handlers.world import CHANNEL, Place, Said, Who, World

MONDAY = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""Six in the evening in Stockholm."""


@dataclass
class Story:
    """A conversation of a host and two others, with a group."""

    world: World
    anna: Who
    bo: Who
    cia: Who
    conversation: UUID
    group: Place

    async def plans(self, what: str, when: str) -> list[Said]:
        await self.world.command(self.anna, self.anna.room, "/prompt")
        await self.world.press(self.anna, self.anna.room, "Plan a question")
        await self.world.message(self.anna, self.anna.room, what)
        await self.world.message(self.anna, self.anna.room, when)
        return await self.world.press(self.anna, self.anna.room, "Yes, ask then")

    async def until(self, at: datetime) -> None:
        self.world.now = at
        await self.world.settle()

    async def kept(self, record: type) -> list:
        async with self.world.work() as uow:
            return await uow.select(record, lambda query: query)

    def asked(self, place: Place | None = None) -> list[str]:
        """The questions that stand in a group."""
        found = [said.message.blocks for said in self.world.said(place or self.group)]
        return [blocks[1].text for blocks in found if blocks[0].text == "A question for all of us"]


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    world = await World.begin(tmp_path)
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation = await world.conversation(anna, bo, cia)
    yield Story(world, anna, bo, cia, conversation, await world.group("Street", conversation))
    await world.end()


async def test_a_question_is_planned_asked_each_time_and_its_replies_become_ideas(story: Story) -> None:
    world = story.world
    [planned] = await story.plans("What is missing here?", "every Monday at 18:00")
    assert "It is planned." in planned.text
    assert "Next: Monday 2 March 18:00, then Monday 9 March 18:00 and Monday 16 March 18:00." in planned.text
    assert "I ask in 1 group." in planned.text

    await story.until(MONDAY - timedelta(minutes=1))
    assert story.asked() == []
    await story.until(MONDAY)
    assert story.asked() == ["What is missing here?"]
    question = world.last(story.group)

    [asks] = await world.message(story.bo, story.group, "A bench by the lake", reply_to=question)
    assert (asks.message.only_for, asks.labels) == ("bo", ["Yes, as an idea", "No"])
    assert "Shall I give this as an idea?" in asks.text
    assert await ideas_of(world, story.conversation) == []
    await world.press(story.cia, story.group, "Yes, as an idea", on=asks)
    assert world.alert == "Whoever wrote the message decides."
    await world.press(story.bo, story.group, "Yes, as an idea", on=asks)
    assert [one.text for one in await ideas_of(world, story.conversation)] == ["A bench by the lake"]

    [asks] = await mentions(world, story.cia, story.group, "a boat for all of us")
    await world.press(story.cia, story.group, "No", on=asks)
    assert await story.kept(Proposal) == []

    await world.press(story.cia, story.group, "Answer in private", on=question)
    assert "What is missing here?" in "".join(said.text for said in world.said(story.cia.room))
    await world.message(story.cia, story.cia.room, "A library")
    await world.press(story.cia, story.cia.room, "Give it with my name")
    assert len(await ideas_of(world, story.conversation)) == 2

    await story.until(MONDAY + timedelta(days=7))
    assert len(story.asked()) == 2


async def test_who_replies_and_is_new_is_asked_for_consent_and_silence_keeps_nothing_long(story: Story) -> None:
    world = story.world
    await story.plans("What is missing here?", "every Monday at 18:00")
    await story.until(MONDAY)
    question, dag = world.last(story.group), stranger("Dag")

    [asks] = await world.message(dag, story.group, "A path to the school", reply_to=question)
    await world.press(dag, story.group, "Yes, as an idea", on=asks)
    assert await ideas_of(world, story.conversation) == []
    assert await world.message(dag, story.group, "👍", reply_to=question) == []
    assert await world.message(dag, story.group, "x " * 2100, reply_to=question) != []
    await change_me(world, story.conversation, story.bo, muted_until=world.now + timedelta(days=1))
    assert await world.message(story.bo, story.group, "A word from a paused one", reply_to=question) == []
    thread = Place(RoomKey(CHANNEL, story.group.key.room, question.id), private=False, title="Street")
    [asks] = await world.message(story.cia, thread, "A swing, said in a thread")
    assert asks.message.only_for == "cia"


async def test_at_night_it_waits_for_the_morning_and_a_room_gets_one_a_day(story: Story) -> None:
    world = story.world
    [planned] = await story.plans("Who sleeps?", "every day at 21:00")
    assert "Tuesday 3 March 08:00" in planned.text
    assert "I ask in 1 group." in planned.text
    assert "In the quiet hours of a group I ask nothing." in planned.text
    late = Quiet(time(22), time(7))
    for title in ("Lake", "Park"):
        room = await room_of(world, await world.group(title, story.conversation))
        async with world.work() as uow:
            uow.save(msgspec.structs.replace(await uow.need(Room, room.id), quiet=late))
    [shown] = await world.press(story.anna, story.anna.room, "Change it")
    assert "Next: Monday 2 March 21:00" in shown.text, "most of the groups are awake then"
    [planned] = await world.press(story.anna, story.anna.room, "Yes, ask then")
    assert "Next: Monday 2 March 21:00" in planned.text
    assert "I ask in 3 groups." in planned.text
    assert "silent" not in planned.text
    await story.plans("And who is awake?", "every day at 09:00")
    assert "another question comes first" in world.last(story.anna.room).text

    await story.until(MONDAY + timedelta(hours=3))
    assert story.asked() == []
    await story.until(datetime(2026, 3, 3, 7, tzinfo=UTC))
    await story.until(datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert story.asked() == ["Who sleeps?"]


async def test_what_is_late_is_asked_while_it_is_sensible_and_never_in_a_burst(story: Story) -> None:
    world = story.world
    await story.plans("What did you see today?", "every day at 18:00")
    await story.until(MONDAY + timedelta(hours=1))
    assert len(story.asked()) == 1

    starts_anew(world)
    await story.until(MONDAY + timedelta(days=1, hours=24 - 1))
    assert len(story.asked()) == 1, "asleep for a day: that one is left out"
    assert [one.outcome for one in await story.kept(Occurrence)] == ["asked", "late"]
    await world.command(story.anna, story.anna.room, "/prompt")
    [shown] = await world.press(story.anna, story.anna.room, "1. Look at it")
    assert "was left out: I was not awake when it was time." in shown.text

    await story.until(MONDAY + timedelta(days=5, hours=2))
    assert [one.outcome for one in await story.kept(Occurrence)].count("asked") == 2, "of five days the last alone"
    await story.until(MONDAY + timedelta(days=5, hours=20))
    assert len(story.asked()) == 2
    world.now -= timedelta(hours=3)
    await world.settle()
    assert len(story.asked()) == 2, "a clock that is set back asks nothing twice"


async def test_it_pauses_goes_on_changes_and_ends(story: Story) -> None:
    world, anna = story.world, story.anna
    await story.plans("What now?", "every day at 18:00")
    [shown] = await world.press(anna, anna.room, "Pause it")
    assert "It is paused." in shown.text
    await story.until(MONDAY + timedelta(hours=1))
    assert story.asked() == []
    [shown] = await world.press(anna, anna.room, "Go on with it")
    assert "Next: Tuesday 3 March 18:00" in shown.text
    await world.press(anna, anna.room, "Change it")
    await world.press(anna, anna.room, "The time")
    await world.message(anna, anna.room, "varje onsdag kl 17")
    [shown] = await world.press(anna, anna.room, "Yes, ask then")
    assert "It is changed." in shown.text
    assert "Next: Wednesday 4 March 17:00" in shown.text
    await story.until(MONDAY + timedelta(days=1, hours=1))
    assert story.asked() == []
    await story.until(MONDAY + timedelta(days=2))
    assert story.asked() == ["What now?"]
    await world.press(anna, anna.room, "End it")
    [shown] = await world.press(anna, anna.room, "Yes, end it")
    assert "I ask it no more." in shown.text
    await story.until(MONDAY + timedelta(days=30))
    assert len(story.asked()) == 1
    assert await story.kept(Due) == []
    [gone] = await story.kept(Schedule)
    data = await sealed(world, anna.room, Action("prompt", story.conversation, gone.id, "go"))
    assert await press_data(world, anna, anna.room, data) == "This question is not planned any more."


async def test_a_series_is_asked_one_by_one_in_each_language_and_tells_its_end(story: Story) -> None:
    world = story.world
    gatan = await world.group("Gatan", story.conversation)
    room = await room_of(world, gatan)
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(room, locale="sv"))
    await story.plans("One?\nTwo?\nThree?", "every day at 18:00")
    for day in range(5):
        await story.until(MONDAY + timedelta(days=day))
    assert story.asked() == ["One?", "Two?", "Three?"]
    swedish = [said.message.blocks[0].text for said in world.said(gatan)]
    assert swedish == ["En fråga till oss alla"] * 3
    assert "The last question of your series has been asked." in world.last(story.anna.room).text


async def test_a_host_leaves_one_out_and_sees_which_brought_ideas(story: Story) -> None:
    world, anna = story.world, story.anna
    [planned] = await story.plans("One?\nTwo?\nThree?", "every day at 18:00")
    assert "Question 1 of 3 comes next:\n“One?”" in planned.text
    [shown] = await world.press(anna, anna.room, "Leave this one out")
    assert "That one is left out." in shown.text
    assert "Question 2 of 3 comes next:\n“Two?”" in shown.text
    for day in range(3):
        await story.until(MONDAY + timedelta(days=day))
        question = [said for said in world.said(story.group) if "A question for all of us" in said.text][-1]
        for who, words in ((story.bo, f"A bench {day}"), (story.cia, f"A boat {day}"))[day:]:
            [asks] = await world.message(who, story.group, words, reply_to=question)
            await world.press(who, story.group, "Yes, as an idea", on=asks)
    await world.press(story.bo, story.group, "Answer in private", on=question)
    await world.message(story.bo, story.bo.room, "A library\nA lamp")
    await world.press(story.bo, story.bo.room, "Yes")
    await world.press(story.bo, story.bo.room, "Give them without")

    assert story.asked() == ["Two?", "Three?"]
    [host] = await world.command(anna, anna.room, "/host")
    assert "Questions in the groups that brought ideas:\n“Three?” (3)\n“Two?” (2)" in host.text
    async with world.work() as uow:
        found = await load_harvest(uow, story.conversation, world.now)
    assert [(one.text, one.ideas) for one in found.questions] == [("Two?", 2), ("Three?", 3)]


async def test_it_stops_with_what_it_stands_on(story: Story) -> None:
    """A group that is gone, a conversation that ends and opens again, a host who leaves."""
    world, anna = story.world, story.anna
    away = await world.group("Away", story.conversation)
    await story.plans("What now?", "every day at 18:00")
    world.network.gone.add(away.key)
    await story.until(MONDAY)
    assert (len(story.asked()), len(story.asked(away))) == (1, 0)

    await end_conversation(world, story.conversation)
    await story.until(MONDAY + timedelta(days=1))
    await world.command(anna, anna.room, "/host open")
    await story.until(MONDAY + timedelta(days=3))
    assert len(story.asked()) == 2

    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all; my ideas go")
    await story.until(MONDAY + timedelta(days=6))
    assert story.asked() == [], "their own question goes with them, also where it was asked"
    assert "What now?" not in repr(await story.kept(Schedule)) + repr(await story.kept(Occurrence))


async def test_what_a_host_planned_is_in_their_file_and_goes_on_without_their_name(story: Story) -> None:
    world, anna = story.world, story.anna
    await story.plans("What now?", "every day at 18:00")
    [told] = await world.command(anna, anna.room, "/mydata")
    assert told.message.attachment is not None
    with zipfile.ZipFile(io.BytesIO(told.message.attachment.data)) as archive:
        data = json.loads(archive.read("my-data.json"))
    [planned] = data["conversations"][0]["planned_questions"]
    assert (planned["questions"], planned["state"]) == (["What now?"], "running")

    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase me; my ideas stay")
    await story.until(MONDAY)
    assert story.asked() == ["What now?"], "somebody else hosts now"


async def test_who_holds_a_helper_group_together_plans_for_its_room(story: Story) -> None:
    world, bo = story.world, story.bo
    helpers = await world.group("Helpers", story.conversation)
    room = await room_of(world, helpers)
    async with world.work() as uow:
        me = await world.participant(uow, story.conversation, bo)
        formed = HelperGroup(story.conversation, uuid7(), me.id, "Build it", "", "", "", world.now)
        uow.add(formed)
        uow.add(GroupMember(story.conversation, formed.id, me.id, world.now))
        uow.save(msgspec.structs.replace(room, group_id=formed.id))
    await world.command(bo, helpers, "/prompt")
    await world.press(bo, helpers, "Go on in private")
    await world.press(bo, bo.room, "Plan one: Build it")
    await world.message(bo, bo.room, "What is our next step?")
    await world.message(bo, bo.room, "every Monday at 18:00")
    await world.press(bo, bo.room, "Yes, ask then")
    await story.until(MONDAY)
    assert (story.asked(), story.asked(helpers)) == ([], ["What is our next step?"])


async def test_what_is_new_keeps_an_hour_from_a_question(story: Story) -> None:
    world = story.world
    room = await room_of(world, story.group)
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(await uow.need(Room, room.id), pace="daily"))
    await story.plans("What did you see today?", "every day at 17:00")
    await world.command(story.bo, story.bo.room, "/idea A bench by the lake")
    await world.press(story.bo, story.bo.room, "Give it with my name")
    five = MONDAY - timedelta(hours=1)

    world.now = five
    await world.delivery._round()
    assert not world.delivery._sending, "what is new waits for a question that is due, whoever wakes first"
    await world.wait(minutes=58)
    assert story.asked() == ["What did you see today?"]
    assert len(world.said(story.group)) == 1
    await world.wait(minutes=5)
    assert "A bench by the lake" in world.last(story.group).text
    assert len(world.said(story.group)) == 2


async def test_time_and_question_can_stand_in_one_line(story: Story) -> None:
    anna, world = story.anna, story.world
    [shown] = await world.command(anna, anna.room, "/prompt every day at 17:30: What did you see: today?")
    assert "I ask: What did you see: today?\nWhen: Every day at 17:30" in shown.text
    await world.message(anna, anna.room, "stop")
    [asks] = await world.command(anna, anna.room, "/prompt One thing: what is it?")
    assert asks.text.startswith("When shall I ask?")


async def test_there_is_room_for_five(story: Story) -> None:
    await story.plans("One?", "every Monday at 18:00")
    [first] = await story.kept(Schedule)
    async with story.world.work() as uow:
        for _ in range(4):
            uow.add(msgspec.structs.replace(first, id=uuid7()))
    await story.world.command(story.anna, story.anna.room, "/prompt")
    await story.world.press(story.anna, story.anna.room, "Plan a question")
    assert "There are five already." in story.world.alert
