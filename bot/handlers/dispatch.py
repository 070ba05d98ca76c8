"""Takes events from the inbox and has them handled, in batches: one transaction, few statements, one commit.

Rules
-----
* Events are handled in the order in which they came. What one stages, the later ones of the batch see.
* An event whose handler raises leaves nothing behind: the batch is rolled back and run again without it, and without
  the later events of its room, which wait so that the order is kept.
* Three failures park an event, with the places where it failed; the person gets an apology with its reference.
* What handlers leave for the end of the batch is done once for all of them: it reads for all in one query.
* A batch that cannot be ended or written is rolled back and run one event at a time.
* An event is handled again at once where others have meanwhile changed what it changes; that is no failure.
* Presses are answered after the commit, never before, never twice.
* What came in a room before the bot began to listen there, but is taken after, goes to the listener, unhandled.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from uuid6 import uuid7

from bot.chat.content import Content, Text
from bot.chat.events import ChoiceMade, Event
from bot.chat.port import PressAnswer
from bot.crypto import Keyring, WrongKeys
from bot.domain.helplines import HELPLINES, Helpline
from bot.domain.rooms import Room
from bot.handlers import arrivals, consent
from bot.handlers.context import ConsentNeeded, Context, Sorry
from bot.handlers.means import Ending, Linker
from bot.handlers.preload import preload
from bot.handlers.routing import complete, handle
from bot.logs import places
from bot.store import inbox
from bot.store.engine import ChangedMeanwhile, Database, DatabaseError, RefusedByDatabase
from bot.store.records import Due, Listening
from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger()

MOST = 200
TRIES = 3
RETRY_AFTER = 0.2
OFTEN = 20
"""So often an event may be overtaken by others before it waits a while."""
LOOK_AGAIN = 0.1
"""Seconds after which to look into the inbox unasked, where other processes fill it."""

Answered = Callable[[ChoiceMade, PressAnswer], None]
Outgoing = Callable[[UnitOfWork], Awaitable[Callable[[], None]]]


@dataclass(slots=True)
class Pending:
    """An event of the batch."""

    seq: int
    event: Event
    room_lookup: bytes
    attempts: int


class Failed(Exception):
    """The handler of one event raised."""

    def __init__(self, pending: Pending, cause: Exception) -> None:
        super().__init__()
        self.pending = pending
        self.cause = cause


class Entangled(Exception):
    """What several events of a batch left for its end failed; one by one it shows whose it was."""


def _asleep() -> None:
    """Nobody waits for what is due."""


async def _nowhere(_uow: UnitOfWork, _events: Sequence[Event]) -> Mapping[int, Listening | None]:
    """Nobody is listened to."""
    return {}


def _to_nobody(_event: Event, _talk: Listening | None) -> None:
    """Nobody listens."""


async def _waits(_uow: UnitOfWork) -> Callable[[], None]:
    return lambda: None


@dataclass
class Dispatcher:
    """Handles events until stopped. `answered` and `committed` are told after each commit.

    `outgoing` sees what is staged before it is written, and gives what to call after the commit. `waken` is told when
    something was staged that is to happen later.
    """

    database: Database
    keys: Keyring
    links: Mapping[str, Linker]
    clock: Callable[[], datetime]
    answered: Answered
    committed: Callable[[], None]
    rng: random.Random = field(default_factory=random.SystemRandom)
    outgoing: Outgoing = _waits
    waken: Callable[[], None] = _asleep
    listens: Callable[[UnitOfWork, Sequence[Event]], Awaitable[Mapping[int, Listening | None]]] = _nowhere
    hear: Callable[[Event, Listening | None], None] = _to_nobody
    operator: str = ""
    web: str = ""
    zone: str = "Europe/Stockholm"
    helplines: Mapping[str, tuple[Helpline, ...]] = field(default_factory=lambda: HELPLINES)
    only_process: bool = True
    new_id: Callable[[], UUID] = uuid7
    handled: int = 0
    parked: int = 0

    def __post_init__(self) -> None:
        self._wake = asyncio.Event()
        self._failed: dict[int, datetime] = {}
        self.idle = asyncio.Event()

    def wake(self) -> None:
        """Say that there is something in the inbox."""
        self.idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Handle events until cancelled."""
        while True:
            self._wake.clear()
            try:
                took = await self.once()
            except DatabaseError as error:
                log.error("the database does not answer", error=type(error).__name__)
                await asyncio.sleep(1)
                continue
            if took == 0 and not self._wake.is_set():
                self.idle.set()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if self.only_process else LOOK_AGAIN):
                        await self._wake.wait()

    async def once(self) -> int:
        """Handle one batch; gives how many events were taken (0: nothing waits)."""
        batch_size = MOST
        overtaken = 0
        while True:
            now = self.clock()
            waiting = {seq for seq, until in self._failed.items() if now < until}
            try:
                return await self._batch(batch_size, waiting)
            except Failed as failure:
                await self._count_failure(failure)
            except ChangedMeanwhile:
                overtaken += 1
                if overtaken == OFTEN:
                    raise
                batch_size = 1
            except (DatabaseError, Entangled):
                if batch_size == 1:
                    raise
                log.warning("a batch could not be written; one by one")
                batch_size = 1

    async def _batch(self, most: int, excluded: set[int]) -> int:
        async with self.database.transaction() as connection:
            rows = await inbox.fresh(connection, most + len(excluded))
            pending = await self._open(connection, rows, excluded)
            uow = UnitOfWork(connection, self.keys)
            now = self.clock()
            if pending:
                await preload(uow, self.keys, [(one.event, one.room_lookup) for one in pending])
            talks = dict(await self.listens(uow, [one.event for one in pending]))
            try:
                contexts = [await self._one(uow, one, now, order, talks) for order, one in enumerate(pending)]
                await self._end(uow, contexts)
                send = await self.outgoing(uow)
                await uow.flush()
            except (*RefusedByDatabase, Entangled) as error:
                if len(pending) == 1:
                    raise Failed(pending[0], error) from error
                raise
            await inbox.done(connection, [one.seq for one in pending])
        self.handled += len(pending)
        for one, context in zip(pending, contexts, strict=True):
            if isinstance(one.event, ChoiceMade) and one.event.press:
                self.answered(one.event, (context and context.answered) or PressAnswer())
        if pending:
            send()
            for order, talk in talks.items():
                self.hear(pending[order].event, talk)
            self.committed()
        if Due in uow.new_kinds:
            self.waken()
        return len(pending)

    async def _one(
        self, uow: UnitOfWork, one: Pending, now: datetime, order: int, talks: dict[int, Listening | None]
    ) -> Context | None:
        """Handle one event of the batch; None if it is nobody's, or is only to be heard (then it is one of `talks`).

        Raises `Failed`, or what the database raised: that may be another's fault.
        """
        if order in talks:
            return None
        try:
            context = await self._context(uow, one.event, now)
            begun = _listened_to(uow, context.room) if context is not None else None
            if begun is not None:
                talks[order] = begun
                return None
            if context is not None:
                context.order = order
                await self._handle(context)
        except DatabaseError:
            raise
        except Exception as error:
            raise Failed(one, error) from error
        return context

    async def _end(self, uow: UnitOfWork, contexts: Sequence[Context | None]) -> None:
        """Do what handlers left for the end of the batch, once for all of them. Raises `Entangled`."""
        endings: dict[Ending, list[tuple[Context, Any]]] = {}
        for context in filter(None, contexts):
            for ending, about in context.at_end:
                endings.setdefault(ending, []).append((context, about))
        try:
            for ending, asked in endings.items():
                await ending(uow, asked)
        except DatabaseError:
            raise
        except Exception as error:
            raise Entangled from error

    async def _open(self, connection: Any, rows: Sequence[Any], excluded: set[int]) -> list[Pending]:
        """Decrypt; leave out what failed in this run, and whatever came later in the same rooms."""
        pending: list[Pending] = []
        waiting_rooms: set[bytes] = set()
        for seq, _channel, room_lookup, payload, attempts, _received in rows:
            if seq in excluded or room_lookup in waiting_rooms:
                waiting_rooms.add(room_lookup)
                continue
            try:
                pending.append(Pending(seq, inbox.opened(payload, self.keys), room_lookup, attempts))
            except (WrongKeys, msgspec.MsgspecError) as error:
                self.parked += 1
                await inbox.failed(connection, seq, attempts + 1, places(error), park=True)
        return pending

    async def _context(self, uow: UnitOfWork, event: Event, now: datetime) -> Context | None:
        """Give what a handler of this event works with; None if another bot sent it."""
        if event.sender.bot:
            return None
        me, account, room = await arrivals.who(uow, event, now, self.new_id, self.zone)
        return Context(
            event=event, now=now, uow=uow, keys=self.keys, me=me, account=account, room=room, links=self.links,
            new_id=self.new_id, rng=self.rng, complete=complete, operator=self.operator, web=self.web,
            helplines=self.helplines,
        )  # fmt: skip

    async def _handle(self, context: Context) -> None:
        try:
            await handle(context)
        except Sorry as sorry:
            if sorry.choices and not (isinstance(context.event, ChoiceMade) and not context.private):
                context.reply(sorry.words, choices=sorry.choices)
            else:
                context.tell(sorry.words, alert=True)
        except ConsentNeeded:
            await consent.ask(context)

    async def _count_failure(self, failure: Failed) -> None:
        """Count, and park after three tries with an apology."""
        one = failure.pending
        attempts = one.attempts + 1
        park = attempts >= TRIES
        reference = f"{one.seq:x}".upper()
        log.error(
            "an event failed", error=type(failure.cause).__name__, kind=type(one.event).__name__, attempts=attempts,
            reference=reference, exception=places(failure.cause),
        )  # fmt: skip
        async with self.database.transaction() as connection:
            await inbox.failed(connection, one.seq, attempts, places(failure.cause), park=park)
            if park:
                self.parked += 1
                uow = UnitOfWork(connection, self.keys)
                context = await self._context(uow, one.event, self.clock())
                if context is not None:
                    context.say(
                        Content.of(
                            Text(
                                "Something went wrong on my side, and that did not happen. "
                                "It is noted as %(reference)s. Please try again in another way.",
                                {"reference": reference},
                            )
                        ),
                        only_me=True,
                    )
                await uow.flush()
        if park:
            self._failed.pop(one.seq, None)
            self.committed()
        else:
            pause = RETRY_AFTER * attempts
            self._failed[one.seq] = self.clock() + timedelta(seconds=pause)
            asyncio.get_running_loop().call_later(pause, self.wake)


def _listened_to(uow: UnitOfWork, room: Room) -> Listening | None:
    """Give the talk in a room that an earlier event of this batch has begun."""
    talks = uow.met(Listening) if Listening in uow.new_kinds else ()
    return next((one for one in talks if one.room_id == room.id and one.open), None)
