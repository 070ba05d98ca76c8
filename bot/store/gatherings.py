"""Queries about gatherings: which are coming, who comes, which seats are free, what was written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from bot.domain.gatherings import Counts, Gathering, MeetingNote, Rsvp
from bot.domain.people import Participant
from bot.store.schema import gathering, meeting_note, rsvp
from bot.store.unit_of_work import UnitOfWork


async def locked(uow: UnitOfWork, conversation_id: UUID, gathering_id: UUID) -> None:
    """Let nobody else give or take seats of a gathering before the end of the transaction."""
    if uow.connection.dialect.name == "postgresql":
        key = and_(gathering.c.conversation_id == conversation_id, gathering.c.id == gathering_id)
        await uow.rows(select(gathering.c.id).where(key).with_for_update())


async def coming(
    uow: UnitOfWork, conversation_id: UUID, now: datetime, skip: int, most: int, group_id: UUID | None = None
) -> list[Gathering]:
    """Give the gatherings of a conversation (or of a helper group) that are not over, the next first."""
    condition = and_(
        gathering.c.conversation_id == conversation_id, gathering.c.ends_at > now, gathering.c.state == "planned"
    )
    if group_id is not None:
        condition = and_(condition, gathering.c.group_id == group_id)
    order = gathering.c.at, gathering.c.id
    return await uow.select(Gathering, lambda query: query.where(condition).order_by(*order).offset(skip).limit(most))


async def counts(uow: UnitOfWork, conversation_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Counts]:
    """Count who comes, may come, and waits, for several gatherings at once."""
    query = (
        select(rsvp.c.gathering_id, rsvp.c.answer, func.count(), func.count(rsvp.c.seat))
        .where(rsvp.c.conversation_id == conversation_id, rsvp.c.gathering_id.in_(list(ids)))
        .group_by(rsvp.c.gathering_id, rsvp.c.answer)
    )
    found = {one: Counts() for one in ids}
    for gathering_id, answer, all_of_them, seated in await uow.rows(query) if ids else ():
        before = found[gathering_id]
        if answer == "yes":
            found[gathering_id] = Counts(int(seated), before.maybe, int(all_of_them) - int(seated))
        elif answer == "maybe":
            found[gathering_id] = Counts(before.coming, int(all_of_them), before.waiting)
    return found


async def free_seat(uow: UnitOfWork, one: Gathering) -> int | None:
    """Give the number of a seat that nobody has; None if all are taken.

    It is the one after the last, and the first gap only where that is too many.
    """
    last = (await uow.rows(select(func.max(rsvp.c.seat)).where(_of(one))))[0][0] or 0
    if not one.seats or last < one.seats:
        return int(last) + 1
    rows = await uow.rows(select(rsvp.c.seat).where(_of(one), rsvp.c.seat.is_not(None)).order_by(rsvp.c.seat))
    taken = {row[0] for row in rows}
    return next((seat for seat in range(1, one.seats + 1) if seat not in taken), None)


async def first_waiting(uow: UnitOfWork, one: Gathering) -> Rsvp | None:
    """Give who has waited for a seat for longest."""
    condition = and_(_of(one), rsvp.c.answer == "yes", rsvp.c.seat.is_(None))
    oldest = rsvp.c.created_at, rsvp.c.participant_id
    found = await uow.select(Rsvp, lambda query: query.where(condition).order_by(*oldest).limit(1))
    return found[0] if found else None


async def answers(
    uow: UnitOfWork, one: Gathering, wanted: Sequence[str], after: UUID | None, most: int, *, seated: bool = False
) -> list[Rsvp]:
    """Give who has answered so, in chunks by participant; `seated`: only who has a place."""
    condition = and_(_of(one), rsvp.c.answer.in_(wanted))
    if seated:
        condition = and_(condition, rsvp.c.seat.is_not(None))
    if after is not None:
        condition = and_(condition, rsvp.c.participant_id > after)
    return await uow.select(Rsvp, lambda query: query.where(condition).order_by(rsvp.c.participant_id).limit(most))


async def names(uow: UnitOfWork, one: Gathering, most: int) -> list[str]:
    """Give the names of some who come, and show theirs: who came first first."""
    condition = and_(_of(one), rsvp.c.seat.is_not(None), rsvp.c.named.is_(True))
    found = await uow.select(Rsvp, lambda query: query.where(condition).order_by(rsvp.c.seat).limit(most))
    await uow.load(Participant, [(each.conversation_id, each.participant_id) for each in found])
    people = [await uow.need(Participant, each.conversation_id, each.participant_id) for each in found]
    return [person.secret.name for person in people if person.secret.name]


async def notes(uow: UnitOfWork, one: Gathering) -> list[MeetingNote]:
    """Give what was written down of a gathering and its topics, the first first."""
    condition = and_(meeting_note.c.conversation_id == one.conversation_id, meeting_note.c.gathering_id == one.id)
    return await uow.select(
        MeetingNote, lambda query: query.where(condition).order_by(meeting_note.c.created_at, meeting_note.c.id)
    )


def _of(one: Gathering) -> ColumnElement[bool]:
    return and_(rsvp.c.conversation_id == one.conversation_id, rsvp.c.gathering_id == one.id)
