"""Small helpers for words: folding of accents, excerpts, cleaning of hostile text."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "æ": "a", "đ": "d", "ł": "l", "ß": "s"})


def folded(text: str) -> str:
    """Give a word without case and accents: ``Idé`` and ``ide`` are one."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in plain if not unicodedata.combining(char)).strip()


def excerpt(text: str, most: int) -> str:
    """Give the beginning of a text on one line, cut at a word, with “…” where something is left out."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > most // 2 else cut).rstrip(" ,.;:–-") + "…"


def shortened(text: str, most: int) -> str:
    """Cut a long text at a word, keeping its lines."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    head = cut.rsplit(None, 1)[0]
    return (head if len(head) > most // 2 else cut) + "…"


def divided(text: str, first: int, most: int) -> list[str]:
    """Divide a long text, each part at most so many UTF-16 units: between paragraphs, lines or words if it can be."""
    parts: list[str] = []
    while _units(text) > first:
        end = min(len(text), first)
        while (over := _units(text[:end]) - first) > 0:
            end -= (over + 1) // 2
        near = (text.rfind(mark, end // 2, end) for mark in ("\n\n", "\n", " "))
        at = next((place for place in near if place > 0), end)
        parts.append(text[:at].rstrip())
        text, first = text[at:].lstrip(), most
    return [*parts, text]


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
