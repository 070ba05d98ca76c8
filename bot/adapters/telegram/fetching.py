"""Bringing pictures and files that came with messages: asked for by id, read up to a limit."""

from __future__ import annotations

import msgspec
import structlog

from bot.adapters.telegram.api import Api, Refusal
from bot.adapters.telegram.refusals import SERVER_ERRORS, TOO_MANY
from bot.adapters.telegram.request import LostError, NotSentError, TooLargeError
from bot.chat.port import Later, Unreachable

log = structlog.get_logger()

AGAIN = 5.0


class Found(msgspec.Struct, frozen=True):
    """Where a file is, as the server tells."""

    file_path: str = ""
    file_size: int = 0


_found = msgspec.json.Decoder(Found)


class Fetching:
    """Brings files of one bot."""

    def __init__(self, api: Api, channel: str) -> None:
        self._api = api
        self._channel = channel

    async def fetch(self, file_id: str, most: int) -> bytes:
        """Bring a file. Raises `Unreachable` or `Later`."""
        try:
            found = _found.decode(await self._api.ask("getFile", {"file_id": file_id}))
            if not found.file_path or found.file_size > most:
                raise Unreachable("large" if found.file_path else "gone")
            return await self._api.download(found.file_path, most)
        except TooLargeError:
            raise Unreachable("large") from None
        except Refusal as refusal:
            if refusal.status == TOO_MANY or refusal.status in SERVER_ERRORS:
                raise Later("down", max(refusal.retry_after, AGAIN)) from None
            raise Unreachable("gone") from None
        except (NotSentError, LostError, ValueError) as error:
            log.info("a file could not be brought", channel=self._channel, error=type(error).__name__)
            raise Later("down", AGAIN) from None
