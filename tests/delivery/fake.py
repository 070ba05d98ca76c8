"""A network that only remembers, and fails as it is told: for all that delivery has to cope with.

It answers the part of `bot.chat.port.ChatAdapter` that delivery asks for, by the rules that stand there:

* `render` is pure. `send` transmits just that and gives the message's id; an edit changes the message where it stands
  and gives its id; one that stands nowhere is refused.
* Where the network is `idempotent`, one key is delivered once, however often it is sent.
* What goes wrong is told beforehand, and happens in that order: `refuse` delivers nothing, `lose` delivers and loses
  the answer. `hold` keeps what is sent to a room on its way until it is let go.

`sent` notes every delivery with its moment, so that a test can count, and measure the pace; `tried` is set with the
first attempt.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from bot.chat.content import LocalMessage
from bot.chat.keys import RoomKey
from bot.chat.port import DeliveryError, Limits, Manner, RoomKeeper, Uncertain, Unreachable
from tests.store.some import CHANNEL


@dataclass(frozen=True)
class Sent:
    """One delivery: a new message, or an edit of one."""

    at: datetime
    room: RoomKey
    message_id: str
    message: LocalMessage
    key: str

    @property
    def text(self) -> str:
        """All its words."""
        return "\n".join(block.text for block in self.message.blocks)

    @property
    def edit(self) -> bool:
        """Whether it changed an earlier message."""
        return bool(self.message.replaces)


@dataclass
class FakeNetwork:
    """See the module."""

    clock: Callable[[], datetime]
    channel: str = CHANNEL
    limits: Limits = field(default_factory=Limits)
    idempotent: bool = False
    called: bool = False
    manner = Manner()
    keeper: RoomKeeper | None = None
    send_timeout: float = 15.0
    sent: list[Sent] = field(default_factory=list)
    attempts: list[tuple[RoomKey, bytes, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._messages: dict[tuple[RoomKey, str], LocalMessage] = {}
        self._keys: dict[str, str] = {}
        self._trouble: dict[RoomKey | None, deque[tuple[DeliveryError | Exception, bool]]] = {}
        self._held: dict[RoomKey, asyncio.Event] = {}
        self._number = 0
        self.tried = asyncio.Event()

    # What a test tells

    def refuse(self, error: Exception, room: RoomKey | None = None, *, times: int = 1) -> None:
        """Do not deliver the next message (to a room), but raise."""
        self._trouble.setdefault(room, deque()).extend([(error, False)] * times)

    def lose(self, room: RoomKey | None = None, *, times: int = 1) -> None:
        """Deliver the next message (to a room), and lose the answer."""
        self._trouble.setdefault(room, deque()).extend([(Uncertain("lost"), True)] * times)

    def hold(self, room: RoomKey) -> None:
        """Keep what is sent to a room on its way."""
        self._held[room] = asyncio.Event()

    def release(self, room: RoomKey) -> None:
        """Let it arrive."""
        self._held.pop(room).set()

    # What a test sees

    def said(self, room: RoomKey) -> list[str]:
        """What was delivered to a room, in that order, edits included."""
        return [one.text for one in self.sent if one.room == room]

    def stands(self, room: RoomKey) -> list[str]:
        """What can be read in a room now."""
        return [
            "\n".join(block.text for block in message.blocks)
            for (at, _id), message in self._messages.items()
            if at == room
        ]

    # What delivery asks

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:
        """Write a message in the network's form."""
        return msgspec.msgpack.encode(message)

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Deliver, or fail as told."""
        self.attempts.append((room, rendered, key))
        self.tried.set()
        if room in self._held:
            await self._held[room].wait()
        trouble = self._trouble.get(room) or self._trouble.get(None)
        error, delivered = trouble.popleft() if trouble else (None, True)
        message_id = self._deliver(room, rendered, key) if delivered else ""
        if error is not None:
            raise error
        return message_id

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:
        """Let a message be gone."""
        self._messages.pop((room, message_id), None)

    async def fetch_media(self, ref: str, most: int) -> bytes:
        """There are no pictures."""
        raise Unreachable("gone")

    def _deliver(self, room: RoomKey, rendered: bytes, key: str) -> str:
        if self.idempotent and key in self._keys:
            return self._keys[key]
        message = msgspec.msgpack.decode(rendered, type=LocalMessage)
        if message.replaces and (room, message.replaces) not in self._messages:
            raise Unreachable("there is no such message")
        self._number += 1
        message_id = message.replaces or f"m{self._number}"
        self._messages[room, message_id] = message
        self._keys[key] = message_id
        self.sent.append(Sent(self.clock(), room, message_id, message, key))
        return message_id
