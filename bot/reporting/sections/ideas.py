"""All ideas, with their sums and what came of them, and the ideas that became part of them."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest, HarvestIdea, HarvestPart
from bot.reporting.parts import Item, Say, Section, sums, told


def ideas(harvest: Harvest, say: Say) -> Section:
    """Tell all ideas, in the order of the harvest, each followed by its parts."""
    items = [item for idea in harvest.ideas for item in (told(idea, say, "idea"), *_parts(idea, say))]
    return Section("ideas", say(Text("Our ideas")), items=tuple(items))


def _parts(whole: HarvestIdea, say: Say) -> tuple[Item, ...]:
    return tuple(_part(one, whole, say) for one in whole.parts)


def _part(part: HarvestPart, whole: HarvestIdea, say: Say) -> Item:
    """Tell a part in its own words, by whose yes it became one, and how it had been weighed."""
    lines = [Text("From the meeting.")] if part.from_meeting else []
    if part.agreed:
        lines.append(Text("Those who gave the two ideas wanted them to be one."))
    else:
        lines.append(Text("They became one with a moderator's yes, for who could not be asked any more."))
    if part.weighed is not None:
        lines.append(sums(part.weighed))
    title = Text("Idea %(number)d, part of idea %(whole)d", {"number": part.number, "whole": whole.number})
    return Item(f"idea-{part.number}", say(title), part.text, lines=tuple(map(say, lines)), bar=part.weighed)
