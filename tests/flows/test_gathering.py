"""Plan a gathering, change one, write its notes, and bring a topic to an Open Space."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.domain.gatherings import ChangeGathering, PlanGathering, WriteNote
from bot.domain.open_space import ChangeTopic, PostTopic
from bot.flows.gathering import change_gathering, plan_gathering, write_note
from bot.flows.post_topic import change_topic, post_topic
from bot.flows.questions import Flow
from tests.flows.transcript import CTX, Play

TOWN, FIKA, GROUP = UUID(int=1), UUID(int=2), UUID(int=3)
ZONE = "Europe/Stockholm"
THURSDAY = datetime(2026, 3, 5, 17, tzinfo=UTC)


def plan() -> Flow[object]:
    return plan_gathering(TOWN, GROUP, zone=ZONE)


def test_two_answers_plan_a_gathering() -> None:
    told = Play(plan).send("Fika about the path", "Thursday 18:00", "skip")
    assert told.asked == ["what", "when", "where", "confirm"]
    assert told.last == (
        "What: Fika about the path\nWhen: 2026-03-05T17:00:00+00:00\nWhere: Not said yet\nHow long: Two hours\n"
        "How many fit: As many as come\nThe form: We meet\nIs this how you want it?\n"
        "1. Plan it\n2. What\n3. When\n4. Where\n5. How long\n6. How many fit\n7. The form"
    )
    assert told.send("yes").command == PlanGathering(TOWN, GROUP, "Fika about the path", THURSDAY, 120)


def test_the_rest_is_changed_in_the_summary() -> None:
    told = Play(plan).send("Fika", "Thursday 18:00", "The library", "@seats", "2", "@long", "@m180", "@form", "@open")
    assert told.send("yes").command == PlanGathering(
        TOWN, GROUP, "Fika", THURSDAY, 180, "The library", 2, open_space=True
    )


def test_a_time_that_may_be_several_is_asked_about_and_one_that_is_past_is_not_taken() -> None:
    told = Play(plan).send("Fika", "Thursday at 6")
    assert [option.id for option in told.question.options] != []
    assert told.send("yesterday at 18:00").question.name == "when"
    assert told.send("Thursday 18:00", "back").question.name == "when"
    assert told.send("stop").stopped


@pytest.mark.parametrize(
    ("before", "then"),
    [("Thursday", "18:00"), ("18:00", "on Thursday"), ("Thursday", "Thursday 18:00")],
)
def test_what_is_missing_in_a_time_may_be_written_alone(before: str, then: str) -> None:
    told = Play(plan).send("Fika", before)
    assert told.question.name == "when"
    assert told.send(then, "skip", "yes").command == PlanGathering(TOWN, GROUP, "Fika", THURSDAY, 120)


@pytest.mark.parametrize(
    ("typed", "seats"), [("12", 12), ("2", 2), ("12 people", 12), ("10 000", 10_000), ("@any", 0), ("1", None),
                         ("99999", None), ("many", None), ("x" * 4000, None)],
)  # fmt: skip
def test_how_many_fit_is_a_number(typed: str, seats: int | None) -> None:
    told = Play(lambda: change_gathering(TOWN, FIKA, "seats")).send(typed)
    if seats is None:
        assert told.question.name == "seats"
    else:
        assert told.command == ChangeGathering(TOWN, FIKA, seats=seats)


def test_choices_go_by_letters_where_a_number_is_the_answer() -> None:
    assert Play(lambda: change_gathering(TOWN, FIKA, "seats")).send("a").command == ChangeGathering(TOWN, FIKA, seats=0)
    told = Play(plan).send("Fika", "Thursday", "7", "b")
    assert told.send("skip", "yes").command == PlanGathering(TOWN, GROUP, "Fika", THURSDAY + timedelta(hours=1), 120)


def test_one_thing_is_changed() -> None:
    told = Play(lambda: change_gathering(TOWN, FIKA, "when", zone=ZONE)).send("Thursday 18:00")
    assert told.command == ChangeGathering(TOWN, FIKA, at=THURSDAY)
    assert Play(lambda: change_gathering(TOWN, FIKA, "where")).send("Here").command == ChangeGathering(
        TOWN, FIKA, where="Here"
    )
    assert Play(lambda: change_gathering(TOWN, FIKA, "what")).send("Tea").command == ChangeGathering(
        TOWN, FIKA, what="Tea"
    )


def test_notes_are_lines() -> None:
    told = Play(lambda: write_note(TOWN, FIKA, None, "Fika")).send("- A lamp\n- A bench")
    assert told.command == WriteNote(TOWN, FIKA, "- A lamp\n- A bench")


def topic() -> Flow[object]:
    hours = tuple(CTX.now + timedelta(hours=hour) for hour in (1, 2))
    return post_topic(TOWN, FIKA, "", hours, ("The stage", "The tree"), ZONE)


@pytest.mark.parametrize(
    ("typed", "at", "slot"),
    [("@s1", CTX.now + timedelta(hours=2), ""), ("2", CTX.now + timedelta(hours=2), ""),
     ("kl 11.30", datetime(2026, 3, 2, 10, 30, tzinfo=UTC), ""),
     ("kl 11", datetime(2026, 3, 2, 10, tzinfo=UTC), ""), ("11", None, "11"),
     ("after lunch", None, "after lunch"), ("skip", None, "")],
)  # fmt: skip
def test_a_topic_has_a_time_of_the_day_or_words_for_it(typed: str, at: datetime | None, slot: str) -> None:
    told = Play(topic).send("Lamps", typed, "The tree")
    assert told.command == PostTopic(TOWN, FIKA, "Lamps", at, slot, "The tree")


def test_a_topic_gets_another_time_or_another_place() -> None:
    hours = (CTX.now + timedelta(hours=1),)
    when = Play(lambda: change_topic(TOWN, FIKA, "when", hours, (), ZONE)).send("skip", "after lunch")
    assert when.command == ChangeTopic(TOWN, FIKA, slot="after lunch"), "it cannot be skipped, but said in words"
    assert Play(lambda: change_topic(TOWN, FIKA, "when", hours, (), ZONE)).send("@s0").command == ChangeTopic(
        TOWN, FIKA, hours[0]
    )
    where = Play(lambda: change_topic(TOWN, FIKA, "where", hours, ("The stage",), ZONE)).send("@p0")
    assert where.command == ChangeTopic(TOWN, FIKA, place="The stage")
