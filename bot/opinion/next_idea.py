"""Which idea a person should weigh next (step 10): the one of which the conversation most needs to know.

Plain Python without numpy, so that it may be used while somebody waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def weight(agree: int, passed: int, voters: int, extremity: float) -> float:
    """How much an idea should be asked about: more if it is new, agreed with, or moves people; less if it is passed.

    Of those who are in groups, so many agree, passed, and voted at all (passes included); `extremity` is 0 as long as
    none is known. Polis's comment priority, without its special case for questions about the conversation itself.
    """
    importance = (1 - (passed + 1) / (voters + 2)) * (extremity + 1) * ((agree + 1) / (voters + 2))
    return float((importance * (1 + 8 * 2 ** (-voters / 5))) ** 2)


def draw(weights: Sequence[float], chance: float) -> int:
    """Draw a number below `len(weights)` with probability proportional to the weights; `chance` is even in 0…1.

    Raises `ValueError` where there is nothing to draw from.
    """
    sums = list(accumulate(weights))
    if not sums:
        raise ValueError("There is nothing to draw from.")
    aim = chance * sums[-1]
    return next((number for number, upto in enumerate(sums) if aim < upto), len(sums) - 1)
