"""What is dropped by itself: handled events, messages given up, what nobody said yes to, rooms of the erased.

After a week also until when somebody was listened to, and after a month which messages were carried from one room to
another.

Half a year after a conversation has ended also which persons its participants were.
A draft of somebody who has said yes waits for them; one of somebody who has not waits a week after their last word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import RETENTION
from bot.domain.people import CONSENT_VERSION
from bot.store import calm, carrying, inbox, listening, outbox, privacy
from bot.store.schema import conversation, dialogue, membership, person, proposal, waiting

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


async def tidy(connection: AsyncConnection, now: datetime) -> None:
    """Drop what is past its time."""
    await inbox.forget_old(connection, now)
    await outbox.forget_old(connection, now - WEEK)
    await calm.forget_told(connection, now)
    await carrying.forget_old(connection, now)
    await listening.forget_old(connection, now)
    await connection.execute(delete(waiting).where(waiting.c.created_at < now - DAY))
    await connection.execute(delete(proposal).where(proposal.c.created_at < now - WEEK))
    no_yes = select(person.c.id).where(person.c.consent_version < CONSENT_VERSION)
    old = dialogue.c.touched_at < now - WEEK
    await connection.execute(delete(dialogue).where(old, dialogue.c.person_id.in_(no_yes)))
    ended = select(conversation.c.id).where(conversation.c.closed_at < now - RETENTION)
    await connection.execute(delete(membership).where(membership.c.conversation_id.in_(ended)))
    await privacy.sweep_rooms(connection)
