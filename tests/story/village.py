"""A village on Matrix: the whole bot in this process, a real Synapse, and neighbours with clients that encrypt.

The bot is made as an operator makes it; only the clock and chance are the test's. After each deed the village is
*settled*: all that the server has is read, handled and delivered, and the reactions are put there. What a neighbour
sees is what their client can decrypt: the plain body of messages, which has to stand alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.adapters.matrix.adapter import MatrixAdapter
from bot.app import Bot
from bot.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from tests.adapters.matrix_driver import CHANNEL, ENCRYPTION, PASSWORD, Human, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse.gate import Gate
from tests.story.world import Clock, Even, use

PATIENCE = 60.0
R = TypeVar("R")


@dataclass
class Village:
    """The server, the bot and who lives there."""

    driver: MatrixDriver
    data: Path
    clock: Clock = field(default_factory=Clock)
    neighbours: list[Neighbour] = field(default_factory=list)
    patience: float = 60.0
    """Seconds that the bot waits for a key."""
    _bot: Bot | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def bot(self) -> Bot:
        assert self._bot is not None, "the bot does not run"
        return self._bot

    @property
    def adapter(self) -> MatrixAdapter:
        found = self.bot.adapters[CHANNEL]
        assert isinstance(found, MatrixAdapter)
        return found

    async def begins(self) -> None:
        """Start the bot on what is in the data folder."""
        self._bot = Bot(Settings(data=self.data), clock=self.clock, rng=Even())
        self.adapter.patience = self.patience
        self._task = asyncio.create_task(self._bot.run())
        await self.settled()

    async def ends(self) -> None:
        """Stop the bot in good order."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    async def begins_again(self) -> None:
        """Stop the bot and start it: what was said so far is in its files alone."""
        await self.ends()
        await self.begins()

    async def settled(self) -> None:
        """Wait until all is read, handled, delivered and answered. Time passes where something waits for a second."""
        async with asyncio.timeout(PATIENCE):
            while not await self._still():
                assert self._task is not None, "the bot does not run"
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.01)
        for one in self.neighbours:
            await one.human.catch_up()

    async def _still(self) -> bool:
        # Whatever one part has given to the next shows in the next one; so they are asked in this order, twice.
        for _ in range(2):
            if self._bot is None or CHANNEL not in self.bot.adapters:
                return False
            sending, receiving = self.adapter._sending, self.adapter._receiving
            if sending is None or receiving is None or not await self.driver.acknowledged():
                return False
            if sending.reacting.busy or receiving.joining.busy:
                return False
            if self.bot.presses._answering or self.bot.presses._timers:
                return False
            parts = (self.bot.dispatcher, self.bot.listener, self.bot.waker, self.bot.delivery)
            if not all(part.idle.is_set() for part in parts):
                self.clock.forward(seconds=0.05)
                self.bot.delivery.wake()
                return False
        return True

    async def hears_again(self, done: Callable[[], bool]) -> None:
        """Wait for what the bot does by itself."""
        async with asyncio.timeout(PATIENCE):
            while not done():
                await asyncio.sleep(0.05)
                await self.settled()

    async def later(self, **delta: float) -> None:
        """Let time pass, and all that comes due happen."""
        self.clock.forward(**delta)
        self.bot.dispatcher.wake()
        self.bot.waker.wake()
        self.bot.delivery.wake()
        await self.settled()

    async def kept(self, record: type[R]) -> list[R]:
        """Give all records of a kind, the oldest first."""
        async with self.bot.database.transaction() as connection:
            uow = UnitOfWork(connection, self.bot.keys)
            return await uow.select(record, lambda query: query.order_by(*query.selected_columns[:2]))

    async def neighbour(self, name: str, language: str = "", *, encrypted: bool = True) -> Neighbour:
        """Somebody moves in and opens a private room with the bot; their client may tell a language."""
        made = Neighbour(self, await self.driver.human(name, language or None), name)
        self.neighbours.append(made)
        made.human.private = await self._room(made, encrypted=encrypted, is_direct=True)
        return made

    async def stranger(self, name: str) -> Neighbour:
        """Somebody moves in who has never written to the bot."""
        made = Neighbour(self, await self.driver.human(name), name)
        self.neighbours.append(made)
        return made

    async def group(self, title: str, by: Neighbour, *members: Neighbour, encrypted: bool = True) -> str:
        """Somebody makes a room with the bot and others in it."""
        room = await self._room(by, title, encrypted=encrypted)
        for one in members:
            await by.human.client.room_invite(room, one.human.client.user_id)
            await one.human.client.join(room)
        await self.settled()
        return room

    async def _room(self, by: Neighbour, title: str = "", *, encrypted: bool, **more: Any) -> str:
        made = await by.human.client.room_create(
            name=title or None, invite=[self.driver.bot], initial_state=[ENCRYPTION] if encrypted else [], **more
        )
        room = str(getattr(made, "room_id", made))
        await self.driver.bot_is_in(by.human, room)
        await self.settled()
        return room


@dataclass
class Heard:
    """A message of the bot, as it stands now."""

    id: str
    content: dict[str, Any]

    @property
    def body(self) -> str:
        return str(self.content["body"])


class Neighbour:
    """Somebody with a client on Matrix."""

    def __init__(self, village: Village, human: Human, name: str) -> None:
        self.village = village
        self.human = human
        self.name = name

    @property
    def id(self) -> str:
        return str(self.human.client.user_id)

    @property
    def private(self) -> str:
        """The room with the bot alone: one's own, or the one that the bot opened."""
        return self.human.private

    async def writes(self, text: str, room: str = "", **more: Any) -> str:
        """Write to the bot in private, or in a room; gives the message's id."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, "m.mentions": {}} | more
        if self.human.locale:
            content["org.matrix.msc1767.text"] = [{"body": text, "lang": self.human.locale}]
        sent = await self.human.send(room or self.private, content)
        await self.village.settled()
        return sent

    async def replies(self, text: str, to: str, room: str, **more: Any) -> str:
        """Answer a message, as clients do: its author is mentioned."""
        mentions = {"m.mentions": {"user_ids": [self.village.driver.bot]}}
        return await self.writes(text, room, **mentions, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}} | more)

    async def edits(self, message_id: str, text: str, room: str) -> None:
        """Change what one wrote."""
        newer = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        relation = {"rel_type": "m.replace", "event_id": message_id}
        await self.writes(f"* {text}", room, **{"m.new_content": newer, "m.relates_to": relation})

    async def reacts(self, sign: str, message_id: str, room: str = "", **more: Any) -> str:
        """Put a reaction to a message; gives its id."""
        relation = {"rel_type": "m.annotation", "event_id": message_id, "key": sign}
        sent = await self.human.send(room or self.private, {"m.relates_to": relation} | more, "m.reaction")
        await self.village.settled()
        return sent

    async def takes_back(self, event_id: str, room: str = "") -> None:
        """Remove what one wrote, or a reaction."""
        await self.human.client.room_redact(room or self.private, event_id)
        await self.village.settled()

    def hears(self, room: str = "") -> list[Heard]:
        """Give what the bot has said in a room, as it stands now."""
        found = self.village.driver.standing(self.human, room or self.private)
        return [Heard(one, content) for one, (content, _reply) in found.items()]

    def signs(self, message_id: str, room: str = "") -> list[str]:
        """Give the reactions that the bot has put to a message and not taken back."""
        events = self.human.seen[room or self.private]
        gone = {event.get("redacts") for event in events if event["type"] == "m.room.redaction"}
        relations = [
            event["content"].get("m.relates_to", {})
            for event in events
            if (event["type"], event["sender"]) == ("m.reaction", self.village.driver.bot)
            and event["event_id"] not in gone
        ]
        return [one["key"] for one in relations if one.get("event_id") == message_id]

    async def goes_in(self) -> None:
        """Accept the bot's invitation to a private room."""
        await self.human.catch_up()
        (room,) = self.human.client.invited_rooms
        await self.human.client.join(room)
        self.human.private = room
        await self.village.settled()

    def transcript(self, room: str = "", since: int = 0) -> str:
        """Give what was said in a room."""
        return "\n---\n".join(
            _line(event, self.village.driver.bot) for event in self.human.seen[room or self.private][since:]
        )


def _line(event: dict[str, Any], bot: str) -> str:
    who = "BOT" if event["sender"] == bot else event["sender"].partition("-")[0]
    content = event["content"]
    return f"{who}: {content.get('body') or content.get('m.relates_to') or event['type']}"


@asynccontextmanager
async def village(synapse: Synapse, data: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Village]:
    """Found a village with the bot at work."""
    async with Gate(synapse.url).open() as gate:
        driver = MatrixDriver(synapse, gate, data, encrypted=None)
        settings = {
            "BYALAG_DATA": str(data), "BYALAG_MATRIX_HOMESERVER": gate.url, "BYALAG_MATRIX_USER": driver.bot,
            "BYALAG_MATRIX_PASSWORD": PASSWORD, "BYALAG_MATRIX_RATE": "0", "BYALAG_MATRIX_POLL_TIMEOUT": "5",
        }  # fmt: skip
        use(settings, data, monkeypatch)
        made = Village(driver, data)
        await made.begins()
        try:
            yield made
        finally:
            await made.ends()
            await driver.close()
