"""Telegram's flood limits: one message a second to a chat (short bursts pass), 20 a minute to a group, 30/s in all.

Token buckets on a given clock, so that a simulation can use it too: `FloodControl(clock=lambda: now)`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    rate: float
    size: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1 - 1e-9 else (1 - self.tokens) / self.rate


class FloodControl:
    """`check` answers 0 and counts the message, or says after how many seconds to try again and counts a violation."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, per_second: float = 30, chat_burst: int = 5,
        group_per_minute: int = 20,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.violations = 0
        self.sent = 0
        self._chat_burst = chat_burst
        self._group_per_minute = group_per_minute
        self._all = _Bucket(per_second, per_second, per_second, clock())
        self._chats: dict[int, list[_Bucket]] = {}

    def check(self, chat_id: int) -> int:
        now = self.clock()
        buckets = self._chats.get(chat_id)
        if buckets is None:
            buckets = [_Bucket(1.0, self._chat_burst, self._chat_burst, now)]
            if chat_id < 0:
                minute = self._group_per_minute
                buckets.append(_Bucket(minute / 60, minute, minute, now))
            self._chats[chat_id] = buckets
        wait = max(bucket.wait(now) for bucket in (self._all, *buckets))
        if wait > 0:
            self.violations += 1
            return max(1, math.ceil(wait))
        for bucket in (self._all, *buckets):
            bucket.tokens -= 1
        self.sent += 1
        return 0
