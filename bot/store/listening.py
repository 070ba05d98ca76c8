"""Queries about who is being listened to, and who else could listen to them."""

from __future__ import annotations

from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.people import Person
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


async def conversation_of(uow: UnitOfWork, person: Person | None) -> Conversation | None:
    """Give the conversation that somebody is in just now."""
    current = person.current_conversation_id if person else None
    return await uow.get(Conversation, current) if current else None


async def listeners(uow: UnitOfWork, conversation: Conversation | None) -> int:
    """Count who has offered to listen in a conversation's place."""
    if conversation is None:
        return 0
    return len(await needs.listeners(uow, conversation.place_key, conversation.place_name))
