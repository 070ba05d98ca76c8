"""Queries about who is being listened to, and whom they could call."""

from __future__ import annotations

from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.helplines import Helpline, lines_for
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.store import needs
from bot.store.records import Listening
from bot.store.schema import listening
from bot.store.unit_of_work import UnitOfWork


async def all_open(uow: UnitOfWork) -> list[Listening]:
    """Give all rooms where somebody is listened to."""
    return await uow.select(Listening, lambda query: query.order_by(listening.c.room_id))


async def of_person(uow: UnitOfWork, person_id: UUID) -> list[Listening]:
    """Give the rooms where a person is listened to."""
    return await uow.select(Listening, lambda query: query.where(listening.c.person_id == person_id))


async def listeners(uow: UnitOfWork, person: Person | None) -> int:
    """Count who has offered to listen where somebody's conversation is."""
    current = person.current_conversation_id if person else None
    conversation = await uow.get(Conversation, current) if current else None
    if conversation is None:
        return 0
    return len(await needs.listeners(uow, conversation.place_key, conversation.place_name))


async def lines(uow: UnitOfWork, room: Room, person: Person | None) -> tuple[Helpline, ...]:
    """Give the numbers to call for somebody: where their conversation is, or by the room's clocks."""
    current = person.current_conversation_id if person else None
    conversation = await uow.get(Conversation, current) if current else None
    return lines_for(conversation.place_key if conversation else "", room.zone)
