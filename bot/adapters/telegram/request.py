"""Requests to the Bot API on aiohttp, for python-telegram-bot's `Bot` and for our own fast path.

Rules
-----
* `NotSentError` is raised only when nothing can have reached the server: no connection, no address, no TLS, or closed.
* Whatever fails after a connection was there raises `LostError`: the server may have done what it was asked.
* Both are python-telegram-bot's own network errors, so that its `Bot` raises them too.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import aiohttp
import msgspec
from telegram._utils.types import JSONDict, ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

# The library warns at each 429, unless it may give times as time spans.
os.environ.setdefault("PTB_TIMEDELTA", "1")

Body = bytes | aiohttp.FormData
JSON = {"Content-Type": "application/json"}
KEEP_ALIVE = 30.0
CHUNK = 1 << 16
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


class NotSentError(NetworkError):
    """No connection: nothing was sent."""


class LostError(TimedOut):
    """The answer was lost: the request may have been carried out."""


class TooLargeError(Exception):
    """There is more to read than was wanted."""


class HttpRequest(BaseRequest):
    """A pool of kept connections. `within` is for a whole request, `connect_within` for getting a connection."""

    __slots__ = ("_connect_within", "_connections", "_proxy", "_session", "_within")

    def __init__(
        self, *, connections: int = 40, within: float = 14.0, connect_within: float = 5.0, proxy: str = ""
    ) -> None:
        self._connections = connections
        self._within = within
        self._connect_within = connect_within
        self._proxy = proxy or None
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds for a whole request."""
        return self._within

    async def initialize(self) -> None:
        """Open the pool; nothing if it is open."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_limits(self._within, self._connect_within),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """Close all connections; nothing is sent after it."""
        if self._session is not None and not self._session.closed:
            await self._session.close()
            # aiohttp closes TLS transports a turn later.
            await asyncio.sleep(0)

    async def transmit(
        self, url: str, body: Body, *, within: float | None = None, method: str = "POST"
    ) -> tuple[int, bytes]:
        """Send a body, JSON or a form, and give status and answer. Raises `NotSentError` or `LostError`."""
        session = self._session
        if session is None or session.closed:
            raise NotSentError("closed")
        limits = session.timeout if within is None else _limits(within, self._connect_within)
        headers = JSON if isinstance(body, bytes) and body else None
        try:
            async with session.request(
                method, url, data=body or None, headers=headers, timeout=limits, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except _NO_CONNECTION as error:
            # Its text may hold the address, and with it the token.
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LostError(type(error).__name__) from None

    async def download(self, url: str, most: int) -> tuple[int, bytes]:
        """Read at most so many bytes; gives status and content. Raises as `transmit`, and `TooLargeError`."""
        session = self._session
        if session is None or session.closed:
            raise NotSentError("closed")
        try:
            async with session.get(url, allow_redirects=False) as answer:
                read = bytearray()
                async for part in answer.content.iter_chunked(CHUNK):
                    read += part
                    if len(read) > most:
                        raise TooLargeError
                return answer.status, bytes(read)
        except _NO_CONNECTION as error:
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LostError(type(error).__name__) from None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (one timeout covers it)
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (set for the pool)
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 (the same)
    ) -> tuple[int, bytes]:
        """Carry out a request of python-telegram-bot."""
        within = read_timeout if isinstance(read_timeout, int | float) else None
        return await self.transmit(url, _body(request_data), within=within, method=method)

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """Read an answer, without logging what it says."""
        try:
            answer: Any = msgspec.json.decode(payload)
        except (ValueError, RecursionError):
            raise TelegramError("Invalid server response") from None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response")
        return answer


def form(fields: dict[str, Any], files: dict[str, tuple[str, bytes, str]]) -> aiohttp.FormData:
    """Make a form of fields (JSON where they are not text) and files: name, content and type."""
    # The server takes names as they are; quoted ones would be shown quoted.
    made = aiohttp.FormData(quote_fields=False)
    for name, value in fields.items():
        made.add_field(name, value if isinstance(value, str) else msgspec.json.encode(value).decode())
    for name, (file_name, content, mime) in files.items():
        made.add_field(name, content, filename=file_name, content_type=mime)
    return made


def _limits(within: float, connect_within: float) -> aiohttp.ClientTimeout:
    # aiohttp rounds longer times up to whole seconds, unless told not to.
    return aiohttp.ClientTimeout(total=within, connect=min(connect_within, within), ceil_threshold=float("inf"))


def _body(data: RequestData | None) -> Body:
    if data is None:
        return b""
    if not data.contains_files:
        return msgspec.json.encode(data.parameters)
    files = {
        name: (file_name, content if isinstance(content, bytes) else content.read(), mime)
        for name, (file_name, content, mime) in data.multipart_data.items()
    }
    return form(data.parameters, files)
