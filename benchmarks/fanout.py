"""One card to 10,000 rooms under Telegram's limits, on a virtual clock: how near to the limit, and no 429."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from uuid6 import uuid7

from benchmarks.figure import Figure
from benchmarks.world import prepare
from bot.chat.content import LocalMessage
from bot.chat.events import Event
from bot.chat.keys import RoomKey
from bot.chat.port import Accept, Finding, Later, Limits, Manner, Menu, PressAnswer, Refused, RoomKeeper, Unreachable
from bot.delivery.worker import Delivery
from bot.store.engine import Database
from bot.store.ideas import newest
from bot.store.records import FANOUT, Outbox
from bot.store.unit_of_work import UnitOfWork
from tests.peers.telegram.limits import FloodControl

ROOMS = 10_000
A_SECOND = 30.0


class Strict:
    """A network that refuses whoever is too fast, by the emulator's own rules; its clock is the bench's."""

    channel = "telegram"
    limits = Limits(A_SECOND, 1.0, 20.0)
    idempotent = False
    called = False
    manner = Manner()
    keeper: RoomKeeper | None = None
    send_timeout = 15.0

    def __init__(self, begin: datetime) -> None:
        self.now = begin
        self.sent: list[datetime] = []
        self.refused = 0
        self._flood = FloodControl(clock=self._time)

    def _time(self) -> float:
        return self.now.timestamp()

    async def start(self, menus: Sequence[Menu]) -> None:
        """Nothing to prepare."""

    async def look(self) -> Sequence[Finding]:
        """Nothing to look at."""
        return ()

    async def run(self, accept: Accept) -> None:
        """Nothing comes in."""

    async def stop(self) -> None:
        """Nothing to close."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """Nobody calls."""
        raise Refused

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:
        """Write the message as its words."""
        return "\n".join(block.text for block in message.blocks).encode()

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Take it, or say that it comes too fast."""
        wait = self._flood.check(int(room.room))
        if wait:
            self.refused += 1
            raise Later("flood", wait)
        self.sent.append(self.now)
        return str(len(self.sent))

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:
        """Nothing is removed."""

    async def fetch_media(self, ref: str, most: int) -> bytes:
        """There are no pictures."""
        raise Unreachable("gone")

    async def answer(self, press: str, answer: PressAnswer) -> None:
        """Nobody presses."""

    def address(self, room: RoomKey) -> str:
        """Groups have none."""
        return ""

    def link(self, start: str, *, group: bool = False) -> str:
        """Lead nowhere."""
        return start

    def describe(self) -> str:
        """Say what this is."""
        return "a network for measuring"


async def fan_out() -> list[Figure]:
    """Let delivery work, round by round; between rounds the clock jumps to when it wants to go on."""
    with TemporaryDirectory() as folder:
        world = await prepare(Path(folder) / "data", people=1, rooms=ROOMS)
        network = Strict(datetime.now(UTC))
        database = Database(world.url)
        delivery = Delivery(database, world.keys, {"telegram": network}, lambda: network.now, only_process=True)
        async with database.transaction() as connection:
            uow = UnitOfWork(connection, world.keys)
            idea = await newest(uow, world.conversations[0])
            assert idea is not None  # noqa: S101 (just prepared)
            row = Outbox(
                uuid7(), "", "fanout", FANOUT, network.now, conversation_id=idea.conversation_id, subject="idea",
                subject_id=idea.id, unique_key=f"fanout:{idea.id}",
            )  # fmt: skip
            uow.add(row)
            await uow.flush()
        while len(network.sent) < ROOMS:
            delivery._wake.clear()
            pause = await delivery._round()
            if on_way := list(delivery._sending.values()):
                await asyncio.wait(on_way)
            elif pause:
                network.now += timedelta(seconds=pause)
        await database.close()
    rate = (ROOMS - 1) / (network.sent[-1] - network.sent[0]).total_seconds()
    share = rate / A_SECOND
    about = (
        f"one card to {ROOMS} groups, {A_SECOND:.0f} messages a second allowed; the network counts by its own rules "
        f"and refused {network.refused}."
    )
    met = share >= 0.98 and network.refused == 0
    return [
        Figure(
            "fanout",
            about,
            round(rate, 2),
            A_SECOND,
            round(share, 3),
            "≥ 98 % and no 429",
            met,
            "messages/s",
            [[round(rate, 2)]],
        )
    ]
