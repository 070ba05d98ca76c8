"""Queries about conversations."""

from __future__ import annotations

from sqlalchemy import and_

from bot.domain.conversation import Conversation
from bot.store.schema import conversation
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
