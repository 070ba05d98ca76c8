"""What a map says, as a message tells it: the map itself, and the ideas in it that can be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.maps import PEOPLE_FOR_GROUPS, PEOPLE_FOR_SUMS, VOTES_FOR_GROUPS, Edition, Findings
from bot.store import energy, ideas, maps
from bot.store.unit_of_work import UnitOfWork

FIRST = 5
MOST = 100
"""Ideas looked at where there are no groups."""


class Seen(NamedTuple):
    """A map with the ideas that it names; below seven people the `first` ideas, and whose hands are on them (`names`).

    `missing` is how many more people have to weigh before there is more to see.
    """

    findings: Findings
    ideas: Mapping[UUID, Idea] = {}
    first: Sequence[Idea] = ()
    missing: int = 0
    names: Mapping[UUID, Sequence[str]] = {}


async def load_seen(uow: UnitOfWork, conversation: Conversation, edition: Edition | None) -> Seen:
    """Read what a map says, in a few queries; the first ideas where there is no map yet."""
    findings = edition.secret if edition else Findings()
    if findings.rung == "ideas":
        first = await ideas.listed(uow, conversation.id, "most", 0, FIRST)
        weighing = await maps.anybody_weighed(uow, conversation.id, PEOPLE_FOR_SUMS)
        return Seen(findings, {}, first, PEOPLE_FOR_SUMS - weighing, await energy.names(uow, first))
    if findings.rung == "sums":
        known = await maps.seen(uow, conversation.id, list(findings.ideas)[:MOST])
        each = min(VOTES_FOR_GROUPS, len(known))
        weighing = await maps.anybody_weighed(uow, conversation.id, PEOPLE_FOR_GROUPS, each)
        return Seen(findings, known, missing=PEOPLE_FOR_GROUPS - weighing)
    held = {idea for group in findings.groups for idea, _agrees in group.holds}
    return Seen(findings, await maps.seen(uow, conversation.id, {*held, *findings.unites[:MOST], *findings.differ}))
