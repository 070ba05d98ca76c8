"""The list of municipalities is whole, and a typed name finds the place it means: surely, as a choice, or not."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.place_names import Place, place, places
from bot.domain.places import MAX_LENGTH, Match, find_places, label

COUNTRIES = ("SE", "DK", "NO", "FI")
HINTS = (None, "", "se", *COUNTRIES, "IS")


def near(text: str, hint: str | None = None) -> list[str]:
    match = find_places(text, hint)
    assert match.sure is None
    return [known.key for known in match.near]


def sure(text: str, hint: str | None = None) -> str | None:
    match = find_places(text, hint)
    assert match.sure is None or not match.near
    return match.sure.key if match.sure else None


def known(key: str) -> Place:
    found = place(key)
    assert found is not None
    return found


# The list ----------------------------------------------------------------------------------------------------------


def test_every_municipality_is_there() -> None:
    assert Counter(one.country for one in places().values()) == {"SE": 290, "DK": 98, "NO": 357, "FI": 308}


def test_keys_are_country_and_code() -> None:
    digits = {"SE": 4, "DK": 3, "NO": 4, "FI": 3}
    for key, one in places().items():
        country, code = key.split("-")
        assert one.key == key
        assert one.country == country
        assert code.isdecimal()
        assert len(code) == digits[country]
    assert len(places()) == 290 + 98 + 357 + 308


def test_no_field_is_empty_or_untidy() -> None:
    for one in places().values():
        for text in (one.name, one.region, one.zone, *one.other_names):
            assert text
            assert text == " ".join(text.split())
        assert one.name not in one.other_names
        assert len(set(one.other_names)) == len(one.other_names)


def test_the_regions_are_whole() -> None:
    regions = {country: {one.region for one in places().values() if one.country == country} for country in COUNTRIES}
    assert {country: len(names) for country, names in regions.items()} == {"SE": 21, "DK": 5, "NO": 15, "FI": 19}
    for gone in ("Viken", "Troms og Finnmark", "Vestfold og Telemark"):
        assert gone not in regions["NO"]


def test_a_code_lies_in_its_region() -> None:
    for country in ("SE", "NO"):
        starts: dict[str, set[str]] = {}
        for one in places().values():
            if one.country == country:
                starts.setdefault(one.key[3:5], set()).add(one.region)
        assert all(len(regions) == 1 for regions in starts.values())


def test_the_zones() -> None:
    zones = {"SE": "Europe/Stockholm", "DK": "Europe/Copenhagen", "NO": "Europe/Oslo", "FI": "Europe/Helsinki"}
    for one in places().values():
        assert one.zone == ("Europe/Mariehamn" if one.region == "Åland" else zones[one.country])
    assert sum(one.zone == "Europe/Mariehamn" for one in places().values()) == 16
    for zone in {one.zone for one in places().values()}:
        assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("SE-0180", "Stockholm"),
        ("SE-1480", "Göteborg"),
        ("SE-2584", "Kiruna"),
        ("SE-0331", "Heby"),
        ("DK-101", "København"),
        ("DK-860", "Hjørring"),
        ("DK-400", "Bornholm"),
        ("NO-0301", "Oslo"),
        ("NO-1508", "Ålesund"),
        ("NO-1580", "Haram"),
        ("NO-3205", "Lillestrøm"),
        ("NO-5501", "Tromsø"),
        ("NO-5610", "Karasjok"),
        ("FI-091", "Helsinki"),
        ("FI-005", "Alajärvi"),
        ("FI-478", "Mariehamn"),
        ("FI-992", "Äänekoski"),
    ],
)
def test_known_codes(key: str, name: str) -> None:
    assert known(key).name == name


@pytest.mark.parametrize("key", ["NO-1507", "NO-3024", "NO-5401", "DK-411", "FI-588", "SE-9999", "", "Stockholm"])
def test_codes_that_are_gone_or_never_were(key: str) -> None:
    assert place(key) is None


def test_the_list_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        places()["SE-0180"] = known("SE-0181")  # type: ignore[index]


# Finding -----------------------------------------------------------------------------------------------------------


def test_every_name_finds_its_place() -> None:
    for one in places().values():
        for name in (one.name, *one.other_names):
            for typed in (name, name.upper(), f"  {name} "):
                match = find_places(typed)
                assert match.sure == one or one in match.near, typed
            assert find_places(name, one.country).sure == one or one.name in ("Herøy", "Våler"), name


def test_every_official_way_to_say_it_finds_its_place() -> None:
    after = {"SE": ["kommun", "s kommun"], "DK": [" Kommune", "s Kommune"], "NO": [" kommune"], "FI": [" kunta"]}
    for one in places().values():
        for end in after[one.country]:
            match = find_places(f"{one.name} {end}" if end == "kommun" else f"{one.name}{end}", one.country)
            assert match.sure == one or one in match.near, f"{one.name}{end}"


def test_every_label_finds_its_place() -> None:
    for one in places().values():
        assert find_places(label(one)).sure == one


def test_labels_are_unique() -> None:
    assert max(Counter(label(one) for one in places().values()).values()) == 1


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("SE-1281", "Lund (Skåne län)"),
        ("NO-1112", "Lund (Rogaland)"),
        ("NO-1515", "Herøy (Møre og Romsdal)"),
        ("NO-1818", "Herøy (Nordland)"),
        ("NO-3114", "Våler (Østfold)"),
        ("FI-684", "Rauma (Satakunta)"),
        ("SE-0643", "Habo"),
        ("SE-0305", "Håbo"),
        ("SE-0180", "Stockholm"),
        ("FI-771", "Sund"),
    ],
)
def test_the_region_is_shown_only_where_needed(key: str, shown: str) -> None:
    assert label(known(key)) == shown


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        # accents and letters
        ("Jonkoping", "SE-0680"),
        ("malmo", "SE-1280"),
        ("Malmø", "SE-1280"),
        ("Gøteborg", "SE-1480"),
        ("Goeteborg", "SE-1480"),
        ("KØBENHAVN", "DK-101"),
        ("Kobenhavn", "DK-101"),
        ("Koebenhavn", "DK-101"),
        ("Naestved", "DK-370"),
        ("Århus", "DK-751"),
        ("Arhus", "DK-751"),
        ("Ålborg", "DK-851"),
        ("Høje Tåstrup", "DK-169"),
        ("Aalesund", "NO-1508"),
        ("Alesund", "NO-1508"),
        ("Karasjohka", "NO-5610"),
        ("upplandsväsby", "SE-0114"),
        ("Upplands Bro", "SE-0139"),
        # other names
        ("Copenhagen", "DK-101"),
        ("Köpenhamn", "DK-101"),
        ("Gothenburg", "SE-1480"),
        ("Elsinore", "DK-217"),
        ("Helsingfors", "FI-091"),
        ("Åbo", "FI-853"),
        ("Abo", "FI-853"),
        ("S:t Michel", "FI-491"),
        ("Sankt Michel", "FI-491"),
        ("Kárášjohka", "NO-5610"),
        ("Guovdageaidnu", "NO-5612"),
        ("Romsa", "NO-5501"),
        ("Giron", "SE-2584"),
        ("Ohcejohka", "FI-890"),
        ("Maarianhamina", "FI-478"),
        ("Kárášjohka - Karasjok", "NO-5610"),
        ("Helsinki/Helsingfors", "FI-091"),
        # words for municipality, and genitives
        ("Malmö stad", "SE-1280"),
        ("Gävle kommun", "SE-2180"),
        ("Stockholms stad", "SE-0180"),
        ("Falu kommun", "SE-2080"),
        ("Region Gotland", "SE-0980"),
        ("Skanderborg kommune", "DK-746"),
        ("Skanderborgs kommune", "DK-746"),
        ("Bornholms Regionskommune", "DK-400"),
        ("Ullensvang herad", "NO-4618"),
        ("Örebros", "SE-1880"),
        ("Stad kommune", "NO-4649"),
        ("Stad", "NO-4649"),
        ("Helsingin kaupunki", "FI-091"),
        ("Turun kaupunki", "FI-853"),
        ("Lahden kaupunki", "FI-398"),
        ("Inarin kunta", "FI-148"),
        ("City of Copenhagen", "DK-101"),
        # the letters as typed
        ("Habo", "SE-0643"),
        ("habo", "SE-0643"),
        ("Håbo", "SE-0305"),
        # one of the kind
        ("Nes", "NO-3228"),
        ("Os", "NO-3430"),
        ("Sund", "FI-771"),
        ("Solund", "NO-4636"),
        ("Nesna", "NO-1828"),
        ("Bjerkreim", "NO-1114"),
        ("Heby", "SE-0331"),
        ("Vara", "SE-1470"),
        ("Sala", "SE-1981"),
        ("Mora", "SE-2062"),
        ("Haninge", "SE-0136"),
        # the region or the country named as well
        ("Herøy i Nordland", "NO-1818"),
        ("Herøy Nordland", "NO-1818"),
        ("Heroy (More og Romsdal)", "NO-1515"),
        ("Våler, Østfold", "NO-3114"),
        ("Lund, Norge", "NO-1112"),
        ("Lund Sverige", "SE-1281"),
        ("Lund (Skåne län)", "SE-1281"),
        ("Lund i Skåne", "SE-1281"),
    ],
)
def test_sure(typed: str, key: str) -> None:
    assert sure(typed) == key


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("Herøy", ["NO-1515", "NO-1818"]),
        ("Heroy kommune", ["NO-1515", "NO-1818"]),
        ("Våler", ["NO-3114", "NO-3419"]),
        ("Lund", ["SE-1281", "NO-1112"]),
        ("Lunds kommun", ["SE-1281", "NO-1112"]),
        ("Rauma", ["NO-1539", "FI-684"]),
        ("Övertorneå", ["SE-2518", "FI-976"]),
        ("Vardo", ["NO-5634", "FI-941"]),
        ("Hábo", ["SE-0305", "SE-0643"]),
    ],
)
def test_a_name_of_several_is_a_choice(typed: str, keys: list[str]) -> None:
    assert near(typed) == keys


@pytest.mark.parametrize(
    ("typed", "hint", "key"),
    [
        ("Lund", "NO", "NO-1112"),
        ("Lund", "se", "SE-1281"),
        ("Rauma", "FI", "FI-684"),
        ("Övertorneå", "FI", "FI-976"),
        ("Göteborg", "NO", "SE-1480"),
        ("Lund, Norge", "SE", "NO-1112"),
    ],
)
def test_the_hint_settles_but_never_forbids(typed: str, hint: str, key: str) -> None:
    assert sure(typed, hint) == key


def test_a_hint_that_leaves_several_or_none_keeps_the_choice() -> None:
    assert near("Herøy", "NO") == ["NO-1515", "NO-1818"]
    assert near("Lund", "DK") == ["SE-1281", "NO-1112"]
    assert near("Lund", "??") == ["SE-1281", "NO-1112"]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Skellefte", "SE-2482"),
        ("Göteborgh", "SE-1480"),
        ("Gotenborg", "SE-1480"),
        ("Lulå", "SE-2580"),
        ("Vesterås", "SE-1980"),
        ("Jönkpöing", "SE-0680"),
        ("Linkøbing", "SE-0580"),
        ("Kopenhavn", "DK-101"),
        ("Copenhagn", "DK-101"),
        ("Trondhjem", "NO-5001"),
        ("Helsinky", "FI-091"),
        ("Göteborgh, Sverige", "SE-1480"),
        ("Trond", "NO-5001"),
        ("Malung", "SE-2023"),
        ("Fåborg", "DK-430"),
        ("Majorna, Göteborg", "SE-1480"),
        ("Lillhärdal i Härjedalen", "SE-2361"),
        ("Bo", "NO-1867"),
    ],
)
def test_what_may_be_mistaken_is_asked_back(typed: str, key: str) -> None:
    assert near(typed)[0] == key


def test_the_parts_of_a_name_are_a_choice() -> None:
    assert near("Toten") == ["NO-3442", "NO-3443"]
    assert near("Upplands") == ["SE-0114", "SE-0139"]
    assert set(near("Kristian")) == {"SE-1290", "NO-1505", "NO-4204"}


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "\n", "-", "?", "1", "123", "0180", "👋", "(", ",", "/", " i ", "kommun", "\ud800", "İ", "ß"),
        *("Reykjavik", "Byn Lillhärdal", "London", "Paris", "Hamburg", "Mosjøen", "Skåne", "Norge", "Region Stockholm"),
        *("hej", "hej på dig", "hello world", "asdf", "asdfgh", "test", "nej tack", "hål i vägen", "soptunna"),
        "Varför har kommunen stängt av vattnet",
        "Det är alldeles för många hål i gatan utanför skolan",
        "a" * MAX_LENGTH,
    ],
)
def test_what_is_no_place_finds_none(typed: str) -> None:
    assert find_places(typed) == Match(sure=None, near=())


def test_a_long_text_is_no_name() -> None:
    assert find_places("Stockholm" + " " * (MAX_LENGTH - 9)).sure == known("SE-0180")
    assert find_places("Stockholm" + " " * (MAX_LENGTH - 8)) == Match(sure=None, near=())


@pytest.mark.parametrize("limit", [-1, 0, 1, 2, 6])
def test_the_limit(limit: int) -> None:
    assert len(find_places("Karls", limit=limit).near) == max(limit, 0)
    assert len(find_places("Herøy", limit=limit).near) == min(max(limit, 0), 2)


NAMES = [name for one in places().values() for name in (one.name, *one.other_names)]


@given(st.one_of(st.text(max_size=MAX_LENGTH + 10), st.text(alphabet="abeiklnorsåäöæø -,(/'", max_size=20)))
def test_no_text_raises(text: str) -> None:
    for hint in HINTS:
        match = find_places(text, hint)
        assert match.sure is None or not match.near
        assert len(match.near) <= 6
        assert len(set(match.near)) == len(match.near)


@given(st.sampled_from(NAMES), st.data())
def test_one_mistake_never_makes_another_place_sure(name: str, data: st.DataObject) -> None:
    """A letter doubled by mistake is the place itself, a choice, or nothing: or truly another place's name."""
    at = data.draw(st.integers(0, len(name) - 1))
    typed = name[:at] + name[at] + name[at:]
    assume("aa" not in typed.casefold())  # that is å, and Haabo is Håbo
    found = find_places(typed).sure
    if found is not None and name not in (found.name, *found.other_names):
        assert typed.casefold() in {other.casefold() for other in (found.name, *found.other_names)}
