"""Stories: what came of it goes to the conversation and into the harvest, and can be tried elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.chat.content import Action
from bot.domain.steps import MAX_STORY, Story
from bot.reporting.document import document
from bot.reporting.markdown import markdown
from bot.store.harvest import load_harvest
from tests.handlers.deeds import ideas_of, press_data, sealed
from tests.handlers.world import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def test_a_story_is_told_shown_harvested_hidden_and_erased(world: World) -> None:
    anna, host = await world.person("Anna"), await world.person("Host")
    conversation = await world.conversation(host, anna)
    room = await world.group("Nora", conversation)
    await world.command(anna, anna.room, "/story")
    await world.message(anna, anna.room, "x" * 4000)
    assert f"at most {MAX_STORY} fit" in world.last(anna.room).text
    await world.message(anna, anna.room, "Six neighbours came, and the coffee ran out.")
    await world.press(anna, anna.room, "Without my name")
    assert "Thank you for telling it." in world.last(anna.room).text
    [card] = world.said(room)
    assert "the coffee ran out" in card.text
    assert "Anna" not in card.text
    await world.command(anna, room, "/story And cake, too")
    assert "From Anna" in world.last(room).text

    async with world.work() as uow:
        told = await load_harvest(uow, conversation, world.now)
    assert [(one.text, one.by) for one in told.stories] == [
        ("And cake, too", "Anna"), ("Six neighbours came, and the coffee ran out.", ""),
    ]  # fmt: skip
    for locale in ("sv", "en"):
        assert b"the coffee ran out" in markdown(document(told, locale))

    await world.press(host, room, "This is not all right", on=card)
    await world.wait(hours=7)
    await world.press(host, host.room, "Hide it")
    assert "A moderator has hidden this story." in card.text
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all")
    assert "taken back" in world.last(room).text
    async with world.work() as uow:
        assert [(one.text, one.named) for one in await uow.select(Story, lambda query: query)] == [("", False)] * 2


async def test_a_story_of_another_place_becomes_an_idea_or_a_helper_group_here(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    there = await world.conversation(anna)
    closed = await world.conversation(anna, findable="invited")
    for scope, text in ((closed, "Only for us"), (there, "We opened the mill on Sundays")):
        async with world.work() as uow:
            me = await world.participant(uow, scope, anna)
            told = Story(scope, scope, me.id, text, world.now)
            uow.add(told)
    here = await world.conversation(bo)

    [said] = await world.command(bo, bo.room, "/stories")
    assert "Nobody has told a story yet." in said.text
    await world.press(bo, bo.room, "Stories of other places")
    assert "We opened the mill on Sundays" in world.last(bo.room).text
    assert "Another story" not in world.last(bo.room).labels, "what is for the invited stays there"
    await world.press(bo, bo.room, "Try it here")
    await world.press(bo, bo.room, "Give it as an idea")
    await world.press(bo, bo.room, "Give it with my name")
    assert [one.text for one in await ideas_of(world, here)] == ["We opened the mill on Sundays"]
    lead = Action("tryit", there, there, "lead")
    await press_data(world, bo, bo.room, await sealed(world, bo.room, lead))
    assert "Whom or what do you want to support?" in world.last(bo.room).text
    secret = Action("tryit", closed, closed)
    assert "invited" in await press_data(world, bo, bo.room, await sealed(world, bo.room, secret))
    back = Action("tale", there, there, "back")
    assert "somebody else" in await press_data(world, bo, bo.room, await sealed(world, bo.room, back))
