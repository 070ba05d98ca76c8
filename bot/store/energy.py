"""Queries about hands: where somebody has theirs, and whose are on which ideas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_

from bot.domain.ideas import Hand, Idea
from bot.domain.people import Participant
from bot.store.schema import hand
from bot.store.unit_of_work import CHUNK, UnitOfWork


async def of(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID) -> list[Hand]:
    """Give somebody's hands, by their places."""
    condition = and_(hand.c.conversation_id == conversation_id, hand.c.participant_id == participant_id)
    return await uow.select(Hand, lambda query: query.where(condition).order_by(hand.c.place))


async def on(uow: UnitOfWork, idea: Idea) -> list[Hand]:
    """Give the hands on an idea, the first first."""
    if not idea.hands:
        return []
    condition = and_(hand.c.conversation_id == idea.conversation_id, hand.c.idea_id == idea.id)
    return await uow.select(Hand, lambda query: query.where(condition).order_by(*_OLDEST))


async def names(uow: UnitOfWork, ideas: Collection[Idea]) -> Mapping[UUID, Sequence[str]]:
    """Give the shown names of those whose hands are on ideas of one conversation; empty where somebody shows none."""
    wanted = [one.id for one in ideas if one.hands]
    found: dict[UUID, list[str]] = {one: [] for one in wanted}
    scope = next((one.conversation_id for one in ideas), None)
    for start in range(0, len(wanted), CHUNK):
        condition = and_(hand.c.conversation_id == scope, hand.c.idea_id.in_(wanted[start : start + CHUNK]))
        hands = await uow.select(Hand, lambda query, where=condition: query.where(where).order_by(*_OLDEST))
        await uow.load(Participant, [(one.conversation_id, one.participant_id) for one in hands])
        for one in hands:
            who = await uow.need(Participant, one.conversation_id, one.participant_id)
            found[one.idea_id].append(who.secret.name)
    return found


_OLDEST = (hand.c.created_at, hand.c.participant_id)
