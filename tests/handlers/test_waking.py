"""What is to happen later happens, each once: moved, dropped, failing, asleep, and with several workers."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid6 import uuid7

from bot.chat.content import Content
from bot.crypto import Keyring
from bot.handlers.means import Means
from bot.handlers.waking import Table, Waker
from bot.store.engine import Database
from bot.store.records import Due, Outbox
from tests.store.some import NOW, room, work

HOUR = timedelta(hours=1)


class Later:
    """A database, a clock, and what happened: the notes of each row."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self.database, self.keys, self.now = database, keys, NOW
        self.happened: list[str] = []
        self.fails = 0

    def clock(self) -> datetime:
        return self.now

    def worker(self) -> Waker:
        return Waker(
            self.database, self.keys, {}, self.clock, lambda: None, random.Random(1), table=self.table,
            only_process=self.database.sqlite,
        )  # fmt: skip

    @property
    def table(self) -> Table:
        async def happen(ctx: Means, one: Due) -> None:
            self.happened.append((one.secret or {}).get("note", ""))
            if self.fails:
                self.fails -= 1
                raise RuntimeError

        async def write(ctx: Means, one: Due) -> None:
            found = room(f"room-{one.secret['note']}" if one.secret else "", private=True)
            ctx.uow.add(found)
            ctx.say(Content.of("It is time."), found)
            ctx.wake_at("note", ctx.soon(hours=1), secret={"note": "after"})

        return {"note": happen, "write": write}

    async def stages(self, doing: Callable[[Means], Any]) -> None:
        """Let a handler stage something."""
        async with work(self.database, self.keys) as uow:
            means = Means(now=self.now, uow=uow, keys=self.keys, links={}, new_id=uuid7, rng=random.Random(1))
            waits = doing(means)
            if waits is not None:
                await waits

    async def passes(self, worker: Waker | None = None, **delta: float) -> int:
        """Let time pass, and all happen that is due then; gives how often something was tried."""
        self.now += timedelta(**delta)
        by, count = worker or self.worker(), 0
        while await by.once():
            count += 1
        return count

    async def rows(self) -> list[Due]:
        async with work(self.database, self.keys) as uow:
            return await uow.select(Due, lambda query: query)


def _note(note: str, at: datetime, once: str = "") -> Callable[[Means], None]:
    return lambda ctx: ctx.wake_at("note", at, secret={"note": note}, once=once)


async def test_it_happens_when_its_moment_comes_and_once(database: Database, keys: Keyring) -> None:
    later = Later(database, keys)
    await later.stages(_note("second", NOW + 2 * HOUR))
    await later.stages(_note("first", NOW + HOUR))

    assert await later.passes() == 0
    assert await later.passes(hours=1) == 1
    assert later.happened == ["first"]
    assert await later.passes(hours=24) == 1
    assert later.happened == ["first", "second"]
    assert await later.rows() == []


async def test_what_has_one_name_happens_once_and_can_be_moved_or_dropped(database: Database, keys: Keyring) -> None:
    later = Later(database, keys)
    await later.stages(_note("a", NOW + HOUR, once="meeting"))
    await later.stages(_note("b", NOW + 2 * HOUR, once="meeting"))
    await later.stages(_note("dropped", NOW + HOUR, once="other"))
    moved = {"secret": {"note": "moved"}, "once": "meeting"}
    await later.stages(lambda ctx: ctx.wake_instead("note", NOW + 5 * HOUR, **moved))
    await later.stages(lambda ctx: ctx.wake_not("other"))
    await later.stages(lambda ctx: ctx.wake_not("nothing of that name"))

    assert await later.passes(hours=4) == 0
    assert await later.passes(hours=1) == 1
    assert later.happened == ["moved"]

    await later.stages(_note("again", NOW, once="meeting"))
    assert await later.passes() == 1


async def test_what_fails_is_tried_again_later_and_parked_after_three(database: Database, keys: Keyring) -> None:
    later = Later(database, keys)
    worker = later.worker()
    later.fails = 1
    await later.stages(_note("a", NOW))
    assert [await later.passes(worker), await later.passes(worker, seconds=29)] == [1, 0]
    assert await later.passes(worker, seconds=1) == 1
    assert await later.rows() == []

    later.fails = 9
    await later.stages(_note("b", NOW, once="b"))
    tries = [await later.passes(worker), await later.passes(worker, seconds=30), await later.passes(worker, minutes=5)]
    assert tries == [1, 1, 1]
    assert await later.passes(worker, days=30) == 0
    assert worker.parked == 1
    assert [one.at for one in await later.rows()] == [None]


async def test_a_kind_that_nobody_knows_is_parked_at_once(database: Database, keys: Keyring) -> None:
    later = Later(database, keys)
    await later.stages(lambda ctx: ctx.wake_at("gone", NOW))

    assert await later.passes() == 1
    assert await later.passes(days=30) == 0


async def test_what_it_stages_goes_with_it(database: Database, keys: Keyring) -> None:
    later = Later(database, keys)
    await later.stages(lambda ctx: ctx.wake_at("write", NOW, secret={"note": "1"}))

    assert await later.passes() == 1

    async with work(database, keys) as uow:
        assert len(await uow.select(Outbox, lambda query: query)) == 1
    assert await later.passes(hours=1) == 1
    assert later.happened == ["after"]


async def test_three_workers_that_start_again_and_again_do_each_once(database: Database, keys: Keyring) -> None:
    """On SQLite they take turns; on PostgreSQL each takes what no other has."""
    later = Later(database, keys)
    for number in range(60):
        at = NOW + number % 20 * HOUR
        await later.stages(lambda ctx, at=at, number=number: ctx.wake_at("write", at, secret={"note": str(number)}))
    for _ in range(5):
        workers = [asyncio.create_task(later.worker().run()) for _ in range(3)]
        later.now += timedelta(hours=2)
        await asyncio.sleep(0.05)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    later.now += timedelta(days=1)
    await asyncio.gather(*(later.passes(later.worker()) for _ in range(3)))

    async with work(database, keys) as uow:
        said = Counter[UUID | None](one.room_id for one in await uow.select(Outbox, lambda query: query))
    assert len(said) == 60
    assert set(said.values()) == {1}


async def test_a_worker_waits_for_the_next_moment(database: Database, keys: Keyring) -> None:
    later = Later(database, keys)
    await later.stages(_note("a", NOW + HOUR))
    worker = later.worker()
    running = asyncio.create_task(worker.run())
    await worker.idle.wait()
    assert later.happened == []

    later.now += HOUR
    worker.wake()
    await worker.idle.wait()

    assert later.happened == ["a"]
    running.cancel()
    await asyncio.wait([running])
