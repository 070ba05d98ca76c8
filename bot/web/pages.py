"""The pages for people: a conversation's harvest, where a host has opened it.

A page is written at most once a minute, however many read it, and one at a time: readers never crowd out who talks.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

FRESH_SECONDS = 60
MOST_KEPT = 100
CODE = re.compile(r"[\w-]{22}", re.ASCII)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": f"private, max-age={FRESH_SECONDS}",
}

Write = Callable[[str], Awaitable[bytes | None]]
"""Gives the page of a code; None if there is none, or it has been closed."""


class Pages:
    """Serves ``/c/CODE``."""

    def __init__(self, write: Write, seconds: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._seconds = seconds
        self._one_at_a_time = asyncio.Lock()
        self._kept: dict[str, tuple[float, bytes]] = {}

    async def harvest(self, request: web.Request) -> web.Response:
        """Give the page, or 404."""
        code = request.match_info["code"]
        page = await self._page(code) if CODE.fullmatch(code) else None
        if page is None:
            raise web.HTTPNotFound
        return web.Response(body=page, content_type="text/html", charset="utf-8", headers=HEADERS)

    async def _page(self, code: str) -> bytes | None:
        async with self._one_at_a_time:
            now = self._seconds()
            self._kept = {code: kept for code, kept in self._kept.items() if now - kept[0] < FRESH_SECONDS}
            if code in self._kept:
                return self._kept[code][1]
            page = await self._write(code)
            if page is not None and len(self._kept) < MOST_KEPT:
                self._kept[code] = now, page
            return page
