"""The pages for people: a conversation's harvest, where a host has opened it, and where an invitation's link leads.

Reading a page changes nothing, so whatever looks at links before people do uses no invitation up. A page is written at
most once a minute, however many read it, and one at a time: readers never crowd out who talks.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.i18n import known
from bot.reporting.notice import gone

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
    "Vary": "Accept-Language",
}

Write = Callable[[str, str | None], Awaitable[bytes | None]]
"""Gives the page of a code, in a language if that is known; None if there is none, or it has been closed."""


class Pages:
    """Serves ``/c/CODE`` and ``/i/CODE``."""

    def __init__(self, harvest: Write, invitation: Write, seconds: Callable[[], float] = time.monotonic) -> None:
        self._writers = {"c": harvest, "i": invitation}
        self._seconds = seconds
        self._one_at_a_time = asyncio.Lock()
        self._kept: dict[tuple[str, str, str | None], tuple[float, bytes]] = {}

    async def page(self, request: web.Request) -> web.Response:
        """Give the page, or 404 with a kind one."""
        kind, code, language = request.match_info["kind"], request.match_info["code"], _language(request)
        page = await self._page(kind, code, language) if CODE.fullmatch(code) else None
        status, body = (200, page) if page is not None else (404, gone(known(language)))
        return web.Response(status=status, body=body, content_type="text/html", charset="utf-8", headers=HEADERS)

    async def _page(self, kind: str, code: str, language: str | None) -> bytes | None:
        async with self._one_at_a_time:
            now, which = self._seconds(), (kind, code, language)
            self._kept = {one: kept for one, kept in self._kept.items() if now - kept[0] < FRESH_SECONDS}
            if which in self._kept:
                return self._kept[which][1]
            page = await self._writers[kind](code, language)
            if page is not None and len(self._kept) < MOST_KEPT:
                self._kept[which] = now, page
            return page


def _language(request: web.Request) -> str | None:
    """Give the language that a browser would like best, of those that we speak; None if it does not say."""
    wished = request.headers.get("Accept-Language", "").split(",")[0].partition(";")[0].strip()
    return known(wished) if wished.strip("*") else None
