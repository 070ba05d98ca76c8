"""The rhythm between two meetings: gather, weigh, what unites us, where is the energy, and a page to print.

The steps are spread over the days from the beginning to the meeting, at most one a day. Where there are fewer days than
steps, those in the middle are left out first: ideas, hands and the page are what a meeting needs most.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID

import msgspec

from bot.domain.moments import local_day, moment_of

Step = Literal["gather", "weigh", "unites", "energy", "page"]
RhythmState = Literal["running", "paused", "over"]

STEPS: tuple[Step, ...] = ("gather", "weigh", "unites", "energy", "page")
_SHARES: dict[Step, float] = {"gather": 0.0, "weigh": 0.4, "unites": 0.65, "energy": 0.8, "page": 1.0}
"""Where each stands between the first day and the last one before the meeting."""
_LEFT_OUT: tuple[Step, ...] = ("unites", "weigh", "energy")
"""What is left out where the days are few, the first first."""
AT = time(12)
LONGEST = timedelta(days=365)


class Rhythm(msgspec.Struct, frozen=True):
    """The rhythm of one conversation. `done` are the steps that were taken."""

    conversation_id: UUID
    begun_at: datetime
    meeting_at: datetime
    state: RhythmState = "running"
    done: tuple[str, ...] = ()


def plan(rhythm: Rhythm, zone: str) -> tuple[tuple[Step, datetime], ...]:
    """Give each step with its moment (UTC): the first at once, the page on the day before the meeting."""
    first, meeting = local_day(rhythm.begun_at, zone), local_day(rhythm.meeting_at, zone)
    last = max(first, meeting - timedelta(days=1))
    steps = list(STEPS)
    for step in _LEFT_OUT:
        if len(steps) > (last - first).days + 1:
            steps.remove(step)
    if last == first:
        return _short(rhythm)
    days = _spread([_SHARES[step] for step in steps], first, last)
    moments = [rhythm.begun_at, *(moment_of(day, AT, zone) for day in days[1:])]
    return tuple(zip(steps, moments, strict=True))


def _short(rhythm: Rhythm) -> tuple[tuple[Step, datetime], ...]:
    """Give the steps where the meeting is today or tomorrow: the page comes halfway to it."""
    return ("gather", rhythm.begun_at), ("page", rhythm.begun_at + (rhythm.meeting_at - rhythm.begun_at) / 2)


def _spread(shares: list[float], first: date, last: date) -> list[date]:
    """Give a day for each share of the way, no two the same."""
    length = (last - first).days
    numbers = [round(share * length) for share in shares]
    for place, (before, now) in enumerate(pairwise(numbers)):
        if now <= before:
            numbers[place + 1] = numbers[place] + 1
    for place in range(len(numbers) - 1, -1, -1):
        numbers[place] = min(numbers[place], length - (len(numbers) - 1 - place))
    return [first + timedelta(days=number) for number in numbers]
