"""Words and signs for times, in the languages that the bot speaks, as `fold` writes them: small letters, no accents.

People mix languages, and no word means different things in two of them: so there is one table for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "one en ett an a", "two tva", "three tre", "four fyra", "five fem", "six sex", "seven sju", "eight atta",
            "nine nio", "ten tio", "eleven elva", "twelve tolv",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
HOURS = {word: number for word, number in NUMBERS.items() if word not in {"en", "an", "a"}}
"""Numbers that may be an hour by themselves."""

WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "monday mon mandag man mandagen", "tuesday tue tues tisdag tis tisdagen",
            "wednesday wed onsdag ons onsdagen", "thursday thu thur thurs torsdag tor tors torsdagen",
            "friday fri fredag fre fredagen", "saturday sat lordag lor lordagen", "sunday sun sondag son sondagen",
        )
    )
    for word in words.split()
}  # fmt: skip

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan januari", "february feb februari", "march mar mars", "april apr", "may maj", "june jun juni",
            "july jul juli", "august aug augusti", "september sep sept", "october oct oktober okt",
            "november nov", "december dec",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip

DAYS = {
    "day before yesterday": -2, "i forrgar": -2, "yesterday": -1, "i gar": -1, "igar": -1,
    "today": 0, "i dag": 0, "idag": 0, "this evening": 0, "tonight": 0, "i kvall": 0, "ikvall": 0,
    "this afternoon": 0, "i eftermiddag": 0,
    "the day after tomorrow": 2, "day after tomorrow": 2, "i overmorgon": 2, "overmorgon": 2,
    "tomorrow": 1, "i morgon": 1, "imorgon": 1, "imorn": 1, "i morron": 1,
}  # fmt: skip
"""How many days from now. Longer ones stand before what they contain."""

UNITS = {
    "minute": "minute minutes min mins minut minuter", "hour": "hour hours h timme timmar tim",
    "day": "day days dag dagar dygn", "week": "week weeks vecka veckor", "month": "month months manad manader",
}  # fmt: skip
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words.split()}

LATE = "this evening|in the evening|evening|tonight|pa kvallen|i kvall|ikvall|kvallen|kvall|in the afternoon"
LATE += "|this afternoon|afternoon|pa eftermiddagen|i eftermiddag|eftermiddagen|eftermiddag"
EARLY = "in the morning|morning|pa morgonen|morgonen|bitti|pa formiddagen|formiddagen|formiddag"
CLOCKS = {"noon": 12, "at noon": 12, "klockan tolv": 12, "mitt pa dagen": 12}
MIDNIGHT = "midnight|midnatt"

NEXT = "next|nasta"
THIS = "this|denna|nu pa|den har"
NEXT_WEEK = "next week|nasta vecka|i nasta vecka|veckan darpa"
WEEKEND = "this weekend|at the weekend|the weekend|weekend|i helgen|till helgen|helgen"
FILLERS = frozenset((
    "at", "on", "the", "by", "around", "about", "from", "starting", "kl", "klockan", "klocka", "klo",
    "den", "pa", "till", "senast", "i", "in", "av",
    "of", "vid", "ca", "cirka", "fran", "och", "and", "with", "start", "oclock", "o'clock", "nu",
))  # fmt: skip

ZONES = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC", "cet": "Europe/Stockholm", "cest": "Europe/Stockholm",
    "eet": "Europe/Helsinki", "eest": "Europe/Helsinki", "bst": "Europe/London",
    "svensk tid": "Europe/Stockholm", "swedish time": "Europe/Stockholm", "stockholm time": "Europe/Stockholm",
    "norsk tid": "Europe/Oslo", "norwegian time": "Europe/Oslo", "oslo time": "Europe/Oslo",
    "dansk tid": "Europe/Copenhagen", "danish time": "Europe/Copenhagen", "copenhagen time": "Europe/Copenhagen",
    "finsk tid": "Europe/Helsinki", "finnish time": "Europe/Helsinki", "helsinki time": "Europe/Helsinki",
    "brittisk tid": "Europe/London", "british time": "Europe/London", "london time": "Europe/London",
}  # fmt: skip
"""Zones as people name them, those around the Baltic and the North Sea."""


def one_of(words: Iterable[str]) -> str:
    """Give a pattern for one of these words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


NUMBER = rf"(\d{{1,4}}|{one_of(NUMBERS)})"
UNIT = rf"({one_of(UNIT_OF)})"
IN = re.compile(rf"\b(?:in|om)\s+{NUMBER}\s+{UNIT}\b")
OFFSET = re.compile(r"(?:\b(?:utc|gmt)\s*|(?<=:\d\d))([+-])(\d{1,2})(?::?([0-5]\d))?(?!\d)")
UTC = re.compile(r"(?<=\d)z\b")
IANA = re.compile(r"\b(?:africa|america|asia|atlantic|australia|europe|pacific)/[a-z_/]+")
ZONE = re.compile(rf"\b(?:{one_of(name for name in ZONES if name != 'z')})\b")
ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
SLASH = re.compile(r"\b(\d{1,2})/(\d{1,2})(?:[/-](\d{2}|\d{4}))?\b(?!/)")
MONTH = rf"({one_of(MONTHS)})\b\.?"
DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th|:?[ae])?\.?\s+(?:of\s+)?{MONTH}(?:,?\s+(\d{{4}}))?")
MONTH_DAY = re.compile(rf"\b{MONTH}\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,?\s+(\d{{4}}))?")
OF_MONTH = re.compile(r"\b(?:den|the)\s+(\d{1,2})(?:st|nd|rd|th|:?[ae])?\b(?![:./]\d)")
COLON = re.compile(r"\b(\d{1,2}):(\d{2})(?::00)?\s*([ap])?\.?(?(3)m\b\.?)")
DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?(?!\d)\.?\s*([ap])?\.?(?(4)m\b\.?)")
MERIDIEM = re.compile(r"\b(\d{1,2})\s*([ap])\.?m\b\.?")
HOUR = rf"(\d{{1,2}}|{one_of(HOURS)})"
HALF = re.compile(rf"\b(half past|half|halv|quarter past|kvart over|quarter to|kvart i)\s+{HOUR}\b")
AT = re.compile(rf"\b(?:kl|klockan|klocka|at|vid)\.?\s*{HOUR}\b(?!\s*/)")
BARE = re.compile(rf"(?<!\S)(?<!den )(?<!the ){HOUR}(?!\S)")
WEEKDAY = re.compile(rf"\b(?:({NEXT})\s+|({THIS})\s+)?({one_of(WEEKDAYS)})\b")
DAY = re.compile(rf"\b(?:{'|'.join(DAYS)})\b")
MINUTES_OF = {"half past": 30, "half": 30, "halv": -30, "quarter past": 15, "kvart over": 15}
DIGITS = re.compile(r"\d+")
T = re.compile(r"(?<=\d)t(?=\d)")
MARKS = re.compile(r"[,;()]|(?<!\S)[-–.](?!\S)|[.]$")
