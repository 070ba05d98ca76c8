"""Coming into rooms and going, beside the receiving: one thing about a room at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from bot.adapters.matrix.api import UNAUTHORIZED, Api, ApiError, Refusal, path_of
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.translate import Me
from bot.adapters.offering import Backoff

log = structlog.get_logger()

WITHIN = 600.0
LONGEST_PAUSE = 300.0


class Joining:
    """Joins, leaves, and whatever else takes its time."""

    def __init__(self, api: Api, place: Place, me: Me) -> None:
        self._api = api
        self._place = place
        self._me = me
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def busy(self) -> bool:
        """Whether something is still to be done."""
        return bool(self._tasks)

    async def stop(self) -> None:
        """Leave the rest for the next start."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    def go(self, name: str, doing: Awaitable[None]) -> None:
        """Do something beside the receiving, in place of what is done under this name."""
        before = self._tasks.pop(name, None)
        if before is not None:
            before.cancel()
        task = asyncio.ensure_future(doing)
        self._tasks[name] = task
        task.add_done_callback(lambda done: self._tasks.get(name) is done and self._tasks.pop(name))

    def join(self, room: Room) -> None:
        """Join a room that the bot was invited to, or that another one moved to."""
        self.go(room.id, self._join(room))

    def leave(self, room: Room) -> None:
        """Leave a room where nobody is any more, and forget it."""
        self.go(room.id, self._leave(room))

    async def _join(self, room: Room) -> None:
        server = room.inviter.partition(":")[2]
        query = {"via": server, "server_name": server} if server else {}
        backoff = Backoff(first=1.0, longest=LONGEST_PAUSE)
        while True:
            try:
                await self._api.ask("POST", path_of("join", room.id), b"{}", query=query, within=WITHIN)
            except Refusal as refusal:
                if refusal.status in range(400, 429) and refusal.status != UNAUTHORIZED:
                    log.info("a room cannot be joined", channel=self._me.channel, status=refusal.status)
                    # Where another room moved to this one, an invitation may still come.
                    if not room.came_from:
                        room.standing = "leave"
                        await self._place.commit(rooms=[room])
                    return
                await backoff.pause(refusal.retry_after)
            except ApiError:
                await backoff.pause()
            else:
                return

    async def _leave(self, room: Room) -> None:
        for what in ("leave", "forget"):
            try:
                await self._api.post(path_of("rooms", room.id, what))
            except ApiError as error:
                log.info("a room could not be left", channel=self._me.channel, error=str(error))
