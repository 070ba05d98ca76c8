"""Times in people's own words: what is clear is taken, what is not is asked about, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.moments import around_gap, moment_of, moments_of
from bot.flows import times
from bot.flows.questions import Answer, Choose, Ctx, Input, Meaning, Retry
from bot.flows.words import plain

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""A Tuesday at ten in Stockholm."""


def meant(words: str, locale: str = "sv", *, now: datetime = NOW, here: str = ZONE, zone: str = "") -> Meaning:
    return times.when(zone=zone)(Input(words), Ctx(now, here, locale))


def written(at: datetime, zone: str = ZONE) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def moments(meaning: Meaning, zone: str = ZONE) -> list[str]:
    """The moment, or those to choose from."""
    if isinstance(meaning, Answer):
        assert isinstance(meaning.value, datetime)
        return [written(meaning.value, zone)]
    assert isinstance(meaning, Choose), meaning
    return [written(datetime.fromtimestamp(int(option.id[1:]) * 60, UTC), zone) for option in meaning.options]


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("på torsdag kl 18", "2026-11-26 18:00"), ("torsdag 18.30", "2026-11-26 18:30"),
        ("tors 18", "2026-11-26 18:00"), ("fredag 18.05", "2026-11-27 18:05"), ("3.12 10.10", "2026-12-03 10:10"),
        ("imorgon kl 18", "2026-11-25 18:00"), ("i övermorgon klockan 18", "2026-11-26 18:00"),
        ("i morgon bitti kl 7", "2026-11-25 07:00"), ("ikväll kl 7", "2026-11-24 19:00"),
        ("på torsdag, kl. 18.", "2026-11-26 18:00"), ("halv sju på kvällen på torsdag", "2026-11-26 18:30"),
        ("den 3 december kl 18.30", "2026-12-03 18:30"), ("3:e december kl 18", "2026-12-03 18:00"),
        ("den 3:e kl 18", "2026-12-03 18:00"), ("3/12 18:30", "2026-12-03 18:30"), ("3.12. kl 18", "2026-12-03 18:00"),
        ("3.12 18.30", "2026-12-03 18:30"), ("2026-12-03T18:30", "2026-12-03 18:30"),
        ("om två veckor kl 18", "2026-12-08 18:00"), ("torsdag om en vecka kl 18", "2026-12-03 18:00"),
        ("tisdag nästa vecka kl 10", "2026-12-01 10:00"), ("om en timme", "2026-11-24 11:00"),
        ("tisdag kl 9", "2026-12-01 09:00"), ("1 mars kl 18", "2027-03-01 18:00"),
        ("tomorrow at 6pm", "2026-11-25 18:00"), ("thursday 6 p.m.", "2026-11-26 18:00"),
        ("Dec 3 6 pm", "2026-12-03 18:00"), ("December 3rd, 2026 at 6:30 PM", "2026-12-03 18:30"),
        ("noon tomorrow", "2026-11-25 12:00"), ("in 3 months at 9:00", "2027-02-24 09:00"),
        ("söndag 29 november kl 12", "2026-11-29 12:00"), ("fredag den 4 kl 18", "2026-12-04 18:00"),
    ],
)  # fmt: skip
def test_what_is_clear_is_taken(words: str, at: str) -> None:
    found = times.when(furthest=1200)(Input(words), Ctx(NOW, ZONE, "sv"))
    assert isinstance(found, Answer)
    assert moments(found) == [at]


def test_a_day_that_is_years_away_is_asked_about() -> None:
    found = times.when(furthest=1200)(Input("29 februari kl 18"), Ctx(NOW, ZONE, "sv"))
    assert isinstance(found, Choose)
    assert moments(found) == ["2028-02-29 18:00"]


@pytest.mark.parametrize(
    ("words", "locale", "ats"),
    [
        ("i morgon klockan sex", "sv", ["2026-11-25 06:00", "2026-11-25 18:00"]),
        ("tomorrow at 6", "en", ["2026-11-25 06:00", "2026-11-25 18:00"]),
        ("nästa torsdag kl 19", "sv", ["2026-11-26 19:00", "2026-12-03 19:00"]),
        ("tisdag kl 18", "sv", ["2026-11-24 18:00", "2026-12-01 18:00"]),
        ("kl 18", "sv", ["2026-11-24 18:00", "2026-11-25 18:00"]),
        ("kl 9", "sv", ["2026-11-25 09:00"]),
        ("om två veckor", "sv", [f"2026-12-08 {hour}:00" for hour in (10, 14, 18, 19)]),
        ("torsdag kväll", "sv", [f"2026-11-26 {hour}:00" for hour in (15, 17, 18, 19)]),
        ("i helgen", "sv", ["2026-11-28 18:00", "2026-11-29 18:00"]),
        ("3/12 18:30", "en", ["2026-12-03 18:30", "2027-03-12 18:30"]),
        ("i dag kl 9", "sv", ["2026-11-25 09:00"]), ("1 november kl 18", "sv", ["2027-11-01 18:00"]),
        ("1 september kl 18", "sv", ["2027-09-01 18:00"]),
        ("midnatt på torsdag", "sv", ["2026-11-26 00:00", "2026-11-27 00:00"]),
        ("torsdag kl 24", "sv", ["2026-11-26 00:00", "2026-11-27 00:00"]),
        ("den 3", "sv", [f"2026-12-03 {hour}:00" for hour in (10, 14, 18, 19)]),
        ("den 3 kl 6", "sv", ["2026-12-03 06:00", "2026-12-03 18:00"]),
        ("the 3rd at 6", "en", ["2026-12-03 06:00", "2026-12-03 18:00"]),
        ("kl 6", "sv", ["2026-11-24 18:00", "2026-11-25 06:00", "2026-11-25 18:00"]),
        ("tisdag förmiddag", "sv", ["2026-12-01 10:00"]),
    ],
)  # fmt: skip
def test_what_may_mean_several_is_asked_about(words: str, locale: str, ats: list[str]) -> None:
    found = meant(words, locale)
    assert isinstance(found, Choose), found
    assert moments(found) == ats


@pytest.mark.parametrize(
    ("words", "locale", "ats"),
    [
        ("lördag 29 november kl 12", "sv", ["2026-11-28 12:00", "2026-11-29 12:00"]),
        ("Friday the 13th at 18", "en", ["2026-12-11 18:00", "2026-12-13 18:00"]),
    ],
)
def test_a_date_that_is_another_day_of_the_week_is_asked_about(words: str, locale: str, ats: list[str]) -> None:
    found = meant(words, locale)
    assert isinstance(found, Choose)
    assert found.text == times.CONTRARY
    assert moments(found) == ats


@pytest.mark.parametrize("words", ["igår kl 18", "2026-11-23 18:00", "25 oktober 2026 02:30"])
def test_what_has_passed_is_asked_again(words: str) -> None:
    assert meant(words) == Retry(times.PASSED)


def test_what_is_too_far_away_is_asked_again() -> None:
    found = meant("2031-01-01 18:00")
    assert isinstance(found, Retry)
    assert "730 days" in plain(found.text)


@pytest.mark.parametrize(
    "words",
    ["", "fika", "fika torsdag kl 18", "31 februari kl 18", "kl 25", "torsdag 18-20", "den 32 kl 18",
     "99999999", "0/0", "x" * 500, "torsdag fredag kl 18", "18:30 19:30", "in 99999 weeks at 10", "13 pm tomorrow",
     "\x00", "2026-13-45", "tomorrow tomorrow", "europe/nowhere 18:00 tomorrow"],
)  # fmt: skip
def test_no_word_is_passed_over(words: str) -> None:
    assert meant(words, "en") == Retry(times.HOW)


def test_days_in_other_languages_are_read() -> None:
    assert moments(meant("3. joulukuuta 18:00", "fi")) == ["2026-12-03 18:00"]
    assert moments(meant("huomenna 18", "fi")) == ["2026-11-25 18:00"]
    assert moments(meant("3. desember kl 18", "nb")) == ["2026-12-03 18:00"]
    assert meant("7 huomenna 18", "fi") == Retry(times.HOW)


# -- clocks --------------------------------------------------------------------------------------------------------


def test_an_hour_that_does_not_exist_is_asked_about() -> None:
    found = meant("28 mars 2027 kl 02:30")
    assert isinstance(found, Choose)
    assert found.text == times.NO_SUCH_TIME
    assert moments(found) == ["2027-03-28 01:30", "2027-03-28 03:30"]
    usual = times.when(usual=time(2, 30))(Input("28 mars 2027"), Ctx(NOW, ZONE, "sv"))
    assert isinstance(usual, Choose), "so too where only the day was said"


def test_an_hour_that_comes_twice_is_asked_about() -> None:
    found = meant("31 oktober 2027 kl 02:30", "en")
    assert isinstance(found, Choose)
    assert found.text == times.TWICE
    one, other = (datetime.fromtimestamp(int(option.id[1:]) * 60, UTC) for option in found.options)
    assert other - one == timedelta(hours=1)
    assert [plain(option.label).rpartition(", ")[2] for option in found.options] == [
        "before the clocks go back", "after the clocks have gone back",
    ]  # fmt: skip


def test_a_day_later_is_the_same_time_of_day_also_when_the_clocks_change() -> None:
    saturday = datetime(2027, 3, 27, 17, tzinfo=UTC)
    assert moments(meant("i morgon kl 18", now=saturday)) == ["2027-03-28 18:00"]
    assert moments(meant("om en timme", now=datetime(2027, 3, 28, 0, 30, tzinfo=UTC))) == ["2027-03-28 03:30"]


@pytest.mark.parametrize("words", ["torsdag kl 18 finsk tid", "torsdag 18 Europe/Helsinki", "torsdag 18 EET"])
def test_another_zone_is_asked_about(words: str) -> None:
    found = meant(words)
    assert isinstance(found, Choose)
    assert found.text == times.ELSEWHERE
    assert moments(found) == ["2026-11-26 17:00", "2026-11-26 18:00"]
    assert "in Helsinki" in plain(found.options[0].label)


def test_a_zone_with_the_same_clocks_is_no_question() -> None:
    assert moments(meant("torsdag kl 18 dansk tid")) == ["2026-11-26 18:00"]
    assert moments(meant("torsdag 18:00+01:00")) == ["2026-11-26 18:00"]
    assert moments(meant("2026-11-26T17:00Z", here="UTC")) == ["2026-11-26 18:00"]


def test_who_is_elsewhere_is_asked_whose_clocks() -> None:
    found = meant("torsdag kl 18", here="Europe/Helsinki", zone=ZONE)
    assert isinstance(found, Choose)
    assert moments(found) == ["2026-11-26 17:00", "2026-11-26 18:00"]


def test_an_answer_means_the_same_later_until_it_has_passed() -> None:
    parse, found = times.when(), meant("imorgon kl 18")
    assert isinstance(found, Answer)
    assert parse(found.given, Ctx(NOW + timedelta(hours=20), "UTC", "en")) == found
    assert parse(found.given, Ctx(NOW + timedelta(days=2), ZONE, "sv")) == Retry(times.PASSED)
    assert parse(Input(choice="m0"), Ctx(NOW, ZONE, "sv")) == Retry(times.HOW)


def test_moments_of_a_wall_clock() -> None:
    gap, twice = date(2027, 3, 28), date(2027, 10, 31)
    assert moments_of(gap, time(2, 30), ZONE) == ()
    assert moment_of(gap, time(2, 30), ZONE) == around_gap(gap, time(2, 30), ZONE)[1]
    assert [written(at) for at in around_gap(gap, time(2, 30), ZONE)] == ["2027-03-28 01:30", "2027-03-28 03:30"]
    assert len(moments_of(twice, time(2, 30), ZONE)) == 2
    assert moment_of(twice, time(2, 30), ZONE) == moments_of(twice, time(2, 30), ZONE)[0]


PIECES = st.sampled_from(
    ["på", "torsdag", "kl", "18", "18:30", "6", "pm", "next", "week", "nästa", "vecka", "om", "två", "in", "a", "månad",
     "3/12", "3.12.", "december", "den", "3:e", "halv", "noon", "midnatt", "ikväll", "utc", "+02:00", "europe/helsinki",
     "finsk", "tid", "31", "2027", ",", ".", "-"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(words=st.lists(PIECES | st.text(max_size=6), max_size=7).map(" ".join), locale=st.sampled_from(["sv", "en"]))
def test_whatever_is_written_gives_moments_to_come_or_a_question(words: str, locale: str) -> None:
    found = meant(words, locale)
    if isinstance(found, Choose):
        assert 0 < len(found.options) <= times.MOST
        assert len({option.id for option in found.options}) == len(found.options)
        for option in found.options:
            assert isinstance(times.when()(Input(words, option.id), Ctx(NOW, ZONE, locale)), Answer)
    elif isinstance(found, Answer):
        assert times.when()(found.given, Ctx(NOW, ZONE, locale)) == found
