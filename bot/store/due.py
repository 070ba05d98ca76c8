"""What is due: each row is taken once, by one worker, in the transaction that does what it asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select

from bot.store.records import Due
from bot.store.schema import due
from bot.store.unit_of_work import UnitOfWork


@cache
def _first(dialect: str) -> Select[Any]:
    query = select(due).where(due.c.at <= bindparam("now")).order_by(due.c.at, due.c.id).limit(1)
    return query.with_for_update(skip_locked=True) if dialect == "postgresql" else query


async def take(uow: UnitOfWork, now: datetime) -> Due | None:
    """Give what is due and has waited for longest, and stage its removal; nobody else has it meanwhile."""
    found = await uow.select(Due, lambda _all: _first(uow.connection.dialect.name), {"now": now})
    if not found:
        return None
    uow.remove(found[0])
    return found[0]


async def locked(uow: UnitOfWork, due_id: UUID) -> Due | None:
    """Give a row as it is now, if it is still there; nobody else takes it before the end of the transaction."""

    def build(query: Select[Any]) -> Select[Any]:
        query = query.where(due.c.id == due_id)
        return query.with_for_update() if uow.connection.dialect.name == "postgresql" else query

    found = await uow.select(Due, build)
    return found[0] if found else None


async def late(uow: UnitOfWork, kinds: Collection[str], now: datetime) -> set[UUID]:
    """Give the conversations in which something of these kinds should happen now, and has not yet."""
    query = select(due.c.conversation_id).where(due.c.at <= now, due.c.kind.in_(list(kinds)))
    return {conversation_id for (conversation_id,) in await uow.rows(query)}


_NEXT = select(func.min(due.c.at))


async def next_due(uow: UnitOfWork) -> datetime | None:
    """Give the moment from which something will be due, or is."""
    value: datetime | None = (await uow.rows(_NEXT, {}))[0][0]
    return value
