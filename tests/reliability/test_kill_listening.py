"""kill -9 of the process that listens, while somebody tells it something: it goes on, and nothing is kept."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import msgspec
import pytest

from bot.crypto import make_keys
from tests.peers.postgres import PostgreSQL
from tests.peers.telegram import TelegramEmulator
from tests.privacy.test_listening import SAID, files
from tests.reliability.process import BotProcess, free_port, where_it_is_noon
from tests.reliability.test_kill_process import migrated
from tests.story.world import Clock, Town, environment, use

KILLS = 3
LONGEST = 0.06
"""Seconds after which, at the latest, whoever heard it is killed: before it is stored, or answered, or after."""


async def test_the_process_that_listens_is_killed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_url: str, postgresql: PostgreSQL
) -> None:
    chance, port = random.Random(3), free_port()
    async with TelegramEmulator(webhook_backoff=0.05) as server:
        settings = environment(server, tmp_path) | {
            "BYALAG_ZONE": where_it_is_noon(),
            "BYALAG_DATABASE": postgresql_url,
            "BYALAG_KEYS": msgspec.json.encode(make_keys()).decode(),
            "BYALAG_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        }
        use(settings, tmp_path, monkeypatch)
        await migrated(Town(server, tmp_path, Clock()))
        worker = BotProcess(server, settings, tmp_path / "worker.log", "worker")
        hears = BotProcess(server, settings | {"BYALAG_PORT": str(port)}, tmp_path / "web.log", "web")
        try:
            worker.begin()
            hears.begin()
            await hears.ready()
            anna = server.person("Anna", language_code="sv")
            await anna.send(anna.private, "/lyssna")
            await anna.private.wait_for_message("Inget sparas.", timeout=20)
            for words in SAID[:KILLS]:
                before = len(anna.private.bot_messages)
                await anna.send(anna.private, words)
                await asyncio.sleep(chance.uniform(0, LONGEST))
                await hears.kill()
                hears.begin()
                await hears.ready()
                # Whoever does not wait for "I lost the thread." goes on.
                await anna.send(anna.private, "nästa")
                await server.wait_until_handled(timeout=20)
                await anna.private.wait_until(lambda so_far=before: len(anna.private.bot_messages) > so_far, timeout=20)
            await anna.send(anna.private, "sluta")
            await anna.private.wait_for_message("Inget av det du sa är sparat.", timeout=20)
            assert await hears.stop() == 0
            assert await worker.stop() == 0
        finally:
            hears.end()
            worker.end()
    await postgresql.execute("CHECKPOINT")
    kept = files(postgresql.data, tmp_path)
    assert b"said:" in kept, "ids are found, so words would be"
    assert [words for words in SAID if words.encode() in kept] == []
