"""Which idea a person should weigh next (step 10): the one of which the conversation most needs to know.

Plain Python without numpy, so that it may be used while somebody waits.
"""

from __future__ import annotations

from math import log1p

from bot.domain.ideas import Sums


def weight(agree: int, passed: int, voters: int, extremity: float) -> float:
    """How much an idea should be asked about: more if it is new, agreed with, or moves people; less if it is passed.

    Of those who are in groups, so many agree, passed, and voted at all (passes included); `extremity` is 0 as long as
    none is known. Polis's comment priority, without its special case for questions about the conversation itself.
    """
    importance = (1 - (passed + 1) / (voters + 2)) * (extremity + 1) * ((agree + 1) / (voters + 2))
    return float((importance * (1 + 8 * 2 ** (-voters / 5))) ** 2)


def turn(sums: Sums, chance: float, extremity: float = 0.0) -> float:
    """Draw when an idea's turn comes, the smaller the sooner; `chance` is even in 0…1.

    Of any ideas that somebody has not weighed yet, each comes first with probability proportional to its weight (a race
    of exponential clocks): so a search of an index draws, however many there are.
    """
    return -log1p(-chance) / weight(sums.agree, sums.passed, sums.voters, extremity)
