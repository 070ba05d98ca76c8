"""Queries about participants: what shows their name, and who comes after whom."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, or_, select

from bot.domain.people import Participant
from bot.store.schema import helper_group, idea, participant
from bot.store.unit_of_work import UnitOfWork

HEIRS = ("cohost", "moderator", "")
"""Who takes over hosting: the first of these roles that anybody has."""


async def named_ideas(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID) -> list[UUID]:
    """Give the ideas that are shown under a participant's name."""
    query = select(idea.c.id).where(
        idea.c.conversation_id == conversation_id, idea.c.author_id == participant_id,
        idea.c.named.is_(True), idea.c.state.in_(("shown", "merged")),
    )  # fmt: skip
    return [row[0] for row in await uow.rows(query.order_by(idea.c.number))]


async def known_by_name(uow: UnitOfWork, conversation_id: UUID, skip: int, most: int) -> list[Participant]:
    """Give whose names everybody can see: they gave an idea under it, hold a helper group together, or have a role.

    Who only votes or carries ideas is in no list, not even a host's.
    """
    named = select(idea.c.author_id).where(
        idea.c.conversation_id == conversation_id, idea.c.named.is_(True), idea.c.state.in_(("shown", "merged"))
    )
    convening = select(helper_group.c.convener_id).where(
        helper_group.c.conversation_id == conversation_id, helper_group.c.state == "open"
    )
    condition = and_(
        participant.c.conversation_id == conversation_id, participant.c.left.is_(False),
        or_(participant.c.role != "", participant.c.id.in_(named), participant.c.id.in_(convening)),
    )  # fmt: skip
    order = participant.c.joined_at, participant.c.id
    return await uow.select(Participant, lambda query: query.where(condition).order_by(*order).offset(skip).limit(most))


async def successor(uow: UnitOfWork, conversation_id: UUID, leaving: UUID) -> Participant | None:
    """Give who takes over hosting: a cohost, else a moderator, else whoever joined first; None if nobody is left."""
    there = and_(
        participant.c.conversation_id == conversation_id, participant.c.left.is_(False), participant.c.id != leaving
    )
    for role in HEIRS:
        condition = and_(there, participant.c.role == role)
        order = participant.c.joined_at, participant.c.id
        found = await uow.select(
            Participant, lambda query, where=condition, order=order: query.where(where).order_by(*order).limit(1)
        )
        if found:
            return found[0]
    return None


async def after(uow: UnitOfWork, conversation_id: UUID, before: UUID | None, most: int) -> list[Participant]:
    """Give who is in a conversation, in chunks by id."""
    there = and_(participant.c.conversation_id == conversation_id, participant.c.left.is_(False))
    if before is not None:
        there = and_(there, participant.c.id > before)
    return await uow.select(Participant, lambda query: query.where(there).order_by(participant.c.id).limit(most))
