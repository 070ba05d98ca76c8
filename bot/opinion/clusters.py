"""k-means and silhouettes in the plane, of points with weights (part of step 6).

No chance is involved: where there is nothing to start from, centres are added one at a time, each where it helps most
(A. Likas, N. Vlassis, J. Verbeek, “The global k-means clustering algorithm”, Pattern Recognition 36, 2003, its fast
variant). So neither the order of the points nor the direction of the axes makes a difference.
"""

from __future__ import annotations

import numpy as np

from bot.opinion.matrix import Floats, Ints

# k-means has practically always settled by then; for many base points a rough settling will do.
ROUNDS = 100
# Two points nearer than this (squared) are one.
SAME = 1e-18


def distances(points: Floats, centres: Floats) -> Floats:
    """Give squared distances (n × k)."""
    return np.asarray(np.sum((points[:, None] - centres) ** 2, axis=2))


def settle(points: Floats, weights: Floats, centres: Floats, rounds: int = ROUNDS) -> tuple[Ints, Floats]:
    """Run k-means (Lloyd) from these centres (k × 2): give each point's cluster (n) and the centres.

    An empty cluster keeps its centre, so that the others keep their numbers.
    """
    labels = _nearest(points, centres)
    for _round in range(rounds):
        centres = means(points, weights, labels, centres)
        before, labels = labels, _nearest(points, centres)
        if np.array_equal(before, labels):
            break
    return labels, centres


def means(points: Floats, weights: Floats, labels: Ints, otherwise: Floats) -> Floats:
    """Give the mean of each cluster (k × 2), or what it is otherwise where it has no points."""
    totals = np.bincount(labels, weights, len(otherwise))
    sums = np.stack([np.bincount(labels, weights * axis, len(otherwise)) for axis in points.T], axis=1)
    return np.where(totals[:, None] > 0, sums / np.maximum(totals, 1)[:, None], otherwise)


def grown(points: Floats, weights: Floats, centres: Floats, count: int) -> Floats:
    """Add centres until there are so many, each at the point that helps most; fewer if there are fewer points."""
    if not len(centres):
        centres = np.average(points, axis=0, weights=weights)[None]
    between = distances(points, points)
    while len(centres) < count:
        nearest = distances(points, centres).min(axis=1)
        gain = weights @ np.maximum(nearest[:, None] - between, 0)
        best = int(np.argmax(gain))
        if nearest.max() <= SAME or gain[best] <= 0:
            break
        centres = settle(points, weights, np.vstack([centres, points[best]]))[1]
    return centres


def silhouette(points: Floats, weights: Floats, labels: Ints) -> float:
    """How well points fit their clusters, −1…1; 0 where there is only one cluster.

    A weight stands for as many points. P. J. Rousseeuw, “Silhouettes”, 1987.
    """
    members = np.eye(int(labels.max()) + 1)[labels] * weights[:, None]
    sizes = members.sum(axis=0)
    if np.count_nonzero(sizes) < 2:  # noqa: PLR2004 (nothing to compare with)
        return 0.0
    sums = np.sqrt(distances(points, points)) @ members
    own = np.arange(len(points)), labels
    inside = sums[own] / np.maximum(sizes[labels] - 1, 1)
    apart = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    apart[own] = np.inf
    outside = apart.min(axis=1)
    wider = np.maximum(np.maximum(inside, outside), np.sqrt(SAME))
    fits = np.where(sizes[labels] > 1, (outside - inside) / wider, 0)
    return float(np.average(fits, weights=weights))


def halved(points: Floats, count: int) -> Ints:
    """Divide many points into at most so many parts, by halving the most scattered one: each point's part (n).

    A part is cut at its mean, across the axis along which it is widest (T. Su, J. Dy, “A deterministic method for
    initializing k-means clustering”, 2004).
    """
    parts = [_Part(np.arange(len(points)), points)]
    while len(parts) < count and (widest := max(parts, key=lambda part: part.scatter)).scatter > SAME:
        beyond = widest.offsets[:, widest.axis] > 0
        place = parts.index(widest)
        parts[place : place + 1] = [_Part(widest.members[side], points) for side in (~beyond, beyond)]
    labels = np.zeros(len(points), np.int64)
    for number, part in enumerate(parts):
        labels[part.members] = number
    return labels


class _Part:
    """Some of the points: how far each is from their mean, along which axis they are widest, and how far in all."""

    def __init__(self, members: Ints, points: Floats) -> None:
        self.members = members
        mine = points[members]
        self.offsets = mine - mine.sum(axis=0) / len(mine)
        along = np.einsum("ij,ij->j", self.offsets, self.offsets)
        self.axis = int(along[1] > along[0])
        self.scatter = float(along[0] + along[1])


def numbered(labels: Ints) -> Ints:
    """Number anew the clusters that have points (n), in their order and without gaps."""
    return np.asarray((np.cumsum(np.bincount(labels) > 0) - 1)[labels])


def _nearest(points: Floats, centres: Floats) -> Ints:
    """Give the nearest centre of each point (n); of equals the first."""
    ahead = np.column_stack([centres, np.sum(centres**2, axis=1) / -2])
    return np.asarray(np.argmax(np.column_stack([points, np.ones(len(points))]) @ ahead.T, axis=1))
