"""Queries about invitations: codes are found by their keyed hash, and never kept themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, func, or_, select

from bot.crypto import new_code
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.invitations import Invitation, Purpose
from bot.domain.people import Participant
from bot.store.schema import invitation, participant
from bot.store.unit_of_work import UnitOfWork

KEEP = {"join": timedelta(days=180), "room": timedelta(days=7), "group": timedelta(days=7), "host": timedelta(days=7)}
"""How long a new code of a purpose opens the door."""

LONGEST = 64


async def known(uow: UnitOfWork, code: str) -> Invitation | None:
    """Give the invitation of a code, be it open or not."""
    if not code or len(code) > LONGEST:
        return None
    return await uow.by(Invitation, uow.keys.lookup("code", code))


async def find(uow: UnitOfWork, code: str, now: datetime) -> Invitation | None:
    """Give the invitation of a code that opens the door now; None if there is none, or it has been closed."""
    found = await known(uow, code)
    return found if found is not None and found.open(now) else None


async def load(uow: UnitOfWork, code: str, now: datetime) -> tuple[Invitation, Conversation, HelperGroup | None] | None:
    """Read what somebody is invited to by a code to join; None if it opens nothing, and nothing is used up by it."""
    found = await find(uow, code, now)
    conversation = await uow.get(Conversation, found.conversation_id) if found else None
    if found is None or found.purpose != "join" or conversation is None:
        return None
    if conversation.closed_at is not None or not conversation.question:
        return None
    group = await uow.get(HelperGroup, conversation.id, found.group_id) if found.group_id else None
    return found, conversation, group if group and group.there else None


def make(
    uow: UnitOfWork,
    conversation: Conversation,
    inviter: Participant,
    purpose: Purpose,
    now: datetime,
    new_id: Callable[[], UUID],
    **fields: Any,
) -> tuple[Invitation, str]:
    """Stage a new invitation by a participant; gives it with its code, which cannot be known again afterwards."""
    code = new_code()
    fields.setdefault("expires_at", now + KEEP[purpose] if purpose in KEEP else None)
    made = Invitation(
        conversation.id,
        new_id(),
        uow.keys.lookup("code", code),
        purpose,
        inviter.id,
        now,
        **fields,
    )
    uow.add(made)
    return made, code


def redeem(uow: UnitOfWork, found: Invitation) -> Invitation:
    """Count a use; call it once for each who came by it. `found` is what `find` gave for this event."""
    used = msgspec.structs.replace(found, used=found.used + 1)
    uow.save(used)
    return used


def end(uow: UnitOfWork, found: Invitation, now: datetime) -> None:
    """Close the door of an invitation; ending it again changes nothing."""
    if found.ended_at is None:
        uow.save(msgspec.structs.replace(found, ended_at=now))


async def open_pages(uow: UnitOfWork, conversation_id: UUID) -> list[Invitation]:
    """Give the codes by which a conversation's harvest can be read on the web now."""
    condition = and_(
        invitation.c.conversation_id == conversation_id,
        invitation.c.purpose == "page",
        invitation.c.ended_at.is_(None),
    )
    return await uow.select(Invitation, lambda query: query.where(condition))


async def made_since(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID, since: datetime) -> int:
    """Count the invitations to join that a participant has made since a moment."""
    query = select(func.count()).where(_by(conversation_id, participant_id), invitation.c.created_at > since)
    return int((await uow.rows(query))[0][0])


async def open_links(
    uow: UnitOfWork, conversation_id: UUID, participant_id: UUID, now: datetime, most: int
) -> tuple[list[Invitation], int]:
    """Give a participant's newest invitations to join that are open, and how many are open in all."""
    condition = and_(
        _by(conversation_id, participant_id),
        invitation.c.ended_at.is_(None),
        or_(invitation.c.expires_at.is_(None), invitation.c.expires_at > now),
        or_(invitation.c.limit == 0, invitation.c.used < invitation.c.limit),
    )
    count = int((await uow.rows(select(func.count()).select_from(invitation).where(condition)))[0][0])
    newest = invitation.c.created_at.desc(), invitation.c.id.desc()
    links = await uow.select(Invitation, lambda query: query.where(condition).order_by(*newest).limit(most))
    return links, count


async def spread(uow: UnitOfWork, conversation_id: UUID) -> tuple[int, ...]:
    """Tell how the invitation has spread: how many came by each who invited, the most first. No names."""
    count = func.count()
    query = (
        select(count)
        .where(participant.c.conversation_id == conversation_id, participant.c.invited_by.is_not(None))
        .group_by(participant.c.invited_by)
        .order_by(count.desc())
    )
    return tuple(int(row[0]) for row in await uow.rows(query))


def _by(conversation_id: UUID, participant_id: UUID) -> Any:
    return and_(
        invitation.c.conversation_id == conversation_id,
        invitation.c.created_by == participant_id,
        invitation.c.purpose == "join",
    )
