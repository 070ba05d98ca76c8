"""Rooms: where people meet the bot, and how calm it is there.

A room belongs to at most one conversation, or to a helper group of it. Its *pace* is ``now`` (each card at once, five
a day at most, the rest in the day's message), ``daily``, ``weekly`` (on Sunday), or ``never``.
It is quiet from 20 to 08 in the room's zone, or in its own quiet hours: what nobody asked for waits until they end.
`way_of` is the one rule for cards that nobody in a room has asked for.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from bot.chat.keys import RoomKey
from bot.domain import calm
from bot.domain.calm import NIGHT, Digest, Quiet

SMALL_ROOM = 30
CARDS_A_DAY = 5
DIGEST_AT = time(17)

TOO_LATE = timedelta(hours=12)
"""A message that comes so shortly before something happens comes too late to tell of it."""
AT_ITS_TIME = frozenset({"prompt", "season", "conversation"})
"""The cards that a host has set to a moment: a question, a season, that the conversation has ended or goes on."""

Pace = Literal["", "now", "daily", "weekly", "never"]
Way = Literal["alone", "held", "never"]


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
    quiet: Quiet | None = None
    hears: bool = True
    carries_since: datetime | None = None

    @property
    def key(self) -> RoomKey:
        """The network's address."""
        return self.secret.key

    @property
    def often(self) -> Digest:
        """How often cards come here that nobody asked for."""
        return self.pace or ("now" if (self.members or 0) <= SMALL_ROOM else "daily")

    @property
    def at_once(self) -> bool:
        """Whether they come at once."""
        return self.often == "now"


def quiet_until(room: Room, now: datetime) -> datetime:
    """Give the moment from which one may write unasked: `now`, or the end of the room's quiet hours (UTC)."""
    return calm.quiet_until(room.quiet or NIGHT, room.zone, now)


def next_digest(room: Room, now: datetime) -> datetime:
    """Give the moment of the room's next message of what is new (UTC)."""
    next_at = calm.next_sunday if room.often == "weekly" else calm.next_time
    return quiet_until(room, next_at(room.zone, now, DIGEST_AT))


def way_of(
    room: Room, subject: str, now: datetime, *, today: int = 0, happens_at: datetime | None = None
) -> tuple[Way, datetime]:
    """Tell how a card comes that nobody in the room has asked for, and from when on.

    `alone`, never while it is quiet: what a host has set to a moment; what tells of something that happens (at a
    moment) before the next message could tell of it in time; and all else in a room that wants it at once, if it has
    had fewer than five cards `today`. `held`: in the next message, with all that is new. `never`: not at all.
    """
    at = quiet_until(room, now)
    if happens_at is not None and now < happens_at <= at:  # It would be over when the room wakes; cards make no noise.
        at = now
    if subject in AT_ITS_TIME:
        return "alone", at
    if room.often == "never":
        return "never", at
    digest = next_digest(room, now)
    soon = happens_at is not None and now < happens_at < digest + TOO_LATE
    if soon or (room.at_once and room.can_write and today < CARDS_A_DAY):
        return "alone", at
    return "held", digest
