"""What can happen in a chat network, told without naming the network.

Rules
-----
* Every event carries the network's own id, unique within its channel; intake stores each id once.
* An adapter makes events only of what it has verified (signature, secret, session); it decides nothing.
* Texts are hostile input. Adapters pass them on as they came; only NUL and lone surrogates are removed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from bot.chat.keys import AccountKey, RoomKey

MessageKind = Literal["text", "photo", "voice", "sticker", "file", "other"]


class Sender(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who acted. `locale` is what the network says of the person's language, if anything.

    `address` is the link by which others there can write to them, if they have one.
    """

    account: AccountKey
    name: str
    locale: str | None = None
    bot: bool = False
    address: str = ""


class Room(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where it happened. In a private room there is only the bot and one person."""

    key: RoomKey
    private: bool
    title: str = ""


class Quoted(msgspec.Struct, frozen=True, omit_defaults=True):
    """The message that another one replies to, as far as the network tells."""

    message_id: str
    text: str = ""
    author: Sender | None = None


class Media(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture or file that came with a message: the network's own reference, which `ChatAdapter.fetch_media` takes.

    Name, type and `size` are what whoever sent it says of it.
    """

    ref: str
    kind: Literal["picture", "file"] = "file"
    name: str = ""
    mime: str = ""
    size: int = 0


class Happening(msgspec.Struct, frozen=True, omit_defaults=True, tag=True, kw_only=True):
    """What all events have in common."""

    id: str
    at: datetime
    room: Room
    sender: Sender


class MessageReceived(Happening, frozen=True):
    """Somebody wrote something that is not a command. `text` is a caption where `kind` is not text.

    `aside` is the group that the bot's last words in this private room are about, where it answers there
    (`Manner.opens`).
    """

    message_id: str
    text: str
    kind: MessageKind = "text"
    reply_to: Quoted | None = None
    mentions_bot: bool = False
    aside: RoomKey | None = None
    media: Media | None = None


class CommandGiven(Happening, frozen=True):
    """Somebody typed ``/name argument`` (``!name`` where the network says so); the name as typed, lower case.

    `media` came with it, where it stands below a picture.
    """

    message_id: str
    name: str
    argument: str = ""
    reply_to: Quoted | None = None
    aside: RoomKey | None = None
    media: Media | None = None


class MessageEdited(Happening, frozen=True):
    """Somebody changed an earlier message.

    If it begins with a command, that is the `name`, and `text` is the words behind it.
    """

    message_id: str
    text: str
    name: str = ""
    media: Media | None = None


class MessageRemoved(Happening, frozen=True):
    """A message was removed in a group, by its author or by who may there, as far as the network tells."""

    message_id: str


class ChoiceMade(Happening, frozen=True):
    """Somebody pressed one of the bot's buttons.

    `press` answers it, once, within seconds; empty if there is nothing to answer. `quotes` is what the pressed message
    quotes, if the network tells; it is never stored.
    """

    message_id: str
    data: str
    press: str = ""
    quotes: str = ""


class ChoiceUndone(Happening, frozen=True):
    """Somebody took back what they had chosen, where a choice stays to be seen (a reaction). `data` was its own."""

    message_id: str
    data: str


class OpinionShown(Happening, frozen=True):
    """Somebody showed in a group what they think of a message of the bot, by a sign of their own: it counts nowhere."""

    message_id: str
    sign: str


class BotAdded(Happening, frozen=True):
    """The bot came into a group, or its rights there changed. `members` counts people if known.

    `can_pin` is told where the network has pinned cards. `hears`: all that is said there reaches it, not only what is
    said to it.
    """

    members: int | None = None
    can_write: bool = True
    can_pin: bool = True
    admin: bool = False
    hears: bool = True


class BotRemoved(Happening, frozen=True):
    """The bot was removed from a group, or blocked by a person in private."""


class RoomMoved(Happening, frozen=True):
    """A group lives on under another address (Telegram's migration, Matrix's tombstone)."""

    to: RoomKey


class MembersChanged(Happening, frozen=True):
    """Somebody joined or left a group; `members` counts people if known."""

    members: int | None = None


Event = (
    MessageReceived | CommandGiven | MessageEdited | MessageRemoved | ChoiceMade | ChoiceUndone | OpinionShown
    | BotAdded | BotRemoved | RoomMoved | MembersChanged
)  # fmt: skip

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Write an event as JSON."""
    return _encoder.encode(event)


def decode(data: bytes) -> Event:
    """Read what `encode` wrote; `msgspec.ValidationError` if it is something else."""
    return _decoder.decode(data)
