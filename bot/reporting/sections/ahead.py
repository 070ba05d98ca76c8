"""What comes next: how to go on, the first steps, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from bot.chat.content import Text
from bot.domain.harvest import Harvest
from bot.flows.words import shorten
from bot.reporting.parts import SHORT, Fact, Say, Section

WAITING = 5
"""How many ideas without a leader are named as waiting for one."""


def ahead(harvest: Harvest, say: Say) -> Section:
    """Tell what comes next."""
    return Section("next", say(Text("What comes next")), (say(way_on(harvest)),), tuple(_waiting(harvest, say)))


def way_on(harvest: Harvest) -> Text:
    """Tell how somebody can join."""
    if harvest.ended:
        return Text("This conversation has ended. Anyone can begin a new one.")
    if harvest.code:
        return Text("Anyone can join. Write to the bot: join %(code)s", {"code": harvest.code})
    return Text("You can join by an invitation: ask somebody who is in it.")


def _waiting(harvest: Harvest, say: Say) -> Iterator[Fact]:
    steps = tuple(group.first_step for group in harvest.groups if group.first_step)
    if steps:
        yield Fact(say(Text("First steps")), steps)
    waiting = [shorten(idea.text, SHORT) for idea in harvest.ideas if not idea.helper_groups][:WAITING]
    if waiting and not harvest.ended:
        yield Fact(say(Text("These ideas wait for somebody who takes the lead")), tuple(waiting))
