"""Needs, offers, next steps and stories, as one is asked about them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.domain.needs import SayHelp, SayYes
from bot.domain.steps import MoveStep, TakeAStep, TellStory
from bot.flows.help import offer_help, say_need, say_yes
from bot.flows.next_step import move_step, next_step
from bot.flows.parsers import Where
from bot.flows.tell_story import tell_story
from bot.flows.times import with_time
from tests.flows.transcript import CTX, Play

TOWN, GROUP, ANNA, BO = (UUID(int=number) for number in range(1, 5))


def test_a_need_in_a_conversation_is_for_all_or_for_a_few() -> None:
    told = Play(lambda: say_need(TOWN)).send("I", "Somebody who reads aloud")
    assert told.last == (
        "« Somebody who reads aloud\nWho may read it?\n"
        "1. All here, without my name\n2. Only those who may help\n3. Change the words"
    )
    assert told.send("back", "Readers", "2").command == SayHelp("need", "Readers", TOWN)


def test_elsewhere_the_place_is_asked_once() -> None:
    told = Play(lambda: say_need(None, "A ladder")).send("Nroa")
    assert "Nora" in told.last
    assert told.send("@SE-1884").command == SayHelp("need", "A ladder", None, "SE-1884", "Nora")
    again = Play(lambda: offer_help(None, "My ladder", Where("SE-1884", "Nora"))).send("1")
    assert again.asked == ["listens", "confirm"]
    assert again.send("yes").command == SayHelp("offer", "My ladder", None, "SE-1884", "Nora", listens=True)


def test_to_help_with_one_need_takes_two_words_at_most() -> None:
    told = Play(lambda: offer_help(TOWN, need=GROUP, words="A ladder")).send("skip", "skip")
    assert told.command == SayHelp("offer", "A ladder", TOWN, answers=GROUP)
    assert Play(lambda: say_yes(GROUP, "A ladder")).send("Ring 0123").command == SayYes(GROUP, "Ring 0123")


def test_a_step_knows_its_time_from_its_words_or_asks() -> None:
    at = datetime(2026, 3, 5, 17, tzinfo=UTC)
    assert Play(lambda: next_step(TOWN, GROUP)).send("Paint it, Thursday at 18").command == TakeAStep(
        TOWN, GROUP, "Paint it", at
    )
    told = Play(lambda: next_step(TOWN, GROUP, "Paint it", ((ANNA, ""), (BO, "Bo")))).send("yesterday at 9")
    assert told.question.name == "at"
    assert told.send("skip", "3").command == TakeAStep(TOWN, GROUP, "Paint it", None, BO)
    assert Play(lambda: move_step(TOWN, GROUP)).send("5 March 18:00").command == MoveStep(TOWN, GROUP, at)


@pytest.mark.parametrize("words", ["Paint it", "Thursday at 18", "Buy 18", "", "Paint it on 31 February at 10"])
def test_what_is_no_time_stays_among_the_words(words: str) -> None:
    assert with_time(words, CTX) is None


def test_a_story_is_of_a_group_or_of_none() -> None:
    told = Play(lambda: tell_story(TOWN, "We did it", ((GROUP, "Read aloud"),))).send("Read aloud", "2")
    assert told.command == TellStory(TOWN, GROUP, "We did it", named=False)
    assert Play(lambda: tell_story(TOWN)).send("We did it", "1").command == TellStory(TOWN, None, "We did it")
