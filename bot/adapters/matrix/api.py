"""Matrix's client-server API on aiohttp: a method and path in, JSON out, refusals as exceptions.

Rules
-----
* `NotSentError` is raised only when nothing can have reached the server: no connection, no address, no TLS, or closed.
* Whatever fails after a connection was there raises `LostError`: the server may have done what it was asked.
* Nothing here is tried again: waiting is for those who know what waits. A 429 says how long in ``Retry-After``, or, on
  older servers, in its body.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

Json = dict[str, Any]

TOO_MANY, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, OK = 429, 400, 401, 403, 404, 200
SERVER_ERRORS = range(500, 600)
CHUNK = 1 << 16
LEAST_WAIT, MOST_WAIT = 0.1, 86_400.0
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


class ApiError(Exception):
    """A request brought no result."""


class Refusal(ApiError):
    """The server said no. `code` is its own name for why (``M_FORBIDDEN``); empty: not a homeserver's words."""

    def __init__(self, status: int, code: str = "", retry_after: float = 0.0) -> None:
        super().__init__(f"{status} {code}".strip())
        self.status = status
        self.code = code
        self.retry_after = retry_after


class NotSentError(ApiError):
    """No connection: nothing was sent."""


class LostError(ApiError):
    """The answer was lost: the request may have been carried out."""


class TooLargeError(Exception):
    """There is more to read than was wanted."""


class Why(msgspec.Struct, frozen=True):
    """How a server says no."""

    errcode: str = ""
    retry_after_ms: float | None = None


_objects = msgspec.json.Decoder(Json)
_whys = msgspec.json.Decoder(Why)
_encode = msgspec.json.Encoder().encode
UNREADABLE = (ValueError, RecursionError)


def path_of(*parts: str) -> str:
    """Write a path of parts that may hold anything."""
    return "/_matrix/client/v3/" + "/".join(quote(part, safe="") for part in parts)


class Api:
    """One account's requests. `within` is for a whole request."""

    def __init__(self, homeserver: str, *, within: float = 30.0) -> None:
        self._base = homeserver
        self._within = within
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self.token = ""

    def open(self) -> None:
        """Make the pool of connections; nothing if it is there."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=20, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "byalag"},
            )

    async def close(self) -> None:
        """Close all connections; nothing is sent after it."""
        self._closed = True
        if self._session is not None and not self._session.closed:
            await self._session.close()
            # aiohttp closes TLS transports a turn later.
            await asyncio.sleep(0)

    async def get(self, path: str, *, within: float | None = None, **query: str) -> Json:
        """Read something."""
        return await self.ask("GET", path, query=query, within=within)

    async def find(self, path: str) -> Json:
        """Read something; empty if there is no such thing."""
        try:
            return await self.get(path)
        except Refusal as refusal:
            if refusal.status != NOT_FOUND:
                raise
            return {}

    async def post(self, path: str, body: Json | None = None, *, within: float | None = None) -> Json:
        """Do something."""
        return await self.ask("POST", path, _encode(body or {}), within=within)

    async def put(self, path: str, body: Json, *, within: float | None = None) -> Json:
        """Set, or send, something."""
        return await self.ask("PUT", path, _encode(body), within=within)

    async def upload(self, data: bytes, mime: str, *, within: float | None = None) -> str:
        """Store a file and give its address."""
        answer = await self.ask("POST", "/_matrix/media/v3/upload", data, mime=mime, within=within)
        address = answer.get("content_uri")
        if not isinstance(address, str):
            raise LostError("the answer cannot be read")
        return address

    async def download(self, path: str, most: int) -> bytes:
        """Bring a file, of at most so many bytes. Raises `TooLargeError`, `Refusal`, `NotSentError` or `LostError`."""
        if self._session is None or self._closed:
            raise NotSentError("closed")
        headers = {"Authorization": f"Bearer {self.token}"}
        limits = aiohttp.ClientTimeout(total=self._within, sock_connect=10.0, ceil_threshold=float("inf"))
        read = bytearray()
        try:
            async with self._session.get(
                self._base + path, headers=headers, timeout=limits, allow_redirects=False
            ) as answer:
                async for part in answer.content.iter_chunked(CHUNK):
                    read += part
                    if len(read) > most:
                        raise TooLargeError
                status = answer.status
        except _NO_CONNECTION as error:
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, TimeoutError, RuntimeError) as error:
            raise LostError(type(error).__name__) from None
        if status != OK:
            raise _refusal(status, bytes(read), answer.headers.get("Retry-After", ""))
        return bytes(read)

    async def ask(
        self, method: str, path: str, body: bytes | None = None, *, query: dict[str, str] | None = None,
        mime: str = "application/json", within: float | None = None,
    ) -> Json:  # fmt: skip
        """Carry out a request. Raises `Refusal`, `NotSentError` or `LostError`."""
        if self._session is None or self._closed:
            raise NotSentError("closed")
        headers = {"Content-Type": mime}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        within = self._within if within is None else within
        limits = aiohttp.ClientTimeout(total=within, sock_connect=min(10.0, within), ceil_threshold=float("inf"))
        try:
            async with self._session.request(
                method, self._base + path, data=body, params=query, headers=headers, timeout=limits,
                allow_redirects=False,
            ) as answer:  # fmt: skip
                status, payload, wait = answer.status, await answer.read(), answer.headers.get("Retry-After", "")
        except _NO_CONNECTION as error:
            raise NotSentError(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LostError(type(error).__name__) from None
        except RuntimeError as error:  # aiohttp's word for a pool that closes meanwhile
            raise LostError(type(error).__name__) from None
        if status != OK:
            raise _refusal(status, payload, wait)
        try:
            return _objects.decode(payload)
        except UNREADABLE:
            raise LostError("the answer cannot be read") from None


def _refusal(status: int, payload: bytes, wait: str) -> Refusal:
    try:
        why = _whys.decode(payload)
    except UNREADABLE:
        why = Why()
    try:
        seconds = float(wait) if wait else (why.retry_after_ms or 0.0) / 1000
    except ValueError:
        seconds = 0.0
    # A comparison with what is no number is false.
    seconds = seconds if LEAST_WAIT <= seconds <= MOST_WAIT else 0.0
    return Refusal(status, why.errcode, seconds)
