"""What is remembered from one map to the next, so that people, groups and axes stay where they were."""

from __future__ import annotations

from collections.abc import Collection
from itertools import repeat

import msgspec
import numpy as np

from bot.opinion.matrix import Floats, Ints, split


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """To be stored beside the conversation, some 17 bytes for each person in the map; to be erased with the votes.

    `ideas` are the names of m ideas, and `components` 2 × m numbers, as little-endian bytes; `people` the names of q
    people in the map, `base` the base group of each (a byte), `groupings` for each k the cluster of each base group (a
    byte). `adopted` is the number of groups shown, `names` how each of them is called, `winner` the number that fitted
    best the last `wins` times. `told` are the sums that could be seen by label (8 × 3 × m numbers of four bytes), and
    `named` whether they are those of the groups named here (m bytes); `cells` are those of the votes, for the matrix.
    `seen` tells the votes of the last time apart from others.
    """

    ideas: bytes = b""
    components: bytes = b""
    people: bytes = b""
    base: bytes = b""
    groupings: dict[int, bytes] = {}
    adopted: int = 0
    names: tuple[int, ...] = ()
    winner: int = 0
    wins: int = 0
    told: bytes = b""
    named: bytes = b""
    cells: bytes = b""
    seen: int = 0

    def axes(self, ideas: list[bytes]) -> Floats | None:
        """Give the components (2 × m) for these ideas, 0 where they are new; none if there never were any."""
        if not self.ideas:
            return None
        known = dict(zip(split(self.ideas), np.frombuffer(self.components).reshape(2, -1).T, strict=True))
        unknown = np.zeros(2)
        return np.array([known.get(idea, unknown) for idea in ideas]).reshape(-1, 2).T

    def without(self, people: Collection[bytes]) -> Memory:
        """Give what is remembered of the others."""
        kept = [(name, base) for name, base in zip(split(self.people), self.base, strict=True) if name not in people]
        names, bases = b"".join(name for name, _base in kept), bytes(base for _name, base in kept)
        return msgspec.structs.replace(self, people=names, base=bases, seen=0)

    def bases(self, people: list[bytes]) -> Ints:
        """Give the base group of each of these people, −1 for those who were not in the map."""
        if not self.people:
            return np.full(len(people), -1, np.int64)
        known = dict(zip(split(self.people), self.base, strict=True))
        return np.fromiter(map(known.get, people, repeat(-1)), np.int64, len(people))
