"""What a chat network must offer: the one contract of all adapters, held by `tests/adapters/contract.py`.

The way of one message: an adapter receives, makes events, and gives them to `accept`, which returns when they are
committed; only then does the adapter acknowledge to the network. Sending is split in two: `render` is pure and its
result is stored; `send` transmits exactly that, as often as needed.

Errors of `send` tell the caller what to do:

* `Unreachable`: never try again. The reason `NO_RIGHTS` says that the bot may not write in the room, `dead` that the
  whole room is gone (blocked, removed, deleted); `moved_to` names the room's new address: try there.
* `Later`: try again after `retry_after` seconds (the network said so, or it is down); nothing was delivered.
* `Uncertain`: it may or may not have been delivered (the answer was lost).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from bot.chat.content import LocalMessage
from bot.chat.events import Event
from bot.chat.keys import RoomKey

Accept = Callable[[Sequence[Event]], Awaitable[None]]
"""Commits events; when it returns, they are safe. Those seen before are passed over. Raises if they were not stored."""


NO_RIGHTS = "rights"
"""The reason of an `Unreachable` that lasts until somebody gives the bot the right to write."""


class DeliveryError(Exception):
    """A message was not, or perhaps not, delivered."""


class Unreachable(DeliveryError):
    """The network refuses this message, or this room, for good."""

    def __init__(self, reason: str, *, dead: bool = False, moved_to: RoomKey | None = None) -> None:
        super().__init__(reason)
        self.dead = dead
        self.moved_to = moved_to


class Later(DeliveryError):
    """Nothing was delivered; try again after so many seconds. `room_only` says that other rooms may go on meanwhile."""

    def __init__(self, reason: str, retry_after: float, *, room_only: bool = True) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.room_only = room_only


class Uncertain(DeliveryError):
    """The answer was lost: the message may have been delivered."""


class Refused(Exception):
    """A webhook call that does not come from the network: wrong or missing secret, or not its format."""


class StartError(Exception):
    """The adapter cannot work as configured (wrong token, …); the message says what to do, in plain words."""


class Finding(msgspec.Struct, frozen=True):
    """One sentence of `check`: all is well, something could be better, or it keeps the bot from working."""

    text: str
    mark: Literal["good", "could", "bad"] = "good"


class Limits(msgspec.Struct, frozen=True):
    """How fast one may write: messages a second in all, per room, and per minute in a group; 0 is no limit."""

    overall: float = 0.0
    per_room: float = 0.0
    group_per_minute: float = 0.0
    burst: int = 3


class MenuEntry(msgspec.Struct, frozen=True):
    """One line of the network's command menu, in one language."""

    name: str
    description: str


class Menu(msgspec.Struct, frozen=True):
    """The command menu for one language (empty: the default one), for private rooms and for groups."""

    locale: str
    private: tuple[MenuEntry, ...]
    group: tuple[MenuEntry, ...]


class PressAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only the person who pressed sees: a short text, the private room opened with a payload, or nothing."""

    text: str = ""
    alert: bool = False
    start: str = ""


class Manner(msgspec.Struct, frozen=True):
    """How people speak with a bot there, for the texts and the ways that depend on it.

    `sign` is what a command begins with. `opens`: the bot opens somebody's private room by itself; what is only for
    them in a group comes there, and a `start` brings them there at once. `before_all`: in a group everybody sees what
    somebody chooses, and it stays to be seen until it is taken back (`ChoiceUndone`). `menus`: people find the commands
    in a menu; where there is none, a room's card names them and is pinned. `numbers`: each choice is
    shown with its number.
    """

    sign: str = "/"
    opens: bool = False
    before_all: bool = False
    menus: bool = True
    numbers: bool = False


class Guest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody to let into a room, by their account's id; an `admin` may change what others may do there."""

    account: str
    admin: bool = False


class NewRoom(msgspec.Struct, frozen=True):
    """A group room to be made: its name, what it is about, and who is invited."""

    title: str
    topic: str
    guests: tuple[Guest, ...] = ()


class RoomKeeper(Protocol):
    """Makes rooms and lets people in, on a network where a bot can; there it may also write to somebody first.

    Whatever is called again goes on where it ended: nobody is invited twice. Both raise `DeliveryError`.
    """

    async def make_room(self, wanted: NewRoom, key: str) -> RoomKey:
        """Make a room, encrypted where the network can, and invite: one room for each key, however often it is called.

        `Unreachable` says that the network lets us make none.
        """

    async def admit(self, room: RoomKey, guest: Guest) -> None:
        """Invite somebody into a room that was made here; nothing where they are in it, or where others made it."""


class ChatAdapter(Protocol):
    """One channel of one network.

    Idempotency: `accept` may be called with events that were accepted before. `send` is called again with the same
    `key` after `Uncertain` or a crash; a network that knows idempotency keys must deliver once.
    """

    channel: str
    manner: Manner
    limits: Limits
    idempotent: bool
    """Whether the network delivers once, however often `send` is called with one `key`."""
    called: bool
    """Whether the network calls us (a webhook), so that the pages' port must be open."""
    send_timeout: float
    """Seconds after which `send` has certainly ended, one way or the other."""

    @property
    def keeper(self) -> RoomKeeper | None:
        """Who makes rooms; None where people add the bot to a room of theirs."""

    async def start(self, menus: Sequence[Menu]) -> None:
        """Log in, check, publish the menus. Raises `StartError`."""

    async def look(self) -> Sequence[Finding]:
        """Tell, for `check`, what a start would find, without changing anything. Raises `StartError`."""

    async def run(self, accept: Accept) -> None:
        """Receive until cancelled; returns only when the network has no more to give (the console's end of input)."""

    async def stop(self) -> None:
        """Close connections. After it nothing more is sent."""

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """Check and translate one webhook call. Raises `Refused`."""

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:
        """Write a message in the network's form. Pure: the same message gives the same bytes."""

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Deliver what `render` wrote; gives the message's id (an edit: the edited one's). Raises `DeliveryError`."""

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:
        """Remove a message of the bot's, as `send` named it; nothing if it is gone. Raises `DeliveryError`."""

    async def fetch_media(self, ref: str, most: int) -> bytes:
        """Bring a picture or file that came with a message. Raises `DeliveryError`.

        `Unreachable` says that it is gone, or larger than `most` bytes: no more than these are ever read.
        """

    async def answer(self, press: str, answer: PressAnswer) -> None:
        """Answer a press, once, at once; failures are only logged."""

    def link(self, start: str, *, group: bool = False) -> str:
        """The address that opens the private room with this payload (or lets one pick a group), or what to type."""

    def address(self, room: RoomKey) -> str:
        """The address of a group for people who are let in there; empty if the network has none."""

    def describe(self) -> str:
        """Say in a line who the bot is there, and how it receives."""
