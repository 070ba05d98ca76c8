"""How many people a group has: asked for beside the intake, since Telegram's updates do not say.

The count follows the event that made us ask, as an event of its own. It is only a help: nothing waits for it, and a
failure is passed over. Several changes of one group within a moment are one question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from telegram.error import TelegramError

from bot.adapters.offering import offer
from bot.chat.events import BotAdded, Event, MembersChanged
from bot.chat.port import Accept

log = structlog.get_logger()

SETTLE = 0.5


class Counting:
    """Counts the groups that changed. `count` gives how many members a chat has, the bot among them."""

    def __init__(self, count: Callable[[int], Awaitable[int]], settle: float = SETTLE) -> None:
        self._count = count
        self._settle = settle
        self._asked: dict[str, BotAdded | MembersChanged] = {}
        self._some = asyncio.Event()

    def notice(self, event: Event) -> None:
        """Remember to count, if an event changes a group."""
        if isinstance(event, BotAdded | MembersChanged) and event.members is None:
            self._asked[event.room.key.room] = event
            self._some.set()

    async def run(self, accept: Accept) -> None:
        """Count until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self._settle)
            self._some.clear()
            asked, self._asked = self._asked, {}
            for event in asked.values():
                counted = await self._counted(event)
                if counted is not None:
                    await offer([counted], accept, event.room.key.channel)

    async def _counted(self, event: BotAdded | MembersChanged) -> MembersChanged | None:
        try:
            count = await self._count(int(event.room.key.room))
        except TelegramError as error:
            log.info("a group could not be counted", channel=event.room.key.channel, error=type(error).__name__)
            return None
        people = max(count - 1, 0)
        return MembersChanged(
            id=f"{event.id}.count", at=datetime.now(UTC), room=event.room, sender=event.sender, members=people
        )
