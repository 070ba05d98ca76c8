"""The harvest, read: what its read model (`bot.domain.harvest`) holds, in a few queries.

A section of the harvest has a function here, or a module of its own beside, and a line in `load_harvest`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, select

from bot.domain.conversation import Conversation
from bot.domain.groups import THERE, HelperGroup
from bot.domain.harvest import (
    FEW,
    Energy,
    Harvest,
    HarvestGroup,
    HarvestIdea,
    HarvestPart,
    HarvestQuestion,
    OpinionGroup,
    Opinions,
    Spread,
    Weighed,
    enough,
    spans,
)
from bot.domain.ideas import Idea, Sums
from bot.domain.maps import Findings
from bot.domain.people import HATS, Participant
from bot.store import held, invitations, maps, merging, needs, participation, prompts
from bot.store.deeds import deeds
from bot.store.schema import helper_group, idea, participant, vote
from bot.store.unit_of_work import UnitOfWork

MOST = 5
"""So many ideas are named as what unites people, and as what they differ on."""

MOST_NEEDS = 50
"""So many needs are told in their words, the newest."""


async def load_harvest(uow: UnitOfWork, conversation_id: UUID, now: datetime) -> Harvest:
    """Read the harvest of a conversation, in a few queries."""
    about = await uow.need(Conversation, conversation_id)
    readable = await _ideas(uow, conversation_id)
    ideas = {one.id: one for one in readable if one.alive}
    parts = await _parts(uow, conversation_id, readable)
    found = await maps.latest(uow, conversation_id)
    findings = found.secret if found else Findings()
    helpers = await _helpers(uow, conversation_id)
    steps, stories = await deeds(uow, conversation_id, helpers)
    return Harvest(
        place=about.place_name, question=about.question, why=about.why, values=about.values, givens=about.givens,
        season=about.season, begun_at=about.created_at, made_at=now,
        ended=about.closed_at is not None, locale=about.locale, zone=about.zone,
        code=about.code if about.findable == "anyone" and about.closed_at is None else "",
        people=enough(about.participants), voters=enough(await _voters(uow, conversation_id)),
        authors=enough(len({one.author_id for one in readable})),
        hats=await _hats(uow, conversation_id),
        spread=await _spread(uow, conversation_id),
        days=spans(await participation.days(uow, conversation_id, about.zone)),
        ideas=tuple(
            sorted(
                (_idea(one, findings, parts.get(one.id, ())) for one in ideas.values()),
                key=lambda one: rank(one.supporters, one.weighed, one.number),
            )
        ),
        groups=await _groups(uow, helpers, ideas),
        needs=tuple(one.text for one in await needs.shared_in(uow, conversation_id, MOST_NEEDS)),
        needs_met=await needs.met_in(uow, conversation_id),
        steps=steps,
        stories=stories,
        opinions=opinions(findings, ideas),
        energy=_energy(ideas.values()),
        gatherings=await held.gatherings(uow, conversation_id, ideas),
        questions=await _questions(uow, conversation_id),
    )  # fmt: skip


async def load_opened(uow: UnitOfWork, code: str, now: datetime) -> Harvest | None:
    """Read the harvest that a host has opened to who has this code; None if it is closed, or its words are erased."""
    found = await invitations.find(uow, code, now)
    if found is None or found.purpose != "page":
        return None
    harvest = await load_harvest(uow, found.conversation_id, now)
    return harvest if harvest.question else None


async def _ideas(uow: UnitOfWork, conversation_id: UUID) -> list[Idea]:
    """Read the ideas whose words can be seen: those that stand for themselves, and the parts of others."""
    condition = and_(idea.c.conversation_id == conversation_id, idea.c.state.in_(("shown", "merged")))
    return await uow.select(Idea, lambda query: query.where(condition).order_by(idea.c.number))


async def _parts(uow: UnitOfWork, conversation_id: UUID, ideas: list[Idea]) -> dict[UUID, tuple[HarvestPart, ...]]:
    """Give the parts of each whole, the oldest first."""
    merged = [one for one in ideas if not one.alive]
    decided = await merging.decided_by_moderators(uow, conversation_id) if merged else frozenset()
    found: dict[UUID, tuple[HarvestPart, ...]] = {}
    for one in merged:
        if one.merged_into is not None:
            part = HarvestPart(
                one.number, one.text, one.created_at.date(), one.from_meeting, weighed(one.shown_sums),
                one.id not in decided,
            )  # fmt: skip
            found[one.merged_into] = (*found.get(one.merged_into, ()), part)
    return found


def _idea(one: Idea, findings: Findings, parts: tuple[HarvestPart, ...]) -> HarvestIdea:
    known = findings.ideas.get(one.id)
    sums: tuple[Sums | None, ...] = known.groups if known else ()
    return HarvestIdea(
        one.number, one.text, one.created_at.date(), one.supporters, one.leads, one.from_meeting,
        weighed(one.shown_sums),
        tuple(weighed(some) if some else None for some in sums or (None,) * len(findings.groups)),
        parts,
    )  # fmt: skip


def opinions(findings: Findings, ideas: Mapping[UUID, Idea]) -> Opinions | None:
    """Give what a map says, of the ideas that can be seen; None where there is nothing to say yet."""
    if findings.rung == "ideas":
        return None

    def numbers(some: tuple[UUID, ...]) -> tuple[int, ...]:
        return tuple(ideas[one].number for one in some if one in ideas)[:MOST]

    groups = [
        OpinionGroup(
            one.letter, one.people, tuple((ideas[idea].number, agrees) for idea, agrees in one.holds if idea in ideas),
            one.area,
        )
        for one in findings.groups
    ]  # fmt: skip
    united = tuple(one for one in findings.unites if one in ideas and ideas[one].mostly_agreed)
    unites = united if groups else findings.all_agree
    return Opinions(numbers(unites), tuple(groups), numbers(findings.differ), numbers(findings.all_disagree))


def rank(supporters: int, sums: Weighed | None, number: int) -> tuple[int, float, int]:
    """Put in front what most carry, then what most agree with as far as that is told, then what is older.

    A share of few people counts a little less: as if one more had agreed, and one had not.
    """
    share = (sums.agree + 1) / (sums.voters + 2) if sums else 0.0
    return -supporters, -share, number


def _energy(ideas: Iterable[Idea]) -> tuple[Energy, ...]:
    found = sorted((one for one in ideas if one.hands), key=lambda one: (-one.hands, one.number))
    return tuple(Energy(one.number, one.hands) for one in found)


def weighed(shown: Sums) -> Weighed | None:
    """Give sums as they are told; None where there are too few."""
    return Weighed(shown.agree, shown.disagree, shown.passed) if shown.voters >= FEW else None


async def _questions(uow: UnitOfWork, conversation_id: UUID) -> tuple[HarvestQuestion, ...]:
    found = await prompts.brought(uow, conversation_id)
    return tuple(
        HarvestQuestion(one.asked.words, one.ideas, one.asked.series, one.asked.number + 1 if one.asked.series else 0)
        for one in found
    )


async def _voters(uow: UnitOfWork, conversation_id: UUID) -> int:
    """Count those who have weighed an idea: by a search of an index for each, not through all their votes."""
    own = and_(vote.c.conversation_id == participant.c.conversation_id, vote.c.participant_id == participant.c.id)
    query = select(func.count()).select_from(participant).where(exists().where(own))
    return int((await uow.rows(query.where(participant.c.conversation_id == conversation_id)))[0][0])


async def _spread(uow: UnitOfWork, conversation_id: UUID) -> Spread:
    counts = await invitations.spread(uow, conversation_id)
    return Spread(enough(sum(counts)), enough(len(counts)))


async def _hats(uow: UnitOfWork, conversation_id: UUID) -> tuple[tuple[str, int], ...]:
    query = select(participant.c.hats).where(
        participant.c.conversation_id == conversation_id,
        participant.c.hats_shown.is_(True),
        participant.c.left.is_(False),
    )
    worn = Counter(hat for row in await uow.rows(query) for hat in row[0])
    return tuple((hat, worn[hat]) for hat in HATS if worn[hat] >= FEW)


async def _helpers(uow: UnitOfWork, conversation_id: UUID) -> list[HelperGroup]:
    condition = and_(helper_group.c.conversation_id == conversation_id, helper_group.c.state.in_(THERE))
    oldest = helper_group.c.created_at, helper_group.c.id
    return await uow.select(HelperGroup, lambda query: query.where(condition).order_by(*oldest))


async def _groups(uow: UnitOfWork, found: list[HelperGroup], ideas: dict[UUID, Idea]) -> tuple[HarvestGroup, ...]:
    await uow.load(Participant, [(one.conversation_id, one.convener_id) for one in found])
    made = []
    for one in found:
        convener = await uow.get(Participant, one.conversation_id, one.convener_id)
        origin = ideas.get(one.idea_id) if one.idea_id else None
        made.append(
            HarvestGroup(
                one.what, one.whom, one.needs, one.first_step, convener.secret.name if convener else "", one.members,
                origin.number if origin else None,
            )
        )  # fmt: skip
    return tuple(made)
