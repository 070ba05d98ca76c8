"""Open Space: a day with sixty people and twelve topics, who moves where, and the book of what was said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.keys import AccountKey, RoomKey
from bot.domain.gatherings import Gathering
from bot.domain.open_space import Presence, Topic, slots
from bot.domain.people import (
    CONSENT_VERSION,
    Account,
    AccountSecret,
    Membership,
    MembershipSecret,
    Participant,
    ParticipantSecret,
    Person,
    PersonSecret,
)
from bot.domain.rooms import Room, RoomSecret
from bot.store.harvest import load_harvest
from bot.views.buttons import seal
from tests.handlers.deeds import ideas_of, press_data, pressing, sealed
from tests.handlers.world import CHANNEL, Place, Said, Who, World

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NINE = datetime(2026, 3, 7, 9, tzinfo=STOCKHOLM).astimezone(UTC)
"""A Saturday."""
PEOPLE, TOPICS = 60, 12


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def crowd(world: World, conversation: UUID, count: int) -> list[Who]:
    """So many people who take part, and have said yes."""
    people = []
    async with world.work() as uow:
        for number in range(count):
            key = AccountKey(CHANNEL, f"person-{number}")
            place = Place(RoomKey(CHANNEL, f"private-person-{number}"), private=True)
            lookup = world.keys.lookup("room", str(place.key))
            room = Room(
                uuid7(), CHANNEL, lookup, RoomSecret(place.key), private=True, created_at=world.now, locale="en"
            )  # fmt: skip
            person = Person(
                uuid7(), world.now, "en", consent_version=CONSENT_VERSION, consent_at=world.now,
                secret=PersonSecret((conversation,), conversation),
            )  # fmt: skip
            account = Account(
                uuid7(), person.id, CHANNEL, world.keys.lookup("account", str(key)), AccountSecret(key, f"P{number}"),
                private_room_id=room.id,
            )  # fmt: skip
            one = Participant(conversation, uuid7(), world.now, ParticipantSecret(f"P{number}"))
            lookup = world.keys.lookup("member", conversation.bytes, person.id.bytes)
            for record in (
                room,
                person,
                account,
                one,
                Membership(conversation, one.id, lookup, MembershipSecret(person.id)),
            ):
                uow.add(record)
            people.append(Who(f"P{number}", key, place, "en"))
    return people


async def plan(world: World, who: Who) -> Gathering:
    """Somebody plans an Open Space for Saturday; gives it."""
    await world.command(who, who.room, "/meet")
    await world.press(who, who.room, "Plan an Open Space")
    await world.message(who, who.room, "What will Nora be in ten years?")
    await world.message(who, who.room, "Saturday 9:00")
    await world.message(who, who.room, "The school")
    await world.press(who, who.room, "Plan it")
    async with world.work() as uow:
        [one] = await uow.select(Gathering, lambda query: query)
    return one


def card(world: World, place: Place) -> Said:
    """The Open Space's card in a room."""
    return next(one for one in reversed(world.said(place)) if one.text.startswith("Open Space: "))


async def post(world: World, who: Who, title: str, slot: str, place: str) -> None:
    """Somebody brings a topic."""
    await world.command(who, who.room, f"/topic {title}")
    await world.message(who, who.room, slot)
    await world.message(who, who.room, place)


@dataclass
class Day:
    """An Open Space of sixty people, in a conversation and a group of it."""

    world: World
    anna: Who
    people: list[Who]
    conversation: UUID
    square: Place
    one: Gathering

    async def topics(self) -> list[Topic]:
        async with self.world.work() as uow:
            found = await uow.select(Topic, lambda query: query)
        return sorted(found, key=lambda each: each.number)

    async def presences(self) -> list[Presence]:
        async with self.world.work() as uow:
            return await uow.select(Presence, lambda query: query)

    async def presses(self, who: Who, action: Action) -> str:
        data = await sealed(self.world, who.room, action)
        return await press_data(self.world, who, who.room, data)

    async def goes(self, who: Who, topic: Topic) -> str:
        """Somebody says that they are there; gives what they are told."""
        return await self.presses(who, Action("here", topic.conversation_id, topic.id))

    async def moves(self, topics: list[Topic]) -> None:
        """Let everybody be at three topics, one after the other: a hundred and eighty presses."""
        happening = []
        for hour in range(3):
            for number, who in enumerate(self.people):
                topic = topics[(number + 5 * hour) % TOPICS]
                lookup = self.world.keys.lookup("room", str(who.room.key))
                data = seal(Action("here", self.conversation, topic.id), lookup, self.world.keys)
                happening.append(pressing(self.world, who, who.room, data, press=f"go-{hour}-{number}"))
        await self.world.happens(*happening)


@pytest_asyncio.fixture
async def day(world: World) -> Day:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    square = await world.group("Square", conversation)
    people = await crowd(world, conversation, PEOPLE)
    return Day(world, anna, people, conversation, square, await plan(world, anna))


async def test_a_day_of_sixty_people_and_twelve_topics(world: World, day: Day) -> None:
    shown = card(world, day.square)
    assert "Whoever comes is just who was needed." in shown.text
    assert "And one law, of your two feet" in shown.text
    assert "After Harrison Owen, Open Space Technology." in shown.text
    await world.press(day.people[0], day.square, "The marketplace", on=shown)
    assert "The wall is empty" in world.last(day.square).text

    topics = await _the_wall_fills(world, day)
    assert "1. Topic of person 0 (10:00, Table 0)" in shown.text
    assert "Whoever comes is just who was needed." not in shown.text, "the wall takes the place of the principles"
    await _everybody_moves(world, day, topics)
    await _notes_are_written(world, day, topics)

    world.now = day.one.ends_at + timedelta(hours=1)
    await world.settle()
    book = next(said for said in world.said(day.square) if said.text.startswith("The book of the day"))
    assert "1. Topic of person 0\nWe agreed on thing 0 · And on another · A lamp · A bench" in book.text
    assert "… and 4 more topics" in book.text
    assert book.labels == ["Where do we put our energy?", "The marketplace", "The harvest"]
    assert len(book.text) < 1400
    assert "This gathering is over." in await day.goes(day.people[3], topics[3])
    assert await day.presences() == [], "nobody is told to have been anywhere"
    await _the_harvest_tells(world, day)


async def _the_wall_fills(world: World, day: Day) -> list[Topic]:
    for number in range(TOPICS):
        slot = "10:00" if number < 4 else "11.30" if number < 8 else "after lunch"
        await post(world, day.people[number], f"Topic of person {number}", slot, f"Table {number % 4}")
    topics = await day.topics()
    assert [each.number for each in topics] == list(range(1, TOPICS + 1))
    assert [each.at for each in topics[3:5]] == [NINE + timedelta(hours=1), NINE + timedelta(hours=2, minutes=30)]
    assert (topics[8].at, topics[8].secret.slot) == (None, "after lunch")
    return topics


async def test_a_topic_is_taken_down_by_who_brought_it_or_hosts(world: World, day: Day) -> None:
    await post(world, day.people[0], "Lamps", "10:00", "Table 1")
    await post(world, day.people[1], "Cats", "10:00", "Table 2")
    lamps, cats = await day.topics()
    assert "Only whoever brought" in await day.presses(
        day.people[1], Action("topic", day.conversation, lamps.id, "down")
    )
    await world.press(day.people[0], day.people[0].room, "More")
    await world.press(day.people[0], day.people[0].room, "Take it down")
    assert "2. Cats" in card(world, day.square).text
    assert "Lamps" not in card(world, day.square).text
    assert "not here any more" in await day.goes(day.people[2], lamps)
    await day.presses(day.anna, Action("topic", day.conversation, cats.id, "down"))
    assert "Whoever comes is just who was needed." in card(world, day.square).text
    await post(world, day.people[0], "Lamps again", "11:00", "Table 1")
    assert "3. Lamps again" in card(world, day.square).text


async def test_a_topic_is_moved_by_who_brought_it_or_hosts_and_shares_a_place_kindly(world: World, day: Day) -> None:
    bo, cia, dan = day.people[:3]
    await post(world, bo, "Lamps", "10:00", "Table 1")
    await post(world, cia, "Cats", "kl 11", "Table 2")
    lamps, cats = await day.topics()
    assert cats.at == NINE + timedelta(hours=2)
    await world.press(dan, dan.room, "More", on=(await _card_of(world, day, dan, cats)))
    assert "Another time" not in world.last(dan.room).labels
    for field in ("when", "where", "down"):
        assert "Only whoever brought" in await day.presses(dan, Action("topic", day.conversation, cats.id, field))

    seen = await _card_of(world, day, dan, cats)
    await world.press(cia, cia.room, "More", on=(await _card_of(world, day, cia, cats)))
    await world.press(cia, cia.room, "Another place")
    await world.press(cia, cia.room, "Table 1")
    assert "11:00, Table 1" in seen.text, "who has its card sees where it is"
    await world.press(cia, cia.room, "More")
    await world.press(cia, cia.room, "Another time")
    await world.message(cia, cia.room, "10.30")
    told = world.said(cia.room)[-2].text
    assert "Topic 1, “Lamps”, is in the same place then." in told
    assert "Perhaps you can share it." in told
    assert "2. Cats (10:30, Table 1)" in card(world, day.square).text

    await day.presses(day.anna, Action("topic", day.conversation, lamps.id, "when"))
    await world.message(day.anna, day.anna.room, "after lunch")
    assert "1. Lamps (after lunch, Table 1)" in card(world, day.square).text

    when = await sealed(world, day.anna.room, Action("gathering", day.conversation, day.one.id, "when"))
    await press_data(world, day.anna, day.anna.room, when)
    await world.message(day.anna, day.anna.room, "Sunday 10:00")
    assert (await day.topics())[1].at == NINE + timedelta(days=1, hours=2, minutes=30), "topics go with the day"

    # on the day, whoever is at a topic is told where it is now: once, and nobody else
    world.now = NINE + timedelta(days=1, hours=2)
    for who in (cia, dan):
        await day.goes(who, cats)
    there, elsewhere = len(world.said(dan.room)), len(world.said(bo.room))
    await day.presses(cia, Action("topic", day.conversation, cats.id, "where"))
    await world.message(cia, cia.room, "Under the oak")
    assert world.last(dan.room).text == "Topic 2, “Cats”, is here now:\n11:30, Under the oak"
    await day.presses(day.anna, Action("topic", day.conversation, cats.id, "down"))
    assert world.last(dan.room).text == "Topic 2, “Cats”, is taken down."
    assert len(world.said(dan.room)) == there + 2
    assert world.last(cia.room).text == "Topic 2, “Cats”, is taken down."
    assert len(world.said(bo.room)) == elsewhere

    world.now = NINE + timedelta(days=2)
    assert "over" in await day.presses(day.anna, Action("topic", day.conversation, lamps.id, "when"))


async def _card_of(world: World, day: Day, who: Who, topic: Topic) -> Said:
    await day.presses(who, Action("topic", day.conversation, topic.id))
    return world.last(who.room)


async def _everybody_moves(world: World, day: Day, topics: list[Topic]) -> None:
    assert "has not begun yet" in await day.goes(day.people[20], topics[0])
    world.now = NINE + timedelta(minutes=30)
    await day.moves(topics)
    where = await day.presences()
    assert len(where) == PEOPLE, "each is at one place"
    assert all(len(each.been) == 3 and each.topic_id == each.been[-1] for each in where)
    assert await day.goes(day.people[0], topics[0]) == "You are at topic 1. You are 6 there now."
    [market] = await world.command(day.anna, day.anna.room, "/topic")
    assert "10:00, Table 0. 6 are there now." in market.text
    assert [market.labels[0], market.labels[6]] == ["1. Topic of person…", "I am at 1"]
    [more] = await world.press(day.anna, day.anna.room, "More topics", on=market)
    await world.press(day.anna, day.anna.room, "I am at 9", on=more)
    assert world.alert.startswith("You are at topic 9.")


async def _notes_are_written(world: World, day: Day, topics: list[Topic]) -> None:
    for number in range(TOPICS - 1):
        who = day.people[number]
        await world.press(who, who.room, "More")
        await world.press(who, who.room, "Write notes")
        await world.message(who, who.room, f"We agreed on thing {number}\nAnd on another")
    first, second = day.people[:2]
    await world.press(first, first.room, "Write more")
    [kept] = await world.message(first, first.room, "- A lamp\n- A bench")
    await world.press(first, first.room, "Give its lines as ideas", on=kept)
    await world.press(first, first.room, "Yes, give them all")
    await world.press(first, first.room, "Give them with my name")
    as_idea = Action("topicidea", day.conversation, topics[1].id)
    assert "idea 3 now" in await day.presses(second, as_idea)
    assert "idea 3 already" in await day.presses(second, as_idea)
    assert "Only whoever brought" in await day.presses(first, as_idea)
    assert [(each.text, each.from_meeting) for each in await ideas_of(world, day.conversation)] == [
        ("A lamp", True), ("A bench", True), ("Topic of person 1", True),
    ]  # fmt: skip


async def _the_harvest_tells(world: World, day: Day) -> None:
    async with world.work() as uow:
        harvest = await load_harvest(uow, day.conversation, world.now)
    [held] = harvest.gatherings
    assert (held.what, held.open_space, held.people) == ("What will Nora be in ten years?", True, None)
    assert len(held.topics) == TOPICS
    first, second = held.topics[:2]
    assert (first.title, first.people, first.idea) == ("Topic of person 0", 15, None)
    assert first.notes == ("We agreed on thing 0\nAnd on another", "- A lamp\n- A bench")
    assert second.idea == 3


def test_the_slots_leave_time_to_begin_and_to_end_together() -> None:
    one = uuid7()
    day = Gathering(one, one, one, "x", NINE, NINE + timedelta(hours=8), "Europe/Stockholm", NINE, NINE)
    assert [slot - NINE for slot in slots(day)] == [timedelta(hours=hour) for hour in range(1, 7)]
    short = Gathering(one, one, one, "x", NINE, NINE + timedelta(hours=1), "Europe/Stockholm", NINE, NINE)
    assert slots(short) == (NINE,)
