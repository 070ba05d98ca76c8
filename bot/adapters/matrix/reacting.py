"""What people may press, put to messages as reactions, beside everything else.

Rules
-----
* Reactions give way to messages: they wait until the server has room for them.
* They come in the order of the choices; those that are no choices any more are taken back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from bot.adapters.matrix.api import TOO_MANY, Api, ApiError, Json, Refusal, path_of
from bot.adapters.matrix.memory import Memory
from bot.adapters.matrix.refusals import AGAIN, BUSY_AGAIN
from bot.adapters.matrix.rooms import Room

TRIES = 20


class Pace:
    """How many events the server takes from us: messages are counted, reactions wait for what is left."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._most = self._left = float(burst)
        self._at = time.monotonic()

    def take(self) -> None:
        """Count an event."""
        self._fill()
        self._left -= 1

    def _fill(self) -> None:
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now

    async def wait(self) -> None:
        """Wait until there is room for one more, with one left for a message; then count it."""
        while self._rate:
            self._fill()
            if self._left >= min(2.0, self._most):
                break
            await asyncio.sleep(min(1.0, 1 / self._rate))
        self.take()


class Reacting:
    """Puts reactions to messages, one after the other."""

    def __init__(self, api: Api, memory: Memory, pace: Pace) -> None:
        self._api = api
        self._memory = memory
        self._pace = pace
        self._one_at_a_time = asyncio.Lock()
        self._beside: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether some are still to be put there."""
        return bool(self._beside)

    async def stop(self) -> None:
        """Put no more."""
        for task in self._beside:
            task.cancel()
        if self._beside:
            await asyncio.wait(self._beside)

    def offer(self, room: Room, message_id: str, keys: tuple[str, ...], key: str, *, changed: bool) -> None:
        """Put the choices there as reactions, beside the sending."""
        self._do(self._offer(room, message_id, keys, key, changed=changed))

    def react(self, room: Room, message_id: str, sign: str, key: str) -> None:
        """Put one reaction there, beside the sending."""
        self._do(self._react(room, message_id, sign, key))

    def _do(self, doing: Awaitable[None]) -> None:
        task = asyncio.ensure_future(doing)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _offer(self, room: Room, message_id: str, keys: tuple[str, ...], key: str, *, changed: bool) -> None:
        async with self._one_at_a_time:
            if changed:
                old = [each for of, each in self._memory.reactions if of == message_id and each not in keys]
                for each in old:
                    await self._take_back(room, self._memory.reactions.pop((message_id, each)), f"{key}.no-{each}")
            for number, each in enumerate(keys):
                if (message_id, each) not in self._memory.reactions:
                    await self._react(room, message_id, each, f"{key}.{number}")

    async def _react(self, room: Room, message_id: str, sign: str, key: str) -> None:
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": message_id, "key": sign}}
        answer = await self._patiently(path_of("rooms", room.id, "send", "m.reaction", key), content)
        if isinstance(answer.get("event_id"), str):
            self._memory.notice_reaction(message_id, sign, answer["event_id"])

    async def _take_back(self, room: Room, event_id: str, key: str) -> None:
        await self._patiently(path_of("rooms", room.id, "redact", event_id, key), {})

    async def _patiently(self, path: str, content: Json) -> Json:
        """Send what can wait; nothing if the server does not want it."""
        for _ in range(TRIES):
            await self._pace.wait()
            try:
                return await self._api.put(path, content)
            except Refusal as refusal:
                if refusal.status != TOO_MANY:
                    return {}
                await asyncio.sleep(refusal.retry_after or BUSY_AGAIN)
            except ApiError:
                await asyncio.sleep(AGAIN)
        return {}
