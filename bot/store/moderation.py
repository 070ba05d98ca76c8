"""Queries about moderation: what waits, who may look at it, and the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, func, or_, select

from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.moderation import REASONS, Act, ActKind, Matter, Record, Report, matter_of
from bot.domain.needs import Help
from bot.domain.open_space import Topic
from bot.domain.people import Participant
from bot.domain.steps import Step, Story
from bot.store.schema import act, participant, report
from bot.store.unit_of_work import UnitOfWork

ABOUT_MATTERS = ("hide", "restore", "leave", "merge", "apart")
ABOUT_WORDS = ("tags", "untranslate")
ABOUT_PEOPLE = ("mute", "unmute")
ABOUT_ROLES = ("cohost", "moderator", "dismiss", "host")
ABOUT_THE_END = ("close", "reopen")
URGENT = "threat"
KINDS: tuple[type[Record], ...] = (Idea, Help, Story, HelperGroup, Step, Gathering, Topic)
"""The records about which moderators decide, those that they meet most first."""


class Reported(msgspec.Struct, frozen=True):
    """What somebody said of: it is not all right. With the reasons, those given most first."""

    matter: Matter
    first_at: datetime
    reasons: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """How many said so."""
        return sum(count for _reason, count in self.reasons)

    @property
    def told(self) -> str:
        """The reason that most gave and that can be told: people's own words are for the moderators alone."""
        return told(self.reasons)

    @property
    def urgent(self) -> bool:
        """Whether it cannot wait."""
        return any(reason == URGENT for reason, _count in self.reasons)


def told(reasons: Sequence[tuple[str, int]]) -> str:
    """Give the reason given most that is one of the `REASONS`; nothing if all wrote their own words."""
    return next((reason for reason, _count in reasons if reason in REASONS), "")


async def find(uow: UnitOfWork, conversation_id: UUID, subject_id: UUID | None) -> Matter | None:
    """Give what has this id in a conversation, whichever it is."""
    if subject_id is None:
        return None
    return (await find_all(uow, conversation_id, [subject_id])).get(subject_id)


async def find_all(uow: UnitOfWork, conversation_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Matter]:
    """Give what has these ids in a conversation, by the id. No two records of whatever kind have the same."""
    found: dict[UUID, Matter] = {}
    wanted = list(dict.fromkeys(ids))
    for kind in KINDS:
        missing = [one for one in wanted if one not in found]
        await uow.load(kind, [_key(kind, conversation_id, one) for one in missing])
        for one in missing:
            record = await uow.get(kind, *_key(kind, conversation_id, one))
            matter = matter_of(record) if record is not None else None
            if matter is not None and matter.conversation_id == conversation_id:
                found[one] = matter
    return found


def _key(kind: type[Record], conversation_id: UUID, subject_id: UUID) -> tuple[UUID, ...]:
    return (subject_id,) if kind is Help else (conversation_id, subject_id)


async def waiting(uow: UnitOfWork, conversation_id: UUID, but_by: UUID | None = None) -> list[Reported]:
    """Give what waits for a moderator: threats first, then what most spoke of, then the older.

    `but_by` leaves out what is one participant's.
    """
    condition = and_(report.c.conversation_id == conversation_id, report.c.handled_at.is_(None))
    reasons: dict[UUID, Counter[str]] = {}
    first: dict[UUID, datetime] = {}
    for one in await uow.select(Report, lambda query: query.where(condition)):
        reasons.setdefault(one.subject_id, Counter())[one.reason] += 1
        first[one.subject_id] = min(one.created_at, first.get(one.subject_id, one.created_at))
    matters = await find_all(uow, conversation_id, reasons)
    found = [
        Reported(matter, first[matter.id], _ranked(reasons[matter.id]))
        for matter in matters.values()
        if matter.readable and matter.author_id != but_by
    ]
    return sorted(found, key=lambda one: (not one.urgent, -one.count, one.first_at, one.matter.id))


async def most_given(uow: UnitOfWork, conversation_id: UUID, subject_id: UUID) -> str:
    """Give the reason that the open reports of something suggest, or nothing."""
    reports = await open_reports(uow, conversation_id, subject_id)
    return told(_ranked(Counter(one.reason for one in reports)))


async def open_reports(uow: UnitOfWork, conversation_id: UUID, subject_id: UUID) -> list[Report]:
    """Give the reports of something that no moderator has looked at."""
    return await uow.select(Report, lambda query: query.where(_about(conversation_id, subject_id), ~_handled()))


async def handled_by(uow: UnitOfWork, done: Act) -> list[Report]:
    """Give the reports that an act has settled."""
    condition = and_(_about(done.conversation_id, done.subject_id), report.c.handled_at == done.created_at)
    return await uow.select(Report, lambda query: query.where(condition))


async def moderators(uow: UnitOfWork, conversation_id: UUID) -> list[Participant]:
    """Give the host, cohosts and moderators, who came first first."""
    condition = and_(
        participant.c.conversation_id == conversation_id, participant.c.left.is_(False), participant.c.role != ""
    )
    return await uow.select(Participant, lambda query: query.where(condition).order_by(participant.c.joined_at))


async def log(uow: UnitOfWork, conversation_id: UUID, skip: int, most: int) -> list[Act]:
    """Give the acts, the last first."""
    return await uow.select(Act, _last(act.c.conversation_id == conversation_id, skip, most))


async def last_by(uow: UnitOfWork, conversation_id: UUID, moderator_id: UUID) -> Act | None:
    """Give a moderator's last act that stands."""
    condition = and_(
        act.c.conversation_id == conversation_id, act.c.moderator_id == moderator_id, act.c.undone_at.is_(None)
    )
    found: Sequence[Act] = await uow.select(Act, _last(condition, 0, 1))
    return found[0] if found else None


async def standing(
    uow: UnitOfWork,
    conversation_id: UUID,
    kind: ActKind,
    *,
    subject_id: UUID | None = None,
    participant_id: UUID | None = None,
) -> Act | None:
    """Give the last act of a kind about something, or a participant, that stands."""
    condition = and_(
        act.c.conversation_id == conversation_id,
        act.c.kind == kind,
        act.c.undone_at.is_(None),
        act.c.subject_id == subject_id if subject_id else act.c.participant_id == participant_id,
    )
    found: Sequence[Act] = await uow.select(Act, _last(condition, 0, 1))
    return found[0] if found else None


async def open_offers(uow: UnitOfWork, conversation_id: UUID) -> list[Act]:
    """Give the offers to host a conversation that stand."""
    condition = and_(act.c.conversation_id == conversation_id, act.c.kind == "offer", act.c.undone_at.is_(None))
    return await uow.select(Act, lambda query: query.where(condition))


def notice_key(conversation_id: UUID) -> str:
    """Give the key under which a conversation's evening messages to its moderators are one each."""
    return f"mod:{conversation_id}"


async def built_upon(uow: UnitOfWork, done: Act) -> bool:
    """Whether a later act on the same thing or person stands, so that this one cannot be taken back alone."""
    kinds = next((kinds for kinds in (ABOUT_PEOPLE, ABOUT_ROLES) if done.kind in kinds), ())
    if kinds:
        same = and_(act.c.participant_id == done.participant_id, act.c.kind.in_(kinds))
    elif done.kind in ABOUT_THE_END:
        same = act.c.kind.in_(ABOUT_THE_END)
    else:
        alike = [done.kind] if done.kind in ABOUT_WORDS else ABOUT_MATTERS
        same = and_(act.c.subject_id == done.subject_id, act.c.kind.in_(alike))
    later = or_(act.c.created_at > done.created_at, and_(act.c.created_at == done.created_at, act.c.id > done.id))
    query = select(func.count()).where(
        act.c.conversation_id == done.conversation_id, same, later, act.c.undone_at.is_(None)
    )
    return bool((await uow.rows(query))[0][0])


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _about(conversation_id: UUID, subject_id: UUID | None) -> Any:
    return and_(report.c.conversation_id == conversation_id, report.c.subject_id == subject_id)


def _handled() -> Any:
    return report.c.handled_at.is_not(None)


def _last(condition: Any, skip: int, most: int) -> Any:
    return lambda query: (
        query.where(condition).order_by(act.c.created_at.desc(), act.c.id.desc()).offset(skip).limit(most)
    )
