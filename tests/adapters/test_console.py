"""The console: the contract, and what is its own: many people at one keyboard, pipes, and a real terminal."""

from __future__ import annotations

import asyncio
import codecs
import io
import os
import pty
import re
import select
import stat
import subprocess
import sys
import termios
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bot.adapters.console import ConsoleAdapter
from bot.adapters.console.files import SAMPLES, keep, safe_name
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
    PATIENCE,
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


class Paper(io.StringIO):
    """What the console wrote, each writing apart; may be torn for the next message."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.torn = False

    def write(self, text: str) -> int:
        if self.torn and HEADER.match(text.partition("\n")[0]):
            self.torn = False
            raise OSError(28, "No space left on device")
        self.written.append(text)
        return len(text)

    def isatty(self) -> bool:
        return False


HEADER = re.compile(
    r"\[(?P<label>.*?)(?:, only (?P<only>.*) sees)?\] #(?P<number>\d+)(?: \(changed\))?(?: to #(?P<to>\d+))?$"
)
REMOVED = re.compile(r"\[(?P<label>.*?)\] #(?P<number>\d+) of the bot is removed\.")
ECHO = re.compile(r"\[.*\] #\d+( [^:(]+)?: ")
ROW = re.compile(r"\[\d+\] ")
BUTTON = re.compile(r"\[\d+\] (?P<label>.*?)(?: \((?P<link>https?://.*|/start .*|:room .*)\))?$")
ANSWER = re.compile(r"\(only (?P<name>.*?) sees: (?P<text>.*?)(?:; )?(?:go on in private with :link (?P<link>.*))?\)$")


class ConsoleDriver:
    """Sits at the keyboard as everybody, and reads what is printed."""

    can = Abilities()
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

    def posted(self, kind: MessageKind) -> bytes:
        return SAMPLES["picture" if kind == "photo" else "file"]

    async def remove(self, person: Person, room: RoomKey, message_id: str) -> None:
        await self._be(person, room)
        self._key_in(f":remove {number(message_id)}")

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
            if (gone := REMOVED.match(header)) and gone["label"] == self._rooms[room]:
                found.pop(f"{self.adapter._world.session}-{gone['number']}", None)
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
    """Read a printed message: from the bottom the buttons, then the file; what is left are the words."""
    lines = [line.removeprefix("  ") for line in lines]
    rows: list[str] = []
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
    lacks = frozenset({"keeps_while_away", "moves", "menus", "uncertain", "unreachable"})

    @pytest.fixture
    async def driver(self, tmp_path: Path) -> AsyncIterator[ConsoleDriver]:
        driver = ConsoleDriver(tmp_path / "files")
        yield driver
        driver.close()


# --- Lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("", Nothing()),
        ("   ", Nothing()),
        ("Fler bänkar", Words("Fler bänkar")),
        (":)", Words(":)")),
        (":D", Words(":D")),
        (": hej", Words(": hej")),
        (":heart: ja", Words(":heart: ja")),
        (":XD", Words(":XD")),
        ("12:30", Words("12:30")),
        ("/", Words("/")),
        ("/usr/bin", Words("/usr/bin")),
        ("/5", Words("/5")),
        ("/Idé  Fler träd ", Command("idé", "Fler träd", "/Idé  Fler träd ")),
        ("/idea@Bot", Command("idea", "", "/idea@Bot")),
        ("/idea@byalag x", Command("idea", "x", "/idea@byalag x")),
        ("/idea@other x", Words("/idea@other x")),
        ("/ide\u0301", Command("idé", "", "/ide\u0301")),
        ("3", Number(3, "3")),
        (" 3 ", Number(3, " 3 ")),
        ("3 bänkar", Words("3 bänkar")),
        ("٣", Words("٣")),
        ("1234", Words("1234")),
        (":say 3", Words("3")),
        (":say :quit", Words(":quit")),
        (":as  Bo  Ek", As("Bo Ek")),
        (":AS Bo", As("Bo")),
        (":room Norra torget", Enter("Norra torget")),
        (":room Norra torget /start a-B", Enter("Norra torget", Command("start", "a-B", "/start a-B"))),
        (":topic Bänkar", Topic("Bänkar")),
        (":topic", Topic("")),
        (":reply 12 Ja", Reply(12, Words("Ja"))),
        (":reply #12 /idea", Reply(12, Command("idea", "", "/idea"))),
        (":reply 12 3", Reply(12, Words("3"))),
        (":edit 12 en\ntvå", Edit(12, Words("en\ntvå"))),
        (":press 2", Press(2)),
        (":press 12.2", Press(2, 12)),
        (":press #12.2", Press(2, 12)),
        (":lang sv", Lang("sv")),
        (":lang", Lang("")),
        (":link /start a-B", Link("a-B")),
        (":link a-B", Link("a-B")),
        (":link :room Torget /start a-B", Enter("Torget", Command("start", "a-B", "/start a-B"))),
        (":photo En bänk", Post("photo", "En bänk")),
        (":quit", Quit()),
    ],
)
def test_a_line_means(line: str, meaning: Line) -> None:
    assert parse(line) == meaning


@pytest.mark.parametrize(
    "line",
    [
        *(
            ":as",
            ":as bot",
            ":room",
            ":room /start x",
            ":reply",
            ":reply x y",
            ":reply 12",
            ":edit 12",
            ":press",
            ":press x",
        ),
        *(
            ":lang svenska?",
            ":link",
            ":link https://example.org",
            ":link /start " + "x" * 65,
            ":say",
            ":foo",
            ":foo bar\nx",
        ),
    ],
)
def test_an_odd_line_gets_a_hint(line: str) -> None:
    found = parse(line)
    assert isinstance(found, Odd)
    assert found.hint
    assert "\n" not in found.hint


@pytest.mark.parametrize(
    ("line", "meaning"), [("a", ("a", False)), ("a\\", ("a", True)), ("a\\\\", ("a\\", False)), ("\\", ("", True))]
)
def test_a_backslash_goes_on_in_the_next_line(line: str, meaning: tuple[str, bool]) -> None:
    assert goes_on(line) == meaning


# --- Scripts ----------------------------------------------------------------------------------------------------------

Reaction = Callable[[ConsoleAdapter, Event], Awaitable[None]]


class Bot:
    """A small bot behind the console: its reaction comes after the event was taken, as delivery's does."""

    def __init__(self, folder: Path, script: str, react: Reaction | None = None) -> None:
        self.paper = Paper()
        self.events: list[Event] = []
        self.failures = 0
        self._react = react
        self._due: list[Event] = []
        self.adapter = ConsoleAdapter(folder, self.settled, stdin=io.StringIO(script), stdout=self.paper)

    @property
    def printed(self) -> str:
        return "".join(self.paper.written)

    async def accept(self, events: Sequence[Event]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError(28, "No space left on device")
        self.events += events
        self._due += events

    async def settled(self) -> None:
        await asyncio.sleep(0)
        while self._due:
            event = self._due.pop(0)
            if self._react:
                await self._react(self.adapter, event)

    async def say(self, message: LocalMessage, room: RoomKey | None = None) -> str:
        room = room or RoomKey("console", "private:anna")
        return await self.adapter.send(room, self.adapter.render(room, message), f"{len(self.paper.written)}")

    async def played(self) -> Bot:
        await asyncio.wait_for(self.adapter.run(self.accept), 20)
        await self.adapter.stop()
        return self


def buttons(*labels: str) -> tuple[tuple[LocalChoice, ...], ...]:
    return tuple((LocalChoice(label, data=f"v1.{label}"),) for label in labels)


async def reply_to_each(adapter: ConsoleAdapter, event: Event) -> None:
    """Answer a command with buttons, a press with an alert and a message, words with words."""
    match event:
        case CommandGiven():
            message = says("Vad vill du?", choices=buttons("Börja", "Lyssna"))
        case ChoiceMade():
            await adapter.answer(event.press, PressAnswer("Tack"))
            message = says(f"Du valde {event.data}")
        case MessageReceived():
            message = LocalMessage((LocalBlock("title", "Du sa"), LocalBlock("quote", event.text)))
        case _:
            message = says(type(event).__name__)
    await adapter.send(event.room.key, adapter.render(event.room.key, message), event.id)


async def test_a_script_is_answered_line_by_line(tmp_path: Path) -> None:
    script = "/start\n1\nFler bänkar\\\noch träd\n:as Bo\n:room Torget\nHej\n"
    bot = await Bot(tmp_path, script, reply_to_each).played()
    assert (
        bot.printed
        == """\
[Anna → bot] #1: /start
[Anna ← bot] #2
  Vad vill du?
  [1] Börja
  [2] Lyssna
Anna pressed Börja
(only Anna sees: Tack)
[Anna ← bot] #3
  Du valde v1.Börja
[Anna → bot] #4: Fler bänkar
  och träd
[Anna ← bot] #5
  Du sa
  │ Fler bänkar
  │ och träd
You are Bo, in private with the bot.
You are Bo, in [Torget].
[Torget] #6
  BotAdded
[Torget] #7 Bo: Hej
[Torget] #8
  Du sa
  │ Hej
"""
    )


async def test_it_welcomes_in_two_lines_and_describes_the_menu_in_help(tmp_path: Path) -> None:
    bot = Bot(tmp_path, ":help\n:lang sv\n:help\n:room Torget\n:help\n")
    await bot.adapter.start(MENUS)
    assert bot.printed.count("\n") == 2
    await bot.played()
    english, swedish, group = bot.printed.split("say just this")[1:]
    assert "Give an idea" in english
    assert "/hjalp" in swedish
    assert "/ide " in group
    assert "/hjalp" not in group


async def test_the_end_of_input_waits_for_the_last_answers(tmp_path: Path) -> None:
    bot = await Bot(tmp_path, "/start", reply_to_each).played()
    assert "Vad vill du?" in bot.printed


async def test_quit_ends_before_the_lines_that_follow(tmp_path: Path) -> None:
    bot = await Bot(tmp_path, "ett\n:quit\ntvå\n").played()
    assert [event.text for event in bot.events if isinstance(event, MessageReceived)] == ["ett"]


async def test_a_store_that_fails_is_told_once_and_loses_nothing(tmp_path: Path) -> None:
    bot = Bot(tmp_path, "ett\ntvå\n")
    bot.failures = 3
    await bot.played()
    assert [event.text for event in bot.events if isinstance(event, MessageReceived)] == ["ett", "två"]
    assert bot.printed.count("could not be stored") == 1


# --- Numbers ----------------------------------------------------------------------------------------------------------


async def pressed_or_said(tmp_path: Path, typed: str, *messages: LocalMessage) -> str:
    """Give what a line became after these messages: a button's data, or words."""
    bot = Bot(tmp_path, typed)
    for message in messages:
        await bot.say(message)
    await bot.played()
    (event,) = bot.events
    return event.data if isinstance(event, ChoiceMade) else getattr(event, "text", "")


CARD = says("Välj", choices=buttons("Ja", "Nej"))


@pytest.mark.parametrize(
    ("typed", "messages", "became"),
    [
        ("1", (), "1"),
        ("2", (CARD,), "v1.Nej"),
        ("3", (CARD,), "3"),
        ("0", (CARD,), "0"),
        ("2", (CARD, says("En annan sak")), "v1.Nej"),
        ("2", (CARD, says("Hur många?", awaits=True)), "2"),
        ("2", (says("Hur många?", awaits=True, choices=buttons("En", "Två")),), "v1.Två"),
        ("3", (says("Hur många?", awaits=True, choices=buttons("En", "Två")),), "3"),
        ("2", (CARD, says("Nytt", choices=buttons("A", "B"))), "v1.B"),
        (":press 1.2", (CARD, says("Nytt", choices=buttons("A", "B"))), "v1.Nej"),
        (":say 2", (CARD,), "2"),
    ],
)
async def test_a_number_presses_what_one_sees_or_is_said(
    tmp_path: Path, typed: str, messages: tuple[LocalMessage, ...], became: str
) -> None:
    assert await pressed_or_said(tmp_path, typed, *messages) == became


async def test_a_message_that_changes_stays_where_it_is_unless_it_was_pressed(tmp_path: Path) -> None:
    async def changes(adapter: ConsoleAdapter, event: Event) -> None:
        if isinstance(event, ChoiceMade) and event.message_id == card:
            again = says("Ändrat igen", choices=buttons("D"), replaces=card)
            await adapter.send(event.room.key, adapter.render(event.room.key, again), "again")

    bot = Bot(tmp_path, "1\n:press 1.1\n1\n", changes)
    card = await bot.say(CARD)
    below = await bot.say(says("Nytt", choices=buttons("A")))
    await bot.say(says("Ändrat", choices=buttons("C"), replaces=card))
    await bot.played()
    pressed = [(event.message_id, event.data) for event in bot.events if isinstance(event, ChoiceMade)]
    assert pressed == [(below, "v1.A"), (card, "v1.C"), (card, "v1.D")]
    assert "#1 (changed)" in bot.printed


async def test_nobody_presses_what_only_another_sees(tmp_path: Path) -> None:
    async def for_bo(adapter: ConsoleAdapter, event: Event) -> None:
        if isinstance(event, BotAdded):
            message = says("Bara Bo", choices=buttons("Ja"), only_for="bo")
            await adapter.send(event.room.key, adapter.render(event.room.key, message), "key")

    bot = await Bot(tmp_path, ":room Torget\n1\n:as Bo\n:room Torget\n1\n", for_bo).played()
    assert [type(event) for event in bot.events] == [BotAdded, MessageReceived, MembersChanged, ChoiceMade]
    assert "[Torget, only bo sees] #1" in bot.printed


async def test_a_button_that_is_a_link_is_followed(tmp_path: Path) -> None:
    async def card(adapter: ConsoleAdapter, event: Event) -> None:
        if isinstance(event, BotAdded):
            row = (
                LocalChoice("Gå med", start="kod"),
                LocalChoice("Läs", url="https://example.org"),
                LocalChoice("Lägg till", start="kod", group=True),
            )
            await adapter.send(event.room.key, adapter.render(event.room.key, says("?", choices=(row,))), "key")

    bot = await Bot(tmp_path, ":room Torget\n2\n3\n1\n", card).played()
    _, command = bot.events
    assert isinstance(command, CommandGiven)
    assert (command.name, command.argument) == ("start", "kod")
    assert command.room.key == RoomKey("console", "private:anna")
    assert "It leads to https://example.org" in bot.printed
    assert "Type :room, the group's name, and /start kod" in bot.printed


# --- Being several ----------------------------------------------------------------------------------------------------


async def test_each_participant_stays_where_they_were(tmp_path: Path) -> None:
    script = ":room Torget\n:topic Bänkar\nett\n:as Bo\ntvå\n:room torget\n:as ANNA\ntre\n:topic\nfyra\n:private\nfem\n"
    bot = await Bot(tmp_path, script).played()
    told = [
        (event.text, event.sender.name, event.room.key.room, event.room.key.thread)
        for event in bot.events
        if isinstance(event, MessageReceived)
    ]
    assert told == [
        ("ett", "Anna", "group:torget", "bänkar"),
        ("två", "Bo", "private:bo", ""),
        ("tre", "Anna", "group:torget", "bänkar"),
        ("fyra", "Anna", "group:torget", ""),
        ("fem", "Anna", "private:anna", ""),
    ]
    added = next(event for event in bot.events if isinstance(event, BotAdded))
    changed = next(event for event in bot.events if isinstance(event, MembersChanged))
    assert (added.members, changed.members) == (1, 2)
    assert changed.room.title == "Torget"


async def test_people_and_rooms_are_told(tmp_path: Path) -> None:
    bot = await Bot(tmp_path, ":rooms\n:room Torget\n:topic Bänkar\n:as Bo\n:lang en\n:people\n:rooms\n").played()
    assert "No group rooms yet." in bot.printed
    assert "Anna: in [Torget / Bänkar]\nBo: in private with the bot, en (you)\n" in bot.printed
    assert "[Torget / Bänkar] Anna\n" in bot.printed


async def test_a_room_without_the_bot_hears_nothing_until_it_is_back(tmp_path: Path) -> None:
    bot = await Bot(tmp_path, ":room Torget\n:leave\nhallå\n:leave\n:room Torget\nhej\n").played()
    assert [type(event) for event in bot.events] == [BotAdded, BotRemoved, BotAdded, MessageReceived]
    assert "The bot is not in this room. :room Torget adds it again." in bot.printed
    await bot.adapter.stop()


async def test_who_blocked_the_bot_lets_it_back_by_writing(tmp_path: Path) -> None:
    async def answer(adapter: ConsoleAdapter, event: Event) -> None:
        if isinstance(event, CommandGiven):
            await reply_to_each(adapter, event)

    bot = await Bot(tmp_path, ":leave\n:leave\n/start\n", answer).played()
    assert [type(event) for event in bot.events] == [BotRemoved, CommandGiven]
    assert "Vad vill du?" in bot.printed


async def test_in_a_group_the_next_line_answers_the_question(tmp_path: Path) -> None:
    async def ask(adapter: ConsoleAdapter, event: Event) -> None:
        if isinstance(event, CommandGiven):
            message = says("Vilken?", awaits=True, reply_to=event.message_id)
            await adapter.send(event.room.key, adapter.render(event.room.key, message), event.id)

    script = ":room Torget\n/idea\n:as Bo\n:room Torget\nHej Anna\n:as Anna\nFler bänkar\nEn sak till\n"
    bot = await Bot(tmp_path, script, ask).played()
    said = {event.text: event.reply_to for event in bot.events if isinstance(event, MessageReceived)}
    assert said["Hej Anna"] is None
    assert said["Fler bänkar"] is not None
    assert said["Fler bänkar"].text == "Vilken?"
    assert said["Fler bänkar"].author is not None
    assert said["Fler bänkar"].author.bot
    assert said["En sak till"] is None
    assert "(your next line here answers #2)" in bot.printed


async def test_one_changes_only_what_one_said(tmp_path: Path) -> None:
    bot = await Bot(
        tmp_path, "ett\n:edit 1 två\n:as Bo\n:edit 1 tre\n:edit 9 fyra\n:reply 1 hej\n:press 1.1\n"
    ).played()
    assert [event.text for event in bot.events if isinstance(event, MessageEdited)] == ["två"]
    assert len(bot.events) == 2
    assert bot.printed.count("#1 was said in [Anna ← bot], you are elsewhere.") == 3
    assert "There is no message #9 since the start." in bot.printed


async def test_the_bot_is_mentioned_by_either_name(tmp_path: Path) -> None:
    bot = await Bot(tmp_path, "hej @bot\nhej @Byalag!\nhej @bosse\n").played()
    assert [event.mentions_bot for event in bot.events if isinstance(event, MessageReceived)] == [True, True, False]


async def test_a_message_from_before_the_start_can_still_be_changed(tmp_path: Path) -> None:
    bot = Bot(tmp_path, "")
    assert await bot.say(says("Ändrat", replaces="earlier-7")) == "earlier-7"
    assert bot.printed == "[Anna ← bot] #1 (changed)\n  Ändrat\n"


# --- Files and the terminal -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("skörd.csv", "skörd.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\\b.txt", "b.txt"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\x00\x1b[31m\u202eb.txt", "a[31mb.txt"),
        ("CON:<x>.txt", "CON__x_.txt"),
        ("x" * 300 + ".csv", "x" * 80 + ".csv"),
    ],
)
def test_a_file_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_files_are_private_and_never_written_over(tmp_path: Path) -> None:
    first, second = (keep(tmp_path / "files", "a.csv", data) for data in (b"1", b"2"))
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    assert (first.name, second.name) == ("a.csv", "a-2.csv")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700


async def test_a_file_is_told_by_its_words_and_path(tmp_path: Path) -> None:
    bot = Bot(tmp_path / "files", "")
    await bot.say(says("Kartan", attachment=Attachment("picture", "karta.png", "image/png", b"png", "Två grupper")))
    path = tmp_path / "files" / "karta.png"
    assert bot.printed == f"[Anna ← bot] #1\n  Kartan\n  picture: Två grupper\n    saved as {path}\n"


@pytest.mark.parametrize(
    ("tty", "environment", "colour"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {}, False),
        (False, {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_those_who_want_it(tty: bool, environment: dict[str, str], colour: bool) -> None:  # noqa: FBT001
    stream = Paper()
    stream.isatty = lambda: tty  # type: ignore[method-assign]
    assert has_colour(stream, environment) is colour


PROGRAM = """
import asyncio, fcntl, pathlib, sys, termios
from bot.adapters.console import ConsoleAdapter
from bot.chat.content import LocalBlock, LocalMessage

if sys.stdin.isatty():  # the terminal of this session: Ctrl-C reaches it
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

async def main():
    async def settled():
        pass

    async def accept(events):
        tasks.append(asyncio.create_task(answer(events[0])))

    async def answer(event):
        await asyncio.sleep(0.2 if "later" in getattr(event, "text", "") else 0)
        message = LocalMessage((LocalBlock("title", "You said " + getattr(event, "text", event.id)),))
        await adapter.send(event.room.key, adapter.render(event.room.key, message), event.id)

    tasks = []
    adapter = ConsoleAdapter(pathlib.Path("unused"), settled)
    await adapter.start(())
    try:
        await adapter.run(accept)
    finally:
        await asyncio.gather(*tasks)
        await adapter.stop()

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(130)
"""


class Terminal:
    """A real terminal with the console in it."""

    def __init__(self, **environment: str) -> None:
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "", "PYTHONUTF8": "1", **environment},
            start_new_session=True,
        )
        self.seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def keys(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def until(self, wanted: str) -> str:
        """Read until this is on the screen; give all since the last time."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, f"never seen {wanted!r} in {self.seen!r}"
            if select.select([self.ours], [], [], left)[0]:
                self.seen += self._decoder.decode(os.read(self.ours, 65536))
        found, _, self.seen = self.seen.partition(wanted)
        return found + wanted

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(**environment: str) -> Terminal:
        opened.append(Terminal(**environment))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_in_a_terminal_lines_can_be_edited_and_recalled(terminal: Callable[..., Terminal]) -> None:
    console = terminal()
    console.until("Anna → bot> ")
    # typed with a mistake that is taken back
    console.keys("hejj\x7f\r")
    assert "\x1b[1mYou said hej\x1b[0m" in console.until("You said hej\x1b[0m")
    console.until("Anna → bot> ")
    # the arrow up brings it back
    console.keys("\x1b[A\r")
    console.until("You said hej\x1b[0m")


def test_in_a_terminal_what_is_being_typed_is_put_back_after_a_message(terminal: Callable[..., Terminal]) -> None:
    console = terminal()
    console.until("Anna → bot> ")
    console.keys("later\r")
    console.until("Anna → bot> ")
    console.keys("half a li")
    redrawn = console.until("You said later") + console.until("Anna → bot> half a li")
    assert "\r\x1b[J" in redrawn
    console.keys("ne\r")
    console.until("You said half a line")


def test_in_a_terminal_the_prompt_tells_who_and_where(terminal: Callable[..., Terminal]) -> None:
    console = terminal()
    console.keys(":as Bo\r")
    console.until("Bo → bot> ")
    console.keys(":room Torget\r")
    console.until("Bo → Torget> ")
    console.keys("en\\\r")
    console.until("… ")
    console.keys("två\r")
    console.until("två")
    console.until("You said en")


@pytest.mark.parametrize(("key", "code"), [("\x04", 0), ("\x03", 130), (":quit\r", 0)], ids=["end", "break", "quit"])
def test_in_a_terminal_it_ends_cleanly(terminal: Callable[..., Terminal], key: str, code: int) -> None:
    console = terminal()
    console.until("Anna → bot> ")
    console.keys(key)
    assert console.process.wait(PATIENCE) == code
    assert termios.tcgetattr(console.theirs)[3] == console.before[3]
    assert "Traceback" not in console.seen


def test_a_dumb_terminal_gets_plain_lines(terminal: Callable[..., Terminal]) -> None:
    console = terminal(TERM="dumb")
    console.until("Anna → bot> ")
    console.keys("hej\r")
    assert "\x1b" not in console.until("You said hej") + console.until("Anna → bot> ")


@pytest.mark.parametrize("given", ["pipe", "file"])
def test_a_real_pipe_or_file_is_read_to_its_end(tmp_path: Path, given: str) -> None:
    script = "ett\r\n\ntv\u00e5\n\xfftre".encode() + b"\xff\xfe\nfyra"
    (tmp_path / "script").write_bytes(script)
    with (tmp_path / "script").open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            stdin=file if given == "file" else None,
            input=script if given == "pipe" else None,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
    assert not done.stderr
    assert re.findall(r"You said (.*)", done.stdout.decode()) == ["ett", "två", "ÿtre\ufffd\ufffd", "fyra"]


def test_an_old_terminal_loses_signs_and_not_the_message() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="två\n".encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    )
    assert b"You said tv?" in done.stdout
