"""A Matrix client in a browser without a window: it logs in, opens rooms, and shows what stands there.

The client is Hydrogen, built by `make pictures`; the browser is Debian's Chromium, told what to do by its own protocol.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

BUILT = Path(__file__).with_name("client") / "dist"
WIDTH, HEIGHT, SCALE = 412, 915, 1
"""A telephone's screen, and how many of the picture's dots one of its points is."""
LONGEST = 8000
PATIENCE = 90.0
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--remote-debugging-port=0", "--remote-allow-origins=*", "--lang=sv",
)  # fmt: skip


class Browser:
    """One page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def tell(self, method: str, **params: Any) -> Any:
        """Give an order, and what came of it."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            answer = await self._socket.receive_json(timeout=PATIENCE)
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    async def find(self, script: str) -> Any:
        """Give what a script finds."""
        answer = await self.tell("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def wait_for(self, script: str) -> None:
        """Wait until a script finds something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.find(script):
                    assert not (error := await self.find("window.byalag?.error")), error
                    await asyncio.sleep(0.2)
        except TimeoutError:
            seen = await self.find("location.href + document.body.innerText")
            raise AssertionError(f"{script} never came true; there stands:\n{seen}") from None

    async def log_in(self, page: str, server: str, user: str, password: str) -> None:
        """Open the client, and let somebody in."""
        await self._be(HEIGHT)
        query = urlencode({"server": server, "user": user, "password": password})
        await self.tell("Page.navigate", url=f"{page}/index.html?{query}")
        await self.wait_for("window.byalag?.ready")

    async def _be(self, height: int) -> None:
        await self.tell(
            "Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=SCALE, mobile=True
        )

    async def photograph(self, room: str, last: str, path: Path, *, since: str = "") -> None:
        """Show a room up to its last words, from its first ones or some others on, and keep the picture."""
        await self.wait_for(f"window.byalag.knows({room!r})")
        await self.find(f"window.byalag.open({room!r})")
        await self._be(LONGEST)
        await self.wait_for(f"document.querySelector('.Timeline')?.innerText.includes({last!r})")
        await self.wait_for("[...document.images].every((image) => image.complete)")
        await asyncio.sleep(2)
        high = await self.find(
            "window.innerHeight - document.querySelector('.Timeline_scroller').clientHeight"
            " + document.querySelector('.Timeline_scroller > ul').scrollHeight"
        )
        await self._be(min(max(int(high) + 10, HEIGHT), LONGEST))
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


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start a browser with one empty page."""
    command = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
    )
    assert command, "There is no Chromium. On Debian: apt install chromium fonts-noto-color-emoji"
    with tempfile.TemporaryDirectory(prefix="byalag-browser-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            command, *SWITCHES, f"--user-data-dir={folder}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(folder) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    yield Browser(socket)
        finally:
            process.terminate()
            await process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(PATIENCE):
        while not (file.exists() and file.read_text()):  # noqa: ASYNC110, ASYNC240 (another process writes it)
            await asyncio.sleep(0.1)
    return int(file.read_text().split()[0])  # noqa: ASYNC240 (a line)
