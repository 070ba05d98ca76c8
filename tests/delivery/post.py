"""Delivery at work on a virtual clock: what is kept in the outbox goes out when its time has come, and not before."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bot.chat.keys import RoomKey
from bot.crypto import Keyring
from bot.delivery.worker import Delivery
from bot.domain.ideas import Idea
from bot.domain.rooms import Room
from bot.store.engine import Database
from bot.store.records import Outbox
from bot.store.schema import outbox
from tests.delivery.fake import FakeNetwork
from tests.store import some
from tests.store.some import NOW, keep, work

LOOKS = 20
"""How many times the event loop goes round before what is still on its way is taken to be held."""


class Post:
    """One process's delivery, and its network. `now` is the time."""

    def __init__(self, database: Database, keys: Keyring, *networks: FakeNetwork, now: datetime = NOW) -> None:
        self.database = database
        self.keys = keys
        self.now = now
        self.networks = networks or (FakeNetwork(self.clock),)
        self.network = self.networks[0]
        self.delivery = self._delivery()
        self.uncertain_before = 0

    def _delivery(self) -> Delivery:
        adapters: Any = {network.channel: network for network in self.networks}
        return Delivery(self.database, self.keys, adapters, self.clock, only_process=self.database.sqlite)

    def clock(self) -> datetime:
        """The time."""
        return self.now

    # What is there

    async def keep(self, *records: Any) -> None:
        """Keep records."""
        await keep(self.database, self.keys, *records)

    async def get(self, kind: type[Any], *key: Any) -> Any:
        """Read a record as it is now."""
        async with work(self.database, self.keys) as uow:
            return await uow.get(kind, *key)

    async def change(self, record: Any, **fields: Any) -> None:
        """Change a record, as it is now, and bring its cards up to date where it is an idea."""
        async with work(self.database, self.keys) as uow:
            key = (record.conversation_id, record.id) if isinstance(record, Idea) else (record.id,)
            uow.save(msgspec.structs.replace(await uow.need(type(record), *key), **fields))
            if isinstance(record, Idea):
                uow.add(msgspec.structs.replace(some.fan_out(record, "refresh"), priority=1, not_before=self.now))

    async def talk(self, rooms: int = 1, **each: Any) -> tuple[Idea, list[Room]]:
        """A conversation with an idea, and rooms linked to it."""
        talk = some.conversation()
        me = some.participant(talk)
        bench = some.idea(me)
        linked = [some.room(f"room-{number}", conversation_id=talk.id, **each) for number in range(rooms)]
        await self.keep(talk, me, bench, *linked)
        return bench, linked

    async def idea(self, number: int, like: Idea) -> Idea:
        """One more idea in a conversation, given now; it goes to all rooms."""
        made = msgspec.structs.replace(
            like, id=some.uuid7(), number=number, text=f"Idea {number}", created_at=self.now + timedelta(seconds=1)
        )
        await self.keep(made, msgspec.structs.replace(some.fan_out(made), not_before=self.now))
        return made

    async def outbox(self, state: str = "") -> list[Outbox]:
        """What is in the outbox."""
        async with work(self.database, self.keys) as uow:
            found = await uow.select(Outbox, lambda query: query.order_by(outbox.c.id))
        return [row for row in found if state in {"", row.state}]

    # What happens

    async def go(self, **delta: float) -> None:
        """Let time pass, jumping from what is due to what is due next; without a time: deliver what is due now."""
        end = self.now + timedelta(**delta)
        while True:
            await self._deliver()
            async with work(self.database, self.keys) as uow:
                later = await self.delivery._later(uow, self.now)
            if later is None or later > end:
                break
            self.now = max(later, self.now + timedelta(microseconds=1))
        self.now = end
        await self._deliver()

    async def _deliver(self) -> None:
        """Deliver all that may go now."""
        while True:
            self.delivery._wake.clear()
            pause = await self.delivery._round()
            for _ in range(LOOKS):
                if self.delivery._sending:
                    await asyncio.sleep(0)
            if pause > 0 and not self.delivery._results:
                return

    async def round(self) -> None:
        """One turn: record what arrived, take what is due, and let it arrive; nothing is recorded of that yet."""
        self.delivery._wake.clear()
        await self.delivery._round()
        for _ in range(LOOKS):
            await asyncio.sleep(0)

    async def crash(self) -> None:
        """Lose all that is only in memory, and start again. What was on its way may have arrived, or not.

        Where there may be other processes, nobody takes it up before its lease is over: that time passes too.
        """
        for sending in self.delivery._sending.values():
            sending.cancel()
        await asyncio.gather(*self.delivery._sending.values(), return_exceptions=True)
        self.uncertain_before += self.delivery.counts.uncertain
        self.delivery = self._delivery()
        if not self.database.sqlite:
            self.now += timedelta(seconds=30)

    @property
    def uncertain(self) -> int:
        """How many messages may have been delivered twice, as the metrics tell it, crashes included."""
        return self.uncertain_before + self.delivery.counts.uncertain


def keys_of(rooms: list[Room]) -> list[RoomKey]:
    """The addresses of rooms."""
    return [room.key for room in rooms]
