"""Delivery to a webhook: in order per queue (chat, or person for presses), side by side across queues.

Rules, as the real server has them: any 2xx answer confirms; another answer, a broken or a slow connection is tried
again: at once the first time, then after 2, 4, 8 … 60 s (times `backoff`, so that tests need not wait), or after the
answer's Retry-After; what follows in the same queue waits. The answer may itself carry a method call.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from .updates import Update, UpdateQueue

_MAX_DELAY = 60
_NOT_INLINE = {"deletewebhook", "setwebhook", "close", "logout"}
Call = Callable[[str, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class WebhookInfo:
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    last_error_date: int = 0
    last_error: str = ""
    delivered: int = 0
    attempts: int = 0


class WebhookSender:
    def __init__(self, updates: UpdateQueue, call: Call, *, backoff: float = 1.0, timeout: float = 60.0) -> None:
        self.info = WebhookInfo()
        self.backoff = backoff
        self.timeout = timeout
        self._updates = updates
        self._call = call
        self._queues: dict[int, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None

    async def start(self, info: WebhookInfo) -> None:
        await self.stop()
        self.info = info
        self._slots = asyncio.Semaphore(info.max_connections)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            connector=aiohttp.TCPConnector(limit=info.max_connections),
        )
        self._updates.on_push = self._enqueue
        if not self._updates.held:
            for update in list(self._updates.pending.values()):
                self._enqueue(update)

    async def stop(self) -> None:
        self._updates.on_push = None
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._queues.clear()
        self.info = WebhookInfo()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _enqueue(self, update: Update) -> None:
        queue = self._queues.get(update.queue)
        if queue is None:
            queue = self._queues[update.queue] = deque()
            task = asyncio.get_running_loop().create_task(self._drain(update.queue, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if all(waiting.id != update.id for waiting in queue):
            queue.append(update)

    async def _drain(self, number: int, queue: deque[Update]) -> None:
        await asyncio.sleep(0)
        chaos = self._updates.chaos
        while queue:
            if len(queue) > 1 and chaos.happens(chaos.reorder):
                queue.rotate(-1)
            update = queue[0]
            await self._deliver(update)
            if chaos.happens(chaos.duplicate):
                await self._deliver(update)
            self._updates.forget(update.id)
            self.info.delivered += 1
            queue.remove(update)
        del self._queues[number]

    async def _deliver(self, update: Update) -> None:
        delay, fails = 1.0, 0
        while True:
            async with self._slots:
                problem, retry_after = await self._attempt(update)
            if not problem:
                return
            self.info.last_error = problem
            self.info.last_error_date = int(self._updates.clock())
            pause = retry_after
            if not retry_after and fails:
                delay = min(random.uniform(_MAX_DELAY, 2 * _MAX_DELAY), delay * 2)
                pause = delay
            fails += 1
            if self._updates.clock() + pause > update.expires:
                return
            await asyncio.sleep(max(pause * self.backoff, 0.001))

    async def _attempt(self, update: Update) -> tuple[str, float]:
        assert self._session is not None
        headers = {"Content-Type": "application/json"}
        if self.info.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.info.secret
        self.info.attempts += 1
        try:
            async with self._session.post(self.info.url, data=update.body, headers=headers) as answer:
                body = await answer.read()
                if 200 <= answer.status <= 299:
                    await self._inline_call(body)
                    return "", 0
                after = answer.headers.get("Retry-After", "")
                problem = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                return problem, min(float(after), 3600.0) if after.isdigit() else 0
        except TimeoutError:
            return "Read timeout expired", 0
        except aiohttp.ClientConnectorError:
            return "Connection refused", 0
        except aiohttp.ClientError:
            return "Webhook connection closed", 0

    async def _inline_call(self, body: bytes) -> None:
        """A method given in the answer is carried out; its result is lost, as with Telegram."""
        try:
            call = msgspec.json.decode(body) if body else None
        except msgspec.DecodeError:
            return
        if not isinstance(call, dict):
            return
        method = call.pop("method", None)
        if isinstance(method, str) and method.lower() not in _NOT_INLINE and not method.lower().startswith("get"):
            await self._call(method, call)
