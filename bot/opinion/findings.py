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

    How many people there are is told anew only when five more or fewer are, or when the sums of a group's votes tell of
    more anyway: one who comes, goes, or changes groups cannot be seen.
    """
    standing = {one.idea: one for one in opinion.ideas}
    ideas = {}
    for name, (votes, until) in counted.items():
        one = standing.get(name)
        ideas[UUID(bytes=name)] = (
            MapIdea(votes, until, tuple(one.groups), one.mean, one.axis) if one else MapIdea(votes, until)
        )
    sizes = before.told | {group.name: group.people for group in before.groups}
    groups = tuple(
        _group(one, sizes.get(one.name, 0), _heard(opinion, place)) for place, one in enumerate(opinion.groups)
    )
    return Findings(
        rung=opinion.ladder.rung.value,
        people=_stepped(opinion.people, before.people),
        people_missing=opinion.ladder.people_missing,
        votes_missing=opinion.ladder.votes_missing,
        groups=groups,
        unites=_ids(opinion.unites),
        differ=_ids(opinion.differ),
        all_agree=_ids(opinion.all_agree),
        all_disagree=_ids(opinion.all_disagree),
        ideas=ideas,
        hidden=_ids(sorted(hidden)),
        size=opinion.size,
        told=sizes | {group.name: group.people for group in groups},
    )


def _group(one: Group, told: int, heard: int) -> MapGroup:
    holds = tuple((UUID(bytes=idea), agrees) for idea, agrees in one.stands_for)
    people = _stepped(one.people, told)
    return MapGroup(one.name, max(people, heard) if people == told else people, holds, Area(*one.area))


def _heard(opinion: Opinion, place: int) -> int:
    sums = (one.groups[place] for one in opinion.ideas if one.groups)
    return max((one.voters for one in sums if one), default=0)


def _stepped(people: int, told: int) -> int:
    return people if abs(people - told) >= SUM_STEP else told


def _ids(names: Collection[bytes]) -> tuple[UUID, ...]:
    return tuple(UUID(bytes=name) for name in names)
