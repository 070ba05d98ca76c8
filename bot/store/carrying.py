"""Queries about messages that are carried between the rooms of a helper group: which copies belong to which."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.records import Carried, Outbox
from bot.store.schema import carried, outbox
from bot.store.unit_of_work import UnitOfWork

KEEP = timedelta(days=30)
"""So long an edit, a reply or a removal finds the copies of a message."""


async def at(uow: UnitOfWork, room_id: UUID, message_id: str) -> Carried | None:
    """Give what a message of a room is, if it was carried from there or to there."""
    here = (carried.c.room_id == room_id) & (carried.c.message_id == message_id)
    found = await uow.select(Carried, lambda query: query.where(here))
    return found[0] if found else None


async def all_of(uow: UnitOfWork, origin_id: UUID) -> list[Carried]:
    """Give a message as it stands in each room: the one that somebody wrote, and its copies."""
    return await uow.select(Carried, lambda query: query.where(carried.c.origin_id == origin_id).order_by(carried.c.id))


async def by_authors(uow: UnitOfWork, authors: Collection[bytes]) -> list[Carried]:
    """Give all that was carried of what these wrote, copies and all."""
    return await uow.select(Carried, lambda query: query.where(carried.c.author.in_(authors)).order_by(carried.c.id))


def key_of(copy: Carried) -> str:
    """Name the outbox's row by which a copy, or its change, waits."""
    return f"carry:{copy.id}"


async def waiting(uow: UnitOfWork, copy: Carried) -> Outbox | None:
    """Give the row by which a copy, or its change, waits; nobody sends it before the end of the transaction."""

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(outbox.c.unique_key == key_of(copy))
        return query.with_for_update() if uow.connection.dialect.name == "postgresql" else query

    found = await uow.select(Outbox, build)
    return found[0] if found else None


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Drop what is too old to be followed any more."""
    await connection.execute(delete(carried).where(carried.c.created_at < now - KEEP))
