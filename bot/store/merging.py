"""Queries about ideas that became one, or may."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, func, or_, select, union

from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.merging import Merge, MergeState
from bot.store.schema import act, hand, helper_group, idea, merging, support
from bot.store.unit_of_work import UnitOfWork


async def parts_of(uow: UnitOfWork, whole: Idea, *, hidden: bool = False) -> list[Idea]:
    """Give the ideas that are part of another one now, the oldest first; also those that are `hidden`, if told so."""
    states = ("merged", "hidden") if hidden else ("merged",)
    condition = and_(
        idea.c.conversation_id == whole.conversation_id, idea.c.state.in_(states), idea.c.merged_into == whole.id
    )
    return await uow.select(Idea, lambda query: query.where(condition).order_by(idea.c.number))


async def groups_of(uow: UnitOfWork, of: Idea) -> list[HelperGroup]:
    """Give the helper groups that somebody took the lead of for an idea."""
    if not of.leads:
        return []
    condition = and_(helper_group.c.conversation_id == of.conversation_id, helper_group.c.idea_id == of.id)
    return await uow.select(HelperGroup, lambda query: query.where(condition).order_by(helper_group.c.id))


async def carriers(uow: UnitOfWork, of: Idea, after: str, most: int) -> list[UUID]:
    """Give who carries an idea or has a hand on it, in the order of their ids, from behind one."""
    both = union(
        *(
            select(table.c.participant_id).where(
                table.c.conversation_id == of.conversation_id,
                table.c.idea_id == of.id,
                *((table.c.participant_id > UUID(after),) if after else ()),
            )
            for table in (support, hand)
        )
    ).subquery()
    return [row[0] for row in await uow.rows(select(both.c.participant_id).order_by(both.c.participant_id).limit(most))]


async def open_by(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID) -> int:
    """Count the proposals of somebody that wait for an answer."""
    condition = and_(
        merging.c.conversation_id == conversation_id, merging.c.state == "asked",
        merging.c.proposed_by == participant_id,
    )  # fmt: skip
    return int((await uow.rows(select(func.count()).select_from(merging).where(condition)))[0][0])


async def about(uow: UnitOfWork, conversation_id: UUID, ideas: list[UUID], state: MergeState) -> list[Merge]:
    """Give the merges of a state that any of these ideas has a part in, the oldest first."""
    condition = and_(
        merging.c.conversation_id == conversation_id,
        merging.c.state == state,
        or_(merging.c.idea_id.in_(ideas), merging.c.into_id.in_(ideas)),
    )
    return await uow.select(Merge, lambda query: query.where(condition).order_by(merging.c.created_at, merging.c.id))


async def decided_by_moderators(uow: UnitOfWork, conversation_id: UUID) -> frozenset[UUID]:
    """Give the ideas that became part of another one with a moderator's yes, for who could not be asked."""
    condition = and_(act.c.conversation_id == conversation_id, act.c.kind == "merge", act.c.undone_at.is_(None))
    merges = {UUID(row[0]) for row in await uow.rows(select(act.c.before).where(condition))}
    return (
        frozenset(one.idea_id for one in await done(uow, conversation_id) if one.id in merges)
        if merges
        else frozenset()
    )


async def done(uow: UnitOfWork, conversation_id: UUID) -> list[Merge]:
    """Give all merges of a conversation that stand."""
    condition = and_(merging.c.conversation_id == conversation_id, merging.c.state == "done")
    return await uow.select(Merge, lambda query: query.where(condition))
