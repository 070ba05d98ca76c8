"""Time to start, with an empty database and with a million events in it; and memory at rest."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure
from benchmarks.processes import PROJECT, Server, byalag, environment
from benchmarks.world import prepare
from tests.peers.synapse import running
from tests.peers.telegram.load import WebhookLoad

EVENTS = 1_000_000
SECONDS = 1.5
MEBIBYTE = 1 << 20
MOST = 150


async def start() -> list[Figure]:
    """Start by turns with nothing and with a million events."""
    empty, full = [], []
    with TemporaryDirectory() as folder:
        python = await environment(Path(folder) / "installed", PROJECT / "requirements.lock")
        world = await prepare(Path(folder) / "full", people=1000)
        _remember_events(world.data / "byalag.db")
        async with Server() as server:
            for turn in range(5):
                nothing = Path(folder) / f"empty{turn}"
                nothing.mkdir()
                async with byalag(nothing, server, python=python) as bot:
                    empty.append(bot.ready_after)
                async with byalag(world.data, server, python=python) as bot:
                    full.append(bot.ready_after)
    seconds, with_events = median(empty), median(full)
    ratio = with_events / seconds
    about = (
        "`python -m bot run` with Telegram by webhook, from the process's start to ready, no database yet; "
        "installed is what an operator installs."
    )
    more = "the same with a million handled events in the inbox."
    runs = [[round(run, 2) for run in times] for times in (full, empty)]
    return [
        Figure("start", about, round(seconds, 2), None, None, "≤ 1.5 s", seconds <= SECONDS, "s", runs[1:]),
        Figure(
            "start-1m", more, round(with_events, 2), round(seconds, 2), round(ratio, 2), "the same ± 20 %",
            ratio <= 1.2, "s", runs,
        ),
    ]  # fmt: skip


def _remember_events(path: Path) -> None:
    """Write handled events into the inbox, as they stand there for a week."""
    with sqlite3.connect(path) as connection:
        rows = ((f"old:{number}", number) for number in range(EVENTS))
        connection.executemany(
            "insert into inbox (channel, event_id, room_lookup, received_at, state, attempts, trace) "
            "values ('telegram', ?, x'00', 1700000000000000 + ?, 'done', 0, '')",
            rows,
        )
    connection.close()


async def memory() -> list[Figure]:
    """Look at the process's memory after its start on both networks and a thousand events."""
    with TemporaryDirectory() as folder, running() as homeserver:
        world = await prepare(Path(folder) / "data", people=500)
        matrix = {
            "BYALAG_MATRIX_HOMESERVER": homeserver.url,
            "BYALAG_MATRIX_USER": homeserver.register("byalag", "secret"),
            "BYALAG_MATRIX_PASSWORD": "secret",
        }
        async with Server() as server, byalag(world.data, server, **matrix) as bot:
            load = WebhookLoad(world.mixed(1000), bot.webhook, secret=bot.secret, concurrency=8)
            await load.run()
            resident = bot.memory() / MEBIBYTE
    about = (
        "resident memory of the whole process with pages and both adapters, Telegram by webhook and Matrix (encrypted) "
        "on a real Synapse, after 1,000 events by 500 people."
    )
    return [
        Figure("memory", about, round(resident), None, None, "≤ 150 MiB", resident <= MOST, "MiB", [[round(resident)]])
    ]
