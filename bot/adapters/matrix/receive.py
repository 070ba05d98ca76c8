"""Taking events in: ask for what is new, store it, and only then move on.

Rules
-----
* The sync's token moves after `accept` returned and `Place` was written; when the store fails, the same events are
  offered again, and after a crash the same sync comes again.
* A gap in a room's timeline is filled, back to where the last sync ended.
* Of the first sync of an account only rooms and invitations count: what was said before the bot came is not for it.
* One odd event is passed over; it does not stop those behind it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec
import structlog

from bot.adapters.matrix.api import Api, ApiError, Json
from bot.adapters.matrix.asking import Asking
from bot.adapters.matrix.crypto import Crypto
from bot.adapters.matrix.joining import Joining
from bot.adapters.matrix.memory import Memory
from bot.adapters.matrix.place import Mark, Place, Unread
from bot.adapters.matrix.relations import Known, content_of, mark_of, relation_of, taken_back
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.sending import Sending
from bot.adapters.matrix.translate import Me, event_of, removed, undone
from bot.adapters.matrix.turns import Turn
from bot.adapters.matrix.verification import asked_in_room
from bot.adapters.offering import Backoff, offer
from bot.chat.events import ChoiceMade, Event
from bot.chat.port import Accept

log = structlog.get_logger()

SAY_AGAIN = {True: 3600.0, False: 86_400.0}
"""Seconds after which it may be said again, in a private room and in a group."""
UNREADABLE = (
    "Jag kan inte läsa ditt meddelande: nyckeln har inte kommit fram. Skriv det gärna en gång till.\n\n"
    "I cannot read your message: its key has not arrived. Please write it once more."
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Json).decode


class Receiving:
    """Syncs, one request after the other, until cancelled. `sending` writes lines of the adapter's own, and pins late.

    A key that is missing is waited for `patience` seconds, before it is said that a message cannot be read.
    """

    def __init__(
        self,
        api: Api,
        crypto: Crypto,
        place: Place,
        memory: Memory,
        me: Me,
        sending: Sending,
        *,
        timeout: int,
        patience: float,
    ) -> None:
        self._crypto = crypto
        self._place = place
        self._memory = memory
        self._me = me
        self._sending = sending
        self._patience = patience
        self._asking = Asking(api, me, timeout)
        self.joining = Joining(api, place, me)
        self._said: dict[str, float] = {}
        self.token = place.word("token")

    async def run(self, accept: Accept) -> None:
        """Receive. Raises `StartError` when the login is not known any more."""
        try:
            for room in list(self._place.rooms.values()):
                if room.standing == "invite":
                    self.joining.join(room)
            while True:
                sync = await self._asking.sync(self.token)
                if sync is not None:
                    await self._take(sync, accept)
                    await self._crypto.upkeep()
                    await self._give_up_unread()
        finally:
            await self.joining.stop()

    async def _take(self, sync: Json, accept: Accept) -> None:
        """Make events of a sync, have them stored, and move on."""
        turn = Turn(self._me, self._place, self._memory.members, self._crypto)
        new_keys = self._crypto.receive(sync)
        rooms = _dict(sync.get("rooms"))
        for room_id, body in _dict(rooms.get("invite")).items():
            self.joining.join(turn.invited(room_id, _dict(body)))
        for room_id, body in (*_dict(rooms.get("leave")).items(), *_dict(rooms.get("join")).items()):
            try:
                await self._room(turn, room_id, _dict(body))
            except Exception as error:  # noqa: BLE001 (one odd room must not silence the others)
                log.error("a room could not be read", channel=self._me.channel, error=type(error).__name__)
        await self._late(turn, new_keys)
        events = [event for event in turn.events if event is not None]
        if events:
            await offer(events, accept, self._me.channel)
        token = sync["next_batch"]
        if turn.changed or turn.unread or turn.read or token != self.token:
            marks = list(turn.marks.values())
            await self._place.commit({"token": token}, turn.changed.values(), turn.unread, turn.read, marks)
        self.token = token
        for room in turn.left:
            self.joining.leave(room)
        for room in turn.followed:
            self.joining.join(room)
        for room in turn.to_pin:
            self.joining.go(f"{room.id} pin", self._sending.pinning.pin_late(room))
        for each in turn.unread:
            await self._crypto.ask_for_key(each.room, _decode(each.data))

    async def _room(self, turn: Turn, room_id: str, body: Json) -> None:
        timeline = _dict(body.get("timeline"))
        said = _events(timeline)
        known = self._place.rooms.get(room_id)
        if timeline.get("limited") and self.token and known is not None and known.joined:
            said = [*await self._asking.gap(room_id, timeline.get("prev_batch"), self.token), *said]
            self._memory.members.forget(room_id)
        visit = turn.visit(room_id, body, first=not self.token)
        beginning = visit.beginning(said)
        for place, event in enumerate(said):
            if visit.enter(event) and place >= beginning:
                await self._event(turn, visit.room, event)
        visit.end()

    async def _event(self, turn: Turn, room: Room, event: Json) -> None:
        """Take one event of a timeline: decrypt it, find what it points at, make ours of it."""
        if event.get("type") == "m.room.encrypted":
            clear = self._crypto.decrypt(room.id, event)
            if clear is None:
                if event.get("sender") != self._me.id and isinstance(event.get("event_id"), str) and content_of(event):
                    turn.unread.append(Unread(event["event_id"], room.id, time.time(), _encode(event)))
                return
            event = clear
        asked = asked_in_room(event, self._me.id)
        if asked and room.private:
            self.joining.go(asked, self._sending.decline(room, asked))
            return
        try:
            self._memory.notice(event, room.id)
            related, poll = await self._related(event, room), await self._asked(event, room)
            made = event_of(event, room, related, self._me, poll)
            turn.events.append(made or self._undone(turn, room, event))
            if isinstance(made, ChoiceMade) and event["type"] != "m.room.message" and not room.private:
                name = mark_of(event)
                turn.marks[name] = Mark(name, event["sender"], made.message_id, made.data)
        except Exception as error:  # noqa: BLE001 (one odd event must not stop those behind it)
            log.warning("an event could not be translated", channel=self._me.channel, error=type(error).__name__)

    def _undone(self, turn: Turn, room: Room, event: Json) -> Event | None:
        """Give what somebody took back: what they had chosen by a reaction or in a poll, or a message in a group."""
        name = taken_back(event)
        mark = (turn.marks.get(name) or self._place.mark(name)) if name else None
        if mark is None and name and event.get("type") == "m.room.redaction" and not room.private:
            return None if event.get("sender") == self._me.id else removed(event, room, name, self._me)
        if mark is None or mark.sender != event.get("sender"):
            return None
        return undone(event, room, mark.message, mark.data, self._me)

    async def _related(self, event: Json, room: Room) -> Known | None:
        relation = relation_of(event)
        if not relation.kind or event.get("sender") == self._me.id:
            return None
        return await self._known(relation.target, room)

    async def _asked(self, event: Json, room: Room) -> Known | None:
        """Give the bot's last question in a private room, where it is about a group."""
        if not (room.aside and room.private) or event.get("sender") == self._me.id:
            return None
        return await self._known(room.aside, room)

    async def _known(self, event_id: str, room: Room) -> Known | None:
        backoff = Backoff(first=0.2, longest=2.0)
        for _ in range(4):
            try:
                return await self._memory.find(event_id, room.id)
            except ApiError:
                await backoff.pause()
        return None

    # What could not be read

    async def _late(self, turn: Turn, keys: Iterable[str]) -> None:
        """Take what can be decrypted now that its key is here."""
        wanted = set(keys)
        for waiting in list(self._place.unread.values()) if wanted else ():
            event = _decode(waiting.data)
            room = self._place.rooms.get(waiting.room)
            if room is None or content_of(event).get("session_id") not in wanted:
                continue
            if self._crypto.decrypt(room.id, event) is not None:
                turn.read.append(waiting.id)
                await self._event(turn, room, event)

    async def _give_up_unread(self) -> None:
        """Say, once, that messages whose key did not come cannot be read."""
        now = time.time()
        old = [each for each in self._place.unread.values() if now - each.since > self._patience]
        for each in old:
            room = self._place.rooms.get(each.room)
            if room is None or not room.joined:
                continue
            if now - self._said.get(room.id, 0.0) > SAY_AGAIN[room.private]:
                self._said[room.id] = now
                log.warning("a message cannot be decrypted", channel=self._me.channel)
                await self._sending.say(room, UNREADABLE, f"unread-{each.id}")
        if old:
            await self._place.commit(read=[each.id for each in old])


def _dict(found: object) -> Json:
    return found if isinstance(found, dict) else {}


def _list(found: object) -> list[object]:
    return found if isinstance(found, list) else []


def _events(found: object) -> list[Json]:
    return [event for event in _list(_dict(found).get("events")) if isinstance(event, dict)]
