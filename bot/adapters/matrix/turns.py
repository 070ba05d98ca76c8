"""One sync's worth of rooms: who came and left, what became of the bot's own standing, and the events that make of it.

Rules
-----
* What is said in a room before the bot joined it is not for the bot.
* `BotAdded` is told once a group, when the bot came, or when a third person makes a group of a private room; and again
  when its rights change. A room that another one moved to is the same group. Of a room that it made nothing is told.
* Whoever leaves the bot alone in a private room has closed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.adapters.matrix.crypto import Crypto
from bot.adapters.matrix.members import Members
from bot.adapters.matrix.place import Mark, Place, Unread
from bot.adapters.matrix.relations import content_of
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.translate import Me, moment_of, place_of, sender_of
from bot.adapters.matrix.words import plain
from bot.chat.events import BotAdded, BotRemoved, Event, MembersChanged, RoomMoved
from bot.chat.keys import RoomKey

Json = dict[str, Any]

GONE = frozenset({"leave", "ban"})


@dataclass
class Turn:
    """What one sync brings together: events for intake, and what is to be written after it."""

    me: Me
    place: Place
    members: Members
    crypto: Crypto
    events: list[Event | None] = field(default_factory=list)
    changed: dict[str, Room] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)
    left: list[Room] = field(default_factory=list)
    followed: list[Room] = field(default_factory=list)
    to_pin: list[Room] = field(default_factory=list)

    def room(self, room_id: str) -> Room:
        """Give a room, to be written after the turn."""
        room = self.place.rooms.setdefault(room_id, Room(room_id))
        self.changed[room_id] = room
        return room

    def invited(self, room_id: str, body: Json) -> Room:
        """Take in an invitation."""
        before = self.place.rooms.get(room_id)
        room = Room(room_id, standing="invite", encrypted=before is not None and before.encrypted)
        if before is not None and before.came_from:
            room.came_from, room.told, room.direct = before.came_from, before.told, before.direct
            room.made = before.made
        state = body.get("invite_state")
        events = state.get("events") if isinstance(state, dict) else None
        for event in events if isinstance(events, list) else []:
            if not isinstance(event, dict):
                continue
            room.apply(event)
            if event.get("type") == "m.room.member" and event.get("state_key") == self.me.id:
                room.inviter = room.other = plain(event.get("sender"))
                room.direct = room.direct or content_of(event).get("is_direct") is True
        self.place.rooms[room_id] = self.changed[room_id] = room
        return room

    def visit(self, room_id: str, body: Json, *, first: bool) -> Visit:
        """Begin with a room's part of the sync: its state before the timeline."""
        visit = Visit(self, self.room(room_id), first=first)
        visit.room.count(body.get("summary"))
        state = body.get("state")
        events = state.get("events") if isinstance(state, dict) else None
        for event in events if isinstance(events, list) else []:
            if isinstance(event, dict):
                visit.state(event)
        return visit


class Visit:
    """One room within a turn. `enter` each event of its timeline, and `end` it."""

    def __init__(self, turn: Turn, room: Room, *, first: bool) -> None:
        self.turn = turn
        self.room = room
        self._first = first
        self._was_there = room.joined
        self._rights = self._own_rights()
        self._came: Json | None = None
        self._at = len(turn.events)

    def _own_rights(self) -> tuple[bool, bool, bool]:
        room, me = self.room, self.turn.me.id
        return room.can_write(me), room.is_admin(me), room.can_pin(me)

    def beginning(self, said: Sequence[Json]) -> int:
        """Tell from which event of a timeline on it is for us: where we just came, the server tells what was before."""
        comings = (place for place, one in enumerate(said) if self._is_coming(one))
        return 0 if self._was_there else max(comings, default=0)

    def _is_coming(self, event: Json) -> bool:
        mine = event.get("type") == "m.room.member" and event.get("state_key") == self.turn.me.id
        return mine and content_of(event).get("membership") == "join" != _previous(event).get("membership")

    def enter(self, event: Json) -> bool:
        """Take in an event; True if it is (also) something said, and said to us."""
        if "state_key" not in event:
            return self.room.joined and not self._first
        previous = _previous(event)
        self.state(event)
        if self._first or not isinstance(event.get("event_id"), str):
            return False
        match event.get("type"):
            case "m.room.member" if event["state_key"] == self.turn.me.id:
                self._own_membership(event)
            case "m.room.member":
                self._membership(event, previous)
            case "m.room.tombstone" if self.room.joined and self.room.moved_to:
                self._moved(event)
            case "m.room.power_levels":
                self._new_rights(event)
            case _:
                pass
        return False

    def state(self, event: Json) -> None:
        """Take in an event of the state."""
        if event.get("type") == "m.room.member":
            self._member(event)
        self.room.apply(event)

    def _member(self, event: Json) -> None:
        user, content = plain(event.get("state_key")), content_of(event)
        self.turn.members.notice(self.room.id, user, content.get("membership"))
        if content.get("membership") != _previous(event).get("membership"):
            self.turn.crypto.renew(self.room.id)
        if user == self.turn.me.id:
            self.room.standing = plain(content.get("membership"))
            before = _previous(event)
            if before.get("is_direct") is True:
                self.room.direct = True
            if self.room.joined and before.get("membership") == "invite":
                self.room.inviter = self.room.inviter or plain(_unsigned(event).get("prev_sender"))
            if not self.room.joined:
                self._came = None  # What came before was an earlier stay.
            elif not self._was_there and self._came is None:
                self._came = event
                self._at = len(self.turn.events)
        elif not self.room.other and content.get("membership") in {"join", "invite"}:
            self.room.other = user

    def _own_membership(self, event: Json) -> None:
        if self.room.standing in GONE and self._was_there:
            if event["sender"] != self.turn.me.id:
                self.turn.events.append(BotRemoved(**self._base(event)))
            self.turn.members.forget(self.room.id)
            self._was_there = False
            self.room.told = False

    def _membership(self, event: Json, previous: Json) -> None:
        now, before = content_of(event).get("membership"), previous.get("membership")
        if not self.room.joined or (now == "join") == (before == "join") or not self._was_there:
            return
        if self.room.private and now in GONE and event["state_key"] == self.room.other:
            base = self._base(event)
            self.turn.events.append(BotRemoved(**base))
            self.room.standing = "leave"
            self.turn.left.append(self.room)
        elif not self.room.private:
            self.turn.events.append(MembersChanged(**self._base(event), members=self._people))

    def _moved(self, event: Json) -> None:
        to = self.turn.room(self.room.moved_to)
        self.turn.events.append(RoomMoved(**self._base(event), to=RoomKey(self.turn.me.channel, to.id)))
        if not to.joined:
            to.standing = "invite"
            to.inviter = to.inviter or plain(event["sender"])
            self.turn.followed.append(to)
        to.told, to.came_from, to.direct, to.other = self.room.told, self.room.id, self.room.direct, self.room.other
        to.made = self.room.made

    def _new_rights(self, event: Json) -> None:
        rights = self._own_rights()
        if self.room.told and self.room.joined and rights != self._rights:
            self._rights = rights
            if self.room.unpinned and self.room.can_pin(self.turn.me.id):
                self.turn.to_pin.append(self.room)
            self.turn.events.append(self._added(self._base(event)))

    def end(self) -> None:
        """Tell of the bot's coming, now that all is known."""
        room, me = self.room, self.turn.me
        if not room.joined or room.private or room.told:
            return
        room.told = True
        if room.made:
            return
        who = room.inviter or room.other or me.id
        at = moment_of(self._came) if self._came is not None else datetime.now(UTC)
        event_id = plain(self._came.get("event_id")) if self._came is not None else ""
        base: dict[str, Any] = {"id": event_id or f"{room.id} added", "at": at}
        base |= {"room": place_of(room, me), "sender": sender_of(who, room, me)}
        self.turn.events.insert(self._at if self._came is not None else len(self.turn.events), self._added(base))

    def _added(self, base: dict[str, Any]) -> BotAdded:
        can_write, admin, can_pin = self._own_rights()
        return BotAdded(**base, members=self._people, can_write=can_write, can_pin=can_pin, admin=admin)

    @property
    def _people(self) -> int | None:
        """How many there are beside the bot."""
        return max(self.room.people - 1, 0) if self.room.people else None

    def _base(self, event: Json) -> dict[str, Any]:
        room, me = self.room, self.turn.me
        sender = sender_of(plain(event.get("sender")), room, me)
        return {"id": event["event_id"], "at": moment_of(event), "room": place_of(room, me), "sender": sender}


def _unsigned(event: Json) -> Json:
    found = event.get("unsigned")
    return found if isinstance(found, dict) else {}


def _previous(event: Json) -> Json:
    """Give what the state said before, as the server tells."""
    found = _unsigned(event).get("prev_content") or event.get("prev_content")
    return found if isinstance(found, dict) else {}
