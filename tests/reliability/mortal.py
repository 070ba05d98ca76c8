"""A bot that can be killed at any commit of its database, in this process: just before it, or right after it.

A kill is as sudden as can be made here: from that moment on its database takes nothing, nothing more is sent, and what
it was doing ends wherever it was. What was on its way to the network arrives, as it would.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import Bot
from bot.chat.events import Event
from bot.settings import Settings
from tests.story.world import Clock, Town

When = Literal["before", "after", "either"]
"""On which side of a commit; either: on one in each other deed."""


class Killed(BaseException):
    """No handler of errors may see this one."""


@dataclass
class Fate:
    """Says when to die: in each deed once, at its commit of this number (0: never). `deaths` tells at which deeds."""

    at: int = 0
    when: When = "after"
    deed: int = 0
    commits: int = 0
    most: int = 0
    """Commits of the deed that had the most."""
    deaths: list[int] = field(default_factory=list)

    def next_deed(self) -> None:
        self.deed += 1
        self.commits = 0

    def strikes(self, when: When) -> bool:
        """Whether this is the moment."""
        side = ("before", "after")[(self.deed + self.at) % 2] if self.when == "either" else self.when
        due = self.commits == self.at and side == when and self.deed not in self.deaths
        if due:
            self.deaths.append(self.deed)
        return due

    def count(self) -> None:
        self.commits += 1
        self.most = max(self.most, self.commits)


class Life:
    """One life of a bot: wraps its way to the disk and to the network."""

    def __init__(self, bot: Bot, fate: Fate) -> None:
        self.bot = bot
        self.fate = fate
        self.alive = True
        self.task: asyncio.Task[None] | None = None
        self._accepting: set[asyncio.Task[None]] = set()
        self._accept = bot.intake.accept
        bot.intake.accept = self.accept  # type: ignore[method-assign]
        self._begin = bot.database.transaction
        bot.database.transaction = self.transaction  # type: ignore[method-assign]
        for adapter in bot.adapters.values():
            for name in ("send", "answer"):
                setattr(adapter, name, self._guarded(getattr(adapter, name)))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Begin; commit at the end of the block, unless this is the end of this life."""
        self._breathe()
        strikes = False
        async with self._begin() as connection:
            before = await _changes(connection)
            yield connection
            self._breathe()
            if await _changes(connection) != before:
                self.fate.count()
                if self.fate.strikes("before"):
                    self._die()
                strikes = self.fate.strikes("after")
        if strikes:
            self._die()

    async def accept(self, happened: Sequence[Event]) -> None:
        """Take in events; who waits for that when this life ends is not answered, and waits no longer."""
        self._breathe()
        task = asyncio.create_task(self._accept(happened))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)
        await task

    def _die(self) -> None:
        self.alive = False
        for waiting in self._accepting:
            asyncio.get_running_loop().call_soon(waiting.cancel)
        if self.task is not None:
            asyncio.get_running_loop().call_soon(self.task.cancel)
        raise Killed

    def _breathe(self) -> None:
        if not self.alive:
            raise Killed

    def _guarded(self, doing: Any) -> Any:
        async def guarded(*given: Any) -> Any:
            if not self.alive:
                raise asyncio.CancelledError
            return await doing(*given)

        return guarded


@dataclass
class MortalTown(Town):
    """A town whose bot dies, and begins again with what is in its folder."""

    fate: Fate = field(default_factory=Fate)
    uncertain: int = 0
    """How often a message may have been sent twice, as the bot itself has counted over its lives."""
    answers: bool = False
    _life: Life | None = None

    async def begins(self) -> None:
        while True:
            try:
                await super().begins()
            except (Killed, asyncio.CancelledError):
                if self._life is None or self._life.alive:
                    raise
            else:
                return

    def made(self, settings: Settings, clock: Clock) -> Bot:
        bot = super().made(settings, clock)
        self._life = Life(bot, self.fate)
        return bot

    def started(self, task: asyncio.Task[None]) -> None:
        assert self._life is not None
        self._life.task = task

    async def ends(self) -> None:
        if self._bot is not None and self._life is not None and self._life.alive:
            await super().ends()
            self.uncertain += self.bot.delivery.counts.uncertain

    async def fallen(self) -> None:
        assert self._life is not None
        if self._life.alive:
            await super().fallen()
        self.uncertain += self.bot.delivery.counts.uncertain
        await self.begins()

    async def settled(self) -> None:
        await super().settled()
        self.fate.next_deed()


async def _changes(connection: AsyncConnection) -> int:
    """Give how many rows this connection has ever changed."""
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None
    return int(raw.driver_connection.total_changes)
