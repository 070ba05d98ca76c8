"""The name and the picture that people see of the bot. Whatever fails here is logged, and stops nothing."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import structlog

from bot.adapters.matrix.api import NOT_FOUND, Api, Json, Refusal, path_of
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.settings import MatrixSettings

log = structlog.get_logger()


class Profile:
    """One account's profile. A picture is stored at the server once, as long as its file stays the same."""

    def __init__(self, api: Api, place: Place, settings: MatrixSettings, channel: str) -> None:
        self._api = api
        self._place = place
        self._settings = settings
        self._channel = channel
        self._path = path_of("profile", settings.user)

    async def take_on(self) -> None:
        """Set what is set otherwise than in the settings. Raises `ApiError` where the server is not reached."""
        try:
            now = await self._now()
            if self._settings.name and now.get("displayname") != self._settings.name:
                await self._set("displayname", self._settings.name)
            if self._settings.picture:
                address = await self._address(Path(self._settings.picture))
                if now.get("avatar_url") != address:
                    await self._set("avatar_url", address)
        except Refusal as refusal:
            log.warning("the bot's name or picture could not be set", channel=self._channel, status=refusal.status)
        except OSError as error:
            log.warning("the bot's picture could not be read", channel=self._channel, error=type(error).__name__)

    async def _now(self) -> Json:
        try:
            return await self._api.get(self._path)
        except Refusal as refusal:
            if refusal.status == NOT_FOUND:
                return {}
            raise

    async def _set(self, name: str, value: str) -> None:
        await self._api.put(f"{self._path}/{name}", {name: value})

    async def _address(self, file: Path) -> str:
        """Give the picture's address at the server, where it is stored if it is not yet."""
        data = await asyncio.to_thread(file.read_bytes)
        digest = hashlib.sha256(data).hexdigest()
        of, _, address = self._place.word("picture").partition(" ")
        if of != digest:
            mime = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
            address = await self._api.upload(data, mime)
            await self._place.commit({"picture": f"{digest} {address}"})
        return address
