"""Days of the calendar that words leave open: the year that is meant, a month from now, another language's words."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache


def soon(day: int, month: int, today: date) -> date:
    """Give this year's day, or next year's where it is long past or there is none this year; raises `ValueError`."""
    for year in range(today.year, today.year + 5):
        try:
            found = date(year, month, day)
        except ValueError:
            if (month, day) != (2, 29):
                raise
            continue
        if (today - found).days <= 90:  # noqa: PLR2004 (what is longer past is not meant)
            return found
    raise ValueError(day)


def months_on(day: date, months: int) -> date:
    """Give the same day of a month later on, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


@lru_cache(maxsize=256)
def in_language(text: str, language: str, zone: str, today: date) -> date | None:
    """Give the day that words name in a language that we have no words for, by dateparser; None if it knows none."""
    from dateparser.date import DateDataParser  # noqa: PLC0415 (a tenth of a second, for a few)

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)), "TIMEZONE": zone, "RETURN_AS_TIMEZONE_AWARE": False,
        "PREFER_DATES_FROM": "future", "REQUIRE_PARTS": ["day", "month"],
    }  # fmt: skip
    try:
        parser = DateDataParser(languages=[language], try_previous_locales=False, settings=settings)
        found = parser.get_date_data(text).date_obj
    except Exception:  # noqa: BLE001 (it knows no such language, or stumbles over odd words)
        return None
    return found.date() if found else None
