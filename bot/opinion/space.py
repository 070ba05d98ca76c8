"""Where people and ideas stand: mean votes, two principal components, positions, extremity (steps 1 to 4).

Whoever has not voted on an idea counts as having voted its mean, so a vote matters by what it differs from the mean,
and a missing one does not matter. A hidden idea counts as if everybody had passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from bot.opinion.matrix import Flags, Floats, VoteMatrix

# With more ideas than this the leading components are found without all others.
FEW_IDEAS = 200
BLOCK, STEPS = 4, 24
EXACT = 1e-13
# Below this share of the first variance a component is rounding error: everybody stands at its zero.
NO_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The plane of the map of n people and m ideas.

    `means` (m), in −1…1; `components` (2 × m), each of length 1, or 0 where there is no variance left; `variances` (2),
    of the n people along them; `positions` (n × 2); `extremity` (m), how far an idea alone would move somebody.
    """

    means: Floats
    components: Floats
    variances: Floats
    positions: Floats
    extremity: Floats

    @property
    def axes(self) -> Floats:
        """Where each idea leads whoever agrees (m × 2)."""
        return np.asarray(self.components.T)


def space(matrix: VoteMatrix, hidden: Flags, earlier: Floats | None = None) -> Space:
    """Find the plane in which opinions differ most; `hidden` (m) tells hidden ideas.

    `earlier` (2 × m) are the components of the last time, 0 for ideas unknown then: of the ways to mirror the map, or
    to exchange its axes, the one nearest to them is taken, so that people stay where they were.
    """
    size = len(matrix.ideas)
    means = np.where(hidden, 0, np.diagonal(matrix.pairs[1]) / np.maximum(np.diagonal(matrix.pairs[2]), 1))
    components, variances = _components(_scatter(matrix, means, hidden), earlier)
    components[:, hidden] = 0
    scale = np.sqrt(size)
    deviation = np.arange(-1, 2) - means[:, None]
    moves = (components[:, :, None] * deviation).reshape(2, -1)
    sums = [np.add.reduceat(move.take(matrix.codes), matrix.starts[:-1]) for move in moves]
    stretch = scale / np.sqrt(np.maximum(_counted(matrix, hidden), 1))
    positions = np.stack(sums, axis=1) * stretch[:, None]
    extremity = scale * np.linalg.norm(components * (1 - means), axis=0)
    return Space(means, components, variances / max(len(matrix.people) - 1, 1), positions, extremity)


def _scatter(matrix: VoteMatrix, means: Floats, hidden: Flags) -> Floats:
    """Sum over people the products of deviations from the means (m × m)."""
    both, one, count = matrix.pairs.astype(np.float64)
    crossed = one * means
    scatter = both - crossed - crossed.T + count * np.outer(means, means)
    scatter[hidden] = 0
    scatter[:, hidden] = 0
    return np.asarray(scatter)


def _components(scatter: Floats, earlier: Floats | None) -> tuple[Floats, Floats]:
    """Give two components (2 × m) and the sums of squares along them (2)."""
    size = len(scatter)
    components, sums = np.zeros((2, size)), np.zeros(2)
    if size:
        values, vectors = _leading(scatter) or np.linalg.eigh(scatter)
        found = min(size, 2)
        sums[:found] = values[::-1][:found]
        components[:found] = vectors.T[::-1][:found]
    sums[sums <= NO_VARIANCE * max(sums[0], 1)] = 0
    components[sums == 0] = 0
    order, signs = _orientation(components, earlier)
    return components[order] * signs[:, None], sums[order]


def _leading(scatter: Floats) -> tuple[Floats, Floats] | None:
    """Give the two largest eigenvalues, ascending, and their vectors (m × 2); nothing if they are not found soon.

    Block Krylov iteration with full orthogonalization: G. H. Golub, C. F. Van Loan, “Matrix Computations”, 10.3.6.
    """
    if len(scatter) <= FEW_IDEAS:
        return None
    anywhere = np.cos(np.arange(BLOCK * len(scatter)) ** 2.0).reshape(-1, BLOCK)
    block = np.linalg.qr(anywhere)[0]
    basis, images = block, scatter @ block
    for step in range(1, STEPS):
        block = images[:, -BLOCK:]
        for _twice in range(2):
            block = block - basis @ (basis.T @ block)
        block, triangle = np.linalg.qr(block)
        if np.abs(np.diagonal(triangle)).min() <= EXACT * np.abs(images).max():
            return None
        basis, images = np.hstack([basis, block]), np.hstack([images, scatter @ block])
        if step % 4 == 0:
            values, mixes = (part[..., -2:] for part in np.linalg.eigh(basis.T @ images))
            vectors = basis @ mixes
            if np.linalg.norm(images @ mixes - vectors * values) <= EXACT * values[-1]:
                return values, vectors
    return None


def _orientation(components: Floats, earlier: Floats | None) -> tuple[list[int], Floats]:
    """Choose the order and signs of the components: as earlier, or so that each leans to its positive side."""
    likeness = components @ earlier.T if earlier is not None else np.zeros((2, 2))
    if not likeness.any():
        return [0, 1], np.where(np.sum(components**3, axis=1) < 0, -1.0, 1.0)
    ways = [
        (list(order), np.array(signs)) for order in permutations((0, 1)) for signs in product((1.0, -1.0), repeat=2)
    ]
    return max(ways, key=lambda way: float(np.sum(np.diagonal(likeness[way[0]]) * way[1])))


def _counted(matrix: VoteMatrix, hidden: Flags) -> Floats:
    """How many votes of each person count for the stretch (n): all own ones, and one for each hidden idea."""
    if not hidden.any():
        return matrix.counts.astype(np.float64)
    seen = (~hidden).astype(np.float64).repeat(3).take(matrix.codes)
    return np.asarray(np.add.reduceat(seen, matrix.starts[:-1]) + hidden.sum())
