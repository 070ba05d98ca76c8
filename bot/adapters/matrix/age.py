"""Whether the keys are as young as what is encrypted for them: a copy put back from a backup is told by its count.

Three places keep a count that only grows: the keys' own store, our own file, and the account's data on the server. It
grows with each start and each hour. Where the keys have counted fewer than another place, they are an older copy.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import structlog

from bot.adapters.matrix.api import NOT_FOUND, Api, ApiError, Refusal, path_of
from bot.adapters.matrix.crypto import Crypto
from bot.adapters.matrix.place import Place

log = structlog.get_logger()

KIND = "org.byalag.count"
HOUR = 3600.0
REMEMBERED = 7 * 24 * HOUR
"""Seconds for which `check` tells of an older copy."""
OLD_STORE = (
    "the encryption keys are from an older copy than the rest: some messages may not be readable at first. "
    "If it does not pass in an hour, run `byalag matrix reset`"
)


class Age:
    """The counts of one device's keys."""

    def __init__(self, api: Api, crypto: Crypto, place: Place, channel: str) -> None:
        self._api = api
        self._crypto = crypto
        self._place = place
        self._channel = channel
        self._path = path_of("user", crypto.user, "account_data", KIND)

    async def begin(self) -> None:
        """Compare the counts, and count on. Raises `ApiError`."""
        known = max(self._here(), await self._there())
        if self._crypto.counter < known:
            await self._raise_alarm()
        await self._count(max(known, self._crypto.counter) + 1)

    async def run(self) -> None:
        """Count on every hour; tell once where the server has keys that these do not know of."""
        told = False
        while True:
            for _ in range(int(HOUR / 60)):
                await asyncio.sleep(60)
                if self._crypto.outdated and not told:
                    told = True
                    await self._patiently(self._raise_alarm())
            await self._patiently(self._count(self._crypto.counter + 1))

    async def _patiently(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except ApiError as error:
            log.info("the age of the keys was not kept", channel=self._channel, error=str(error))

    def _here(self) -> int:
        device, _, count = self._place.word("count").partition(" ")
        return int(count) if device == self._crypto.device else 0

    async def _there(self) -> int:
        try:
            found = await self._api.get(self._path)
        except Refusal as refusal:
            if refusal.status == NOT_FOUND:
                return 0
            raise
        count = found.get("count")
        return count if found.get("device") == self._crypto.device and isinstance(count, int) else 0

    async def _count(self, value: int) -> None:
        # In this order: a crash in between must not look like an older copy.
        self._crypto.counter = value
        await self._place.commit({"count": f"{self._crypto.device} {value}"})
        await self._api.put(self._path, {"device": self._crypto.device, "count": value})

    async def _raise_alarm(self) -> None:
        log.error(OLD_STORE, channel=self._channel)
        await self._place.commit({"alarm": f"{self._crypto.device} {time.time():.0f}"})
        await self._crypto.freshen()


def alarm(words: str, device: str, now: float) -> float:
    """Read the word ``alarm``: when it was raised for this device (seconds since 1970); 0 if it was not, lately."""
    of, _, when = words.partition(" ")
    raised = float(when) if of == device and when.isdecimal() else 0.0
    return raised if now - raised < REMEMBERED else 0.0
