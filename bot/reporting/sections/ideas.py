"""All ideas, with their sums and what came of them."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest
from bot.reporting.parts import Say, Section, told


def ideas(harvest: Harvest, say: Say) -> Section:
    """Tell all ideas, in the order of the harvest."""
    items = tuple(told(idea, say, "idea") for idea in harvest.ideas)
    return Section("ideas", say(Text("Our ideas")), items=items)
