"""Words in the receiver's language: catalogs, plural forms, lists, dates; renders `Text`.

Catalogs are compiled by `make`; English is the language of the msgids and needs none. What participants wrote is put in
as it is, between bidirectional isolates where it has right-to-left letters, so that it cannot turn the sentence around.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time
from babel.lists import format_list
from babel.support import Translations

from bot.chat.content import Text, When, Words

LOCALES = ("sv", "en")
"""The shipped languages, the first being the one for those of whom nothing is known."""

NAMES = {"sv": "Svenska", "en": "English"}
DIRECTORY = Path(__file__).parent.parent / "locales"

SIGN = "/"
"""What a command begins with in the catalogs."""
_COMMAND = re.compile(r"(?<![\w/:.<])/(?=[a-z]|%\()")

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


class NoCatalog(Exception):
    """A shipped language has no compiled catalog; `make catalogs` makes them."""


@lru_cache
def catalog(locale: str) -> NullTranslations:
    """Give a language's catalog. Raises `NoCatalog`."""
    if locale == "en":
        return NullTranslations()
    found = Translations.load(str(DIRECTORY), [locale], domain="bot")
    if not isinstance(found, GNUTranslations):
        raise NoCatalog(f"The words of “{locale}” are not compiled. Run `make catalogs`.")
    return found


def known(locale: str | None) -> str:
    """Give the shipped language closest to what a network says (``sv-SE``, ``nb``, None)."""
    if not locale:
        return LOCALES[0]
    language = locale.replace("_", "-").partition("-")[0].lower()
    if language in LOCALES:
        return language
    return "sv" if language in {"da", "nb", "nn", "no"} else "en"


@lru_cache(maxsize=20_000)
def _message(msgid: str, plural: str, context: str, n: int, locale: str, sign: str) -> str:
    words = catalog(locale)
    if plural:
        found = words.npgettext(context, msgid, plural, n) if context else words.ngettext(msgid, plural, n)
    else:
        found = words.pgettext(context, msgid) if context else words.gettext(msgid)
    return found if sign == SIGN else _COMMAND.sub(sign, found)


def render(words: Words, locale: str, zone: str = "Europe/Stockholm", sign: str = SIGN) -> str:
    """Write a `Text` in a language, its commands beginning with `sign`; a plain string stays as it is."""
    if isinstance(words, str):
        return words
    n = words.params.get("n", 0) if words.plural else 0
    message = _message(words.msgid, words.plural, words.context, n if isinstance(n, int) else 0, locale, sign)
    if not words.params:
        return message.replace("%%", "%")
    return message % {name: _param(value, locale, zone, sign) for name, value in words.params.items()}


def enumerate_words(items: Iterable[str], locale: str) -> str:
    """Write a list as the language does: “a, b and c”."""
    return format_list(list(items), locale=Locale.parse(locale))


def _param(value: str | int | When | Text, locale: str, zone: str, sign: str) -> str | int:
    match value:
        case int():
            return value
        case str():
            return isolate(value)
        case Text():
            return render(value, locale, zone, sign)
        case When():
            return _when(value, locale, zone)


def _when(value: When, locale: str, zone: str) -> str:
    clocks = ZoneInfo(value.zone or zone)
    local = value.at.astimezone(clocks)
    if value.until is not None:
        brief = "yMMMd" if value.style == "day" else "MMMd"
        return str(format_interval(local.date(), value.until.astimezone(clocks).date(), brief, locale=locale))
    match value.style:
        case "date":
            return str(format_date(local.date(), "d MMMM", locale=locale))
        case "day":
            return str(format_date(local.date(), "long", locale=locale))
        case "time":
            return str(format_time(local, "short", locale=locale))
        case "clock":
            return f"{local:%H:%M}"
        case "datetime":
            return str(format_datetime(local, "EEEE d MMMM HH:mm", locale=locale))


def isolate(text: str) -> str:
    """Keep right-to-left words from turning the sentence around."""
    if text.isascii() or not any(unicodedata.bidirectional(char) in {"R", "AL", "RLE", "RLO", "RLI"} for char in text):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"
