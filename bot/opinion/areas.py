"""Where groups are, in a way that tells of no single person: ellipses, rounded."""

from __future__ import annotations

import numpy as np

from bot.opinion.matrix import Floats, Ints

REACH = 1.6
"""Half an ellipse's length, in standard deviations: most of the group is inside."""
LEAST = 0.1
OUTSIDE = 20
"""One in so many may stand outside the map's frame, or just inside."""
GRAIN = 20
"""Parts of a whole to which all is rounded."""

Ellipse = tuple[float, float, float, float, float]
"""Its middle, half its length and width, and its turn in radians; the map reaches from −1 to 1."""


def size(positions: Floats) -> float:
    """Give how far a map reaches from its middle, so that nearly all are in it; 1 where all are in one place."""
    if not len(positions):
        return 1.0
    far = 1.3 * float(np.sort(np.abs(positions).max(axis=1))[-1 - len(positions) // OUTSIDE])
    return far if far > 0 else 1.0


def ellipses(positions: Floats, labels: Ints, groups: int) -> list[Ellipse]:
    """Give the ellipse of each group; `positions` (q × 2), `labels` (q)."""
    return [_ellipse(positions[labels == group]) for group in range(groups)]


def _ellipse(points: Floats) -> Ellipse:
    if not len(points):
        return 0.0, 0.0, LEAST, LEAST, 0.0
    middle = points.mean(axis=0)
    spread, ways = np.linalg.eigh((points - middle).T @ (points - middle) / len(points))
    wide, long = (max(_rounded(REACH * float(np.sqrt(max(one, 0)))), LEAST) for one in spread.tolist())
    turn = float(np.arctan2(ways[1, 1], ways[0, 1])) % np.pi
    return _rounded(float(middle[0])), _rounded(float(middle[1])), long, wide, _rounded(turn)


def _rounded(number: float) -> float:
    return round(float(np.clip(number, -np.pi, np.pi)) * GRAIN) / GRAIN + 0.0
