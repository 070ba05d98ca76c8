"""How alike two ideas are, whatever the language: letters in threes, so that compounds and endings count in part."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from rapidfuzz import fuzz, process, utils

Id = TypeVar("Id")

ALIKE = 0.5
SAME_WORDS = 88.0
COMPARED = 600
NEAR = 40.0
LOOKED_AT = 60


def similar(text: str, others: Iterable[tuple[Id, str]], most: int = 3) -> list[Id]:
    """Give the ids of the texts that may say the same, the most alike first. A thousand texts take about 10 ms."""
    wanted = _plain(text)
    grams = _grams(wanted)
    known = list(others)
    texts = [other[:COMPARED] for _key, other in known]
    near = process.extract(
        text[:COMPARED], texts, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=NEAR, limit=LOOKED_AT
    )
    scored = [(_likeness(wanted, grams, _plain(other)), index) for other, _score, index in near]
    return [known[index][0] for score, index in sorted(scored, key=lambda pair: -pair[0])[:most] if score]


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
