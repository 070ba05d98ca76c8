"""The console: the contract, and what is its own: many people at one keyboard, pipes, and a real terminal."""

from __future__ import annotations

import asyncio
import io
import os
import re
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.adapters.console import ConsoleAdapter
from bot.adapters.console.files import keep, safe_name
from bot.adapters.console.lines import (
    As,
    Command,
    Edit,
    Enter,
    Lang,
    Line,
    Link,
    Nothing,
    Number,
    Odd,
    Post,
    Press,
    Quit,
    Reply,
    Topic,
    Words,
    goes_on,
    parse,
)
from bot.adapters.console.screen import has_colour
from bot.chat.content import Attachment, LocalBlock, LocalChoice, LocalMessage
from bot.chat.events import (
    BotAdded,
    BotRemoved,
    ChoiceMade,
    CommandGiven,
    Event,
    MembersChanged,
    MessageEdited,
    MessageKind,
    MessageReceived,
)
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import PressAnswer
from tests.adapters.contract import (
    MENUS,
    Abilities,
    AdapterContract,
    Answered,
    Button,
    Failure,
    Person,
    Shown,
    ShownFile,
    eventually,
    says,
)


class Paper(io.TextIOBase):
    """What the console wrote, each writing apart; may be torn for the next message."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.torn = False

    def write(self, text: str) -> int:
        if self.torn and HEADER.match(text.split("\n")[0]):
            self.torn = False
            raise OSError(28, "No space left on device")
        self.written.append(text)
        return len(text)

    def isatty(self) -> bool:
        return False


HEADER = re.compile(
    r"\[(?P<label>.*?)(?:, only (?P<only>.*) sees)?\] #(?P<number>\d+)(?: \(changed\))?(?: to #(?P<to>\d+))?$"
)
ECHO = re.compile(r"\[.*\] #\d+( [^:(]+)?: ")
ROW = re.compile(r"\[\d+\] ")
BUTTON = re.compile(r"\[\d+\] (?P<label>.*?)(?: \((?P<link>https?://.*|/start .*|:room .*)\))?$")
ANSWER = re.compile(r"\(only (?P<name>.*?) sees: (?P<text>.*?)(?:; )?(?:go on in private with :link (?P<link>.*))?\)$")


class ConsoleDriver:
    """Sits at the keyboard as everybody, and reads what is printed."""

    can = Abilities(keeps_while_away=False, moves=False, menus=False, failures=frozenset({"later"}))
    bot_name = "bot"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rooms: dict[RoomKey, str] = {}
        self._open()

    def _open(self) -> None:
        reading, self._keys = os.pipe()
        self._stdin = os.fdopen(reading)
        self._paper = Paper()
        self._typed = 0
        self.adapter = ConsoleAdapter(self._folder, stdin=self._stdin, stdout=self._paper)

    def close(self) -> None:
        """Hang up: the thread that waits for keys comes to its end."""
        os.close(self._keys)
        if thread := self.adapter._keyboard._thread:
            thread.join(5)
        self._stdin.close()

    async def restart(self) -> None:
        self.close()
        self._open()

    async def person(self, name: str, locale: str | None = None) -> Person:
        await self._type(f":as {name}", "You are")
        if locale:
            await self._type(f":lang {locale}", "would say")
        person = Person(AccountKey("console", name.casefold()), name, locale)
        self._rooms[self.private(person)] = f"{name} ← bot"
        return person

    def private(self, person: Person) -> RoomKey:
        return RoomKey("console", f"private:{person.account.id}")

    async def group(self, title: str, by: Person) -> RoomKey:
        room = RoomKey("console", f"group:{title.casefold()}")
        self._rooms[room] = title
        await self._be(by, room)
        return room

    async def enter(self, person: Person, room: RoomKey) -> None:
        await self._be(person, room)

    async def thread(self, room: RoomKey, name: str, by: Person) -> RoomKey:
        thread = RoomKey("console", room.room, name.casefold())
        self._rooms[thread] = f"{self._rooms[room]} / {name}"
        await self._be(by, thread)
        return thread

    async def write(self, person: Person, room: RoomKey, text: str, *, reply_to: str = "") -> None:
        await self._be(person, room)
        self._say(f":reply {number(reply_to)} {text}" if reply_to else text)

    async def post(self, person: Person, room: RoomKey, kind: MessageKind, caption: str = "") -> None:
        await self._be(person, room)
        self._say(f":{kind} {caption}")

    async def edit(self, person: Person, room: RoomKey, message_id: str, text: str) -> None:
        await self._be(person, room)
        self._key_in(f":edit {number(message_id)} {text}")

    async def press(self, person: Person, room: RoomKey, message_id: str, label: str) -> None:
        (message,) = (each for each in await self.shown(person, room) if each.id == message_id)
        place = [button.label for button in message.buttons].index(label)
        await self._be(person, room)
        self._key_in(f":press {number(message_id)}.{place + 1}")

    async def answered(self, person: Person) -> Sequence[Answered]:
        found = (ANSWER.match(text.removesuffix("\n")) for text in self._paper.written)
        return [Answered(each["text"], each["link"] or "") for each in found if each and each["name"] == person.name]

    async def follow(self, person: Person, link: str, group: RoomKey | None = None) -> None:
        await self._be(person, self.private(person))
        self._say(link.replace("NAME", self._rooms[group]) if group else link)

    async def remove_bot(self, room: RoomKey, by: Person) -> None:
        await self._be(by, room)
        self._key_in(":leave")

    async def block(self, person: Person) -> None:
        await self.remove_bot(self.private(person), person)

    async def move(self, room: RoomKey, by: Person) -> RoomKey:
        raise NotImplementedError

    async def shown(self, person: Person, room: RoomKey) -> Sequence[Shown]:
        found: dict[str, Shown] = {}
        for text in self._paper.written:
            header, *lines = text.removesuffix("\n").split("\n")
            head = HEADER.match(header)
            if head and head["label"] == self._rooms[room] and head["only"] in (None, person.name):
                ids = self.adapter._world.session
                shown = read(f"{ids}-{head['number']}", lines, f"{ids}-{head['to']}" if head["to"] else "")
                found[shown.id] = shown
        return list(found.values())

    async def menu(self, locale: str, *, group: bool = False) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    async def fail_next_send(self, failure: Failure) -> None:
        assert failure == "later"
        self._paper.torn = True

    async def acknowledged(self) -> bool:
        return sum(bool(ECHO.match(text)) for text in self._paper.written) == self._typed

    async def _be(self, person: Person, room: RoomKey) -> None:
        await self._type(f":as {person.name}", "You are")
        if room == self.private(person):
            await self._type(":private", "You are")
        else:
            await self._type(f":room {self._rooms[room.whole]}", "You are")
        if room.thread:
            await self._type(f":topic {self._rooms[room].partition(' / ')[2]}", "You are")

    async def _type(self, line: str, wanted: str) -> None:
        """Type a line that concerns the console itself, and wait for what it says to it."""
        before = len(self._paper.written)
        self._key_in(line)

        async def told() -> bool:
            return any(text.startswith(wanted) or wanted in text for text in self._paper.written[before:])

        await eventually(told)

    def _say(self, text: str) -> None:
        self._typed += 1
        self._key_in(text)

    def _key_in(self, text: str) -> None:
        lines = [line + "\\" if line.endswith("\\") else line for line in text.split("\n")]
        os.write(self._keys, ("\\\n".join(lines) + "\n").encode())


def number(message_id: str) -> str:
    """Give the number by which people know a message."""
    return message_id.rpartition("-")[2]


def read(message_id: str, lines: list[str], reply_to: str) -> Shown:
    """Read a printed message as a person does: from the bottom the buttons, then the file; what is left are the words."""
    lines = [line.removeprefix("  ") for line in lines]
    rows = []
    while lines and ROW.match(lines[-1]):
        rows.insert(0, lines.pop())
    cells = [cell for row in rows for cell in re.split(r"   (?=\[\d+\] )", row)]
    buttons = tuple(Button(found["label"], found["link"] or "") for cell in cells if (found := BUTTON.match(cell)))
    if lines and lines[-1].startswith("(your next line here"):
        lines.pop()
    file = None
    if lines and lines[-1].startswith("  saved as "):
        path = Path(lines.pop().removeprefix("  saved as "))
        file = ShownFile(path.read_bytes(), path.name, lines.pop().partition(": ")[2])
    text = "\n".join(line.removeprefix("│ ") for line in lines)
    return Shown(message_id, text, buttons, file, reply_to)


class TestConsole(AdapterContract):
    @pytest.fixture
    async def driver(self, tmp_path: Path) -> AsyncIterator[ConsoleDriver]:
        driver = ConsoleDriver(tmp_path / "files")
        yield driver
        driver.close()
