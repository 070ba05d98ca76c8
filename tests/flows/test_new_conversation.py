"""Begin a conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.chat.content import Words
from bot.domain.conversation import OpenConversation
from bot.flows.engine import Run
from bot.flows.new_conversation import new_conversation
from bot.flows.words import plain
from tests.flows.transcript import CTX, Play, play


def test_two_answers_and_a_yes_begin_a_conversation() -> None:
    told = play(new_conversation, "hogsby", "2", "@yes")
    assert told.transcript == (
        "Which municipality is it about?\n"
        "> hogsby\n"
        "What do you want to ask everyone in Högsby?\n"
        "1. What do we want Högsby to be like in ten years?\n"
        "2. What can we do together in Högsby that nobody can do alone?\n"
        "3. Who in Högsby needs our support to do what they do best?\n"
        "> 2\n"
        "Place: Högsby\n"
        "Question: What can we do together in Högsby that nobody can do alone?\n"
        "Why: Not said yet\n"
        "Values: Not said yet\n"
        "How long: A few weeks\n"
        "Who can find it: Only those who are invited\n"
        "Already fixed: Not said yet\n"
        "Is this how you want it?\n"
        "1. Begin the conversation\n"
        "2. Place\n3. Question\n4. Why\n5. Values\n6. How long\n7. Who can find it\n8. Already fixed\n"
        "> @yes\n"
        "= OpenConversation"
    )
    assert told.command == OpenConversation(
        "SE-0821", "Högsby", "What can we do together in Högsby that nobody can do alone?"
    )


def test_everything_can_be_changed_in_the_summary() -> None:
    told = play(new_conversation, "Högsby", "Who will sing with us?")
    told.send("Why", "Because nobody sings alone.\nOr do they?")
    told.send("Values", "1, courage, Song", "Klar")
    told.send(
        "How long",
        "3",
        "12 March 18:30",
        "Who can find it",
        "1",
        "Already fixed",
        "The hall is booked.",
        "Place",
        "Nybro",
        "ja",
    )
    assert told.command == OpenConversation(
        "SE-0881",
        "Nybro",
        "Who will sing with us?",
        why="Because nobody sings alone.\nOr do they?",
        values=("Trust", "Courage", "Song"),
        givens="The hall is booked.",
        lasts="meeting",
        findable="anyone",
        meeting_at=datetime(2026, 3, 12, 17, 30, tzinfo=UTC),
    )


def test_a_suggested_question_follows_the_place_and_the_language() -> None:
    told = play(new_conversation, "Högsby", "1", "Place", "Nybro", "@yes")

    def shout(words: Words) -> str:
        return plain(words).upper()

    done = Run(new_conversation, told.answers, replace(CTX, say=shout)).step()
    assert "WHAT DO WE WANT NYBRO TO BE LIKE IN TEN YEARS?" in repr(done)


def test_a_misspelled_place_is_offered_and_another_place_is_taken_after_asking() -> None:
    told = play(new_conversation, "Hogsbi")
    assert "Which one do you mean?" in told.last
    assert "Högsby" in told.last
    assert told.send("Högsby").question.name == "question"
    told = play(new_conversation, "Timbuktu on the hill")
    assert "1. Use “Timbuktu on the hill”, as I wrote it" in told.last
    told.send("1", "What now, friends?", "@yes")
    assert told.command == OpenConversation("", "Timbuktu on the hill", "What now, friends?")


def test_places_known_from_before_are_one_press_away() -> None:
    told = Play(lambda: new_conversation(("SE-0881", "SE-9999")))
    assert told.last == "Which municipality is it about?\n1. Nybro"
    assert told.send("@SE-0881").question.name == "question"
    told = Play(lambda: new_conversation(("SE-0881",))).send("Högsby")
    assert told.question.name == "question"


@pytest.mark.parametrize("question", ["x" * 301, "?", "", "\u200b"])
def test_a_question_has_a_fit_length(question: str) -> None:
    told = play(new_conversation, "Nybro", question)
    assert told.question.name == "question"
    assert told.last.startswith("! ")


def test_at_most_five_values() -> None:
    told = play(new_conversation, "Nybro", "1", "@values", "1 2 3 4 5 6")
    assert len(told.question.chosen) == 5
    assert "At most 5 fit." in told.last


def test_every_step_can_be_taken_back() -> None:
    told = play(new_conversation, "Nybro", "1", "back", "back", "back")
    assert told.answers == ()
    assert told.asked == ["place", "question", "confirm", "question", "place", "place"]
