"""Times in people's own words: “på torsdag kl 18”, “tomorrow at 6”, “3/12 18.30”, “in two weeks”.

`when` gives the parser of an answer. What may mean several moments is asked about, never guessed: a day or an hour that
is not said, six o'clock, next Tuesday, what has passed, an hour that the change of clocks skips or repeats, another
zone. All words must be understood; nothing is passed over. An answer is kept as its moment, so it means the same later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.chat.content import Text, When
from bot.domain.moments import around_gap, local_day, moments_of
from bot.flows.questions import Answer, Choose, Ctx, Input, Meaning, Option, Parse, Retry
from bot.flows.time_reading import Reading, read
from bot.flows.words import clean, one_line

HOW = Text("I do not understand that time. Write a day and a time, such as “Thursday 18:30” or “3 December 18:30”.")
PASSED = Text("That has passed already. Please write another time.")
WHICH = Text("Which of these do you mean? You can also write it again.")
CONTRARY = Text("That date is another day of the week. Which of these do you mean? You can also write it again.")
WHICH_DAY = Text("On which day? Choose, or write the day.")
AGAIN = Text("That has passed already. Do you mean this?")
FAR_OFF = Text("That is a long way off. Is this right?")
NO_SUCH_TIME = Text("The clocks are changed that night, and there is no such time. Which of these is right?")
TWICE = Text("The clocks are changed that night, and it is that time twice. Which of the two?")
ELSEWHERE = Text("The clocks differ there and here. Which of these do you mean?")

NO_YEAR = timedelta(days=270)
"""A day named without its year is asked about when it is so far away: it may have been meant to be past."""
MAX_WORDS = 120
TIME_WORDS = 8
"""A time at the end of a sentence has at most so many words."""
MOST = 8
HOURS = (time(10), time(14), time(18), time(19))
PARTS = {"": HOURS, "late": (time(15), time(17), time(18), time(19)), "early": (time(8), time(9), time(10), time(11))}
_USUAL = {"": (time(18),), "late": (time(18),), "early": (time(10),)}
_ID = re.compile(r"m([1-9]\d{0,8})")
_MINUTE = 60


def when(*, zone: str = "", usual: time | None = None, furthest: int = 730) -> Parse:
    """Give a parser; its answers are aware moments (UTC) that are still to come, at most `furthest` days away.

    `zone` is where it happens, if that is not where the person is. With `usual`, a day alone means that time of it.
    """

    def parse(sent: Input, ctx: Ctx) -> Meaning:
        if sent.choice:
            known = _ID.fullmatch(sent.choice)
            return _checked(_moment(known[1]), ctx.now, furthest) if known else Retry(HOW)
        words = one_line(clean(sent.text))
        reading = read(words, ctx.now, zone or ctx.zone, ctx.locale) if 0 < len(words) <= MAX_WORDS else None
        return Retry(HOW) if reading is None else _meant(reading, ctx, zone or ctx.zone, usual, furthest)

    return parse


def with_time(text: str, ctx: Ctx) -> tuple[str, datetime] | None:
    """Part words into what is to be done and when, if they end in a time that can mean but one moment."""
    parse, words = when(), one_line(text).split()
    for begins in range(max(1, len(words) - TIME_WORDS), len(words)):
        meaning = parse(Input(" ".join(words[begins:])), ctx)
        what = " ".join(words[:begins]).rstrip(" ,;:–-")
        if isinstance(meaning, Answer) and isinstance(meaning.value, datetime) and what:
            return what, meaning.value
    return None


def told(at: datetime, zone: str, now: datetime) -> Text:
    """Say a moment in a zone, with its year when that is not soon."""
    if at - now > NO_YEAR:
        return Text("%(day)s at %(time)s", {"day": When(at, "day", zone), "time": When(at, "time", zone)})
    return Text("%(when)s", {"when": When(at, zone=zone)})


def _meant(reading: Reading, ctx: Ctx, home: str, usual: time | None, furthest: int) -> Meaning:
    """Give what words that were understood mean: one moment, or several to choose from."""
    if reading.at is not None:
        return _checked(reading.at, ctx.now, furthest)
    days, clocks, doubt = _filled_in(reading, ctx.now, home, usual)
    zones = [*dict.fromkeys([reading.zone, home] if reading.zone else [home, ctx.zone])]
    found = _moments(days, clocks, zones[:1])
    if len(zones) > 1 and (other := _moments(days, clocks, zones[1:])) != found:
        found, doubt = found | other, ELSEWHERE
    coming = sorted(at for at in found if at > ctx.now)
    if not coming:
        coming, doubt = _again(reading, clocks, zones[:1], ctx.now), AGAIN
    if not coming:
        return Retry(PASSED)
    if reading.contrary:
        doubt = CONTRARY
    elif any(not moments_of(day, clock, zone) for day in days for clock in clocks for zone in zones):
        doubt = NO_SUCH_TIME
    elif any(_twice(at, zone) for at in coming for zone in zones):
        doubt = TWICE
    elif reading.yearless and coming[0] - ctx.now > NO_YEAR:
        doubt = doubt or FAR_OFF
    near = [at for at in coming if at - ctx.now <= timedelta(days=furthest)]
    if not near or (len(coming) == 1 and doubt is None):
        return _checked(coming[0], ctx.now, furthest)
    return Choose(doubt or WHICH, tuple(_option(at, zones, home, ctx.now) for at in near[:MOST]))


def _filled_in(
    reading: Reading, now: datetime, home: str, usual: time | None
) -> tuple[tuple[date, ...], tuple[time, ...], Text | None]:
    """Give the days and times of day, what was not said being offered; then also what to ask."""
    days, clocks, doubt = reading.days, reading.clocks, None
    if not days:
        today = local_day(now, home)
        days, doubt = (today, today + timedelta(days=1)), WHICH_DAY
    if not clocks and usual is not None:
        clocks = (usual,)
    elif not clocks:
        one = len(days) == 1
        clocks, doubt = (PARTS[reading.part], _at_what_time(days[0])) if one else (_USUAL[reading.part], WHICH)
    return days, clocks, doubt


def _checked(at: datetime, now: datetime, furthest: int) -> Meaning:
    if at <= now:
        return Retry(PASSED)
    if at - now > timedelta(days=furthest):
        return Retry(Text("That is more than %(n)d days from now. Is there an earlier time?", {"n": furthest}))
    return Answer(_moment(_id(at)[1:]), Input(choice=_id(at)))


def _moments(days: Iterable[date], clocks: Iterable[time], zones: Iterable[str]) -> set[datetime]:
    """Give all moments that days and times of day may mean; where one does not exist, those around it."""
    return {
        at
        for zone in zones
        for day in days
        for clock in clocks
        for at in moments_of(day, clock, zone) or around_gap(day, clock, zone)
    }


def _again(reading: Reading, clocks: Iterable[time], zones: Iterable[str], now: datetime) -> list[datetime]:
    """Give when what has passed comes again: tomorrow, or next year; nothing for a day that was told exactly."""
    if reading.today:
        days = [day + timedelta(days=1) for day in reading.days]
    elif reading.yearless:
        days = [day.replace(year=day.year + 1) for day in reading.days if (day.month, day.day) != (2, 29)]
    else:
        return []
    return sorted(at for at in _moments(days, clocks, zones) if at > now)


def _option(at: datetime, zones: list[str], home: str, now: datetime) -> Option:
    label = told(at, home, now)
    other = next((zone for zone in zones if zone != home), "")
    if _twice(at, home):
        first = at.astimezone(ZoneInfo(home)).fold == 0
        label = (
            Text("%(when)s, before the clocks go back", {"when": label})
            if first
            else Text("%(when)s, after the clocks have gone back", {"when": label})
        )
    elif other:
        there = When(at, "time", other)
        label = Text("%(when)s here, %(there)s in %(zone)s", {"when": label, "there": there, "zone": city(other)})
    return Option(_id(at), label)


def city(zone: str) -> str:
    """Give the place that a zone is named after."""
    return zone.rpartition("/")[2].replace("_", " ")


def _twice(at: datetime, zone: str) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    return len(moments_of(local.date(), local.time(), zone)) > 1


def _at_what_time(day: date) -> Text:
    noon = When(datetime.combine(day, time(12), UTC), "date", "UTC")
    return Text("At what time on %(day)s? Choose, or write the time.", {"day": noon})


def _id(at: datetime) -> str:
    return f"m{int(at.timestamp()) // _MINUTE}"


def _moment(minutes: str) -> datetime:
    return datetime.fromtimestamp(int(minutes) * _MINUTE, UTC)
