"""Rooms: where people meet the bot, and how calm it is there.

A room belongs to at most one conversation, or to a helper group of it. Its *pace* is ``now`` (each idea's card at once,
at most five a day, the rest waits for the day's message) or ``daily`` (one message with the day's ideas).
It is quiet from 20 to 08 in the room's zone, or in its own quiet hours: what nobody asked for waits until they end.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal
from uuid import UUID

import msgspec

from bot.chat.keys import RoomKey
from bot.domain import calm
from bot.domain.calm import NIGHT, Quiet

SMALL_ROOM = 30
CARDS_A_DAY = 5
DIGEST_AT = time(17)

Pace = Literal["", "now", "daily"]


class RoomSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a room under encryption. `made`: by the bot, for a helper group."""

    key: RoomKey
    title: str = ""
    made: bool = False


class Room(msgspec.Struct, frozen=True):
    """A place to write to. `lookup` is the keyed hash of its key. `gone`: the bot cannot write there any more.

    `hears`: all that is said there reaches the bot. `carries_since`: from when on what is said there is carried to the
    other rooms of its helper group.
    """

    id: UUID
    channel: str
    lookup: bytes
    secret: RoomSecret
    private: bool
    created_at: datetime
    locale: str = ""
    zone: str = "Europe/Stockholm"
    conversation_id: UUID | None = None
    group_id: UUID | None = None
    pace: Pace = ""
    members: int | None = None
    can_write: bool = True
    gone: bool = False
    slow_until: datetime | None = None
    digested_at: datetime | None = None
    quiet: Quiet | None = None
    hears: bool = True
    carries_since: datetime | None = None

    @property
    def key(self) -> RoomKey:
        """The network's address."""
        return self.secret.key

    @property
    def at_once(self) -> bool:
        """Whether ideas show at once here."""
        return self.pace == "now" or (self.pace == "" and (self.members or 0) <= SMALL_ROOM)


def quiet_until(room: Room, now: datetime) -> datetime:
    """Give the moment from which one may write unasked: `now`, or the end of the room's quiet hours (UTC)."""
    return calm.quiet_until(room.quiet or NIGHT, room.zone, now)


def next_digest(room: Room, now: datetime) -> datetime:
    """Give the moment of the room's next message with the day's ideas (UTC)."""
    return quiet_until(room, calm.next_time(room.zone, now, DIGEST_AT))
