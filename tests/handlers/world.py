"""A small world to tell stories in: people, rooms, and the bot, without a network.

What somebody does is an event that goes through the real inbox, dispatcher, outbox and delivery; what the bot says is
rendered in the receiver's language, and kept per room as it stands after all edits. Time stands still unless `wait`ed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from uuid6 import uuid7

from bot.chat.content import LocalChoice, LocalMessage
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageReceived, Quoted, Room, Sender
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import Later, Limits, Manner, PressAnswer, RoomKeeper, Unreachable
from bot.crypto import Keyring, make_keys
from bot.delivery.making import Making
from bot.delivery.worker import Delivery
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.people import (
    CONSENT_VERSION,
    Account,
    Membership,
    MembershipSecret,
    Participant,
    ParticipantSecret,
    Person,
    PersonSecret,
)
from bot.domain.rooms import Room as StoredRoom
from bot.domain.rooms import RoomSecret
from bot.handlers.dispatch import Dispatcher
from bot.handlers.waking import Waker
from bot.intake import Intake
from bot.listening import Listener, Talking
from bot.store import due, outbox
from bot.store.engine import Database
from bot.store.schema import metadata
from bot.store.unit_of_work import UnitOfWork

CHANNEL = "memory"
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
"""A Monday at noon in Stockholm."""


@dataclass(frozen=True)
class Place:
    """A room, as the network knows it."""

    key: RoomKey
    private: bool
    title: str = ""


@dataclass(frozen=True)
class Who:
    """Somebody, as the network knows them."""

    name: str
    account: AccountKey
    room: Place
    locale: str

    @property
    def address(self) -> str:
        """The link by which others on the network reach them."""
        return f"https://memory.example/@{self.account.id}"


@dataclass
class Said:
    """A message of the bot as it stands now."""

    id: str
    message: LocalMessage

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.message.blocks)

    @property
    def choices(self) -> list[LocalChoice]:
        return [choice for row in self.message.choices for choice in row]

    @property
    def labels(self) -> list[str]:
        return [choice.label for choice in self.choices]


class Memory:
    """A network that only remembers."""

    channel = CHANNEL
    limits = Limits()
    idempotent = True
    manner = Manner()
    keeper: RoomKeeper | None = None
    send_timeout = 5.0

    def __init__(self) -> None:
        self.rooms: dict[RoomKey, list[Said]] = {}
        self.gone: set[RoomKey] = set()
        self.keys: dict[str, str] = {}
        self.media: dict[str, bytes] = {}
        self.slow = 0
        """So many times a picture cannot be fetched yet."""
        self._count = 0

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:
        return msgspec.msgpack.encode(message)

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        if room in self.gone:
            raise Unreachable("blocked", dead=True)
        if key in self.keys:
            return self.keys[key]
        self.keys[key] = found = self._take(room, msgspec.msgpack.decode(rendered, type=LocalMessage))
        return found

    def _take(self, room: RoomKey, message: LocalMessage) -> str:
        said = self.rooms.setdefault(room, [])
        for earlier in said:
            if message.replaces and earlier.id == message.replaces:
                earlier.message = message
                return earlier.id
        said.append(Said(self.new_id(), message))
        return said[-1].id

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:
        self.rooms[room] = [said for said in self.rooms.get(room, []) if said.id != message_id]

    async def fetch_media(self, ref: str, most: int) -> bytes:
        if self.slow:
            self.slow -= 1
            raise Later("down", 5.0)
        data = self.media.get(ref)
        if data is None or len(data) > most:
            raise Unreachable("gone" if data is None else "large")
        return data

    def new_id(self) -> str:
        self._count += 1
        return f"m{self._count}"

    def address(self, room: RoomKey) -> str:
        return f"https://memory.example/{room.room}"

    def link(self, start: str, *, group: bool = False) -> str:
        return f"https://memory.example/?{'startgroup' if group else 'start'}={start}"


@dataclass
class World:
    """The bot, and all who speak with it. Make one with `World.begin`."""

    database: Database
    keys: Keyring
    network: Memory
    now: datetime = NOON
    answers: dict[str, PressAnswer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        adapters = {CHANNEL: self.network}
        talking = Talking(self.database, self.keys, adapters, self.clock, self._answered, lambda: None)  # type: ignore[arg-type]
        self.listener = Listener(self.database, self.keys, self.clock, talking)
        self.intake = Intake(
            self.database, self.keys, self.clock, lambda: None, lambda _press: None, self.listener.among,
            self.listener.hear,
        )  # fmt: skip
        talking.accept = self.intake.accept
        self.dispatcher = Dispatcher(
            self.database, self.keys, {CHANNEL: self.network}, self.clock, self._answered, lambda: None,
            rng=random.Random(1), operator="Nora folk high school", web="https://byalag.example",
            outgoing=self._outgoing, listens=self.listener.among, hear=self.listener.hear,
        )  # fmt: skip
        self.waker = Waker(
            self.database, self.keys, {CHANNEL: self.network}, self.clock, lambda: None, random.Random(1),
            "Nora folk high school", "https://byalag.example",
        )  # fmt: skip
        self.delivery = Delivery(self.database, self.keys, {CHANNEL: self.network}, self.clock, only_process=True)
        self.making = Making(
            self.database,
            self.keys,
            self.clock,
            lambda: None,
            only_process=True,
            adapters={CHANNEL: self.network},  # type: ignore[dict-item]
        )
        self._events = 0

    @classmethod
    async def begin(cls, folder: Path) -> World:
        """Make a world with an empty database in a folder."""
        database = Database(f"sqlite+aiosqlite:///{folder / 'world.db'}")
        async with database.transaction() as connection:
            await connection.run_sync(metadata.create_all)
        return cls(database, Keyring(make_keys()), Memory())

    async def end(self) -> None:
        await self.database.close()

    def clock(self) -> datetime:
        return self.now

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        """Read or change what is stored, in one transaction."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            yield uow
            await uow.flush()

    # -- who and what there is --------------------------------------------------------------------------------

    async def person(self, name: str, *, locale: str = "en", consented: bool = True) -> Who:
        """Somebody who has written to the bot, and said yes to the notice if told so."""
        account = AccountKey(CHANNEL, name.lower())
        who = Who(name, account, Place(RoomKey(CHANNEL, f"private-{name.lower()}"), private=True), locale)
        await self.command(who, who.room, "/start")
        async with self.work() as uow:
            me = await self.person_of(uow, who)
            consent = {"consent_version": CONSENT_VERSION, "consent_at": self.now} if consented else {}
            uow.save(msgspec.structs.replace(me, locale=locale, **consent))
        return who

    async def conversation(
        self, host: Who, *others: Who, question: str = "What do we want Nora to be like?", findable: str = "anyone"
    ) -> UUID:
        """A conversation of these people, which is the current one of each."""
        conversation_id, host_id = uuid7(), uuid7()
        async with self.work() as uow:
            uow.add(
                Conversation(
                    conversation_id, "SE-1884", "Nora", question, "I live here.", ("Trust",), "", "weeks",
                    findable, conversation_id.hex[-6:].upper(), "en", "Europe/Stockholm", host_id, self.now,  # type: ignore[arg-type]
                    participants=1 + len(others),
                )
            )  # fmt: skip
            for who in (host, *others):
                me = await self.person_of(uow, who)
                made = Participant(
                    conversation_id, host_id if who is host else uuid7(), self.now, ParticipantSecret(who.name),
                    role="host" if who is host else "",
                )  # fmt: skip
                uow.add(made)
                lookup = self.keys.lookup("member", conversation_id.bytes, me.id.bytes)
                uow.add(Membership(conversation_id, made.id, lookup, MembershipSecret(me.id)))
                secret = PersonSecret((*me.secret.joined, conversation_id), conversation_id)
                uow.save(msgspec.structs.replace(me, secret=secret))
        return conversation_id

    async def group(self, title: str, conversation_id: UUID | None = None) -> Place:
        """A group with the bot in it, linked to a conversation if told so."""
        place = Place(RoomKey(CHANNEL, f"group-{title}"), private=False, title=title)
        if conversation_id is not None:
            async with self.work() as uow:
                lookup, secret = self.keys.lookup("room", str(place.key)), RoomSecret(place.key, place.title)
                room = StoredRoom(uuid7(), CHANNEL, lookup, secret, private=False, created_at=self.now, locale="en")
                uow.add(msgspec.structs.replace(room, conversation_id=conversation_id, members=5))
        return place

    async def idea(self, conversation_id: UUID, author: Who, text: str, *, named: bool = True) -> Idea:
        """An idea that somebody gave before the story begins, without its cards."""
        async with self.work() as uow:
            conversation = await uow.need(Conversation, conversation_id)
            uow.save(msgspec.structs.replace(conversation, ideas=conversation.ideas + 1))
            me = await self.participant(uow, conversation_id, author)
            made = Idea(conversation_id, uuid7(), conversation.ideas + 1, me.id, named, text, self.now)
            uow.add(made)
        return made

    async def person_of(self, uow: UnitOfWork, who: Who) -> Person:
        """Read a person."""
        account = await uow.by(Account, self.keys.lookup("account", str(who.account)))
        assert account is not None, who
        return await uow.need(Person, account.person_id)

    async def participant(self, uow: UnitOfWork, conversation_id: UUID, who: Who) -> Participant:
        """Read who somebody is in a conversation."""
        me = await self.person_of(uow, who)
        found = await uow.by(Membership, self.keys.lookup("member", conversation_id.bytes, me.id.bytes))
        assert found is not None, who
        return await uow.need(Participant, conversation_id, found.participant_id)

    # -- what people do ---------------------------------------------------------------------------------------

    async def command(self, who: Who, place: Place, text: str, *, reply_to: Quoted | Said | None = None) -> list[Said]:
        """Somebody types a command; gives what the bot says to it there."""
        name, _, argument = text.removeprefix("/").partition(" ")
        return await self._does(
            place,
            CommandGiven(
                **self._happening(place, self.sender(who)), message_id=self.network.new_id(), name=name,
                argument=argument, reply_to=_quoted(reply_to),
            ),
        )  # fmt: skip

    async def message(self, who: Who, place: Place, text: str, *, reply_to: Quoted | Said | None = None) -> list[Said]:
        """Somebody writes; gives what the bot says to it there."""
        return await self._does(
            place,
            MessageReceived(
                **self._happening(place, self.sender(who)), message_id=self.network.new_id(), text=text,
                reply_to=_quoted(reply_to),
            ),
        )  # fmt: skip

    async def press(self, who: Who, place: Place, label: str, *, on: Said | None = None) -> list[Said]:
        """Somebody presses the latest button that begins so (or one on a message); a deep link is followed."""
        messages = [on] if on else list(reversed(self.said(place)))
        found = [(said, choice) for said in messages for choice in said.choices if choice.label.startswith(label)]
        assert found, (label, [said.labels for said in messages])
        said, choice = found[0]
        if choice.start and not choice.group:
            return await self.command(who, who.room, f"/start {choice.start}")
        assert choice.data, choice
        event = ChoiceMade(
            **self._happening(place, self.sender(who)), message_id=said.id, data=choice.data, press=f"p{self._events}"
        )
        news = await self._does(place, event)
        answer = self.answers.get(event.press, PressAnswer())
        return await self.command(who, who.room, f"/start {answer.start}") if answer.start else news

    def sender(self, who: Who) -> Sender:
        """Who acts."""
        return Sender(who.account, who.name, who.locale, address=who.address)

    def quoted(self, who: Who, text: str) -> Quoted:
        """A message of somebody, to reply to."""
        return Quoted(self.network.new_id(), text, self.sender(who))

    async def happens(self, *events: Event) -> None:
        """Let events happen, and all that follows from them."""
        await self.intake.accept(events)
        await self.settle()
        assert self.dispatcher.parked == 0

    async def _outgoing(self, uow: UnitOfWork) -> Callable[[], None]:
        return self.listener.begun(uow)

    async def wait(self, **delta: float) -> None:
        """Let time pass, and all that comes due happen at its moment."""
        end = self.now + timedelta(**delta)
        while (moment := await self._next_due()) is not None and moment < end:
            self.now = moment
            await self.settle()
        self.now = end
        await self.settle()

    async def _next_due(self) -> datetime | None:
        """When something is due next, after now."""
        async with self.work() as uow:
            moments = (await due.next_due(uow), await outbox.next_due(uow, self.now))
        return min((one for one in moments if one is not None and one > self.now), default=None)

    async def settle(self) -> None:
        """Handle and deliver all that is due."""
        tries = 0
        while await self.dispatcher.once() or self.dispatcher._failed or not self.listener.idle.is_set():
            tries += 1
            self.dispatcher._failed.clear()
            await self.listener.idle.wait()
            assert tries < 20, "an event fails again and again"
        while await self.waker.once():
            assert not self.waker.parked, "what was due fails"
        while await self.making.once():
            pass
        while True:
            self.delivery._wake.clear()
            busy = await self.delivery._round() == 0.0
            if self.delivery._sending:
                await asyncio.wait(self.delivery._sending.values())
            elif not busy:
                return

    @property
    def alert(self) -> str:
        """What only the one who pressed last was shown."""
        return list(self.answers.values())[-1].text

    # -- what the bot said ------------------------------------------------------------------------------------

    def said(self, place: Place) -> list[Said]:
        """All that stands in a room, the first first."""
        return self.network.rooms.get(place.key, [])

    def last(self, place: Place) -> Said:
        """The latest message in a room."""
        return self.said(place)[-1]

    async def _does(self, place: Place, event: Event) -> list[Said]:
        before = {said.id: said.message for said in self.said(place)}
        await self.happens(event)
        return [said for said in self.said(place) if before.get(said.id) is not said.message]

    def _happening(self, place: Place, sender: Sender) -> dict[str, object]:
        self._events += 1
        room = Room(place.key, place.private, place.title)
        return {"id": f"e{self._events}", "at": self.now, "room": room, "sender": sender}

    def _answered(self, event: ChoiceMade, answer: PressAnswer) -> None:
        self.answers[event.press] = answer


def _quoted(reply_to: Quoted | Said | None) -> Quoted | None:
    if isinstance(reply_to, Said):
        return Quoted(reply_to.id, reply_to.text, Sender(AccountKey(CHANNEL, "bot"), "Byalag", bot=True))
    return reply_to
