"""The harvest in the chat: in short first, then all of it as files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from uuid6 import uuid7

from bot.domain.ideas import Idea, Sums
from bot.domain.maps import Edition, Findings
from bot.store.harvest import load_opened
from bot.store.records import MapKept
from tests.handlers.world import Said, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def a_town(world: World) -> tuple[UUID, Who, Who]:
    """A conversation with two ideas, one weighed by five and carried by two."""
    alva, bo = await world.person("Alva"), await world.person("Bo", locale="sv")
    town = await world.conversation(alva, bo)
    bench = await world.idea(town, alva, "A bench by the lake")
    await world.idea(town, bo, "<b>A sauna</b>")
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(bench, supporters=2, sums=Sums(6, 1), shown_sums=Sums(4, 1), voters=7))
    return town, alva, bo


def file(said: Said) -> str:
    """The file of a message, as text."""
    assert said.message.attachment is not None
    return said.message.attachment.data.decode()


async def test_in_private_it_comes_in_short_and_as_a_page_and_in_other_forms_by_a_press(world: World) -> None:
    _town, alva, _bo = await a_town(world)
    short, page = await world.command(alva, alva.room, "/harvest")
    assert "2 ideas so far.\n1. A bench by the lake (2 carry it)\n2. <b>A sauna</b>" in short.text
    await world.press(alva, alva.room, "Other forms", on=short)
    [[text], [tables], [data]] = [
        await world.press(alva, alva.room, label) for label in ("As text", "As tables", "For other programs")
    ]
    names = [said.message.attachment.name for said in (page, text, tables, data) if said.message.attachment]
    assert names == [f"harvest-nora-2026-03-02.{end}" for end in ("html", "md", "zip", "json")]
    assert "&lt;b&gt;A sauna&lt;/b&gt;" in file(page)
    assert "When 5 had weighed it: 4 agreed, 1 disagreed, 0 passed." in file(text)
    assert json.loads(file(data))["ideas"][0]["weighed"] == {"agree": 4, "disagree": 1, "passed": 0}
    assert tables.message.attachment is not None
    with zipfile.ZipFile(io.BytesIO(tables.message.attachment.data)) as packed:
        assert packed.namelist() == ["summary.csv", "comments.csv", "comment-groups.csv"]
    for name in ("Alva", "Bo"):
        assert name not in file(page) + file(text) + file(data), "an idea carries no name"


async def test_in_short_it_tells_what_unites_and_where_hands_are(world: World) -> None:
    town, alva, _bo = await a_town(world)
    async with world.work() as uow:
        bench, sauna = await uow.select(Idea, lambda query: query.order_by(query.selected_columns.number))
        uow.save(msgspec.structs.replace(sauna, hands=2))
        hidden = some_idea(bench, 3, state="hidden", hands=9)
        found = Edition(town, uuid7(), world.now, Findings(rung="sums", all_agree=(hidden.id, sauna.id, bench.id)))
        for record in (hidden, found, MapKept(town, edition_id=found.id)):
            uow.add(record)
    short = (await world.command(alva, alva.room, "/harvest"))[0]
    assert "This unites us: A bench by the lake\nMost hands: <b>A sauna</b> (2 hands to help)" in short.text
    assert "A swing" not in short.text


def some_idea(like: Idea, number: int, **more: object) -> Idea:
    """Another idea of the same author."""
    return msgspec.structs.replace(like, id=uuid7(), number=number, text="A swing", **more)  # type: ignore[arg-type]


async def test_it_is_in_ones_own_language(world: World) -> None:
    _town, _alva, bo = await a_town(world)
    short, page = await world.command(bo, bo.room, "/skord")
    assert short.text.startswith("Skörden hittills")
    assert '<html lang="sv"' in file(page)
    assert page.message.attachment is not None
    assert page.message.attachment.name == "skord-nora-2026-03-02.html"


async def test_in_a_group_it_is_short_and_the_files_come_in_private(world: World) -> None:
    town, alva, bo = await a_town(world)
    garden = await world.group("Garden", town)
    [short] = await world.command(alva, garden, "/harvest")
    assert "A bench by the lake" in short.text
    assert short.message.attachment is None
    came = await world.press(bo, garden, "Get all of it in private")
    assert len(came) == 2


async def test_before_the_first_idea_there_is_nothing_to_harvest(world: World) -> None:
    alva = await world.person("Alva")
    await world.conversation(alva)
    [said] = await world.command(alva, alva.room, "/harvest")
    assert "There is nothing to harvest yet." in said.text
    assert said.labels == ["Give an idea"]


async def test_the_host_has_a_button_for_it(world: World) -> None:
    _town, alva, bo = await a_town(world)
    [said] = await world.command(alva, alva.room, "/help")
    assert "The harvest" in said.labels
    assert len(await world.press(alva, alva.room, "The harvest")) == 2
    [said] = await world.command(bo, bo.room, "/help")
    assert "Skörden" not in said.labels, "others find it by /harvest, and when the conversation has ended"


async def test_a_host_shows_it_on_the_web_and_closes_it_again(world: World) -> None:
    _town, alva, bo = await a_town(world)
    assert (await world.command(bo, bo.room, "/harvest"))[0].labels == [
        "En sida att skriva ut",
        "Som PDF",
        "Andra format",
    ], "only a host"
    short = (await world.command(alva, alva.room, "/harvest"))[0]
    [opened] = await world.press(alva, alva.room, "Show it on the web", on=short)
    link = next(word for word in opened.text.split() if word.startswith("https://byalag.example/c/"))
    code = link.rpartition("/")[2]
    assert await on_the_web(world, code) == "What do we want Nora to be like?"
    assert (await world.command(alva, alva.room, "/harvest"))[0].labels == [
        "One page to print",
        "As a PDF",
        "Other forms",
        "Close the page on the web",
    ]
    assert "leads nowhere" in (await world.press(alva, alva.room, "Close the page on the web"))[0].text
    assert await on_the_web(world, code) is None


async def test_a_page_that_is_opened_anew_has_another_link(world: World) -> None:
    _town, alva, _bo = await a_town(world)
    short = (await world.command(alva, alva.room, "/harvest"))[0]
    links = []
    for _time in range(2):
        [said] = await world.press(alva, alva.room, "Show it on the web", on=short)
        links.append(next(word.rpartition("/")[2] for word in said.text.split() if "/c/" in word))
    assert [await on_the_web(world, code) is None for code in links] == [True, False]


async def test_other_codes_open_no_page(world: World) -> None:
    _town, alva, _bo = await a_town(world)
    await world.command(alva, alva.room, "/invite a name")
    words = " ".join(said.text for said in world.said(alva.room)).split()
    code = next(word.partition("start=i-")[2] for word in words if "start=i-" in word)
    assert await on_the_web(world, code) is None
    assert await on_the_web(world, "x" * 22) is None


async def on_the_web(world: World, code: str) -> str | None:
    """The question of the page that a code opens."""
    async with world.work() as uow:
        found = await load_opened(uow, code, world.now)
    return found.question if found else None


async def test_who_was_not_invited_gets_nothing(world: World) -> None:
    alva, eve = await world.person("Alva"), await world.person("Eve")
    town = await world.conversation(alva, findable="invited")
    await world.idea(town, alva, "A bench")
    said = await world.command(eve, eve.room, "/harvest")
    assert all("bench" not in one.text and one.message.attachment is None for one in said)
