"""Does what is due: one row of the table `due` a transaction, which holds its work and its removal.

Rules
-----
* So each is done once, with any number of workers: a worker that dies in between has done nothing.
* One whose function raises is tried again later, and parked after three failures. One of a kind that nobody knows is
  parked at once.
* The next moment is waited for by the given clock; that it may be set forward, it is looked at now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from uuid6 import uuid7

from bot.crypto import Keyring
from bot.handlers.means import Linker, Means
from bot.handlers.tables import DUE
from bot.logs import places
from bot.store import due
from bot.store.engine import ChangedMeanwhile, Database, DatabaseError, RefusedByDatabase
from bot.store.records import Due
from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger()

TRIES = 3
RETRY_AFTER = timedelta(seconds=30)
"""After the first failure; ten times as long after each further one."""
LONGEST_WAIT = 5.0
LOOK_AGAIN = 1.0
"""Seconds after which to look unasked, where other processes may have staged something."""
TAKEN = 0.05
"""Seconds to wait while another worker does what is due, or after others changed what it changes."""
SOON = timedelta(seconds=5)


Table = Mapping[str, Callable[[Means, Due], Awaitable[None]]]


class Failed(Exception):
    """What was due raised."""

    def __init__(self, one: Due, cause: Exception) -> None:
        super().__init__()
        self.one = one
        self.cause = cause


@dataclass
class Waker:
    """Does what is due until stopped, by the functions of a `table`. `committed` is told after each commit."""

    database: Database
    keys: Keyring
    links: Mapping[str, Linker]
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    rng: random.Random = field(default_factory=random.SystemRandom)
    operator: str = ""
    web: str = ""
    only_process: bool = True
    table: Table = field(default_factory=lambda: DUE)
    new_id: Callable[[], UUID] = uuid7
    done: int = 0
    parked: int = 0

    def __post_init__(self) -> None:
        self._wake = asyncio.Event()
        self.idle = asyncio.Event()

    def wake(self) -> None:
        """Say that something may be due earlier than was known."""
        self.idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Do what is due until cancelled."""
        while True:
            self._wake.clear()
            try:
                pause = 0.0 if await self.once() else await self._pause()
            except ChangedMeanwhile:
                pause = TAKEN
            except DatabaseError as error:
                log.error("the database does not answer", error=type(error).__name__)
                pause = 1.0
            if pause > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()

    async def once(self) -> bool:
        """Do what has been due for longest; gives whether there was anything."""
        try:
            async with self.database.transaction() as connection:
                uow = UnitOfWork(connection, self.keys)
                one = await due.take(uow, self.clock())
                if one is not None:
                    await self._do(uow, one)
        except Failed as failure:
            await self._count_failure(failure)
            return True
        if one is None:
            return False
        self.done += 1
        self.committed()
        return True

    async def _do(self, uow: UnitOfWork, one: Due) -> None:
        try:
            means = Means(
                now=self.clock(), uow=uow, keys=self.keys, links=self.links, new_id=self.new_id, rng=self.rng,
                operator=self.operator, web=self.web,
            )  # fmt: skip
            await self.table[one.kind](means, one)
            for ending, about in means.at_end:
                await ending(uow, [(means, about)])
            await uow.flush()
        except RefusedByDatabase as error:
            raise Failed(one, error) from error
        except DatabaseError:
            raise
        except Exception as error:
            raise Failed(one, error) from error

    async def _count_failure(self, failure: Failed) -> None:
        """Put it off, or park it."""
        one, cause = failure.one, failure.cause
        attempts = one.attempts + 1
        park = attempts >= TRIES or one.kind not in self.table
        log.error(
            "what was due failed", error=type(cause).__name__, kind=one.kind, attempts=attempts, exception=places(cause)
        )
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            if await due.locked(uow, one.id) is None:
                return
            if park:
                self.parked += 1
                uow.save(msgspec.structs.replace(one, at=None, unique_key=None, attempts=attempts))
            else:
                again = self.clock() + RETRY_AFTER * 10 ** (attempts - 1)
                uow.save(msgspec.structs.replace(one, at=again, attempts=attempts))
            await uow.flush()

    async def _pause(self) -> float:
        """How long to wait for the next, if nothing wakes us."""
        async with self.database.transaction() as connection:
            later = await due.next_due(UnitOfWork(connection, self.keys))
        now = self.clock()
        if (later is None or later > now + SOON) and not self._wake.is_set():
            self.idle.set()
        longest = LONGEST_WAIT if self.only_process else LOOK_AGAIN
        return longest if later is None else min(max((later - now).total_seconds(), TAKEN), longest)
