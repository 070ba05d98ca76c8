"""The calendar of rules: on which days, and at which moments. The arithmetic of days is that of APScheduler's triggers.

They are asked about days alone, by UTC, which changes no clocks. What a time of day means on a day stands in
`domain.moments`: of a doubled hour it is the first, of a missing one the moment after the change. So each day of a rule
has one moment, in every zone, in spring and autumn too.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from bot.domain.calm import NIGHT, Quiet, quiet_until
from bot.domain.moments import local_day, moment_of
from bot.domain.prompts import Rule
from bot.flows.plan_prompts import Coming

WEEK = 7
MONTHS = 12
DAY = timedelta(days=1)
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NTH = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", -1: "last"}


def times(rule: Rule, zone: str, after: datetime) -> Iterator[tuple[date, datetime]]:
    """Give a rule's days after a moment, each with the moment that it is in a zone (UTC)."""
    for day in days(rule, local_day(after, zone) - DAY):
        at = moment_of(day, rule.clock, zone)
        if at > after:
            yield day, at


def coming(rule: Rule, zone: str, now: datetime, most: int = 3, quiet: Quiet = NIGHT) -> tuple[Coming, ...]:
    """Give when it is the next few times, and when it is asked then: not while it is quiet."""
    return tuple(Coming(at, quiet_until(quiet, zone, at)) for _day, at in islice(times(rule, zone, now), most))


def days_ahead(rule: Rule, zone: str, now: datetime, most: int, quiet: Quiet = NIGHT) -> set[date]:
    """Give a rule's next days on which something is asked."""
    return {local_day(one.asked, zone) for one in coming(rule, zone, now, most, quiet)}


def days(rule: Rule, since: date) -> Iterator[date]:
    """Give a rule's days from one on."""
    since = max(since, rule.first)
    match rule.every:
        case "once":
            return iter((rule.first,) if since <= rule.first else ())
        case "days":
            return _each(rule.first, rule.interval, since)
        case "weeks" if rule.interval == 1:
            return _fires(_cron(day_of_week=",".join(_NAMES[one] for one in rule.weekdays)), since)
        case "weeks":
            monday = rule.first - timedelta(days=rule.first.weekday())
            each = [_each(monday + timedelta(days=one), rule.interval * WEEK, since) for one in rule.weekdays]
            return heapq.merge(*each)
        case "months":
            first = rule.first.month - 1
            months = sorted({(first + step) % MONTHS + 1 for step in range(0, MONTHS, rule.interval)})
            on = f"{_NTH[rule.nth]} {_NAMES[rule.weekdays[0]]}" if rule.nth else rule.day
            return _fires(_cron(month=",".join(map(str, months)), day="last" if on == -1 else on), since)
        case _:
            raise ValueError(rule.every)


def _each(first: date, interval: int, since: date) -> Iterator[date]:
    """Give each so many days, counted from the first."""
    from apscheduler.triggers.calendarinterval import CalendarIntervalTrigger  # noqa: PLC0415 (only where one plans)

    steps = max(-((first - since).days // interval), 0)
    start = first + timedelta(days=steps * interval)
    trigger = CalendarIntervalTrigger(days=interval, start_date=start, timezone=UTC)
    return (day for day in _fires(trigger, start) if day >= since)


def _cron(**fields: Any) -> Any:
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 (only where one plans)

    return CronTrigger(hour=0, timezone=UTC, **fields)


def _fires(trigger: Any, since: date) -> Iterator[date]:
    """Give the days on which a trigger fires by UTC, from one on."""
    at = trigger.get_next_fire_time(None, datetime.combine(since, time(), UTC))
    while at is not None:
        yield at.date()
        at = trigger.get_next_fire_time(at, at + DAY / 2)
