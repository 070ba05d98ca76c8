"""From what the votes say to what may be told of it: nobody's place, and people counted in steps of five."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from bot.domain.ideas import SUM_STEP
from bot.domain.maps import Area, Findings, MapGroup, MapIdea
from bot.opinion.survey import Group, Opinion


def findings(
    opinion: Opinion, hidden: Collection[bytes], counted: Mapping[bytes, tuple[int, datetime]], before: Findings
) -> Findings:
    """Give what may be told. `counted`: of each idea how many votes are in it, and when the last of them was given.

    How many people there are is told anew only when five more or fewer are: one who comes, goes, or changes groups
    cannot be seen.
    """
    standing = {one.idea: one for one in opinion.ideas}
    ideas = {}
    for name, (votes, until) in counted.items():
        one = standing.get(name)
        ideas[UUID(bytes=name)] = (
            MapIdea(votes, until, tuple(one.groups), one.mean, one.axis) if one else MapIdea(votes, until)
        )
    sizes = {group.name: group.people for group in before.groups}
    return Findings(
        rung=opinion.ladder.rung.value,
        people=_stepped(opinion.people, before.people),
        people_missing=opinion.ladder.people_missing,
        votes_missing=opinion.ladder.votes_missing,
        groups=tuple(_group(one, sizes.get(one.name, 0)) for one in opinion.groups),
        unites=_ids(opinion.unites),
        differ=_ids(opinion.differ),
        all_agree=_ids(opinion.all_agree),
        all_disagree=_ids(opinion.all_disagree),
        ideas=ideas,
        hidden=_ids(sorted(hidden)),
        size=opinion.size,
    )


def _group(one: Group, told: int) -> MapGroup:
    holds = tuple((UUID(bytes=idea), agrees) for idea, agrees in one.stands_for)
    return MapGroup(one.name, _stepped(one.people, told), holds, Area(*one.area))


def _stepped(people: int, told: int) -> int:
    return people if abs(people - told) >= SUM_STEP else told


def _ids(names: Collection[bytes]) -> tuple[UUID, ...]:
    return tuple(UUID(bytes=name) for name in names)
