"""Texts within Telegram's limits, which count UTF-16 units: an emoji is two."""

from __future__ import annotations

import re
import unicodedata

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_JOINER = "\u200d"
_LONGEST_SIGN = 64
_WORD_WITHIN = 40


def clean(text: str) -> str:
    """Drop what steers terminals and what cannot be written as UTF-8; line breaks and tabs stay."""
    text = _STEERING.sub("", text)
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def units(text: str) -> int:
    """Count as Telegram does."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """Shorten to at most so many units, with … at the end: after a word if one ends near, never within a sign."""
    if units(text) <= most:
        return text
    end, left = 0, most - 1
    while left >= (size := 1 if text[end] <= "\uffff" else 2):
        left -= size
        end += 1
    word = max((place for place in range(max(0, end - _WORD_WITHIN), end + 1) if text[place].isspace()), default=0)
    return text[: word or _between_signs(text, end)].rstrip() + "…"


def _between_signs(text: str, end: int) -> int:
    """Step back to where what people see as one sign (letter with accents, family, flag) ends."""
    place = end
    while place and end - place < _LONGEST_SIGN and _belongs_before(text, place):
        place -= 1
    return place if place and end - place < _LONGEST_SIGN else end


def _belongs_before(text: str, place: int) -> bool:
    sign, before = text[place], text[place - 1]
    if _JOINER in {sign, before} or unicodedata.category(sign) in {"Mn", "Mc", "Me"}:
        return True
    if "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f":
        return True
    if not _is_flag_half(sign):
        return False
    halves = 0
    while halves < place and _is_flag_half(text[place - 1 - halves]):
        halves += 1
    return halves % 2 == 1


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
