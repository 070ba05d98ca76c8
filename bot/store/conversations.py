"""Queries about conversations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, select

from bot.domain.conversation import Conversation
from bot.store.schema import conversation, hand, idea, support, vote
from bot.store.unit_of_work import UnitOfWork


async def open_ones(uow: UnitOfWork, place_key: str, place_name: str, most: int) -> list[Conversation]:
    """Give the conversations that anyone may join: of a place, or if none is told the newest."""
    condition = and_(conversation.c.findable == "anyone", conversation.c.closed_at.is_(None))
    if place_key:
        condition = and_(condition, conversation.c.place_key == place_key)
    elif place_name:
        condition = and_(condition, conversation.c.place_name == place_name)
    return await uow.select(
        Conversation, lambda query: query.where(condition).order_by(conversation.c.created_at.desc()).limit(most)
    )


async def lively_since(uow: UnitOfWork, conversation_id: UUID, since: datetime) -> bool:
    """Whether anybody gave, carried, weighed or took on anything in a conversation since then."""
    for table in (idea, support, vote, hand):
        lately = exists().where(table.c.conversation_id == conversation_id, table.c.created_at >= since)
        if (await uow.rows(select(lately)))[0][0]:
            return True
    return False
