"""Take the lead, and what moderation asks."""

from __future__ import annotations

from uuid import UUID

import pytest

from bot.chat.content import Text
from bot.domain.groups import ChangeGroup, TakeTheLead
from bot.flows.answering import refuse
from bot.flows.change_group import change_group
from bot.flows.commands import HideMatter, MuteParticipant, ReportMatter
from bot.flows.moderating import hide, mute, report
from bot.flows.questions import Flow, Refused
from bot.flows.take_lead import take_lead
from tests.flows.transcript import Play

TOWN, IDEA, BO = UUID(int=1), UUID(int=2), UUID(int=3)


def lead() -> Flow[object]:
    return take_lead(TOWN)


def lead_from_idea() -> Flow[object]:
    return take_lead(TOWN, IDEA, "A bench by\nthe river " + "and more " * 60)


def test_taking_the_lead_from_nothing() -> None:
    told = Play(lead).send("Read aloud at school", "The teacher", "Four readers", "Coffee on Thursday")
    assert told.last == (
        "What we want to do: Read aloud at school\n"
        "Whom we support: The teacher\n"
        "What we need: Four readers\n"
        "First step: Coffee on Thursday\n"
        "Is this how you want it?\n"
        "1. Take the lead\n"
        "2. What we want to do\n3. Whom we support\n4. What we need\n5. First step"
    )
    assert told.send("Take the lead").command == TakeTheLead(
        TOWN, None, "Read aloud at school", "The teacher", "Four readers", "Coffee on Thursday"
    )


def test_taking_the_lead_for_an_idea_needs_no_words_of_ones_own() -> None:
    told = Play(lead_from_idea).send("skip", "skip", "skip")
    assert told.asked == ["whom", "needs", "first_step", "confirm"]
    assert "Whom we support: Not said yet" in told.last
    made = told.send("1").command
    assert isinstance(made, TakeTheLead)
    assert (made.idea_id, made.whom) == (IDEA, "")
    assert made.what.startswith("A bench by the river and more")
    assert len(made.what) <= 200


def test_what_one_has_said_already_is_taken_whole_or_asked_for_again() -> None:
    said = "We read aloud " * 30
    made = Play(lambda: take_lead(TOWN, words=said)).send("skip", "skip", "skip", "yes").command
    assert isinstance(made, TakeTheLead)
    assert made.what == said.strip(), "not the beginning of it alone"
    told = Play(lambda: take_lead(TOWN, words=said * 2))
    assert told.question.name == "what", "too long: asked for again"


def test_a_groups_card_is_shown_first_and_only_what_is_pressed_is_asked() -> None:
    told = Play(lambda: change_group(TOWN, BO, what="A bench", whom="", needs="A saw", first_step=""))
    assert told.asked == ["confirm"]
    told.send("@first_step", "Saturday", "@needs", "skip", "@yes")
    assert told.asked == ["confirm", "first_step", "confirm", "needs", "confirm"]
    assert told.command == ChangeGroup(TOWN, BO, "A bench", "", "", "Saturday")


def test_what_is_done_can_be_changed_also_from_an_idea() -> None:
    told = Play(lead_from_idea).send("skip", "skip", "skip", "@what", "Build it", "@first_step", "Tomorrow", "@yes")
    assert told.command == TakeTheLead(TOWN, IDEA, "Build it", first_step="Tomorrow")


def test_what_the_domain_refuses_is_asked_again() -> None:
    told = Play(lead_from_idea).send("skip", "skip", "skip", "@yes")
    told.answers = refuse(told.answers, Refused("what", Text("There is such a group already.")))
    assert told.question.name == "what"
    assert told.send("Paint it", "yes").command == TakeTheLead(TOWN, IDEA, "Paint it")


def test_a_report_is_one_press() -> None:
    told = Play(lambda: report(TOWN, IDEA, "Bad words"))
    assert told.lines[:2] == ["« Bad words", "What is not all right?"]
    assert told.send("2").command == ReportMatter(TOWN, IDEA, "hate")


def test_hiding_has_a_reason() -> None:
    assert Play(lambda: hide(TOWN, IDEA)).send("It is not true").command == HideMatter(TOWN, IDEA, "false")


@pytest.mark.parametrize(("typed", "days"), [("1", 1), ("@d7", 7), ("30 days", 30)])
def test_a_pause_has_a_length_and_a_reason(typed: str, days: int) -> None:
    told = Play(lambda: mute(TOWN, BO)).send(typed, "back", typed, "@threat")
    assert told.command == MuteParticipant(TOWN, BO, days, "threat")
