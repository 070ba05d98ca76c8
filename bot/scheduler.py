"""The clock's hand: ticks by APScheduler. A tick only calls; the work is in the store and the handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

LATE = 3600
"""Seconds that a tick may come late (a machine that slept) and still be done, once."""


class Scheduler:
    """Calls each job every so many seconds until stopped."""

    def __init__(self, jobs: Mapping[str, tuple[int, Callable[[], Awaitable[None]]]]) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for name, (seconds, job) in jobs.items():
            self._scheduler.add_job(
                job, IntervalTrigger(seconds=seconds), id=name, coalesce=True, max_instances=1, misfire_grace_time=LATE
            )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking."""
        self._scheduler.shutdown(wait=False)
