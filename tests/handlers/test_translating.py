"""An idea in another language: it stands below the idea where that language is read, under the translator's name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.chat.content import Action
from tests.handlers.deeds import ideas_of, press_data, sealed
from tests.handlers.world import Who, World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def _puts(world: World, who: Who, number: int, language: str, text: str) -> str:
    """Somebody puts an idea into a language; gives all that the bot says to it."""
    await world.command(who, who.room, f"/ideas {number}")
    await world.press(who, who.room, "More" if who.locale == "en" else "Mer")
    await world.press(who, who.room, "Translate it" if who.locale == "en" else "Översätt den")
    await world.press(who, who.room, language)
    return "\n".join(one.text for one in await world.message(who, who.room, text))


async def test_who_reads_in_that_language_sees_it_and_it_can_be_replaced_taken_back_and_hidden(world: World) -> None:
    anna, bo, eva = [await world.person(name) for name in ("Anna", "Bo", "Eva")]
    cia = await world.person("Cia", locale="sv")
    conversation = await world.conversation(eva, anna, bo, cia)
    bench = await world.idea(conversation, anna, "A bench by the lake", named=False)
    await world.idea(conversation, anna, "A boat")

    assert "Idea 1 can be read in this language now: Svenska." in await _puts(
        world, bo, 1, "Svenska", "En bänk vid sjön"
    )
    await world.command(bo, bo.room, "/ideas 1")
    assert "En bänk" not in world.last(bo.room).text, "he reads in English"
    await world.command(cia, cia.room, "/ideas 1")
    assert "A bench by the lake\nEn bänk vid sjön\nÖversatt av Bo." in world.last(cia.room).text
    await world.command(cia, cia.room, "/rosta")
    if "A boat" in world.last(cia.room).text:
        await world.press(cia, cia.room, "🤷")
    assert "En bänk vid sjön\nÖversatt av Bo." in world.last(cia.room).text, "also where it is weighed"

    await world.press(bo, bo.room, "More", on=world.last(bo.room))
    read = await world.press(bo, bo.room, "Read all of it")
    assert "Svenska\nEn bänk vid sjön" in "\n".join(one.text for one in read), "all can read all of it"

    # one a language: another's stands, its translator and whoever gave the idea may put another in its place
    assert "Somebody has put it into this language already." in await _puts(world, eva, 1, "Svenska", "Sittplats")
    await world.command(eva, eva.room, "/stop")
    assert "can be read" in await _puts(world, anna, 1, "Svenska", "En bänk nere vid sjön")
    await world.command(cia, cia.room, "/ideas 1")
    assert "En bänk nere vid sjön\nÖversatt av Anna." in world.last(cia.room).text
    before = len(world.said(anna.room))
    await world.wait(days=7)
    told = "".join(one.text for one in world.said(anna.room)[before:])
    assert "put your idea into another language: Svenska" in told

    # a moderator hides it, and takes that back
    data = await sealed(world, eva.room, Action("untranslate", conversation, bench.id, "mod.sv"))
    await press_data(world, eva, eva.room, data)
    await world.command(cia, cia.room, "/ideas 1")
    assert "sjön" not in world.last(cia.room).text
    assert "A moderator has hidden the translation" in await _puts(world, anna, 1, "Svenska", "Igen")
    await world.command(anna, anna.room, "/stop")
    await world.command(eva, eva.room, "/mod undo")
    await world.command(cia, cia.room, "/ideas 1")
    assert "En bänk nere vid sjön" in world.last(cia.room).text

    # whoever made it takes it back
    data = await sealed(world, bo.room, Action("untranslate", conversation, bench.id, "sv"))
    assert "for somebody else" in await press_data(world, bo, bo.room, data)
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "More")
    await world.press(anna, anna.room, "Take back the text in Svenska")
    assert [one.translated for one in await ideas_of(world, conversation)] == [(), ()]


async def test_it_goes_with_who_made_it_or_stays_without_their_name(world: World) -> None:
    anna, bo, dan = [await world.person(name) for name in ("Anna", "Bo", "Dan")]
    cia = await world.person("Cia", locale="sv")
    conversation = await world.conversation(anna, bo, cia, dan)
    await world.idea(conversation, anna, "A bench")
    await world.idea(conversation, anna, "A boat")
    await _puts(world, bo, 1, "Svenska", "En bänk")
    await _puts(world, dan, 2, "Svenska", "En båt")

    [file] = await world.command(dan, dan.room, "/mydata")
    assert file.message.attachment is not None
    await world.command(bo, bo.room, "/forget")
    await world.press(bo, bo.room, "Erase all; my ideas go")
    await world.command(dan, dan.room, "/forget")
    await world.press(dan, dan.room, "Erase me; my ideas stay")
    await world.command(cia, cia.room, "/ideas 1")
    assert "En bänk" not in world.last(cia.room).text
    await world.command(cia, cia.room, "/ideas 2")
    assert "En båt\nÖversatt." in world.last(cia.room).text
    # and when the words of the idea go, so do those in other languages
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all; my ideas go")
    assert [one.translated for one in await ideas_of(world, conversation)] == [(), ()]
