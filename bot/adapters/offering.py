"""What every network's adapter does: hand in what came until it is stored, and wait longer from try to try."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from bot.chat.events import Event
from bot.chat.port import Accept

log = structlog.get_logger()

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


async def offer(events: Sequence[Event], accept: Accept, channel: str) -> None:
    """Offer events until they are stored."""
    backoff = Backoff(first=0.05, longest=5.0)
    while True:
        try:
            await accept(events)
        except Exception as error:  # noqa: BLE001 (whatever a store raises, nothing may be lost)
            log.warning("events could not be stored", channel=channel, error=type(error).__name__, count=len(events))
            await backoff.pause()
        else:
            return
