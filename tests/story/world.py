"""A town on the emulator: the whole bot in this process, and neighbours who talk with it.

Rules
-----
* The bot is made as an operator makes it, by `BYALAG_…` variables; only chance is the test's, and the clock, which
  moves when told.
* After each deed of a neighbour the town is *settled*: all that came in is handled, all that is due is delivered.
* Buttons are found by what they do (the verb that is sealed in them), so that a story does not hang on their wording.
  The wording is read by `tongues.py`: whatever anybody was sent has to be in their language.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from bot.app import Bot
from bot.chat.content import Action
from bot.chat.keys import RoomKey
from bot.domain.helplines import HELPLINES
from bot.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.views.buttons import unseal
from tests.peers.telegram import Group, Message, Person, PressAnswer, TelegramEmulator, Topic
from tests.peers.telegram.views import ChatView, links
from tests.story.tongues import TONGUES, Line, Tongues, heard

NOON = datetime(2026, 5, 18, 10, 0, tzinfo=UTC)
"""A Monday, at noon in Stockholm: nobody's quiet hours."""
ZONE = ZoneInfo("Europe/Stockholm")

PLACES = ("Härnösand", "Sundsvall")
"""Where the stories happen."""

PATIENCE = 20.0
Place = ChatView | Topic
R = TypeVar("R")
_BEFORE_WORDS = re.compile(r"^/\w+(?:@\w+)?\s*|^\d+\. ")


class Even(Random):
    """Chance that favours nobody: what comes by chance comes as it is most likely."""

    def random(self) -> float:
        return 0.5


class Clock:
    """Stands still but for a millisecond a look, until it is put forward."""

    def __init__(self, begin: datetime = NOON) -> None:
        self.now = begin

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Town:
    """The emulator, the bot and the clock. `neighbours` are those who were `settle`d."""

    server: TelegramEmulator
    data: Path
    clock: Clock
    neighbours: dict[int, Neighbour] = field(default_factory=dict)
    tongues: Tongues = TONGUES
    spoken: dict[int, str] = field(default_factory=dict)
    """The language that each group speaks."""
    read: int = 0
    answers: bool = True
    """Whether a press waits for its answer."""
    patience: float = PATIENCE
    """Seconds that all may take until it is settled."""
    _bot: Bot | None = None
    _task: asyncio.Task[None] | None = None

    # The bot

    @property
    def bot(self) -> Bot:
        assert self._bot is not None, "the bot does not run"
        return self._bot

    async def begins(self) -> None:
        """Start the bot on what is in the data folder."""
        self._bot = self.made(Settings(data=self.data), self.clock)
        self._task = asyncio.create_task(self._bot.run())
        self.started(self._task)
        async with asyncio.timeout(PATIENCE):
            while not self.server.core.updates.polled:
                if self._task.done():
                    await self._task
                await asyncio.sleep(0.002)

    def made(self, settings: Settings, clock: Clock) -> Bot:
        """Make a bot."""
        return Bot(settings, clock=clock, rng=Even())

    def started(self, task: asyncio.Task[None]) -> None:
        """It runs now, as this task."""

    async def ends(self) -> None:
        """Stop the bot in good order."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    async def begins_again(self) -> None:
        """Stop the bot and start it: what was said so far is in the database alone."""
        await self.ends()
        await self.begins()

    async def settled(self) -> None:
        """Wait until all is handled, delivered and answered. Time passes where something waits for a second or so."""
        while True:
            settling = asyncio.create_task(self._settle())
            assert self._task is not None, "the bot does not run"
            await asyncio.wait([settling, self._task], return_when=asyncio.FIRST_COMPLETED)
            if settling.done():
                return settling.result()
            settling.cancel()
            await asyncio.wait([settling])
            await self.fallen()

    async def fallen(self) -> None:
        """The bot has ended by itself: that is a fault, unless it was killed."""
        assert self._task is not None
        self._task.result()
        raise AssertionError("the bot ended by itself")

    async def _settle(self) -> None:
        async with asyncio.timeout(self.patience):
            while True:
                await self.server.wait_until_handled(timeout=self.patience)
                try:
                    async with asyncio.timeout(0.5):
                        await self.bot.settled()
                except TimeoutError:
                    self._pass(seconds=1)
                    continue
                if not self.server.pending_updates:
                    return

    async def later(self, **delta: float) -> None:
        """Let time pass, and all that comes due happen."""
        self._pass(**delta)
        await self.settled()

    async def next_morning(self) -> None:
        """Sleep until nine."""
        there = self.clock.now.astimezone(ZONE)
        at = datetime.combine(there.date() + timedelta(days=1), time(9), ZONE)
        await self.later(seconds=(at - there).total_seconds())

    def _pass(self, **delta: float) -> None:
        self.clock.forward(**delta)
        self.bot.dispatcher.wake()
        self.bot.waker.wake()
        self.bot.making.wake()
        self.bot.delivery.wake()

    # The people and their rooms

    def neighbour(self, name: str, language: str = "sv") -> Neighbour:
        """Somebody moves in; the network says which language they speak."""
        made = Neighbour(self, self.server.person(name, language_code=language), language)
        self.neighbours[made.person.id] = made
        return made

    def group(self, title: str, *members: Neighbour, forum: bool = False, kind: str = "supergroup") -> Group:
        """A group of neighbours, the bot not among them."""
        return self.server.group(title, [one.person for one in members], forum=forum, kind=kind)

    def views(self) -> list[ChatView]:
        """Give all chats: everybody's own, and the groups."""
        return [*(one.private for one in self.neighbours.values()), *self.server.groups]

    def lasting(self, view: ChatView) -> list[Message]:
        """Give the bot's messages in a room, without answers to presses: those are given once, or not at all."""
        return view.bot_messages

    def whose(self, private: RoomKey) -> str:
        """Tell whose private room it is."""
        return self.neighbours[int(private.room)].name

    def actions(self, message: Message) -> Mapping[str, Action]:
        """Give what the buttons of a message do, by their data."""
        thread = str(message.thread_id or "") if message.chat.is_forum else ""
        lookup = self.bot.keys.lookup("room", str(RoomKey("telegram", str(message.chat.id), thread)))
        data = [button["callback_data"] for button in message.buttons if "callback_data" in button]
        return {one: unseal(one, lookup, self.bot.keys) for one in data}

    # What is kept, and what was said

    async def kept(self, record: type[R]) -> list[R]:
        """Give all records of a kind, the oldest first."""
        async with self.bot.database.transaction() as connection:
            uow = UnitOfWork(connection, self.bot.keys)
            return await uow.select(record, lambda query: query.order_by(*query.selected_columns[:2]))

    def cards(self, place: Place, words: str) -> list[Message]:
        """Give the bot's messages in a room that quote these words and can be carried or weighed."""
        return [
            message
            for message in said_in(place)
            if words in message.body and any(one.verb == "support" for one in self.actions(message).values())
        ]

    def card(self, place: Place, words: str) -> Message:
        """Give the one card that says this; there must be no other."""
        found = self.cards(place, words)
        assert len(found) == 1, f"{len(found)} cards say {words!r} in\n{transcript(place)}"
        return found[0]

    def everybody_was_understood(self) -> None:
        """Whatever the bot has said since the last look is in its receiver's language, and no request was wrong."""
        assert not self.server.violations, self.server.violations
        requests = self.server.requests[self.read :]
        self.read += len(requests)
        self.understand(line for request in requests for line in heard(request, self))

    def understand(self, lines: Iterable[Line]) -> None:
        """Each line is in a language of who receives it. What many receive is looked at once."""
        written = self.written()
        right = cache(partial(self.tongues.right, written=written))
        wrong = [one for one in dict.fromkeys(lines) if not any(right(one.words, each) for each in one.languages)]
        assert not wrong, "\n".join(map(str, wrong))

    def written(self) -> set[str]:
        """Give what people have written, line by line and as a whole, and what they, their rooms and others are called.

        The numbers to call have names that are the same in every language.
        """
        chats = self.server.core.world.chats.values()
        said = [one for chat in chats for one in chat.messages.values() if not one.sender.is_bot]
        texts = [text for one in said for text in (one.body, *one.history)]
        names = [*(one.name for one in self.neighbours.values()), *(chat.title for chat in chats), *PLACES]
        lines = [line for text in texts for line in [text, *text.split("\n")]]
        bare = [_BEFORE_WORDS.sub("", line).strip() for line in lines]
        called = [f"{one.name}: {one.number}" for country in HELPLINES.values() for one in country]
        return {*lines, *bare, *called, *(" ".join(text.split()) for text in bare), *names}


class Neighbour:
    """Somebody with a phone."""

    def __init__(self, town: Town, person: Person, language: str) -> None:
        self.town = town
        self.person = person
        self.language = language

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def private(self) -> ChatView:
        return self.person.private

    @property
    def last(self) -> Message:
        """The latest message of the bot in the private chat."""
        return self.private.last

    async def writes(self, text: str = "", place: Place | None = None, **more: Any) -> Message:
        """Write to the bot in private, or in a room."""
        sent = await self.person.send(place or self.private, text, **more)
        await self.town.settled()
        return sent

    async def presses(self, verb: str, on: Message | None = None, arg: str | None = None) -> PressAnswer:
        """Press the button that does this, on the latest message in private if no other is named."""
        message = on or self.last
        return await self._press(message, self.button(verb, message, arg))

    async def _press(self, message: Message, data: str) -> PressAnswer:
        answer = await self.person.press_data(message, data, wait=self.town.answers)
        await self.town.settled()
        return answer

    async def picks(self, option: str, on: Message | None = None) -> PressAnswer:
        """Choose an answer of the open question by its id."""
        message = on or self.last
        found = [
            data
            for data, action in self.town.actions(message).items()
            if action.verb == "pick" and action.arg[4:] == option
        ]
        assert len(found) == 1, f"{len(found)} answers {option!r} under\n{message.body}"
        return await self._press(message, found[0])

    def button(self, verb: str, message: Message, arg: str | None = None) -> str:
        """Give the data of a button, by what it does."""
        found = [
            data
            for data, action in self.town.actions(message).items()
            if action.verb == verb and arg in {None, action.arg}
        ]
        assert found, f"no button does {verb!r} under {message.body!r}: {list(self.town.actions(message).values())}"
        return found[0]

    def offered(self, message: Message | None = None) -> set[str]:
        """Give what the buttons of a message do."""
        return {action.verb for action in self.town.actions(message or self.last).values()}

    async def follows(self, link: str, *, group: Group | None = None) -> None:
        """Open a link."""
        await self.person.open_link(link, group=group)
        await self.town.settled()

    def wants(self, language: str) -> None:
        """Be understood in another language from now on."""
        self.town.everybody_was_understood()
        self.language = language

    async def agrees_to_the_notice(self) -> None:
        """Say yes to what is kept."""
        await self.presses("yes")

    def told(self, *, since: Message) -> list[Message]:
        """Give the bot's messages after one."""
        return [message for message in self.private.bot_messages if message.id > since.id]

    def reads(self, words: str) -> Message:
        """Give the latest message that says this; fails with what stands in the chat."""
        found = self.private.find(words)
        assert found, self.private.complaint(f"nothing says {words!r}")
        return found


def said_in(place: Place) -> list[Message]:
    """Give what the bot's messages in a room are now, of a topic only its own."""
    if isinstance(place, Topic):
        return [message for message in place.group.bot_messages if message.thread_id == place.id]
    return place.bot_messages


def transcript(place: Place) -> str:
    """Write down a room."""
    return (place.group if isinstance(place, Topic) else place).transcript()


def link_in(message: Message, start: str = "") -> str:
    """Give the link to the bot in a message's words or buttons whose payload begins so."""
    found = [link for link in links(message) if re.search(rf"[?&]start(?:group)?={start}", link)]
    assert found, f"no link with {start!r} in {message.body!r}: {links(message)}"
    return found[0]


@asynccontextmanager
async def town(
    data: Path, monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str] | None = None, **server: Any
) -> AsyncIterator[Town]:
    """Found a town: the emulator, the settings of the environment, and the bot at work."""
    async with TelegramEmulator(**server) as emulator:
        use(environment(emulator, data) | dict(settings or {}), data, monkeypatch)
        made = Town(emulator, data, Clock())
        await made.begins()
        try:
            yield made
            made.everybody_was_understood()
        finally:
            await made.ends()


def use(settings: Mapping[str, str], data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment as an operator would, and nothing else of ours."""
    for name in [name for name in os.environ if name.startswith("BYALAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(data)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def environment(emulator: TelegramEmulator, data: Path) -> dict[str, str]:
    """Give the variables of a bot that talks with the emulator, as fast as it can."""
    return {
        "BYALAG_DATA": str(data),
        "BYALAG_TELEGRAM_TOKEN": emulator.token,
        "BYALAG_TELEGRAM_API_BASE": emulator.root,
        "BYALAG_TELEGRAM_RATE": "0",
        "BYALAG_TELEGRAM_RATE_ROOM": "0",
        "BYALAG_TELEGRAM_RATE_GROUP": "0",
    }
