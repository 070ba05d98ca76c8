"""Intake: commits what the adapters received, and only then lets them acknowledge.

Events of calls that come in at the same time share one commit. Of what is said where the bot listens only the id is
stored; the words go to the listener, once that is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from bot.chat.events import ChoiceMade, Event
from bot.crypto import Keyring
from bot.store import inbox, listening
from bot.store.engine import Database
from bot.store.records import Listening
from bot.store.unit_of_work import UnitOfWork

MOST = 500


async def _nowhere(_uow: UnitOfWork, _events: Sequence[Event]) -> Mapping[int, Listening | None]:
    """Nobody is listened to."""
    return {}


def _to_nobody(_event: Event, _talk: Listening | None) -> None:
    """Nobody listens."""


class Intake:
    """The way in, for all adapters. `stored` is told after each commit, `pressed` of each press before it."""

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime], stored: Callable[[], None],
        pressed: Callable[[ChoiceMade], None],
        listens: Callable[[UnitOfWork, Sequence[Event]], Awaitable[Mapping[int, Listening | None]]] = _nowhere,
        hear: Callable[[Event, Listening | None], None] = _to_nobody,
    ) -> None:  # fmt: skip
        self._database = database
        self._keys = keys
        self._clock = clock
        self._stored = stored
        self._pressed = pressed
        self._listens = listens
        self._hear = hear
        self._waiting: list[tuple[Sequence[Event], asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None
        self.received = 0

    async def accept(self, happened: Sequence[Event]) -> None:
        """Commit events; raises if they could not be stored."""
        if not happened:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((happened, done))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store())
        await asyncio.shield(done)

    async def finish(self) -> None:
        """Wait until what came in is stored; to be called when nothing more comes."""
        while self._storing is not None:
            await asyncio.wait([self._storing])

    async def _store(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                events = [event for happened, _done in taken for event in happened]
                try:
                    async with self._database.transaction() as connection:
                        unsaid = await self._keep(UnitOfWork(connection, self._keys), events)
                except Exception as error:  # noqa: BLE001 (whatever it is, who called must know)
                    _tell(taken, error)
                    continue
                self.received += len(events)
                for event in events:
                    if isinstance(event, ChoiceMade):
                        self._pressed(event)
                for event, talk in unsaid:
                    self._hear(event, talk)
                _tell(taken, None)
                self._stored()
        finally:
            self._storing = None

    async def _keep(self, uow: UnitOfWork, events: Sequence[Event]) -> list[tuple[Event, Listening | None]]:
        """Keep events; gives those of whose words nothing is kept, if they are new."""
        now = self._clock()
        talks = await self._listens(uow, events)
        said = [event for place, event in enumerate(events) if place not in talks]
        await inbox.store(uow.connection, said, self._keys, now)
        unsaid = [
            (events[place], talk)
            for place, talk in talks.items()
            if await inbox.note(uow.connection, events[place], self._keys, now)
        ]
        rooms = [talk.room_id for _event, talk in unsaid if talk is not None]
        if rooms:
            await listening.heard(uow.connection, rooms, now)
        return unsaid


def _tell(taken: Sequence[tuple[Sequence[Event], asyncio.Future[None]]], error: Exception | None) -> None:
    for _happened, done in taken:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
