"""The same formulas once more, as plainly as they can be written, to check the fast ones against.

One vote at a time in plain Python; the principal components by scikit-learn, of the whole imputed matrix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import prod, sqrt

import numpy as np

from bot.opinion.matrix import Row

Votes = Mapping[bytes, Mapping[bytes, int]]


def by_person(rows: list[Row]) -> dict[bytes, dict[bytes, int]]:
    """The last vote of each person on each idea; people and ideas by name."""
    votes: dict[bytes, dict[bytes, int]] = {}
    for person, idea, vote in rows:
        votes.setdefault(person, {})[idea] = vote
    return {person: dict(sorted(votes[person].items())) for person in sorted(votes)}


def with_hidden(votes: Votes, hidden: frozenset[bytes]) -> dict[bytes, dict[bytes, int]]:
    """Everybody has passed on what is hidden, once anybody has voted on it."""
    zeros = dict.fromkeys(hidden.intersection(*[{idea for own in votes.values() for idea in own}]), 0)
    return {person: {**own, **zeros} for person, own in votes.items()}


class Plane:
    """Steps 1 to 4: means, components, positions and extremities, by name."""

    def __init__(self, votes: Votes) -> None:
        from sklearn.decomposition import PCA

        self.ideas = sorted({idea for own in votes.values() for idea in own})
        given = {idea: [own[idea] for own in votes.values() if idea in own] for idea in self.ideas}
        self.means = {idea: sum(given[idea]) / len(given[idea]) for idea in self.ideas}
        imputed = [[own.get(idea, self.means[idea]) for idea in self.ideas] for own in votes.values()]
        pca = PCA(2, svd_solver="full").fit(np.array(imputed))
        self.variances = pca.explained_variance_
        self.components = {idea: pca.components_[:, place] for place, idea in enumerate(self.ideas)}
        self.positions = {person: self.project(own) for person, own in votes.items()}
        self.extremity = {idea: float(np.hypot(*self.project({idea: 1}))) for idea in self.ideas}

    def project(self, own: Mapping[bytes, int]) -> np.ndarray:
        """Where somebody with these votes stands."""
        moves = [(vote - self.means[idea]) * self.components[idea] for idea, vote in own.items()]
        return sqrt(len(self.ideas) / max(len(own), 1)) * sum(moves, np.zeros(2))


def in_the_map(votes: Votes) -> set[bytes]:
    """Step 5, from a cold start."""
    ideas = {idea for own in votes.values() for idea in own}
    inside = {person for person, own in votes.items() if len(own) >= min(7, len(ideas))}
    outside = sorted(votes.keys() - inside, key=lambda person: (-len(votes[person]), person))
    return inside | set(outside[: max(15 - len(inside), 0)])


def count(votes: Votes, people: set[bytes], idea: bytes) -> tuple[int, int, int]:
    """How many of these people agree, disagree, have voted."""
    kinds = Counter(votes[person][idea] for person in people if idea in votes[person])
    return kinds[1], kinds[-1], kinds.total()


def proportion_test(some: int, all_: int) -> float:
    """Test one proportion against a half: z."""
    return 2 * sqrt(all_ + 1) * ((some + 1) / (all_ + 1) - 0.5)


def two_proportions_test(inside: int, outside: int, all_inside: int, all_outside: int) -> float:
    """Test whether two proportions differ: z."""
    one, two, all_one, all_two = inside + 1, outside + 1, all_inside + 1, all_outside + 1
    pooled = (one + two) / (all_one + all_two)
    if pooled == 1:
        return 0.0
    return (one / all_one - two / all_two) / sqrt(pooled * (1 - pooled) * (1 / all_one + 1 / all_two))


def four(some: int, others: int, all_: int, all_others: int) -> tuple[float, float, float, float]:
    """Step 7: pa, pat, ra, rat (or pd, pdt, rd, rdt)."""
    share = (some + 1) / (all_ + 2)
    elsewhere = (others + 1) / (all_others + 2)
    return share, proportion_test(some, all_), share / elsewhere, two_proportions_test(some, others, all_, all_others)


def representative(votes: Votes, group: set[bytes], others: set[bytes], ideas: list[bytes]) -> list[tuple[bytes, bool]]:
    """Step 7: the ideas that stand for a group, and whether it agrees."""
    found, best = [], (-9e9, ideas[0], True)
    for idea in ideas:
        agree, disagree, all_ = count(votes, group, idea)
        agree_else, disagree_else, all_else = count(votes, others, idea)
        pa, pat, ra, rat = four(agree, agree_else, all_, all_else)
        pd, pdt, rd, rdt = four(disagree, disagree_else, all_, all_else)
        agrees = rat > rdt
        if (rat > 1.2816 and pat > 1.2816) or (rdt > 1.2816 and pdt > 1.2816):
            found.append((pa * pat * ra * rat if agrees else pd * pdt * rd * rdt, idea, agrees))
        if max(rat, rdt) > best[0]:
            best = max(rat, rdt), idea, agrees
    ranked = sorted(found, key=lambda one: -one[0])[:5]
    return [(idea, agrees) for _weight, idea, agrees in ranked or [best]]


def consensus(votes: Votes, ideas: list[bytes], *, agree: bool) -> list[bytes]:
    """Step 8."""
    found = []
    for idea in ideas:
        agreeing, disagreeing, all_ = count(votes, set(votes), idea)
        some = agreeing if agree else disagreeing
        share, test = (some + 1) / (all_ + 2), proportion_test(some, all_)
        if share > 0.5 and test > 1.2816:
            found.append((share * test, idea))
    return [idea for _weight, idea in sorted(found, key=lambda one: -one[0])[:5]]


def uniting(votes: Votes, groups: list[set[bytes]], idea: bytes) -> float:
    """Step 9."""
    counts = [count(votes, group, idea) for group in groups]
    return prod((agree + 1) / (all_ + 2) for agree, _disagree, all_ in counts)


def priority(votes: Votes, people: set[bytes], idea: bytes, extremity: float) -> float:
    """Step 10."""
    agree, disagree, all_ = count(votes, people, idea)
    passed = all_ - agree - disagree
    importance = (1 - (passed + 1) / (all_ + 2)) * (extremity + 1) * ((agree + 1) / (all_ + 2))
    return (importance * (1 + 8 * 2 ** (all_ / -5))) ** 2
