"""Holding a helper group together: its card changed, handed over, ended kindly and opened again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.chat.content import Action
from bot.domain.groups import HelperGroup
from bot.domain.people import ParticipantSecret
from tests.handlers.deeds import change_me, starts_anew
from tests.handlers.test_groups import card_in, press_made_up, takes_the_lead
from tests.handlers.world import Place, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def three(world: World) -> tuple[Who, Who, Who, HelperGroup, Place]:
    """Anna holds a group together, and Bo is in it; Cia is only in the conversation."""
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    group = await takes_the_lead(world, anna, "A bench")
    await world.press(bo, garden, "I join in")
    return anna, bo, cia, group, garden


async def opens(world: World, who: Who, group: HelperGroup) -> str:
    """Somebody presses “More” on a group's card in private."""
    return await press_made_up(world, who, who.room, Action("groupmore", group.conversation_id, group.id))


async def test_each_line_of_the_card_can_be_put_otherwise(world: World) -> None:
    anna, _, _, group, garden = await three(world)
    await opens(world, anna, group)
    [asked] = await world.press(anna, anna.room, "Change the card")
    assert "What we want to do: A bench\nWhom we support: Not said yet" in asked.text
    await world.press(anna, anna.room, "What we need")
    starts_anew(world)  # the draft outlives a restart
    await world.message(anna, anna.room, "A saw")
    await world.press(anna, anna.room, "Whom we support")
    await world.message(anna, anna.room, "Those who walk slowly")
    told = await world.press(anna, anna.room, "Yes, show it so")
    assert "The card says so now, everywhere." in told[-1].text
    await world.wait(seconds=5)
    shown = card_in(world, garden).text
    assert "We support: Those who walk slowly\nWe need: A saw\nAnna holds it together." in shown


async def test_who_is_in_it_is_told_to_who_is_in_it(world: World) -> None:
    anna, bo, cia, group, _ = await three(world)
    assert "In it: Anna, Bo." in await opens(world, bo, group)
    assert "2 people are in it." in (told := await opens(world, cia, group))
    assert "Anna" not in told
    assert world.last(bo.room).labels == ["Invite others", "A room for the group", "I leave", "This is not all right"]
    assert world.last(cia.room).labels == ["I join in", "This is not all right"]
    await change_me(world, group.conversation_id, bo, secret=ParticipantSecret(""))
    assert "In it: Anna, and 1 more." in await opens(world, anna, group)


async def test_the_group_is_handed_over_to_a_member_who_says_yes(world: World) -> None:
    anna, bo, _, group, garden = await three(world)
    await opens(world, anna, group)
    [asked] = await world.press(anna, anna.room, "Hand the group over")
    assert asked.labels == ["1. Bo", "Back"]
    assert "I have asked Bo." in (await world.press(anna, anna.room, "1. Bo"))[-1].text
    await world.wait(days=1)
    assert "Anna asks whether you want to hold “A bench” together" in world.last(bo.room).text

    await world.press(bo, bo.room, "No, thank you")
    await world.wait(days=1)
    assert "Bo would rather not" in world.last(anna.room).text
    assert "does not stand any more" in await press_made_up(
        world, bo, bo.room, Action("groupover", group.conversation_id, group.id, "yes")
    )

    await world.press(anna, anna.room, "Ask somebody else")
    await world.press(anna, anna.room, "1. Bo")
    await world.wait(days=1)
    assert "You hold “A bench” together now." in (await world.press(bo, bo.room, "Yes, I will"))[-1].text
    await world.wait(days=1)
    assert "Bo holds “A bench” together now." in world.last(anna.room).text
    assert "Bo holds it together." in card_in(world, garden).text
    only = await press_made_up(world, anna, anna.room, Action("groupedit", group.conversation_id, group.id))
    assert only == "Only whoever holds the group together can do that."


async def test_a_group_ends_kindly_and_opens_again(world: World) -> None:
    anna, bo, cia, group, garden = await three(world)
    await opens(world, anna, group)
    await world.press(anna, anna.room, "End the group")
    assert "The group goes on." in (await world.press(anna, anna.room, "No"))[-1].text
    await opens(world, anna, group)
    await world.press(anna, anna.room, "End the group")
    await world.press(anna, anna.room, "Yes, end the group")
    await world.wait(seconds=5)
    card = card_in(world, garden)
    assert "This helper group has ended." in card.text
    assert card.labels == []
    for verb in ("joingroup", "linkroom"):
        told = await press_made_up(world, bo, bo.room, Action(verb, group.conversation_id, group.id))
        assert "This helper group has ended." in told
    assert "no helper group yet" in (await world.command(cia, cia.room, "/groups"))[-1].text

    await opens(world, anna, group)
    assert "open again" in (await world.press(anna, anna.room, "Open the group again"))[-1].text
    await world.wait(seconds=5)
    assert card_in(world, garden).labels == ["I join in", "I leave"]


async def test_who_is_alone_in_a_group_can_end_it(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await takes_the_lead(world, anna, "A bench")
    told = await world.press(anna, anna.room, "I leave")
    assert told[-1].labels == ["Invite others", "End the group"]
    await world.press(anna, anna.room, "End the group")
    assert "The group has ended." in (await world.press(anna, anna.room, "Yes, end the group"))[-1].text
