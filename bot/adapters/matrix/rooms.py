"""What we know of rooms, from their state: names, rights, who is there, whether what is said is encrypted.

Rules
-----
* A room is private if somebody invited the bot to a conversation of two (`is_direct`), or the room has no name, and
  there are never more than two in it, those counted who are only invited: a third one makes a group of it.
* A room that was encrypted once stays so, whatever its state says later.
* In rooms of version 12 and later creators stand above all power levels; before, who made the room has no more than
  the levels say.
* A room that the bot made is marked as such in its very first event: it is a group from the beginning, and nobody
  added the bot to it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bot.adapters.matrix.words import plain

Json = dict[str, Any]

TWO = 2
ADMIN = 100
CREATORS_RANK = 10**6
_CREATORS_ABOVE_ALL_FROM = 12
MADE = "byalag.made"
"""Marks rooms of our own making, in their `m.room.create`."""


class Power(msgspec.Struct, omit_defaults=True):
    """A room's power levels, with the specification's defaults."""

    users: dict[str, int] = {}
    users_default: int = 0
    events: dict[str, int] = {}
    events_default: int = 0
    state_default: int = 50
    known: bool = False


class Room(msgspec.Struct, omit_defaults=True):
    """One room. `standing` is our own membership; `other` is who stands opposite in a private room."""

    id: str
    standing: str = ""
    title: str = ""
    alias: str = ""
    direct: bool = False
    encrypted: bool = False
    version: str = "1"
    creators: tuple[str, ...] = ()
    power: Power = msgspec.field(default_factory=Power)
    people: int = 0
    inviter: str = ""
    other: str = ""
    moved_to: str = ""
    came_from: str = ""
    told: bool = False
    """Whether it was told that the bot is there (`BotAdded`)."""
    made: bool = False
    """Whether the bot made it."""
    pinned: str = ""
    """The message of ours that is pinned."""
    unpinned: str = ""
    """The one that should be, and will be once we may."""
    aside: str = ""
    """In a private room: the bot's last question, if it is about a group."""
    names: dict[str, str] = {}

    @property
    def joined(self) -> bool:
        """Whether the bot is in the room."""
        return self.standing == "join"

    @property
    def private(self) -> bool:
        """Whether there is only one person with the bot."""
        return not self.made and self.people <= TWO and (self.direct or not (self.title or self.alias))

    def level(self, user: str) -> int:
        """Give somebody's power."""
        if user in self.creators and (self._creators_above_all or not self.power.known):
            return CREATORS_RANK if self._creators_above_all else ADMIN
        return self.power.users.get(user, self.power.users_default)

    @property
    def _creators_above_all(self) -> bool:
        return self.version.isdecimal() and int(self.version) >= _CREATORS_ABOVE_ALL_FROM

    def can_write(self, user: str) -> bool:
        """Tell whether somebody may send messages."""
        kind = "m.room.encrypted" if self.encrypted else "m.room.message"
        return self.level(user) >= self.power.events.get(kind, self.power.events_default)

    def can_pin(self, user: str) -> bool:
        """Tell whether somebody may pin messages."""
        return self.level(user) >= self.power.events.get("m.room.pinned_events", self.power.state_default)

    def is_admin(self, user: str) -> bool:
        """Tell whether somebody may change what others may do."""
        return self.level(user) >= ADMIN

    # From the state

    def apply(self, event: Json) -> None:
        """Take in an event of the state. What has another shape than it should is passed over."""
        content = event.get("content")
        if not isinstance(content, dict) or event.get("state_key") is None:
            return
        match event.get("type"):
            case "m.room.name":
                self.title = plain(content.get("name")).strip()
            case "m.room.canonical_alias":
                self.alias = plain(content.get("alias"))
            case "m.room.encryption":
                self.encrypted = True
            case "m.room.create":
                self._created(event, content)
            case "m.room.power_levels":
                self.power = _power(content)
            case "m.room.tombstone":
                self.moved_to = plain(content.get("replacement_room"))
            case "m.room.member":
                self._member(plain(event.get("state_key")), content)
            case _:
                return

    def _created(self, event: Json, content: Json) -> None:
        self.version = plain(content.get("room_version")) or "1"
        more = content.get("additional_creators")
        others = [plain(each) for each in more] if isinstance(more, list) else []
        self.creators = (plain(event.get("sender")), *others)
        before = content.get("predecessor")
        self.came_from = plain(before.get("room_id")) if isinstance(before, dict) else ""
        self.made = self.made or content.get(MADE) is True

    def _member(self, user: str, content: Json) -> None:
        if content.get("membership") in {"join", "invite"}:
            self.names[user] = plain(content.get("displayname")).strip()
        else:
            self.names.pop(user, None)

    def count(self, summary: object) -> None:
        """Take in what a sync says of how many there are."""
        if not isinstance(summary, dict):
            return
        numbers = [summary.get(f"m.{kind}_member_count") for kind in ("joined", "invited")]
        if any(isinstance(number, int) for number in numbers):
            self.people = sum(number for number in numbers if isinstance(number, int))


def _power(content: Json) -> Power:
    def levels(name: str) -> dict[str, int]:
        found = content.get(name)
        return {who: _level(level, 0) for who, level in found.items()} if isinstance(found, dict) else {}

    return Power(
        levels("users"), _level(content.get("users_default"), 0), levels("events"),
        _level(content.get("events_default"), 0), _level(content.get("state_default"), 50), known=True,
    )  # fmt: skip


def _level(level: object, default: int) -> int:
    if isinstance(level, str):  # some old rooms
        try:
            return int(level)
        except ValueError:
            return default
    return level if isinstance(level, int) and not isinstance(level, bool) else default
