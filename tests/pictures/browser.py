"""A Matrix client in a browser without a window: it logs in, opens rooms, and shows what stands there.

The client is Hydrogen, built by `make pictures`.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from tests.peers.browser import Browser

BUILT = Path(__file__).with_name("client") / "dist"
WIDTH, HEIGHT = 412, 915
"""A telephone's screen."""
LONGEST = 8000


class Client(Browser):
    """One page, with the client in it."""

    async def complain(self) -> None:
        assert not (error := await self.find("window.byalag?.error")), error

    async def log_in(self, page: str, server: str, user: str, password: str) -> None:
        """Open the client, and let somebody in."""
        await self.be(WIDTH, HEIGHT)
        query = urlencode({"server": server, "user": user, "password": password})
        await self.tell("Page.navigate", url=f"{page}/index.html?{query}")
        await self.wait_for("window.byalag?.ready")

    async def photograph(self, room: str, last: str, path: Path, *, since: str = "") -> None:
        """Show a room up to its last words, from its first ones or some others on, and keep the picture."""
        await self.wait_for(f"window.byalag.knows({room!r})")
        await self.find(f"window.byalag.open({room!r})")
        await self.be(WIDTH, LONGEST)
        await self.wait_for(f"document.querySelector('.Timeline')?.innerText.includes({last!r})")
        await self.wait_for("[...document.images].every((image) => image.complete)")
        await asyncio.sleep(2)
        high = await self.find(
            "window.innerHeight - document.querySelector('.Timeline_scroller').clientHeight"
            " + document.querySelector('.Timeline_scroller > ul').scrollHeight"
        )
        await self.be(WIDTH, min(max(int(high) + 10, HEIGHT), LONGEST))
        await self.find("window.byalag.bottom()")
        await asyncio.sleep(0.5)
        top = max(0, await self.find(f"window.byalag.top({since!r})")) if since else 0
        clip = {"x": 0, "y": top, "width": WIDTH, "height": await self.find("window.innerHeight") - top, "scale": 1}
        shot = await self.tell("Page.captureScreenshot", format="png", clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))  # noqa: ASYNC240 (nobody waits)


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """Give the address of the built client."""
    app = web.Application()
    app.router.add_static("/", BUILT)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
