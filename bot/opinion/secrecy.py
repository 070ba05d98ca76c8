"""Which sums of groups may be seen: of five people or more, in steps of five, and none that gives away another.

Where the sums of all groups but one were seen beside the sum over everybody, the one left out could be computed; so
where fewer than five people are left out, the smallest group that could be seen is left out too.
"""

from __future__ import annotations

import numpy as np

from bot.domain.ideas import SUM_STEP
from bot.opinion.matrix import Flags, Ints


def renewed(tallies: Ints, shown: Ints) -> Ints:
    """Give the sums that may be seen (k × 3 × m): those seen so far, or today's once five voters more or fewer."""
    voters = tallies.sum(axis=1)
    today = np.where((voters >= SUM_STEP)[:, None], tallies, 0)
    return np.where((np.abs(voters - shown.sum(axis=1)) >= SUM_STEP)[:, None], today, shown)


def visible(tallies: Ints, shown: Ints, rest: Ints) -> Flags:
    """Tell which sums may be seen (k × m); `rest` (m) are the voters who are in no group."""
    voters = tallies.sum(axis=1)
    seen = shown.sum(axis=1) > 0
    for _group in range(len(voters)):
        left_out = rest + np.where(seen, 0, voters).sum(axis=0)
        risky = np.flatnonzero((left_out > 0) & (left_out < SUM_STEP) & seen.any(axis=0))
        if not len(risky):
            break
        smallest = np.where(seen, voters, np.iinfo(voters.dtype).max).argmin(axis=0)
        seen[smallest[risky], risky] = False
    return np.asarray(seen)
