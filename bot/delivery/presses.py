"""The lane that answers presses: at once after their commit, with nothing after a second, never twice, never late."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.chat.events import ChoiceMade
from bot.chat.port import ChatAdapter, PressAnswer

PATIENCE = 1.0
"""Seconds after which a press is answered with nothing, so that the button stops spinning."""


class Presses:
    """Presses that wait for their answer."""

    def __init__(self, adapters: Mapping[str, ChatAdapter]) -> None:
        self._adapters = adapters
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._answering: set[asyncio.Task[None]] = set()

    def expect(self, event: ChoiceMade) -> None:
        """A press came in: it is answered by `answer`, or with nothing when patience ends."""
        if event.press and event.press not in self._waiting:
            later = asyncio.get_running_loop().call_later(PATIENCE, self.answer, event, PressAnswer())
            self._waiting[event.press] = later

    def answer(self, event: ChoiceMade, answer: PressAnswer) -> None:
        """Answer a press, unless that was done, or it came in before this process began."""
        timer = self._waiting.pop(event.press, None)
        if timer is None:
            return
        timer.cancel()
        task = asyncio.create_task(self._adapters[event.room.key.channel].answer(event.press, answer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
