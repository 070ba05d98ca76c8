"""Takes messages from the outbox and hands them to the adapters.

Rules
-----
* A message is rendered once, when it is claimed; the rendering is stored with the claim, and a retry sends just that.
* A claim has a lease longer than any send, and what would outlast it is not begun. Of each room, and of
  each where it is read, one message is on its way, so order holds. Where there are several processes, each takes back
  what another held past its lease.
* What cannot be rendered is parked.
* A card that changed since it was rendered is edited afterwards: whoever changes a subject stages its refresh.
* Fan-outs are one row each, expanded here in chunks, so that they never hold up an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from uuid6 import uuid7

from bot.chat.port import ChatAdapter, DeliveryError, Later, Uncertain, Unreachable
from bot.crypto import Keyring
from bot.delivery import calming, carrying, fanout, preparing, reading, rendering
from bot.delivery.outcomes import Outcomes, Result, Sending
from bot.delivery.pacing import Pacer
from bot.domain.rooms import Room
from bot.logs import places
from bot.store import outbox
from bot.store.engine import ChangedMeanwhile, Database, DatabaseError
from bot.store.records import Outbox
from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger()

MOST = 64
"""So many messages are on their way at most."""
A_ROUND = 16
"""So many are claimed and rendered in one transaction: what a press may have to wait for."""
AT_ONCE = 12
LEASE_BEYOND = 10.0
LONGEST_WAIT = 5.0
LOOK_AGAIN = 0.2
SOON = timedelta(seconds=5)
LOOK_SOON = timedelta(seconds=0.1)
RECLAIM_EVERY = timedelta(seconds=5)


class Delivery:
    """Sends what waits in the outbox until stopped. One per process."""

    def __init__(
        self, database: Database, keys: Keyring, adapters: Mapping[str, ChatAdapter], clock: Callable[[], datetime],
        *, only_process: bool,
    ) -> None:  # fmt: skip
        self.database = database
        self.keys = keys
        self.adapters = adapters
        self.clock = clock
        self.only_process = only_process
        self.idle = asyncio.Event()
        self._wake = asyncio.Event()
        self._results: list[Result] = []
        self._sending: dict[UUID, asyncio.Task[None]] = {}
        self._pacers = {channel: Pacer(adapter.limits) for channel, adapter in adapters.items()}
        self._outcomes = Outcomes(adapters, self._pacers, clock, only_process)
        self.counts = self._outcomes.counts
        self._lanes = {channel: asyncio.Semaphore(AT_ONCE) for channel in adapters}
        self._ended = False
        self._reclaim_at: datetime | None = datetime.min.replace(tzinfo=UTC)

    def wake(self) -> None:
        """Say that there is something in the outbox."""
        self.idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is on its way then is finished first."""
        try:
            while True:
                self._wake.clear()
                try:
                    pause = await self._round()
                except ChangedMeanwhile:
                    pause = LOOK_AGAIN
                except DatabaseError as error:
                    log.error("the database does not answer", error=type(error).__name__)
                    pause = 1.0
                if pause > 0:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(pause):
                            await self._wake.wait()
        finally:
            await self._finish()

    async def _finish(self) -> None:
        self._ended = True
        if self._sending:
            await asyncio.wait(self._sending.values())
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            await self._outcomes.record(uow, self._results)
            await uow.flush()

    async def _round(self) -> float:
        """Record results and claim more, in one transaction; gives how long to wait for the next."""
        now = self.clock()
        results, self._results = self._results, []
        try:
            async with self.database.transaction() as connection:
                uow = UnitOfWork(connection, self.keys)
                lost = await self._reclaim(uow, now)
                await self._outcomes.record(uow, results)
                on_way = self._sending.keys() - {room_id for result in results for room_id in result.sending.read_in}
                claimed, expanded, later = await self._claim(uow, now, on_way)
                await uow.flush()
        except BaseException:
            self._results = results + self._results
            raise
        self.counts.uncertain += lost
        for result in results:
            for room_id in result.sending.read_in:
                self._sending.pop(room_id, None)
        self._start(claimed)
        if expanded or self._results or self._wake.is_set():
            return 0.0
        if not self._sending and (later is None or later > now + SOON):
            self.idle.set()
        longest = LONGEST_WAIT if self.only_process else LOOK_AGAIN
        return longest if later is None else min(max((later - self.clock()).total_seconds(), 0.002), longest)

    async def claim_fresh(self, uow: UnitOfWork) -> Callable[[], None]:
        """Claim answers while they are staged: they go out once they are committed, without a claim of their own.

        What is given is to be called after the commit. Whatever must wait (for another message of its room, for its
        pace, for a card to be ended) is left as it is, for the next round; so is everything where others send too.
        """
        now = self.clock()
        fresh = sorted(
            (row for row in uow.added(Outbox) if row.state == "waiting" and row.room_id), key=lambda row: row.id
        )
        read_in = await reading.rooms(uow, self.adapters, fresh)
        taken: set[UUID] = set()
        answers: list[Outbox] = []
        for row in fresh:
            if row.kind == "say" and row.unique_key is None and not read_in[row.id] & taken:
                answers.append(row)
            taken |= read_in[row.id]
        if not self.only_process or self._ended or not answers:
            return _nothing
        messages = {room_id: "" for row in answers for room_id in read_in[row.id]}
        messages |= {row.room_id: row.secret.replaces for row in answers if row.room_id and row.secret}
        engaged = await outbox.engaged(uow, messages)
        held = {room_id for pacer in self._pacers.values() for room_id in pacer.held(now)}
        claimed: list[Sending] = []
        for row in answers:
            free = not read_in[row.id] & (engaged | held | self._sending.keys())
            if free and len(self._sending) + len(claimed) < MOST and self._pacers[row.channel].available(now):
                with contextlib.suppress(Exception):  # the next round tells what is wrong with it
                    sending = await self._prepare(uow, row, now, read_in[row.id])
                    claimed += [sending] if sending else []
        return lambda: self._start(claimed)

    def _start(self, claimed: list[Sending]) -> None:
        """Send; what comes when all is over waits until the next start."""
        if not self._ended:
            for sending in claimed:
                self._sending |= dict.fromkeys(sending.read_in, asyncio.create_task(self._send(sending)))

    async def _reclaim(self, uow: UnitOfWork, now: datetime) -> int:
        """Take back what nobody sends any more: at the start, and now and then where others may have died."""
        if self._reclaim_at is None or now < self._reclaim_at:
            return 0
        lost = await outbox.reclaim(uow.connection, now, all_leases=self.only_process)
        self._reclaim_at = None if self.only_process else now + RECLAIM_EVERY
        return lost

    async def _claim(
        self, uow: UnitOfWork, now: datetime, on_way: AbstractSet[UUID]
    ) -> tuple[list[Sending], bool, datetime | None]:
        """Take what is due: expand fan-outs, render messages. Gives those to send, and when more is due."""
        rows: list[Outbox] = []
        fan_outs = [""]
        for channel, pacer in self._pacers.items():
            most = min(A_ROUND, MOST - len(on_way), pacer.available(now))
            if most > 0:
                busy = [*on_way, *pacer.held(now)]
                rows += await outbox.due(uow, now, most, busy, [channel, *fan_outs])
                fan_outs = []
        claimed: list[Sending] = []
        await rendering.load(uow, rows)
        messages = [row for row in rows if row.room_id is not None]
        expanded = await fanout.expand(uow, [row for row in rows if row.room_id is None], now, uuid7)
        expanded |= len(may_go := await calming.settle(uow, messages, now, uuid7)) < len(messages)
        read_in, taken = await reading.rooms(uow, self.adapters, may_go), set(on_way)
        for row in may_go:
            if read_in[row.id] & taken:
                continue
            taken |= read_in[row.id]
            try:
                sending = await self._prepare(uow, row, now, read_in[row.id])
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001 (one message that nobody can write must not stop the others)
                self._give_up(uow, row, error)
                sending = None
            if sending is None:
                expanded = True
            else:
                claimed.append(sending)
        # What is on its way wakes us; so soon it is not worth asking for more.
        later = now + LOOK_SOON if claimed else await self._later(uow, now)
        return claimed, expanded, later

    def _give_up(self, uow: UnitOfWork, row: Outbox, error: Exception) -> None:
        """Park a message that cannot be rendered."""
        self.counts.parked += 1
        kind = type(error).__name__
        log.error("a message could not be written", kind=row.kind, error=kind, exception=places(error))
        uow.save(msgspec.structs.replace(row, state="parked", error=kind, unique_key=None, secret=None, rendered=None))

    async def _later(self, uow: UnitOfWork, now: datetime) -> datetime | None:
        """When to look again, if nothing wakes us: something is due later, or a pace allows more."""
        moments = [pacer.next_free(now) for pacer in self._pacers.values()]
        return min(filter(None, (await outbox.next_due(uow, now), *moments)), default=None)

    async def _prepare(self, uow: UnitOfWork, row: Outbox, now: datetime, read_in: AbstractSet[UUID]) -> Sending | None:
        """Render a message, and mark it as on its way; None if there is nothing to send."""
        adapter = self.adapters[row.channel]
        found = await preparing.rendered(uow, self.keys, adapter, row, now)
        if found is None:
            uow.remove(row)
            return None
        rendered, content = found
        room = await uow.need(Room, row.room_id)
        lease = now + timedelta(seconds=_longest(adapter, row) + LEASE_BEYOND)
        claimed = msgspec.structs.replace(
            row, state="sending", lease_until=lease, unique_key=None, rendered=self.keys.seal(rendered, row.id.bytes)
        )
        uow.save(claimed)
        self._pacers[row.channel].take(room.id, now, group=not room.private)
        return Sending(claimed, room, rendered, content, frozenset(read_in))

    async def _send(self, sending: Sending) -> None:
        adapter = self.adapters[sending.row.channel]
        result = Result(sending)
        async with self._lanes[sending.row.channel]:
            try:
                self._check_lease(sending.row, _longest(adapter, sending.row))
                if sending.row.kind == "carry":
                    sending.rendered = await carrying.fetched(
                        self.adapters, sending.row, sending.room, sending.rendered
                    )
                async with asyncio.timeout(adapter.send_timeout):
                    result.message_id = await preparing.carry_out(adapter, sending)
            except TimeoutError:
                result.error = Uncertain("timeout")
            except DeliveryError as error:
                result.error = error
            except Exception as error:
                log.exception("sending failed", channel=sending.row.channel, error=type(error).__name__)
                result.error = Unreachable(type(error).__name__)
        self._results.append(result)
        self.wake()

    def _check_lease(self, row: Outbox, longest: float) -> None:
        """Raise `Later` where the lease might end before the send does: another process may then send it too."""
        if not self.only_process and row.lease_until and self.clock() + timedelta(seconds=longest) > row.lease_until:
            raise Later("it waited too long for its turn", retry_after=0)


def _longest(adapter: ChatAdapter, row: Outbox) -> float:
    """Give the seconds after which a send has ended for certain."""
    return adapter.send_timeout + (carrying.FETCH_WITHIN if row.kind == "carry" else 0.0)


def _nothing() -> None:
    """Nothing was claimed."""
