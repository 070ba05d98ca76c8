"""What is dropped by itself: handled events, messages given up, what nobody said yes to, rooms of the erased."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import inbox, outbox, privacy
from bot.store.schema import proposal, waiting

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


async def tidy(connection: AsyncConnection, now: datetime) -> None:
    """Drop what is past its time."""
    await inbox.forget_old(connection, now)
    await outbox.forget_old(connection, now - WEEK)
    await connection.execute(delete(waiting).where(waiting.c.created_at < now - DAY))
    await connection.execute(delete(proposal).where(proposal.c.created_at < now - WEEK))
    await privacy.sweep_rooms(connection)
