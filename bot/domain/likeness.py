"""How alike two ideas are, whatever the language: letters in threes, so that compounds and endings count in part."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from rapidfuzz import fuzz

Id = TypeVar("Id")

ALIKE = 0.5
SAME_WORDS = 88.0
COMPARED = 600


def similar(text: str, others: Iterable[tuple[Id, str]], most: int = 3) -> list[Id]:
    """Give the ids of the texts that may say the same, the most alike first."""
    wanted = _plain(text)
    grams = _grams(wanted)
    scored = []
    for key, other in others:
        score = _likeness(wanted, grams, _plain(other))
        if score:
            scored.append((score, key))
    return [key for _score, key in sorted(scored, key=lambda pair: -pair[0])[:most]]


def _likeness(text: str, grams: frozenset[str], other: str) -> float:
    """Give 0 for texts that are not alike, otherwise more the more alike they are (at most 1)."""
    if not grams or not other:
        return 0.0
    theirs = _grams(other)
    dice = 2 * len(grams & theirs) / (len(grams) + len(theirs)) if theirs else 0.0
    if dice >= ALIKE:
        return dice
    words = fuzz.token_set_ratio(text, other, score_cutoff=SAME_WORDS) if " " in text and " " in other else 0.0
    return words / 200


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKC", text[:COMPARED]).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


def _grams(text: str) -> frozenset[str]:
    return frozenset(f" {text} "[start : start + 3] for start in range(len(text)))
