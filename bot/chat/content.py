"""What the bot says, before anybody's language or network is known.

`Text` is a message of a catalog with its parameters; it is rendered at the last moment, in the receiver's language.
Whatever participants wrote is a plain string, never a format and never markup: adapters escape all of it.
A message is a few blocks, rows of choices, and at most one attachment. There is no other markup.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec


class When(msgspec.Struct, frozen=True, omit_defaults=True, tag="w"):
    """A moment (aware) to be written as the receiver's language writes dates and times; `day` tells the year too.

    A `clock` is a time as it stands beside a `datetime`. It is told by the clocks of a `zone`, or of the room where it
    is read. With `until` it is all days from the one to the other, briefly.
    """

    at: datetime
    style: Literal["date", "time", "datetime", "day", "clock"] = "datetime"
    zone: str = ""
    until: datetime | None = None


class Text(msgspec.Struct, frozen=True, omit_defaults=True, tag="t"):
    """A sentence of the catalogs: the English text is the msgid, with ``%(name)s`` for parameters.

    A word that begins with ``/`` is a command, and is shown as the receiver's network writes commands.
    With `plural`, the parameter ``n`` chooses the form. `context` parts words that are spelled alike.
    """

    msgid: str
    params: dict[str, str | int | When | Text] = {}
    plural: str = ""
    context: str = ""


Words = Text | str


def N_(msgid: str) -> str:  # noqa: N802 (gettext's own name)
    """Mark a string for the catalogs; it is wrapped in a `Text` elsewhere."""
    return msgid


BlockKind = Literal["title", "text", "quote", "small"]


class Block(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """A paragraph. `quote` is for participants' own words, `small` for what one may pass over."""

    kind: BlockKind
    words: Words


class Action(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """What a button does: a verb of the handlers' table, whom it concerns, and a short ASCII argument.

    Its compact, signed form fits Telegram's 64 bytes.
    """

    verb: str
    scope: UUID | None = None
    subject: UUID | None = None
    arg: str = ""


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A button, a number to type, or a reaction to press: exactly one of `action`, `url` and `start` is set.

    `start` is a deep link's payload: the adapter's own address that opens the private room with it.
    `group` marks a `start` that lets a person pick a group to add the bot to. One that is `aside` is nothing to choose
    before all.
    """

    label: Words
    action: Action | None = None
    url: str = ""
    start: str = ""
    group: bool = False
    aside: bool = False


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture or a file, with a text for those who do not see it."""

    kind: Literal["picture", "file"]
    name: str
    mime: str
    data: bytes
    alt: Words = ""


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message. `awaits` says that a typed answer is expected (a forced reply in a group).

    `pinned` is what everybody in a group should find again: the network keeps it at hand, where it lets the bot.
    `poll` asks all in a group for one open choice among several: a poll, where the network has polls.
    `openly` is said besides in a group where all see who chooses what (`Manner.before_all`).
    With `letters` a typed number is an answer to it, so its choices go by letters.
    """

    blocks: tuple[Block, ...]
    choices: tuple[tuple[Choice, ...], ...] = ()
    attachment: Attachment | None = None
    awaits: bool = False
    pinned: bool = False
    openly: Words = ""
    poll: bool = False
    letters: bool = False

    @classmethod
    def of(cls, *words: Words | Block, choices: tuple[tuple[Choice, ...], ...] = (), awaits: bool = False) -> Content:
        """Make a message of paragraphs; a bare `Words` is a paragraph of text."""
        blocks = tuple(word if isinstance(word, Block) else Block("text", word) for word in words)
        return cls(blocks, choices, awaits=awaits)


def typed_as(number: int, *, letters: bool = False) -> str:
    """Give what a choice is typed by: its number, or its letter where a number is an answer."""
    return chr(ord("A") + number - 1) if letters else str(number)


def place_of(typed: str, *, letters: bool = False) -> int:
    """Give the number of the choice that is typed so; 0 if it is none's."""
    typed = typed.strip()
    if letters:
        return ord(typed.upper()) - ord("A") + 1 if len(typed) == 1 and typed.isascii() and typed.isalpha() else 0
    return int(typed[:4]) if typed.isascii() and typed.isdecimal() else 0


def title(words: Words) -> Block:
    """Make a heading."""
    return Block("title", words)


def quote(words: Words) -> Block:
    """Make a quotation: a participant's own words."""
    return Block("quote", words)


def small(words: Words) -> Block:
    """Make a line that one may pass over."""
    return Block("small", words)


class LocalBlock(msgspec.Struct, frozen=True, array_like=True):
    """A paragraph in the receiver's language."""

    kind: BlockKind
    text: str


class LocalChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice in the receiver's language; `data` is the signed action, `start` a deep link's payload."""

    label: str
    data: str = ""
    url: str = ""
    start: str = ""
    group: bool = False


class LocalMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message in the receiver's language, ready for an adapter to write it in its network's form.

    `replaces` is the message to edit in place, `reply_to` the one it answers, `only_for` the account id of the only
    person in a group who needs to see it (the adapter does the best its network can). `same_attachment`: what it
    replaces shows the attachment already, so only its words change. `letters`: as in `Content`.
    """

    blocks: tuple[LocalBlock, ...]
    choices: tuple[tuple[LocalChoice, ...], ...] = ()
    attachment: Attachment | None = None
    awaits: bool = False
    replaces: str = ""
    reply_to: str = ""
    only_for: str = ""
    silent: bool = False
    poll: bool = False
    pinned: bool = False
    same_attachment: bool = False
    letters: bool = False
    locale: str = "en"
