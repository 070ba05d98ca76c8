"""HTTP/1.1 as far as the Bot API needs it: a JSON body out, status and answer back, on kept connections.

A general client costs six times as much for each message, and sending is most of what the bot does. This one knows no
redirects, cookies, compression or proxies; who needs them goes through aiohttp.

Rules
-----
* One request at a time on a connection; the next one takes it over once the answer is complete.
* `NotSentError` is raised only when nothing can have reached the server: no connection, or no time left to get one.
* From the first byte on, whatever fails raises `LostError`, and the connection is closed.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bot.adapters.telegram.errors import LostError, NotSentError

KEEP_ALIVE = 30.0
NEXT_ADDRESS = 1.0
"""Seconds after which a host's next address is tried, where it has several."""
MOST_HEAD = 1 << 16
MOST = 1 << 26
EMPTY = frozenset({204, 304})

_STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3})(?: |$)")


class MalformedError(Exception):
    """The server does not speak HTTP."""


class Answer(NamedTuple):
    """A complete answer; `keep`: the connection may carry another request."""

    status: int
    body: bytes
    keep: bool


def parse(data: bytes, *, ended: bool = False) -> Answer | None:
    """Read an answer; None if there is more to come. `ended`: nothing more comes. Raises `MalformedError`."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        if ended or len(data) > MOST_HEAD:
            raise MalformedError
        return None
    first, *lines = data[:end].split(b"\r\n")
    found = _STATUS.match(first)
    if found is None:
        raise MalformedError
    status = int(found[2])
    if status < 200:  # noqa: PLR2004 (the answer itself follows)
        return parse(data[end + 4 :], ended=ended)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    keep = found[1] == b"1" and headers.get(b"connection", b"").lower() != b"close"
    try:
        body, rest = _body(data[end + 4 :], status, headers, ended=ended)
    except ValueError:
        raise MalformedError from None
    if body is None:
        if ended:
            raise MalformedError
        return None
    return Answer(status, body, keep and not rest and not ended)


def _body(data: bytes, status: int, headers: dict[bytes, bytes], *, ended: bool) -> tuple[bytes | None, bytes]:
    """Give the body, None while it is incomplete, and what comes after it. Raises `ValueError`."""
    if status in EMPTY:
        return b"", data
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return _chunks(data)
    if (length := headers.get(b"content-length")) is not None:
        size = _size(length, 10)
        return (data[:size] if len(data) >= size else None), data[size:]
    return (data if ended else None), b""


def _chunks(data: bytes) -> tuple[bytes | None, bytes]:
    parts: list[bytes] = []
    start = 0
    while (end := data.find(b"\r\n", start)) >= 0:
        size = _size(data[start:end].partition(b";")[0].strip(), 16)
        start = end + 2
        if size == 0:
            # Headers may follow; an empty line ends them.
            last = data.find(b"\r\n\r\n", end)
            return (None, b"") if last < 0 else (b"".join(parts), data[last + 4 :])
        if len(data) < start + size + 2:
            break
        parts.append(data[start : start + size])
        start += size + 2
    return None, b""


def _size(text: bytes, base: int) -> int:
    size = int(text, base)
    if not text.isalnum() or size > MOST:
        raise ValueError(text)
    return size


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.open = False
        self.free_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[Answer] | None = None

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and wait for its answer. Raises `OSError` or `MalformedError`."""
        if self._transport is None or not self.open:
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close; nothing that comes now is read."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Take in a part of an answer."""
        self._received = self._received + data if self._received else data
        self._read(ended=False)

    def eof_received(self) -> None:
        """Nothing more comes."""
        self.open = False
        self._read(ended=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self.open = False
        self._fail(exc if isinstance(exc, OSError) else ConnectionResetError())

    def _read(self, *, ended: bool) -> None:
        if self._answer is None or self._answer.done():
            # Nobody asked.
            self.close()
            return
        try:
            answer = parse(self._received, ended=ended)
        except MalformedError as error:
            self._fail(error)
            self.close()
            return
        if answer is not None:
            self._received = b""
            self._answer.set_result(answer)

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the host, and its first lines up to the length of the body."""

    host: str
    port: int
    encrypted: bool
    head: bytes


class Wire:
    """A pool of lines to any hosts, `connections` in all; `connect_within` is for getting one."""

    def __init__(self, connections: int, connect_within: float, agent: str) -> None:
        self._connect_within = connect_within
        self._agent = agent
        self._room = asyncio.Semaphore(connections)
        self._free: dict[tuple[str, int, bool], list[Line]] = {}
        self._targets: dict[str, Target] = {}
        self._addresses: dict[tuple[str, int], str] = {}
        self._context: ssl.SSLContext | None = None
        self._closed = False

    def close(self) -> None:
        """Close all that is free; what is under way ends by itself."""
        self._closed = True
        for line in itertools.chain.from_iterable(self._free.values()):
            line.close()
        self._free.clear()

    async def post(self, url: str, body: bytes, within: float) -> tuple[int, bytes]:
        """Send JSON and give status and answer. Raises `NotSentError` or `LostError`."""
        target = self._targets.get(url) or self._target(url)
        sent = False
        try:
            async with asyncio.timeout(within), self._room:
                line = await self._line(target)
                sent = True
                try:
                    answer = await line.exchange(b"%b%d\r\n\r\n%b" % (target.head, len(body), body))
                except BaseException:
                    line.close()
                    raise
        except (OSError, TimeoutError, MalformedError) as error:
            # Its text may hold the address, and with it the token.
            raise (LostError if sent else NotSentError)(type(error).__name__) from None
        self._give_back(target, line, keep=answer.keep)
        return answer.status, answer.body

    def _target(self, url: str) -> Target:
        """Take an address apart, once: there are as many as methods."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "https"
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\nUser-Agent: {self._agent}\r\n"
            "Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: "
        )
        made = Target(parts.hostname or "", parts.port or (443 if encrypted else 80), encrypted, head.encode())
        self._targets[url] = made
        return made

    async def _line(self, target: Target) -> Line:
        """Give a free line, or a new one. Raises `OSError` or `TimeoutError`."""
        if self._closed:
            raise ConnectionAbortedError
        free = self._free.get((target.host, target.port, target.encrypted), [])
        now = asyncio.get_running_loop().time()
        while free:
            line = free.pop()
            if line.open and now - line.free_since < KEEP_ALIVE:
                return line
            line.close()
        async with asyncio.timeout(self._connect_within):
            return await self._connect(target)

    def _give_back(self, target: Target, line: Line, *, keep: bool) -> None:
        if keep and line.open and not self._closed:
            line.free_since = asyncio.get_running_loop().time()
            self._free.setdefault((target.host, target.port, target.encrypted), []).append(line)
        else:
            line.close()

    async def _connect(self, target: Target) -> Line:
        """Try each address of the host, the one that answered last first: one that is dead takes but a moment."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        known = self._addresses.get((target.host, target.port))
        addresses = sorted(_alternating(str(info[4][0]) for info in found), key=lambda address: address != known)
        name = target.host if target.encrypted else None
        error: Exception = OSError("no address")
        for place, address in enumerate(addresses, 1):
            try:
                async with asyncio.timeout(NEXT_ADDRESS if place < len(addresses) else None):
                    _, line = await loop.create_connection(
                        Line, address, target.port, ssl=self._tls(target), server_hostname=name
                    )
            except (OSError, TimeoutError) as failed:
                error = failed
            else:
                self._addresses[target.host, target.port] = address
                return line
        raise error

    def _tls(self, target: Target) -> ssl.SSLContext | None:
        if not target.encrypted:
            return None
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context


def _alternating(addresses: Iterable[str]) -> list[str]:
    """Put addresses of both kinds by turns, each once: a network where one kind leads nowhere is not rare."""
    kinds: tuple[list[str], list[str]] = ([], [])
    for address in dict.fromkeys(addresses):
        kinds[":" not in address].append(address)
    return [address for pair in itertools.zip_longest(*kinds) for address in pair if address]
