"""kill -9 at random points of the real process, while a crowd goes on: nothing lost, nothing doubled, in order.

Telegram knows no idempotency keys: of the messages on their way at a kill each may be there twice, and is counted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import setup
from bot.store.engine import Database
from tests.peers.telegram import TelegramEmulator
from tests.reliability.crowd import Crowd
from tests.reliability.process import BotProcess, free_port, killed_again_and_again, where_it_is_noon
from tests.story.world import Clock, Town, environment, use

PAUSE = 0.08


@asynccontextmanager
async def gathered(
    folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int, database: str, *, called: bool
) -> AsyncIterator[tuple[Crowd, Database, BotProcess]]:
    """A crowd in a conversation, its database, and the process that is to serve it."""
    async with TelegramEmulator(webhook_backoff=0.05) as server:
        settings = environment(server, folder) | {"BYALAG_ZONE": where_it_is_noon(), "BYALAG_DATABASE": database}
        use(settings, folder, monkeypatch)
        town = Town(server, folder, Clock(datetime.now(UTC)))
        if database:
            await migrated(town)
        await town.begins()
        crowd = await Crowd.gathered(town, seed)
        url = town.bot.settings.database_url
        await town.ends()
        opened = Database(url)
        process = BotProcess(server, settings | (by_webhook() if called else {}), folder / "bot.log")
        try:
            yield crowd, opened, process
        finally:
            process.end()
            await opened.close()


def by_webhook() -> dict[str, str]:
    """Let Telegram call the bot."""
    port = free_port()
    return {"BYALAG_PORT": str(port), "BYALAG_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}"}


async def migrated(town: Town) -> None:
    """Make the tables, as an operator does with PostgreSQL."""
    from bot.settings import Settings

    opened = Database(Settings(data=town.data).database_url)
    await setup.migrate(opened)
    await opened.close()


async def story(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, seed: int, points: int, database: str = "", called: bool = False
) -> None:
    """Kill so many times; the bot asks for updates, or is `called`."""
    async with gathered(folder, monkeypatch, seed, database, called=called) as (crowd, opened, process):
        # given a crowd that does not wait for anybody
        enough = asyncio.Event()
        living = asyncio.create_task(crowd.live(enough, PAUSE))
        # when the bot is killed again and again
        uncertain = await killed_again_and_again(crowd.keys, opened, process, random.Random(seed), points)
        # then, once it may work, everything is there, once
        process.begin()
        await process.ready()
        enough.set()
        await living
        await crowd.settled(opened)
        assert await process.stop() == 0
        await crowd.nothing_is_lost_or_doubled(opened)
        await crowd.the_group_saw_them_in_order(opened, uncertain)
        assert not crowd.server.violations
        assert "Traceback" not in process.log()
        assert crowd.deeds > points


async def test_killed_at_twenty_random_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await story(tmp_path, monkeypatch, seed=20, points=20)


async def test_killed_while_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await story(tmp_path, monkeypatch, seed=7, points=5, called=True)


async def test_killed_on_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_url: str) -> None:
    await story(tmp_path, monkeypatch, seed=5, points=5, database=postgresql_url)


@pytest.mark.soak
@pytest.mark.parametrize("called", [False, True], ids=["asking", "called"])
@pytest.mark.parametrize("seed", range(15))
async def test_killed_at_three_hundred_random_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, *, called: bool
) -> None:
    await story(tmp_path, monkeypatch, seed=1000 + seed, points=20, called=called)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(15))
async def test_killed_at_three_hundred_random_points_on_postgresql(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    postgresql_url: str,
) -> None:
    await story(tmp_path, monkeypatch, seed=2000 + seed, points=20, database=postgresql_url)
