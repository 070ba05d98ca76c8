"""Give an idea, and change its words."""

from __future__ import annotations

from uuid import UUID

import pytest

from bot.flows.commands import EditIdea, GiveIdeas, SupportInstead
from bot.flows.edit_idea import edit_idea
from bot.flows.engine import Run
from bot.flows.give_idea import Similar, SimilarIdeas, give_idea, items
from bot.flows.questions import Flow, Input, Look
from tests.flows.transcript import CTX, Play

TOWN, IDEA, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
ALIKE = (Similar(IDEA, 4, "A bench by the river"), Similar(OTHER, 12, "Benches"))


def alone(text: str = "") -> Play:
    def make() -> Flow[object]:
        return give_idea(TOWN, text, private=True)

    return Play(make)


def in_group(text: str = "", found: object = ()) -> Play:
    def make() -> Flow[object]:
        return give_idea(TOWN, text, private=False)

    return Play(make, found)


def test_in_a_group_an_idea_is_given_at_once() -> None:
    told = in_group("  A bench by the lake ")
    assert told.asked == []
    assert told.command == GiveIdeas(TOWN, ("A bench by the lake",))


def test_in_a_group_without_words_only_the_words_are_asked() -> None:
    told = in_group().send("A bench")
    assert told.transcript == "What is your idea?\n> A bench\n= GiveIdeas"


def test_in_private_the_name_is_ones_own_choice() -> None:
    told = alone("A bench").send("2")
    assert told.transcript == (
        "« A bench\n"
        "Do you want to give it under your name?\n"
        "1. Give it with my name\n"
        "2. Give it without my name\n"
        "3. Ask me tomorrow.\n4. Change the words\n"
        "> 2\n"
        "= GiveIdeas"
    )
    assert told.command == GiveIdeas(TOWN, ("A bench",), named=False)
    assert alone("A bench").send("@named").command == GiveIdeas(TOWN, ("A bench",), named=True)


def test_the_words_can_be_changed_before_they_are_given() -> None:
    told = alone("A bench").send("@text", "A red bench", "@named")
    assert told.command == GiveIdeas(TOWN, ("A red bench",))
    told = alone("A bench").send("@text")
    assert told.question.written == "A bench"
    assert told.send("back", "1").command == GiveIdeas(TOWN, ("A bench",))


def test_others_with_the_same_idea_are_shown_first() -> None:
    told = in_group("A bench", ALIKE)
    assert told.transcript == (
        "« 4. A bench by the river\n"
        "« 12. Benches\n"
        "Is it one of these?\n"
        "1. I carry idea 4\n"
        "2. I carry idea 12\n"
        "3. No, mine is another\n"
        "4. Change the words"
    )
    assert told.send("2").command == SupportInstead(TOWN, OTHER)
    assert in_group("A bench", ALIKE).send("@keep").command == GiveIdeas(TOWN, ("A bench",))


def test_the_look_asks_for_what_was_written() -> None:
    assert Run(lambda: give_idea(TOWN, "A bench"), (), CTX).step() == Look("similar", SimilarIdeas(TOWN, "A bench"))


def test_new_words_are_looked_for_anew() -> None:
    told = alone("A bench")
    told.found = ALIKE
    told.send("@keep", "@text", "Another bench")
    assert told.question.name == "similar"


def test_an_idea_that_is_gone_meanwhile_is_asked_for_again() -> None:
    told = in_group("A bench", ALIKE)
    told.send("@n12")
    told.found = ALIKE[:1]
    assert told.question.name == "similar"


def test_several_lines_are_several_ideas_if_one_says_so() -> None:
    told = in_group("- A bench\n- A path\n\n3) A song\n- a bench ")
    assert told.transcript == (
        "« A bench\n« A path\n« A song\n« a bench\n"
        "Are these 4 ideas?\n"
        "1. Yes, give them all\n"
        "2. Yes, and they are from the meeting\n"
        "3. No, it is one idea\n"
        "4. Change the words"
    )
    assert told.send("1").command == GiveIdeas(TOWN, ("A bench", "A path", "A song", "a bench"))


def test_notes_of_a_meeting_are_marked() -> None:
    told = alone("A bench\nA path").send("@meeting", "@unnamed")
    assert told.command == GiveIdeas(TOWN, ("A bench", "A path"), named=False, from_meeting=True)


def test_several_lines_may_be_one_idea() -> None:
    told = in_group("A bench\nwhere one can sit", ALIKE).send("@one")
    assert told.question.name == "similar"
    assert told.send("@keep").command == GiveIdeas(TOWN, ("A bench\nwhere one can sit",))


def test_a_long_list_is_shown_in_short() -> None:
    told = in_group("\n".join(f"Idea {n}" for n in range(12)))
    assert "« Idea 4\n« … and 7 more\nAre these 12 ideas?" in told.transcript
    assert len(told.send("1").command.texts) == 12  # type: ignore[attr-defined]


def test_back_leads_through_the_questions_about_an_idea() -> None:
    told = alone().send("A bench\nA path", "1", "back")
    assert told.question.name == "list"
    assert told.send("back").question.name == "text"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one", ("one",)), ("- one\n* two\n• three\n1. four\n(5) five", ("one", "two", "three", "four", "five")),
        ("one\n---\n\ntwo\none", ("one", "two")), ("-5 degrees\n2 benches", ("-5 degrees", "2 benches")), ("…\n!", ()),
    ],
)  # fmt: skip
def test_lines_are_read_as_a_list(text: str, found: tuple[str, ...]) -> None:
    assert items(text) == found


@pytest.mark.parametrize("text", ["x" * 4001, "x\n" * 61, "\u200b"])
def test_what_does_not_fit_is_told_and_asked_for(text: str) -> None:
    told = in_group(text)
    assert told.lines[0].startswith("! ")
    assert told.send("Shorter").command == GiveIdeas(TOWN, ("Shorter",))


def test_a_picture_with_words_is_an_idea() -> None:
    assert in_group().send(Input("A bench", kind="photo")).command == GiveIdeas(TOWN, ("A bench",))


def test_the_words_of_an_idea_are_changed() -> None:
    def make() -> Flow[object]:
        return edit_idea(TOWN, IDEA, "A bench")

    told = Play(make)
    assert told.transcript == "« A bench\nHow do you want to put it?"
    assert told.send("A red bench").command == EditIdea(TOWN, IDEA, "A red bench")
    assert Play(lambda: edit_idea(TOWN, IDEA, "A bench", "Two")).command == EditIdea(TOWN, IDEA, "Two")
