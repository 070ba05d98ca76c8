"""Reads the words of a time: which days and which times of day they may mean. Knows no question and no answer.

What is understood is taken out of the words, piece by piece; what remains at the end must be a filler. Days in
languages that have no table of their own here are read by dateparser, which is loaded when it is first needed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from bot.domain.moments import local_day
from bot.flows import time_words as words
from bot.flows.days import in_language, months_on, soon
from bot.flows.words import fold

HALF_DAY, MINUTES = 12, 60
MONTH_NUMBERS = range(1, 13)
EARLIEST_SURE = 9
"""A bare hour from this one on is taken as it is written; six may be in the morning or the evening."""
WEEK = 7
MOST_UNITS = 1000


class Reading(msgspec.Struct, frozen=True):
    """What the words may mean: days and times of day (none: not said), or one moment.

    `zone` was named; `yearless`: the year was not; `today`: it was said so; `part` of the day, if it was said.
    `contrary`: the date is another day of the week than was said; both are given.
    """

    days: tuple[date, ...] = ()
    clocks: tuple[time, ...] = ()
    zone: str = ""
    at: datetime | None = None
    yearless: bool = False
    today: bool = False
    part: Literal["", "early", "late"] = ""
    contrary: bool = False


def read(text: str, now: datetime, zone: str, locale: str) -> Reading | None:
    """Read the words of somebody in a zone; None if not all of them are understood."""
    reader = _Reader(text, now, zone)
    try:
        return reader.read(locale)
    except (ValueError, OverflowError, KeyError):
        return None


class _Reader:
    """The words that are left, and what was found in them."""

    def __init__(self, text: str, now: datetime, zone: str) -> None:
        self.left = f" {words.MARKS.sub(' ', words.T.sub(' ', fold(text).replace('–', '-')))} "
        self.now, self.home = now, zone
        self.today = local_day(now, zone)
        self.days: tuple[date, ...] = ()
        self.clocks: tuple[time, ...] = ()
        self.zone = ""
        self.part: Literal["", "early", "late"] = ""
        self.yearless = self.said_today = self.midnight = self.contrary = False

    def read(self, locale: str) -> Reading | None:
        """Give what is said; None if not all is understood. Raises `ValueError` where a number is no day or hour."""
        at = self._from_now()
        if at is not None:
            return Reading(at=at) if self._nothing_left() else None
        offset = self._named_zone()
        self._exact_clock()
        self._date(month_first=locale.startswith("en"))
        self._parts_of_day()
        self._clock()
        if not self.days:
            self._day_of_month()
        if not self.days:
            self._days()
        if not self._nothing_left() and not (not self.days and self._foreign_day(locale)):
            return None
        if not (self.days or self.clocks):
            return None
        self._choose_half()
        if self.midnight and self.days:  # It begins a day, and ends another.
            self.days = (*self.days, self.days[-1] + timedelta(days=1))
        if offset is not None:
            if len(self.days) != 1 or len(self.clocks) != 1:
                return None
            return Reading(at=(datetime.combine(self.days[0], self.clocks[0]) - offset).replace(tzinfo=UTC))
        return Reading(
            self.days, self.clocks, self.zone, None, self.yearless, self.said_today, self.part, self.contrary
        )

    def _take(self, pattern: re.Pattern[str] | str) -> re.Match[str] | None:
        found = re.search(pattern, self.left)
        if found:
            self.left = f"{self.left[: found.start()]} {self.left[found.end() :]}"
        return found

    def _nothing_left(self) -> bool:
        return all(word in words.FILLERS for word in self.left.split())

    def _from_now(self) -> datetime | None:
        """In two hours; in a week is a day."""
        found = self._take(words.IN)
        if not found:
            return None
        n, unit = _number(found[1]), words.UNIT_OF[found[2]]
        if n > MOST_UNITS:
            raise ValueError(n)
        if unit in {"minute", "hour"}:
            delta = timedelta(minutes=n) if unit == "minute" else timedelta(hours=n)
            return (self.now + delta + timedelta(seconds=59)).replace(second=0, microsecond=0)
        weekday = self._take(words.WEEKDAY) if unit == "week" else None
        if weekday:  # Thursday in a week
            self.days = (self._coming(words.WEEKDAYS[weekday[3]]) + timedelta(days=WEEK * n),)
        elif unit == "month":
            self.days = (months_on(self.today, n),)
        else:
            self.days = (self.today + timedelta(days=n * (WEEK if unit == "week" else 1)),)
        return None

    def _named_zone(self) -> timedelta | None:
        """Take a zone; one that is told as hours from UTC is given."""
        found = self._take(words.OFFSET)
        if found:
            hours = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
            return hours if found[1] == "+" else -hours
        if self._take(words.UTC):
            self.zone = "UTC"
        elif iana := self._take(words.IANA):
            self.zone = "/".join("_".join(part.title() for part in one.split("_")) for one in iana[0].split("/"))
            ZoneInfo(self.zone)
        elif named := self._take(words.ZONE):
            self.zone = words.ZONES[named[0]]
        return None

    def _exact_clock(self) -> None:
        """18:30, 6:30 pm, 6 pm, 18.30."""
        if found := self._take(words.COLON):
            self._set(int(found[1]), int(found[2]), found[3] or "", exact=len(found[1]) > 1)
        elif found := self._take(words.MERIDIEM):
            self._set(int(found[1]), 0, found[2])
        else:
            self._dotted_clock()

    def _dotted_clock(self) -> None:
        """18.30 is a time, 3.12. a day, and 3.12 whichever of them is not said otherwise."""
        dotted = list(words.DOTTED.finditer(self.left))
        sure = [one for one in dotted if self._no_date(one)]
        other_clock = bool(sure or words.AT.search(self.left))
        maybe = [] if other_clock else [one for one in dotted if not (one[3] or one[0].rstrip().endswith("."))][-1:]
        for found in (sure or maybe)[:1]:
            self.left = f"{self.left[: found.start()]} {self.left[found.end() :]}"
            self._set(int(found[1]), int(found[2]), found[4] or "", exact=len(found[1]) > 1)

    def _no_date(self, dotted: re.Match[str]) -> bool:
        at = re.search(r"\b(?:kl|klockan|at|vid)\.?\s*$", self.left[: dotted.start()])
        minutes = len(dotted[2]) > 1 and not dotted[3]
        return minutes and bool(at or dotted[4] or int(dotted[2]) not in MONTH_NUMBERS)

    def _date(self, *, month_first: bool) -> None:
        """2026-12-03, 3/12 (where English is spoken, that may be in March), 3.12., 3 December, December 3rd."""
        if self.days:
            return
        if found := self._take(words.ISO):
            self.days = (date(int(found[1]), int(found[2]), int(found[3])),)
        elif found := self._take(words.DAY_MONTH):
            self._dated(int(found[1]), words.MONTHS[found[2]], found[3])
        elif found := self._take(words.MONTH_DAY):
            self._dated(int(found[2]), words.MONTHS[found[1]], found[3])
        elif found := self._take(words.SLASH):
            self._slashed(int(found[1]), int(found[2]), found[3], month_first=month_first)
        elif found := self._take(words.DOTTED):
            self._dated(int(found[1]), int(found[2]), found[3])
        if self.days:
            self._day_of_the_week()

    def _day_of_the_week(self) -> None:
        """Keep those days that are the day of the week that was said; where none is, the nearest one that is, too."""
        if weekday := self._take(words.WEEKDAY):
            wanted = words.WEEKDAYS[weekday[3]]
            fitting = tuple(day for day in self.days if day.weekday() == wanted)
            if not fitting:
                day, self.contrary = self.days[0], True
                fitting = (day, day + timedelta(days=(wanted - day.weekday() + WEEK // 2) % WEEK - WEEK // 2))
            self.days = fitting

    def _slashed(self, one: int, other: int, year: str | None, *, month_first: bool) -> None:
        if not month_first or one not in MONTH_NUMBERS or one == other:
            self._dated(one, other, year)
            return
        self._dated(other, one, year)
        if other in MONTH_NUMBERS:
            last = self.days
            self._dated(one, other, year)
            self.days += last

    def _dated(self, day: int, month: int, year: str | None) -> None:
        if year:
            self.days = (date(int(year) + (2000 if len(year) < 4 else 0), month, day),)  # noqa: PLR2004 (digits)
            return
        self.yearless = True
        self.days = (soon(day, month, self.today),)

    def _parts_of_day(self) -> None:
        """Take words for the evening and the morning; what is this evening is today."""
        if found := self._take(rf"\b(?:{words.LATE})\b"):
            self.part = "late"
            if found[0] in words.DAYS:
                self._set_today()
        elif self._take(rf"\b(?:{words.EARLY})\b"):
            self.part = "early"

    def _set_today(self) -> None:
        if not self.days:
            self.days, self.said_today = (self.today,), True

    def _clock(self) -> None:
        """At 6, half past six, noon; a bare number only beside a day, which is looked for first."""
        if self.clocks:
            return
        if self._take(rf"\b(?:{words.MIDNIGHT})\b"):
            self.clocks, self.midnight = (time(0),), True
        elif self._take(rf"\b(?:{words.one_of(words.CLOCKS)})\b"):
            self.clocks = (time(HALF_DAY),)
        elif found := self._take(words.HALF):
            minutes = words.MINUTES_OF.get(found[1], -15)
            total = _number(found[2]) * MINUTES + minutes
            self._set(total // MINUTES, total % MINUTES, "")
        elif (found := self._take(words.AT)) or (found := self._take(words.BARE)):
            self._set(_number(found[1]), 0, "", exact=found[1].startswith("0"))

    def _set(self, hour: int, minute: int, half: str, *, exact: bool = False) -> None:
        """Keep a time of day. One that is not `exact` may be twelve hours later, if it is a small one."""
        if half and not 0 < hour <= HALF_DAY:
            raise ValueError(hour)
        if half:
            hour = hour % HALF_DAY + (HALF_DAY if half == "p" else 0)
        if minute == 0 and hour == 24:  # noqa: PLR2004 (24:00)
            hour, self.midnight = 0, True
        first = time(hour, minute)
        small = not (half or exact) and 0 < hour < EARLIEST_SURE
        self.clocks = (first, first.replace(hour=hour + HALF_DAY)) if small else (first,)

    def _choose_half(self) -> None:
        """Let the words for morning and evening choose between two times twelve hours apart, or move one."""
        if len(self.clocks) > 1 and self.part:
            self.clocks = (self.clocks[1],) if self.part == "late" else (self.clocks[0],)
        elif self.clocks and self.part == "late" and EARLIEST_SURE <= self.clocks[0].hour < HALF_DAY:
            self.clocks = (self.clocks[0].replace(hour=self.clocks[0].hour + HALF_DAY),)

    def _days(self) -> None:
        """Tomorrow, on Thursday, next Tuesday, at the weekend, next week."""
        monday = self.today - timedelta(days=self.today.weekday())
        if found := self._take(words.DAY):
            self.days, self.said_today = (self.today + timedelta(days=words.DAYS[found[0]]),), words.DAYS[found[0]] == 0
            return
        next_week = self._take(rf"\b(?:{words.NEXT_WEEK})\b")
        if found := self._take(words.WEEKDAY):
            number = words.WEEKDAYS[found[3]]
            coming = self._coming(number)
            if next_week:
                self.days = (monday + timedelta(days=WEEK + number),)
            elif (found[1] and coming < monday + timedelta(days=WEEK)) or (coming == self.today and not found[2]):
                self.days = (coming, coming + timedelta(days=WEEK))
            else:
                self.days = (coming,)
        elif next_week:
            self.days = tuple(monday + timedelta(days=WEEK + number) for number in range(WEEK))
        elif self._take(rf"\b(?:{words.WEEKEND})\b"):
            self.days = tuple(self._coming(number) for number in (5, 6))

    def _coming(self, weekday: int) -> date:
        return self.today + timedelta(days=(weekday - self.today.weekday()) % WEEK)

    def _day_of_month(self) -> None:
        if found := self._take(words.OF_MONTH):
            day = self.today
            while day.day != int(found[1]):
                day += timedelta(days=1)
                if (day - self.today).days > 2 * 31:
                    raise ValueError(found[1])
            self.days = (day,)
            self._day_of_the_week()

    def _foreign_day(self, locale: str) -> bool:
        """Whether the rest names a day in the person's language; each of its numbers must stand in that day."""
        rest = " ".join(word for word in self.left.split() if word not in words.FILLERS)
        day = in_language(rest, locale.partition("-")[0] or "en", self.home, self.today)
        if day is None or not {int(one) for one in words.DIGITS.findall(rest)} <= {day.day, day.month, day.year}:
            return False
        self.days, self.yearless = (day,), str(day.year) not in rest
        return True


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else words.NUMBERS[word]
