"""The one contract of all adapters, as tests: what `bot.chat.port` promises, shown on a network that runs.

How to use it
-------------
An adapter's test module gives a fixture `driver` and inherits the suite::

    class TestTelegram(AdapterContract):
        @pytest.fixture
        async def driver(self) -> AsyncIterator[Driver]:
            async with emulator() as server:
                yield TelegramDriver(server)

Rules
-----
* The driver is everybody else: the people, the network, the passing of time. It never looks into the adapter; what
  people see it takes from the network. It neither starts nor stops the adapter that it hands out, the suite does.
* What a network cannot do is said in `Abilities`; its tests are skipped by name, never passed in silence.
* Nothing waits for a time to pass and calls that proof: tests wait for something to happen (`eventually`), and show
  that something did *not* happen by a later marker that did.
"""

from __future__ import annotations

import asyncio
import struct
import unicodedata
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, TypeVar

import pytest

from bot.chat.content import Attachment, BlockKind, LocalBlock, LocalChoice, LocalMessage
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
    MessageRemoved,
    RoomMoved,
    decode,
    encode,
)
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import (
    ChatAdapter,
    DeliveryError,
    Later,
    Menu,
    MenuEntry,
    PressAnswer,
    Refused,
    Uncertain,
    Unreachable,
)

PATIENCE = 20.0
"""Seconds after which what should have happened has not."""

Failure = Literal["later", "uncertain", "unreachable"]


# --- What a driver is -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """What the network can do, or its stand-in in the tests can show."""

    prefix: str = "/"
    """What a command begins with."""
    alerts: bool = True
    """A press is answered with something that only the presser sees."""
    hides_only_for: bool = True
    """A message `only_for` one person is not seen by the others."""
    counts_members: bool = True
    webhook_headers: Mapping[str, str] = field(default_factory=dict)
    """Headers with which a webhook call would be let in, if its body were right (Telegram's secret token)."""


@dataclass(frozen=True)
class Person:
    """Somebody on the network. `account` is what their events must carry."""

    account: AccountKey
    name: str
    locale: str | None = None


@dataclass(frozen=True)
class Button:
    """A button as one sees it. `link` is where it leads, if it does not come back to the bot."""

    label: str
    link: str = ""


@dataclass(frozen=True)
class ShownFile:
    """A picture or file as one receives it; `alt` is its alternative text where the network has a place of its own."""

    data: bytes
    name: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Shown:
    """A message of the bot as one reads it now.

    `text` is the words only: no markup, no numbers, bars or labels of the network's own, no choices.
    """

    id: str
    text: str
    buttons: tuple[Button, ...] = ()
    file: ShownFile | None = None
    reply_to: str = ""


@dataclass(frozen=True)
class Answered:
    """What a presser saw: an alert's or a toast's text, or the link that was opened."""

    text: str = ""
    link: str = ""


class Driver(Protocol):
    """Plays the network and its people against one adapter. Each method returns when the network knows of it."""

    adapter: ChatAdapter
    can: Abilities
    bot_name: str
    """What stands after the @ in ``/word@name``."""

    async def restart(self) -> None:
        """Put a new adapter for the same account in `adapter`, as a restart does (the old one is stopped)."""

    async def person(self, name: str, locale: str | None = None) -> Person:
        """Find or make somebody whose private room is open both ways, without any event of it."""

    def private(self, person: Person) -> RoomKey:
        """Give the key of their private room with the bot."""

    async def group(self, title: str, by: Person) -> RoomKey:
        """Make a group with `by` in it, who then adds the bot (which may read everything there)."""

    async def enter(self, person: Person, room: RoomKey) -> None:
        """Bring somebody into the group."""

    async def thread(self, room: RoomKey, name: str, by: Person) -> RoomKey:
        """Open a thread (forum topic) in the group."""

    async def write(self, person: Person, room: RoomKey, text: str, *, reply_to: str = "") -> None:
        """Send exactly this text, maybe as a reply to a message id."""

    async def post(self, person: Person, room: RoomKey, kind: MessageKind, caption: str = "") -> None:
        """Send a photo, voice message, sticker or file; only photos and files have captions."""

    def posted(self, kind: MessageKind) -> bytes:
        """Give what `post` sends as a photo or file."""

    async def remove(self, person: Person, room: RoomKey, message_id: str) -> None:
        """Remove one's earlier message from a group."""

    async def edit(self, person: Person, room: RoomKey, message_id: str, text: str) -> None:
        """Change one's earlier message."""

    async def press(self, person: Person, room: RoomKey, message_id: str, label: str) -> None:
        """Press the button with this label."""

    async def answered(self, person: Person) -> Sequence[Answered]:
        """Give what their presses were answered with so far, blank answers left out."""

    async def follow(self, person: Person, link: str, group: RoomKey | None = None) -> None:
        """Follow a deep link of `adapter.link`; with a group link, into this group, where the bot may already be."""

    async def remove_bot(self, room: RoomKey, by: Person) -> None:
        """Remove the bot from the group."""

    async def block(self, person: Person) -> None:
        """Let the person block the bot."""

    async def move(self, room: RoomKey, by: Person) -> RoomKey:
        """Give the group another address and return it."""

    async def shown(self, person: Person, room: RoomKey) -> Sequence[Shown]:
        """Give all of the bot's messages in this room that the person sees, each once, as it is now, oldest first.

        A message `only_for` somebody in a group counts here for them, wherever the network showed it.
        """

    async def menu(self, locale: str, *, group: bool = False) -> Sequence[tuple[str, str]]:
        """Give the published commands as (name, description)."""

    async def fail_next_send(self, failure: Failure) -> None:
        """Let the next send fail so. `uncertain` delivers and loses the answer."""

    async def acknowledged(self) -> bool:
        """Tell whether the network takes everything that people did so far as received by the bot."""


# --- Helpers ----------------------------------------------------------------------------------------------------------

T = TypeVar("T")
E = TypeVar("E", bound=Event)


async def eventually(look: Callable[[], Awaitable[T]], wanted: Callable[[T], object] = bool) -> T:
    """Look until it is as wanted; fail with what was last seen."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not wanted(seen := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"never came about; last seen: {seen!r}"
        await asyncio.sleep(0.01)
    return seen


class StoreDownError(Exception):
    """What a failing store raises out of `accept`."""


class Inbox:
    """Stands for intake: keeps what was offered, and each event once; may be slow or broken for a while."""

    def __init__(self) -> None:
        self.offered: list[Event] = []
        self.events: list[Event] = []
        self.broken_for = 0
        """How many calls of `accept` still raise."""
        self.open = asyncio.Event()
        """While this is cleared, `accept` does not return."""
        self.open.set()
        self.run: asyncio.Task[None] | None = None

    async def accept(self, events: Sequence[Event]) -> None:
        self.offered.extend(events)
        await self.open.wait()
        if self.broken_for:
            self.broken_for -= 1
            msg = "disk full"
            raise StoreDownError(msg)
        known = {event.id for event in self.events}
        self.events.extend(decode(encode(event)) for event in events if event.id not in known)

    async def first(self, kind: type[E], wanted: Callable[[E], object] = lambda _event: True) -> E:
        """Wait for an event of this kind."""

        async def look() -> E | None:
            if self.run and self.run.done() and not self.run.cancelled() and (error := self.run.exception()):
                raise error
            return next((event for event in self.events if isinstance(event, kind) and wanted(event)), None)

        found = await eventually(look)
        assert found is not None
        return found

    async def message(self, text: str) -> MessageReceived:
        """Wait for the message with this text."""
        return await self.first(MessageReceived, lambda event: event.text == text)


@asynccontextmanager
async def running(adapter: ChatAdapter) -> AsyncIterator[Inbox]:
    """Start an adapter, receive, and end it again."""
    inbox = Inbox()
    await adapter.start(MENUS)
    inbox.run = asyncio.create_task(adapter.run(inbox.accept))
    try:
        yield inbox
    finally:
        inbox.open.set()
        inbox.run.cancel()
        await asyncio.wait([inbox.run], timeout=PATIENCE)
        await adapter.stop()
    assert inbox.run.done(), "receiving did not end when cancelled"
    if not inbox.run.cancelled():
        inbox.run.result()  # nothing that a store or a network does ends it with an error


def says(*texts: str, kind: BlockKind = "text", **more: object) -> LocalMessage:
    """Make a message of paragraphs."""
    return LocalMessage(tuple(LocalBlock(kind, text) for text in texts), **more)  # type: ignore[arg-type]


def without_control(text: str) -> str:
    """Drop control characters and white space: what must be equal whatever a network does to those."""
    return "".join(sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Cc")


def png(width: int = 64, height: int = 48) -> bytes:
    """Make a real, grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


MENUS = (
    Menu(
        "",
        (MenuEntry("idea", "Give an idea"), MenuEntry("help", "What one can do here")),
        (MenuEntry("idea", "Give an idea"),),
    ),
    Menu(
        "sv",
        (MenuEntry("ide", "Ge en idé"), MenuEntry("hjalp", "Vad man kan göra här")),
        (MenuEntry("ide", "Ge en idé"),),
    ),
)

WRITTEN = {
    "plain": "Fler bänkar längs ån",
    "emoji": "Ja! 👩🏽‍🌾🇸🇪👍🏿 så 🌻",
    "right to left": "שלום לכולם, مرحبا بالجميع",
    "lines": "en bänk\n\n  två träd\ntre lampor",
    "markup": "<b>fet</b> *stjärna* _streck_ `kod` [länk](https://example.org) &amp; & \\n",
    "odd": "1 < 2 > 0 %s %(name)s {0} ${x} ' \" \\ end",
    "smile": ":) och : eller :D",
}

HOSTILE = WRITTEN | {
    "html": "</b></i><a href='x'>y</a><script>alert(1)</script>&lt;b&gt;&nbsp;&#60;<!-- -->]]>",
    "markdown": "**a** __b__ ~~c~~ ||d|| ```e``` > f\n# g\n- h\n1. i\n[j](tg://user?id=1) ![k](x)",
    "mention": "@everyone @here /start https://example.org #tag $TAG user@example.org",
    "long": "åäö " * 1000,
    "one long word": "x" * 4000,
    "zalgo": "Z" + "\u0301\u0302\u0303\u0304\u0306\u0307" * 20 + "algo",
    "joiners": "a\u200db\u200cc\u2060d",
}

CONTROL = "a\x07b\x1b[31mc\x1b]0;title\x07d\x08e\x7ff\x9b1mg\rh\vi"


# --- The contract -----------------------------------------------------------------------------------------------------


class AdapterContract:
    """Inherit, and give a fixture `driver`. What the network `lacks` is not asked for."""

    lacks: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture
    async def inbox(self, driver: Driver) -> AsyncIterator[Inbox]:
        async with running(driver.adapter) as inbox:
            yield inbox

    @pytest.fixture
    async def anna(self, driver: Driver, inbox: Inbox) -> Person:
        return await driver.person("Anna", "sv")

    @pytest.fixture
    async def bo(self, driver: Driver, inbox: Inbox) -> Person:
        return await driver.person("Bo", "en")

    @staticmethod
    async def send(driver: Driver, room: RoomKey, message: LocalMessage, key: str = "key-1") -> str:
        """Render and send, as delivery does."""
        return await driver.adapter.send(room, driver.adapter.render(room, message), key)

    @staticmethod
    async def one_shown(driver: Driver, person: Person, room: RoomKey, message_id: str) -> Shown:
        """Give the one message with this id, as the person sees it."""
        found = await eventually(
            lambda: driver.shown(person, room), lambda shown: any(each.id == message_id for each in shown)
        )
        (message,) = (each for each in found if each.id == message_id)
        return message

    # Receiving

    @pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
    async def test_a_message_arrives_as_it_was_written(
        self, driver: Driver, inbox: Inbox, anna: Person, text: str
    ) -> None:
        # given Anna and the bot; when she writes
        await driver.write(anna, driver.private(anna), text)
        # then these very words come, from her, in her private room
        event = await inbox.first(MessageReceived)
        assert event.text == text
        assert event.kind == "text"
        assert event.id
        assert event.message_id
        assert event.at.tzinfo is not None
        assert event.room.key == driver.private(anna)
        assert event.room.private
        assert event.sender.account == anna.account
        assert event.sender.name == anna.name
        assert event.sender.locale == "sv"
        assert not event.sender.bot
        assert event.reply_to is None

    async def test_nul_is_removed(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        await driver.write(anna, driver.private(anna), "fler\x00 bänkar\x00")
        text = (await inbox.first(MessageReceived)).text
        assert "\x00" not in text
        assert text.split() == ["fler", "bänkar"]  # a network may have made a space of it before

    async def test_every_event_has_its_own_id_and_a_room_keeps_its_order(
        self, driver: Driver, inbox: Inbox, anna: Person, bo: Person
    ) -> None:
        # given two rooms; when twenty messages are written to both in turn
        for number in range(20):
            await driver.write(anna, driver.private(anna), f"anna {number} säger")
            await driver.write(bo, driver.private(bo), f"bo {number} säger")
        await inbox.message("bo 19 säger")
        await inbox.message("anna 19 säger")
        # then each came once, with an id of its own, in the order of its room
        messages = [event for event in inbox.events if isinstance(event, MessageReceived)]
        assert len({event.id for event in messages}) == len(messages) == 40
        assert len({(event.room.key, event.message_id) for event in messages}) == 40
        for person in (anna, bo):
            texts = [event.text for event in messages if event.sender.account == person.account]
            assert texts == [f"{person.name.lower()} {number} säger" for number in range(20)]

    @pytest.mark.parametrize(
        ("typed", "name", "argument"),
        [
            ("idea", "idea", ""),
            ("idea Fler bänkar", "idea", "Fler bänkar"),
            ("IDEA Fler bänkar", "idea", "Fler bänkar"),
            ("idé Fler bänkar", "idé", "Fler bänkar"),
            ("träff på torsdag kl 18", "träff", "på torsdag kl 18"),
            ("idea@{bot} Fler bänkar", "idea", "Fler bänkar"),
            ("idé@{bot}", "idé", ""),
            ("idea en bänk\ntvå träd", "idea", "en bänk\ntvå träd"),
            ("idea\nen bänk\ntvå träd", "idea", "en bänk\ntvå träd"),
            ("idea <b>&amp;</b> /vote", "idea", "<b>&amp;</b> /vote"),
        ],
    )
    async def test_a_command_comes_with_its_name_and_argument(
        self, driver: Driver, inbox: Inbox, anna: Person, typed: str, name: str, argument: str
    ) -> None:
        await driver.write(anna, driver.private(anna), driver.can.prefix + typed.format(bot=driver.bot_name))
        event = await inbox.first(CommandGiven)
        assert (event.name, event.argument) == (name, argument)
        assert event.message_id
        assert event.sender.account == anna.account
        assert event.room.key == driver.private(anna)

    async def test_what_only_looks_like_a_command_is_a_message(
        self, driver: Driver, inbox: Inbox, anna: Person
    ) -> None:
        texts = [f"{driver.can.prefix} idea", f"och{driver.can.prefix}eller", driver.can.prefix]
        for text in texts:
            await driver.write(anna, driver.private(anna), text)
        for text in texts:
            await inbox.message(text)
        assert not [event for event in inbox.events if isinstance(event, CommandGiven)]

    async def test_another_bots_command_is_not_ours(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        await driver.write(anna, room, f"{driver.can.prefix}idea@another_bot Fler bänkar")
        await driver.write(anna, room, f"{driver.can.prefix}help")
        await inbox.first(CommandGiven, lambda event: event.name == "help")
        assert not [event for event in inbox.events if isinstance(event, CommandGiven) and event.name == "idea"]

    async def test_a_command_in_a_group_comes_from_its_sender_there(
        self, driver: Driver, inbox: Inbox, anna: Person, bo: Person
    ) -> None:
        room = await driver.group("Torget", anna)
        await driver.enter(bo, room)
        await driver.write(bo, room, f"{driver.can.prefix}idea Fler bänkar")
        event = await inbox.first(CommandGiven)
        assert event.room.key == room
        assert not event.room.private
        assert event.room.title == "Torget"
        assert event.sender.account == bo.account

    @pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "file"])
    async def test_other_kinds_of_messages_are_told_apart(
        self, driver: Driver, inbox: Inbox, anna: Person, kind: MessageKind
    ) -> None:
        caption = "En bänk vid ån" if kind in {"photo", "file"} else ""
        await driver.post(anna, driver.private(anna), kind, caption)
        event = await inbox.first(MessageReceived)
        assert event.kind == kind
        if caption:
            assert event.text == caption

    async def test_a_command_below_a_picture_is_one_and_the_picture_goes_with_it(
        self, driver: Driver, inbox: Inbox, anna: Person
    ) -> None:
        room = await driver.group("Torget", anna)
        for place in (room, driver.private(anna)):
            await driver.post(anna, place, "photo", f"{driver.can.prefix}idea En bänk vid ån")
            event = await inbox.first(CommandGiven, lambda event, place=place: event.room.key == place)
            assert (event.name, event.argument) == ("idea", "En bänk vid ån")
            assert event.media is not None
            assert event.media.kind == "picture"

    @pytest.mark.parametrize("kind", ["photo", "file"])
    async def test_a_picture_or_file_can_be_fetched(
        self, driver: Driver, inbox: Inbox, anna: Person, kind: MessageKind
    ) -> None:
        room = await driver.group("Torget", anna)
        await driver.post(anna, room, kind, "Vid ån")
        event = await inbox.first(MessageReceived)
        assert event.media is not None
        assert event.media.kind == ("picture" if kind == "photo" else "file")
        whole = driver.posted(kind)
        assert event.media.size in {0, len(whole)}
        assert await driver.adapter.fetch_media(event.media.ref, len(whole)) == whole
        # but no more of it than is wanted, and nothing of what is not there
        for ref, most in ((event.media.ref, len(whole) - 1), ("nothing", 1000), ('{"url":"mxc://x/y/../z"}', 1000)):
            with pytest.raises(Unreachable):
                await driver.adapter.fetch_media(ref, most)

    @pytest.mark.ability("removals")
    async def test_a_removed_message_of_a_group_is_told(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        await driver.write(anna, room, "Fler bänkar")
        said = await inbox.message("Fler bänkar")
        await driver.remove(anna, room, said.message_id)
        removed = await inbox.first(MessageRemoved)
        assert (removed.message_id, removed.room.key) == (said.message_id, room)
        assert removed.sender.account == anna.account

    async def test_a_reply_brings_what_it_replies_to(
        self, driver: Driver, inbox: Inbox, anna: Person, bo: Person
    ) -> None:
        # given Anna's words in a group
        room = await driver.group("Torget", anna)
        await driver.enter(bo, room)
        await driver.write(anna, room, "Fler bänkar längs ån")
        said = await inbox.message("Fler bänkar längs ån")
        # when Bo replies with words, and with a command
        await driver.write(bo, room, "Håller med", reply_to=said.message_id)
        await driver.write(bo, room, f"{driver.can.prefix}idea", reply_to=said.message_id)
        # then both carry her words, her name and the id
        for event in (await inbox.message("Håller med"), await inbox.first(CommandGiven)):
            assert event.reply_to is not None
            assert event.reply_to.message_id == said.message_id
            assert event.reply_to.text == "Fler bänkar längs ån"
            assert event.reply_to.author is not None
            assert event.reply_to.author.account == anna.account
            assert not event.reply_to.author.bot

    async def test_a_reply_to_the_bot_names_the_bots_message(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        sent = await self.send(driver, driver.private(anna), says("Vad vill du fråga?"))
        await driver.write(anna, driver.private(anna), "Hur vill vi bo?", reply_to=sent)
        event = await inbox.message("Hur vill vi bo?")
        assert event.reply_to is not None
        assert event.reply_to.message_id == sent
        assert "Vad vill du fråga?" in event.reply_to.text

    async def test_a_changed_message_tells_which_and_to_what(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        # given a message and a command
        room, prefix = driver.private(anna), driver.can.prefix
        await driver.write(anna, room, "Fler bänkr")
        said = await inbox.message("Fler bänkr")
        await driver.write(anna, room, f"{prefix}idé Fler trä")
        given = await inbox.first(CommandGiven)
        # when both are changed
        await driver.edit(anna, room, said.message_id, "Fler bänkar")
        await driver.edit(anna, room, given.message_id, f"{prefix}idé Fler träd\noch buskar")
        # then each tells which message it was, and its words; the command's name stands apart, as in `CommandGiven`
        edited = await inbox.first(MessageEdited, lambda event: event.message_id == said.message_id)
        assert (edited.name, edited.text) == ("", "Fler bänkar")
        assert edited.id != said.id
        assert edited.sender.account == anna.account
        edited = await inbox.first(MessageEdited, lambda event: event.message_id == given.message_id)
        assert (edited.name, edited.text) == ("idé", "Fler träd\noch buskar")

    @pytest.mark.ability("threads")
    async def test_a_thread_is_a_room_of_its_own(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        thread = await driver.thread(room, "Bänkar", anna)
        assert thread.thread
        assert thread.whole == room
        # what is written there comes from there, and what is sent there is shown there
        await driver.write(anna, thread, f"{driver.can.prefix}idea")
        assert (await inbox.first(CommandGiven)).room.key == thread
        sent = await self.send(driver, thread, says("Vilken?"))
        assert (await self.one_shown(driver, anna, thread, sent)).text == "Vilken?"

    # Nothing is lost on the way in

    @pytest.mark.ability("redelivers")
    async def test_what_could_not_be_stored_is_offered_again(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        # given a store that fails twice; when Anna writes, and goes on writing
        inbox.broken_for = 2
        await driver.write(anna, driver.private(anna), "Fler bänkar")
        await driver.write(anna, driver.private(anna), "Fler träd")
        await inbox.message("Fler träd")
        # then both came through, in order, and under the same id each time
        texts = [event.text for event in inbox.events if isinstance(event, MessageReceived)]
        assert texts == ["Fler bänkar", "Fler träd"]
        assert sum(event.id == inbox.events[0].id for event in inbox.offered) >= 2

    async def test_the_network_is_told_only_when_it_is_stored(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        async def offered() -> bool:
            return bool(inbox.offered)

        await eventually(driver.acknowledged)
        inbox.offered.clear()
        inbox.open.clear()
        await driver.write(anna, driver.private(anna), "Fler bänkar")
        await eventually(offered)
        assert not await driver.acknowledged()
        inbox.open.set()
        await eventually(driver.acknowledged)
        await inbox.message("Fler bänkar")

    @pytest.mark.ability("keeps_while_away")
    async def test_what_came_while_the_bot_was_away_reaches_it(self, driver: Driver) -> None:
        async with running(driver.adapter) as inbox:
            anna = await driver.person("Anna")
            await driver.write(anna, driver.private(anna), "Före")
            await inbox.message("Före")
        await driver.restart()
        await driver.write(anna, driver.private(anna), "Medan")
        async with running(driver.adapter) as inbox:
            await inbox.message("Medan")

    async def test_a_restart_repeats_no_id(self, driver: Driver) -> None:
        events, sent = [], []
        for round_ in range(2):
            async with running(driver.adapter) as inbox:
                anna = await driver.person("Anna")
                for number in range(3):
                    await driver.write(anna, driver.private(anna), f"Nummer {round_} {number}")
                    events.append(await inbox.message(f"Nummer {round_} {number}"))
                    message = says(f"Svar {round_} {number}")
                    sent.append(await self.send(driver, driver.private(anna), message, f"key-{round_}-{number}"))
            await driver.restart()
        assert len({event.id for event in events}) == 6
        assert len({event.message_id for event in events} | set(sent)) == 12

    # Sending

    @pytest.mark.parametrize("kind", ["title", "text", "quote", "small"])
    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    async def test_the_person_reads_exactly_the_words(
        self, driver: Driver, inbox: Inbox, anna: Person, text: str, kind: BlockKind
    ) -> None:
        room = driver.private(anna)
        sent = await self.send(driver, room, says(text, kind=kind))
        assert (await self.one_shown(driver, anna, room, sent)).text.strip() == text.strip()

    async def test_control_characters_steer_nothing(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        sent = await self.send(driver, room, says(CONTROL))
        shown = (await self.one_shown(driver, anna, room, sent)).text
        assert without_control(shown) == without_control(CONTROL)
        assert "\x1b" not in shown
        assert "\x9b" not in shown

    async def test_paragraphs_come_in_order(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        kinds: tuple[BlockKind, ...] = ("title", "text", "quote", "quote", "small")
        blocks = tuple(LocalBlock(kind, f"{kind} <{place}>\nrad & två") for place, kind in enumerate(kinds))
        sent = await self.send(driver, room, LocalMessage(blocks))
        shown = (await self.one_shown(driver, anna, room, sent)).text
        places = [shown.index(block.text) for block in blocks]
        assert places == sorted(places)

    @pytest.mark.parametrize("text", [*HOSTILE.values(), CONTROL], ids=[*HOSTILE, "control"])
    async def test_rendering_is_pure(self, driver: Driver, inbox: Inbox, text: str) -> None:
        # when a message full of it is rendered twice, then it is the same
        message = LocalMessage(
            tuple(LocalBlock(kind, text) for kind in ("title", "text", "quote", "small")),
            ((LocalChoice(text[:60], data="v1.abc"), LocalChoice(text[:60], start="code")),),
            Attachment("picture", "../../bild.png", "image/png", png(), text[:200]),
        )
        room = RoomKey(driver.adapter.channel, "1")
        first = driver.adapter.render(room, message)
        assert isinstance(first, bytes)
        assert driver.adapter.render(room, message) == first

    async def test_each_message_has_its_own_id(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        ids = [await self.send(driver, room, says(f"Hej {number}"), f"key-{number}") for number in range(3)]
        assert len({*ids, ""}) == 4
        assert [each.text for each in await driver.shown(anna, room) if each.id in ids] == ["Hej 0", "Hej 1", "Hej 2"]

    @pytest.mark.ability("idempotent")
    async def test_the_same_key_delivers_once(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        assert await self.send(driver, room, says("Hej")) == await self.send(driver, room, says("Hej"))
        assert [each.text for each in await driver.shown(anna, room)].count("Hej") == 1

    async def test_a_message_is_changed_in_place(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        # given a card with a button
        room = driver.private(anna)
        sent = await self.send(driver, room, says("0 bär", choices=((LocalChoice("Bära", data="v1.a"),),)))
        # when it is replaced
        card = says("1 bär", choices=((LocalChoice("Inte bära", data="v1.b"),),), replaces=sent)
        assert await self.send(driver, room, card, "key-2") == sent
        # then there is one message, the new one
        shown = await self.one_shown(driver, anna, room, sent)
        assert shown.text == "1 bär"
        assert [button.label for button in shown.buttons] == ["Inte bära"]
        assert not [each for each in await driver.shown(anna, room) if each.text == "0 bär"]
        # and changing it to the same again does no harm
        assert await self.send(driver, room, card, "key-3") == sent
        # and its buttons can go
        assert await self.send(driver, room, says("2 bär", replaces=sent), "key-4") == sent
        assert (await self.one_shown(driver, anna, room, sent)).buttons == ()

    async def test_a_message_of_the_bots_can_be_removed(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        # given two messages in a group, one of them changed since
        room = await driver.group("Torget", anna)
        sent, stays = await self.send(driver, room, says("Ångra")), await self.send(driver, room, says("Kvar"), "key-2")
        await self.send(driver, room, says("Ändrat", replaces=sent), "key-3")
        # when the first is removed, twice
        for _ in range(2):
            await driver.adapter.delete(room, sent, "key-4")
        # then only the other is there
        await self.one_shown(driver, anna, room, stays)
        assert not [each for each in await driver.shown(anna, room) if each.id == sent]

    async def test_an_answer_shows_what_it_answers(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        await driver.write(anna, room, "Fler bänkar")
        said = await inbox.message("Fler bänkar")
        sent = await self.send(driver, room, says("Tack", reply_to=said.message_id))
        assert (await self.one_shown(driver, anna, room, sent)).reply_to == said.message_id

    async def test_an_awaited_answer_comes_as_a_message(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        await driver.write(anna, room, f"{driver.can.prefix}idea")
        given = await inbox.first(CommandGiven)
        sent = await self.send(driver, room, says("Vilken?", awaits=True, reply_to=given.message_id))
        await driver.write(anna, room, "Fler bänkar", reply_to=sent)
        event = await inbox.message("Fler bänkar")
        assert event.reply_to is not None
        assert event.reply_to.message_id == sent

    async def test_what_is_for_one_person_reaches_that_person(
        self, driver: Driver, inbox: Inbox, anna: Person, bo: Person
    ) -> None:
        # given a group; when the bot says something that only Bo needs to see
        room = await driver.group("Torget", anna)
        await driver.enter(bo, room)
        await self.send(driver, room, says("Bara för Bo", only_for=bo.account.id))
        # then Bo sees it, and where the network can keep it from the others, Anna does not
        await eventually(
            lambda: driver.shown(bo, room), lambda shown: any("Bara för Bo" in each.text for each in shown)
        )
        if driver.can.hides_only_for:
            assert not [each for each in await driver.shown(anna, room) if "Bara för Bo" in each.text]

    # Buttons

    async def test_pressing_a_button_brings_exactly_its_data(
        self, driver: Driver, inbox: Inbox, anna: Person, bo: Person
    ) -> None:
        # given a card with two rows in a group
        room = await driver.group("Torget", anna)
        await driver.enter(bo, room)
        data = "v1.aZ09-_~" + "x" * 54
        rows = (
            (LocalChoice("Håller med <b>", data="v1.yes"), LocalChoice("Nej & nej", data=data)),
            (LocalChoice("Pass 🤷", data="v1.pass"),),
        )
        sent = await self.send(driver, room, says("Fler bänkar?", choices=rows))
        shown = await self.one_shown(driver, anna, room, sent)
        assert [button.label for button in shown.buttons] == ["Håller med <b>", "Nej & nej", "Pass 🤷"]
        # when Bo presses the second
        await driver.press(bo, room, sent, "Nej & nej")
        # then its data comes back, from him
        event = await inbox.first(ChoiceMade)
        assert event.data == data
        assert event.message_id == sent
        assert event.room.key == room
        assert event.sender.account == bo.account

    @pytest.mark.ability("alerts")
    async def test_a_press_is_answered_once(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        sent = await self.send(driver, room, says("?", choices=((LocalChoice("Ja", data="v1.yes"),),)))
        await driver.press(anna, room, sent, "Ja")
        event = await inbox.first(ChoiceMade)
        assert event.press
        # when it is answered twice, then she sees it once, and nobody is told of an error
        await driver.adapter.answer(event.press, PressAnswer("Noterat: <b>ja</b>", alert=True))
        await driver.adapter.answer(event.press, PressAnswer("Igen"))
        assert await eventually(lambda: driver.answered(anna)) == [Answered("Noterat: <b>ja</b>")]

    async def test_a_press_may_be_answered_with_nothing(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        sent = await self.send(driver, room, says("?", choices=((LocalChoice("Ja", data="v1.yes"),),)))
        await driver.press(anna, room, sent, "Ja")
        event = await inbox.first(ChoiceMade)
        await driver.adapter.answer(event.press, PressAnswer())
        assert list(await driver.answered(anna)) == []

    @pytest.mark.ability("alerts")
    async def test_an_answer_may_open_the_private_room(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        sent = await self.send(driver, room, says("?", choices=((LocalChoice("Ja", data="v1.yes"),),)))
        await driver.press(anna, room, sent, "Ja")
        event = await inbox.first(ChoiceMade)
        await driver.adapter.answer(event.press, PressAnswer(start="Zx-9_k"))
        (answered,) = await eventually(lambda: driver.answered(anna))
        assert answered.link == driver.adapter.link("Zx-9_k")

    async def test_answering_a_press_that_never_was_raises_nothing(self, driver: Driver, inbox: Inbox) -> None:
        await driver.adapter.answer("no such press", PressAnswer("Hej"))
        await driver.adapter.answer("", PressAnswer("Hej"))

    async def test_buttons_may_lead_elsewhere(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        rows = (
            (LocalChoice("Läs mer", url="https://example.org/?a=1&b=2"),),
            (LocalChoice("Gå med", start="Zx-9_k"), LocalChoice("Lägg till", start="Zx-9_k", group=True)),
        )
        sent = await self.send(driver, room, says("Välj", choices=rows))
        assert (await self.one_shown(driver, anna, room, sent)).buttons == (
            Button("Läs mer", "https://example.org/?a=1&b=2"),
            Button("Gå med", driver.adapter.link("Zx-9_k")),
            Button("Lägg till", driver.adapter.link("Zx-9_k", group=True)),
        )

    # Links

    async def test_a_followed_link_brings_its_payload(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        payload = "aZ09-_" + "x" * 58
        await driver.follow(anna, driver.adapter.link(payload))
        event = await inbox.first(CommandGiven, lambda event: event.argument == payload)
        assert event.name == "start"
        assert event.room.key == driver.private(anna)
        assert event.sender.account == anna.account

    @pytest.mark.ability("group_links")
    async def test_a_followed_group_link_brings_its_payload_in_the_group(
        self, driver: Driver, inbox: Inbox, anna: Person
    ) -> None:
        room = await driver.group("Torget", anna)
        await driver.follow(anna, driver.adapter.link("Zx-9_k", group=True), room)
        event = await inbox.first(CommandGiven, lambda event: event.argument == "Zx-9_k")
        assert event.name == "start"
        assert event.room.key == room
        assert event.sender.account == anna.account

    # Files

    async def test_a_picture_comes_with_its_words(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        picture = Attachment("picture", "karta.png", "image/png", png(), "Två grupper: <norr> & söder")
        rows = ((LocalChoice("Mer", data="v1.more"),),)
        sent = await self.send(driver, room, says("Kartan", attachment=picture, choices=rows))
        shown = await self.one_shown(driver, anna, room, sent)
        assert shown.file is not None
        assert shown.file.data
        assert "Kartan" in shown.text
        assert "Två grupper: <norr> & söder" in (shown.file.alt or shown.text)
        assert [button.label for button in shown.buttons] == ["Mer"]

    @pytest.mark.parametrize("name", ["skörd.csv", "../../etc/passwd", "a/b\\c\x00\x1b[31m.csv", "", "..", "x" * 300])
    async def test_a_file_comes_whole_whatever_its_name(
        self, driver: Driver, inbox: Inbox, anna: Person, name: str
    ) -> None:
        room, data = driver.private(anna), bytes(range(256)) * 10
        message = says("Skörden", attachment=Attachment("file", name, "text/csv", data, "Alla idéer"))
        sent = await self.send(driver, room, message)
        shown = await self.one_shown(driver, anna, room, sent)
        assert shown.file is not None
        assert shown.file.data == data
        assert "/" not in shown.file.name
        assert "\x1b" not in shown.file.name
        assert "Skörden" in shown.text

    async def test_many_words_with_a_picture_are_all_read(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        words = " ".join(f"ord{number}" for number in range(400))
        picture = Attachment("picture", "karta.png", "image/png", png(), "En karta")
        await self.send(driver, room, says(words, attachment=picture))
        shown = await eventually(
            lambda: driver.shown(anna, room), lambda shown: any("ord399" in each.text for each in shown)
        )
        assert " ".join(words.split()) in " ".join(" ".join(each.text for each in shown).split())
        assert [each for each in shown if each.file]

    # Coming and going

    async def test_the_bot_is_told_when_it_is_added(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget & <ån>", anna)
        event = await inbox.first(BotAdded)
        assert event.room.key == room
        assert event.room.title == "Torget & <ån>"
        assert not event.room.private
        assert event.sender.account == anna.account
        assert event.can_write
        if driver.can.counts_members and event.members is not None:
            assert event.members >= 1

    async def test_the_bot_is_told_when_somebody_comes(
        self, driver: Driver, inbox: Inbox, anna: Person, bo: Person
    ) -> None:
        room = await driver.group("Torget", anna)
        await inbox.first(BotAdded)
        await driver.enter(bo, room)
        event = await inbox.first(MembersChanged)
        assert event.room.key == room

    async def test_a_room_it_was_removed_from_is_dead(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        await inbox.first(BotAdded)
        await driver.remove_bot(room, anna)
        event = await inbox.first(BotRemoved)
        assert event.room.key == room
        assert event.sender.account == anna.account
        with pytest.raises(Unreachable) as error:
            await self.send(driver, room, says("Hej"))
        assert error.value.dead

    @pytest.mark.ability("blocks")
    async def test_a_person_who_blocks_it_is_out_of_reach(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        await driver.block(anna)
        event = await inbox.first(BotRemoved)
        assert event.room.key == driver.private(anna)
        assert event.room.private
        with pytest.raises(Unreachable) as error:
            await self.send(driver, driver.private(anna), says("Hej"))
        assert error.value.dead

    @pytest.mark.ability("moves")
    async def test_a_moved_room_is_found_again(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = await driver.group("Torget", anna)
        new = await driver.move(room, anna)
        event = await inbox.first(RoomMoved)
        assert (event.room.key, event.to) == (room, new)
        with pytest.raises(Unreachable) as error:
            await self.send(driver, room, says("Hej"))
        assert error.value.moved_to == new
        assert await self.send(driver, new, says("Hej"), "key-2")

    # Errors tell the caller what to do

    @pytest.mark.ability("later")
    async def test_later_means_nothing_was_delivered(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        await driver.fail_next_send("later")
        with pytest.raises(Later) as error:
            await self.send(driver, room, says("Hej"))
        assert error.value.retry_after > 0
        assert not [each for each in await driver.shown(anna, room) if each.text == "Hej"]
        await self.send(driver, room, says("Hej"))
        assert [each.text for each in await driver.shown(anna, room)].count("Hej") == 1

    @pytest.mark.ability("uncertain")
    async def test_uncertain_means_perhaps(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        room = driver.private(anna)
        await driver.fail_next_send("uncertain")
        with pytest.raises(Uncertain):
            await self.send(driver, room, says("Hej"))
        await self.send(driver, room, says("Hej"))
        times = [each.text for each in await driver.shown(anna, room)].count("Hej")
        assert times == 1 if driver.adapter.idempotent else times in {1, 2}

    @pytest.mark.ability("unreachable")
    async def test_unreachable_means_never_again(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        await driver.fail_next_send("unreachable")
        with pytest.raises(Unreachable) as error:
            await self.send(driver, driver.private(anna), says("Hej"))
        assert not error.value.dead
        assert error.value.moved_to is None

    @pytest.mark.parametrize(
        "body",
        [b"", b"null", b"[]", b"{}", b"{", b'"text"', b"\xff\xfe\x00", b"[" * 100_000, b'{"update_id": "x"}'],
        ids=["empty", "null", "list", "object", "broken", "string", "bytes", "deep", "wrong type"],
    )
    async def test_a_webhook_call_that_is_rubbish_is_refused(self, driver: Driver, body: bytes) -> None:
        for headers in ({}, {"content-type": "application/json"}, driver.can.webhook_headers):
            with pytest.raises(Refused):
                driver.adapter.parse_webhook(headers, body)

    # Starting and ending

    @pytest.mark.ability("menus")
    async def test_the_menus_are_published(self, driver: Driver, inbox: Inbox) -> None:
        for menu in MENUS:
            assert list(await driver.menu(menu.locale)) == [(each.name, each.description) for each in menu.private]
            group = await driver.menu(menu.locale, group=True)
            assert list(group) == [(each.name, each.description) for each in menu.group]

    async def test_it_describes_itself_in_a_line(self, driver: Driver, inbox: Inbox) -> None:
        line = driver.adapter.describe()
        assert line.strip()
        assert "\n" not in line
        assert driver.adapter.channel
        assert driver.adapter.send_timeout > 0

    async def test_receiving_ends_at_once_when_cancelled(self, driver: Driver, inbox: Inbox, anna: Person) -> None:
        await driver.write(anna, driver.private(anna), "Fler bänkar")
        await inbox.message("Fler bänkar")
        assert inbox.run is not None
        inbox.run.cancel()
        done, _ = await asyncio.wait([inbox.run], timeout=5)
        assert done
        assert inbox.run.cancelled()

    async def test_receiving_ends_at_once_also_while_the_store_is_slow(
        self, driver: Driver, inbox: Inbox, anna: Person
    ) -> None:
        async def offered() -> bool:
            return bool(inbox.offered)

        inbox.open.clear()
        await driver.write(anna, driver.private(anna), "Fler bänkar")
        await eventually(offered)
        assert inbox.run is not None
        inbox.run.cancel()
        done, _ = await asyncio.wait([inbox.run], timeout=5)
        assert done

    async def test_stopping_twice_is_harmless_and_nothing_is_sent_after(
        self, driver: Driver, inbox: Inbox, anna: Person
    ) -> None:
        assert inbox.run is not None
        inbox.run.cancel()
        await asyncio.wait([inbox.run], timeout=5)
        await driver.adapter.stop()
        await driver.adapter.stop()
        with pytest.raises(DeliveryError):
            await self.send(driver, driver.private(anna), says("Hej"))
        assert not [each for each in await driver.shown(anna, driver.private(anna)) if each.text == "Hej"]
