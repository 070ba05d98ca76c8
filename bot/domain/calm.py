"""Calm: when people and rooms are not to be disturbed, and when what nobody asked for may be said.

A person's *digest* is ``now`` (what comes first is said at once), ``daily`` (in the evening), ``weekly`` (on Sunday
evening; so it is unless they choose), or ``never``. Whatever it is, a person gets one unasked message a day at most, by
the days of the place where they are, and none in their quiet hours.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bot.chat.content import Content
from bot.domain.moments import local_day, moment_of

EVENING = time(18)
SUNDAY = 6
SATURDAY = 5
DAY = timedelta(days=1)
KEEP_TOLD = timedelta(days=30)
"""How long a note that was told can still be opened."""

Digest = Literal["", "now", "daily", "weekly", "never"]
NoteKind = Literal["paced", "soon", "set", "reminder"]


class Quiet(msgspec.Struct, frozen=True, array_like=True):
    """The hours in which it is quiet, by the clocks of a place; none if they end as they begin. `weekend`: all day."""

    start: time
    until: time
    weekend: bool = False

    def end(self, local: datetime) -> tuple[datetime, time] | None:
        """Give on which day (a moment of it) and at what time the quiet ends in which it is now; None if it is not."""
        if self.weekend and local.weekday() >= SATURDAY:
            return local + DAY, time()
        clock = local.time()
        if self.start <= self.until:
            return (local, self.until) if self.start <= clock < self.until else None
        if clock >= self.start:
            return local + DAY, self.until
        return (local, self.until) if clock < self.until else None


NIGHT = Quiet(time(20), time(8))
"""The quiet hours of all who have not chosen their own."""


class Calm(msgspec.Struct, frozen=True):
    """How calm a person wants it, and when they were last told something unasked. `secret` is their quiet hours."""

    person_id: UUID
    digest: Digest = ""
    told_at: datetime | None = None
    secret: Quiet | None = None

    @property
    def quiet(self) -> Quiet:
        """Their quiet hours."""
        return self.secret or NIGHT


class Note(msgspec.Struct, frozen=True):
    """What a person is to be told, and from when on it should be. Of notes with one `unique_key` there is one.

    `paced` notes come with the digest, `soon` ones with the next day's message, `set` ones when they should; a
    `reminder` was asked for, and comes by itself. One that is told holds more than its line, and can be opened still.
    """

    id: UUID
    person_id: UUID
    kind: NoteKind
    at: datetime
    created_at: datetime
    secret: Content
    unique_key: str | None = None
    told: bool = False


def quiet_until(quiet: Quiet, zone: str, now: datetime) -> datetime:
    """Give the moment from which one may write unasked: `now`, or the end of the quiet hours (UTC)."""
    at = now
    for _day in range(4):  # a night, and a weekend
        ends = quiet.end(at.astimezone(ZoneInfo(zone)))
        if ends is None:
            return at
        at = max(moment_of(ends[0].date(), ends[1], zone), at)
    return at


def evening(zone: str, now: datetime) -> datetime:
    """Give the next evening (UTC)."""
    return next_time(zone, now, EVENING)


def digest_at(calm: Calm, zone: str, now: datetime) -> datetime:
    """Give when a person wants to be told what has come now (UTC)."""
    if calm.digest == "now":
        return now
    if calm.digest == "daily":
        return evening(zone, now)
    return next_sunday(zone, now, EVENING)


def free_at(calm: Calm, zone: str, wanted: datetime) -> datetime:
    """Give when a person can be told what should be told at a moment: not on a day when they were told something."""
    at = wanted
    if calm.told_at is not None:
        day, told = local_day(wanted, zone), local_day(calm.told_at, zone)
        if day <= told:
            at = moment_of(told + DAY, wanted.astimezone(ZoneInfo(zone)).time(), zone)
    return quiet_until(calm.quiet, zone, at)


def next_time(zone: str, now: datetime, clock: time) -> datetime:
    """Give when it is next this time of the day, in a zone."""
    at = moment_of(local_day(now, zone), clock, zone)
    return at if at > now else moment_of(local_day(now, zone) + DAY, clock, zone)


def next_sunday(zone: str, now: datetime, clock: time) -> datetime:
    """Give when it is next this time of a Sunday, in a zone."""
    day = local_day(next_time(zone, now, clock), zone)
    return moment_of(day + (SUNDAY - day.weekday()) * DAY, clock, zone)
