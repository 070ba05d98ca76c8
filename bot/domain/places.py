"""The municipalities of Sweden, Denmark, Norway and Finland, and the finding of one by its name.

A conversation belongs to a place, and the place is nearly always a municipality. `place_names`
knows them all with their official codes; this module turns what a person typed into one of them: surely, as a choice,
or not at all.

Rules:

- The key of a place is the country and the official code, ``SE-0180``. It is what is stored; names are for people.
- Only a spelling that can mean no other place is sure. Case, accents, "kommun", "kommune", "kaupunki" and a
  genitive s are forgiven. A real typing mistake never is: it gives candidates to choose from, in ``Match.near``.
- Letters count before they are forgiven: "Habo" is Habo and "Håbo" is Håbo.
- A name that several places bear is a choice, unless the country hint leaves one of them or the person named the
  region or the country too ("Herøy i Nordland", "Lund (Skåne län)", "Lund, Norge").
- An unknown name gives no place and few or no candidates; the caller then offers to use it as written.
- Whatever ``label`` says about a place finds that place again when it is typed back.
- Pure: nothing here waits, guesses by chance, or touches anything but the packaged list.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain.place_names import MIN_PART, Place, index, nordic, places, plain, spell

MAX_LENGTH: Final = 100
"""A longer text is no name."""


class Match(msgspec.Struct, frozen=True):
    """What a typed name means: one sure place, or the places near it, best first, or neither."""

    sure: Place | None
    near: tuple[Place, ...]


_NONE: Final = Match(sure=None, near=())


def label(place: Place) -> str:
    """The name to show: with the region where the name alone could mean another place."""
    if len(index().exact.get(spell(place.name), ())) > 1:
        return f"{place.name} ({place.region})"
    return place.name


def find_places(text: str, country_hint: str | None = None, limit: int = 6) -> Match:
    """The place that the text names, or at most ``limit`` candidates.

    The hint is a country code (SE, DK, NO, FI). It settles a name that several countries have, and never keeps
    a person from naming a place in another country.
    """
    if len(text) > MAX_LENGTH:
        return _NONE
    typed = spell(text)
    if not typed:
        return _NONE
    hint = country_hint.strip().upper() if country_hint else ""
    readings = _variants(typed)
    hits = _named(readings) or _named_twice(text)
    if hits:
        return _chosen(hits, hint, limit)
    loose: list[Place] = []
    for base, tail in (*_set_apart(text), *_worded(text), *_run_on(text)):
        found = _named(_variants(spell(base)))
        inside = tuple(known for known in found if _lies_in(known, tail))
        if inside:
            return _chosen(inside, hint, limit)
    for base, tail in _set_apart(text):
        loose += _named(_variants(spell(base))) or _named(_variants(spell(tail)))
        readings = (*readings, *_variants(spell(base)))
    for _, tail in _worded(text):
        loose += _named(_variants(spell(tail)))
    near = tuple(dict.fromkeys(loose)) or _near(readings, hint)
    return Match(sure=None, near=near[: max(limit, 0)])


def _chosen(hits: tuple[Place, ...], hint: str, limit: int) -> Match:
    preferred = tuple(known for known in hits if known.country == hint) or hits
    if len(preferred) == 1:
        return Match(sure=preferred[0], near=())
    rest = tuple(known for known in hits if known not in preferred)
    return Match(sure=None, near=(*preferred, *rest)[: max(limit, 0)])


# Reading a name ----------------------------------------------------------------------------------------------------

_BEFORE: Final = ("kommunen ", "kommune ", "kommun ", "municipality of ", "city of ", "town of ")
_FINNISH_AFTER: Final = frozenset({"kunta", "kunnan", "kaupunki", "kaupungin"})
_AFTER: Final = _FINNISH_AFTER | frozenset(
    (
        *("kommun", "kommuns", "kommunen", "kommune", "kommunes", "stad", "stads", "staden", "by", "herad", "herred"),
        *("landskommun", "bykommune", "regionkommune", "regionskommune", "municipality", "city", "town"),
        *("suohkan", "gielda", "tjïelte", "tjielte"),
    )
)
# A Finnish genitive ("Helsingin kaupunki") back to the name: endings and what they come from.
_FINNISH_GENITIVE: Final = (
    ("n", ""),
    ("en", "i"),
    ("een", "e"),
    ("joen", "joki"),
    ("mäen", "mäki"),
    ("ngin", "nki"),
    ("ngon", "nko"),
    ("ngan", "nka"),
    ("run", "rku"),
    ("hden", "hti"),
    ("hdin", "hti"),
    ("den", "si"),
    ("uden", "us"),
    ("ksen", "s"),
    ("isten", "inen"),
    ("nnan", "nta"),
)
_MIN_BARE_GENITIVE: Final = 5
_BETWEEN_NAMES: Final = re.compile(r"\s+[-\N{EN DASH}]\s+|\s*[/|]\s*")
_MIN_PLAIN: Final = 3  # "bo" and "as" are words before they are Bø and Ås


def _variants(typed: str) -> tuple[str, ...]:
    """The ways to read a typed name: as it stands, without the word for municipality, without a genitive."""
    found = [typed]
    name = typed
    for before in _BEFORE:
        if name.startswith(before):
            name = name[len(before) :]
            found.append(name)
            break
    words = name.split()
    dropped = []
    while len(words) > 1 and words[-1] in _AFTER:
        dropped.append(words.pop())
    name = " ".join(words)
    found.append(name)
    if name.endswith("s") and (dropped or len(name) >= _MIN_BARE_GENITIVE):
        found.append(name[:-1])
    if not _FINNISH_AFTER.isdisjoint(dropped):
        found += [name[: -len(end)] + stem for end, stem in _FINNISH_GENITIVE if name.endswith(end)]
    return tuple(dict.fromkeys(reading for reading in found if reading))


def _named(readings: Iterable[str]) -> tuple[Place, ...]:
    """The places that bear the name, from the first reading and the strictest spelling that has any."""
    known = index()
    for reading in readings:
        bare = plain(reading)
        hits = known.exact.get(reading) or known.nordic.get(nordic(reading))
        if not hits and len(bare) >= _MIN_PLAIN:
            hits = known.plain.get(bare)
        if hits:
            return hits
    return ()


def _named_twice(text: str) -> tuple[Place, ...]:
    """The places of a text that gives their name in several languages: "Kárášjohka - Karasjok"."""
    names = _BETWEEN_NAMES.split(text)
    if len(names) == 1:
        return ()
    first, *others = (_named(_variants(spell(name))) for name in names)
    return tuple(known for known in first if all(known in other for other in others))


# Regions and countries ---------------------------------------------------------------------------------------------

_COUNTRIES: Final = {
    "SE": frozenset({"se", "sverige", "sweden", "ruotsi", "svierik", "ruoŧŧa"}),
    "DK": frozenset({"dk", "danmark", "denmark", "tanska"}),
    "NO": frozenset({"no", "norge", "noreg", "norway", "norja", "norga"}),
    "FI": frozenset({"fi", "finland", "suomi", "suopma"}),
}
_REGION_WORDS: Final = frozenset({"län", "lan", "region", "fylke", "fylkeskommune", "county", "maakunta", "landskap"})
_PREPOSITION: Final = re.compile(r"\s+(?:i|in|på|on)\s+", re.IGNORECASE)


def _set_apart(text: str) -> Iterator[tuple[str, str]]:
    """Name and whereabouts with a mark between: "Lund (Skåne län)", "Lund, Norge"."""
    for mark in "(,":
        base, found, tail = text.partition(mark)
        if found:
            yield base, tail


def _worded(text: str) -> Iterator[tuple[str, str]]:
    """Name and whereabouts with a word between: "Herøy i Nordland"."""
    for hit in _PREPOSITION.finditer(text):
        yield text[: hit.start()], text[hit.end() :]


def _run_on(text: str) -> Iterator[tuple[str, str]]:
    """Name and whereabouts with nothing between: "Herøy Nordland", "Herøy Møre og Romsdal"."""
    words = text.split()
    for cut in range(len(words) - 1, max(len(words) - 4, 0), -1):
        yield " ".join(words[:cut]), " ".join(words[cut:])


def _region_key(region: str) -> str:
    words = [word for word in spell(region).split() if word not in _REGION_WORDS]
    return plain(" ".join(words)).removesuffix("s")


def _lies_in(known: Place, tail: str) -> bool:
    return spell(tail) in _COUNTRIES[known.country] or _region_key(tail) == _region_key(known.region)


# Near names --------------------------------------------------------------------------------------------------------

_MAX_WORDS: Final = 5
_MIN_PREFIX: Final = 4
_MAX_PREFIX_HITS: Final = 6
_PART_RANK: Final = 0.5
_PREFIX_RANK: Final = 0.75
_LENGTHS: Final = (4, 9, 12)  # from these lengths on one, two, three mistakes
_FIRST_LETTER: Final = 6  # from this length on the one mistake may be in the first letter
_ANY_LETTER: Final = 9


def _allowed(length: int) -> int:
    """How many mistakes a name of this length may have."""
    return bisect_right(_LENGTHS, length)


def _near(readings: tuple[str, ...], hint: str) -> tuple[Place, ...]:
    """The places whose names are a few mistakes away, begin so, or have the text as one of their parts."""
    names = index()
    ranks: dict[str, float] = {}

    def add(found: Iterable[Place], rank: float) -> None:
        for known in found:
            ranks[known.key] = min(rank, ranks.get(known.key, rank))

    for reading in readings:
        query = plain(reading)
        add(names.plain.get(query, ()), 0)
        if len(query) < MIN_PART or len(reading.split()) > _MAX_WORDS or reading + "s" in readings:
            continue
        add(names.parts.get(query, ()), _PART_RANK)
        if len(query) >= _MIN_PREFIX:
            begun = {known.key: known for key in names.keys if key.startswith(query) for known in names.plain[key]}
            if len(begun) <= _MAX_PREFIX_HITS:
                add(begun.values(), _PREFIX_RANK)
        cutoff = _allowed(len(query))
        if not cutoff:
            continue
        for key, distance, _ in process.extract(
            query, names.keys, scorer=OSA.distance, score_cutoff=cutoff, limit=None
        ):
            shorter = min(len(query), len(key))
            same_start = query[0] == key[0]
            if distance <= _allowed(shorter) and (
                same_start or (distance == 1 and shorter >= _FIRST_LETTER) or shorter >= _ANY_LETTER
            ):
                add(names.plain[key], distance + (0 if same_start else 0.25))
    order = {key: number for number, key in enumerate(places())}
    known = places()
    best = sorted(ranks, key=lambda key: (int(ranks[key]), known[key].country != hint, ranks[key], order[key]))
    return tuple(known[key] for key in best)
