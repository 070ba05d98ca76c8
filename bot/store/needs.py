"""Queries about needs and offers, and what has brought some of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from bot.domain.conversation import Conversation
from bot.domain.needs import ENOUGH_HELPERS, Help, HelpKind, HelpReport, Match
from bot.domain.people import Participant
from bot.store.records import Card
from bot.store.schema import card, help_, help_report, match
from bot.store.unit_of_work import UnitOfWork

LOOKED_AT = 300
"""So many of the newest needs or offers of a place are compared."""


async def suiting(uow: UnitOfWork, one: Help) -> list[Help]:
    """Give the open offers that may meet a need, or the needs that an offer may meet, the newest first: of its place.

    What belongs to a conversation for those who were invited stays in it.
    """
    other: HelpKind = "offer" if one.kind == "need" else "need"
    near = await _near(uow, one.place_key, one.place_name, other)
    await uow.load(Conversation, [(found.conversation_id,) for found in (one, *near) if found.conversation_id])
    open_to_all = await _is_open(uow, one)
    return [
        found
        for found in near
        if found.id != one.id
        and (
            (found.conversation_id is not None and found.conversation_id == one.conversation_id)
            or (open_to_all and await _is_open(uow, found))
        )
        and not (found.author_id is not None and found.author_id == one.author_id)
        and not (found.owner and found.owner == one.owner)
    ]


async def listeners(uow: UnitOfWork, place_key: str, place_name: str, most: int = LOOKED_AT) -> list[Help]:
    """Give the open offers to listen of a place that are not of a conversation for the invited, the newest first."""
    found = await _near(uow, place_key, place_name, "offer", help_.c.listens.is_(True))
    await uow.load(Conversation, [(one.conversation_id,) for one in found if one.conversation_id])
    return [one for one in found if await _is_open(uow, one)][:most]


async def _near(uow: UnitOfWork, place_key: str, place_name: str, kind: HelpKind, *more: Any) -> list[Help]:
    where = help_.c.place_key == place_key if place_key else _named(place_name)
    condition = and_(where, help_.c.kind == kind, help_.c.state == "open", *more)
    return await uow.select(
        Help, lambda query: query.where(condition).order_by(help_.c.created_at.desc(), help_.c.id).limit(LOOKED_AT)
    )


def _named(place_name: str) -> Any:
    return and_(help_.c.place_key == "", func.lower(help_.c.place_name) == place_name.lower())


async def _is_open(uow: UnitOfWork, one: Help) -> bool:
    if one.conversation_id is None:
        return True
    of = await uow.get(Conversation, one.conversation_id)
    return of is not None and of.findable == "anyone" and of.closed_at is None


async def matches_of(uow: UnitOfWork, one: Help) -> list[Match]:
    """Give all matches of a need or an offer, the oldest first; their other sides are read along."""
    column = match.c.need_id if one.kind == "need" else match.c.offer_id
    found = await uow.select(
        Match, lambda query: query.where(column == one.id).order_by(match.c.created_at, match.c.id)
    )
    await uow.load(Help, [(each.other(one.id),) for each in found])
    return found


async def unanswered(uow: UnitOfWork, own: Sequence[Help]) -> set[UUID]:
    """Give those of one's needs and offers for which something may suit that one has not answered to."""
    ids = [one.id for one in own]
    condition = or_(match.c.need_id.in_(ids), match.c.offer_id.in_(ids))
    found = await uow.select(Match, lambda query: query.where(condition)) if ids else []
    sides = [(one, side) for one in found for side in (one.need_id, one.offer_id) if side in ids]
    return {side for one, side in sides if not one.refused and one.said(side) == 0}


async def helpers_of(uow: UnitOfWork, need: Help) -> list[Help]:
    """Give the offers of those who were introduced to whoever has a need, the first first."""
    found = [one.offer_id for one in await matches_of(uow, need) if one.introduced_at is not None]
    await uow.load(Help, [(one,) for one in found])
    offers = [await uow.get(Help, one) for one in found]
    return [one for one in offers if one is not None and one.state != "withdrawn"]


def enough(helpers: Sequence[Help]) -> bool:
    """Whether so many help that somebody could hold it together."""
    return len(helpers) >= ENOUGH_HELPERS


async def mine(uow: UnitOfWork, owner: bytes, participants: Sequence[tuple[UUID, UUID]]) -> list[Help]:
    """Give all needs and offers of somebody, the newest first: by their keyed hash, and who they are where."""
    own = [and_(help_.c.conversation_id == scope, help_.c.author_id == me) for scope, me in participants]
    condition = or_(help_.c.owner == owner, *own)

    def build(query: Select[Any]) -> Select[Any]:
        return query.where(condition, help_.c.state != "withdrawn").order_by(help_.c.created_at.desc(), help_.c.id)

    return await uow.select(Help, build)


async def reports(uow: UnitOfWork, help_id: UUID) -> int:
    """Count those who found the words not all right."""
    query = select(func.count()).select_from(help_report).where(help_report.c.help_id == help_id)
    return int((await uow.rows(query))[0][0])


async def shared_in(uow: UnitOfWork, conversation_id: UUID, most: int, skip: int = 0) -> list[Help]:
    """Give the needs that all in a conversation may read and that nobody has met yet, the newest first."""
    condition = and_(
        help_.c.conversation_id == conversation_id, help_.c.kind == "need", help_.c.shared.is_(True),
        help_.c.state.in_(("open", "resting")),
    )  # fmt: skip
    newest = help_.c.created_at.desc(), help_.c.id
    return await uow.select(Help, lambda query: query.where(condition).order_by(*newest).offset(skip).limit(most))


async def met_in(uow: UnitOfWork, conversation_id: UUID) -> int:
    """Count the needs that all in a conversation may read and that are met."""
    query = select(func.count()).select_from(help_)
    met = and_(help_.c.conversation_id == conversation_id, help_.c.kind == "need", help_.c.shared.is_(True))
    return int((await uow.rows(query.where(met, help_.c.state == "met")))[0][0])


async def cards_of(uow: UnitOfWork, help_id: UUID, most: int) -> list[Card]:
    """Give some cards of a need, wherever they stand."""
    here = card.c.subject_id == help_id
    return await uow.select(Card, lambda query: query.where(here).order_by(card.c.room_id).limit(most))


async def name_of(uow: UnitOfWork, one: Help) -> str:
    """Give the shown name of whose a need or an offer in a conversation is; empty elsewhere."""
    if one.conversation_id is None or one.author_id is None:
        return ""
    author = await uow.get(Participant, one.conversation_id, one.author_id)
    return author.secret.name if author is not None else ""


async def reports_of(uow: UnitOfWork, help_id: UUID) -> list[HelpReport]:
    """Give what was said against the words."""
    return await uow.select(HelpReport, lambda query: query.where(help_report.c.help_id == help_id))
