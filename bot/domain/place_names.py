"""The list of places, and the spellings by which each is known. Pure: it reads the packaged list, once.

The list is data, not code: ``data/places.tsv`` in this package. See docs/places.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import msgspec


class Place(msgspec.Struct, frozen=True):
    """One municipality."""

    key: str
    country: str
    name: str
    region: str
    zone: str
    other_names: tuple[str, ...]


@cache
def places() -> Mapping[str, Place]:
    """All places by key: by country (Sweden, Denmark, Norway, Finland) and then by code."""
    text = files("bot.domain").joinpath("data", "places.tsv").read_text(encoding="utf-8")
    found: dict[str, Place] = {}
    for line in text.splitlines():
        if line.startswith(("#", "country\t")) or not line:
            continue
        country, code, name, others, region, zone = line.split("\t")
        key = f"{country}-{code}"
        found[key] = Place(key, country, name, region, zone, tuple(others.split("|")) if others else ())
    return MappingProxyType(found)


def place(key: str) -> Place | None:
    """The place with this key, if there is one."""
    return places().get(key)


# Spelling ----------------------------------------------------------------------------------------------------------

_SPACES: Final = '-_/()[]",;!?\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}«»“”„'
_DROPPED: Final = (
    ".:'`\N{RIGHT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}\N{MODIFIER LETTER APOSTROPHE}\N{MODIFIER LETTER PRIME}"
)
_MARKS: Final = str.maketrans(dict.fromkeys(_SPACES, " ") | dict.fromkeys(_DROPPED, ""))
_SAME_WORD: Final = {"och": "og", "and": "og", "&": "og", "sankt": "st"}
_NORDIC: Final = str.maketrans({"ø": "ö", "æ": "ä"})
_PLAIN: Final = str.maketrans(
    {"ø": "o", "æ": "a", "đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "þ": "th", "ł": "l", " ": ""}
)
_SPELT_OUT: Final = str.maketrans({"å": "aa", "ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe"})


def spell(text: str) -> str:
    """The exact key: case, hyphens, punctuation and spaces evened out, every letter kept."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return " ".join(_SAME_WORD.get(word, word) for word in text.translate(_MARKS).split())


def nordic(exact: str) -> str:
    """The same letter in the neighbour's spelling: ø is ö, æ is ä, aa is å."""
    return exact.translate(_NORDIC).replace("aa", "å")


def plain(exact: str) -> str:
    """The name on a keyboard without these letters: no accents, no spaces."""
    bare = unicodedata.normalize("NFD", exact.translate(_PLAIN))
    return "".join(char for char in bare if not unicodedata.combining(char))


# The index ---------------------------------------------------------------------------------------------------------

_SIDES: Final = frozenset(
    (
        *("nord", "nordre", "norra", "norr", "sør", "søndre", "södra", "øst", "østre", "øystre", "östra"),
        *("vest", "vestre", "västra", "øvre", "nedre", "indre", "ytre", "midt", "midtre"),
        *("stor", "store", "lilla", "lille", "upplands", "og", "kunta", "tl"),
    )
)
MIN_PART: Final = 3


class Index(msgspec.Struct, frozen=True):
    """Places by each spelling of their names, from the strictest on, and by words of them; all plain names."""

    exact: dict[str, tuple[Place, ...]]
    nordic: dict[str, tuple[Place, ...]]
    plain: dict[str, tuple[Place, ...]]
    parts: dict[str, tuple[Place, ...]]
    keys: tuple[str, ...]


@cache
def index() -> Index:
    """Make the index, once."""
    by_exact: dict[str, dict[str, Place]] = {}
    by_nordic: dict[str, dict[str, Place]] = {}
    by_plain: dict[str, dict[str, Place]] = {}
    by_parts: dict[str, dict[str, Place]] = {}
    for known in places().values():
        for name in (known.name, *known.other_names):
            spelt = spell(name)
            by_exact.setdefault(spelt, {})[known.key] = known
            by_nordic.setdefault(nordic(spelt), {})[known.key] = known
            for typed in (spelt, nordic(spelt), spelt.translate(_SPELT_OUT)):
                by_plain.setdefault(plain(typed), {})[known.key] = known
            words = spelt.split()
            if len(words) > 1:
                for word in words:
                    if word not in _SIDES and len(word) >= MIN_PART:
                        for typed in (word, nordic(word)):
                            by_parts.setdefault(plain(typed), {})[known.key] = known
    return Index(_frozen(by_exact), _frozen(by_nordic), _frozen(by_plain), _frozen(by_parts), tuple(by_plain))


def _frozen(table: dict[str, dict[str, Place]]) -> dict[str, tuple[Place, ...]]:
    return {key: tuple(found.values()) for key, found in table.items()}
