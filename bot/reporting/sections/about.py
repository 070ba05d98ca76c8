"""What the conversation is about: why, what it holds to, what is fixed."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest
from bot.reporting.parts import Fact, Say, Section


def about(harvest: Harvest, say: Say) -> Section:
    """Tell what it is about."""
    found = (
        (Text("Why"), (harvest.why,)),
        (Text("What we hold to"), harvest.values),
        (Text("What is fixed already"), (harvest.givens,)),
    )
    facts = tuple(Fact(say(label), words) for label, words in found if any(words))
    return Section("about", say(Text("What it is about")), facts=facts)
