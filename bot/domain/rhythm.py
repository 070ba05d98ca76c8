"""The rhythm between two meetings: gather, weigh, what unites us, where is the energy, and a page to print.

The steps are spread over the days to the meeting, at most one a day, the page on the day before. Where there are fewer
days than steps, those in the middle are left out first: ideas, hands and the page are what a meeting needs most.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from bot.domain.moments import local_day, moment_of

Step = Literal["weigh", "unites", "energy", "page"]
"""What comes after the gathering, with which it begins."""
RhythmState = Literal["running", "paused", "over"]

STEPS: tuple[Step, ...] = ("weigh", "unites", "energy", "page")
_SHARES: dict[Step, float] = {"weigh": 0.4, "unites": 0.65, "energy": 0.8, "page": 1.0}
"""Where each stands between the first day and the last one before the meeting."""
_LEFT_OUT: tuple[Step, ...] = ("unites", "weigh", "energy")
"""What is left out where the days are few, the first first."""
AT = time(12)


class Rhythm(msgspec.Struct, frozen=True):
    """The rhythm of one conversation, with the steps that are still to come, each with its moment."""

    conversation_id: UUID
    begun_at: datetime
    meeting_at: datetime
    state: RhythmState = "running"
    steps: tuple[tuple[Step, datetime], ...] = ()


def plan(left: Sequence[Step], now: datetime, meeting_at: datetime, zone: str) -> tuple[tuple[Step, datetime], ...]:
    """Give each step that is left its moment (UTC): none today, the page on the day before the meeting."""
    today, last = local_day(now, zone), local_day(meeting_at, zone) - timedelta(days=1)
    steps = list(left)
    for step in _LEFT_OUT:
        if step in steps and len(steps) > max((last - today).days, 1):
            steps.remove(step)
    if last <= today:
        return tuple((step, now + (meeting_at - now) / 2) for step in steps[-1:])
    before = max((share for step, share in _SHARES.items() if step not in left and step != "page"), default=0.0)
    days = _spread([(_SHARES[step] - before) / (1 - before) for step in steps], today, last)
    return tuple((step, moment_of(day, AT, zone)) for step, day in zip(steps, days, strict=True))


def _spread(shares: list[float], today: date, last: date) -> list[date]:
    """Give a day for each share of the way from tomorrow on, no two the same."""
    length = (last - today).days
    numbers = [max(round(share * length), place) for place, share in enumerate(shares, 1)]
    for place in range(1, len(numbers)):
        numbers[place] = max(numbers[place], numbers[place - 1] + 1)
    for place in range(len(numbers) - 1, -1, -1):
        numbers[place] = min(numbers[place], length - (len(numbers) - 1 - place))
    return [today + timedelta(days=number) for number in numbers]
