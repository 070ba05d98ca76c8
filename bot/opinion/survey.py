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
from bot.opinion import areas, next_idea, secrecy, statistics
from bot.opinion import groups as grouping
from bot.opinion.matrix import Flags, Int32, Ints, VoteMatrix, split
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

    `stands_for` are up to five ideas, the most telling first, each with whether the group agrees or disagrees. `area`
    is where it is: an ellipse as `areas.ellipses` has it.
    """

    name: int
    people: int
    stands_for: list[tuple[bytes, bool]]
    area: tuple[float, float, float, float, float]


class Standing(msgspec.Struct, frozen=True):
    """One idea that is not hidden and on which somebody has voted.

    `groups` are the sums of each group in their order, none where they are secret. `extremity` is in the map's units.
    `weight` is how much the idea should be asked about, and not to be shown: it tells of single votes. `mean` and
    `axis` place somebody by their votes (step 3).
    """

    idea: bytes
    groups: list[Sums | None]
    extremity: float
    weight: float
    mean: float
    axis: tuple[float, float]


class Map(msgspec.Struct, frozen=True):
    """Where people stand: their names, places, and the name of their group or none. To be drawn, never listed."""

    people: list[bytes]
    x: list[float]
    y: list[float]
    group: list[int | None]


class Opinion(msgspec.Struct, frozen=True):
    """What the votes say.

    `groups` is empty below that rung. `all_agree` and `all_disagree` are at most five ideas each; `unites` are ideas
    with which most of each group agree, the most uniting first; `differ` at most five, on which they differ most.
    `size` is how far the map reaches from its middle.
    """

    people: int
    votes: int
    ladder: Ladder
    groups: list[Group]
    all_agree: list[bytes]
    all_disagree: list[bytes]
    unites: list[bytes]
    differ: list[bytes]
    ideas: list[Standing]
    map: Map
    size: float


def survey(
    matrix: VoteMatrix, hidden: Collection[bytes] = (), memory: Memory | None = None, totals: Ints | None = None
) -> tuple[Opinion, Memory]:
    """Compute the opinion of a conversation, and what to remember for the next time.

    `hidden` names hidden ideas; `totals` (3 × m) are the sums over all as people see them, where these are not just
    those of the matrix. The same votes with the memory they gave change nothing in it. Ten thousand people and
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
    totals = statistics.everybody(matrix) if totals is None else totals
    standing = _Standing(matrix, plane, found, ladder, tallies, totals, ~unseen)
    visible = standing.visible()
    told, cells = _told_so_far(matrix, memory, found), matrix.cells
    if ladder.rung is Rung.GROUPS:
        groups = np.full(len(matrix.people), -1, np.int64)
        groups[found.members] = found.labels
        told, cells = secrecy.tell(matrix, groups, tallies, visible, totals, told)
    return standing.opinion(visible, told), standing.memory(seen, told, cells)


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """What is known after the first six steps; `tallies` are of each group, or of all in the map as one."""

    matrix: VoteMatrix
    plane: Space
    found: grouping.Groups
    ladder: Ladder
    tallies: Ints
    totals: Ints
    open: Flags

    @property
    def grouped(self) -> bool:
        """Whether there are groups."""
        return self.ladder.rung is Rung.GROUPS

    def visible(self) -> Flags:
        """Tell of which ideas it may be said how each group weighed them (k × m)."""
        voters = self.totals.sum(axis=0)
        return secrecy.visible(self.tallies, voters - self.tallies.sum(axis=(0, 1))) & self._heard()

    def _heard(self) -> Flags:
        voters = self.totals.sum(axis=0)
        return np.asarray(self.open & (voters >= (SUM_STEP if self.ladder.rung is not Rung.IDEAS else np.inf)))

    def opinion(self, visible: Flags, told: secrecy.Told) -> Opinion:
        """Do the last four steps."""
        agree, disagree, voters = statistics.counted(self.totals)
        heard, everywhere = self._heard(), np.asarray(visible.all(axis=0))
        unites, agreed = statistics.uniting(self.tallies), statistics.agreed_by_all(self.tallies)
        return Opinion(
            people=len(self.matrix.people),
            votes=len(self.matrix.codes),
            ladder=self.ladder,
            groups=self._groups(visible, size := areas.size(self.plane.positions[self.found.members])),
            all_agree=self._ideas(statistics.consensus(agree, voters, heard)),
            all_disagree=self._ideas(statistics.consensus(disagree, voters, heard)),
            unites=self._ideas(statistics.best_of(unites, everywhere & agreed, len(unites))),
            differ=self._ideas(statistics.dividing(self.tallies, everywhere)),
            ideas=self._standings(told, statistics.counted(self.tallies.sum(axis=0))),
            map=self._map(),
            size=size,
        )

    def memory(self, seen: int, told: secrecy.Told, cells: Int32) -> Memory:
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
            told=told.sums.astype(np.int32).tobytes(),
            named=told.named.astype(np.uint8).tobytes(),
            cells=cells.tobytes(),
            seen=seen,
        )

    def _ideas(self, places: list[int]) -> list[bytes]:
        return [self.matrix.ideas[place] for place in places]

    def _groups(self, visible: Flags, size: float) -> list[Group]:
        if not self.grouped:
            return []
        chosen = statistics.representative(*statistics.leanings(self.tallies), visible)
        sizes = np.bincount(self.found.labels, minlength=len(self.tallies)).tolist()
        where = areas.ellipses(self.plane.positions[self.found.members] / size, self.found.labels, len(sizes))
        return [
            Group(name, people, [(self.matrix.ideas[idea], agrees) for idea, agrees in ideas], area)
            for name, people, ideas, area in zip(self.found.names, sizes, chosen, where, strict=True)
        ]

    def _standings(self, told: secrecy.Told, mapped: statistics.Counts) -> list[Standing]:
        agree, disagree, voters = (count.tolist() for count in mapped)
        shown = told.sums[secrecy.FIRST :][: len(self.tallies) if self.grouped else 0]
        sums, seen = shown.tolist(), ((shown.sum(axis=1) > 0) & told.named & self.open).tolist()
        extremity, means, axes = (part.tolist() for part in (self.plane.extremity, self.plane.means, self.plane.axes))
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
                mean=means[place],
                axis=(axes[place][0], axes[place][1]),
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
    # As many votes as the people who are needed give: whoever has just begun to weigh makes no group disappear.
    needed = 2 * grouping.PEOPLE_A_GROUP
    people_missing = max(needed - int(np.sum(grouping.enough(matrix))), 0)
    votes_missing = max(grouping.ENOUGH_VOTES * needed - votes, 0)
    rung = Rung.IDEAS if len(matrix.people) < PEOPLE_FOR_SUMS else Rung.SUMS
    if not people_missing and not votes_missing and found.shown:
        rung = Rung.GROUPS
    return Ladder(rung, people_missing, votes_missing)


def _told_so_far(matrix: VoteMatrix, memory: Memory, found: grouping.Groups) -> secrecy.Told:
    """Give the sums that could be seen the last time; of other groups than today's, where these are others."""
    told = secrecy.Told.nothing(len(matrix.ideas))
    if memory.told:
        places = {idea: place for place, idea in enumerate(matrix.ideas)}
        earlier = [(number, places[idea]) for number, idea in enumerate(split(memory.ideas)) if idea in places]
        before, now = np.array(earlier, np.int64).reshape(-1, 2).T
        told.sums[:, :, now] = np.frombuffer(memory.told, np.int32).reshape(secrecy.LABELS, 3, -1)[:, :, before]
        if memory.names == found.names and memory.adopted == found.adopted:
            told.named[now] = np.frombuffer(memory.named, np.uint8)[before] > 0
    return told


def _bytes(numbers: Ints) -> bytes:
    return numbers.astype(np.uint8).tobytes()
