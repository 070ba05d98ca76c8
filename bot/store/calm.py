"""Queries about what waits to be told to people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calm import KEEP_TOLD, Calm, Note
from bot.store.schema import note
from bot.store.unit_of_work import UnitOfWork


async def waiting(uow: UnitOfWork, person_id: UUID) -> list[Note]:
    """Give what waits to be told to a person, what has waited longest first; reminders wait by themselves."""
    condition = and_(note.c.person_id == person_id, note.c.told.is_(False), note.c.kind != "reminder")
    return await uow.select(Note, lambda query: query.where(condition).order_by(note.c.created_at, note.c.id))


async def all_of(uow: UnitOfWork, person_id: UUID) -> list[Note]:
    """Give all notes of a person: what waits, what was told and can be opened, and their reminders."""
    return await uow.select(Note, lambda query: query.where(note.c.person_id == person_id).order_by(note.c.id))


async def under(uow: UnitOfWork, once: str) -> list[Note]:
    """Give the notes of whomever that wait under a name, or a name that begins so."""
    condition = and_(note.c.unique_key >= once, note.c.unique_key < once + "\x7f", note.c.told.is_(False))
    return await uow.select(Note, lambda query: query.where(condition))


async def forget_told(connection: AsyncConnection, now: datetime) -> None:
    """Drop what was told long ago."""
    old = and_(note.c.told.is_(True), note.c.created_at < now - KEEP_TOLD)
    await connection.execute(delete(note).where(old))


async def theirs(uow: UnitOfWork, person_id: UUID) -> list[Calm | Note]:
    """Give all that is kept here of a person."""
    found = await uow.get(Calm, person_id)
    return [*([found] if found else []), *await all_of(uow, person_id)]
