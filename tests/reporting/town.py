"""A harvest to write down: by hand, with as much in it as there may be; or from people who gave and weighed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from bot.domain.harvest import (
    Energy,
    Harvest,
    HarvestGathering,
    HarvestGroup,
    HarvestIdea,
    HarvestPart,
    HarvestQuestion,
    HarvestStep,
    HarvestStory,
    HarvestTopic,
    OpinionGroup,
    Opinions,
    Span,
    Spread,
    Weighed,
)
from bot.domain.prompts import FUTURE, SERIES

NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)
DAY = date(2026, 3, 1)

SEAT = HarvestPart(3, "A seat for two", DAY, from_meeting=False, weighed=Weighed(5, 0, 1), agreed=True)
SWING = HarvestPart(4, "A swing", DAY, from_meeting=True, weighed=None, agreed=False)
BENCH = HarvestIdea(
    1, "A bench by the lake,\nfor talking", DAY, 3, 1, from_meeting=True, weighed=Weighed(12, 5, 3), parts=(SEAT, SWING)
)
SAUNA = HarvestIdea(2, "A sauna by the water", DAY, 0, 0, from_meeting=False, weighed=None)

NORA = Harvest(
    place="Nora", question="What do we want Nora to be like?", why="I live here.", values=("Trust", "Courage"),
    givens="The budget", season="weighing", begun_at=NOW, made_at=NOW, ended=False, locale="en",
    zone="Europe/Stockholm", code="ABC234", people=20, voters=20, authors=None, hats=(("resident", 12),),
    ideas=(BENCH, SAUNA),
    groups=(HarvestGroup("Build it", "the teacher", "hands", "Meet on Friday", "Alva", 2, 1),),
    gatherings=(
        HarvestGathering("Fika", DAY, open_space=False, people=None, notes=("More light",)),
        HarvestGathering(
            "Nora in ten years", DAY, open_space=True, people=60, notes=(),
            topics=(
                HarvestTopic(1, "Lamps", 15, ("By the lake", "And the school"), 1),
                HarvestTopic(2, "Cats", None, ()),
            ),
        ),
    ),
    energy=(Energy(1, 2),), spread=Spread(9, None),
    days=(Span(date(2026, 2, 27), DAY, 6), Span(NOW.date(), NOW.date(), 14)),
    questions=(HarvestQuestion("What is missing?", 3), HarvestQuestion(SERIES[FUTURE][4], 1, FUTURE, 5)),
    needs=("Somebody to walk with the dog",), needs_met=3,
    steps=(HarvestStep("Buy the planks", 1, done=True), HarvestStep("Saw them", 1, done=False, at=NOW)),
    stories=(HarvestStory("The bench is there, and people sit on it.", DAY, by="Bo", group=1),),
    opinions=Opinions((1,), (OpinionGroup("A", 9, ((1, True), (2, False))),)),
)  # fmt: skip

EMPTY = msgspec.structs.replace(
    NORA,
    why="",
    values=(),
    givens="",
    people=None,
    voters=None,
    hats=(),
    ideas=(),
    groups=(),
    opinions=None,
    energy=(),
    spread=Spread(),
    days=(),
    gatherings=(),
    questions=(),
    needs=(),
    needs_met=0,
    steps=(),
    stories=(),
)


def hostile(words: str) -> Harvest:
    """The same, with these words wherever people write."""
    idea = msgspec.structs.replace(BENCH, text=words, parts=(msgspec.structs.replace(SEAT, text=words),))
    group = HarvestGroup(words, words, words, words, words, 2, 1)
    held = HarvestGathering(
        words, DAY, open_space=True, people=5, notes=(words,), topics=(HarvestTopic(1, words, 5, (words,)),)
    )  # fmt: skip
    return msgspec.structs.replace(
        NORA, gatherings=(held,), questions=(HarvestQuestion(words, 2),),
        place=words, question=words, why=words, values=(words,), givens=words, ideas=(idea, SAUNA),
        groups=(group, group), needs=(words,), steps=(HarvestStep(words, 1, done=False),),
        stories=(HarvestStory(words, DAY, by=words, group=1),),
    )  # fmt: skip
