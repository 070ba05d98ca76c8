"""What a conversation did, for its harvest: the next steps of its helper groups, and the stories that were told."""

from __future__ import annotations

from uuid import UUID

from bot.domain.groups import HelperGroup
from bot.domain.harvest import HarvestStep, HarvestStory
from bot.domain.people import Participant
from bot.domain.steps import StoryPicture
from bot.store import steps
from bot.store.unit_of_work import UnitOfWork

PICTURES = 12
"""So many of the newest stories have their pictures in the harvest."""


async def deeds(
    uow: UnitOfWork, conversation_id: UUID, groups: list[HelperGroup]
) -> tuple[tuple[HarvestStep, ...], tuple[HarvestStory, ...]]:
    """Give the steps and stories of a conversation; `groups` are those that the harvest tells, in its order."""
    places = {one.id: place for place, one in enumerate(groups, 1)}
    found = [one for one in await steps.of_conversation(uow, conversation_id) if one.group_id in places]
    told = await steps.stories(uow, conversation_id)
    await uow.load(Participant, [(conversation_id, one.author_id) for one in told if one.named])
    pictured = [(conversation_id, one.id) for one in told if one.pictured][:PICTURES]
    await uow.load(StoryPicture, pictured)
    pictures = {key[1]: kept.secret for key in pictured if (kept := await uow.get(StoryPicture, *key)) is not None}
    stories = []
    for one in told:
        author = await uow.get(Participant, conversation_id, one.author_id) if one.named else None
        place = places.get(one.group_id) if one.group_id else None
        name, picture = author.secret.name if author else "", pictures.get(one.id, b"")
        stories.append(HarvestStory(one.text, one.created_at.date(), name, place, picture))
    return (
        tuple(HarvestStep(one.what, places[one.group_id], one.state == "done", one.at) for one in found),
        tuple(stories),
    )
