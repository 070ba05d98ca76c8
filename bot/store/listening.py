"""Queries about who is being listened to, and who else could listen to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation
from bot.domain.people import Person
from bot.store import needs
from bot.store.records import Listening
from bot.store.schema import listening
from bot.store.unit_of_work import UnitOfWork

KEEP = timedelta(days=7)
"""So long it is known until when somebody was listened to."""


async def everywhere(uow: UnitOfWork) -> list[Listening]:
    """Give all rooms where somebody is listened to, or was within a week."""
    return await uow.select(Listening, lambda query: query.order_by(listening.c.room_id))


async def of_person(uow: UnitOfWork, person_id: UUID) -> list[Listening]:
    """Give the rooms where a person is listened to, or was within a week."""
    return await uow.select(Listening, lambda query: query.where(listening.c.person_id == person_id))


async def held(uow: UnitOfWork, room_id: UUID) -> Listening | None:
    """Give where a talk is; no other process goes on with it before the end of the transaction."""

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(listening.c.room_id == room_id)
        return query.with_for_update() if uow.connection.dialect.name == "postgresql" else query

    found = await uow.select(Listening, build)
    return found[0] if found else None


async def heard(connection: AsyncConnection, rooms: Collection[UUID], now: datetime) -> None:
    """Note that something was said in rooms where somebody is listened to."""
    mine = listening.c.room_id.in_(rooms) & listening.c.over_at.is_(None)
    await connection.execute(update(listening).where(mine).values(heard_at=now, waits=True))


async def answered(connection: AsyncConnection, room_id: UUID, turn: int) -> None:
    """Note that nothing waits for an answer, if nothing was said since that turn."""
    mine = (listening.c.room_id == room_id) & (listening.c.turn == turn)
    await connection.execute(update(listening).where(mine).values(waits=False))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Drop what is known of talks that ended more than a week ago."""
    await connection.execute(delete(listening).where(listening.c.over_at < now - KEEP))


async def conversation_of(uow: UnitOfWork, person: Person | None) -> Conversation | None:
    """Give the conversation that somebody is in just now."""
    current = person.current_conversation_id if person else None
    return await uow.get(Conversation, current) if current else None


async def listeners(uow: UnitOfWork, conversation: Conversation | None) -> int:
    """Count who has offered to listen in a conversation's place."""
    if conversation is None:
        return 0
    return len(await needs.listeners(uow, conversation.place_key, conversation.place_name))
