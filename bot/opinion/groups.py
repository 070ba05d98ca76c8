"""Who is in the map, and which groups there are (steps 5 and 6).

People are first gathered into at most a hundred base groups, those into two to five groups; silhouettes tell how many.
Each step starts from where people were the last time, so that a group stays the same group, and a new number of groups
must win four times in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.opinion import clusters
from bot.opinion.matrix import Flags, Floats, Ints, VoteMatrix
from bot.opinion.memory import Memory

ENOUGH_VOTES = 7
TOP_UP_BELOW = 15
BASES = 100
BASE_ROUNDS = 3
MOST_GROUPS = 5
PEOPLE_A_GROUP = 5
WINS_TO_CHANGE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The groups of the q people in the map.

    `members` (q) are the numbers of these people; `base` (q) their base groups, `of_base` for each k the cluster of
    each base group. `labels` (q) is the group of each, `names` how groups 0, 1, … are called; `silhouette` that of the
    adopted number, 0 where one of its groups has fewer than five people.
    """

    members: Ints
    base: Ints
    of_base: dict[int, Ints]
    labels: Ints
    names: tuple[int, ...]
    adopted: int
    winner: int
    wins: int
    silhouette: float

    @property
    def shown(self) -> bool:
        """Whether they differ more than chance does."""
        return self.silhouette > chance(len(self.members))


def in_the_map(matrix: VoteMatrix, before: Ints) -> Flags:
    """Tell who is in the map (n): who has enough votes, who was in it, and the most active while there are few.

    `before` (n) is not negative for those who were in it.
    """
    inside = enough(matrix) | (before >= 0)
    missing = TOP_UP_BELOW - int(inside.sum())
    if missing > 0:
        outside = np.flatnonzero(~inside)
        inside[outside[np.argsort(-matrix.counts[outside], kind="stable")][:missing]] = True
    return inside


def enough(matrix: VoteMatrix) -> Flags:
    """Tell who has voted on seven ideas, or on all (n)."""
    return np.asarray(matrix.counts >= min(ENOUGH_VOTES, len(matrix.ideas)))


def chance(people: int) -> float:
    """The silhouette that one in twenty conversations reaches in which opinions have nothing to do with each other.

    Such people make a round cloud in the map; the formula is fitted to k-means on such clouds, for two to five groups
    of five or more (a test does it again).
    """
    return 0.32 + 0.75 / float(np.sqrt(people))


def groups(matrix: VoteMatrix, positions: Floats, memory: Memory, *, again: bool) -> Groups:
    """Find the groups; `again` where the votes are those of the last time, so that nothing wins once more."""
    before = memory.bases(matrix.people)
    members = np.flatnonzero(in_the_map(matrix, before))
    points, before = positions[members], before[members]
    base, centres = _bases(points, before)
    weights = np.bincount(base, minlength=len(centres)).astype(np.float64)
    most = min(MOST_GROUPS, 2 + len(centres) // 12, len(centres))
    of_base: dict[int, Ints] = {}
    start = np.zeros((0, 2))
    for k in range(2, most + 1):
        start = _from_last(points, before, memory, k, start)
        start = clusters.grown(centres, weights, start, k)
        if len(start) < k:
            break
        of_base[k], start = clusters.settle(centres, weights, start)
    fits = {
        k: clusters.silhouette(centres, weights, labels)
        for k, labels in of_base.items()
        if np.bincount(labels, weights, k).min() >= PEOPLE_A_GROUP
    }
    adopted, winner, wins = _adopt(fits, memory, again=again)
    fit = fits.get(adopted, 0.0)
    labels = of_base[adopted][base] if adopted in of_base else np.zeros(len(members), np.int64)
    names = _names(labels, before, adopted, memory)
    return Groups(members, base, of_base, labels, names, adopted, winner, wins, fit)


def _bases(points: Floats, before: Ints) -> tuple[Ints, Floats]:
    """Gather people into base groups, starting from earlier ones: the base group of each (q), and the centres."""
    ones = np.ones(len(points))
    if len(points) <= BASES:
        return np.arange(len(points)), points
    known = before >= 0
    labels = clusters.numbered(before[known])
    earlier = int(labels.max(initial=-1)) + 1
    if earlier < BASES:
        labels = clusters.halved(points, BASES)
        start = clusters.means(points, ones, labels, np.zeros((int(labels.max()) + 1, 2)))
    else:
        start = clusters.means(points[known], ones[known], labels, np.zeros((earlier, 2)))
    base, _ = clusters.settle(points, ones, start, BASE_ROUNDS)
    base = clusters.numbered(base)
    return base, clusters.means(points, ones, base, np.zeros((int(base.max()) + 1, 2)))


def _from_last(points: Floats, before: Ints, memory: Memory, k: int, otherwise: Floats) -> Floats:
    """Give the centres, as they are now, of the clusters of the last time; or what it is otherwise."""
    if k not in memory.groupings:
        return otherwise
    known = before >= 0
    last = np.frombuffer(memory.groupings[k], np.uint8).astype(np.int64)[before[known]]
    inside = points[known]
    if not np.bincount(last, minlength=k).all():
        return otherwise
    return clusters.means(inside, np.ones(len(inside)), last, np.zeros((k, 2)))


def _adopt(fits: dict[int, float], memory: Memory, *, again: bool) -> tuple[int, int, int]:
    """Choose how many groups to show: the number, the one that fits best now, and how often it has in a row."""
    if again:
        return memory.adopted, memory.winner, memory.wins
    winner = max(fits, key=lambda k: (fits[k], -k), default=0)
    wins = memory.wins + 1 if winner == memory.winner else 1
    adopted = winner if wins >= WINS_TO_CHANGE or not memory.adopted else memory.adopted
    return adopted, winner, wins


def _names(labels: Ints, before: Ints, adopted: int, memory: Memory) -> tuple[int, ...]:
    """Name each group as the earlier one most of whose people are in it; others get free numbers, the largest first."""
    if memory.adopted == adopted:
        return memory.names
    names: dict[int, int] = {}
    if adopted and memory.adopted in memory.groupings:
        known = before >= 0
        last = np.frombuffer(memory.groupings[memory.adopted], np.uint8).astype(np.int64)[before[known]]
        shared = np.zeros((adopted, memory.adopted), np.int64)
        np.add.at(shared, (labels[known], last), 1)
        while shared.any():
            new, old = divmod(int(np.argmax(shared)), memory.adopted)
            names[new] = memory.names[old]
            shared[new], shared[:, old] = 0, 0
    free = (name for name in range(2 * MOST_GROUPS) if name not in names.values())
    for new in np.argsort(-np.bincount(labels, minlength=adopted), kind="stable").tolist():
        if new not in names:
            names[new] = next(free)
    return tuple(names[label] for label in range(adopted))
