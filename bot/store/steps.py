"""Queries about next steps, and stories."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select

from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.people import Participant
from bot.domain.steps import Step, Story
from bot.store.schema import conversation, group_member, helper_group, step, story
from bot.store.unit_of_work import UnitOfWork

STEPS = 200


async def steps_of(uow: UnitOfWork, group: HelperGroup) -> list[Step]:
    """Give a group's steps, the newest first."""
    condition = and_(step.c.conversation_id == group.conversation_id, step.c.group_id == group.id)
    newest = step.c.created_at.desc(), step.c.id
    return await uow.select(Step, lambda query: query.where(condition).order_by(*newest).limit(STEPS))


def coming(steps: Sequence[Step]) -> list[Step]:
    """Give those that are open: what comes first, then what has no time yet."""
    found = [one for one in steps if one.state == "open"]
    return sorted(found, key=lambda one: (one.at is None, one.at or one.created_at, one.id))


async def of_conversation(uow: UnitOfWork, conversation_id: UUID) -> list[Step]:
    """Give the steps of a conversation that are open or done, the first first."""
    condition = and_(step.c.conversation_id == conversation_id, step.c.state.in_(("open", "done")))
    return await uow.select(Step, lambda query: query.where(condition).order_by(step.c.created_at, step.c.id))


async def done_by(uow: UnitOfWork, me: Participant) -> list[Step]:
    """Give the steps that somebody said they would take, or put into words."""
    mine = (step.c.doer_id == me.id) | (step.c.created_by == me.id)
    condition = and_(step.c.conversation_id == me.conversation_id, mine)
    return await uow.select(Step, lambda query: query.where(condition).order_by(step.c.created_at))


async def names(uow: UnitOfWork, steps: Sequence[Step]) -> dict[UUID, str]:
    """Give the shown names of those who take these steps, by the step."""
    await uow.load(Participant, [(one.conversation_id, one.doer_id) for one in steps if one.doer_id])
    found = {
        one.id: await uow.get(Participant, one.conversation_id, one.doer_id) for one in steps if one.doer_id is not None
    }
    return {step_id: doer.secret.name for step_id, doer in found.items() if doer is not None}


async def groups_of(uow: UnitOfWork, me: Participant) -> list[HelperGroup]:
    """Give the open helper groups that somebody is in, the newest first."""
    condition = and_(
        helper_group.c.conversation_id == me.conversation_id,
        helper_group.c.state == "open",
        helper_group.c.id.in_(
            select(group_member.c.group_id).where(
                group_member.c.conversation_id == me.conversation_id, group_member.c.participant_id == me.id
            )
        ),
    )
    newest = helper_group.c.created_at.desc(), helper_group.c.id.desc()
    return await uow.select(HelperGroup, lambda query: query.where(condition).order_by(*newest))


async def stories(uow: UnitOfWork, conversation_id: UUID, most: int = STEPS) -> list[Story]:
    """Give the stories of a conversation, the newest first."""
    condition = and_(story.c.conversation_id == conversation_id, story.c.state == "shown")
    newest = story.c.created_at.desc(), story.c.id.desc()
    return await uow.select(Story, lambda query: query.where(condition).order_by(*newest).limit(most))


async def told_by(uow: UnitOfWork, me: Participant) -> list[Story]:
    """Give the stories that somebody told."""
    condition = and_(story.c.conversation_id == me.conversation_id, story.c.author_id == me.id)
    return await uow.select(Story, lambda query: query.where(condition).order_by(story.c.created_at))


async def of_open_conversations(uow: UnitOfWork, but: UUID | None, skip: int, most: int) -> list[Story]:
    """Give stories of conversations that anyone may find, from wherever but one of them, the newest first."""
    open_ones = select(conversation.c.id).where(conversation.c.findable == "anyone")
    if but is not None:
        open_ones = open_ones.where(conversation.c.id != but)
    newest = story.c.created_at.desc(), story.c.id.desc()
    condition = and_(story.c.conversation_id.in_(open_ones), story.c.state == "shown")
    found = await uow.select(Story, lambda query: query.where(condition).order_by(*newest).offset(skip).limit(most))
    await uow.load(Conversation, [(one.conversation_id,) for one in found])
    return found
