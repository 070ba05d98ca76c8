"""The map: in words and as a picture, of what may be told; in private with one's own place, in groups without."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.chat.content import Action
from bot.domain.ideas import Idea
from bot.domain.maps import Findings
from bot.store import maps
from tests.handlers.deeds import pressing, sealed
from tests.handlers.world import Said, Who, World

PNG = b"\x89PNG"
AGREE, PASS, DISAGREE = "agree", "pass", "disagree"
VALUES = {1: AGREE, 0: PASS, -1: DISAGREE}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def town(world: World, size: int, ideas: int) -> tuple[UUID, list[Who], list[Idea]]:
    """A conversation of so many people and ideas."""
    people = [await world.person(f"P{number}") for number in range(size)]
    conversation = await world.conversation(*people)
    given = [await world.idea(conversation, people[0], f"Idea of {letter}") for letter in "ABCDEFGHIJKL"[:ideas]]
    return conversation, people, given


async def weigh(world: World, who: Who, idea: Idea, value: int) -> None:
    """Somebody weighs an idea, a second after whatever was last."""
    world.now += timedelta(seconds=1)
    data = await sealed(world, who.room, Action(VALUES[value], idea.conversation_id, idea.id))
    await world.happens(pressing(world, who, who.room, data))


async def two_camps(world: World, people: Sequence[Who], ideas: Sequence[Idea]) -> None:
    """All weigh all: on the first ideas all agree, on the others one half agrees and the other does not."""
    for number, who in enumerate(people):
        for place, idea in enumerate(ideas):
            camp = 1 if number % 2 else -1
            await weigh(world, who, idea, 1 if place < 2 else camp)
    await world.wait(seconds=1)


async def latest(world: World, conversation: UUID) -> Findings:
    """What the map says."""
    async with world.work() as uow:
        edition = await maps.latest(uow, conversation)
    return edition.secret if edition else Findings()


def picture(said: Said) -> str:
    """What is told of a picture to who does not see it."""
    attached = said.message.attachment
    assert attached is not None
    assert attached.kind == "picture"
    assert attached.data.startswith(PNG)
    assert isinstance(attached.alt, str)
    return attached.alt


# -- the ladder --------------------------------------------------------------------------------------------------------


async def test_few_people_see_the_ideas_themselves(world: World) -> None:
    conversation, people, ideas = await town(world, 3, 2)
    garden = await world.group("Garden", conversation)
    await world.command(people[0], people[0].room, "/idea")
    await weigh(world, people[1], ideas[0], 1)
    for place in (people[1].room, garden):
        [told] = await world.command(people[1], place, "/map")
        assert told.text == (
            "Where we stand\nWe are few so far, so here are the ideas themselves.\n"
            "1. Idea of A\nNobody carries it yet.\nNobody leads it yet.\n"
            "2. Idea of B\nNobody carries it yet.\nNobody leads it yet.\n"
            "6 more people who weigh ideas, and we can see what unites us.\nWhat do we want Nora to be like?"
        )
        assert told.labels == ["Weigh the ideas", "Look at the ideas", "Put my energy somewhere"]


async def test_from_seven_there_are_sums_and_it_is_told_how_far_it_is_to_groups(world: World) -> None:
    conversation, people, ideas = await town(world, 8, 3)
    for number, who in enumerate(people):
        for idea, value in zip(ideas, (1, -1, 1 if number % 2 else -1), strict=True):
            await weigh(world, who, idea, value)
    await world.wait(seconds=1)
    # sums are renewed by five: eight have weighed, five are told
    [told] = await world.command(people[0], people[0].room, "/map")
    assert "We are few so far" in told.text, "until seven are in it, which is when ten have weighed"
    assert "When a few more have weighed, we can see what unites us." in told.text
    for number in range(2):
        who = await world.person(f"Q{number}")
        await world.command(who, who.room, f"/join {conversation.hex[-6:].upper()}")
        for idea, value in zip(ideas, (1, -1, 1 if number % 2 else -1), strict=True):
            await weigh(world, who, idea, value)
    await world.wait(seconds=1)
    [told] = await world.command(people[0], people[0].room, "/map")
    assert "What unites us\n1. Idea of A (10 of 10 agree)" in told.text
    assert "What most do not want\n2. Idea of B (10 of 10 disagree)" in told.text
    assert "Where we differ\n3. Idea of C (5 of 10 agree)" in told.text


async def test_two_camps_are_seen_with_ones_own_place_in_private_alone(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    garden = await world.group("Garden", conversation)
    await two_camps(world, people, ideas)
    anna = people[1]
    told, drawn = await world.command(anna, anna.room, "/map")
    assert "We see 2 groups. In each, people weigh alike." in told.text
    assert "What unites us\n1. Idea of A (10 of 10 agree)\n2. Idea of B (10 of 10 agree)" in told.text
    assert "Where we differ\n3. Idea of C\n" in told.text
    mine = "You stand nearest to group "
    [letter] = [line.removeprefix(mine)[0] for line in told.text.split("\n") if line.startswith(mine)]
    assert f"You are here: nearest to group {letter}." in picture(drawn)
    assert f"Group {letter}: " in picture(drawn)
    other, _drawn = await world.command(people[0], people[0].room, "/map")
    assert f"{mine}{'B' if letter == 'A' else 'A'}" in other.text
    told, drawn = await world.command(anna, garden, "/karta")
    assert mine not in told.text
    assert "You are here" not in picture(drawn)
    assert "Post it in the rooms" not in told.labels
