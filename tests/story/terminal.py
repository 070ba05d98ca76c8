"""The bot in a terminal, as a process of its own behind two pipes: lines go in, what is printed comes out.

The console answers a line before it reads the next one. So after each line another one is typed that only the console
itself answers; what stands before that answer is what came of the line.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bot.chat.content import Action, Content
from bot.crypto import Keyring, read_keys
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.rooms import Room, RoomSecret
from bot.store.engine import Database
from bot.store.records import Prompted
from bot.store.unit_of_work import UnitOfWork
from bot.views import groups, ideas
from tests.reliability.process import ROOT, where_it_is_noon

_HEADER = re.compile(
    r"\[(?P<room>[^\]]+?)(?:, only (?P<only>.*) sees)?\] #(?P<number>\d+)(?P<changed> \(changed\))?(?: to #\d+)?$"
)
_BUTTON = re.compile(r"\[\d+\] (.*?)(?=   \[\d+\] |$)")
_LETTERS = "abcdefghij"
QUOTED = "│ "


@dataclass
class Shown:
    """A message of the bot as it was printed: where, its number, its lines and the labels of its buttons."""

    room: str
    number: int
    changed: bool
    only: str = ""
    """Who alone sees it."""
    lines: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """What it says, but for the buttons."""
        return [line for line in self.lines if not line.startswith("[")]

    @property
    def labels(self) -> list[str]:
        return [label for line in self.lines if line.startswith("[") for label in _BUTTON.findall(line)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Terminal:
    """Somebody who sits there and is everybody. `notes` are lines of the console's own."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.shown: list[Shown] = []
        self.notes: list[str] = []
        self.typed: list[str] = []
        self.me = "Anna"
        environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PATH": "/usr/bin:/bin"}
        environment |= {"BYALAG_DATA": str(folder), "BYALAG_ZONE": where_it_is_noon(), **(settings or {})}
        self._errors = (folder / "errors.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=folder, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._errors, text=True, encoding="utf-8",
        )  # fmt: skip
        self._marks = 0

    # Typing

    def types(self, line: str) -> list[Shown]:
        """Type a line; gives the messages that came of it."""
        self.typed.append(line)
        self._marks += 1
        mark = "".join(_LETTERS[int(digit)] for digit in f"{self._marks:04}")
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n:mark{mark}\n")
        self.process.stdin.flush()
        return self._read(f"There is no :mark{mark} here.")

    def becomes(self, name: str, language: str = "") -> None:
        """Be somebody else, in their private room."""
        self.me = name
        self.types(f":as {name}")
        if language:
            self.types(f":lang {language}")
        self.types(":private")

    def enters(self, room: str, topic: str = "") -> None:
        self.types(f":room {room}")
        if topic:
            self.types(f":topic {topic}")

    async def presses(self, verb: str, arg: str = "") -> list[Shown]:
        """Press the button of the latest message in private that does this."""
        label, number = await self._number(verb, arg)
        mine = (one for one in reversed(self.shown) if one.room.startswith(self.me) and len(one.labels) >= number)
        meant = next((one for one in mine if one.labels[number - 1].casefold() == label.casefold()), None)
        return self.types(f":press {meant.number}.{number}" if meant else f":press {number}")

    def presses_on(self, card: Shown, verb: str) -> list[Shown]:
        """Press a button of a card in a group."""
        verbs = IDEA_CARD if verb in IDEA_CARD else GROUP_CARD
        return self.types(f":press {card.number}.{verbs.index(verb) + 1}")

    def quits(self) -> int:
        """End it; gives the exit status."""
        assert self.process.stdin is not None
        self.process.stdin.write(":quit\n")
        self.process.stdin.close()
        assert self.process.stdout is not None
        self._take(self.process.stdout.read().splitlines())
        return self.process.wait(30)

    def close(self) -> None:
        """Leave nothing behind, however the test ended."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self._errors):
            if stream is not None and not stream.closed:
                stream.close()

    # Reading

    def card(self, room: str, words: str) -> Shown:
        """Give the card in a room as it was printed last."""
        return next(one for one in reversed(self.shown) if one.room == room and words in one.text and one.labels)

    def cards(self, room: str, words: str) -> set[int]:
        """Give the numbers of the cards in a room that quote these words."""
        return {one.number for one in self.shown if one.room == room and f"{QUOTED}{words}" in one.lines and one.labels}

    def errors(self) -> str:
        return (self.folder / "errors.log").read_text()

    def _read(self, until: str) -> list[Shown]:
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            if line.startswith(until):
                return self._take(lines)
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"it ended by itself:\n{self.errors()}")

    def _take(self, lines: Sequence[str]) -> list[Shown]:
        came: list[Shown] = []
        for line in lines:
            header = _HEADER.fullmatch(line)
            if header is not None:
                number, changed = int(header["number"]), bool(header["changed"])
                came.append(Shown(header["room"], number, changed, header["only"] or ""))
            elif line.startswith("  ") and came:
                came[-1].lines.append(line.strip())
            else:
                self.notes.append(line)
        self.shown += came
        return came

    async def _number(self, verb: str, arg: str) -> tuple[str, int]:
        """Find the place of a button in private: a person would read the labels, whatever their words."""
        database = Database(f"sqlite+aiosqlite:///{self.folder / 'byalag.db'}")
        keys = Keyring(read_keys((self.folder / "byalag.keys").read_bytes()))
        try:
            async with database.transaction() as connection:
                uow = UnitOfWork(connection, keys)
                rooms = await uow.select(Room, lambda query: query)
                here = next(room for room in rooms if room.key.room == f"private:{self.me.casefold()}")
                prompted = await uow.need(Prompted, here.id)
        finally:
            await database.close()
        actions = enumerate(prompted.actions, 1)
        found = [(label, number) for number, (label, action) in actions if _does(action, verb, arg)]
        assert found, f"no button does {verb} {arg}: {[action for _, action in prompted.actions]}"
        return found[0]


def _does(action: Action, verb: str, arg: str) -> bool:
    return action.verb == verb and (not arg or arg in {action.arg, action.arg[4:]})


def _verbs(content: Content) -> list[str]:
    return [choice.action.verb for row in content.choices for choice in row if choice.action]


_NOBODY, _NOW = UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC)
_IDEA = Idea(_NOBODY, _NOBODY, 1, _NOBODY, True, "", _NOW)  # noqa: FBT003 (a record)
_GROUP = HelperGroup(_NOBODY, _NOBODY, _NOBODY, "", "", "", "", _NOW)
_ROOM = Room(_NOBODY, "", b"", RoomSecret(None), False, _NOW)  # type: ignore[arg-type]  # noqa: FBT003 (the same)


def _conversation() -> Conversation:
    return Conversation(
        id=_NOBODY, place_key="", place_name="", question="", why="", values=(), givens="", lasts="weeks",
        findable="invited", code="", locale="sv", zone="UTC", host_id=_NOBODY, created_at=_NOW,
    )  # fmt: skip


IDEA_CARD = _verbs(Content((), ideas.card_choices(_IDEA)))
GROUP_CARD = _verbs(groups.group_card(_GROUP, _conversation(), "", None, _ROOM))
"""What the buttons of the cards do, in their order."""


def own_lines(shown: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    """Give the lines and labels of messages that are the bot's own, and who reads them: a person, or a room."""
    for one in shown:
        for line in [*one.words, *one.labels]:
            if not line.startswith(QUOTED):
                yield one.only or one.room.removesuffix(" ← bot"), line
