"""A conversation of more rooms than one transaction holds: each hears once what is asked, told and said again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from uuid6 import uuid7

from bot.chat.keys import RoomKey
from bot.domain.needs import Help
from bot.domain.prompts import Occurrence, Schedule
from bot.domain.rooms import Room, RoomSecret
from bot.handlers import asking
from bot.store.records import Outbox
from tests.handlers.world import CHANNEL, Place, World

MANY = asking.CHUNK + 5


async def test_each_of_many_rooms_hears_once(tmp_path: Path) -> None:
    world = await World.begin(tmp_path)
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    places = [Place(RoomKey(CHANNEL, f"group-{number}"), private=False) for number in range(MANY)]
    async with world.work() as uow:
        for number, place in enumerate(places):
            made = Room(
                uuid7(), CHANNEL, world.keys.lookup("room", str(place.key)), RoomSecret(place.key), private=False,
                created_at=world.now, locale="en", conversation_id=conversation,
                zone="Europe/Helsinki" if number % 2 else "Europe/Stockholm",
            )  # fmt: skip
            uow.add(made)

    def heard(words: str) -> Counter[RoomKey]:
        return Counter(place.key for place in places for said in world.said(place) if words in said.text)

    each = {place.key: 1 for place in places}

    # a question that its host has planned, by the clocks of two zones
    await world.command(anna, anna.room, "/prompt")
    await world.press(anna, anna.room, "Plan a question")
    await world.message(anna, anna.room, "What is missing here?")
    await world.message(anna, anna.room, "today at 14:00")
    [planned] = await world.press(anna, anna.room, "Yes, ask then")
    assert f"I ask in {MANY} groups." in planned.text
    await world.wait(hours=3)
    assert heard("What is missing here?") == each
    async with world.work() as uow:
        [schedule] = await uow.select(Schedule, lambda query: query)
        [asked] = await uow.select(Occurrence, lambda query: query)
    assert (schedule.asked, schedule.state, asked.outcome) == (1, "ended", "asked")

    # a need that nobody came for is said again, and its earlier cards say so
    await world.command(anna, anna.room, "/need A ladder")
    await world.press(anna, anna.room, "All here, without my name")
    assert heard("A ladder") == each
    await world.wait(days=4)
    assert heard("A ladder") == each
    assert heard("You find it further down") == each

    # a season is told on a day of its own
    await world.command(anna, anna.room, "/season weighing")
    await world.press(anna, anna.room, "Tell the groups")
    await world.wait(days=1)
    assert heard("Now we weigh the ideas.\nWhat") == each

    async with world.work() as uow:
        assert await uow.select(Outbox, lambda query: query) == []
        assert len(await uow.select(Help, lambda query: query)) == 1
    await world.end()
