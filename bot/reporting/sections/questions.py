"""The questions that were asked in the groups, and how many ideas each brought."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest, HarvestQuestion
from bot.domain.prompts import SERIES
from bot.reporting.parts import Bar, Chart, Say, Section


def questions(harvest: Harvest, say: Say) -> Section:
    """Tell what was asked, in the order in which it was."""
    bars = tuple(Bar(_words(one, say), one.ideas) for one in harvest.questions)
    chart = Chart(say(Text("How many ideas each question brought")), bars) if bars else None
    return Section("questions", say(Text("What was asked in our groups")), chart=chart)


def _words(one: HarvestQuestion, say: Say) -> str:
    return say(Text(SERIES[one.series][one.number - 1])) if one.series in SERIES else one.text
