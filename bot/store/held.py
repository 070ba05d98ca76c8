"""The gatherings of the harvest: those that were held, with what was written down of them and of their topics."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_

from bot.domain.gatherings import Gathering, MeetingNote
from bot.domain.harvest import HarvestGathering, HarvestTopic, enough
from bot.domain.ideas import Idea
from bot.domain.open_space import Topic
from bot.store import gatherings as queries
from bot.store.schema import gathering, meeting_note, topic
from bot.store.unit_of_work import UnitOfWork


async def gatherings(
    uow: UnitOfWork, conversation_id: UUID, ideas: Mapping[UUID, Idea]
) -> tuple[HarvestGathering, ...]:
    """Give the gatherings that were held, the first first, in a few queries."""
    was_held = and_(gathering.c.conversation_id == conversation_id, gathering.c.state == "held", gathering.c.what != "")
    oldest = gathering.c.at, gathering.c.id
    found = await uow.select(Gathering, lambda query: query.where(was_held).order_by(*oldest))
    if not found:
        return ()
    counts = await queries.counts(uow, conversation_id, [one.id for one in found])
    in_it = topic.c.conversation_id == conversation_id
    topics = await uow.select(
        Topic, lambda query: query.where(in_it, topic.c.state == "shown").order_by(topic.c.number, topic.c.id)
    )
    of_it = meeting_note.c.conversation_id == conversation_id
    written = meeting_note.c.created_at, meeting_note.c.id
    notes = await uow.select(MeetingNote, lambda query: query.where(of_it).order_by(*written))
    return tuple(
        HarvestGathering(
            one.what, one.at.astimezone(ZoneInfo(one.zone)).date(), one.open_space, enough(counts[one.id].coming),
            tuple(note.text for note in notes if note.gathering_id == one.id and note.topic_id is None),
            tuple(_topic(each, notes, ideas) for each in topics if each.gathering_id == one.id),
        )
        for one in found
    )  # fmt: skip


def _topic(one: Topic, notes: list[MeetingNote], ideas: Mapping[UUID, Idea]) -> HarvestTopic:
    idea = ideas.get(one.idea_id) if one.idea_id else None
    said = tuple(note.text for note in notes if note.topic_id == one.id)
    return HarvestTopic(one.number, one.title, enough(one.visitors), said, idea.number if idea else None)
