"""Pauses between tries."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

LONGEST_PAUSE = 30.0


@dataclass
class Backoff:
    """Pauses that grow, with chance in them, until something works again."""

    first: float = 0.5
    longest: float = LONGEST_PAUSE
    tries: int = field(default=0, init=False)

    async def pause(self, at_least: float = 0.0) -> None:
        """Wait, longer each time."""
        most = min(self.first * 2**self.tries, self.longest)
        self.tries = min(self.tries + 1, 16)
        await asyncio.sleep(max(at_least, most * random.uniform(0.5, 1.0)))  # noqa: S311 (spreads load, keeps no secret)

    def reset(self) -> None:
        """It works."""
        self.tries = 0
