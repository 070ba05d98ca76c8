"""What comes again and again, in people's own words: “varje måndag kl 18”, “every other Thursday at 7 pm”.

`rule` reads it, or a day by itself (`times`). As there, all words must be understood, and what may mean several things
is asked about: the day, the hour. A day of the month that some months have not is never meant silently. An answer is
kept as its rule, so it means the same later. More often than once a day is refused.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from bot.chat.content import Text
from bot.domain.calm import NIGHT
from bot.domain.moments import local_day, moment_of
from bot.domain.prompts import Rule
from bot.flows import recurring_words as words
from bot.flows import time_words, times
from bot.flows.questions import Answer, Choose, Ctx, Input, Meaning, Option, Parse, Retry
from bot.flows.rules import told, weekday
from bot.flows.time_reading import Reading, read
from bot.flows.words import clean, fold, one_line

HOW = Text(
    "I do not understand that. Write how often, and when: “every Monday at 18:00”, “every other Thursday at 7 pm”, "
    "“the first Tuesday of the month at 18:00”, or one day: “3 December 18:30”."
)
TOO_OFTEN = Text("I ask at most once a day, so that there is time to think. How often shall it be?")
YEARLY = Text("I know days, weeks and months. Write one day, such as “3 December 18:30”, or how often.")
WHICH_WEEKDAY = Text("On which day of the week?")
WHICH_DAY = Text("On which day of the month? Write, say: “the first Tuesday of the month at 18:00”.")
NOT_EVERY_MONTH = Text("Not every month has that day. Which shall it be?")
AT_WHAT_TIME = Text("At what time? Choose, or write the time.")
WHICH_TIME = Text("Which time do you mean?")

KEPT = "rule"
MAX_WORDS = 160
LONGEST = {"days": 31, "weeks": 12, "months": 12}
EVERY_MONTH = 28
"""The last day that each month has."""
WORKING_DAYS = (0, 1, 2, 3, 4)
_CHOICE = re.compile(r"(?:d([0-6])|l(28|-1))?(?:t([0-2]\d)([0-5]\d))?")


class _Found(msgspec.Struct):
    """What was found of a rule; a day of the week or of the month that is not said yet is None."""

    every: str
    interval: int = 1
    weekdays: tuple[int, ...] | None = ()
    nth: int = 0
    day: int | None = 0
    among: tuple[int, ...] = tuple(range(7))


def rule(zone: str = "") -> Parse:
    """Give a parser; its answers are `Rule`s. `zone` is where it is asked, if that is not where the person is."""

    def parse(sent: Input, ctx: Ctx) -> Meaning:
        if sent.choice == KEPT:
            return _kept(sent)
        here = zone or ctx.zone
        if sent.choice.startswith("m"):
            return _one_day(sent, ctx, here)
        line = one_line(clean(sent.text))
        if not 0 < len(line) <= MAX_WORDS:
            return Retry(HOW)
        try:
            return _meant(line, sent.choice, ctx, here)
        except (ValueError, OverflowError):
            return Retry(HOW)

    return parse


def kept_rule(written: str) -> Rule | None:
    """Read a rule as it was kept; None if it is none."""
    try:
        return msgspec.json.decode(written, type=Rule)
    except msgspec.MsgspecError:
        return None


def _kept(sent: Input) -> Meaning:
    found = kept_rule(sent.text)
    return Answer(found, sent) if found is not None else Retry(HOW)


def _one_day(sent: Input, ctx: Ctx, zone: str) -> Meaning:
    """Read a day by itself."""
    found = times.when(zone=zone)(sent, ctx)
    if isinstance(found, Retry) and found.text == times.HOW:
        return Retry(HOW)
    if not isinstance(found, Answer) or not isinstance(found.value, datetime):
        return found
    local = found.value.astimezone(ZoneInfo(zone))
    return _answer(Rule("once", local.time().replace(fold=0), local.date()))


def _answer(made: Rule) -> Answer:
    return Answer(made, Input(msgspec.json.encode(made).decode(), KEPT))


def _meant(line: str, choice: str, ctx: Ctx, zone: str) -> Meaning:
    plain = "".join(sign for sign in line if unicodedata.category(sign) not in {"So", "Sk"})
    text = f" {time_words.MARKS.sub(' ', fold(plain).replace('–', '-'))} "
    for pattern, instead in words.PARTS:
        text = pattern.sub(instead, text)
    text = words.ONCE_A_DAY.sub("every day", text)
    if words.TOO_OFTEN.search(text):
        return Retry(TOO_OFTEN)
    if words.YEARLY.search(text):
        return Retry(YEARLY)
    found, left = _recurrence(text)
    if found is None:
        return _one_day(Input(one_line(plain)), ctx, zone)
    chosen = _CHOICE.fullmatch(choice)
    if chosen is None or not 1 <= found.interval <= LONGEST[found.every]:
        return Retry(HOW)
    return _which_day(found, chosen) or _with_clock(found, left, ctx, zone, chosen)


def _which_day(found: _Found, chosen: re.Match[str]) -> Meaning | None:
    """Take the day that was chosen, if one had to be; None if it is known."""
    if chosen[1] and found.weekdays is None:
        found.weekdays = (int(chosen[1]),)
    if chosen[2] and (found.day or 0) > EVERY_MONTH:
        found.day = int(chosen[2])
    if found.weekdays is None:
        return Choose(WHICH_WEEKDAY, tuple(Option(f"d{number}", weekday(number)) for number in found.among))
    if found.day is None:
        return Retry(WHICH_DAY)
    if found.day > EVERY_MONTH:
        last, sure = Text("The last day of each month"), Text("The 28th of each month")
        return Choose(NOT_EVERY_MONTH, (Option("l-1", last), Option("l28", sure)))
    return None


def _with_clock(found: _Found, left: str, ctx: Ctx, zone: str, chosen: re.Match[str]) -> Meaning:
    """Find the time of day and the first day in what is left of the words."""
    given = time(int(chosen[3]), int(chosen[4])) if chosen[3] else None
    prefix = chosen[0].partition("t")[0]
    reading = _rest(left, ctx, zone)
    if reading is None or reading.at is not None or reading.zone not in {"", zone}:
        return Retry(HOW)
    clocks = (given,) if given else reading.clocks or times.PARTS[reading.part]
    by_day = tuple(one for one in clocks if NIGHT.until <= one < NIGHT.start)
    clocks = by_day if len(by_day) == 1 else clocks  # Six in the evening: at six in the morning nobody is asked.
    begins = reading.days[0] if reading.days else None
    rules = [_rule(found, clock, begins, ctx.now, zone) for clock in clocks]
    if len(rules) == 1:
        return _answer(rules[0])
    asks = WHICH_TIME if reading.clocks else AT_WHAT_TIME
    return Choose(asks, tuple(Option(f"{prefix}t{one.clock:%H%M}", told(one)) for one in rules))


def _rest(left: str, ctx: Ctx, zone: str) -> Reading | None:
    """Read the clock, and from when on; None if not all of it is understood."""
    rest = " ".join(word for word in left.split() if word not in words.EXTRA)
    starts = words.START.search(rest)
    if not all(word in time_words.FILLERS for word in rest.split()):
        reading = read(rest, ctx.now, zone, ctx.locale)
        if reading is None or reading.contrary:
            return _part(rest)
        if reading.days and not starts:
            return None
        return reading
    return Reading()


def _part(rest: str) -> Reading | None:
    """Read a part of the day that stands alone."""
    for part, pattern in (("late", time_words.LATE), ("early", time_words.EARLY)):
        left, count = re.subn(rf"\b(?:{pattern})\b", " ", rest, count=1)
        if count and all(word in time_words.FILLERS for word in left.split()):
            return Reading(part=part)  # type: ignore[arg-type]
    return None


def _rule(found: _Found, clock: time, begins: date | None, now: datetime, zone: str) -> Rule:
    """Make the rule: its first day is the first that is still to come."""
    weekdays, day = found.weekdays or (), found.day or 0
    first = begins or local_day(now, zone)
    if found.every == "weeks":
        while first.weekday() not in weekdays or moment_of(first, clock, zone) <= now:
            first += timedelta(days=1)
    elif found.every == "days" and moment_of(first, clock, zone) <= now:
        first += timedelta(days=1)
    return Rule(found.every, clock, first, found.interval, tuple(sorted(weekdays)), found.nth, day)  # type: ignore[arg-type]


def _recurrence(text: str) -> tuple[_Found | None, str]:
    """Take out what says how often; gives that, and what is left."""
    for reads in (_monthly, _working_days, _weekends, _each_nth_day, _weekly, _daily, _each_day, _plain_days):
        found, left = reads(text)
        if found is not None:
            return found, left
    return None, text


def _cut(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _monthly(text: str) -> tuple[_Found | None, str]:
    month, nth = words.MONTHLY.search(text), words.NTH_DAY.search(text)
    if (
        nth
        and (month or not words.OTHER.search(text))
        and not re.search(rf"\b(?:var|vart|every|each)\s+{nth[1]}\b", text)
    ):
        left = _cut(text, nth)
        month = words.MONTHLY.search(left)
        interval = _interval(month[0]) if month else 1
        left = _cut(left, month) if month else left
        return _Found("months", interval, (words.DAY_NAMES[nth[2]],), words.ORDINALS[nth[1]]), left
    if not month:
        return None, text
    left, interval = _cut(text, month), _interval(month[0])
    if found := words.LAST_DAY.search(left):
        return _Found("months", interval, day=-1), _cut(left, found)
    if found := words.DAY_OF.search(left) or words.DAY_OF_BARE.search(left):
        day = int(found[1])
        if not 1 <= day <= 31:  # noqa: PLR2004 (days of a month)
            raise ValueError(day)
        return _Found("months", interval, day=day), _cut(left, found)
    return _Found("months", interval, day=None), left


def _working_days(text: str) -> tuple[_Found | None, str]:
    found = words.WORKING_DAYS.search(text)
    return (_Found("weeks", 1, WORKING_DAYS), _cut(text, found)) if found else (None, text)


def _weekends(text: str) -> tuple[_Found | None, str]:
    found = words.WEEKENDS.search(text)
    return (_Found("weeks", 1, None, among=(5, 6)), _cut(text, found)) if found else (None, text)


def _each_nth_day(text: str) -> tuple[_Found | None, str]:
    """Read “every other Thursday”."""
    found = words.EACH_NTH_DAY.search(text)
    if found is None:
        return None, text
    interval = 2 if found[1] else _number(found[2])
    return _Found("weeks", interval, _named(found[3])), _cut(text, found)


def _weekly(text: str) -> tuple[_Found | None, str]:
    """Read “every other week on Thursday”."""
    found = words.WEEKLY.search(text)
    if found is None:
        return None, text
    left = _cut(text, found)
    interval = 2 if words.FORTNIGHT.search(found[0]) else _interval(found[0])
    named = words.DAYS_ALONE.search(words.START.split(left)[0])
    if named is None:
        return _Found("weeks", interval, None), left
    return _Found("weeks", interval, _named(named[1])), _cut(left, named)


def _daily(text: str) -> tuple[_Found | None, str]:
    found = words.DAILY.search(text)
    return (_Found("days", _interval(found[0])), _cut(text, found)) if found else (None, text)


def _each_day(text: str) -> tuple[_Found | None, str]:
    """Read “every Monday and Thursday”."""
    found = words.EACH_DAY_NAME.search(text)
    return (_Found("weeks", 1, _named(found[1])), _cut(text, found)) if found else (None, text)


def _plain_days(text: str) -> tuple[_Found | None, str]:
    """Read “Mondays”, or several days without a word for each: a single day is meant once."""
    found = words.DAYS_ALONE.search(words.START.split(text)[0])
    if found is None or not (set(found[1].split()) & words.PLURALS or len(set(_named(found[1]))) > 1):
        return None, text
    return _Found("weeks", 1, _named(found[1])), _cut(text, found)


def _named(listed: str) -> tuple[int, ...]:
    return tuple(sorted({words.DAY_NAMES[word] for word in listed.split() if word in words.DAY_NAMES}))


def _interval(phrase: str) -> int:
    """Give how many at a time: every other, every third; one, if nothing is said."""
    if words.QUARTER.search(phrase):
        return 3
    if words.OTHER.search(phrase):
        return 2
    found = re.search(rf"\b{words.EACH}\s+{words.STEP}\s", phrase)
    return _number(found[1]) if found else 1


def _number(word: str) -> int:
    if word in words.STEPS:
        return words.STEPS[word]
    if word in time_words.NUMBERS:
        return time_words.NUMBERS[word]
    return int(re.sub(r"\D", "", word))
