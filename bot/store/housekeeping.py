"""What is dropped by itself: handled events, messages given up, what nobody said yes to, rooms of the erased.

A draft of somebody who has said yes waits for them; one of somebody who has not waits a week after their last word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.people import CONSENT_VERSION
from bot.store import inbox, outbox, privacy
from bot.store.schema import dialogue, person, proposal, waiting

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


async def tidy(connection: AsyncConnection, now: datetime) -> None:
    """Drop what is past its time."""
    await inbox.forget_old(connection, now)
    await outbox.forget_old(connection, now - WEEK)
    await connection.execute(delete(waiting).where(waiting.c.created_at < now - DAY))
    await connection.execute(delete(proposal).where(proposal.c.created_at < now - WEEK))
    no_yes = select(person.c.id).where(person.c.consent_version < CONSENT_VERSION)
    old = dialogue.c.touched_at < now - WEEK
    await connection.execute(delete(dialogue).where(old, dialogue.c.person_id.in_(no_yes)))
    await privacy.sweep_rooms(connection)
