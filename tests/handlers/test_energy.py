"""Three hands each: put them on what one wants to help with, move them, take them back; where all may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from bot.chat.content import Action
from bot.domain.ideas import Hand, Idea
from bot.store import energy
from tests.handlers.deeds import (
    as_it_stands,
    change,
    change_me,
    end_conversation,
    ideas_of,
    press_data,
    press_old,
    sealed,
    starts_anew,
)
from tests.handlers.world import Place, Who, World


@dataclass
class Story:
    """A conversation with four ideas, and a group of it."""

    world: World
    anna: Who
    bo: Who
    conversation: UUID
    group: Place
    ideas: list[Idea]

    async def hands(self, who: Who) -> list[int]:
        """The numbers of the ideas that somebody's hands are on, hand by hand."""
        async with self.world.work() as uow:
            me = await self.world.participant(uow, self.conversation, who)
            found = await energy.of(uow, self.conversation, me.id)
            return [(await uow.need(Idea, self.conversation, one.idea_id)).number for one in found]

    async def counts(self) -> list[int]:
        """How many hands each idea says it has."""
        return [one.hands for one in await ideas_of(self.world, self.conversation)]


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


@pytest_asyncio.fixture
async def story(world: World) -> Story:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    group = await world.group("Street", conversation)
    ideas = [await world.idea(conversation, anna, text) for text in ("A bench", "A barn", "A boat", "A bridge")]
    return Story(world, anna, bo, conversation, group, ideas)


async def test_three_hands_are_placed_and_the_fourth_moves_one(world: World, story: Story) -> None:
    [shown] = await world.command(story.anna, story.anna.room, "/energy")
    assert "No hand is out yet." in shown.text
    for place, left in (("1", "You have 2 more."), ("2", "You have 1 more."), ("3", "That was your third.")):
        [shown] = await world.press(story.anna, story.anna.room, f"{place}. ", on=shown)
        assert shown.text.startswith(f"Your hand is on idea {place}. {left}")
    assert "Your hands are on ideas 1, 2, and 3." in shown.text
    assert "1 hand to help: Anna." in shown.text

    [asked] = await world.press(story.anna, story.anna.room, "4. A bridge", on=shown)
    assert "Which one moves to idea 4" in asked.text
    [shown] = await world.press(story.anna, story.anna.room, "2. A barn", on=asked)

    assert shown.text.startswith("Your hand has moved from idea 2 to idea 4.")
    assert await story.hands(story.anna) == [1, 4, 3]
    assert await story.counts() == [1, 0, 1, 1]


async def test_the_number_of_an_idea_may_stand_after_a_command(world: World, story: Story) -> None:
    anna = story.anna
    [shown] = await world.command(anna, anna.room, "/energy 3")
    assert shown.text.startswith("Your hand is on idea 3.")
    await world.command(anna, story.group, "/energy 3")
    assert await story.hands(anna) == [3], "said twice, it stays there"
    [ballot] = await world.command(anna, anna.room, "/vote 2")
    assert "A barn" in ballot.text
    [asked] = await world.command(anna, anna.room, "/lead 4")
    assert "Whom or what do you want to support?" in asked.text, "what we want to do is filled in"
    for command in ("/ideas 99", "/vote 99", "/energy 99", "/lead 99"):
        [told] = await world.command(anna, anna.room, command)
        assert (told.text, told.labels) == ("There is no idea 99.", ["All ideas"])


async def test_a_hand_is_taken_back_and_free_again(world: World, story: Story) -> None:
    await world.command(story.anna, story.anna.room, "/kraft")
    [shown] = await world.press(story.anna, story.anna.room, "1. ")
    [shown] = await world.press(story.anna, story.anna.room, "Take my hand back from idea 1", on=shown)
    assert shown.text.startswith("Your hand is back from idea 1.")
    assert await story.hands(story.anna) == []
    assert await story.counts() == [0, 0, 0, 0]


async def test_two_hands_and_the_lead_is_offered_with_the_idea_filled_in(world: World, story: Story) -> None:
    await world.command(story.anna, story.anna.room, "/energy")
    [shown] = await world.press(story.anna, story.anna.room, "2. ")
    assert not any(label.startswith("Take the lead") for label in shown.labels)
    await world.command(story.bo, story.bo.room, "/energy")
    [shown] = await world.press(story.bo, story.bo.room, "2. ")
    assert "2 hands to help: Anna and Bo." in shown.text

    [asked] = await world.press(story.bo, story.bo.room, "Take the lead for idea 2", on=shown)

    assert "Whom or what do you want to support?" in asked.text, "what we want to do is filled in"
    for _ in range(3):
        [asked] = await world.command(story.bo, story.bo.room, "/skip")
    assert "A barn" in asked.text
    await world.press(story.bo, story.bo.room, "Take the lead")
    assert [one.leads for one in await ideas_of(world, story.conversation)] == [0, 1, 0, 0]
    [shown] = await world.command(story.anna, story.anna.room, "/energy")
    assert not any(label.startswith("Take the lead") for label in shown.labels)


async def test_in_a_group_a_press_places_and_takes_back_and_the_card_says_whose(world: World, story: Story) -> None:
    await world.command(story.anna, story.group, "/ideas 1")
    card = world.last(story.group)
    [shown] = await world.command(story.bo, story.group, "/energy")
    assert "Where do we put our energy?" in shown.text
    await world.press(story.bo, story.group, "1. ", on=shown)
    assert world.alert == "Your hand is on idea 1. You have 2 more."
    assert "1 hand to help: Bo." in card.text
    await world.wait(seconds=1)
    await world.press(story.anna, story.group, "1. ", on=shown)
    assert world.alert.endswith("nobody leads yet. Will you?")
    assert "2 hands to help: Bo and Anna." in card.text

    await world.press(story.bo, story.group, "1. ", on=shown)

    assert world.alert == "Your hand is back from idea 1."
    assert "1 hand to help: Anna." in card.text


async def test_in_a_group_the_fourth_is_chosen_in_private(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.group, "/energy")
    for number in (1, 2, 3):
        await world.press(story.bo, story.group, f"{number}. ", on=shown)
    [asked] = await world.press(story.bo, story.group, "4. ", on=shown)
    assert asked in world.said(story.bo.room)
    await world.press(story.bo, story.bo.room, "1. ", on=asked)
    assert await story.hands(story.bo) == [4, 2, 3]


async def test_a_hand_on_an_idea_that_is_gone_is_free(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    for number in (1, 2, 3):
        [shown] = await world.press(story.bo, story.bo.room, f"{number}. ", on=shown)
    await change(world, (await ideas_of(world, story.conversation))[1], state="hidden")

    [shown] = await world.press(story.bo, story.bo.room, "4. ", on=shown)

    assert shown.text.startswith("Your hand is on idea 4. That was your third.")
    assert await story.hands(story.bo) == [1, 4, 3]
    assert await story.counts() == [1, 0, 1, 1]


async def test_stale_presses_change_nothing_twice(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    before = as_it_stands(shown)
    await press_old(world, story.bo, story.bo.room, before, "1. ")
    await press_old(world, story.bo, story.bo.room, before, "1. ")
    assert "Your hand is on idea 1 already." in world.last(story.bo.room).text
    assert await story.counts() == [1, 0, 0, 0]
    await change(world, (await ideas_of(world, story.conversation))[1], state="withdrawn")
    assert await press_old(world, story.bo, story.bo.room, before, "2. ") == "This idea is not here any more."

    back = await sealed(world, story.bo.room, Action("hand", story.conversation, story.ideas[0].id, "back"))
    await press_data(world, story.bo, story.bo.room, back)
    await press_data(world, story.bo, story.bo.room, back)
    assert "Your hand is not on idea 1." in world.last(story.bo.room).text
    assert await story.counts() == [0, 0, 0, 0]


async def test_a_restart_in_the_middle_loses_no_hand(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    for number in (1, 2, 3):
        [shown] = await world.press(story.bo, story.bo.room, f"{number}. ", on=shown)
    [asked] = await world.press(story.bo, story.bo.room, "4. ", on=shown)
    starts_anew(world)
    await world.press(story.bo, story.bo.room, "3. ", on=asked)
    assert await story.hands(story.bo) == [1, 2, 4]


async def test_who_is_paused_puts_no_hand_but_takes_one_back(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    [shown] = await world.press(story.bo, story.bo.room, "1. ", on=shown)
    await change_me(world, story.conversation, story.bo, muted_until=world.now.replace(year=2027))
    await world.press(story.bo, story.bo.room, "2. ", on=shown)
    assert "asked you to pause" in world.alert
    await world.press(story.bo, story.bo.room, "Take my hand back from idea 1", on=shown)
    assert await story.hands(story.bo) == []


async def test_an_ended_conversation_takes_no_hand_but_shows_them(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    await world.press(story.bo, story.bo.room, "1. ", on=shown)
    await end_conversation(world, story.conversation)
    await world.press(story.bo, story.bo.room, "2. ", on=shown)
    assert world.alert == "This conversation has ended. What was said can still be read."
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    assert "1 hand to help: Bo." in shown.text


async def test_without_a_yes_to_the_notice_no_hand_counts_until_it_is_given(world: World, story: Story) -> None:
    cia = await world.person("Cia", consented=False)
    [shown] = await world.command(story.bo, story.group, "/energy")
    await world.press(cia, story.group, "3. ", on=shown)
    assert await story.counts() == [0, 0, 0, 0]
    await world.wait(seconds=5)
    await world.press(cia, story.group, "3. ", on=shown)
    assert await story.counts() == [0, 0, 1, 0]


async def test_whoever_is_erased_takes_their_hands_along(world: World, story: Story) -> None:
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    await world.press(story.bo, story.bo.room, "1. ", on=shown)
    [asked] = await world.command(story.bo, story.bo.room, "/forget")
    await world.press(story.bo, story.bo.room, asked.labels[0])
    async with world.work() as uow:
        assert await uow.select(Hand, lambda query: query) == []
    assert await story.counts() == [0, 0, 0, 0]


async def test_many_ideas_come_in_pages_those_with_hands_first(world: World, story: Story) -> None:
    for number in range(5, 10):
        await world.idea(story.conversation, story.anna, f"Idea of number {number}")
    [shown] = await world.command(story.bo, story.bo.room, "/energy")
    [rest] = await world.press(story.bo, story.bo.room, "More ideas", on=shown)
    assert [label[:2] for label in rest.labels] == ["7.", "8.", "9."]
    await world.press(story.bo, story.bo.room, "9. ", on=rest)
    [shown] = await world.command(story.anna, story.anna.room, "/energy")
    assert shown.labels[0].startswith("9. ")
