"""Typed words: cleaned, compared, cut, and read as answers."""

from __future__ import annotations

import pytest

from bot.chat.content import Text, When
from bot.flows.parsers import AS_WRITTEN, Where, choice, free_text, municipality
from bot.flows.questions import Answer, Choose, Ctx, Input, Retry
from bot.flows.table import FLOWS
from bot.flows.words import clean, fold, plain, shorten, word_of
from tests.flows.test_all_flows import PARAMS
from tests.flows.transcript import CTX, Play

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  hej  du ", "hej  du"),
        ("a\x00b\x1bc\x7f", "abc"),
        ("a\tb", "a b"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\n\n\n\n\nb  \n c", "a\n\nb\nc"),
        ("e\u0301", "é"),
        ("\u202eevil\u2066", "evil"),
        ("\ud800x", "x"),
        ("", ""),
        (" \n\t ", ""),
        ("\u200b\u200d\ufeff", ""),
        ("\u2800\u3164 \u00ad", ""),
        ("\u0301", ""),
        (FAMILY, FAMILY),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👍", "👍"),
    ],
)
def test_text_is_cleaned_and_otherwise_left_alone(sent: str, kept: str) -> None:
    assert clean(sent) == kept
    assert clean(kept) == kept


def test_a_tower_of_marks_is_cut() -> None:
    assert len(clean("z" + "\u0315" * 400)) == 7


LONG_WINDED = [sign * 60_000 for sign in ("a", "\u0301\u0316", "a!", "a,", "1 ", "- a\n", "\u200b", "=", "/")]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", FLOWS)
def test_very_long_answers_take_no_time(name: str) -> None:
    told = Play(lambda: FLOWS[name].begin(PARAMS))
    for sent in LONG_WINDED:
        told.send(sent)
    if name == "new":
        told.send("Nybro", "1", "@values", *LONG_WINDED)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("back", "back"), ("Tillbaka ", "back"), ("hoppa över", "skip"), ("HOPPA OVER", "skip"), ("skip", "skip"),
        ("stopp", "stop"), ("Stop", "stop"), ("avbryt", "stop"), ("cancel", "stop"), ("stop it", None), ("", None),
        ("backa", None), ("/back", None),
    ],
)  # fmt: skip
def test_only_the_whole_word_leads(typed: str, word: str | None) -> None:
    assert word_of(typed) == word


def test_folding_forgives_case_accents_and_what_is_not_seen() -> None:
    assert fold(" Hög\u2068sby  KOMMUN ") == "hogsby kommun"


def test_shortening_cuts_between_words() -> None:
    assert shorten("one two three", 13) == "one two three"
    assert shorten("one two\nthree four", 13) == "one two…"
    assert shorten("x" * 20, 10) == "x" * 9 + "…"


def test_plain_words_are_english() -> None:
    assert plain(Text("%(n)d idea", {"n": 1}, plural="%(n)d ideas")) == "1 idea"
    assert plain(Text("%(n)d idea", {"n": 2}, plural="%(n)d ideas")) == "2 ideas"
    assert plain(Text("100 %%")) == "100 %"
    assert plain(Text("%(a)s: %(b)s", {"a": Text("Inside"), "b": When(CTX.now)})) == "Inside: 2026-03-02T09:00:00+00:00"


def test_a_length_is_told_in_numbers() -> None:
    said = free_text(300)(Input("x" * 10_000), CTX)
    assert isinstance(said, Retry)
    assert plain(said.text) == "That is 10000 characters; at most 300 fit. Please make it shorter."


@pytest.mark.parametrize(
    "sent", [Input(), Input("   "), Input("\u200b"), Input("😀 … 👍"), Input(choice="red"), Input("x", "red")]
)
def test_nothing_is_no_text(sent: Input) -> None:
    assert isinstance(free_text(10)(sent, CTX), Retry)


def test_too_short_and_too_many_lines_are_told() -> None:
    assert isinstance(free_text(10, least=3)(Input("ab"), CTX), Retry)
    said = free_text(10, lines=2)(Input("a\nb\nc"), CTX)
    assert isinstance(said, Retry)
    assert plain(said.text) == "That is 3 lines; at most 2 fit. Please use fewer."


def test_a_single_line_takes_what_was_written_on_several() -> None:
    assert free_text(20)(Input("one\n  two"), CTX) == Answer("one two", Input("one two"))


def test_a_choice_is_one_of_its_values() -> None:
    assert choice({"a": 1})(Input(choice="a"), CTX) == Answer(1, Input(choice="a"))
    assert isinstance(choice({"a": 1})(Input("a"), CTX), Retry)


# -- places ---------------------------------------------------------------------------------------------------


def test_a_municipality_is_known_by_its_name() -> None:
    said = municipality(Input("högsby kommun"), CTX)
    assert said == Answer(Where("SE-0821", "Högsby"), Input(choice="SE-0821"))
    assert municipality(said.given, CTX) == said


def test_names_that_are_near_are_offered() -> None:
    said = municipality(Input("Hogsbi"), CTX)
    assert isinstance(said, Choose)
    assert [option.id for option in said.options][-1] == AS_WRITTEN
    assert "SE-0821" in [option.id for option in said.options]


@pytest.mark.parametrize(
    ("locale", "zone", "key"),
    [("sv", "Europe/Stockholm", "SE-1281"), ("nb", "Europe/Stockholm", "NO-1112"), ("en", "Europe/Oslo", "NO-1112")],
)
def test_a_name_in_two_countries_is_the_one_at_home(locale: str, zone: str, key: str) -> None:
    assert municipality(Input("Lund"), Ctx(CTX.now, zone, locale)) == Answer(Where(key, "Lund"), Input(choice=key))
    assert isinstance(municipality(Input("Lund"), Ctx(CTX.now, "America/New_York", "en")), Choose)


def test_any_other_place_is_taken_after_asking() -> None:
    said = municipality(Input("Timbuktu on the hill"), CTX)
    assert isinstance(said, Choose)
    assert [option.id for option in said.options] == [AS_WRITTEN]
    taken = municipality(Input("Timbuktu on the hill", AS_WRITTEN), CTX)
    assert taken == Answer(Where("", "Timbuktu on the hill"), Input("Timbuktu on the hill", AS_WRITTEN))


@pytest.mark.parametrize("sent", [Input(), Input("x" * 81), Input(choice="SE-9999"), Input("", AS_WRITTEN)])
def test_what_is_no_place_is_told(sent: Input) -> None:
    assert isinstance(municipality(sent, CTX), Retry)
