"""When somebody is not to be disturbed, and how often they want to hear, in their words: “22–07”, “kväll”, “weekly”."""

from __future__ import annotations

import re
from datetime import time

import msgspec

from bot.domain.calm import Digest, Quiet
from bot.flows.words import fold

_HOURS = re.compile(
    r"(?<!\d)(\d{1,2})(?:[.:](\d\d))?\s*(?:-|–|—|to|until|till|och|and|til)\s*(?:kl\.?\s*)?(\d{1,2})(?:[.:](\d\d))?(?!\d)"
)
_PARTS = {
    "night": (22, 7), "nights": (22, 7), "natt": (22, 7), "natten": (22, 7), "natter": (22, 7),
    "evening": (18, 8), "evenings": (18, 8), "kvall": (18, 8), "kvallen": (18, 8), "kvallar": (18, 8),
    "day": (8, 17), "days": (8, 17), "work": (8, 17), "dagtid": (8, 17), "dagen": (8, 17), "jobbet": (8, 17),
}  # fmt: skip
_WEEKEND = frozenset({"weekend", "weekends", "helg", "helgen", "helger", "helgerna"})
_NOT = frozenset({"not", "inte", "ej", "no"})
_ALWAYS = frozenset({"always", "alltid", "vaken"})
"""Whoever says so wants no quiet hours."""
_DIGESTS: dict[str, Digest] = {
    "now": "now", "nu": "now", "genast": "now", "direkt": "now", "once": "now",
    "daily": "daily", "dagligen": "daily", "day": "daily", "dag": "daily", "dagen": "daily",
    "weekly": "weekly", "veckovis": "weekly", "week": "weekly", "vecka": "weekly", "veckan": "weekly",
    "never": "never", "aldrig": "never",
}  # fmt: skip
_EACH = frozenset({"every", "varje", "a", "om", "per", "at", "i"})


class Wish(msgspec.Struct, frozen=True):
    """What somebody said: what is None stays as it is."""

    digest: Digest | None = None
    hours: tuple[time, time] | None = None
    weekend: bool | None = None

    def quiet(self, before: Quiet) -> Quiet:
        """Give the quiet hours as they are wished."""
        start, until = self.hours or (before.start, before.until)
        return Quiet(start, until, before.weekend if self.weekend is None else self.weekend)

    @property
    def about_quiet(self) -> bool:
        """Whether it says anything of quiet hours."""
        return self.hours is not None or self.weekend is not None


def read(text: str) -> Wish | None:
    """Read a wish; None if there is none in the words."""
    plain = fold(text)
    hours = None
    found = _HOURS.search(plain)
    if found is not None:
        hours = _between(*found.groups(default="0"))
        if hours is None:
            return None
        plain = plain[: found.start()] + plain[found.end() :]
    words = re.findall(r"[^\W\d_]+", plain)
    digest = _digest(words)
    weekend = None
    if any(word in _WEEKEND for word in words):
        weekend = not any(word in _NOT for word in words)
    if hours is None and digest is None:
        part = next((_PARTS[word] for word in words if word in _PARTS), None)
        hours = (time(part[0]), time(part[1])) if part else None
    if hours is None and any(word in _ALWAYS for word in words):
        hours, weekend = (time(), time()), False
    wish = Wish(digest, hours, weekend)
    return None if wish == Wish() else wish


def _digest(words: list[str]) -> Digest | None:
    """Give how often: a word of its own, or one that needs “every” before it."""
    for before, word in zip(["", *words], words, strict=False):
        if word in {"day", "dag", "dagen", "week", "vecka", "veckan", "once"}:
            if before in _EACH:
                return _DIGESTS[word]
        elif word in _DIGESTS:
            return _DIGESTS[word]
    return None


def _between(hour: str, minute: str, until_hour: str, until_minute: str) -> tuple[time, time] | None:
    try:
        return time(int(hour), int(minute)), time(0 if until_hour == "24" else int(until_hour), int(until_minute))
    except ValueError:
        return None
