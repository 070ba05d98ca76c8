"""Taking updates in: read each one, however odd, and ask Telegram for more only when the last were stored.

Rules
-----
* The offset moves after `accept` returned; when it raises, the same events are offered again.
* An update that cannot be read or translated is passed over, with its kind of error in the log, and acknowledged.
* Ids are names: they may begin anew at random, so none is compared with another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from telegram.error import NetworkError

from bot.adapters.offering import Backoff, offer
from bot.adapters.telegram.api import Api, Refusal
from bot.adapters.telegram.refusals import NOT_FOUND, UNAUTHORIZED
from bot.adapters.telegram.translate import Me, event_of
from bot.adapters.telegram.updates import ALLOWED, Numbered, Update
from bot.chat.events import Event
from bot.chat.port import Accept, StartError

log = structlog.get_logger()

MOST = 100
MARGIN = 10.0
CONFLICT = 409
WRONG_TOKEN = "Telegram does not accept the token. Copy it again from @BotFather into BYALAG_TELEGRAM_TOKEN."  # noqa: S105

_updates = msgspec.json.Decoder(Update)
_numbers = msgspec.json.Decoder(Numbered)
_batches = msgspec.json.Decoder(list[msgspec.Raw])
UNREADABLE = (ValueError, RecursionError)


class NotAnUpdateError(Exception):
    """Not even a number could be read."""


def read_update(data: bytes | msgspec.Raw, me: Me) -> tuple[int, Event | None]:
    """Give an update's number, and its event if it makes one. Raises `NotAnUpdateError`."""
    try:
        update = _updates.decode(data)
    except UNREADABLE as error:
        log.warning("an update could not be read", channel=me.channel, error=type(error).__name__)
        return _number_of(data), None
    try:
        return update.update_id, event_of(update, me, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 (one odd update must not stop those behind it)
        log.warning("an update could not be translated", channel=me.channel, error=type(error).__name__)
        return update.update_id, None


def _number_of(data: bytes | msgspec.Raw) -> int:
    try:
        return _numbers.decode(data).update_id
    except UNREADABLE:
        raise NotAnUpdateError from None


class Polling:
    """Asks for updates, one request after the other, until cancelled. `noticed` sees each event before it is stored."""

    def __init__(self, api: Api, me: Me, timeout: int, noticed: Callable[[Event], None]) -> None:
        self._api = api
        self._me = me
        self._timeout = timeout
        self._noticed = noticed
        self._offset = 0
        self._backoff = Backoff()

    async def run(self, accept: Accept) -> None:
        """Receive. Raises `StartError` when Telegram does not know the token (any more)."""
        while True:
            try:
                batch = await self._ask()
            except Refusal as refusal:
                await self._refused(refusal)
                continue
            except NetworkError as error:
                log.warning("Telegram is not reached", channel=self._me.channel, error=type(error).__name__)
                await self._backoff.pause()
                continue
            self._backoff.reset()
            last, events = self._read(batch)
            if events:
                await offer(events, accept, self._me.channel)
            if last is not None:
                self._offset = last + 1
            elif batch:
                await self._backoff.pause(1.0)

    async def _ask(self) -> list[msgspec.Raw]:
        params: dict[str, Any] = {"timeout": self._timeout, "limit": MOST, "allowed_updates": ALLOWED}
        if self._offset:
            params["offset"] = self._offset
        result = await self._api.ask("getUpdates", params, within=self._timeout + MARGIN)
        try:
            return _batches.decode(result)
        except UNREADABLE:
            raise Refusal(500) from None

    def _read(self, batch: list[msgspec.Raw]) -> tuple[int | None, list[Event]]:
        last: int | None = None
        events: dict[str, Event] = {}
        for data in batch:
            try:
                last, event = read_update(data, self._me)
            except NotAnUpdateError:
                continue
            if event is not None:
                self._noticed(event)
                events[event.id] = event
        return last, list(events.values())

    async def _refused(self, refusal: Refusal) -> None:
        if refusal.text and refusal.status in {UNAUTHORIZED, NOT_FOUND}:
            raise StartError(WRONG_TOKEN)
        if refusal.status == CONFLICT:
            log.error(
                "somebody else receives this bot's messages: another process with this token, or a webhook",
                channel=self._me.channel, status=refusal.status,
            )  # fmt: skip
        else:
            log.warning("Telegram gives no updates", channel=self._me.channel, status=refusal.status)
        await self._backoff.pause(refusal.retry_after)
