"""What a flow is made of: questions, summaries, looks, and what the answers to them may be.

A flow is a generator. It yields `Ask` (a question), `Summary` (what will be done, to say yes to or to change) and
`Look` (something to read from outside), is sent the answers, and returns a command. It does no I/O and holds no state;
`bot.flows.engine` runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from bot.chat.content import Block, Text, Words
from bot.chat.events import MessageKind
from bot.flows.words import plain

T = TypeVar("T")

BACK, SKIP, STOP, DONE = "back", "skip", "stop", "done"
"""Choices besides a question's own: no option takes them as its id. `DONE` ends the choosing of several."""

MAX_ID = 12
_TAKEN = frozenset({BACK, SKIP, STOP, DONE})
REQUIRED: Final = object()
_IS_IT_SO = Text("Is this how you want it?")


class Input(msgspec.Struct, frozen=True):
    """What a person sent: words, or the id of an option (both, where the option says what to make of the words)."""

    text: str = ""
    choice: str = ""
    kind: MessageKind = "text"

    @property
    def record(self) -> str:
        """What is kept of it; `recorded` reads it."""
        return f"#{self.choice}={self.text}" if self.choice else f"={self.text}"


def recorded(record: str) -> Input:
    """Read what `Input.record` wrote."""
    choice, _, text = record.partition("=")
    return Input(text, choice.removeprefix("#"))


@dataclass(frozen=True, slots=True)
class Ctx:
    """When, where and in which language an answer is read. `say` writes words in the person's language."""

    now: datetime
    zone: str
    locale: str
    say: Callable[[Words], str] = plain


class Option(msgspec.Struct, frozen=True):
    """One of the answers to choose from. The id is stable: ASCII, at most 12 characters.

    A label may be as long as a sentence: what shows it decides how.
    """

    id: str
    label: Words

    def __post_init__(self) -> None:
        if not self.id.isascii() or "=" in self.id or not 0 < len(self.id) <= MAX_ID or self.id in _TAKEN:
            raise ValueError(f"no id of an option: {self.id!r}")


class Answer(msgspec.Struct, frozen=True):
    """What an input means. Read again, `given` means the same."""

    value: object
    given: Input


class Retry(msgspec.Struct, frozen=True):
    """Kindly: what was expected. The question stays."""

    text: Text


class Choose(msgspec.Struct, frozen=True):
    """The words may mean several things: offer these. The choice is read together with the words."""

    text: Text
    options: tuple[Option, ...]


Meaning = Answer | Retry | Choose
Parse = Callable[[Input, Ctx], Meaning]
"""Reads an answer. Never raises; the same input means the same every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question.

    name      short, ASCII, unique within the flow
    options   what can be chosen; `awaits` tells whether typed words are an answer too
    default   if given, the question is asked only when the person chose to change it
    given     what the person wrote before the question came up; it is the answer if it parses
    optional  may be skipped; its value is `skipped` then
    most      if not 0, several can be chosen, at most so many: `parse` reads one of them, the value is a tuple
    chosen    what is chosen before the person has chosen anything
    hint      a small line below the question; `body` is what stands before it
    adds      where words may mean several things, what is typed next may be the rest of them: “every day”, then “9”
    numbers   a typed number is an answer, and choices go by letters; so it is too with `adds`
    changes   options that open an earlier question again; the id is its name
    voids     questions whose answers mean nothing any more once this one is answered anew
    """

    name: str
    text: Text
    parse: Parse
    options: tuple[Option, ...] = ()
    awaits: bool = True
    default: Any = REQUIRED
    given: str = ""
    optional: bool = False
    skipped: Any = None
    most: int = 0
    chosen: tuple[Input, ...] = ()
    hint: Text | None = None
    body: tuple[Block, ...] = ()
    adds: bool = False
    numbers: bool = False
    changes: tuple[Option, ...] = ()
    voids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All that will be done, a line each. `confirm` says yes; `changes` open an earlier question again, by its name."""

    lines: tuple[tuple[Text, Words], ...]
    confirm: Option
    changes: tuple[Option, ...] = ()
    name: str = "confirm"
    text: Text = _IS_IT_SO


@dataclass(frozen=True, slots=True)
class Look:
    """Something to read from outside: whoever drives the flow resolves `query` and sends in what was found."""

    name: str
    query: Any


Flow = Generator[Ask | Summary | Look, Any, T]


class Refused(Exception):
    """The domain refused the command. The question named `question` is asked again; `text` says why."""

    def __init__(self, question: str, text: Text) -> None:
        super().__init__(question)
        self.question = question
        self.text = text
