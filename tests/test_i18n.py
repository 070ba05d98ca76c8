"""Words in one's language: plurals, dates, lists, what is not translated, what runs the other way.

Commands in texts are written as the receiver's network writes them, and there is no command that is none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from babel.messages.pofile import read_po

from bot.chat.content import Text, When
from bot.handlers.tables import named
from bot.i18n import DIRECTORY, NoCatalog, catalog, enumerate_words, isolate, known, render


def sentences() -> list[tuple[str, str, str]]:
    """All sentences of the catalogs, with the language that each is in."""
    found: list[tuple[str, str, str]] = []
    with (DIRECTORY / "sv" / "LC_MESSAGES" / "bot.po").open("rb") as file:
        for message in (one for one in read_po(file, locale="sv") if one.id):
            msgid = message.id if isinstance(message.id, str) else message.id[0]
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            found += [(msgid, "en", msgid), *((msgid, "sv", text) for text in texts)]
    return found


def test_what_is_shown_as_a_command_is_one() -> None:
    shown = [
        (text, word)
        for _msgid, language, text in sentences()
        for word in re.findall(r"(?<![\w/:.<])/(\w+)", text)
        if named(word) is None
    ]
    assert not shown


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_command_is_written_in_the_networks_way(language: str) -> None:
    bare = dict.fromkeys(msgid for msgid, _language, _text in sentences() if "%(" not in msgid)
    named_there = [msgid for msgid in bare if "/help" in msgid]
    assert len(named_there) > 3
    assert all("!help" in render(Text(msgid), "en", sign="!") for msgid in named_there)
    assert not [msgid for msgid in bare if re.search(r"(^|\s)/\w", render(Text(msgid), language, sign="!"))]


def test_what_people_wrote_keeps_its_words() -> None:
    words = Text("I do not know the command /%(word)s.", {"word": "and/or /idea"})
    assert render(words, "en", sign="!") == "I do not know the command !and/or /idea."
    assert render(words, "en") == "I do not know the command /and/or /idea."


# -- numbers, moments, lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "n", "said"),
    [
        ("en", 0, "0 people can join by it."),
        ("en", 1, "1 person can join by it."),
        ("en", 21, "21 people can join by it."),
        ("sv", 0, "0 personer kan gå med genom länken."),
        ("sv", 1, "1 person kan gå med genom länken."),
        ("sv", 21, "21 personer kan gå med genom länken."),
    ],
)
def test_a_number_chooses_the_form(locale: str, n: int, said: str) -> None:
    words = Text("%(n)d person can join by it.", {"n": n}, plural="%(n)d people can join by it.")
    assert render(words, locale) == said


SUMMER, WINTER = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "style", "locale", "zone", "said"),
    [
        (SUMMER, "datetime", "sv", "Europe/Stockholm", "torsdag 2 juli 00:30"),
        (SUMMER, "datetime", "en", "Europe/Helsinki", "Thursday 2 July 01:30"),
        (SUMMER, "date", "en", "America/New_York", "1 July"),
        (WINTER, "date", "sv", "Europe/Stockholm", "1 februari"),
        (WINTER, "time", "sv", "Europe/Stockholm", "00:30"),
        (WINTER, "datetime", "sv", "UTC", "lördag 31 januari 23:30"),
    ],
)
def test_a_moment_is_told_in_the_zone_of_the_room(at: datetime, style: str, locale: str, zone: str, said: str) -> None:
    assert render(Text("%(when)s", {"when": When(at, style)}), locale, zone) == said  # type: ignore[arg-type]


def test_a_list_ends_as_the_language_ends_it() -> None:
    assert [enumerate_words(["Anna", "Bo", "Cia"][:n], "sv") for n in (1, 2, 3)] == [
        "Anna",
        "Anna och Bo",
        "Anna, Bo och Cia",
    ]
    assert enumerate_words(["Anna", "Bo"], "en") == "Anna and Bo"


# -- languages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "spoken"),
    [
        ("sv", "sv"), ("sv-FI", "sv"), ("SV_se", "sv"), ("nb-NO", "sv"), ("da", "sv"), ("en-GB", "en"), ("de", "en"),
        ("ar", "en"), ("x" * 99, "en"), ("-", "en"), ("", "sv"), (None, "sv"),
    ],
)  # fmt: skip
def test_one_is_spoken_to_in_the_nearest_language(says: str | None, spoken: str) -> None:
    assert known(says) == spoken


def test_what_is_not_translated_is_said_in_english() -> None:
    words = Text("Nobody has %(n)d words for it, 100 %% sure.", {"n": 3})
    assert render(words, "sv") == "Nobody has 3 words for it, 100 % sure."
    assert render(Text("100 %% sure."), "sv") == "100 % sure."


def test_a_language_without_a_catalog_is_told() -> None:
    with pytest.raises(NoCatalog, match="make catalogs"):
        catalog("da")


def test_what_stands_within_is_in_the_same_language() -> None:
    words = Text("Go on with: %(title)s", {"title": Text("Give an idea")})
    assert render(words, "sv") == "Fortsätt: Ge en idé"


# -- what people wrote ----------------------------------------------------------------------------------------

ARABIC, HEBREW, OVERRIDE = "حديقة للجميع", "גן לכולם", "a\u202eb"


@pytest.mark.parametrize("words", [ARABIC, HEBREW, OVERRIDE, f"Nora {HEBREW}"])
def test_words_that_run_the_other_way_turn_nothing_around(words: str) -> None:
    said = render(Text("New in “%(what)s”: %(names)s.", {"what": words, "names": "Bo"}), "en")
    assert said == f"New in “\u2068{words}\u2069”: Bo."


@pytest.mark.parametrize("words", ["Nora", "Åsele", "Ľubľana", "京都", "🌻", ""])
def test_other_words_stand_bare(words: str) -> None:
    assert isolate(words) == words


@pytest.mark.parametrize("words", ["%(what)s", "%s %d %%", "{what}", "%(n", "\\x"])
def test_what_people_wrote_is_never_a_format(words: str) -> None:
    assert words in render(Text("New in “%(what)s”: %(names)s.", {"what": words, "names": "Bo"}), "sv")
    assert render(words, "sv") == words
