"""Moments and clocks: what a day and a time of day mean in a zone, also where the clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_FOLDS = (0, 1)


def moments_of(day: date, clock: time, zone: str) -> tuple[datetime, ...]:
    """Give when it is this time on this day (UTC): one moment; two where the clocks go back, none where they go on."""
    here = ZoneInfo(zone)
    wall = datetime.combine(day, clock)
    found = {wall.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in _FOLDS}
    return tuple(sorted(at for at in found if at.astimezone(here).replace(tzinfo=None) == wall))


def around_gap(day: date, clock: time, zone: str) -> tuple[datetime, datetime]:
    """Give the two moments (UTC) that a time which does not exist may mean: so long before the change, or after it."""
    wall = datetime.combine(day, clock, ZoneInfo(zone))
    before, after = (wall.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    return before, after


def moment_of(day: date, clock: time, zone: str) -> datetime:
    """Give one moment in any case (UTC): the first of two; where the clocks go on, the hour after the change."""
    found = moments_of(day, clock, zone)
    return found[0] if found else around_gap(day, clock, zone)[1]


def local_day(at: datetime, zone: str) -> date:
    """Give the day that it is in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()
