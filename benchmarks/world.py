"""A database as months of use leave it, written through the store: conversations, people who said yes, ideas, rooms.

Everybody is `person_json(number)` of the load, so the updates of the load come from people whom the bot knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.keys import AccountKey, RoomKey
from bot.crypto import Keyring, make_keys, write_keys
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
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
from bot.domain.rooms import Pace, Room, RoomSecret
from bot.store import setup
from bot.store.engine import Database
from bot.store.unit_of_work import UnitOfWork
from bot.views.buttons import seal
from tests.peers.telegram.load import message_update, person_json, press_update

CHANNEL = "telegram"
LONG_AGO = timedelta(days=30)
CHUNK = 2000
VALUES = ("agree", "disagree", "pass")
WORDS = (
    "Bänkar längs gångvägen till vårdcentralen, så att alla orkar hela vägen dit och hem igen.",
    "Låt ungdomarna sköta den gamla fotbollsplanen själva, med redskap från kommunen.",
    "En gemensam verkstad på biblioteket där vi lagar cyklar, kläder och elektronik tillsammans.",
    "Bussen kunde stanna vid skolan också på helgerna, när det är match eller marknad.",
)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the load: their number there, their private room, and the conversation they are in."""

    number: int
    room: bytes
    conversation: UUID
    ideas: tuple[UUID, ...]


@dataclass
class World:
    """What a database holds."""

    data: Path
    keys: Keyring
    people: list[Someone] = field(default_factory=list)
    conversations: list[UUID] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The database's address."""
        return f"sqlite+aiosqlite:///{self.data / 'byalag.db'}"

    def votes(self, count: int, *, first_id: int = 1) -> Iterator[dict[str, Any]]:
        """Presses that weigh an idea, by turns from everybody, each person another idea each time."""
        for number in range(count):
            turn, place = divmod(number, len(self.people))
            who = self.people[place]
            idea = who.ideas[(place + turn) % len(who.ideas)]
            yield self.press(first_id + number, who, VALUES[number % len(VALUES)], idea)

    def mixed(self, count: int, *, first_id: int = 1) -> Iterator[dict[str, Any]]:
        """Of ten updates: seven weigh an idea, two carry one, one gives one (`/idea` and its words, in private)."""
        for update, number in zip(self.votes(count, first_id=first_id), range(count), strict=True):
            turn, place = divmod(number, len(self.people))
            who = self.people[place]
            match (place + turn) % 10:
                case 0:
                    yield message_update(first_id + number, who.number, f"/idea {number}. {WORDS[number % len(WORDS)]}")
                case 3 | 6:
                    idea = who.ideas[(place + turn) % len(who.ideas)]
                    yield self.press(first_id + number, who, "support", idea)
                case _:
                    yield update

    def press(self, update_id: int, who: Someone, verb: str, idea: UUID) -> dict[str, Any]:
        """A press of a button that the bot itself could have made."""
        data = seal(Action(verb, who.conversation, idea), who.room, self.keys)
        return press_update(update_id, who.number, data, message_id=update_id)


async def prepare(
    data: Path, *, people: int = 500, conversations: int = 1, ideas: int = 100, rooms: int = 0, pace: Pace = "now"
) -> World:
    """Make a database. People are spread evenly over the conversations; the rooms are groups of the first one."""
    data.mkdir(parents=True, exist_ok=True)
    made = make_keys()
    write_keys(data / "byalag.keys", made)
    world = World(data, Keyring(made))
    database = Database(world.url)
    try:
        await setup.prepare(database, migrate_it=True)
        await setup.check_keys(database, world.keys)
        await _fill(world, database, people, conversations, ideas, rooms, pace)
    finally:
        await database.close()
    return world


async def _fill(
    world: World, database: Database, people: int, conversations: int, ideas: int, rooms: int, pace: Pace
) -> None:
    then = datetime.now(UTC) - LONG_AGO
    holders = [_conversation(then, people // conversations, ideas) for _ in range(conversations)]
    world.conversations = [conversation.id for conversation, _ in holders]
    everything = (
        *(record for conversation, given in holders for record in (conversation, _host(conversation, then), *given)),
    )
    await _write(world, database, everything)
    records: list[Any] = []
    for number in range(people):
        conversation, given = holders[number % conversations]
        someone, more = _person(world.keys, number, conversation, then)
        world.people.append(Someone(number, someone, conversation.id, tuple(idea.id for idea in given)))
        records += more
    await _write(world, database, records)
    zone = daytime_zone(datetime.now(UTC))
    world.rooms = [_group(world.keys, number, world.conversations[0], then, zone, pace) for number in range(rooms)]
    await _write(world, database, world.rooms)


async def _write(world: World, database: Database, records: Any) -> None:
    """Add records, so many a transaction; their order is that of their references."""
    for start in range(0, len(records), CHUNK):
        async with database.transaction() as connection:
            uow = UnitOfWork(connection, world.keys)
            for record in records[start : start + CHUNK]:
                uow.add(record)
            await uow.flush()


def _conversation(then: datetime, people: int, ideas: int) -> tuple[Conversation, list[Idea]]:
    identity, host = uuid7(), uuid7()
    conversation = Conversation(
        identity, "SE-0380", "Uppsala", "Vad kan vi göra för att alla ska trivas här om tio år?", "",
        ("omtanke", "mod"), "", "open", "invited", identity.hex, "sv", "Europe/Stockholm", host, then,
        ideas=ideas, participants=people + 1,
    )  # fmt: skip
    given = [
        Idea(identity, uuid7(), number + 1, host, named=True, text=_words(number), created_at=then)
        for number in range(ideas)
    ]
    return conversation, given


def _words(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]} ({number})"


def _host(conversation: Conversation, then: datetime) -> Participant:
    return Participant(conversation.id, conversation.host_id, then, ParticipantSecret("Host"), role="host")


def _person(keys: Keyring, number: int, conversation: Conversation, then: datetime) -> tuple[bytes, list[Any]]:
    """Give the look-up hash of somebody's private room, and all records of somebody who said yes and has joined."""
    known = person_json(number)
    network_id, name = str(known["id"]), str(known["first_name"])
    key, address = AccountKey(CHANNEL, network_id), RoomKey(CHANNEL, network_id)
    secret = PersonSecret((conversation.id,), conversation.id)
    person = Person(uuid7(), then, "sv", consent_version=CONSENT_VERSION, consent_at=then, secret=secret)
    room_hash = keys.lookup("room", str(address))
    room = Room(uuid7(), CHANNEL, room_hash, RoomSecret(address), private=True, created_at=then, locale="sv")
    participant = Participant(conversation.id, uuid7(), then, ParticipantSecret(name))
    return room_hash, [
        person,
        room,
        Account(uuid7(), person.id, CHANNEL, keys.lookup("account", str(key)), AccountSecret(key, name), room.id),
        participant,
        Membership(
            conversation.id, participant.id, keys.lookup("member", conversation.id.bytes, person.id.bytes),
            MembershipSecret(person.id),
        ),
    ]  # fmt: skip


def _group(keys: Keyring, number: int, conversation: UUID, then: datetime, zone: str, pace: Pace) -> Room:
    key = RoomKey(CHANNEL, str(-1_001_000_000_000 - number))
    return Room(
        uuid7(), CHANNEL, keys.lookup("room", str(key)), RoomSecret(key, f"Group {number}"), private=False,
        created_at=then, locale="sv",
        zone=zone, conversation_id=conversation, pace=pace, members=20,
    )  # fmt: skip


def daytime_zone(now: datetime) -> str:
    """Give a zone where it is about noon, so that no quiet hours hold anything back, whenever one measures."""
    west = (now.hour - 12) % 24
    return f"Etc/GMT+{west}" if west <= 12 else f"Etc/GMT-{24 - west}"
