"""Whoever notes all that is shown, vote by vote, learns nothing of fewer than five people by subtracting.

A conversation is held one vote at a time: people weigh, change their minds, and go from one group to another. After
each vote all is looked at that anybody can see: the sums on ideas, the edition of the map, what is told of it in
private and in a group, its picture's words, the harvest. Each number there is the sum of some people's votes, and whose
these are is known here from the stored state.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from bot.chat.content import Action
from bot.domain.ideas import SUM_STEP, Sums
from bot.domain.maps import Edition, Findings
from bot.opinion.matrix import NAME, VoteMatrix, unpack
from bot.opinion.memory import Memory
from bot.opinion.secrecy import FIRST, LABELS
from bot.opinion.state import Stored
from bot.store import maps
from bot.store.harvest import load_harvest, weighed
from bot.store.records import MapKept
from tests.handlers.deeds import ideas_of, pressing, sealed
from tests.handlers.world import Place, Who, World

Voters = frozenset[tuple[bytes, int]]
"""Whose votes are in a sum: a person, and how often they had changed their mind."""
Groups = tuple[Sums | None, ...]

PNG = b"\x89PNG"
PEOPLE, IDEAS = 21, 7
CHOICES = {1: "agree", 0: "pass", -1: "disagree"}


@dataclass
class Noted:
    """All that somebody has noted of one idea, in its order."""

    over_all: list[Voters] = field(default_factory=list)
    shown: Sums = field(default_factory=Sums)
    groups: Groups = ()
    names: tuple[int, ...] = ()
    of_groups: list[list[Voters]] = field(default_factory=list)
    told: dict[Groups, list[Voters]] = field(default_factory=dict)


@dataclass
class Snoop:
    """Somebody who looks at everything after each vote, and knows besides whose votes each sum is made of."""

    world: World
    conversation: UUID
    garden: Place
    somebody: Who
    turns: dict[tuple[bytes, UUID], int] = field(default_factory=dict)
    values: dict[tuple[bytes, UUID], int] = field(default_factory=dict)
    taken: dict[tuple[bytes, UUID], int] = field(default_factory=dict)
    noted: dict[UUID, Noted] = field(default_factory=dict)
    edition: Edition | None = None
    sizes: list[tuple[dict[int, int], dict[int, int]]] = field(default_factory=list)
    groups: dict[bytes, int] = field(default_factory=dict)
    compared: int = 0
    moved: int = 0

    async def looks(self) -> None:
        """Note what has changed, and compare it with what was noted before."""
        for idea in await ideas_of(self.world, self.conversation):
            noted = self.noted.setdefault(idea.id, Noted())
            if idea.shown_sums != noted.shown:
                noted.shown = idea.shown_sums
                noted.over_all.append(frozenset((who, turn) for (who, of), turn in self.turns.items() if of == idea.id))
                assert idea.shown_sums.voters == len(noted.over_all[-1])
                apart(noted.over_all[-1], noted.over_all[:-1])
        async with self.world.work() as uow:
            edition = await maps.latest(uow, self.conversation)
            kept = await uow.get(MapKept, self.conversation)
        if edition is None or edition == self.edition:
            return
        self.edition = edition
        assert kept is not None
        assert kept.state is not None
        findings = edition.secret
        heard = {
            group.name: max(
                (one.groups[place].voters for one in findings.ideas.values() if one.groups[place]), default=0
            )
            for place, group in enumerate(findings.groups)
        }
        self.sizes.append(({group.name: group.people for group in findings.groups}, heard))
        stored = msgspec.msgpack.decode(kept.state, type=Stored)
        self._moves(stored.memory)
        self._groups(edition.secret, stored)
        await self._reads(edition.secret)

    def _moves(self, memory: Memory) -> None:
        """Count who has gone to another group."""
        of_base = memory.groupings.get(memory.adopted, b"")
        now = {
            memory.people[NAME * at : NAME * (at + 1)]: memory.names[of_base[base]]
            for at, base in enumerate(memory.base)
            if of_base
        }
        self.moved += sum(group != self.groups.get(who, group) for who, group in now.items())
        self.groups = now

    def _groups(self, findings: Findings, stored: Stored) -> None:
        matrix = unpack(stored.matrix)
        for place, name in enumerate(matrix.ideas):
            idea = UUID(bytes=name)
            noted, known = self.noted[idea], findings.ideas[idea]
            if known.counted == noted.shown.voters:
                self.taken |= {key: turn for key, turn in self.turns.items() if key[1] == idea}
            names = tuple(group.name for group in findings.groups)
            if not any(known.groups) or (known.groups, names) == (noted.groups, noted.names):
                continue
            noted.groups, noted.names = known.groups, names
            sets = self._sets(matrix, place, idea, len(names))
            if any(sums and sums.voters != len(of) for sums, of in zip(known.groups, sets, strict=True)):
                sets = noted.told[known.groups]  # they are those of an earlier time
            noted.told[known.groups] = sets
            seen = [of for of, sums in zip(sets, known.groups, strict=True) if sums]
            assert all(len(of) >= SUM_STEP for of in seen)
            earlier = unions(noted.of_groups[-1]) if noted.of_groups else []
            for union in unions(seen):
                self.compared += apart(union, [*noted.over_all, *earlier])
                apart(union, [one ^ other for one, other in pairwise(noted.over_all)])
            noted.of_groups.append(seen)

    def _sets(self, matrix: VoteMatrix, place: int, idea: UUID, groups: int) -> list[Voters]:
        found: list[set[tuple[bytes, int]]] = [set() for _ in range(groups)]
        for person, who in enumerate(matrix.people):
            for vote in range(matrix.starts[person], matrix.starts[person + 1]):
                label = int(matrix.cells[vote]) % LABELS - FIRST
                if matrix.codes[vote] // 3 == place and 0 <= label < groups:
                    found[label].add((who, self.taken[who, idea]))
        return [frozenset(one) for one in found]

    async def _reads(self, findings: Findings) -> None:
        """All that is told is one of the numbers that were compared."""
        said = [*await self.world.command(self.somebody, self.garden, "/map"),
                *await self.world.command(self.somebody, self.somebody.room, "/map")]  # fmt: skip
        text = "\n".join([one.text for one in said] + [str(one.message.attachment.alt) for one in said if
                                                       one.message.attachment])  # fmt: skip
        people = {(group.letter, group.people) for group in findings.groups}
        shown = {(noted.shown.agree, noted.shown.voters) for noted in self.noted.values()}
        against = {(noted.shown.disagree, noted.shown.voters) for noted in self.noted.values()}
        letters = [group.letter for group in findings.groups]
        of_groups = {
            (letter, sums.agree, sums.voters)
            for known in findings.ideas.values()
            for letter, sums in zip(letters, known.groups, strict=bool(known.groups))
            if sums
        }
        assert {(name, int(n)) for name, n in re.findall(r"Group (\w): (\d+) people", text)} <= people
        assert {(int(a), int(b)) for a, b in re.findall(r"\((\d+) of (\d+) agree\)", text)} <= shown
        assert {(int(a), int(b)) for a, b in re.findall(r"\((\d+) of (\d+) disagree\)", text)} <= against
        told = {(name, int(a), int(b)) for name, a, b in re.findall(r"Group (\w): (\d+) of (\d+) agree\.", text)}
        assert told <= of_groups
        async with self.world.work() as uow:
            harvest = await load_harvest(uow, self.conversation, self.world.now)
        by_number = {idea.number: idea.id for idea in await ideas_of(self.world, self.conversation)}
        for idea in harvest.ideas:
            known = findings.ideas.get(by_number[idea.number])
            told_of = known.groups if known else ()
            assert tuple(one for one in idea.by_group if one) == tuple(weighed(one) for one in told_of if one)


async def undrawn(doing: Callable[..., Any], *args: Any) -> Any:
    """Do it at once, but draw nothing: of a picture its words are looked at."""
    return PNG if doing.__name__ == "_drawn" else doing(*args)


def apart(some: Voters, others: list[Voters]) -> int:
    """Between two sums there is nobody, or there are five votes or more; gives how often it was looked at."""
    for other in others:
        assert len(some ^ other) == 0 or len(some ^ other) >= SUM_STEP, (len(some), len(other), len(some ^ other))
    return len(others)


def unions(sets: list[Voters]) -> list[Voters]:
    """All that can be added up."""
    some = (union for count in range(1, len(sets) + 1) for union in combinations(sets, count))
    return [frozenset[tuple[bytes, int]]().union(*union) for union in some]


def in_steps(sizes: list[tuple[dict[int, int], dict[int, int]]]) -> None:
    """A group is told anew of five more or fewer, also after a time without groups; or of as many as its sums tell."""
    told: dict[int, int] = {}
    for people, heard in sizes:
        for name, count in people.items():
            step = abs(count - told.get(name, 0))
            assert step == 0 or step >= SUM_STEP or count == heard[name]
        told |= people


async def test_no_subtraction_of_what_is_seen_tells_of_fewer_than_five(tmp_path: Path) -> None:
    world = await World.begin(tmp_path)
    chance = random.Random(7)
    people = [await world.person(f"P{number}") for number in range(PEOPLE)]
    conversation = await world.conversation(*people)
    ideas = [await world.idea(conversation, people[0], f"Idea of {letter}") for letter in "ABCDEFGH"[:IDEAS]]
    world.making.mapping.in_thread = undrawn
    snoop = Snoop(world, conversation, await world.group("Garden", conversation), people[0])
    async with world.work() as uow:
        names = {who.name: (await world.participant(uow, conversation, who)).id.bytes for who in people}

    async def weighs(who: Who, place: int, value: int) -> None:
        world.now += timedelta(seconds=1)
        data = await sealed(world, who.room, Action(CHOICES[value], conversation, ideas[place].id))
        await world.happens(pressing(world, who, who.room, data))
        key = names[who.name], ideas[place].id
        if snoop.values.setdefault(key, value) != value:
            snoop.turns[key] += 1
        snoop.turns.setdefault(key, 0)
        snoop.values[key] = value
        world.now += timedelta(seconds=1)
        while await world.making.once():
            pass
        await snoop.looks()

    def leaning(camp: int, place: int) -> int:
        return chance.choice((1, 1, 1, 0)) if place == 0 else 1 if (place + camp) % 2 else -1

    for number, who in enumerate(people):
        for place in range(IDEAS):
            await weighs(who, place, leaning(number % 2, place))
        if number > PEOPLE // 2:  # and somebody goes over to the others
            for place in range(1, IDEAS):
                other = number - PEOPLE // 2
                await weighs(people[other], place, leaning(1 - other % 2, place))
    assert snoop.compared > 50, "sums of groups were told, and changed"
    assert snoop.moved > 3, "people went from group to group"
    in_steps(snoop.sizes)
    await world.end()
