"""Rules of the calendar in words: “Every Monday at 18:00”."""

from __future__ import annotations

from datetime import UTC, datetime, time

from bot.chat.content import Text, When
from bot.domain.prompts import Rule

_WEEKDAYS = (
    Text("Monday"), Text("Tuesday"), Text("Wednesday"), Text("Thursday"), Text("Friday"), Text("Saturday"),
    Text("Sunday"),
)  # fmt: skip
_THE = (
    Text("Monday", context="every Monday"), Text("Tuesday", context="every Tuesday"),
    Text("Wednesday", context="every Wednesday"), Text("Thursday", context="every Thursday"),
    Text("Friday", context="every Friday"), Text("Saturday", context="every Saturday"),
    Text("Sunday", context="every Sunday"),
)  # fmt: skip
_NTH = {
    1: (Text("The first Monday of the month"), Text("The first Tuesday of the month"),
        Text("The first Wednesday of the month"), Text("The first Thursday of the month"),
        Text("The first Friday of the month"), Text("The first Saturday of the month"),
        Text("The first Sunday of the month")),
    2: (Text("The second Monday of the month"), Text("The second Tuesday of the month"),
        Text("The second Wednesday of the month"), Text("The second Thursday of the month"),
        Text("The second Friday of the month"), Text("The second Saturday of the month"),
        Text("The second Sunday of the month")),
    3: (Text("The third Monday of the month"), Text("The third Tuesday of the month"),
        Text("The third Wednesday of the month"), Text("The third Thursday of the month"),
        Text("The third Friday of the month"), Text("The third Saturday of the month"),
        Text("The third Sunday of the month")),
    4: (Text("The fourth Monday of the month"), Text("The fourth Tuesday of the month"),
        Text("The fourth Wednesday of the month"), Text("The fourth Thursday of the month"),
        Text("The fourth Friday of the month"), Text("The fourth Saturday of the month"),
        Text("The fourth Sunday of the month")),
    -1: (Text("The last Monday of the month"), Text("The last Tuesday of the month"),
         Text("The last Wednesday of the month"), Text("The last Thursday of the month"),
         Text("The last Friday of the month"), Text("The last Saturday of the month"),
         Text("The last Sunday of the month")),
}  # fmt: skip
WORKING_DAYS = (0, 1, 2, 3, 4)


def weekday(number: int) -> Text:
    """Name a day of the week; Monday is 0."""
    return _WEEKDAYS[number]


def told(rule: Rule) -> Text:
    """Say when it is."""
    return Text("%(days)s at %(time)s", {"days": _days(rule), "time": f"{rule.clock:%H:%M}"})


def _days(rule: Rule) -> Text:
    match rule.every:
        case "once":
            return Text("%(date)s", {"date": When(datetime.combine(rule.first, time(12), UTC), "day", "UTC")})
        case "days":
            n = {"n": rule.interval}
            return Text("Every day", {**n}, plural="Every %(n)d days")
        case "weeks" if rule.weekdays == WORKING_DAYS and rule.interval == 1:
            return Text("Every weekday, Monday to Friday,")
        case "weeks":
            named = {"days": _listed(rule.weekdays)}
            if rule.interval == 1:
                return Text("Every %(days)s", {**named})
            if rule.interval == 2:  # noqa: PLR2004 (every other has words of its own)
                return Text("Every other %(days)s", {**named})
            return Text("Every %(n)d weeks on %(days)s", {**named, "n": rule.interval})
        case "months":
            on = _NTH[rule.nth][rule.weekdays[0]] if rule.nth else _day_of_month(rule.day)
            if rule.interval == 1:
                return on
            return Text("%(on)s, every %(n)d months,", {"on": on, "n": rule.interval})
        case _:
            raise ValueError(rule.every)


def _day_of_month(day: int) -> Text:
    return Text("The last day of the month") if day == -1 else Text("Day %(n)d of each month", {"n": day})


def _listed(numbers: tuple[int, ...]) -> Text:
    """Name some days of the week, in a row."""
    *before, last = (_THE[number] for number in numbers)
    if not before:
        return last
    row = before[0]
    for one in before[1:]:
        row = Text("%(one)s, %(other)s", {"one": row, "other": one})
    return Text("%(one)s and %(other)s", {"one": row, "other": last})
