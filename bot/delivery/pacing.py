"""How fast one may write to a network: a token bucket in all, a pace per room, a window per minute for groups.

Pure bookkeeping over moments that are handed in, so that a virtual clock can prove it.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from bot.chat.port import Limits

MINUTE = timedelta(minutes=1)
MOST_REMEMBERED = 10_000
UNLIMITED = 1_000_000


class Pacer:
    """Tells how many messages may go out now, and which rooms must wait. `take` counts one as sent."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._tokens = float(max(limits.burst, 1))
        self._filled_at: datetime | None = None
        self._held: dict[UUID, datetime] = {}
        self._credit: dict[UUID, tuple[float, datetime]] = {}
        self._minutes: dict[UUID, deque[datetime]] = {}
        self._paused_until: datetime | None = None
        self._seen: datetime | None = None

    def available(self, now: datetime) -> int:
        """How many messages may go out now, to whatever rooms."""
        self._look(now)
        if self._paused_until is not None and now < self._paused_until:
            return 0
        if not self.limits.overall:
            return UNLIMITED
        self._fill(now)
        return int(self._tokens + 1e-6)

    def held(self, now: datetime) -> list[UUID]:
        """Which rooms must wait."""
        self._look(now)
        self._held = {room: until for room, until in self._held.items() if now < until}
        return list(self._held)

    def next_free(self, now: datetime) -> datetime | None:
        """When something that waits now may go on, at the earliest."""
        moments = [until for until in self._held.values() if now < until]
        if self._paused_until is not None and now < self._paused_until:
            moments.append(self._paused_until)
        elif self.limits.overall and self._tokens < 1:
            moments.append(now + _at_least((1 - self._tokens) / self.limits.overall))
        return min(moments, default=None)

    def take(self, room: UUID, now: datetime, *, group: bool) -> None:
        """Count a message to a room."""
        if self.limits.overall:
            self._fill(now)
            self._tokens -= 1
        if self.limits.per_room:
            self._take_room(room, now)
        if group and self.limits.group_per_minute:
            sent = self._minutes.setdefault(room, deque())
            sent.append(now)
            while sent and sent[0] <= now - MINUTE:
                sent.popleft()
            if len(sent) >= self.limits.group_per_minute:
                self.hold(room, sent[0] + MINUTE)

    def hold(self, room: UUID, until: datetime) -> None:
        """Let a room wait: the network said so."""
        self._held[room] = max(until, self._held.get(room, until))

    def pause(self, until: datetime) -> None:
        """Let the whole channel wait: the network is down, or said so."""
        self._paused_until = max(until, self._paused_until or until)

    def _take_room(self, room: UUID, now: datetime) -> None:
        """A room may have a short burst; afterwards one message each `1 / per_room` seconds."""
        credit, at = self._credit.get(room, (float(self.limits.burst), now))
        credit = min(credit + (now - at).total_seconds() * self.limits.per_room, self.limits.burst) - 1
        self._credit[room] = (credit, now)
        if credit < 1:
            self.hold(room, now + _at_least((1 - credit) / self.limits.per_room))
        if len(self._credit) > MOST_REMEMBERED:
            self._forget(now)

    def _look(self, now: datetime) -> None:
        """A clock that was set back makes all moments meaningless; the network itself says if that was too fast."""
        if self._seen is not None and now < self._seen:
            self._held, self._credit, self._minutes, self._paused_until = {}, {}, {}, None
            self._filled_at = now
        self._seen = now

    def _fill(self, now: datetime) -> None:
        if self._filled_at is not None:
            gained = (now - self._filled_at).total_seconds() * self.limits.overall
            self._tokens = min(self._tokens + max(gained, 0), float(max(self.limits.burst, 1)))
        self._filled_at = now

    def _forget(self, now: datetime) -> None:
        full = timedelta(seconds=self.limits.burst / self.limits.per_room)
        self._credit = {room: entry for room, entry in self._credit.items() if now - entry[1] < full}
        self._minutes = {room: sent for room, sent in self._minutes.items() if sent[-1] > now - MINUTE}


def _at_least(seconds: float) -> timedelta:
    """Round up to what a moment can tell."""
    return timedelta(microseconds=ceil(seconds * 1_000_000))
