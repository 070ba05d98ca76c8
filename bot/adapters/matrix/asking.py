"""Asking the server what is new, and for what a sync left out."""

from __future__ import annotations

import msgspec
import structlog

from bot.adapters.matrix.api import UNAUTHORIZED, Api, ApiError, Json, LostError, Refusal, path_of
from bot.adapters.matrix.translate import Me
from bot.adapters.offering import Backoff
from bot.chat.port import StartError

log = structlog.get_logger()

TIMELINE = 50
PAGE = "200"
MOST_PAGES = 50
FIRST_WITHIN = 600.0
MARGIN = 15.0
LOGGED_OUT = (
    "Matrix does not know the bot's login any more: its device was removed, or all its devices were logged out. "
    "Run `byalag matrix reset`, set BYALAG_MATRIX_PASSWORD, and start again: the bot comes as a new device."
)

_FILTER: Json = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "account_data": {"types": []},
        "ephemeral": {"types": []},
        "state": {"lazy_load_members": True, "include_redundant_members": True},
        "timeline": {"limit": TIMELINE, "lazy_load_members": True},
    },
}
_encode = msgspec.json.Encoder().encode


class Asking:
    """Asks, and waits at most `timeout` seconds for something new."""

    def __init__(self, api: Api, me: Me, timeout: int) -> None:
        self._api = api
        self._me = me
        self._timeout = timeout
        self._backoff = Backoff()

    async def sync(self, token: str) -> Json | None:
        """Ask for what is new; None if there was no answer, after a pause. Raises `StartError`."""
        query = {"filter": _encode(_FILTER).decode(), "set_presence": "offline"}
        within = FIRST_WITHIN
        if token:
            query |= {"since": token, "timeout": str(self._timeout * 1000)}
            within = self._timeout + MARGIN
        else:
            log.info("reading what rooms there are; with many of them it takes a while", channel=self._me.channel)
        try:
            sync = await self._api.get(path_of("sync"), within=within, **query)
            if not isinstance(sync.get("next_batch"), str):
                raise LostError("no sync")
        except Refusal as refusal:
            if refusal.status == UNAUTHORIZED and refusal.code.startswith("M_"):
                raise StartError(LOGGED_OUT) from None
            log.warning("Matrix gives nothing new", channel=self._me.channel, status=refusal.status)
            await self._backoff.pause(refusal.retry_after)
            return None
        except ApiError as error:
            log.warning("Matrix is not reached", channel=self._me.channel, error=type(error).__name__)
            await self._backoff.pause()
            return None
        self._backoff.reset()
        return sync

    async def gap(self, room_id: str, start: object, token: str) -> list[Json]:
        """Give what a limited timeline left out since a sync, oldest first."""
        found: list[object] = []
        backoff = Backoff()
        for _ in range(MOST_PAGES):
            if not isinstance(start, str):
                break
            try:
                query = {"dir": "b", "from": start, "to": token, "limit": PAGE}
                page = await self._api.ask("GET", path_of("rooms", room_id, "messages"), query=query)
            except Refusal as refusal:
                if refusal.status in range(400, 429):
                    break
                await backoff.pause(refusal.retry_after)
                continue
            except ApiError:
                await backoff.pause()
                continue
            chunk = page.get("chunk")
            chunk = chunk if isinstance(chunk, list) else []
            found += chunk
            start = page.get("end") if chunk else None
        else:
            log.error("a room's gap is too long to be filled", channel=self._me.channel, count=len(found))
        return [event for event in reversed(found) if isinstance(event, dict)]
