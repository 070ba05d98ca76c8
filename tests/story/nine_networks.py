"""A village of forty on both networks for real: the Bot API emulator, and Synapse with encrypted rooms only.

A client reads when it is told that something came, as phones are: the gate sees what the bot sends, and where.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from bot.store import due, outbox
from bot.store.unit_of_work import UnitOfWork
from tests.peers.synapse import Synapse
from tests.story.matrix import BothTown, MatrixNeighbour, networks
from tests.story.nine_days import joins_by
from tests.story.scenes import invites
from tests.story.stage import NAMES, Stage
from tests.story.world import Clock, Neighbour

PATIENCE = 100.0
_SENT_TO = re.compile(r"/rooms/([^/]+)/(?:send|redact)/")


class Village(BothTown, Stage):
    """The village."""

    def __init__(self, *args: Any, **more: Any) -> None:
        BothTown.__init__(self, *args, **more)
        Stage.__init__(self)
        self._together = False
        self._looked = 0

    async def moves_in(self) -> None:
        """Forty people, and a group on Telegram with those who are there."""
        there = [self.neighbour(name) for name in NAMES[::2]]
        here = await asyncio.gather(*(self.matrix_neighbour(name) for name in NAMES[1::2]))
        self.people = [one for pair in zip(there, here, strict=True) for one in pair]
        self.groups = [self.group("Grannar i Nora", *there)]

    @property
    def now(self) -> datetime:
        return self.clock.now

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[UnitOfWork]:
        async with self.bot.database.transaction() as connection:
            yield UnitOfWork(connection, self.bot.keys)

    def work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._read()

    def files(self, one: Neighbour) -> list[bytes]:
        kept = self.server.core.world.files
        media = [message.media for message in one.private.bot_messages]
        return [kept[each["document"]["file_id"]].data for each in media if "document" in each]

    # How many act at once

    async def at_once(self, deeds: Iterable[Awaitable[Any]]) -> None:
        self._together = True
        try:
            await asyncio.gather(*deeds)
        finally:
            self._together = False
        await self.settled()

    async def settled(self) -> None:
        if self._together:
            return
        await super(BothTown, self).settled()
        paths = [unquote(path) for _method, path, _status in self.matrix.gate.seen[self._looked :]]
        self._looked += len(paths)
        told = {found[1] for path in paths if (found := _SENT_TO.search(path))}
        looking = {room.eyes.private for room in self.rooms if room.id in told}
        reading = [
            one
            for one in self.on_matrix
            if one in self.acting or one.human.private in told or one.human.private in looking
        ]
        await asyncio.gather(*(one.human.catch_up() for one in reading))

    async def until(self, at: datetime) -> None:
        while self.now < at:
            async with self.work() as uow:
                following = (await due.next_due(uow), await outbox.next_due(uow, self.now))
            step = min((*filter(None, following), at))
            await self.later(seconds=max((step - self.now).total_seconds(), 0.0))
            self.note()

    # How they come together

    async def gathers(self, host: Neighbour) -> None:
        with self.turn(host):
            invited = await invites(host)
            await host.follows(invited.group_link, group=self.groups[0])
        await self.each(self.on_matrix, self._opens_a_room)
        await joins_by(self, invited.link.partition("start=")[2])
        first, *others = self.on_matrix
        with self.turn(*self.on_matrix):
            self.groups.append(await self.matrix_room("Grannar i Nora", first, *others))

    async def _opens_a_room(self, one: Neighbour) -> None:
        assert isinstance(one, MatrixNeighbour)
        one.human.private = await self.matrix.make_room(one.human, is_direct=True)


@asynccontextmanager
async def village(
    synapse: Synapse, data: Path, monkeypatch: pytest.MonkeyPatch, begin: datetime
) -> AsyncIterator[Village]:
    """Found a village of forty, with the bot at work."""
    async with networks(synapse, data, monkeypatch) as (emulator, driver):
        made = Village(emulator, data, Clock(begin), driver=driver, patience=PATIENCE)
        await made.begins()
        await made.moves_in()
        try:
            yield made
            await asyncio.gather(*(one.human.catch_up() for one in made.on_matrix))
            assert not any(one.human.locked for one in made.on_matrix), "everybody could read all there was"
            made.everybody_was_understood()
        finally:
            await made.ends()
