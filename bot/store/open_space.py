"""Queries about an Open Space: its topics, where people are, and where they have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from bot.domain.gatherings import Gathering
from bot.domain.open_space import Presence, Topic
from bot.domain.people import Participant
from bot.store.schema import presence, topic
from bot.store.unit_of_work import UnitOfWork


async def topics(uow: UnitOfWork, one: Gathering) -> list[Topic]:
    """Give the topics of an Open Space, with those who brought them read along: by time, then by number."""
    condition = and_(_topic_of(one), topic.c.state == "shown")
    found = await uow.select(Topic, lambda query: query.where(condition))
    await uow.load(Participant, [(each.conversation_id, each.convener_id) for each in found])
    return sorted(found, key=lambda each: (each.at is None, each.at or each.created_at, each.number))


async def last_number(uow: UnitOfWork, one: Gathering) -> int:
    """Give the highest number of its topics."""
    return int((await uow.rows(select(func.max(topic.c.number)).where(_topic_of(one))))[0][0] or 0)


async def here(uow: UnitOfWork, one: Gathering) -> Mapping[UUID, int]:
    """Count who is at which topic now."""
    query = select(presence.c.topic_id, func.count()).where(_presence_of(one)).group_by(presence.c.topic_id)
    return {topic_id: int(count) for topic_id, count in await uow.rows(query) if topic_id is not None}


async def presences(uow: UnitOfWork, one: Gathering) -> list[Presence]:
    """Give where everybody is."""
    return await uow.select(Presence, lambda query: query.where(_presence_of(one)))


async def at_topic(uow: UnitOfWork, one: Topic, after: UUID | None, most: int) -> list[Presence]:
    """Give who is at a topic now, in chunks by participant."""
    there = and_(
        presence.c.conversation_id == one.conversation_id,
        presence.c.gathering_id == one.gathering_id,
        presence.c.topic_id == one.id,
    )
    there = and_(there, presence.c.participant_id > after) if after else there
    return await uow.select(Presence, lambda query: query.where(there).order_by(presence.c.participant_id).limit(most))


def visitors(found: list[Presence]) -> Counter[UUID]:
    """Count who has been at which topic."""
    return Counter(topic_id for each in found for topic_id in each.been)


def _topic_of(one: Gathering) -> ColumnElement[bool]:
    return and_(topic.c.conversation_id == one.conversation_id, topic.c.gathering_id == one.id)


def _presence_of(one: Gathering) -> ColumnElement[bool]:
    return and_(presence.c.conversation_id == one.conversation_id, presence.c.gathering_id == one.id)
