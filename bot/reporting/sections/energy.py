"""Where the energy is: the ideas that people want to help with, each with a hand of theirs."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest
from bot.reporting.parts import Item, Say, Section


def energy(harvest: Harvest, say: Say) -> Section:
    """Tell where hands are, the most first."""
    ideas = {idea.number: idea for idea in harvest.ideas}
    items = []
    for one in harvest.energy:
        if one.idea in ideas:
            title = say(Text("Idea %(number)d", {"number": one.idea}))
            hands = Text("%(n)d hand to help.", {"n": one.hands}, plural="%(n)d hands to help.")
            items.append(Item(f"energy-{one.idea}", title, ideas[one.idea].text, lines=(say(hands),)))
    return Section("energy", say(Text("Where the energy is")), items=tuple(items))
