"""All ten steps in one: from votes, and what is remembered of the last time, to what can be said and drawn.

A ladder for small rooms: up to six people talk about the ideas themselves; from seven there are sums; groups only when
each has five people or more, they differ more than chance does, and people have voted enough.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import msgspec
import numpy as np

from bot.domain.ideas import SUM_STEP, Sums
from bot.opinion import groups as grouping
from bot.opinion import next_idea, secrecy, statistics
from bot.opinion.matrix import Flags, Ints, VoteMatrix, split
from bot.opinion.memory import Memory
from bot.opinion.space import Space, space

PEOPLE_FOR_SUMS = 7


class Rung(Enum):
    """What a conversation is large enough for."""

    IDEAS = "ideas"
    SUMS = "sums"
    GROUPS = "groups"


class Ladder(msgspec.Struct, frozen=True):
    """The rung reached, and how far it is to groups: people who weigh seven ideas (or all there are), and votes.

    Both 0 on a lower rung than `GROUPS`: there is enough, but people do not fall into groups.
    """

    rung: Rung
    people_missing: int
    votes_missing: int


class Group(msgspec.Struct, frozen=True):
    """A group: what it is called (0, 1, …, the same from day to day), how many people, and what tells it apart.

    `stands_for` are up to five ideas, the most telling first, each with whether the group agrees or disagrees.
    """

    name: int
    people: int
    stands_for: list[tuple[bytes, bool]]


class Standing(msgspec.Struct, frozen=True):
    """One idea that is not hidden and on which somebody has voted.

    `groups` are the sums of each group in their order, none where they are secret. `extremity` is in the map's units.
    `weight` is how much the idea should be asked about, and not to be shown: it tells of single votes.
    """

    idea: bytes
    groups: list[Sums | None]
    extremity: float
    weight: float


class Map(msgspec.Struct, frozen=True):
    """Where people stand: their names, places, and the name of their group or none. To be drawn, never listed."""

    people: list[bytes]
    x: list[float]
    y: list[float]
    group: list[int | None]


class Opinion(msgspec.Struct, frozen=True):
    """What the votes say.

    `groups` is empty below that rung. `all_agree` and `all_disagree` are at most five ideas each; `unites` are ideas
    that all groups have weighed, the most uniting first.
    """

    people: int
    votes: int
    ladder: Ladder
    groups: list[Group]
    all_agree: list[bytes]
    all_disagree: list[bytes]
    unites: list[bytes]
    ideas: list[Standing]
    map: Map


def survey(matrix: VoteMatrix, hidden: Collection[bytes] = (), memory: Memory | None = None) -> tuple[Opinion, Memory]:
    """Compute the opinion of a conversation, and what to remember for the next time.

    `hidden` names hidden ideas. The same votes with the memory they gave change nothing in it. Ten thousand people and
    five hundred ideas take some 50 ms, a hundred thousand and a thousand 600 ms, on one processor.
    """
    memory = memory or Memory()
    unseen = np.array([idea in hidden for idea in matrix.ideas], bool)
    seen = zlib.crc32(unseen.data, zlib.crc32(matrix.codes.data, zlib.crc32(matrix.starts.data, len(matrix.ideas))))
    plane = space(matrix, unseen, memory.axes(matrix.ideas))
    found = grouping.groups(matrix, plane.positions, memory, again=bool(memory.people) and seen == memory.seen)
    tallies = statistics.tally(matrix, found.members, found.labels, max(found.adopted, 1))
    ladder = _ladder(matrix, found, int(tallies.sum(axis=(0, 1))[~unseen].sum()))
    if ladder.rung is not Rung.GROUPS:
        tallies = tallies.sum(axis=0)[None]
    shown = secrecy.renewed(tallies, _seen_so_far(matrix, memory, found, len(tallies)))
    standing = _Standing(matrix, plane, found, ladder, tallies, shown, ~unseen)
    return standing.opinion(), standing.memory(seen)


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """What is known after the first six steps; `tallies` and `shown` are of each group, or of all in the map as one."""

    matrix: VoteMatrix
    plane: Space
    found: grouping.Groups
    ladder: Ladder
    tallies: Ints
    shown: Ints
    open: Flags

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return self.ladder.rung is Rung.GROUPS

    def opinion(self) -> Opinion:
        """Do the last four steps."""
        agree, disagree, voters = statistics.counted(statistics.everybody(self.matrix))
        heard = self.open & (voters >= (SUM_STEP if self.ladder.rung is not Rung.IDEAS else np.inf))
        visible = secrecy.visible(self.tallies, self.shown, voters - self.tallies.sum(axis=(0, 1))) & heard
        unites = statistics.uniting(self.tallies)
        return Opinion(
            people=len(self.matrix.people),
            votes=len(self.matrix.codes),
            ladder=self.ladder,
            groups=self._groups(visible),
            all_agree=self._ideas(statistics.consensus(agree, voters, heard)),
            all_disagree=self._ideas(statistics.consensus(disagree, voters, heard)),
            unites=self._ideas(statistics.best_of(unites, np.asarray(visible.all(axis=0)), len(unites))),
            ideas=self._standings(visible, statistics.counted(self.tallies.sum(axis=0))),
            map=self._map(),
        )

    def memory(self, seen: int) -> Memory:
        """Give what to remember."""
        found = self.found
        return Memory(
            ideas=b"".join(self.matrix.ideas),
            components=self.plane.components.tobytes(),
            people=b"".join([self.matrix.people[person] for person in found.members.tolist()]),
            base=_bytes(found.base),
            groupings={k: _bytes(labels) for k, labels in found.of_base.items()},
            adopted=found.adopted,
            names=found.names,
            winner=found.winner,
            wins=found.wins,
            shown=self.shown.astype(np.int32).tobytes() if self.grouped else b"",
            seen=seen,
        )

    def _ideas(self, places: list[int]) -> list[bytes]:
        return [self.matrix.ideas[place] for place in places]

    def _groups(self, visible: Flags) -> list[Group]:
        if not self.grouped:
            return []
        chosen = statistics.representative(*statistics.leanings(self.tallies), visible)
        sizes = np.bincount(self.found.labels, minlength=len(self.tallies)).tolist()
        return [
            Group(name, size, [(self.matrix.ideas[idea], agrees) for idea, agrees in ideas])
            for name, size, ideas in zip(self.found.names, sizes, chosen, strict=True)
        ]

    def _standings(self, visible: Flags, mapped: statistics.Counts) -> list[Standing]:
        agree, disagree, voters = (count.tolist() for count in mapped)
        groups = len(self.tallies) if self.grouped else 0
        sums, seen = self.shown[:groups].tolist(), visible[:groups].tolist()
        extremity = self.plane.extremity.tolist()
        return [
            Standing(
                idea=self.matrix.ideas[place],
                groups=[
                    Sums(agreeing[place], disagreeing[place], passing[place]) if open_[place] else None
                    for (disagreeing, passing, agreeing), open_ in zip(sums, seen, strict=True)
                ],
                extremity=extremity[place],
                weight=next_idea.weight(
                    agree[place], voters[place] - agree[place] - disagree[place], voters[place], extremity[place]
                ),
            )
            for place in np.flatnonzero(self.open).tolist()
        ]

    def _map(self) -> Map:
        if self.ladder.rung is Rung.IDEAS:
            return Map([], [], [], [])
        places = self.plane.positions[self.found.members]
        people = [self.matrix.people[person] for person in self.found.members.tolist()]
        names = self.found.names if self.grouped else (None,) * max(self.found.adopted, 1)
        groups = [names[label] for label in self.found.labels.tolist()]
        return Map(people, places[:, 0].tolist(), places[:, 1].tolist(), groups)


def _ladder(matrix: VoteMatrix, found: grouping.Groups, votes: int) -> Ladder:
    """Tell how far the conversation has come; `votes` are those of people in the map on ideas that are not hidden."""
    people_missing = max(2 * grouping.PEOPLE_A_GROUP - int(np.sum(grouping.enough(matrix))), 0)
    votes_missing = max(grouping.ENOUGH_VOTES * len(found.members) - votes, 0)
    rung = Rung.IDEAS if len(matrix.people) < PEOPLE_FOR_SUMS else Rung.SUMS
    if not people_missing and not votes_missing and found.shown:
        rung = Rung.GROUPS
    return Ladder(rung, people_missing, votes_missing)


def _seen_so_far(matrix: VoteMatrix, memory: Memory, found: grouping.Groups, groups: int) -> Ints:
    """Give the sums that could be seen the last time (k × 3 × m), 0 where the groups were others."""
    seen = np.zeros((groups, 3, len(matrix.ideas)), np.int64)
    if memory.shown and groups and memory.names == found.names and memory.adopted == found.adopted:
        places = {idea: place for place, idea in enumerate(matrix.ideas)}
        earlier = [(number, places[idea]) for number, idea in enumerate(split(memory.ideas)) if idea in places]
        before, now = np.array(earlier, np.int64).reshape(-1, 2).T
        seen[:, :, now] = np.frombuffer(memory.shown, np.int32).reshape(groups, 3, -1)[:, :, before]
    return seen


def _bytes(numbers: Ints) -> bytes:
    return numbers.astype(np.uint8).tobytes()
