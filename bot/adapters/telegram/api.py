"""The Bot API, as far as speed matters: a method's name and a body in, the raw result out, refusals as exceptions.

What happens seldom goes through python-telegram-bot's `Bot`, on the same connections.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from bot.adapters.telegram.request import Body, HttpRequest, LostError

SERVER_ERROR = 500
OK = 200


class Refusal(Exception):
    """The server said no. `text` is its description, never logged, since it may quote us; empty: not its own words."""

    def __init__(self, status: int, text: str = "", *, retry_after: float = 0.0, moved_to: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.text = text
        self.retry_after = retry_after
        self.moved_to = moved_to


class Parameters(msgspec.Struct, frozen=True):
    """Why a request failed, and what would help."""

    retry_after: Annotated[float, msgspec.Meta(ge=0, le=1e9)] = 0.0
    migrate_to_chat_id: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """What the server answers to any request."""

    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    description: str = ""
    parameters: Parameters | None = None


_answers = msgspec.json.Decoder(Answer)


class Api:
    """One bot's methods."""

    def __init__(self, base: str, token: str, request: HttpRequest) -> None:
        self._prefix = f"{base}/bot{token}/"
        self._files = f"{base}/file/bot{token}/"
        self._request = request

    async def call(self, method: str, body: Body, *, within: float | None = None) -> msgspec.Raw:
        """Carry out a method. Raises `Refusal`, `NotSentError` or `LostError`."""
        status, payload = await self._request.transmit(self._prefix + method, body, within=within)
        try:
            answer = _answers.decode(payload)
        except (ValueError, RecursionError):
            if status == OK:
                raise LostError("the answer cannot be read") from None
            raise Refusal(status) from None
        if answer.ok and status == OK:
            return answer.result
        why = answer.parameters or Parameters()
        raise Refusal(
            status if status != OK else SERVER_ERROR, answer.description, retry_after=why.retry_after,
            moved_to=why.migrate_to_chat_id,
        )  # fmt: skip

    async def ask(self, method: str, params: dict[str, Any], *, within: float | None = None) -> msgspec.Raw:
        """Carry out a method with these parameters."""
        return await self.call(method, msgspec.json.encode(params), within=within)

    async def download(self, path: str, most: int) -> bytes:
        """Bring a file, of at most so many bytes. Raises `TooLargeError`, `Refusal`, `NotSentError` or `LostError`."""
        status, data = await self._request.download(self._files + quote(path), most)
        if status != OK:
            raise Refusal(status)
        return data
