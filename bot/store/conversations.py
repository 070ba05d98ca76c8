"""Queries about conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.needs import Help
from bot.store.schema import conversation, hand, help_, helper_group, idea, support, vote
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
        lately = and_(table.c.conversation_id == conversation_id, table.c.created_at >= since)
        if await uow.rows(select(table.c.created_at).where(lately).limit(1)):
            return True
    return False


async def groups_of_place(uow: UnitOfWork, place_key: str, place_name: str, most: int) -> list[HelperGroup]:
    """Give the newest helper groups of a place, of the conversations that anyone may join."""
    here = select(conversation.c.id).where(_open_at(place_key, place_name))
    condition = and_(helper_group.c.conversation_id.in_(here), helper_group.c.state == "open")
    newest = helper_group.c.created_at.desc(), helper_group.c.id
    return await uow.select(HelperGroup, lambda query: query.where(condition).order_by(*newest).limit(most))


async def needs_of_place(uow: UnitOfWork, place_key: str, place_name: str, most: int) -> list[Help]:
    """Give the newest needs of a place that all in such conversations may read."""
    here = select(conversation.c.id).where(_open_at(place_key, place_name))
    condition = and_(
        help_.c.conversation_id.in_(here), help_.c.kind == "need", help_.c.state == "open", help_.c.shared.is_(True)
    )
    newest = help_.c.created_at.desc(), help_.c.id
    return await uow.select(Help, lambda query: query.where(condition).order_by(*newest).limit(most))


def _open_at(place_key: str, place_name: str) -> Any:
    at = conversation.c.place_key == place_key if place_key else conversation.c.place_name == place_name
    return and_(at, conversation.c.findable == "anyone", conversation.c.closed_at.is_(None))


async def locked(uow: UnitOfWork, conversation_id: UUID | None) -> Conversation | None:
    """Give a conversation as it is now; nobody else changes it before the end of the transaction.

    For what is done beside the events, that it need not be done again because one of them has changed it.
    """

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(conversation.c.id == conversation_id)
        return query.with_for_update() if uow.connection.dialect.name == "postgresql" else query

    found = await uow.select(Conversation, build)
    return found[0] if found else None
