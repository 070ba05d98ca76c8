"""The lane that answers presses: at once after their commit, with nothing after a second, never twice, never late."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.chat.events import ChoiceMade
from bot.chat.port import ChatAdapter, PressAnswer

PATIENCE = 1.0
"""Seconds after which a press is answered with nothing, so that the button stops spinning."""

LATE = timedelta(seconds=10)
"""After this nobody looks any more. A press that another process took in is answered until then."""

REMEMBERED = 10_000


class Presses:
    """Presses that wait for their answer, and those that had one."""

    def __init__(self, adapters: Mapping[str, ChatAdapter], clock: Callable[[], datetime]) -> None:
        self._adapters = adapters
        self._clock = clock
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._answered: OrderedDict[str, None] = OrderedDict()
        self._answering: set[asyncio.Task[None]] = set()

    def expect(self, event: ChoiceMade) -> None:
        """A press came in: it is answered by `answer`, or with nothing when patience ends."""
        if event.press and event.press not in self._timers and event.press not in self._answered:
            later = asyncio.get_running_loop().call_later(PATIENCE, self.answer, event, PressAnswer())
            self._timers[event.press] = later

    def answer(self, event: ChoiceMade, answer: PressAnswer) -> None:
        """Answer a press, unless that was done, or it is late."""
        timer = self._timers.pop(event.press, None)
        if timer is not None:
            timer.cancel()
        elif event.press in self._answered or self._clock() - event.at > LATE:
            return
        self._answered[event.press] = None
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        task = asyncio.create_task(self._adapters[event.room.key.channel].answer(event.press, answer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
