"""What comes again and again, in people's own words; and the dialogue that plans it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.prompts import FUTURE, MAX_PROMPT, PlanPrompts, Rule
from bot.flows import recurring
from bot.flows.plan_prompts import Coming, Kept, plan_prompts
from bot.flows.questions import Answer, Choose, Ctx, Flow, Input, Meaning, Retry
from bot.flows.rules import told
from bot.flows.words import plain
from tests.flows.transcript import Play

ZONE = "Europe/Stockholm"
NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)
"""A Monday at noon in Stockholm."""
TOWN = UUID(int=1)
PARSE = recurring.rule(ZONE)
SOON = tuple(Coming(at, at) for at in (datetime(2026, 3, day, 17, tzinfo=UTC) for day in (9, 16, 23)))


def meant(words: str, choice: str = "", locale: str = "sv") -> Meaning:
    return PARSE(Input(words, choice), Ctx(NOW, ZONE, locale))


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("varje måndag kl 18", "Every Monday at 18:00"), ("varje måndag 18.30", "Every Monday at 18:30"),
        ("every Monday at 6 pm", "Every Monday at 18:00"), ("Mondays at 18:00", "Every Monday at 18:00"),
        ("måndagar kl 18", "Every Monday at 18:00"), ("varje måndagskväll kl 7", "Every Monday at 19:00"),
        ("varje måndag kl 6", "Every Monday at 18:00"), ("söndagskvällar kl 19", "Every Sunday at 19:00"),
        ("Varje fredag 🎉 kl. 18", "Every Friday at 18:00"), ("varje vecka på måndag kl 18", "Every Monday at 18:00"),
        ("måndagar och torsdagar kl 18", "Every Monday and Thursday at 18:00"),
        ("mån, ons och fre kl 17", "Every Monday, Wednesday and Friday at 17:00"),
        ("every monday, wednesday and friday at 17:00", "Every Monday, Wednesday and Friday at 17:00"),
        ("every other Thursday at 7 pm", "Every other Thursday at 19:00"),
        ("varannan torsdag kl 19", "Every other Thursday at 19:00"),
        ("varannan vecka på torsdag kl 19", "Every other Thursday at 19:00"),
        ("tisdagar varannan vecka kl 18", "Every other Tuesday at 18:00"),
        ("every second week on Thursday at 19:00", "Every other Thursday at 19:00"),
        ("every 2nd tuesday at 18:00", "Every other Tuesday at 18:00"),
        ("var 14:e dag på torsdag kl 18", "Every other Thursday at 18:00"),
        ("var tredje vecka på onsdag 17.30", "Every 3 weeks on Wednesday at 17:30"),
        ("every 3 weeks on Monday at 10am", "Every 3 weeks on Monday at 10:00"),
        ("första tisdagen i månaden kl 18", "The first Tuesday of the month at 18:00"),
        ("varje första tisdag i månaden kl 18", "The first Tuesday of the month at 18:00"),
        ("the first Tuesday of the month at 6 pm", "The first Tuesday of the month at 18:00"),
        ("sista fredagen varje månad kl 15", "The last Friday of the month at 15:00"),
        ("last Friday of each month at 15:00", "The last Friday of the month at 15:00"),
        ("varje kvartal första måndagen kl 12", "The first Monday of the month, every 3 months, at 12:00"),
        ("den 15:e varje månad kl 18", "Day 15 of each month at 18:00"),
        ("varje månad den 15 kl 18", "Day 15 of each month at 18:00"),
        ("the 1st of every month at 9:00", "Day 1 of each month at 09:00"),
        ("sista dagen i månaden kl 12", "The last day of the month at 12:00"),
        ("varje vardag kl 9", "Every weekday, Monday to Friday, at 09:00"),
        ("weekdays at 8:30", "Every weekday, Monday to Friday, at 08:30"),
        ("måndag till fredag kl 9", "Every weekday, Monday to Friday, at 09:00"),
        ("varje dag kl 9", "Every day at 09:00"), ("every day at noon", "Every day at 12:00"),
        ("dagligen 19:00", "Every day at 19:00"), ("en gång om dagen kl 10", "Every day at 10:00"),
        ("varannan dag kl 12", "Every 2 days at 12:00"), ("varje kväll kl 7", "Every day at 19:00"),
        ("every morning at 9", "Every day at 09:00"),
    ],
)  # fmt: skip
def test_what_is_clear_is_taken(words: str, rule: str) -> None:
    found = meant(words)
    assert isinstance(found, Answer), found
    assert isinstance(found.value, Rule)
    assert plain(told(found.value)) == rule
    later = Ctx(datetime(2027, 8, 1, tzinfo=UTC), "UTC", "en")
    assert PARSE(found.given, later) == found, "read again, another day, it means the same"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("varje måndag kl 18", date(2026, 3, 2)), ("varje måndag kl 11", date(2026, 3, 9)),
        ("varannan torsdag kl 19 från den 12 mars", date(2026, 3, 12)),
        ("every other thursday at 19:00 starting 12 March", date(2026, 3, 12)),
        ("varje dag kl 9", date(2026, 3, 3)), ("on Friday at 18", date(2026, 3, 6)),
    ],
)  # fmt: skip
def test_the_first_day_is_the_next_or_the_one_that_is_said(words: str, first: date) -> None:
    found = meant(words, locale="en")
    assert isinstance(found, Answer)
    assert isinstance(found.value, Rule)
    assert found.value.first == first


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("varje vecka", [("d0", "Monday"), ("d1", "Tuesday"), ("d2", "Wednesday")]),
        ("varje helg kl 11", [("d5", "Saturday"), ("d6", "Sunday")]),
        ("varje tisdag", [("t1000", "Every Tuesday at 10:00"), ("t1400", "Every Tuesday at 14:00")]),
        ("every Sunday evening", [("t1500", "Every Sunday at 15:00"), ("t1700", "Every Sunday at 17:00")]),
        ("den 31:a varje månad kl 12", [("l-1", "The last day of each month"), ("l28", "The 28th of each month")]),
    ],
)
def test_what_may_mean_several_things_is_asked_about(words: str, choices: list[tuple[str, str]]) -> None:
    found = meant(words)
    assert isinstance(found, Choose), found
    assert [(one.id, plain(one.label)) for one in found.options][: len(choices)] == choices


def test_what_is_chosen_is_kept_while_more_is_asked() -> None:
    day = meant("varje vecka", "d3")
    assert isinstance(day, Choose)
    assert day.options[2].id == "d3t1800"
    found = meant("varje vecka", "d3t1800")
    assert isinstance(found, Answer)
    assert found.value == Rule("weeks", time(18), date(2026, 3, 5), weekdays=(3,))
    last = meant("den 31:a varje månad kl 12", "l-1")
    assert isinstance(last, Answer)
    assert last.value == Rule("months", time(12), date(2026, 3, 2), day=-1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("every minute", recurring.TOO_OFTEN), ("varje timme", recurring.TOO_OFTEN),
        ("var tionde minut", recurring.TOO_OFTEN), ("två gånger om dagen", recurring.TOO_OFTEN),
        ("hourly", recurring.TOO_OFTEN), ("varje år den 1 maj", recurring.YEARLY), ("yearly", recurring.YEARLY),
        ("varje månad", recurring.WHICH_DAY), ("när det passar", recurring.HOW), ("varje", recurring.HOW),
        ("varje måndag kl 18 och kl 20", recurring.HOW), ("every 100 weeks on monday at 10", recurring.HOW),
        ("den 32:a varje månad kl 12", recurring.HOW), ("varje måndag kl 25", recurring.HOW), ("🎉", recurring.HOW),
        ("x" * 4000, recurring.HOW), ("varje måndag " * 300, recurring.HOW),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_what_can(words: str, says: object) -> None:
    found = meant(words)
    assert isinstance(found, Retry), found
    assert found.text == says


def test_what_is_past_is_no_time() -> None:
    found = meant("i går kl 18")
    assert isinstance(found, Retry)
    assert "passed" in plain(found.text)


SOME = (
    "varje every var annan other andra tredje 2 14:e måndag Thursday och and dag week vecka månad the of i kl at 6 18 "
    "25 18:30 kväll pm den 31 från 12 mars sista first on på x 🎉 - /"
)
WORDS = st.sampled_from(SOME.split())


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=8), st.sampled_from(["", "d3", "l-1", "t1800", "d9", "d3t9999", "rule", "m1", "x"]))
def test_whatever_is_written_means_something_or_is_asked_again(words: list[str], choice: str) -> None:
    found = meant(" ".join(words), choice)
    if isinstance(found, Answer):
        assert PARSE(found.given, Ctx(NOW, ZONE, "en")) == found
        assert isinstance(found.value, Rule)
        assert plain(told(found.value))


# -- the dialogue ---------------------------------------------------------------------------------------------


def planning() -> Flow[object]:
    return plan_prompts(TOWN, ZONE)


def test_the_twelve_questions_are_planned_in_three_answers() -> None:
    told_so = Play(planning, SOON).send("1", "varje måndag kl 18")
    assert told_so.last == (
        "I ask: Twelve questions about our future\n"
        "First: What do you like so much here that it should still be here in ten years?\n"
        "When: Every Monday at 18:00\n"
        "Next: 2026-03-09T17:00:00+00:00\nThen: 2026-03-16T17:00:00+00:00\nAnd then: 2026-03-23T17:00:00+00:00\n"
        "Is this how you want it?\n1. Yes, ask then\n2. The question\n3. The time\n4. Which one first"
    )
    assert told_so.send("1").command == PlanPrompts(
        TOWN, Rule("weeks", time(18), date(2026, 3, 2), weekdays=(0,)), FUTURE
    )


def test_it_is_chosen_which_of_the_twelve_comes_first() -> None:
    told_so = Play(planning, SOON).send("1", "varje måndag kl 18", "4", "thirteen")
    assert told_so.last.startswith(
        "! Write its number, from 1 to 12.\nWhich one shall come first?\n1. What do you like"
    )
    told_so.send("11")
    assert "First: What would you begin if you knew that five others would help?" in told_so.last
    assert "And then:" not in told_so.last, "two are left"
    made = told_so.send("yes").command
    assert isinstance(made, PlanPrompts)
    assert (made.series, made.first) == (FUTURE, 10)

    kept = Kept(made.rule, made.series, (), made.first)
    changed = Play(lambda: plan_prompts(TOWN, ZONE, schedule_id=TOWN, kept=kept), SOON)
    assert "First: What would you begin" in changed.last
    changed.send("@what", "One?\nTwo?")
    assert "First: One?" in changed.last, "of other questions the first"


def test_the_rest_of_a_time_is_enough() -> None:
    told_so = Play(planning, SOON).send("What now?", "every day", "9")
    assert "When: Every day at 09:00" in told_so.last
    told_so.send("@when", "every monday", "thursdays at 18")
    assert "When: Every Thursday at 18:00" in told_so.last, "and all of it, anew, is all of it"


def test_ones_own_questions_are_one_a_line_and_are_changed_before_the_yes() -> None:
    told_so = Play(planning, SOON).send("Who is missing?\n\nWhat is next?", "each tuesday", "c", "@when", "back", "1")
    made = told_so.command
    assert isinstance(made, PlanPrompts)
    assert made.questions == ("Who is missing?", "What is next?")
    assert plain(told(made.rule)) == "Every Tuesday at 18:00"


def test_what_was_planned_stands_until_it_is_changed() -> None:
    kept = Kept(Rule("days", time(9), date(2026, 3, 2)), "", ("What now?",))
    told_so = Play(lambda: plan_prompts(TOWN, ZONE, schedule_id=TOWN, kept=kept), SOON)
    assert told_so.asked == ["confirm"]
    made = told_so.send("@what", "And now?", "yes").command
    assert made == PlanPrompts(TOWN, kept.rule, "", ("And now?",), None, TOWN)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("x" * 4000, f"! That is 4000 characters; at most {MAX_PROMPT} fit."),
        ("😀", "! I saw no words there."),
        ("3", "! I saw no words there."),
        ("a\n" * 21, "! That is 21 questions; at most 20 fit."),
    ],
)
def test_too_much_or_too_little_is_told_and_loses_nothing(words: str, says: str) -> None:
    told_so = Play(planning, SOON).send(words)
    assert told_so.last.startswith(says)
    assert told_so.question.name == "what"
