"""Harvests of conversations that are not like others: of one, of many, of those who agree in all or in nothing."""

from __future__ import annotations

import asyncio
import json
import random
import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from uuid6 import uuid7

from bot.crypto import Keyring
from bot.domain.harvest import Harvest, Weighed
from bot.domain.ideas import Sums
from bot.reporting import files
from bot.reporting.pdf import pdf
from bot.reporting.tables import tables
from bot.store.engine import Database
from bot.store.harvest import load_harvest
from bot.store.polis import Ballot, Exported, Statement, keep_exported
from tests.reporting.test_forms import Read, rows
from tests.reporting.town import NORA
from tests.store import some
from tests.there import printer  # noqa: F401


@pytest.fixture
async def town(tmp_path: Path, sqlite_with_tables: Path) -> Database:
    path = tmp_path / "town.db"
    path.write_bytes(await asyncio.to_thread(sqlite_with_tables.read_bytes))
    return Database(f"sqlite+aiosqlite:///{path}")


async def of_many(database: Database, keys: Keyring, ideas: int, people: int, each: int) -> Harvest:
    """The harvest of so many ideas and people, of whom each has weighed so many, on ten days."""
    chance = random.Random(1)
    statements = [
        Statement(n, n % people, some.NOW + timedelta(days=n % 10), f"Idea of number {n}") for n in range(ideas)
    ]
    ballots = [
        Ballot(which, who, chance.choice((1, 1, 0, -1)), some.NOW + timedelta(days=who % 10))
        for who in range(people)
        for which in chance.sample(range(ideas), each)
    ]
    about = some.conversation()
    async with some.work(database, keys) as uow:
        exported = Exported("What now?", "", tuple(statements), tuple(ballots))
        keep_exported(uow, exported, about, some.NOW, uuid7, lambda _sums: 0.0)
    async with some.work(database, keys) as uow:
        return await load_harvest(uow, about.id, some.NOW)


async def test_the_largest_conversation_of_a_small_town(town: Database, keys: Keyring) -> None:
    found = await of_many(town, keys, 371, 126, 40)
    assert (found.people, found.voters, found.authors, len(found.ideas)) == (126, 126, 126, 371)
    assert len(found.days) == 10
    page = Read(files.write(found, "html", "en").data.decode())
    assert page.text.count("Idea of number") == 371 + 5, "all ideas, and those that wait"
    assert files.write(found, "md", "en").data.decode().count("\n> Idea of number") == 371
    assert len(json.loads(files.write(found, "json", "en").data)["ideas"]) == 371
    assert len(rows(tables(found)["comments.csv"])) == 372
    assert all(one.weighed is None or one.weighed.voters >= 5 for one in found.ideas)
    await town.close()


async def test_a_conversation_of_one_tells_nothing_of_who_is_alone(town: Database, keys: Keyring) -> None:
    about = some.conversation(participants=1)
    alone = some.participant(about, "Alva", hats=("elected",), hats_shown=True)
    bench = some.idea(alone, sums=Sums(1), voters=1)
    await some.keep(town, keys, about, alone, bench)
    async with some.work(town, keys) as uow:
        found = await load_harvest(uow, about.id, some.NOW)
    text = Read(files.write(found, "html", "en").data.decode()).text
    assert "A bench by the lake" in text
    for words in ("took part", "elected", "agreed", "Alva", "weighed ideas"):
        assert words not in text.partition("What people wrote")[0], words
    head, *told = rows(tables(found)["comment-groups.csv"])
    assert told == [["1", "A bench by the lake", *[""] * (len(head) - 2)]]
    assert rows(tables(found)["summary.csv"])[2:5] == [["voters", ""], ["voters-in-conv", ""], ["commenters", ""]]
    await town.close()


@pytest.mark.parametrize(
    ("weighed", "words"),
    [
        (Weighed(20, 0, 0), "20 agreed, 0 disagreed, 0 passed."),
        (Weighed(0, 20, 0), "0 agreed, 20 disagreed, 0 passed."),
        (Weighed(0, 0, 20), "0 agreed, 0 disagreed, 20 passed."),
    ],
)
def test_all_of_one_mind(weighed: Weighed, words: str) -> None:
    ideas = tuple(msgspec.structs.replace(one, weighed=weighed) for one in NORA.ideas)
    found = msgspec.structs.replace(NORA, ideas=ideas)
    for form in ("html", "md", "sheet"):
        text = files.write(found, form, "en").data.decode()
        assert words in text, form
        for kind in ("agree", "disagree", "passed") if form != "md" else ():
            count = getattr(weighed, kind)
            assert re.search(rf'class="{kind}" style="flex-grow:{count}"', text), (form, kind)


@pytest.mark.soak
@pytest.mark.usefixtures("printer")
async def test_two_thousand_people(town: Database, keys: Keyring) -> None:
    found = await of_many(town, keys, 371, 2000, 100)
    assert found.people == 2000
    assert pdf(files.write(found, "pdf", "sv").data).startswith(b"%PDF")
    assert pdf(files.write(found, "sheet-pdf", "sv").data).startswith(b"%PDF")
    await town.close()
