"""Nine days between two meetings in a village of forty, half of them on each of two networks.

Its host says when they meet next, and plans a question for each evening besides; all else goes by itself. Nobody gets
more than one message a day that they did not ask for, the energy leads to two helper groups, and the page is printed.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action, LocalMessage
from bot.chat.keys import AccountKey, RoomKey
from bot.crypto import Keyring, make_keys
from bot.delivery.making import Making
from bot.delivery.worker import Delivery
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.people import (
    CONSENT_VERSION,
    Account,
    AccountSecret,
    Membership,
    MembershipSecret,
    Participant,
    ParticipantSecret,
    Person,
    PersonSecret,
)
from bot.domain.rooms import Room, RoomSecret
from bot.handlers.dispatch import Dispatcher
from bot.handlers.waking import Waker
from bot.store import due, outbox
from bot.store.engine import Database
from bot.store.schema import metadata
from tests.handlers.deeds import ideas_of, press_data, sealed
from tests.handlers.world import CHANNEL, Memory, Place, Said, Who, World
from tests.there import printer  # noqa: F401

HERE = ZoneInfo("Europe/Stockholm")
OTHER = "memory2"
VILLAGE = 40
IDEAS = (
    "A bench by the lake", "A greenhouse at the school", "A boat for all of us", "Lights on the path",
    "A library of tools", "A day without cars", "Apple trees along the street", "A room for the young",
)  # fmt: skip


class Second(Memory):
    """The other network."""

    channel = OTHER


class Village(World):
    """A world with two networks, which notes what comes into private rooms unasked, and what into groups."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.second = Second()
        both = {CHANNEL: self.network, OTHER: self.second}
        for network in both.values():
            network.send = self._sent(network.send)  # type: ignore[method-assign]
        self.dispatcher = Dispatcher(
            self.database, self.keys, both, self.clock, self._answered, lambda: None, rng=random.Random(1)
        )
        self.waker = Waker(self.database, self.keys, both, self.clock, lambda: None, random.Random(1))
        self.delivery = Delivery(self.database, self.keys, both, self.clock, only_process=True)
        self.making = Making(self.database, self.keys, self.clock, lambda: None, only_process=True)
        self.acting: RoomKey | None = None
        self.unasked: Counter[tuple[RoomKey, date]] = Counter()
        self.in_groups: list[tuple[RoomKey, date, str]] = []

    def _sent(self, send):  # noqa: ANN001, ANN202 (as it is)
        async def noted(room: RoomKey, rendered: bytes, key: str) -> str:
            before = len(self.said(Place(room, private=True)))
            made = await send(room, rendered, key)
            after = self.said(Place(room, private=True))
            if len(after) > before:
                self._note(room, after[-1].message)
            return str(made)

        return noted

    def _note(self, room: RoomKey, message: LocalMessage) -> None:
        day = self.now.astimezone(HERE).date()
        if room.room.startswith("group"):
            self.in_groups.append((room, day, message.blocks[0].text))
        elif room != self.acting:
            self.unasked[room, day] += 1

    def said(self, place: Place) -> list[Said]:
        return (self.network if place.key.channel == CHANNEL else self.second).rooms.get(place.key, [])

    async def _does(self, place, event):  # noqa: ANN001, ANN202 (as it is)
        self.acting = (
            event.room.key if event.room.private else RoomKey(place.key.channel, f"private-{event.sender.name}")
        )
        try:
            return await super()._does(place, event)
        finally:
            self.acting = None

    async def does(self, who: Who, verb: str, scope: UUID, subject: UUID | None = None, arg: str = "") -> None:
        """Somebody presses a button of the bot's in private."""
        self.acting = who.room.key
        await press_data(self, who, who.room, await sealed(self, who.room, Action(verb, scope, subject, arg)))
        self.acting = None

    def villager(self, number: int) -> Who:
        """Somebody of the village, on the one network or the other."""
        channel = (CHANNEL, OTHER)[number % 2]
        name = f"villager{number}"
        return Who(name, AccountKey(channel, name), Place(RoomKey(channel, f"private-{name}"), private=True), "en")

    async def until(self, at: datetime) -> None:
        """Let time go by, from one moment at which something is due to the next."""
        while self.now < at:
            async with self.work() as uow:
                following = (await due.next_due(uow), await outbox.next_due(uow, self.now))
            self.now = max(self.now, min((*filter(None, following), at)))
            await self.settle()


@pytest_asyncio.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'village.db'}")
    async with database.transaction() as connection:
        await connection.run_sync(metadata.create_all)
    made = Village(database, Keyring(make_keys()), Memory())
    made.now = datetime(2026, 3, 2, 10, tzinfo=HERE).astimezone(UTC)
    yield made
    await made.end()


def noon(day: int, hour: int = 13) -> datetime:
    """A day of March, shortly after noon."""
    return datetime(2026, 3, day, hour, tzinfo=HERE).astimezone(UTC)


async def _begins(village: Village, host: Who) -> UUID:
    """The host begins a conversation until the meeting in nine days; both groups are linked to it."""
    for words in ("/new", "Nora", "What do we want Nora to be like in ten years?"):
        await (village.command if words.startswith("/") else village.message)(host, host.room, words)
    for label in ("How long", "Until our next meeting"):
        await village.press(host, host.room, label)
    await village.message(host, host.room, "11 March 18:30")
    await village.press(host, host.room, "Begin the conversation")
    await village.press(host, host.room, "Yes")
    async with village.work() as uow:
        [made] = await uow.select(Conversation, lambda query: query)
    return made.id


@pytest.mark.usefixtures("printer")
async def test_nine_days_between_two_meetings(village: Village) -> None:
    people = [village.villager(number) for number in range(VILLAGE)]
    host = people[0]
    conversation = await _begins(village, host)
    groups = [Place(RoomKey(channel, f"group-{channel}"), private=False, title="Nora") for channel in (CHANNEL, OTHER)]
    await _settles(village, people, groups, conversation)
    await village.command(host, host.room, "/prompt")
    await village.press(host, host.room, "Plan a question")
    await village.message(host, host.room, "What did you see today that you want more of?")
    await village.message(host, host.room, "every day at 17:00")
    await village.press(host, host.room, "Yes, ask then")

    await village.until(noon(3))
    for who, words in zip(people[1:], IDEAS, strict=False):
        await village.command(who, groups[people.index(who) % 2], f"/idea {words}")
    ideas = {one.number: one for one in await ideas_of(village, conversation)}
    assert len(ideas) == len(IDEAS)

    await village.until(noon(5))
    for who, number in itertools.product(people[:12], (1, 2, 3)):
        await village.does(
            who, "disagree" if people.index(who) % 5 == number else "agree", conversation, ideas[number].id
        )
    await village.until(noon(8))
    for who in people[4:10]:
        await village.does(who, "hand", conversation, ideas[1 + people.index(who) % 2].id)
    for who in (people[5], people[4]):
        await village.does(who, "lead", conversation, ideas[1 + people.index(who) % 2].id)
        for _ in range(3):
            await village.message(who, who.room, "skip")
        await village.press(who, who.room, "Take the lead")
    async with village.work() as uow:
        formed = await uow.select(HelperGroup, lambda query: query)
    assert {one.idea_id for one in formed} == {ideas[1].id, ideas[2].id}, "the energy led to two helper groups"

    await village.until(noon(10, 20))
    await village.press(host, host.room, "One page to print")
    [page] = [said.message.attachment for said in village.said(host.room) if said.message.attachment]
    _looks_printed(page.data)

    await village.until(noon(12))
    assert max(village.unasked.values()) == 1, "nobody got more than one message a day that they had not asked for"
    told = {room for room, _day in village.unasked}
    assert len(told) == VILLAGE, "and everybody was told that they could weigh, and where the energy is"
    for place in groups:
        cold = [(day, text) for room, day, text in village.in_groups if room == place.key and _unasked(text)]
        assert len(cold) == len({day for day, _text in cold}), "a group gets one a day: a question, a season, the map"
        seasons = [text for _day, text in cold if text.startswith("Now we")]
        assert seasons == ["Now we weigh the ideas.", "Now we do something about it.", "Now we harvest."]


def _unasked(text: str) -> bool:
    return text.startswith("Now we") or text in {"A question for all of us", "Where we stand"}


async def _settles(village: Village, people: list[Who], groups: list[Place], conversation: UUID) -> None:
    """The others are in it too, each on their network, and have said yes; both groups belong to it."""
    async with village.work() as uow:
        for place in groups:
            uow.add(_room(village, place, conversation_id=conversation, members=VILLAGE // 2))
        for who in people[1:]:
            person = Person(uuid7(), village.now, "en", consent_version=CONSENT_VERSION, consent_at=village.now,
                            secret=PersonSecret((conversation,), conversation))  # fmt: skip
            me = Participant(conversation, uuid7(), village.now, ParticipantSecret(who.name))
            private = _room(village, who.room)
            account = Account(
                uuid7(), person.id, who.account.channel, village.keys.lookup("account", str(who.account)),
                AccountSecret(who.account, who.name), private.id,
            )  # fmt: skip
            lookup = village.keys.lookup("member", conversation.bytes, person.id.bytes)
            for made in (
                person,
                me,
                private,
                account,
                Membership(conversation, me.id, lookup, MembershipSecret(person.id)),
            ):
                uow.add(made)
        latest = await uow.need(Conversation, conversation)
        uow.save(msgspec.structs.replace(latest, participants=VILLAGE))


def _room(village: Village, place: Place, **more: object) -> Room:
    lookup = village.keys.lookup("room", str(place.key))
    made = Room(
        uuid7(), place.key.channel, lookup, RoomSecret(place.key, place.title), place.private, village.now, "en"
    )
    return msgspec.structs.replace(made, **more)


def _looks_printed(made: bytes) -> None:
    """It is a page, with the question, the ideas and the helper groups."""
    if path := os.environ.get("BYALAG_KEEP_PAGE"):
        Path(path).write_bytes(made)
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    whole = made + b"".join(zlib.decompress(part) for part in packed if part[:1] == b"\x78")
    assert made.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", whole)) == 1
