"""An address in front of the server, where a test lets requests fail, and sees how far a client has read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

NOT_PASSED_ON = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


@dataclass
class Fault:
    """What the next request whose path matches meets: an answer of our own, or the real one, lost or late."""

    path: str
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    lose: bool = False
    hold: float = 0.0
    """Seconds that the real answer is held back."""
    times: int = 1


class Gate:
    """Passes requests on, but for those that meet a fault."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.url = ""
        self.faults: list[Fault] = []
        self.last_since = ""
        """How far the client said that it has read: its last sync's `since`."""
        self.seen: list[tuple[str, str, int]] = []
        """Method, path and status of all requests."""
        self.smuggled: dict[str, list[dict[str, Any]]] = {}
        """Events, by room, that come first in its next timeline: what other servers may send, and this one refuses."""
        self._session: aiohttp.ClientSession | None = None

    def fault(self, path: str, **how: Any) -> None:
        """Let the next request to a path (a pattern) fail."""
        self.faults.append(Fault(path, **how))

    def _meets(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times and re.search(fault.path, path):
                fault.times -= 1
                return fault
        return None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        if "/sync?" in path:
            self.last_since = request.query.get("since", "")
        body = await request.read()
        fault = self._meets(path)
        if fault is not None and not (fault.lose or fault.hold):
            self.seen.append((request.method, path, fault.status))
            return web.json_response(fault.body, status=fault.status, headers=fault.headers)
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in NOT_PASSED_ON}
        try:
            async with self._session.request(
                request.method, self._server + path, data=body or None, headers=headers
            ) as answer:
                data = await answer.read()
        except aiohttp.ClientConnectionError:
            self._cut(request)
            raise web.HTTPBadGateway from None
        self.seen.append((request.method, path, answer.status))
        if fault is not None and fault.lose:
            return await self._lose(request)
        if fault is not None:
            await asyncio.sleep(fault.hold)
        if self.smuggled and "/sync?" in path:
            data = self._smuggle(data)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in NOT_PASSED_ON}
        return web.Response(body=data, status=answer.status, headers=kept)

    def _smuggle(self, data: bytes) -> bytes:
        sync = json.loads(data)
        for room, body in sync.get("rooms", {}).get("join", {}).items():
            body["timeline"]["events"] = [*self.smuggled.pop(room, []), *body["timeline"]["events"]]
        return json.dumps(sync).encode()

    async def _lose(self, request: web.Request) -> web.StreamResponse:
        """Begin an answer, and break it off: one that never began would be asked for again by many clients."""
        begun = web.StreamResponse(headers={"Content-Length": "1000"})
        await begun.prepare(request)
        self._cut(request)
        return begun

    @staticmethod
    def _cut(request: web.Request) -> None:
        """Break off the connection, as a lost answer does."""
        if request.transport is not None:
            request.transport.abort()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Gate]:
        """Listen, as long as it takes."""
        runner = web.AppRunner(self._app(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(
            auto_decompress=True, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(60)
        )
        try:
            yield self
        finally:
            await self._session.close()
            await runner.cleanup()
            await asyncio.sleep(0)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=100 << 20)
        app.router.add_route("*", "/{tail:.*}", self.handle)
        return app
