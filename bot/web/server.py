"""The web server: networks' webhooks, whether the bot is well, and its figures.

* `/webhook/CHANNEL` hands headers and body to that channel's adapter, and answers 200 only after the commit.
* `/c/CODE` is a conversation's harvest, `/i/CODE` where an invitation leads (`pages.py`).
* `/healthz` says that the process lives; `/readyz` that the database answers; `/metrics` is for Prometheus.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from bot.chat.port import Accept, ChatAdapter, Refused
from bot.web.pages import Pages, Write

log = structlog.get_logger()

MOST_BODY = 1 << 20


class Server:
    """Serves until stopped. `ready` raises if the bot cannot work; `figures` gives Prometheus's text."""

    def __init__(
        self, host: str, port: int, adapters: Mapping[str, ChatAdapter], accept: Accept,
        ready: Callable[[], Awaitable[None]], figures: Callable[[], Awaitable[bytes]], harvest: Write,
        invitation: Write,
    ) -> None:  # fmt: skip
        self._host = host
        self._port = port
        self._adapters = adapters
        self._accept = accept
        self._ready = ready
        self._figures = figures
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_post("/webhook/{channel}", self._webhook)
        app.router.add_get("/{kind:[ci]}/{code}", Pages(harvest, invitation).page)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)

    async def start(self) -> None:
        """Listen. Raises `OSError` where the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        log.info("listening", port=self._port)

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _webhook(self, request: web.Request) -> web.Response:
        adapter = self._adapters.get(request.match_info["channel"])
        if adapter is None:
            raise web.HTTPNotFound
        try:
            events = adapter.parse_webhook(request.headers, await request.read())
        except Refused:
            raise web.HTTPForbidden from None
        try:
            await self._accept(events)
        except Exception as error:
            log.error("a webhook call could not be stored", error=type(error).__name__)
            raise web.HTTPServiceUnavailable from error
        return web.Response()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        try:
            await self._ready()
        except Exception as error:
            raise web.HTTPServiceUnavailable(text=f"{type(error).__name__}\n") from error
        return web.Response(text="ready\n")

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=await self._figures(), content_type="text/plain", charset="utf-8")
