"""Which sums of groups may be seen: of five people or more, and none that gives away another, now or later.

What can be seen of an idea by and by: how all weighed it, renewed with each five more; and how groups did. Whoever
notes all of that can subtract. So each vote remembers its cell: with which five it came to the sums over all (its
batch), and in which group it was counted last (its label). People of one cell cannot be told apart by subtracting. A
new sum is told only if it differs from every sum that cells make up by nobody at all, or by five people or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bot.domain.ideas import SUM_STEP
from bot.opinion.matrix import Flags, Int32, Ints, VoteMatrix

LABELS = 8
FRESH, REST, FIRST = 0, 1, 2
"""Labels: counted in no group's sum yet; in the sum over all alone; of the first group (the others follow)."""
MOST_BATCH = 2**28 - 1


def cell(batch: int) -> int:
    """Give the cell of a vote that came to the sums over all with this batch."""
    return min(batch, MOST_BATCH) * LABELS


def visible(tallies: Ints, rest: Ints) -> Flags:
    """Tell which sums are of five or more, and leave no fewer than five out (k × m).

    `tallies` (k × 3 × m) are those of the groups, `rest` (m) the voters who are in no group. Where the sums of all
    groups but one were seen beside the sum over everybody, the one left out could be computed; so where fewer than five
    people are left out, the smallest group that could be seen is left out too.
    """
    voters = tallies.sum(axis=1)
    seen = voters >= SUM_STEP
    for _group in range(len(voters)):
        left_out = rest + np.where(seen, 0, voters).sum(axis=0)
        risky = np.flatnonzero((left_out > 0) & (left_out < SUM_STEP) & seen.any(axis=0))
        if not len(risky):
            break
        smallest = np.where(seen, voters, np.iinfo(voters.dtype).max).argmin(axis=0)
        seen[smallest[risky], risky] = False
    return np.asarray(seen)


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What can be seen of groups: their sums by label (8 × 3 × m), and of which ideas they are today's groups' (m)."""

    sums: Ints
    named: Flags

    @classmethod
    def nothing(cls, ideas: int) -> Told:
        """Nothing was told yet."""
        return cls(np.zeros((LABELS, 3, ideas), np.int64), np.zeros(ideas, bool))


def tell(
    matrix: VoteMatrix, groups: Ints, tallies: Ints, seen: Flags, totals: Ints, before: Told
) -> tuple[Told, Int32]:
    """Give what can be seen from now on, and the cells of all votes (v).

    `groups` (n) is the group of each person, −1 for none; `tallies` (k × 3 × m) their sums today, `seen` (k × m) which
    of them are large enough, `totals` (3 × m) the sums over all as they are shown.
    """
    ideas = matrix.codes // 3
    labels = np.full((len(tallies) + 1, len(matrix.ideas)), REST, np.int32)
    labels[:-1][seen] = FIRST + np.nonzero(seen)[0]
    # Of each vote its place in such a table; whoever is in no group has the last row.
    places = np.repeat(groups % len(labels) * len(matrix.ideas), matrix.counts) + ideas
    safe = _apart(matrix, ideas, labels, places, before) & _stepped(tallies, seen, before) & seen.any(axis=0)
    sums, named = before.sums.copy(), before.named | safe
    sums[:, :, safe] = 0
    for group in range(len(tallies)):
        sums[FIRST + group][:, safe] = np.where(seen[group], tallies[group], 0)[:, safe]
    sums[REST][:, safe] = (totals - sums[FIRST:].sum(axis=0))[:, safe]
    cells = matrix.cells & np.where(safe, np.int32(-LABELS), np.int32(-1)).take(ideas)
    return Told(sums, named), cells | (labels * safe).take(places)


def _apart(matrix: VoteMatrix, ideas: Int32, labels: Int32, places: Ints, before: Told) -> Flags:
    """Tell of which ideas (m) no sum over groups comes within fewer than five people of what could be seen before.

    `labels` ((k + 1) × m) are those of a group's votes on an idea, `places` (v) each vote's place there.
    """
    size = len(matrix.ideas)
    batches = np.zeros(size, np.int64)
    # Numbers of one kind go the quick way; before the first sums were told there is nothing to count.
    if matrix.cells.any():
        np.maximum.at(batches, ideas.astype(np.intp), (matrix.cells // LABELS).astype(np.int64))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(LABELS * (batches + 1))])
    of_cell = (starts[:-1] * LABELS + labels).take(places)
    counts = np.bincount(of_cell + matrix.cells * LABELS, minlength=int(starts[-1]) * LABELS)
    cells = counts.reshape(-1, LABELS)
    sizes = cells.sum(axis=1)
    lost = _lost(cells, starts, before)
    safe = np.ones(size, bool)
    present = np.flatnonzero(cells.sum(axis=0)).tolist()
    groups = [label for label in present if label >= FIRST]
    for some in range(1, len(groups) + 1):
        for union in combinations(groups, some):
            inside = cells[:, list(union)].sum(axis=1)
            moved = np.add.reduceat(np.minimum(inside, sizes - inside), starts[:-1]) if size else batches
            safe &= ((moved == 0) & (lost == 0)) | (moved >= SUM_STEP)
    return safe


def _stepped(tallies: Ints, seen: Flags, before: Told) -> Flags:
    """Tell of which ideas (m) each group that is told still would be told of five more or fewer, or of as many."""
    voters = np.where(seen, tallies.sum(axis=1), 0)
    step = np.abs(voters - before.sums[FIRST : FIRST + len(voters)].sum(axis=1))
    return np.asarray((~before.named | (step == 0) | (step >= SUM_STEP)).all(axis=0))


def _lost(cells: Ints, starts: Ints, before: Told) -> Ints:
    """Count the votes in sums that were told which are not there any more: taken back, or changed (m)."""
    by_label = np.add.reduceat(cells.sum(axis=1).reshape(-1, LABELS), starts[:-1] // LABELS)
    gone = before.sums.sum(axis=1).T - by_label
    return np.asarray(np.maximum(gone[:, REST:], 0).sum(axis=1))
