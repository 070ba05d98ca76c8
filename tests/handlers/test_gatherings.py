"""Gatherings: planned, answered, full and moved up, changed and called off, reminded of, and what came of them."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest_asyncio
from icalendar import Calendar
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.events import ChoiceUndone
from bot.chat.keys import RoomKey
from bot.chat.port import Manner
from bot.crypto import Keyring, make_keys
from bot.domain.gatherings import Gathering, MeetingNote, Rsvp
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.open_space import Presence, Topic, TopicSecret
from bot.domain.rooms import Room as StoredRoom
from bot.domain.rooms import RoomSecret
from bot.handlers import gathering_times
from bot.store.engine import Database
from bot.store.records import Due
from bot.store.unit_of_work import UnitOfWork
from tests.handlers.deeds import (
    change_me,
    end_conversation,
    ideas_of,
    press_data,
    pressing,
    sealed,
    starts_anew,
    stranger,
)
from tests.handlers.world import CHANNEL, Memory, Place, Said, Who, World

STOCKHOLM = ZoneInfo("Europe/Stockholm")
THURSDAY = datetime(2026, 3, 5, 18, tzinfo=STOCKHOLM).astimezone(UTC)


@dataclass
class Story:
    """A conversation, a group of it, and four people."""

    world: World
    anna: Who
    bo: Who
    cia: Who
    dan: Who
    conversation: UUID
    group: Place

    async def plan(self, who: Who, *changes: str, words: str = "Fika about the path") -> Said:
        """Somebody plans a gathering on Thursday at six; gives its card in their private room."""
        await self.world.command(who, who.room, f"/meet {words}")
        await self.world.message(who, who.room, "Thursday 18:00")
        await self.world.message(who, who.room, "The library, Storgatan 1")
        for change in changes:
            await self.world.message(who, who.room, change)
        await self.world.press(who, who.room, "Plan it")
        return next(one for one in reversed(self.world.said(who.room)) if one.text.startswith("Gathering: "))

    def card(self, place: Place | None = None) -> Said:
        """The latest card in a room."""
        said = self.world.said(place or self.group)
        heads = ("Gathering: ", "Called off: ")
        return next(one for one in reversed(said) if one.text.startswith(heads) and len(one.labels) != 3)

    async def gathering(self) -> Gathering:
        async with self.world.work() as uow:
            [found] = await uow.select(Gathering, lambda query: query)
            return found

    async def comes(self, *people: Who, answer: str = "👍 I am coming") -> None:
        for who in people:
            await self.world.press(who, self.group, answer, on=self.card())

    async def seats(self) -> dict[str, int | None]:
        """Who comes on which seat."""
        async with self.world.work() as uow:
            found = await uow.select(Rsvp, lambda query: query)
            by = {(await self.world.participant(uow, self.conversation, who)).id: who.name for who in self.people}
            return {by[one.participant_id]: one.seat for one in found if one.answer == "yes"}

    @property
    def people(self) -> tuple[Who, ...]:
        return (self.anna, self.bo, self.cia, self.dan)

    def told(self, who: Who, since: int = 0) -> str:
        """All that somebody reads in private."""
        return "\n".join(one.text for one in self.world.said(who.room)[since:])

    def read(self, who: Who) -> int:
        return len(self.world.said(who.room))

    async def until(self, at: datetime) -> None:
        """Let time pass, hour by hour."""
        while self.world.now < at:
            self.world.now = min(at, self.world.now + timedelta(hours=6))
            await self.world.settle()


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


@pytest_asyncio.fixture
async def story(world: World) -> Story:
    people = [await world.person(name) for name in ("Anna", "Bo", "Cia", "Dan")]
    conversation = await world.conversation(*people)
    return Story(world, *people, conversation, await world.group("Street", conversation))


def calendar_of(said: Said) -> Calendar:
    """The calendar file that goes with a message, read again."""
    file = said.message.attachment
    assert file is not None
    assert (file.name, file.mime) == ("gathering.ics", "text/calendar")
    found = Calendar.from_ical(file.data)
    assert isinstance(found, Calendar)
    return found


async def test_it_is_planned_shown_in_the_rooms_and_answered_there(world: World, story: Story) -> None:
    [empty] = await world.command(story.anna, story.anna.room, "/meet")
    assert "No gathering is planned yet" in empty.text
    await story.plan(story.anna, "how many fit", "12")

    card = story.card()
    assert card.text.startswith(
        "Gathering: Fika about the path\nWhen: Thursday 5 March 18:00 to 20:00\nWhere: The library, Storgatan 1\n"
        "There is room for 12 people.\n1 is coming: Anna."
    )
    assert card.labels == ["👍 I am coming", "🤷 Maybe", "👎 I cannot come", "Calendar file", "More"]
    await story.comes(story.bo)
    assert world.alert == "You are coming: Thursday 5 March 18:00. I have written to you in private."
    await story.comes(story.cia, answer="🤷 Maybe")
    assert "2 are coming: Anna and Bo.\n1 may come." in card.text
    await story.comes(story.bo)
    assert "that you are coming" in world.alert, "a second press says how it is"

    receipt = world.last(story.bo.room)
    [event] = calendar_of(receipt).walk("VEVENT")
    assert event["SUMMARY"] == "Fika about the path"
    await world.press(story.bo, story.bo.room, "Do not show my name", on=receipt)
    assert "2 are coming: Anna, and 1 more." in card.text
    await story.comes(story.bo, answer="👎 I cannot come")
    assert "1 is coming: Anna." in card.text

    [shown] = await world.command(story.dan, story.dan.room, "/traff")
    assert "1. Fika about the path\nThursday 5 March 18:00. 1 is coming." in shown.text
    await world.press(story.dan, story.dan.room, "1. Fika", on=shown)
    assert world.last(story.dan.room).text.startswith("Gathering: Fika about the path")


async def test_a_time_at_the_end_of_the_words_is_when_also_the_next_morning(world: World, story: Story) -> None:
    tomorrow = world.now + timedelta(days=1)
    [asked] = await world.command(story.anna, story.anna.room, "/meet Fika about the path, tomorrow at 18:30")
    assert asked.text.startswith("Where do you meet?")
    world.now += timedelta(hours=20)
    await world.message(story.anna, story.anna.room, "The library")
    await world.press(story.anna, story.anna.room, "Plan it")

    planned = await story.gathering()
    assert planned.what == "Fika about the path"
    assert planned.at.astimezone(STOCKHOLM).date() == tomorrow.date()
    assert f"{planned.at.astimezone(STOCKHOLM):%H:%M}" == "18:30"


async def test_when_it_is_full_people_wait_and_move_up_by_themselves(world: World, story: Story) -> None:
    await story.plan(story.anna, "how many fit", "2")
    await story.comes(story.bo, story.cia, story.dan)
    assert world.alert.startswith("All 2 places are taken. You are on the waiting list")
    assert await story.seats() == {"Anna": 1, "Bo": 2, "Cia": None, "Dan": None}
    assert "2 are coming: Anna and Bo.\n2 are waiting for a place." in story.card().text
    before = story.read(story.cia)

    await story.comes(story.bo, answer="👎 I cannot come")
    assert await story.seats() == {"Anna": 1, "Cia": 2, "Dan": None}
    assert "There is a place for you now: Fika about the path" in story.told(story.cia, before)

    await world.wait(minutes=1)
    await story.comes(story.bo)
    assert await story.seats() == {"Anna": 1, "Bo": None, "Cia": 2, "Dan": None}, "at the end of the list"
    await world.press(story.anna, story.anna.room, "More", on=story.card(story.anna.room))
    await world.press(story.anna, story.anna.room, "Change the size")
    [refused] = await world.message(story.anna, story.anna.room, "1")
    assert "a number from 2 to 10000" in refused.text
    await world.message(story.anna, story.anna.room, "4 people")
    assert await story.seats() == {"Anna": 1, "Bo": 4, "Cia": 2, "Dan": 3}
    await world.press(story.anna, story.anna.room, "More")
    await world.press(story.anna, story.anna.room, "Change the size")
    [refused] = await world.message(story.anna, story.anna.room, "2")
    assert "More than that are coming already" in refused.text
    await world.press(story.anna, story.anna.room, "As many as come")
    assert "4 are coming" in story.card().text


async def test_of_two_who_want_the_last_place_at_once_one_gets_it(postgresql_database: Database) -> None:
    """Two processes: the second takes its press while the first is still at its own."""
    world = World(postgresql_database, Keyring(make_keys()), Memory())
    second = World(postgresql_database, world.keys, world.network)
    people = [await world.person(name) for name in ("Anna", "Bo", "Cia", "Dan")]
    conversation = await world.conversation(*people)
    story = Story(world, *people, conversation, await world.group("Street", conversation))
    await story.plan(story.anna, "how many fit", "2")
    one = await story.gathering()
    data = await sealed(world, story.group, Action("rsvp", conversation, one.id, "yes"))
    bos, cias = (pressing(world, who, story.group, data, press=who.name) for who in (story.bo, story.cia))
    others: list[asyncio.Task[int]] = []

    async def meanwhile(_uow: UnitOfWork) -> Callable[[], None]:
        if not others:
            await world.intake.accept([cias])
            others.append(asyncio.create_task(second.dispatcher.once()))
            await asyncio.sleep(0.2)
        return lambda: None

    world.dispatcher.outgoing = meanwhile
    await world.intake.accept([bos])
    assert (await world.dispatcher.once(), await others[0]) == (1, 1)
    await world.settle()

    assert await story.seats() == {"Anna": 1, "Bo": 2, "Cia": None}
    assert world.answers["Bo"].text.startswith("You are coming")
    assert second.answers["Cia"].text.startswith("All 2 places are taken. You are on the waiting list")


async def test_it_is_moved_and_called_off_and_those_who_come_hear_of_it(world: World, story: Story) -> None:
    await story.plan(story.anna)
    await story.comes(story.bo)
    await story.comes(story.cia, answer="🤷 Maybe")
    [first] = calendar_of(world.last(story.bo.room)).walk("VEVENT")
    await world.press(story.bo, story.bo.room, "Calendar file", on=story.card())
    before = {who.name: story.read(who) for who in story.people}

    await world.wait(minutes=1)
    [panel] = await world.press(story.anna, story.anna.room, "More")
    await world.press(story.anna, story.anna.room, "Change the time", on=panel)
    [asked] = await world.message(story.anna, story.anna.room, "yesterday at 18")
    assert "That has passed already" in asked.text
    await world.message(story.anna, story.anna.room, "Friday 18:30")
    assert "Friday 6 March 18:30 to 20:30" in story.card().text
    async with world.work() as uow:
        waits = {due.kind: due.at for due in await uow.select(Due, lambda query: query)}
    friday = THURSDAY + timedelta(hours=24, minutes=30)
    assert waits[gathering_times.DAY] == friday - timedelta(days=1)
    assert waits[gathering_times.HOUR] == friday - timedelta(hours=1)
    await world.wait(hours=30)
    for who in (story.bo, story.cia):
        assert "There is a new time for this:" in story.told(who, before[who.name])
    assert story.read(story.dan) == before["Dan"]
    await world.press(story.bo, story.bo.room, "Calendar file")
    [moved] = calendar_of(world.last(story.bo.room)).walk("VEVENT")
    assert moved["UID"] == first["UID"]
    assert (first["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert moved["DTSTART"].dt == datetime(2026, 3, 6, 18, 30, tzinfo=STOCKHOLM)
    assert moved["DTSTAMP"].dt > first["DTSTAMP"].dt
    assert moved["LAST-MODIFIED"].dt > first["LAST-MODIFIED"].dt

    await world.press(story.anna, story.anna.room, "More")
    [sure] = await world.press(story.anna, story.anna.room, "Call it off")
    assert "Those who come are told." in sure.text
    await world.press(story.anna, story.anna.room, "Call it off", on=sure)
    assert story.card().text.startswith("Called off: Fika about the path")
    assert story.card().labels == []
    await world.wait(hours=30)
    [file] = await world.press(story.bo, story.bo.room, "Take it out of my calendar")
    [off] = calendar_of(file).walk("VEVENT")
    assert (off["UID"], off["STATUS"], off["SEQUENCE"]) == (first["UID"], "CANCELLED", 2)
    async with world.work() as uow:
        assert await uow.select(Due, lambda query: query) == []


async def test_who_is_late_to_hear_of_a_change_hears_at_once(world: World, story: Story) -> None:
    await story.plan(story.anna)
    await story.comes(story.bo)
    await story.until(THURSDAY - timedelta(hours=5))
    before = story.read(story.bo)
    one = await story.gathering()
    call_off = await sealed(world, story.anna.room, Action("gathering", story.conversation, one.id, "offyes"))
    await press_data(world, story.anna, story.anna.room, call_off)
    assert "Called off: Fika about the path" in story.told(story.bo, before)


async def test_reminders_come_a_day_and_an_hour_before_also_after_a_restart(world: World, story: Story) -> None:
    await story.plan(story.anna)
    await story.comes(story.bo, story.dan)
    await story.comes(story.cia, answer="🤷 Maybe")
    await story.comes(story.dan, answer="👎 I cannot come")
    eva = await world.person("Eva", locale="sv")
    await world.press(eva, story.group, "👍 I am coming", on=story.card())
    assert world.alert == "Du kommer: torsdag 5 mars 18:00. Jag har skrivit till dig privat."
    assert world.last(eva.room).text.startswith(
        "Du kommer: Fika about the path\nNär: torsdag 5 mars 18:00 till 20:00\nVar: "
    )
    starts_anew(world)
    before = {who.name: story.read(who) for who in story.people}
    await story.until(THURSDAY - timedelta(days=1))
    assert story.told(story.bo, before["Bo"]).count("Soon: Fika about the path") == 1
    starts_anew(world)
    await story.until(THURSDAY - timedelta(minutes=59))
    told = story.told(story.bo, before["Bo"])
    assert (told.count("Soon:"), told.count("In an hour: Fika about the path")) == (1, 1)
    assert "In an hour" in story.told(story.anna, before["Anna"])
    assert "Snart: Fika about the path" in story.told(eva)
    assert "Om en timme: Fika about the path" in story.told(eva)
    for who in (story.cia, story.dan):
        assert story.read(who) == before[who.name]

    await story.until(THURSDAY + timedelta(hours=4))
    assert "You have met" not in story.told(story.anna), "it is evening"
    await story.until(THURSDAY + timedelta(hours=14))
    asked = world.last(story.anna.room)
    assert asked.text.startswith("You have met: Fika about the path")
    assert story.card().labels == ["More"], "nobody can answer any more"
    await world.press(story.anna, story.anna.room, "Write notes", on=asked)
    [kept] = await world.message(story.anna, story.anna.room, "- A lamp\n- A bench")
    assert "go into the harvest" in kept.text
    await world.press(story.anna, story.anna.room, "Give its lines as ideas", on=kept)
    await world.press(story.anna, story.anna.room, "Yes, give them all")
    await world.press(story.anna, story.anna.room, "Give them without my name")
    found = await ideas_of(world, story.conversation)
    assert [(one.text, one.from_meeting) for one in found] == [("A lamp", True), ("A bench", True)]


async def test_the_day_before_waits_for_the_morning_and_the_hour_before_does_not(world: World, story: Story) -> None:
    await world.command(story.anna, story.anna.room, "/meet Look at the stars")
    await world.message(story.anna, story.anna.room, "Thursday 23:00")
    await world.command(story.anna, story.anna.room, "/skip")
    await world.press(story.anna, story.anna.room, "Plan it")
    before = story.read(story.anna)
    night = THURSDAY + timedelta(hours=5)
    await story.until(night - timedelta(hours=20))
    assert story.read(story.anna) == before, "at night nobody is told what is a day away"
    await story.until(night - timedelta(hours=14))
    assert "Soon: Look at the stars" in story.told(story.anna, before)
    await story.until(night - timedelta(hours=1))
    assert "In an hour: Look at the stars" in story.told(story.anna, before)


async def test_a_day_before_is_told_by_the_clocks_where_they_change(world: World, story: Story) -> None:
    """The clocks go on in the night before Sunday 29 March 2026."""
    await world.command(story.anna, story.anna.room, "/meet A walk")
    [asked] = await world.message(story.anna, story.anna.room, "29 March 2:30")
    assert "there is no such time" in asked.text
    await world.message(story.anna, story.anna.room, "29 March 10:00")
    await world.command(story.anna, story.anna.room, "/skip")
    await world.press(story.anna, story.anna.room, "Plan it")
    one = await story.gathering()
    assert one.at - one.a_day_before == timedelta(hours=23)
    async with world.work() as uow:
        at = {due.kind: due.at for due in await uow.select(Due, lambda query: query)}
    assert at == {
        gathering_times.DAY: datetime(2026, 3, 28, 10, tzinfo=STOCKHOLM),
        gathering_times.HOUR: datetime(2026, 3, 29, 9, tzinfo=STOCKHOLM),
        gathering_times.AFTER: datetime(2026, 3, 29, 13, tzinfo=STOCKHOLM),
    }


async def test_a_helper_group_meets_in_its_own_rooms(world: World, story: Story) -> None:
    helpers = Place(RoomKey(CHANNEL, "helpers"), private=False)
    async with world.work() as uow:
        me = {who.name: await world.participant(uow, story.conversation, who) for who in story.people}
        group = HelperGroup(
            story.conversation, uuid7(), me["Anna"].id, "Build a bench", "", "", "", world.now, members=3
        )
        uow.add(group)
        for name in ("Anna", "Bo", "Cia"):
            uow.add(GroupMember(story.conversation, group.id, me[name].id, world.now))
        lookup = world.keys.lookup("room", str(helpers.key))
        uow.add(
            StoredRoom(
                uuid7(), CHANNEL, lookup, RoomSecret(helpers.key, "Helpers"), private=False, created_at=world.now,
                locale="sv", conversation_id=story.conversation, group_id=group.id,
            )
        )  # fmt: skip
    before = {who.name: story.read(who) for who in story.people}
    [led] = await world.command(story.bo, helpers, "/traff")
    assert "Build a bench" in led.text
    await world.press(story.bo, helpers, "Plan a gathering", on=led)
    await world.message(story.bo, story.bo.room, "Choose the wood")
    await world.message(story.bo, story.bo.room, "Thursday 18:00")
    await world.command(story.bo, story.bo.room, "/skip")
    await world.press(story.bo, story.bo.room, "Plan it")
    assert world.last(helpers).text.startswith("Träff: Choose the wood\nNär: torsdag 5 mars 18:00 till 20:00")
    assert not any("Choose the wood" in one.text for one in world.said(story.group)), "only in the group's own rooms"
    await world.wait(hours=30)
    assert "Bo asks you to meet with “Build a bench”." in story.told(story.cia, before["Cia"])
    assert story.read(story.dan) == before["Dan"]
    [coming] = await world.press(story.cia, story.cia.room, "👍 I am coming")
    assert coming.text.startswith("You are coming: Choose the wood")
    one = await story.gathering()
    more = await sealed(world, story.anna.room, Action("gathering", story.conversation, one.id, "when"))
    await press_data(world, story.anna, story.anna.room, more)
    assert "When do you meet?" in world.last(story.anna.room).text, "the group's convener runs it too"
    await story.until(THURSDAY + timedelta(hours=14))
    asked = next(said for said in world.said(story.bo.room) if said.text.startswith("You have met"))
    [step] = await world.press(story.bo, story.bo.room, "A next step", on=asked)
    assert "next step" in step.text.lower()


async def test_strange_answers_are_answered_kindly(world: World, story: Story) -> None:
    [asked] = await world.command(story.anna, story.anna.room, "/meet " + "x" * 4000)
    assert "at most 300 fit" in asked.text
    await world.message(story.anna, story.anna.room, "Fika")
    [asked] = await world.message(story.anna, story.anna.room, "12/1")
    assert len(asked.labels) > 2, "which day that is, is asked"
    [asked] = await world.message(story.anna, story.anna.room, "yesterday at 10")
    assert "That has passed already" in asked.text
    [asked] = await world.message(story.anna, story.anna.room, "Thursday 18:00 London time")
    assert "19:00" in asked.labels[1], "another zone is told by the clocks here"
    await world.press(story.anna, story.anna.room, asked.labels[0], on=asked)
    [asked] = await world.message(story.anna, story.anna.room, "y" * 4000)
    assert "at most 300 fit" in asked.text
    await world.command(story.anna, story.anna.room, "/skip")
    await world.message(story.anna, story.anna.room, "how many fit")
    [asked] = await world.message(story.anna, story.anna.room, "many")
    assert "Please write a number" in asked.text
    [asked] = await world.message(story.anna, story.anna.room, "99 999")
    assert "from 2 to 10000" in asked.text
    await world.message(story.anna, story.anna.room, "10 000")
    [*_, card, _file] = await world.press(story.anna, story.anna.room, "Plan it")
    assert "There is room for 10000 people." in card.text


async def test_what_is_over_or_off_takes_no_answer_and_no_change(world: World, story: Story) -> None:
    await story.plan(story.anna)
    one = await story.gathering()
    buttons = {
        arg: await sealed(world, story.bo.room, Action("rsvp", story.conversation, one.id, arg))
        for arg in ("yes", "maybe", "no", "hide", "odd")
    }
    assert "Answer first" in await press_data(world, story.bo, story.bo.room, buttons["hide"])
    assert "button is from before" in await press_data(world, story.bo, story.bo.room, buttons["odd"])
    when = await sealed(world, story.bo.room, Action("gathering", story.conversation, one.id, "when"))
    assert "Only whoever arranges" in await press_data(world, story.bo, story.bo.room, when)
    await change_me(world, story.conversation, story.bo, muted_until=world.now + timedelta(days=9))
    assert await press_data(world, story.bo, story.bo.room, buttons["yes"]) == "", "who is paused may come"
    assert await story.seats() == {"Anna": 1, "Bo": 2}
    await end_conversation(world, story.conversation)
    assert "has ended" in await press_data(world, story.bo, story.bo.room, buttons["maybe"])
    assert "cannot come" in await press_data(world, story.bo, story.bo.room, buttons["no"])
    await story.until(THURSDAY + timedelta(hours=4))
    for arg in ("yes", "no"):
        assert await press_data(world, story.bo, story.bo.room, buttons[arg]) == "This gathering is over."
    assert "You have met" not in story.told(story.anna), "nobody is asked for notes in what has ended"


async def test_the_next_in_line_takes_over_when_the_convener_is_erased(world: World, story: Story) -> None:
    await story.plan(story.bo, "how many fit", "2")
    await story.comes(story.dan, story.cia)
    await world.command(story.bo, story.bo.room, "/forget")
    await world.press(story.bo, story.bo.room, "Erase")
    one = await story.gathering()
    async with world.work() as uow:
        assert one.convener_id == (await world.participant(uow, story.conversation, story.anna)).id
    await world.wait(hours=30)
    assert "It is in your hands now." in story.told(story.anna)
    assert "There is a place for you now" in story.told(story.cia)


async def test_who_blocked_the_bot_holds_nobody_up(world: World, story: Story) -> None:
    await story.plan(story.anna)
    await story.comes(story.bo, story.cia)
    world.network.gone.add(story.bo.room.key)
    before = story.read(story.cia)
    await story.until(THURSDAY - timedelta(minutes=30))
    assert "In an hour" in story.told(story.cia, before)


async def test_what_somebody_said_of_gatherings_is_theirs_to_get_and_to_erase(world: World, story: Story) -> None:
    await story.plan(story.anna)
    await story.comes(story.bo)
    await story.until(THURSDAY + timedelta(hours=14))
    one = await story.gathering()
    async with world.work() as uow:
        bo = await world.participant(uow, story.conversation, story.bo)
        topic = Topic(story.conversation, uuid7(), one.id, 1, bo.id, "Lamps", world.now, None, TopicSecret("Stage"))
        uow.add(topic)
        uow.add(Presence(story.conversation, one.id, bo.id, topic.id, (topic.id,)))
        uow.add(MeetingNote(story.conversation, uuid7(), one.id, bo.id, "More light", world.now, topic.id))
    [told] = await world.command(story.bo, story.bo.room, "/mydata")
    assert told.message.attachment is not None
    with zipfile.ZipFile(io.BytesIO(told.message.attachment.data)) as archive:
        [mine] = json.loads(archive.read("my-data.json"))["conversations"][0]["gatherings"]
    assert (mine["what"], mine["answer"], mine["convened"], mine["been_at"]) == (None, "yes", False, 1)
    assert [each["title"] for each in mine["topics"]] == ["Lamps"]
    assert [each["text"] for each in mine["notes"]] == ["More light"]

    await world.command(story.bo, story.bo.room, "/forget")
    await world.press(story.bo, story.bo.room, "Erase all")
    async with world.work() as uow:
        kept: list[object] = []
        for record in (Rsvp, Topic, Presence, MeetingNote):
            kept += await uow.select(record, lambda query: query)
    assert "Lamps" not in repr(kept)
    assert "More light" not in repr(kept)
    assert [one for one in kept if not isinstance(one, Topic)] == [
        Rsvp(story.conversation, one.id, one.convener_id, "yes", one.created_at, 1)
    ]


async def test_where_nobody_is_left_to_hold_it_it_is_called_off(world: World) -> None:
    zoe = await world.person("Zoe")
    await world.conversation(zoe)
    await world.command(zoe, zoe.room, "/meet Fika alone")
    await world.message(zoe, zoe.room, "Thursday 18:00")
    await world.command(zoe, zoe.room, "/skip")
    await world.press(zoe, zoe.room, "Plan it")
    await world.command(zoe, zoe.room, "/forget")
    await world.press(zoe, zoe.room, "Erase all")
    async with world.work() as uow:
        [one] = await uow.select(Gathering, lambda query: query)
        assert (one.state, one.what, one.where) == ("off", "", "")
        assert not [due for due in await uow.select(Due, lambda query: query) if due.kind.startswith("meet")]


async def test_where_choices_stay_to_be_seen_one_is_taken_back_with_its_sign(world: World, story: Story) -> None:
    await story.plan(story.anna)
    world.network.manner = Manner(before_all=True, opens=True)
    card = story.card()
    await story.comes(story.bo)
    receipt = world.last(story.group)
    assert receipt.message.only_for == story.bo.account.id
    assert receipt.message.attachment is not None
    assert await story.seats() == {"Anna": 1, "Bo": 2}
    [yes] = [choice.data for choice in card.choices if choice.label == "👍 I am coming"]
    happening = world._happening(story.group, world.sender(story.bo))
    await world.happens(ChoiceUndone(**happening, message_id=card.id, data=yes))
    assert await story.seats() == {"Anna": 1}


async def test_what_a_newcomer_writes_in_the_group_waits_for_them_in_private(story: Story) -> None:
    world, eva = story.world, stranger("Eva")
    [led] = await world.command(eva, story.group, "/meet Paint the fence")
    assert led.labels == ["Go on in private"]
    # it is theirs alone, and happens once
    [refused] = await world.press(story.bo, story.group, "Go on in private", on=led)
    assert "somebody else" in refused.text
    asked = await world.press(eva, story.group, "Go on in private", on=led)
    assert any("When do you meet?" in one.text for one in asked), "what it is about is known"
    await world.message(eva, eva.room, "Thursday 18:00")
    await world.message(eva, eva.room, "skip")
    assert "Paint the fence" in world.last(eva.room).text
    [stale] = await world.press(eva, story.group, "Go on in private", on=led)
    assert "from before" in stale.text


async def test_a_gathering_is_a_harvest_before_the_first_idea(story: Story) -> None:
    world = story.world
    await story.plan(story.bo)
    await story.until(THURSDAY + timedelta(hours=4))
    [short] = await world.command(story.anna, story.group, "/harvest")
    assert "We have met once." in short.text


async def test_who_comes_hears_that_it_is_hidden_not_in_its_words_and_that_it_is_shown_again(
    world: World, story: Story
) -> None:
    await story.plan(story.bo)
    await story.comes(story.cia)
    await story.comes(story.dan, answer="🤷 Maybe")
    one = await story.gathering()

    async def judge(verb: str) -> dict[str, str]:
        before = {who.name: story.read(who) for who in story.people}
        await press_data(
            world, story.anna, story.anna.room,
            await sealed(world, story.anna.room, Action(verb, story.conversation, one.id, "ask")),
        )  # fmt: skip
        if verb == "hide":
            await world.press(story.anna, story.anna.room, "1")
        await world.wait(hours=24)
        return {who.name: story.told(who, before[who.name]) for who in story.people}

    told = await judge("hide")
    for name in ("Cia", "Dan"):
        assert "A moderator has hidden a gathering that you answered: Thursday 5 March 18:00." in told[name]
        assert "Fika" not in told[name]
    assert "that you answered" not in told["Anna"] + told["Bo"], "one has done it, the other is told why"
    told = await judge("restore")
    for name in ("Cia", "Dan"):
        assert "A moderator has shown this gathering again." in told[name]
    assert "this gathering again" not in told["Anna"] + told["Bo"]


async def test_a_number_is_how_many_fit_and_letters_lead_out(world: World, story: Story) -> None:
    await story.plan(story.anna)
    await world.command(story.anna, story.anna.room, "/meet")
    await world.press(story.anna, story.anna.room, "1. ")
    await world.press(story.anna, story.anna.room, "More")
    await world.press(story.anna, story.anna.room, "Change the size")
    [stopped] = await world.message(story.anna, story.anna.room, "b")
    assert stopped.text.startswith("Stopped:")
    await world.press(story.anna, story.anna.room, "More")
    await world.press(story.anna, story.anna.room, "Change the size")
    await world.message(story.anna, story.anna.room, "2")
    assert (await story.gathering()).seats == 2


async def test_a_number_answers_the_latest_message_and_no_card_that_changes_above_it(story: Story) -> None:
    world = story.world
    await story.plan(story.bo)
    await story.until(THURSDAY + timedelta(hours=18))
    assert world.last(story.bo.room).text.startswith("You have met")
    [asked] = await world.message(story.bo, story.bo.room, "1")
    assert "What did you say and decide?" in asked.text
