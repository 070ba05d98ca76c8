"""The check of languages notices what it is there to notice."""

from __future__ import annotations

import pytest

from bot.chat.content import Text
from bot.i18n import render
from bot.views import start
from tests.story.tongues import TONGUES
from tests.story.world import Town

GREETING = start.greeting().blocks[0].words


@pytest.mark.parametrize(("language", "other"), [("sv", "en"), ("en", "sv")])
def test_a_sentence_is_right_in_its_own_language_alone(language: str, other: str) -> None:
    words = render(GREETING, language)
    assert TONGUES.right(words, language)
    assert not TONGUES.right(words, other)


def test_what_stands_within_a_sentence_that_says_nothing_is_looked_at_too() -> None:
    framed = Text("%(number)d. %(label)s", {"number": 3, "label": GREETING})
    assert TONGUES.right(render(framed, "sv"), "sv")
    assert not TONGUES.right(render(framed, "sv"), "en")


def test_what_people_wrote_stands_as_they_wrote_it() -> None:
    assert not TONGUES.right("En kälkbacke", "en")
    assert TONGUES.right("En kälkbacke", "en", {"En kälkbacke"})
    assert TONGUES.right("En kälk…", "en", {"En kälkbacke"})
    assert not TONGUES.right("En bänk…", "en", {"En kälkbacke"})


async def test_whoever_is_spoken_to_in_a_wrong_language_is_noticed(town: Town) -> None:
    # given that the network says that Bo speaks English
    bo = town.neighbour("Bo", "en")
    await bo.writes("/start")
    town.everybody_was_understood()
    # when we wrongly think that he speaks Swedish, then his greeting is wrong
    town.read = 0
    bo.language = "sv"
    with pytest.raises(AssertionError, match="Bo"):
        town.everybody_was_understood()
