"""Intake: commits what the adapters received, and only then lets them acknowledge.

Events of calls that come in at the same time share one commit. Of what is said where the bot listens only the id is
stored; the words go to the listener, once that is committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.chat.events import ChoiceMade, Event
from bot.crypto import Keyring
from bot.store import inbox
from bot.store.engine import Database

MOST = 500


def _nowhere(_event: Event) -> bool:
    """Nobody is listened to."""
    return False


def _to_nobody(_event: Event) -> None:
    """Nobody listens."""


class Intake:
    """The way in, for all adapters. `stored` is told after each commit, `pressed` of each press before it."""

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime], stored: Callable[[], None],
        pressed: Callable[[ChoiceMade], None], listens: Callable[[Event], bool] = _nowhere,
        hear: Callable[[Event], None] = _to_nobody,
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
                unsaid = [event for event in events if self._listens(event)]
                try:
                    async with self._database.transaction() as connection:
                        await inbox.store(connection, events, self._keys, self._clock(), unsaid.__contains__)
                except Exception as error:  # noqa: BLE001 (whatever it is, who called must know)
                    _tell(taken, error)
                    continue
                self.received += len(events)
                for event in events:
                    if isinstance(event, ChoiceMade):
                        self._pressed(event)
                for event in unsaid:
                    self._hear(event)
                _tell(taken, None)
                self._stored()
        finally:
            self._storing = None


def _tell(taken: Sequence[tuple[Sequence[Event], asyncio.Future[None]]], error: Exception | None) -> None:
    for _happened, done in taken:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
