"""By which words anger and tiredness are heard. Neither is ever refused, and nothing is made of them."""

from __future__ import annotations

from bot.flows.words import fold

SHOUTS = 3

ANGRY = ("fan ", "javla", "skit", "idiot", "forbanna", "for helvete", "damn", "hate", "bullshit", "fuck", "skam")
"""Beginnings of words by which anger is heard."""
TIRED = (
    "trott", "orkar inte", "orkar inget", "slut pa", "utmattad", "sliten", "utbrand", "ensam", "ledsen", "orolig",
    "tired", "exhausted", "worn out", "burnt out", "burned out", "lonely", "alone", "so sad", "cannot cope",
    "can't cope", "can t cope",
)  # fmt: skip
"""Beginnings of words by which it is heard that somebody is tired or low."""


def angry(words: str) -> bool:
    """Tell whether anger is heard."""
    shouting = words.isupper() and len(words.split()) > SHOUTS
    return shouting or words.count("!") >= SHOUTS or _begins(ANGRY, words)


def tired(words: str) -> bool:
    """Tell whether somebody sounds tired, or low."""
    return _begins(TIRED, words)


def _begins(beginnings: tuple[str, ...], words: str) -> bool:
    plain = f" {fold(words)} "
    return any(f" {word}" in plain for word in beginnings)
