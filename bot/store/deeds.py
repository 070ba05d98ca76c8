"""What a conversation did, for its harvest: the next steps of its helper groups, and the stories that were told."""

from __future__ import annotations

from uuid import UUID

from bot.domain.groups import HelperGroup
from bot.domain.harvest import HarvestStep, HarvestStory
from bot.domain.people import Participant
from bot.store import steps
from bot.store.unit_of_work import UnitOfWork


async def deeds(
    uow: UnitOfWork, conversation_id: UUID, groups: list[HelperGroup]
) -> tuple[tuple[HarvestStep, ...], tuple[HarvestStory, ...]]:
    """Give the steps and stories of a conversation; `groups` are those that the harvest tells, in its order."""
    places = {one.id: place for place, one in enumerate(groups, 1)}
    found = [one for one in await steps.of_conversation(uow, conversation_id) if one.group_id in places]
    names = await steps.names(uow, found)
    told = await steps.stories(uow, conversation_id)
    await uow.load(Participant, [(conversation_id, one.author_id) for one in told if one.named])
    stories = []
    for one in told:
        author = await uow.get(Participant, conversation_id, one.author_id) if one.named else None
        place = places.get(one.group_id) if one.group_id else None
        stories.append(HarvestStory(one.text, one.created_at.date(), author.secret.name if author else "", place))
    return (
        tuple(
            HarvestStep(one.what, places[one.group_id], one.state == "done", one.at, names.get(one.id, ""))
            for one in found
        ),
        tuple(stories),
    )
