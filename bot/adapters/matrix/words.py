"""Texts as Matrix takes them: without what steers, and within an event's size."""

from __future__ import annotations

import re
import unicodedata

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONE = re.compile("[\ud800-\udfff]")
_WORD_WITHIN = 40


def clean(text: str) -> str:
    """Drop what steers terminals and what cannot be written as UTF-8; line breaks and tabs stay."""
    text = _STEERING.sub("", text.replace("\r\n", "\n"))
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def plain(text: object) -> str:
    """Give hostile text as it came, without NUL and lone surrogates; nothing for what is no text."""
    if not isinstance(text, str):
        return ""
    text = text.replace("\0", "")
    return text if text.isascii() else _LONE.sub("", text)


def size(text: str) -> int:
    """Count bytes, as an event's limit does."""
    return len(text) if text.isascii() else len(text.encode())


def cut(text: str, most: int) -> str:
    """Shorten to at most so many bytes, with … at the end: after a word if one ends near, never within a sign."""
    if size(text) <= most:
        return text
    end = len(text.encode()[: max(most - 3, 0)].decode("utf-8", "ignore"))
    word = max((place for place in range(max(0, end - _WORD_WITHIN), end + 1) if text[place].isspace()), default=0)
    while not word and end and (text[end] == "\u200d" or unicodedata.category(text[end]) in {"Mn", "Mc", "Me"}):
        end -= 1
    return text[: word or end].rstrip() + "…"
