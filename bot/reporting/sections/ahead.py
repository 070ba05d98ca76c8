"""What comes next: how to go on, the next steps, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from bot.chat.content import Text
from bot.domain.harvest import Harvest, HarvestIdea
from bot.flows.words import shorten
from bot.reporting.parts import SHORT, Fact, Say, Section, step

WAITING = 5
"""How many ideas without a leader are named as waiting for one."""


def ahead(harvest: Harvest, say: Say) -> Section:
    """Tell what comes next: the steps of the groups that are still to come, and what waits for somebody."""
    lines, facts = (say(way_on(harvest)),), tuple(_waiting(harvest, say))
    return Section("next", say(Text("What comes next")), lines, facts, links=harvest.ways)


def way_on(harvest: Harvest) -> Text:
    """Tell how somebody can join."""
    if harvest.ended:
        return Text("This conversation has ended. Anyone can begin a new one.")
    if harvest.code:
        return Text("Anyone can join. Write to the bot: join %(code)s", {"code": harvest.code})
    return Text("You can join by an invitation: ask somebody who is in it.")


def _waiting(harvest: Harvest, say: Say) -> Iterator[Fact]:
    steps = tuple(step(one, say) for one in harvest.coming)
    if steps:
        yield Fact(say(Text("Next steps")), steps)
    waiting = [shorten(one.text, SHORT) for one in harvest.ideas if not one.helper_groups and not _refused(one)][
        :WAITING
    ]
    if waiting and not harvest.ended:
        yield Fact(say(Text("These ideas wait for somebody who takes the lead")), tuple(waiting))


def _refused(idea: HarvestIdea) -> bool:
    return idea.weighed is not None and idea.weighed.disagree > idea.weighed.agree
