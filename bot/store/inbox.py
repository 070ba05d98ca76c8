"""The inbox: events are committed here before the network is told that they arrived.

Each event id counts once per channel, however often it comes. Payloads are encrypted, and nulled by the commit that
handles them; parked ones are kept seven days, for whoever mends the fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Insert, Integer, Select, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat import events
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageEdited, MessageReceived
from bot.crypto import Keyring
from bot.store import direct
from bot.store.among import among
from bot.store.schema import IS_NEW, inbox

KEEP = timedelta(days=7)
ABOUT = b"inbox"


@cache
def _fresh(dialect: str) -> Select[Any]:
    columns = (
        inbox.c.seq,
        inbox.c.channel,
        inbox.c.room_lookup,
        inbox.c.payload,
        inbox.c.attempts,
        inbox.c.received_at,
    )
    query = select(*columns).where(IS_NEW).order_by(inbox.c.seq).limit(bindparam("most", type_=Integer()))
    return query.with_for_update(skip_locked=True) if dialect == "postgresql" else query


@cache
def _store(dialect: str) -> Insert:
    names = ("channel", "event_id", "room_lookup", "payload", "received_at", "state", "attempts", "trace")
    maker: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    kept: Insert = maker(inbox).values({name: bindparam(name) for name in names})
    return kept.on_conflict_do_nothing(index_elements=["channel", "event_id"])  # type: ignore[attr-defined,no-any-return]


@cache
def _done(dialect: str) -> Update:
    return update(inbox).where(among(dialect, "seqs", inbox.c.seq)).values(state="done", payload=None)


async def store(connection: AsyncConnection, happened: Sequence[Event], keys: Keyring, now: datetime) -> None:
    """Keep events; those seen before are passed over."""
    rows = [_row(event, event.id, keys, now, sealed(event, keys)) for event in happened]
    await direct.write(connection, _store(connection.dialect.name), rows)


async def note(connection: AsyncConnection, event: Event, keys: Keyring, now: datetime) -> bool:
    """Keep the ids of an event and of its message, and nothing of what it says; gives whether it is new."""
    statement = _store(connection.dialect.name)
    if isinstance(event, MessageReceived | CommandGiven):
        await direct.write(connection, statement, [_row(event, _said(event, keys), keys, now, None)])
    row = _row(event, event.id, keys, now, None)
    found = await connection.execute(statement.returning(inbox.c.seq), row)
    return found.first() is not None


async def unsaid(connection: AsyncConnection, event: MessageEdited, keys: Keyring) -> bool:
    """Tell whether of the message that was changed nothing is kept."""
    mine = (inbox.c.channel == event.room.key.channel) & (inbox.c.event_id == _said(event, keys))
    return (await connection.execute(select(inbox.c.seq).where(mine))).first() is not None


def _said(event: MessageReceived | CommandGiven | MessageEdited, keys: Keyring) -> str:
    return f"said:{keys.lookup('said', str(event.room.key), event.message_id).hex()}"


def _row(event: Event, event_id: str, keys: Keyring, now: datetime, payload: bytes | None) -> dict[str, Any]:
    return {
        "channel": event.room.key.channel,
        "event_id": event_id,
        "room_lookup": keys.lookup("room", str(event.room.key)),
        "payload": payload,
        "received_at": now,
        "state": "new" if payload is not None else "done",
        "attempts": 0,
        "trace": "",
    }


async def fresh(connection: AsyncConnection, most: int) -> Sequence[Any]:
    """Give the oldest events that wait: (seq, channel, room_lookup, payload, attempts, received_at)."""
    return await direct.read(connection, _fresh(connection.dialect.name), {"most": most})


def opened(payload: bytes, keys: Keyring) -> Event:
    """Give the event of a stored payload."""
    return events.decode(keys.open(payload, ABOUT))


def sealed(event: Event, keys: Keyring) -> bytes:
    """Encrypt an event; not what the message quotes that was pressed."""
    plain = msgspec.structs.replace(event, quotes="") if isinstance(event, ChoiceMade) and event.quotes else event
    return keys.seal(events.encode(plain), ABOUT)


async def again(connection: AsyncConnection, payload: bytes, event_id: str, keys: Keyring, now: datetime) -> None:
    """Let an event that waited (for a yes) happen now, under a new id."""
    row = _row(opened(payload, keys), event_id, keys, now, payload)
    await connection.execute(insert(inbox), [row])


async def done(connection: AsyncConnection, seqs: Sequence[int]) -> None:
    """Mark events as handled and forget what they said."""
    if seqs:
        await direct.write(connection, _done(connection.dialect.name), [{"seqs": list(seqs)}])


async def failed(connection: AsyncConnection, seq: int, attempts: int, trace: str, *, park: bool) -> None:
    """Count a failure; a parked event is not tried again."""
    values = {"attempts": attempts, "trace": trace, "state": "parked" if park else "new"}
    await connection.execute(update(inbox).where(inbox.c.seq == seq).values(values))


async def waiting(connection: AsyncConnection) -> int:
    """Count the events not handled yet."""
    return int((await connection.execute(select(func.count()).where(IS_NEW))).scalar_one())


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Drop what was handled or parked more than a week ago."""
    await connection.execute(delete(inbox).where(inbox.c.received_at < now - KEEP, inbox.c.state != "new"))
