"""Who took part on which day: joined, gave, carried, weighed, lent a hand. For counting, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, Table, select, type_coerce, union

from bot.store.schema import hand, idea, participant, support, vote
from bot.store.unit_of_work import UnitOfWork

QUARTER = 15 * 60
"""Of an hour, in seconds: every zone's day begins at one."""


async def days(uow: UnitOfWork, conversation_id: UUID, zone: str) -> dict[date, set[UUID]]:
    """Give the participants of each day on which somebody took part, by the clocks of a zone."""
    acts = (
        (idea, idea.c.author_id, idea.c.created_at),
        *((table, table.c.participant_id, table.c.created_at) for table in (support, hand, vote)),
    )
    joined = _quarters(participant, conversation_id, participant.c.id, participant.c.joined_at)
    query = union(
        joined.where(participant.c.left.is_(False)),
        *(_quarters(table, conversation_id, who, at) for table, who, at in acts),
    )
    found: defaultdict[date, set[UUID]] = defaultdict(set)
    here = ZoneInfo(zone)
    for who, quarter in (await uow.connection.execute(query)).all():
        found[datetime.fromtimestamp(quarter * QUARTER, UTC).astimezone(here).date()].add(who)
    return found


def _quarters(table: Table, conversation_id: UUID, who: ColumnElement[Any], at: ColumnElement[Any]) -> Select[Any]:
    quarter = type_coerce(at, BigInteger) // (QUARTER * 1_000_000)
    return select(who.label("who"), quarter.label("quarter")).where(table.c.conversation_id == conversation_id)
