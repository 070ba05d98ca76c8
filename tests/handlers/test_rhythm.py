"""Seasons, the rhythm between two meetings, and how long a conversation lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.conversation import Conversation
from bot.domain.rhythm import STEPS, plan
from bot.store.records import Due
from tests.handlers.deeds import end_conversation
from tests.handlers.world import Place, Who, World

ZONE = "Europe/Stockholm"


@dataclass
class Story:
    """A conversation of a host and another, with a group."""

    world: World
    anna: Who
    bo: Who
    conversation: UUID
    group: Place

    async def until(self, day: int, hour: int = 12) -> None:
        """Let it be a day of March, at an hour in Stockholm."""
        self.world.now = datetime(2026, 3, day, hour, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        await self.world.settle()

    async def season(self) -> str:
        return (await self.kept()).season

    async def kept(self) -> Conversation:
        async with self.world.work() as uow:
            return await uow.need(Conversation, self.conversation)

    def titles(self, place: Place | None = None) -> list[str]:
        return [said.message.blocks[0].text for said in self.world.said(place or self.group)]


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    world = await World.begin(tmp_path)
    anna, bo = [await world.person(name) for name in ("Anna", "Bo")]
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, bo, "A bench by the lake")
    yield Story(world, anna, bo, conversation, await world.group("Street", conversation))
    await world.end()


# -- seasons --------------------------------------------------------------------------------------------------


async def test_a_season_changes_what_is_suggested_and_nothing_else(story: Story) -> None:
    world, anna, bo = story.world, story.anna, story.bo
    await world.command(anna, anna.room, "/season")
    [moved] = await world.press(anna, anna.room, "Do something")
    assert moved.text.startswith("All right.\nNow we do something about it.")
    assert await story.season() == "acting"
    [shown] = await world.command(bo, bo.room, "/help")
    assert shown.labels[:3] == ["Choose what to help with", "Helper groups", "Give an idea"]
    [shown] = await world.command(bo, story.group, "/help")
    assert shown.labels == ["Choose what to help with", "Helper groups", "Look at the ideas", "More"]
    await world.command(bo, bo.room, "/idea A boat")
    await world.press(bo, bo.room, "Give it with my name")
    assert (await story.kept()).ideas == 2, "everything can be done at any time"

    await world.press(anna, anna.room, "Tell the groups", on=moved)
    assert "Now we do something about it." in story.titles()
    before = len(story.titles())
    await world.press(anna, anna.room, "Harvest")
    [anew] = await world.press(anna, anna.room, "A new round: Invite")
    assert "A new round begins." in anew.text
    assert "All of it comes along: the people, the ideas with their numbers" in anew.text
    assert len(story.titles()) == before, "a group is told when the host says so"
    [shown] = await world.command(anna, anna.room, "/season väga")
    assert shown.text.startswith("All right.\nNow we weigh the ideas.")


async def test_a_season_is_told_once_a_day_and_not_at_night(story: Story) -> None:
    world, anna = story.world, story.anna
    await world.command(anna, anna.room, "/season weighing")
    await story.until(2, 21)
    await world.press(anna, anna.room, "Tell the groups")
    await world.command(anna, anna.room, "/season")
    await world.press(anna, anna.room, "Tell the groups")
    assert "Now we weigh the ideas." not in story.titles()
    await story.until(3, 9)
    assert story.titles().count("Now we weigh the ideas.") == 1
    await story.until(4, 9)
    assert story.titles().count("Now we weigh the ideas.") == 2, "the second press was for another day"


# -- the rhythm -----------------------------------------------------------------------------------------------


async def test_between_two_meetings_it_goes_by_itself_from_gathering_to_a_page(story: Story) -> None:
    world, anna, bo = story.world, story.anna, story.bo
    await world.command(anna, anna.room, "/host")
    await world.command(anna, anna.room, "/new")
    for words in ("Nora", "What now?"):
        await world.message(anna, anna.room, words)
    await world.press(anna, anna.room, "How long")
    await world.press(anna, anna.room, "Until our next meeting")
    await world.message(anna, anna.room, "yesterday at 18")
    await world.message(anna, anna.room, "11 March 18:30")
    await world.press(anna, anna.room, "Begin the conversation")
    shown = world.last(anna.room)
    assert shown.text.startswith(
        "Until our next meeting\nWe meet on Wednesday 11 March 18:30.\nNow we gather ideas.\n"
        "Thursday 5 March 12:00: Weigh the ideas\n"
        "Saturday 7 March 12:00: See what unites us\nSunday 8 March 12:00: Where is the energy?\n"
        "Tuesday 10 March 12:00: A page to print"
    )
    assert shown.labels == ["Another time for the meeting", "Take the next step now", "Pause it", "End the rhythm"]
    async with world.work() as uow:
        story.conversation = (await world.person_of(uow, anna)).secret.current or story.conversation
    group = await world.group("Hall", story.conversation)
    conversation = await story.kept()
    assert (conversation.lasts, conversation.season) == ("meeting", "gathering")
    await world.command(bo, group, "/join")
    await world.idea(story.conversation, bo, "A library")

    await story.until(5)
    assert await story.season() == "weighing"
    assert story.titles(group)[-1] == "Now we weigh the ideas."
    await story.until(5, 19)
    assert "Now we weigh the ideas." in world.last(bo.room).text
    await story.until(8)
    assert await story.season() == "acting"
    await story.until(8, 19)
    await story.until(10)
    assert await story.season() == "harvest"
    await story.until(10, 19)
    assert "Here is the page to print" in "".join(said.text for said in world.said(anna.room))
    await story.until(11, 23)
    await story.until(12, 19)
    assert "You have met. What came of it?" in world.last(anna.room).text
    assert "Now we harvest." in story.titles(group)


async def test_a_host_moves_pauses_hurries_and_ends_it(story: Story) -> None:
    world, anna = story.world, story.anna

    async def press(label: str) -> str:
        await world.press(anna, anna.room, label)
        return world.last(anna.room).text

    await world.command(anna, anna.room, "/host")
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(await uow.need(Conversation, story.conversation), lasts="meeting"))
    await world.command(anna, anna.room, "/host")
    assert "There is no rhythm here." in await press("Until our next meeting")
    await press("Say when we meet")
    await world.message(anna, anna.room, "12 March 18:30")
    await end_conversation(world, story.conversation)
    await story.until(6)
    await world.command(anna, anna.room, "/host open")
    await world.command(anna, anna.room, "/host")
    assert "It is paused." in await press("Until our next meeting")
    await press("Go on with it")
    assert "It is paused." in await press("Pause it")
    await story.until(6)
    assert await story.season() == "gathering"
    assert "Saturday 7 March" not in await press("Go on with it")
    text = await press("Take the next step now")
    assert text.startswith("Weigh the ideas")
    assert await story.season() == "weighing"
    await press("Another time for the meeting")
    await world.message(anna, anna.room, "8 March 18:30")
    assert "We meet on Sunday 8 March 18:30." in world.last(anna.room).text
    assert world.last(anna.room).text.count("March 12:00") == 1, "only the page is left"
    assert "The rhythm is over." in await press("End the rhythm")
    async with world.work() as uow:
        assert "rhythm" not in [one.kind for one in await uow.select(Due, lambda query: query)]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 400), st.integers(0, 4), st.integers(0, 365 * 24 * 60))
def test_the_steps_come_in_order_on_days_of_their_own_before_the_meeting(
    hours: int, taken: int, minutes: int
) -> None:  # fmt: skip
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    meeting_at = now + timedelta(hours=hours, minutes=1)
    steps = plan(STEPS[taken:], now, meeting_at, ZONE)
    names = [step for step, _at in steps]
    days: list[date] = [at.astimezone(ZoneInfo(ZONE)).date() for _step, at in steps]
    assert names == [step for step in STEPS[taken:] if step in names]
    assert names[-1:] == list(STEPS[taken:])[-1:], "the page is left out last"
    assert len(set(days)) == len(days)
    assert days == sorted(days)
    assert all(now <= at < meeting_at for _step, at in steps)
    if hours >= 24 * 7:
        assert len(names) == len(STEPS[taken:])


# -- how long it lasts ----------------------------------------------------------------------------------------


async def begins(story: Story, lasts: str) -> None:
    world, anna = story.world, story.anna
    await world.command(anna, anna.room, "/new")
    for words in ("Nora", "What now?"):
        await world.message(anna, anna.room, words)
    await world.press(anna, anna.room, "How long")
    await world.press(anna, anna.room, lasts)
    await world.press(anna, anna.room, "Begin the conversation")
    async with world.work() as uow:
        story.conversation = (await world.person_of(uow, anna)).secret.current or story.conversation


async def test_when_its_time_is_up_the_host_is_asked_and_it_goes_on_if_wished(story: Story) -> None:
    world, anna = story.world, story.anna
    await begins(story, "A few weeks")
    await story.until(22)
    assert "Your conversation was to last" not in world.last(anna.room).text
    await story.until(24)
    assert "Your conversation was to last a few weeks. They have gone." in world.last(anna.room).text
    [told] = await world.press(anna, anna.room, "As long as we like")
    assert told.text == "Good. It goes on as long as you like."
    world.now += timedelta(days=60)
    await world.settle()
    assert (await story.kept()).closed_at is None


@pytest.mark.parametrize("said", ["Something new", ""])
async def test_a_conversation_that_nobody_speaks_in_ends_kindly(story: Story, said: str) -> None:
    world, anna = story.world, story.anna
    await begins(story, "One day")
    await story.until(4)
    if said:
        await world.idea(story.conversation, anna, said)
    await story.until(11)
    assert ((await story.kept()).closed_at is None) == bool(said)
    if not said:
        await story.until(12)
        assert "The conversation has ended, as it was meant to." in world.last(anna.room).text
        await world.press(anna, anna.room, "Open it again")
        assert (await story.kept()).closed_at is None


async def test_nothing_is_asked_of_what_has_ended(story: Story) -> None:
    await begins(story, "One day")
    await end_conversation(story.world, story.conversation)
    before = len(story.world.said(story.anna.room))
    await story.until(20)
    assert len(story.world.said(story.anna.room)) == before
