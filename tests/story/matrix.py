"""Two networks, one town: neighbours on Matrix beside those on Telegram, on a real Synapse, in encrypted rooms only.

They have clients of their own (matrix-nio, which decrypts what they read), and say nothing of their language that a
client would not say. A button is a reaction for them, and a link is an address with what to write there.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.matrix.adapter import MatrixAdapter
from bot.adapters.matrix.relations import CHOICES
from bot.chat.content import Action
from bot.chat.keys import RoomKey
from bot.i18n import known
from bot.views.buttons import unseal
from tests.adapters.matrix_driver import CHANNEL, PASSWORD, Human, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse.gate import Gate
from tests.peers.telegram import TelegramEmulator
from tests.story.tongues import Line
from tests.story.world import Clock, Neighbour, Town, environment, use

_QUOTED = re.compile(r"<blockquote>.*?</blockquote>", re.DOTALL)
_CODE = re.compile(r"(: )?<code>.*?</code>( → )?|</a> → ")
_LINE = re.compile(r"</p>|</li>|<br>|\n")
_TAG = re.compile(r"<[^>]+>")
_OWN_NUMBER = re.compile(r"^#(\d+) ")
_LETTER = re.compile(r"^[A-Z]\. ")
_COMMAND = re.compile(r"(?<![^\s(])[/!](?=\w)")
_WAY_IN = re.compile(r"(\S+) → (!start \S+)")


@dataclass(frozen=True)
class Said:
    """A message of the bot on Matrix, as it is now."""

    id: str
    room: str
    content: Mapping[str, Any]
    order: int

    @property
    def body(self) -> str:
        return str(self.content["body"])

    @property
    def labels(self) -> list[str]:
        return []

    @property
    def choices(self) -> dict[str, str]:
        """What can be pressed: its data, and the reaction that does it."""
        found: dict[str, str] = {}
        for key, data in self.content.get(CHOICES, ()):
            found.setdefault(data, key)
        return found


class MatrixRoom:
    """A room, as somebody sees it who is in there."""

    def __init__(self, driver: MatrixDriver, eyes: Human, room: str, title: str) -> None:
        self.driver = driver
        self.eyes = eyes
        self.id = room
        self.title = title

    @property
    def bot_messages(self) -> list[Said]:
        found = self.driver.standing(self.eyes, self.id)
        return [Said(one, self.id, content, number) for number, (one, (content, _)) in enumerate(found.items())]

    @property
    def last(self) -> Said:
        messages = self.bot_messages
        assert messages, f"the bot has said nothing in {self.title}"
        return messages[-1]

    def find(self, words: str) -> Said | None:
        return next((one for one in reversed(self.bot_messages) if words in one.body), None)

    def complaint(self, problem: str) -> str:
        return f"{problem} in\n{self.transcript()}"

    def transcript(self) -> str:
        return "\n---\n".join(
            f"{event['sender']}: {event['content'].get('body', event['content'])}"
            for event in self.eyes.seen[self.id]
            if event["type"] in {"m.room.message", "m.reaction"}
        )


class MatrixNeighbour(Neighbour):
    """Somebody with a Matrix client."""

    town: BothTown

    def __init__(self, town: BothTown, human: Human, name: str, language: str) -> None:
        self.town = town
        self.human = human
        self._name = name
        self.language = language

    @property
    def name(self) -> str:
        return self._name

    @property
    def private(self) -> MatrixRoom:
        return MatrixRoom(self.town.matrix, self.human, self.human.private, self._name)

    async def writes(self, text: str = "", place: MatrixRoom | None = None, **more: Any) -> str:
        """Write; a command as it is written on Matrix."""
        if place is None and not self.human.private:
            self.human.private = await self.town.matrix.make_room(self.human, is_direct=True)
            await self.town.settled()
        room = place.id if place else self.human.private
        content: dict[str, Any] = {"msgtype": "m.text", "body": re.sub("^/", "!", text), "m.mentions": {}}
        if said := more.pop("reply_to", ""):
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": said}}
        await self.human.catch_up()
        sent = await self.human.send(room, content)
        await self.town.settled()
        return sent

    async def _press(self, message: Said, data: str) -> None:
        """Press: in private by writing the number, which is encrypted; in a group by a reaction."""
        if message.room == self.human.private:
            await self.writes(str(list(message.choices).index(data) + 1))
            return
        key = message.choices[data]
        await self.town.matrix.react(self.human, RoomKey(CHANNEL, message.room), message.id, key)
        await self.town.settled()

    async def follows(self, link: str, *, group: MatrixRoom | None = None) -> None:
        """Go where a link leads, and write what it says."""
        found = _WAY_IN.search(link)
        assert found, f"nothing to follow in {link!r}"
        assert self.town.matrix.bot in found[1]
        await self.writes(found[2], group)

    async def enters(self, title: str) -> MatrixRoom:
        """Accept the bot's invitation into a room."""
        client = self.human.client
        for _ in range(12):  # where the bot died over it, it tries again after a while
            await self.human.catch_up()
            if client.invited_rooms.keys() - client.rooms.keys():
                break
            await self.town.later(seconds=10)
        (invited,) = (room for room in client.invited_rooms if room not in client.rooms)
        await client.join(invited)
        await self.town.settled()
        return self.town.room(invited, title, self)

    def told(self, *, since: Said) -> list[Said]:
        return [one for one in self.private.bot_messages if one.order > since.order]


@dataclass
class BothTown(Town):
    """A town with two networks."""

    driver: MatrixDriver | None = None
    on_matrix: list[MatrixNeighbour] = field(default_factory=list)
    rooms: list[MatrixRoom] = field(default_factory=list)
    heard_on_matrix: dict[str, int] = field(default_factory=dict)

    @property
    def matrix(self) -> MatrixDriver:
        assert self.driver is not None
        return self.driver

    @property
    def adapter(self) -> MatrixAdapter:
        found = self.bot.adapters[CHANNEL]
        assert isinstance(found, MatrixAdapter)
        return found

    async def matrix_neighbour(self, name: str, language: str = "sv") -> MatrixNeighbour:
        """Somebody with Matrix moves in."""
        made = MatrixNeighbour(self, await self.matrix.human(name), name, language)
        self.on_matrix.append(made)
        return made

    async def matrix_room(self, title: str, by: MatrixNeighbour, *members: MatrixNeighbour) -> MatrixRoom:
        """Somebody makes a room, with others and the bot in it."""
        invited = [one.human.client.user_id for one in members]
        made = self.room(await self.matrix.make_room(by.human, title, invited), title, by)
        for one in members:
            await one.human.client.join(made.id)
        await self.settled()
        return made

    def room(self, identity: str, title: str, seen_by: MatrixNeighbour) -> MatrixRoom:
        """Give a room; the first who is in there looks at it for all."""
        known_as = next((one for one in self.rooms if one.id == identity), None)
        if known_as is None:
            known_as = MatrixRoom(self.matrix, seen_by.human, identity, title)
            self.rooms.append(known_as)
        return known_as

    async def _settle(self) -> None:
        async with asyncio.timeout(self.patience):
            while True:
                await super()._settle()
                if await self._matrix_is_still():
                    break
                await asyncio.sleep(0.01)

    async def settled(self) -> None:
        await super().settled()
        for one in self.on_matrix:
            await one.human.catch_up()

    async def _matrix_is_still(self) -> bool:
        """Whether the bot has read all, joined where it was invited, and put its reactions there."""
        if not await self.matrix.acknowledged():
            return False
        # Looked at after that: what it has read last may be what it does now.
        sending, receiving = self.adapter._sending, self.adapter._receiving
        if sending is None or receiving is None:
            return False
        busy = sending.reacting.busy or receiving.joining.busy or self.bot.presses._answering
        return not busy and self.bot.dispatcher.idle.is_set() and self.bot.delivery.idle.is_set()

    def views(self) -> list[Any]:
        return [*super().views(), *(one.private for one in self.on_matrix), *self.rooms]

    def lasting(self, view: Any) -> list[Any]:
        return [one for one in view.bot_messages if not isinstance(one, Said) or "formatted_body" in one.content]

    def whose(self, private: RoomKey) -> str:
        if private.channel != CHANNEL:
            return super().whose(private)
        return next(one.name for one in self.on_matrix if one.human.private == private.room)

    def actions(self, message: Any) -> Mapping[str, Action]:
        if not isinstance(message, Said):
            return super().actions(message)
        lookup = self.bot.keys.lookup("room", str(RoomKey(CHANNEL, message.room)))
        return {data: unseal(data, lookup, self.bot.keys) for data in message.choices}

    def everybody_was_understood(self) -> None:
        super().everybody_was_understood()
        self.understand(self._heard())

    def _heard(self) -> Iterator[Line]:
        """Give all that the bot has said on Matrix since the last look, edits too."""
        for one in self.on_matrix:
            yield from self._heard_in(one.private, (one.language,))
        for room in self.rooms:
            yield from self._heard_in(room, (known(""),))

    def _heard_in(self, room: MatrixRoom, languages: tuple[str, ...]) -> Iterator[Line]:
        events = room.eyes.seen[room.id]
        for event in events[self.heard_on_matrix.get(room.id, 0) :]:
            if event["sender"] == self.matrix.bot and event["type"] == "m.room.message" and event["content"]:
                content = event["content"].get("m.new_content") or event["content"]
                for words in lines(content):
                    yield Line(room.title, languages, words)
        self.heard_on_matrix[room.id] = len(events)

    def written(self) -> set[str]:
        seen = [event for one in self.on_matrix for events in one.human.seen.values() for event in events]
        texts = [
            str(event["content"].get("body", ""))
            for event in seen
            if event["sender"] != self.matrix.bot and event["type"] == "m.room.message"
        ]
        names = [*(one.name for one in self.on_matrix), *(room.title for room in self.rooms)]
        words = [text.partition(" ")[2] if text.startswith("!") else text for text in texts]
        return super().written() | {*texts, *words, *names}


def lines(content: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of a message, without what it quotes and what one is to write."""
    marked = _CODE.sub("", _QUOTED.sub("", str(content.get("formatted_body", content["body"]))))
    for line in _LINE.split(marked):
        words = html.unescape(_TAG.sub("", line)).strip()
        yield _LETTER.sub("", _OWN_NUMBER.sub(r"\1. ", _COMMAND.sub(_as_in_catalogs, words)))


def _as_in_catalogs(sign: re.Match[str]) -> str:
    """Write commands as the catalogs do, which say / for what is ! on Matrix; a / there is wrong."""
    return "/" if sign[0] == "!" else "!"


@asynccontextmanager
async def networks(
    synapse: Synapse, data: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[TelegramEmulator, MatrixDriver]]:
    """Give both networks, and set the environment of a bot that is on both."""
    async with TelegramEmulator() as emulator, Gate(synapse.url).open() as gate:
        driver = MatrixDriver(synapse, gate, data, encrypted=True)
        use(environment(emulator, data) | on_matrix(driver), data, monkeypatch)
        try:
            yield emulator, driver
        finally:
            await driver.close()


def on_matrix(driver: MatrixDriver) -> dict[str, str]:
    """Give the variables of a bot that is on Matrix, as fast as it can."""
    return {
        "BYALAG_MATRIX_HOMESERVER": driver.gate.url,
        "BYALAG_MATRIX_USER": driver.bot,
        "BYALAG_MATRIX_PASSWORD": PASSWORD,
        "BYALAG_MATRIX_RATE": "0",
        "BYALAG_MATRIX_POLL_TIMEOUT": "5",
    }


@asynccontextmanager
async def both(synapse: Synapse, data: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    """Found a town on both networks."""
    async with networks(synapse, data, monkeypatch) as (emulator, driver):
        made = BothTown(emulator, data, Clock(), driver=driver)
        await made.begins()
        try:
            yield made
            made.everybody_was_understood()
        finally:
            await made.ends()
