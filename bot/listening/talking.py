"""What is answered while the bot listens: it asks, reads where the talk is, says what follows, and keeps no words."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from uuid6 import uuid7

from bot.chat.content import Content
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageEdited
from bot.chat.port import ChatAdapter, DeliveryError, Later, PressAnswer, Unreachable
from bot.crypto import Keyring
from bot.domain.helplines import HELPLINES, Helpline, lines_for
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.flows.listening import BEGIN, HUMAN, STEP, Talk
from bot.handlers import calm
from bot.handlers.hearing import Heard, Here, Turn, busy, follow, typed
from bot.handlers.means import Means
from bot.i18n import render
from bot.store import inbox
from bot.store import listening as queries
from bot.store.engine import Database
from bot.store.records import ENDING, Listening, Message
from bot.store.unit_of_work import UnitOfWork
from bot.views import listen as views
from bot.views.localize import localize

log = structlog.get_logger()

TRIES = 4
LONGEST_WAIT = 20.0


@dataclass(slots=True)
class Session:
    """What this process remembers of a room where somebody is listened to, and what waits to be answered there.

    `heard` is what was known at `turn`; where another process has gone on since, it is worth nothing.
    """

    room_id: UUID
    touched_at: datetime
    heard: Heard = field(default_factory=Heard)
    turn: int = -1
    waits: deque[Event] = field(default_factory=deque)
    doing: asyncio.Task[None] | None = None


class Talking:
    """Says what follows. `answered` answers a press; `accept` takes in what somebody wants to give after all."""

    def __init__(
        self, database: Database, keys: Keyring, adapters: Mapping[str, ChatAdapter], clock: Callable[[], datetime],
        answered: Callable[[ChoiceMade, PressAnswer], None], waken: Callable[[], None],
        helplines: Mapping[str, tuple[Helpline, ...]] = HELPLINES, new_id: Callable[[], UUID] = uuid7,
    ) -> None:  # fmt: skip
        self.database = database
        self.keys = keys
        self.adapters = adapters
        self.clock = clock
        self.answered = answered
        self.waken = waken
        self.helplines = helplines
        self.new_id = new_id
        self.accept: Callable[[Sequence[Event]], Awaitable[None]] | None = None

    async def first(self, session: Session) -> None:
        """Say what this is, and ask the first question."""
        await self._says_anew(session, lambda _talk: views.first())

    async def lost(self, session: Session) -> None:
        """Say that the thread is lost, and ask the same question."""
        await self._says_anew(session, lambda talk: views.lost(talk.number))

    async def _says_anew(self, session: Session, words: Callable[[Talk], Content]) -> None:
        """Ask from where a talk is, without what was said."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            row = await queries.held(uow, session.room_id)
            if row is None or not row.open or row.number == ENDING:
                return
            here = await self._here(uow, session.room_id, row)
            talk = Talk.at(row.number, row.asked)
            talk = msgspec.structs.replace(talk, number=BEGIN) if talk.number == STEP else talk
            self._save(uow, session, row, talk)
            await uow.flush()
        await self._say(session, here, [words(talk)])
        await self._answered(session)

    async def silent(self, session: Session) -> None:
        """Stop after a long silence."""
        await self._stops(session, views.silent)

    async def ended(self, session: Session) -> None:
        """Say once more that it is over: whoever was to say it fell."""
        await self._stops(session, views.ended)

    async def _stops(self, session: Session, says: Callable[..., Content]) -> None:
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            row = await queries.held(uow, session.room_id)
            if row is None or not row.open:
                return
            here = await self._here(uow, session.room_id, row)
            self._save(uow, session, row, None)
            await uow.flush()
        await self._say(session, here, [says(kept=Talk.at(row.number, row.asked).kept)])
        await self._over(session)

    async def turn(self, session: Session, event: Event) -> None:
        """Answer one event. Its words are nowhere afterwards but, if they are the step, in the session."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            row = await queries.held(uow, session.room_id)
            here = await self._here(uow, session.room_id, row)
            turn = self._follows(session, row, event, here)
            if isinstance(event, MessageEdited) and row is not None and row.open:
                # What was said here was answered already; of what was written before, they must know.
                turn = None if await inbox.unsaid(connection, event, self.keys) else busy(session.heard.talk)
            ends = turn is not None and turn.talk is None
            goes_on = row is not None and row.open and turn is not None
            if row is not None and turn is not None and goes_on:
                if turn.remind is not None:
                    await self._remind(uow, row, turn, session.heard.talk.step)
                self._save(uow, session, row, turn.talk)
            await uow.flush()
        step = session.heard.talk.step
        if turn is not None and turn.talk is not None:
            session.heard = msgspec.structs.replace(session.heard, talk=turn.talk)
        if turn is not None and turn.remind is not None:
            self.waken()
        if isinstance(event, ChoiceMade) and event.press:
            later = turn is not None and turn.busy
            self.answered(event, PressAnswer(self._worded(here, turn.says[0]) if turn is not None and later else ""))
            turn = None if later else turn
        await self._say(session, here, turn.says if turn is not None else ())
        if not ends:
            await self._answered(session)
            return
        await self._over(session)
        if turn is not None and turn.gives and self.accept is not None:
            words = render(views.WISH, here.room.locale) if turn.gives == "need" else step
            await self.accept([_as_given(event, turn.gives, words, self.new_id(), self.clock())])

    def _follows(self, session: Session, row: Listening | None, event: Event, here: Here) -> Turn | None:
        """Tell what follows from an event, as the talk is now."""
        if row is None:  # They were erased meanwhile.
            return Turn((views.ended(),), None)
        if not row.open:
            return None if isinstance(event, MessageEdited) else Turn((views.late(),), session.heard.talk)
        if row.number == ENDING:
            return None
        if session.turn != row.turn:
            talk = Talk.at(row.number, row.asked)
            if talk.number == STEP and isinstance(event, ChoiceMade):
                talk = msgspec.structs.replace(talk, step=event.quotes)
            shown = views.shown(talk.number, talk.step, joined=here.joined)
            session.heard, session.turn = Heard(talk, typed(shown, here.room.locale)), row.turn
        return follow(session.heard, event, here, self.keys)

    # -- what is kept -----------------------------------------------------------------------------------------

    def _save(self, uow: UnitOfWork, session: Session, row: Listening, talk: Talk | None) -> None:
        """Keep where the talk is; None: its end is being said."""
        session.turn = row.turn + 1
        number, asked = (talk.number, talk.bits) if talk is not None else (ENDING, row.asked)
        uow.save(msgspec.structs.replace(row, number=number, asked=asked, turn=session.turn))

    async def _answered(self, session: Session) -> None:
        if not session.waits:
            async with self.database.transaction() as connection:
                await queries.answered(connection, session.room_id, session.turn)

    async def _remind(self, uow: UnitOfWork, row: Listening, turn: Turn, step: str) -> None:
        """Keep when to remind somebody; their words only if they asked for that."""
        means = Means(
            now=self.clock(), uow=uow, keys=self.keys, links=self.adapters, new_id=self.new_id,
            rng=random.SystemRandom(),
        )  # fmt: skip
        person = await uow.need(Person, row.person_id)
        words = step if turn.with_words else ""
        await calm.remind(means, person, views.reminder(words), turn.remind or means.now, once="listened", quiet=True)

    async def _over(self, session: Session) -> None:
        """The end was said: what is said from now on is as always again."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            row = await queries.held(uow, session.room_id)
            if row is not None:
                uow.save(msgspec.structs.replace(row, waits=False, over_at=self.clock()))
            await uow.flush()
        session.heard, session.turn = Heard(), -1

    # -- what is said -----------------------------------------------------------------------------------------

    async def _here(self, uow: UnitOfWork, room_id: UUID, row: Listening | None) -> Here:
        """Read where somebody is, and whom they could call there."""
        room = await uow.need(Room, room_id)
        person = await uow.get(Person, row.person_id) if row else None
        among = await queries.conversation_of(uow, person)
        listeners = await queries.listeners(uow, among) if row is not None and row.number == HUMAN else 0
        lines = lines_for(among.place_key if among else "", room.zone, self.helplines)
        return Here(room, lines, self.clock(), listeners, joined=among is not None and among.closed_at is None)

    def _worded(self, here: Here, content: Content) -> str:
        sign = self.adapters[here.room.channel].manner.sign
        return render(content.blocks[0].words, here.room.locale, here.room.zone, sign)

    async def _say(self, session: Session, here: Here, says: Sequence[Content]) -> None:
        """Say it, straight to the network; what was asked last can be answered by number or name."""
        room, adapter = here.room, self.adapters[here.room.channel]
        for content in says:
            rendered = adapter.render(room.key, localize(Message(content), room, self.keys, adapter.manner))
            if content.choices:
                session.heard = msgspec.structs.replace(session.heard, typed=typed(content, room.locale))
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
