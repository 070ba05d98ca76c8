"""Durable events a second, against a bot that stores nothing, and against one that pickles its state."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure
from benchmarks.processes import Server, byalag, echo
from benchmarks.world import prepare
from tests.peers.telegram.load import WebhookLoad, messages

LANES = 40
TEXT = "Bänkar längs gångvägen till vårdcentralen, så att alla orkar hela vägen dit och hem igen. {number}"


async def ours(people: int, count: int) -> tuple[float, float, float]:
    """Give votes a second until each press was answered, until also each next idea was shown, and CPU ms a vote."""
    with TemporaryDirectory() as folder:
        world = await prepare(Path(folder) / "data", people=people)
        async with Server() as server, byalag(world.data, server) as running:
            load = WebhookLoad(world.votes(count), running.webhook, secret=running.secret, concurrency=LANES)
            cpu, begin = running.cpu(), time.perf_counter()
            result = await load.run(answered=lambda: server.accepted("answerCallbackQuery"))
            while server.accepted("editMessageText") < count and time.perf_counter() - server.last_at < 2:
                await asyncio.sleep(0.01)
            shown = count / (server.last_at - begin)
            return result.events_per_second, shown, (running.cpu() - cpu) / count * 1000


async def theirs(mode: str, people: int, count: int) -> tuple[float, float]:
    """Give messages a second until each was echoed, and CPU ms a message."""
    with TemporaryDirectory() as folder:
        async with Server() as server, echo(Path(folder), server, mode) as running:
            load = WebhookLoad(messages(count, people=people, text=TEXT), running.webhook, concurrency=LANES)
            cpu = running.cpu()
            result = await load.run(answered=lambda: server.accepted("sendMessage"))
            return result.events_per_second, (running.cpu() - cpu) / count * 1000


async def events() -> list[Figure]:
    """Measure against the echo bot."""
    mine, bare = [], []
    for _ in range(3):
        mine.append(await ours(500, 4000))
        bare.append(await theirs("webhook", 500, 2000))
    fast, slow = median(run[0] for run in mine), median(run[0] for run in bare)
    shown = median(run[1] for run in mine)
    cpu, their_cpu = median(run[2] for run in mine), median(run[1] for run in bare)
    about = (
        "presses by 500 people that weigh an idea, webhook JSON in, until the vote is committed (SQLite, "
        "synchronous=FULL) and its answer (answerCallbackQuery) accepted; each is followed by the next idea "
        f"(editMessageText): {shown:.0f}/s until that was accepted too. Theirs: python-telegram-bot's echo bot by "
        "webhook, which stores nothing and sends one message an event. CPU: "
        f"{cpu:.2f} ms an event (two requests), theirs {their_cpu:.2f} (one). What bounds ours is the one processor: "
        "by a sampling profile 35 to 40 % of its time is HTTP through aiohttp (one call in, two out), 40 % a batch's "
        "reading, rules, rendering, signing and sealing, 10 % commits that wait for the disk; none stands out. "
        "A client of our own for HTTP would cost a third, and be ours to keep right."
    )
    runs = [[round(run[0]) for run in mine], [round(run[0]) for run in bare]]
    ratio = fast / slow
    return [Figure("events", about, round(fast), round(slow), round(ratio, 2), "≥ 2 ×", ratio >= 2, "events/s", runs)]


async def events_10k() -> list[Figure]:
    """Measure with 10,000 participants against the bot that pickles its state for each update."""
    mine, pickled = [], []
    for _ in range(2):
        mine.append((await ours(10_000, 5000))[0])
        pickled.append((await theirs("state", 10_000, 200))[0])
    fast, slow = median(mine), median(pickled)
    about = (
        "the same with 10,000 participants. Theirs: the echo bot with PicklePersistence, 10,000 people's user_data, "
        "flushed for each update before it is answered."
    )
    runs = [[round(run) for run in mine], [round(run) for run in pickled]]
    ratio = fast / slow
    return [
        Figure("events-10k", about, round(fast), round(slow), round(ratio, 1), "≥ 10 ×", ratio >= 10, "events/s", runs)
    ]
