"""Queries about ideas that became one, or may."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, or_

from bot.domain.ideas import Idea
from bot.domain.merging import Merge, MergeState
from bot.store.schema import idea, merging
from bot.store.unit_of_work import UnitOfWork


async def parts_of(uow: UnitOfWork, whole: Idea) -> list[Idea]:
    """Give the ideas that are part of another one now, the oldest first."""
    condition = and_(idea.c.conversation_id == whole.conversation_id, idea.c.state == "merged")
    return await uow.select(
        Idea, lambda query: query.where(condition, idea.c.merged_into == whole.id).order_by(idea.c.number)
    )


async def about(uow: UnitOfWork, conversation_id: UUID, ideas: list[UUID], state: MergeState) -> list[Merge]:
    """Give the merges of a state that any of these ideas has a part in, the oldest first."""
    condition = and_(
        merging.c.conversation_id == conversation_id,
        merging.c.state == state,
        or_(merging.c.idea_id.in_(ideas), merging.c.into_id.in_(ideas)),
    )
    return await uow.select(Merge, lambda query: query.where(condition).order_by(merging.c.created_at, merging.c.id))


async def done(uow: UnitOfWork, conversation_id: UUID) -> list[Merge]:
    """Give all merges of a conversation that stand."""
    condition = and_(merging.c.conversation_id == conversation_id, merging.c.state == "done")
    return await uow.select(Merge, lambda query: query.where(condition))
