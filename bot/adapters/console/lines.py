"""What one line at the keyboard means. Pure.

Rules
-----
* A line that begins with ``:`` and a word tells the console what to do; with ``/`` and a word it is a command for the
  bot; a number alone presses a button, if one goes by it; all else is words. So ``:)`` and ``: hello`` are words.
* A backslash at the end of a line says that the message goes on in the next one; two stand for one.
* A line that is not understood becomes `Odd` with a kind hint, never an exception.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from bot.chat.events import MessageKind

BOT_NAMES = frozenset({"bot", "byalag"})
"""What may stand after the @ in ``/idea@bot``, and is nobody else's name."""


@dataclass(frozen=True)
class Words:
    """Say this."""

    text: str


@dataclass(frozen=True)
class Command:
    """Give the bot a command; `text` is how it was typed."""

    name: str
    argument: str
    text: str


@dataclass(frozen=True)
class Number:
    """Press this button of the latest message with buttons here, or say the number."""

    number: int
    text: str


@dataclass(frozen=True)
class Press:
    """Press this button, of this message or of the latest one with buttons here."""

    number: int
    message: int | None = None


@dataclass(frozen=True)
class Reply:
    """Reply to a message."""

    message: int
    typed: Words | Command


@dataclass(frozen=True)
class Edit:
    """Change one's own message."""

    message: int
    typed: Words | Command


@dataclass(frozen=True)
class Remove:
    """Remove one's own message."""

    message: int


@dataclass(frozen=True)
class As:
    """Be this participant."""

    name: str


@dataclass(frozen=True)
class Enter:
    """Go into a group room, and say something there at once, if anything."""

    name: str
    typed: Words | Command | None = None


@dataclass(frozen=True)
class Private:
    """Go to one's private room."""


@dataclass(frozen=True)
class Topic:
    """Go into a thread of the present room; without a name, out of it."""

    name: str


@dataclass(frozen=True)
class Leave:
    """Remove the bot from the present room."""


@dataclass(frozen=True)
class People:
    """List the participants."""


@dataclass(frozen=True)
class Rooms:
    """List the rooms."""


@dataclass(frozen=True)
class Lang:
    """Set what the network says of the participant's language; empty: nothing."""

    locale: str


@dataclass(frozen=True)
class Link:
    """Follow a deep link: in one's private room, or in a group."""

    start: str


@dataclass(frozen=True)
class Post:
    """Send something else than words."""

    kind: MessageKind
    caption: str


@dataclass(frozen=True)
class Help:
    """Tell what can be typed."""


@dataclass(frozen=True)
class Quit:
    """End."""


@dataclass(frozen=True)
class Nothing:
    """An empty line."""


@dataclass(frozen=True)
class Odd:
    """Not understood: a hint for the person."""

    hint: str


Line = (
    Words | Command | Number | Press | Reply | Edit | Remove | As | Enter | Private | Topic | Leave
    | People | Rooms | Lang | Link | Post | Help | Quit | Nothing | Odd
)  # fmt: skip

_COMMAND = re.compile(r"/(?P<name>[^\W\d_][\w\u0300-\u036f]*)(?:@(?P<bot>\w+))?(?:\s+(?P<argument>.*))?", re.DOTALL)
_TOLD = re.compile(r":(?P<word>[^\W\d_]{2,})(?:\s+(?P<rest>.*))?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,3}")
_NUMBERED = re.compile(r"#?(?P<number>[0-9]{1,9})\s+(?P<text>.*)", re.DOTALL)
_PRESSED = re.compile(r"(?:#?(?P<message>[0-9]{1,9})\.)?(?P<number>[0-9]{1,3})")
_SLASH = re.compile(r"(?:^|\s)/(?=\w)")
_START = re.compile(r"(?:/start\s+)?(?P<start>[A-Za-z0-9_-]{1,64})")


def _press(rest: str) -> Line:
    if not (found := _PRESSED.fullmatch(rest)):
        return Odd(":press 2 presses button 2 of the latest message here, :press 12.2 that of message #12.")
    message = found["message"]
    return Press(int(found["number"]), int(message) if message else None)


def _reply(rest: str) -> Line:
    if not (found := _NUMBERED.fullmatch(rest)):
        return Odd(":reply 12 TEXT replies to message #12.")
    return Reply(int(found["number"]), typed(found["text"]))


def _edit(rest: str) -> Line:
    if not (found := _NUMBERED.fullmatch(rest)):
        return Odd(":edit 12 TEXT changes your message #12.")
    return Edit(int(found["number"]), typed(found["text"]))


def _remove(rest: str) -> Line:
    if not (found := re.fullmatch(r"#?([0-9]{1,9})", rest.strip())):
        return Odd(":remove 12 removes your message #12.")
    return Remove(int(found[1]))


def _as(rest: str) -> Line:
    name = " ".join(rest.split())
    if not name:
        return Odd(":as NAME lets you be somebody else.")
    return Odd("That is the bot's own name.") if name.casefold() in BOT_NAMES else As(name)


def _room(rest: str) -> Line:
    name, *command = _SLASH.split(rest, maxsplit=1)
    if not (name := " ".join(name.split())):
        return Odd(":room NAME goes into a group room.")
    return Enter(name, typed("/" + command[0]) if command else None)


def _topic(rest: str) -> Line:
    return Topic(" ".join(rest.split()))


def _say(rest: str) -> Line:
    return Words(rest) if rest.strip() else Odd(":say TEXT says just that.")


def _lang(rest: str) -> Line:
    locale = rest.strip().lower()
    return Lang(locale) if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*|", locale) else Odd(":lang sv or :lang en.")


def _link(rest: str) -> Line:
    if rest.startswith(":room "):
        return _room(rest.removeprefix(":room "))
    if not (found := _START.fullmatch(rest.strip())):
        return Odd(":link /start CODE follows a link that the bot gave.")
    return Link(found["start"])


@dataclass(frozen=True)
class Told:
    """One line of the console's own help."""

    usage: str
    explanation: str
    read: Callable[[str], Line]


TOLD: dict[str, Told] = {
    "as": Told(":as NAME", "be this participant (made at first use)", _as),
    "room": Told(":room NAME", "go into a group room (made at first use)", _room),
    "private": Told(":private", "go to your private room with the bot", lambda _: Private()),
    "topic": Told(":topic NAME", "go into a thread of this room; without NAME, out of it", _topic),
    "press": Told(":press 2, :press 12.2", "press a button here, or one of message #12; 2 alone works too", _press),
    "reply": Told(":reply 12 TEXT", "reply to message #12, with words or a /command", _reply),
    "edit": Told(":edit 12 TEXT", "change your message #12", _edit),
    "remove": Told(":remove 12", "remove your message #12", _remove),
    "link": Told(":link /start CODE", "follow a link that the bot gave", _link),
    "say": Told(":say TEXT", "say just this, also a number or what begins with a colon", _say),
    "photo": Told(":photo CAPTION", "send a photo", lambda rest: Post("photo", rest)),
    "file": Told(":file CAPTION", "send a file", lambda rest: Post("file", rest)),
    "voice": Told(":voice", "send a voice message", lambda _: Post("voice", "")),
    "sticker": Told(":sticker", "send a sticker", lambda _: Post("sticker", "")),
    "leave": Told(":leave", "remove the bot from this room", lambda _: Leave()),
    "people": Told(":people", "who is there", lambda _: People()),
    "rooms": Told(":rooms", "which rooms there are", lambda _: Rooms()),
    "lang": Told(":lang sv", "your language, as a network would tell it", _lang),
    "help": Told(":help", "this", lambda _: Help()),
    "quit": Told(":quit", "end", lambda _: Quit()),
}  # fmt: skip


def typed(text: str) -> Words | Command:
    """Read what is meant for the bot. The name keeps its accents and becomes lower case."""
    if (found := _COMMAND.fullmatch(text)) and (found["bot"] or "bot").casefold() in BOT_NAMES:
        name = unicodedata.normalize("NFC", found["name"]).lower()
        return Command(name, (found["argument"] or "").strip(), text)
    return Words(text)


def parse(line: str) -> Line:
    """Read one line (or several, where they were joined)."""
    if not line.strip():
        return Nothing()
    if _NUMBER.fullmatch(number := line.strip()):
        return Number(int(number), line)
    if found := _TOLD.fullmatch(line):
        word = found["word"]
        if told := TOLD.get(word.lower()):
            return told.read(found["rest"] or "")
        if word.islower():
            return Odd(f"There is no :{word} here. See :help, or write :say {line.splitlines()[0]}")
    return typed(line)


def goes_on(line: str) -> tuple[str, bool]:
    """Take the sign of continuation off a line, and tell whether it was there."""
    if line.endswith("\\\\"):
        return line[:-1], False
    if line.endswith("\\"):
        return line[:-1], True
    return line, False
