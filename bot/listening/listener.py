"""Who is listened to: what is for here alone, one thing after the other in each room, and what was broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from bot.chat.events import ChoiceMade, ChoiceUndone, CommandGiven, Event, MessageEdited, MessageReceived, RoomMoved
from bot.crypto import Keyring
from bot.domain.rooms import Room
from bot.listening.talking import LONGEST_WAIT, Session, Talking
from bot.logs import places
from bot.store import inbox
from bot.store import listening as queries
from bot.store.engine import Database
from bot.store.records import ENDING, Listening
from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger()

SILENCE = timedelta(hours=1)
"""After this long a silence the bot says that it stops listening."""
PATIENCE = timedelta(minutes=2)
"""After this long nobody is at work any more on what was heard."""
WORDS = MessageReceived | CommandGiven | MessageEdited | ChoiceMade | ChoiceUndone

First = Callable[[Session], Awaitable[None]]


class Listener:
    """See the package. `talking` says what follows.

    `alone`: all that is said comes to this process, so it knows without asking where nobody is listened to.
    """

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime], talking: Talking, *, alone: bool = True
    ) -> None:
        self.database = database
        self.keys = keys
        self.clock = clock
        self.talking = talking
        self.alone = alone
        self.sessions: dict[UUID, Session] = {}
        self.rooms: set[str] = set()
        """Where somebody is listened to, or was of late; all such rooms, if this process is alone."""
        self.moved: dict[str, str] = {}
        """Rooms that are just moving: from where."""
        self.idle = asyncio.Event()
        self.idle.set()

    # -- for intake and dispatch ------------------------------------------------------------------------------

    async def among(self, uow: UnitOfWork, events: Sequence[Event]) -> dict[int, Listening | None]:
        """Give those of some events (by their place) whose words are for here alone, and the talk of each.

        None where there is none any more: what was said once is changed.
        """
        moves = [one for one in events if isinstance(one, RoomMoved) and self._may(one)]
        self.moved |= {str(one.to): str(one.room.key) for one in moves}
        asked = {place: one for place, one in enumerate(events) if isinstance(one, WORDS) and self._may(one)}
        found: dict[int, Listening | None] = {}
        lookups = {place: self._lookups(one) for place, one in asked.items()}
        await uow.load_by(Room, dict.fromkeys(one for some in lookups.values() for one in some))
        rooms = {place: [await uow.by(Room, one) for one in some] for place, some in lookups.items()}
        await uow.load(Listening, [(room.id,) for some in rooms.values() for room in some if room])
        for place, one in asked.items():
            talks = [await uow.get(Listening, room.id) for room in rooms[place] if room]
            talk = next(filter(None, talks), None)
            if talk is not None and (talk.open or _late(one, talk)):
                found[place] = talk
        for place, event in enumerate(events):
            if not isinstance(event, MessageEdited) or place in found:
                continue
            if await inbox.unsaid(uow.connection, event, self.keys):
                found[place] = None
        return found

    def _may(self, event: Event) -> bool:
        key = str(event.room.key)
        return not event.sender.bot and (not self.alone or key in self.rooms or self.moved.get(key) in self.rooms)

    def _lookups(self, event: Event) -> list[bytes]:
        """Give where to look for a talk: in this room, or in the one that is just moving here."""
        key = str(event.room.key)
        return [self.keys.lookup("room", one) for one in (key, self.moved.get(key)) if one]

    def hear(self, event: Event, talk: Listening | None) -> None:
        """Take an event whose id is committed."""
        if talk is None:
            return
        session = self._session(talk.room_id)
        session.waits.append(event)
        self._go_on(session)

    def begun(self, uow: UnitOfWork) -> Callable[[], None]:
        """See whom the bot is to listen to from now on; what is given is to be called after the commit."""
        if Listening not in uow.new_kinds:
            return _nothing
        rooms = {room.id: room for room in uow.met(Room)}
        fresh = [rooms[one.room_id] for one in uow.met(Listening) if one.turn == 0 and one.open]

        def begin() -> None:
            for room in fresh:
                self.rooms.add(str(room.key))
                self._go_on(self._session(room.id), self.talking.first)

        return begin

    async def load(self) -> None:
        """Know where somebody is listened to, and go on where a fall broke it off; before anything comes."""
        if not self.alone:
            return
        async with self.database.reading() as connection:
            uow = UnitOfWork(connection, self.keys)
            talks = await queries.everywhere(uow)
            await uow.load(Room, [(one.room_id,) for one in talks])
            self.rooms |= {str(room.key) for room in uow.met(Room)}
        self._make_up(talks, timedelta(0))

    async def tidy(self) -> None:
        """Stop where it has been silent for long, and make up for what a process that fell has heard."""
        async with self.database.reading() as connection:
            talks = await queries.everywhere(UnitOfWork(connection, self.keys))
        self._make_up(talks, PATIENCE)
        await self.let_go()

    async def let_go(self) -> None:
        """Forget what this process remembers of talks that go on elsewhere, or are over."""
        now = self.clock()
        for room_id, one in list(self.sessions.items()):
            if one.doing is None and now - one.touched_at > SILENCE:
                del self.sessions[room_id]

    async def finish(self) -> None:
        """Let what is being said be said; to be called when nothing more comes."""
        doing = [one.doing for one in self.sessions.values() if one.doing is not None]
        if doing:
            await asyncio.wait(doing, timeout=LONGEST_WAIT)

    # -- one thing after the other in a room ------------------------------------------------------------------

    def _session(self, room_id: UUID) -> Session:
        session = self.sessions.setdefault(room_id, Session(room_id, self.clock()))
        session.touched_at = self.clock()
        return session

    def _make_up(self, talks: Sequence[Listening], patience: timedelta) -> None:
        for talk in talks:
            ago = self.clock() - talk.heard_at
            session = self.sessions.get(talk.room_id)
            if not talk.open or (session is not None and session.doing is not None):
                continue
            if talk.number == ENDING and ago >= patience:
                self._go_on(self._session(talk.room_id), self.talking.ended)
            elif talk.waits and ago >= patience:
                self._go_on(self._session(talk.room_id), self.talking.lost if talk.turn else self.talking.first)
            elif ago > SILENCE:
                self._go_on(self._session(talk.room_id), self.talking.silent)

    def _go_on(self, session: Session, first: First | None = None) -> None:
        self.idle.clear()
        if first is not None or session.doing is None:
            session.doing = asyncio.create_task(self._line(session, session.doing, first))

    async def _line(self, session: Session, before: asyncio.Task[None] | None, first: First | None) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            if first is not None:
                await self._tried(first(session))
            while session.waits:
                await self._tried(self.talking.turn(session, session.waits.popleft()))
        finally:
            if session.doing is asyncio.current_task():
                session.doing = None
            if all(one.doing is None for one in self.sessions.values()):
                self.idle.set()

    async def _tried(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except Exception as error:  # noqa: BLE001 (what was said is in no trace, and what comes next is still heard)
            log.error("listening failed", error=type(error).__name__, exception=places(error))


def _late(event: Event, talk: Listening) -> bool:
    """Tell whether something was said while somebody was listened to, but comes afterwards."""
    words = isinstance(event, MessageReceived | CommandGiven | MessageEdited)
    if not words or talk.over_at is None:
        return False
    # Some networks tell whole seconds alone.
    return event.at < (talk.over_at if event.at.microsecond else talk.over_at.replace(microsecond=0))


def _nothing() -> None:
    """Nobody is listened to anew."""
