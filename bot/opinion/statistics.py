"""What a group holds, what all hold, and what unites groups (steps 7 to 9).

Of each idea and group: na, nd, ns are the people in it who agree, who disagree, and who voted at all. A one is added to
counts here and there, so that few votes say little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.opinion.matrix import Flags, Floats, Ints, VoteMatrix

# One in ten by chance alone, as Polis has it.
SIGNIFICANT = 1.2816
MOST = 5
# From this difference of shares on one may say that groups differ.
APART = 0.2

Counts = tuple[Ints, Ints, Ints]


@dataclass(frozen=True, slots=True, eq=False)
class Leaning:
    """How a group leans on each idea, towards agreeing or towards disagreeing; everything k × m (or m, over everybody).

    `share` is the likely share of people (pa, pd), `sure` how surely it is not a half (z, pat, pdt); `more` how many
    times the share elsewhere it is (ra, rd), `surely_more` how surely it is more (z, rat, rdt).
    """

    share: Floats
    sure: Floats
    more: Floats
    surely_more: Floats

    @property
    def weight(self) -> Floats:
        """The product of the four, by which ideas are ranked."""
        return self.share * self.sure * self.more * self.surely_more


def tally(matrix: VoteMatrix, members: Ints, labels: Ints, groups: int) -> Ints:
    """Count the votes of members by group, kind (disagree, pass, agree) and idea: groups × 3 × m."""
    of_person = np.full(len(matrix.people), -1, np.int64)
    of_person[members] = labels
    size = 3 * len(matrix.ideas)
    kinds = np.repeat((of_person + 1) * size, matrix.counts) + matrix.codes
    counts = np.bincount(kinds, minlength=(groups + 1) * size)[size:]
    return counts.reshape(groups, len(matrix.ideas), 3).transpose(0, 2, 1)


def everybody(matrix: VoteMatrix) -> Ints:
    """Count everybody's votes by kind (disagree, pass, agree) and idea: 3 × m."""
    either, sums, voters = (np.diagonal(pair).astype(np.int64) for pair in matrix.pairs)
    return np.stack([(either - sums) // 2, voters - either, (either + sums) // 2])


def counted(tallies: Ints) -> Counts:
    """Give na, nd and ns of tallies (… × 3 × m)."""
    return tallies[..., 2, :], tallies[..., 0, :], tallies.sum(axis=-2)


def sure(count: Ints, voters: Ints) -> Floats:
    """How surely more than half do so: z of one proportion."""
    return np.asarray(2 * np.sqrt(voters + 1) * ((count + 1) / (voters + 1) - 0.5))


def share(count: Ints, voters: Ints) -> Floats:
    """The likely share."""
    return np.asarray((count + 1) / (voters + 2))


def leanings(tallies: Ints) -> tuple[Leaning, Leaning]:
    """Compare each group (k × 3 × m) with all others: how it leans to agreeing, and to disagreeing."""
    agree, disagree, voters = counted(tallies)
    return _leaning(agree, voters), _leaning(disagree, voters)


def representative(agreeing: Leaning, disagreeing: Leaning, choosable: Flags) -> list[list[tuple[int, bool]]]:
    """Choose up to five ideas for each group that tell it apart: (number of the idea, whether the group agrees).

    `choosable` (k × m) says which ideas may stand for a group. Where none is sure enough, the surest one does.
    """
    agrees = agreeing.surely_more > disagreeing.surely_more
    weight = np.where(agrees, agreeing.weight, disagreeing.weight)
    surest = np.maximum(agreeing.surely_more, disagreeing.surely_more)
    taken = choosable & (_significant(agreeing) | _significant(disagreeing))
    chosen = []
    for group, wanted in enumerate(choosable):
        best = best_of(weight[group], taken[group])
        best = best or best_of(surest[group], wanted)[:1]
        chosen.append([(idea, bool(agrees[group, idea])) for idea in best])
    return chosen


def consensus(count: Ints, voters: Ints, choosable: Flags) -> list[int]:
    """Choose up to five ideas on which more than half do so (agree, or disagree), surely."""
    likely, surely = share(count, voters), sure(count, voters)
    return best_of(likely * surely, choosable & (likely > 0.5) & (surely > SIGNIFICANT))  # noqa: PLR2004 (the half)


def uniting(tallies: Ints) -> Floats:
    """How far each idea unites the groups (m): the product of the likely shares of agreement."""
    agree, _disagree, voters = counted(tallies)
    return np.asarray(np.prod(share(agree, voters), axis=0))


def agreed_by_all(tallies: Ints) -> Flags:
    """Tell of which ideas it is likely that more than half of each group agree with them (m)."""
    agree, _disagree, voters = counted(tallies)
    return np.asarray((share(agree, voters) > 0.5).all(axis=0))  # noqa: PLR2004 (the half)


def dividing(tallies: Ints, choosable: Flags) -> list[int]:
    """Choose up to five ideas on which the likely shares of agreement lie furthest apart, by a fifth at least."""
    agree, _disagree, voters = counted(tallies)
    shares = share(agree, voters)
    apart = shares.max(axis=0) - shares.min(axis=0)
    return best_of(apart, choosable & (apart >= APART))


def best_of(weight: Floats, choosable: Flags, most: int = MOST) -> list[int]:
    """Give the numbers of the weightiest that may be chosen, the weightiest first; of equals the earlier."""
    order = np.argsort(-weight, kind="stable")
    return [int(idea) for idea in order[choosable[order]][:most]]


def _leaning(count: Ints, voters: Ints) -> Leaning:
    others, other_voters = count.sum(axis=0) - count, voters.sum(axis=0) - voters
    likely = share(count, voters)
    one, two = (count + 1) / (voters + 1), (others + 1) / (other_voters + 1)
    pooled = (count + others + 2) / (voters + other_voters + 2)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / (voters + 1) + 1 / (other_voters + 1)))
    surely = np.divide(one - two, spread, out=np.zeros_like(spread), where=spread > 0)
    return Leaning(likely, sure(count, voters), likely / share(others, other_voters), surely)


def _significant(leaning: Leaning) -> Flags:
    return (leaning.surely_more > SIGNIFICANT) & (leaning.sure > SIGNIFICANT)
