"""Typed words: made clean, compared without accents, and the few that lead through a dialogue.

What people write is hostile input as well as their own words: it is normalised, freed of control characters and of what
could turn the text around it, and otherwise left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from bot.chat.content import Text, When, Words

Word = Literal["back", "skip", "stop"]

_WORDS: dict[str, Word] = {
    "back": "back",
    "tillbaka": "back",
    "skip": "skip",
    "hoppa over": "skip",
    "hoppa": "skip",
    "stop": "stop",
    "stopp": "stop",
    "cancel": "stop",
    "avbryt": "stop",
}
_LONGEST = 40
_DONE = frozenset({"done", "klar", "klart"})
_YES = frozenset({"yes", "y", "yep", "sure", "ja", "j", "jo", "japp", "garna", "ja tack", "ok"})
_NO = frozenset({"no", "n", "nope", "no thanks", "no thank you", "nej", "na", "nej tack"})

# Embeddings, overrides and isolates turn the text around them; the byte order mark says nothing.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
# Letters and signs by category, and yet nothing is seen of them.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u00ad\u034f\u17b4\u17b5")
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_MANY_BREAKS = re.compile(r"\n{3,}")
# A few marks above one another are writing; a tower of them hides the lines around it.
_MARKS = 6


def clean(text: str) -> str:
    """Give the text in normal form (NFC), without control characters (but line breaks) and blank ends.

    Empty if nothing of it can be seen.
    """
    # Marks are counted before normalising too: ordering a long tower of them takes time by the square of its height.
    kept = _kept(unicodedata.normalize("NFC", _kept(_LINE_BREAKS.sub("\n", text).replace("\t", " "))))
    if not any(map(_seen, kept)):
        return ""
    lines = (line.strip() for line in kept.split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    """Give the words with single spaces between them."""
    return " ".join(text.split())


def shorten(text: str, most: int) -> str:
    """Give the text's beginning on one line, cut between words where it is longer than `most`."""
    line = one_line(text)
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    head, _, _ = cut.rpartition(" ")
    return f"{head if len(head) > most // 2 else cut}…"


def fold(text: str) -> str:
    """Give what two spellings of the same words have in common: small letters, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return one_line("".join(sign for sign in decomposed if unicodedata.category(sign) not in {"Mn", "Cf"}))


def word_of(text: str) -> Word | None:
    """Tell whether the whole text is the word for going back, skipping or stopping."""
    return _WORDS.get(_said(text))


def is_done(text: str) -> bool:
    """Tell whether the whole text says that one has chosen all one wants."""
    return _said(text) in _DONE


def is_yes(text: str) -> bool:
    """Tell whether the whole text is a yes."""
    return _said(text) in _YES


def is_no(text: str) -> bool:
    """Tell whether the whole text is a no."""
    return _said(text) in _NO


def is_refusal(text: str) -> bool:
    """Tell whether the whole text answers nothing: a no, or a word that leads through a dialogue."""
    return is_no(text) or word_of(text) is not None


def _said(text: str) -> str:
    """Give words as they are said: no matter how they end, or what stands between them."""
    return one_line(fold(text).replace(",", " ").rstrip(" .!")) if len(text) <= _LONGEST else ""


def plain(words: Words) -> str:
    """Write words in English, the catalogs' own language: for tests and transcripts."""
    if isinstance(words, str):
        return words
    msgid = words.plural if words.plural and words.params.get("n", 0) != 1 else words.msgid
    if not words.params:
        return msgid.replace("%%", "%")
    return msgid % {name: _parameter(value) for name, value in words.params.items()}


def _parameter(value: str | int | When | Text) -> str | int:
    match value:
        case Text():
            return plain(value)
        case When():
            return value.at.isoformat()
        case _:
            return value


def _kept(text: str) -> str:
    """Leave out controls, what turns the text around, and marks piled too high."""
    kept: list[str] = []
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if sign == "\n" or (category not in {"Cc", "Cs"} and sign not in _TURNING and marks <= _MARKS):
            kept.append(sign)
    return "".join(kept)


def _seen(sign: str) -> bool:
    return sign not in _BLANK and unicodedata.category(sign)[0] not in "CZM"
