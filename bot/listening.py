"""Listens: the bot asks, somebody answers or is silent, and nothing that is said is kept.

Rules
-----
* Of an event of a room where somebody is listened to, intake stores the id alone; its words come here, in memory, and
  go when they are answered. The database holds the room, whose it is, and the number of the question.
* Answers go straight to the network, never through the outbox. Neither words nor names are logged.
* Only explicit wishes leave: a reminder (its time; the words of the step if asked for), or the step as what they then
  give under a command, as if they had typed it.
* Whoever is listened to is told when it ends, and that it is as always again: nobody speaks on in the belief that
  nothing is kept. After a fall the bot listens on, says "I lost the thread", and asks the same question.
* It is only possible where all events of a room come to this process: with SQLite, or where the bot asks the network
  for them. Elsewhere the bot says that it cannot.
"""

from __future__ import annotations

import asyncio
import random
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from uuid6 import uuid7

from bot.chat.content import Content
from bot.chat.events import ChoiceMade, ChoiceUndone, CommandGiven, Event, MessageEdited, MessageReceived
from bot.chat.port import ChatAdapter, DeliveryError, Later, PressAnswer, Unreachable
from bot.crypto import Keyring
from bot.domain.helplines import lines_for
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.flows.listening import HUMAN, Talk
from bot.handlers import calm
from bot.handlers.hearing import Heard, Here, Turn, follow
from bot.handlers.means import Means
from bot.i18n import render
from bot.logs import places
from bot.store import listening as queries
from bot.store.engine import Database
from bot.store.records import Listening, Message
from bot.store.unit_of_work import UnitOfWork
from bot.views import listen as views
from bot.views.localize import localize, typed_words
from bot.views.words import folded

log = structlog.get_logger()

SILENCE = timedelta(hours=1)
"""After this long a silence the bot says that it stops listening."""
TRIES = 4
LONGEST_WAIT = 20.0
REMEMBERED = 200


@dataclass(slots=True)
class Session:
    """One room where somebody is listened to, and what waits to be answered there."""

    room_id: UUID
    channel: str
    heard_at: datetime
    heard: Heard = field(default_factory=Heard)
    waits: deque[Event] = field(default_factory=deque)
    seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    doing: asyncio.Task[None] | None = None


First = Callable[[str, Session, Here], Awaitable[None]]


class Listener:
    """See the module. `answered` answers a press; `accept` takes in what somebody wants to give after all."""

    def __init__(
        self, database: Database, keys: Keyring, adapters: Mapping[str, ChatAdapter], clock: Callable[[], datetime],
        answered: Callable[[ChoiceMade, PressAnswer], None], waken: Callable[[], None], *,
        hears: Callable[[str], bool] = lambda _channel: True, new_id: Callable[[], UUID] = uuid7,
    ) -> None:  # fmt: skip
        self.database = database
        self.keys = keys
        self.adapters = adapters
        self.clock = clock
        self.answered = answered
        self.waken = waken
        self.hears = hears
        self.new_id = new_id
        self.accept: Callable[[Sequence[Event]], Awaitable[None]] | None = None
        self.sessions: dict[str, Session] = {}
        self.idle = asyncio.Event()
        self.idle.set()

    # -- for intake and dispatch ------------------------------------------------------------------------------

    def listens(self, event: Event) -> bool:
        """Tell whether an event's words are for here alone."""
        words = isinstance(event, MessageReceived | CommandGiven | MessageEdited | ChoiceMade | ChoiceUndone)
        return words and str(event.room.key) in self.sessions

    def hear(self, event: Event) -> None:
        """Take an event whose id is committed; each once."""
        session = self.sessions.get(str(event.room.key))
        if session is None or event.id in session.seen or event.sender.bot:
            return
        session.seen[event.id] = None
        if len(session.seen) > REMEMBERED:
            session.seen.popitem(last=False)
        session.waits.append(event)
        session.heard_at = self.clock()
        self._go_on(str(event.room.key), session)

    def begun(self, uow: UnitOfWork) -> Callable[[], None]:
        """See whom the bot is to listen to from now on; what is given is to be called after the commit."""
        if Listening not in uow.new_kinds:
            return _nothing
        rooms = {room.id: room for room in uow.met(Room)}
        fresh = [(one, rooms[one.room_id]) for one in uow.met(Listening) if one.room_id in rooms]

        def begin() -> None:
            for one, room in fresh:
                if str(room.key) not in self.sessions:
                    self._open(one, room, Talk(one.number), self._first)

        return begin

    async def load(self) -> None:
        """Listen on where a fall broke it off, and say so."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            for one in await queries.all_open(uow):
                room = await uow.get(Room, one.room_id)
                if room is None or room.gone or room.channel not in self.adapters:
                    uow.remove(one)
                else:
                    self._open(one, room, Talk.again(one.number), self._lost)
            await uow.flush()

    async def tidy(self) -> None:
        """Stop where it has been silent for long."""
        now = self.clock()
        for key, session in list(self.sessions.items()):
            if now - session.heard_at > SILENCE and session.doing is None:
                self._go_on(key, session, self._silent)

    async def finish(self) -> None:
        """Let what is being said be said; to be called when nothing more comes."""
        doing = [one.doing for one in self.sessions.values() if one.doing is not None]
        if doing:
            await asyncio.wait(doing, timeout=LONGEST_WAIT)

    # -- one thing after the other in a room ------------------------------------------------------------------

    def _open(self, one: Listening, room: Room, talk: Talk, first: First) -> None:
        session = Session(one.room_id, room.channel, self.clock(), Heard(talk))
        self.sessions[str(room.key)] = session
        self._go_on(str(room.key), session, first)

    def _go_on(self, key: str, session: Session, first: First | None = None) -> None:
        self.idle.clear()
        if first is not None or session.doing is None:
            session.doing = asyncio.create_task(self._line(key, session, session.doing, first))

    async def _line(
        self, key: str, session: Session, before: asyncio.Task[None] | None, first: First | None
    ) -> None:  # fmt: skip
        try:
            if before is not None:
                await asyncio.wait([before])
            if first is not None:
                await first(key, session, await self._here(session))
            while session.waits and self.sessions.get(key) is session:
                await self._turn(key, session, session.waits.popleft())
        except Exception as error:  # noqa: BLE001 (what was said is in no trace, and what comes next is still heard)
            log.error("listening failed", error=type(error).__name__, exception=places(error))
        finally:
            if session.doing is asyncio.current_task():
                session.doing = None
            if all(one.doing is None for one in self.sessions.values()):
                self.idle.set()

    async def _first(self, key: str, session: Session, here: Here) -> None:
        if self.hears(session.channel):
            await self._say(session, here, [views.first()])
        else:
            await self._end(key, session, here, [views.cannot(here.lines)])

    async def _lost(self, key: str, session: Session, here: Here) -> None:
        if self.hears(session.channel):
            await self._say(session, here, [views.lost(session.heard.talk.number)])
        else:
            await self._end(key, session, here, [views.ended()])

    async def _silent(self, key: str, session: Session, here: Here) -> None:
        await self._end(key, session, here, [views.silent()])

    async def _turn(self, key: str, session: Session, event: Event) -> None:
        """Answer one event. Its words are nowhere afterwards but, if they are the step, in the session."""
        here = await self._here(session)
        turn = follow(session.heard, event, here, self.keys)
        if isinstance(event, ChoiceMade) and event.press:
            busy = turn is not None and turn.busy
            self.answered(event, PressAnswer(self._worded(here, turn.says[0]) if turn is not None and busy else ""))
            turn = None if busy else turn
        if turn is None:
            return
        if turn.remind is not None:
            await self._remind(session, turn)
        if turn.talk is None:
            await self._end(key, session, here, turn.says)
            if turn.gives and self.accept is not None:
                words = render(views.WISH, here.room.locale) if turn.gives == "need" else session.heard.talk.step
                await self.accept([_as_given(event, turn.gives, words, self.new_id(), here.now)])
            return
        if turn.talk != session.heard.talk:
            session.heard = msgspec.structs.replace(session.heard, talk=turn.talk)
            if not await self._keep_number(session):
                await self._end(key, session, here, [views.ended()])
                return
        await self._say(session, here, turn.says)

    # -- what is kept -----------------------------------------------------------------------------------------

    async def _keep_number(self, session: Session) -> bool:
        """Keep where the talk is; tells whether it goes on (the person may have been erased meanwhile)."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            found = await uow.get(Listening, session.room_id)
            if found is not None:
                uow.save(msgspec.structs.replace(found, number=session.heard.talk.number))
            await uow.flush()
        return found is not None

    async def _remind(self, session: Session, turn: Turn) -> None:
        """Keep when to remind somebody; their words only if they asked for that."""
        at = turn.remind
        session.heard = msgspec.structs.replace(session.heard, remind_at=at)
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            found = await uow.get(Listening, session.room_id)
            person = await uow.get(Person, found.person_id) if found else None
            if person is not None and at is not None:
                means = Means(
                    now=self.clock(), uow=uow, keys=self.keys, links=self.adapters, new_id=self.new_id,
                    rng=random.SystemRandom(),
                )  # fmt: skip
                words = session.heard.talk.step if turn.with_words else ""
                await calm.remind(means, person, views.reminder(words), at, once="listened", quiet=True)
            await uow.flush()
        self.waken()

    async def _end(self, key: str, session: Session, here: Here, says: Sequence[Content]) -> None:
        """Stop listening: it is said first, and what is heard until then is dropped, unread."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            found = await uow.get(Listening, session.room_id)
            if found is not None:
                uow.remove(found)
            await uow.flush()
        await self._say(session, here, says)
        self.sessions.pop(key, None)
        session.waits.clear()

    # -- what is said -----------------------------------------------------------------------------------------

    async def _here(self, session: Session) -> Here:
        """Read where somebody is, and whom they could call there."""
        async with self.database.reading() as connection:
            uow = UnitOfWork(connection, self.keys)
            room = await uow.need(Room, session.room_id)
            found = await uow.get(Listening, session.room_id)
            person = await uow.get(Person, found.person_id) if found else None
            among = await queries.conversation_of(uow, person)
            listeners = await queries.listeners(uow, among) if session.heard.talk.number == HUMAN else 0
            lines = lines_for(among.place_key if among else "", room.zone)
            return Here(room, lines, self.clock(), listeners, joined=among is not None and among.closed_at is None)

    def _worded(self, here: Here, content: Content) -> str:
        sign = self.adapters[here.room.channel].manner.sign
        return render(content.blocks[0].words, here.room.locale, here.room.zone, sign)

    async def _say(self, session: Session, here: Here, says: Sequence[Content]) -> None:
        """Say it, straight to the network; what was asked last can be answered by number or name."""
        room, adapter = here.room, self.adapters[session.channel]
        for content in says:
            rendered = adapter.render(room.key, localize(Message(content), room, self.keys, adapter.manner))
            if content.choices:
                words = typed_words(content, room.locale)
                typed = tuple((folded(label), choice.action.arg) for label, choice in words if choice.action)
                session.heard = msgspec.structs.replace(session.heard, typed=typed)
            await self._send(adapter, room, rendered)

    async def _send(self, adapter: ChatAdapter, room: Room, rendered: bytes) -> None:
        """Send one message, trying again a few times."""
        once = str(self.new_id())
        for _try in range(TRIES):
            try:
                await adapter.send(room.key, rendered, once)
            except Later as later:
                await asyncio.sleep(min(later.retry_after, LONGEST_WAIT))
                continue
            except Unreachable:
                log.warning("a room where somebody is listened to cannot be reached")
            except DeliveryError:
                log.warning("what was said while listening may not have come")
            return


def _as_given(event: Event, name: str, words: str, event_id: UUID, now: datetime) -> CommandGiven:
    """Give the command that somebody could have typed to make something of their step, or to wish for a person."""
    return CommandGiven(
        id=f"listened:{event_id}", at=now, room=event.room, sender=event.sender, message_id="", name=name,
        argument="" if name == "invite" else words,
    )  # fmt: skip


def _nothing() -> None:
    """Nobody is listened to anew."""
