"""A real browser without a window: it shows a page at a size, light or dark, tells what stands there, and is looked at.

It is Debian's Chromium (``apt install chromium``), told what to do by its own protocol. There must be one where tests
run: what people see is not checked without eyes.
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
from typing import Any, TypeVar

import aiohttp

PHONE, DESKTOP = (390, 844), (1280, 900)
PATIENCE = 90.0
LONGEST = 4000
SWITCHES = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-quic", "--remote-debugging-port=0", "--remote-allow-origins=*", "--lang=sv",
)  # fmt: skip


B = TypeVar("B", bound="Browser")


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
                    await self.complain()
                    await asyncio.sleep(0.2)
        except TimeoutError:
            seen = await self.find("location.href + document.body.innerText")
            raise AssertionError(f"{script} never came true; there stands:\n{seen}") from None

    async def complain(self) -> None:
        """Raise where the page says that something went wrong."""

    async def show(self, page: bytes, size: tuple[int, int] = PHONE, *, dark: bool = False) -> None:
        """Show a page that needs nothing else."""
        await self.be(*size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.tell("Emulation.setEmulatedMedia", features=[scheme])
        frame = (await self.tell("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self.tell("Page.setDocumentContent", frameId=frame, html=page.decode())

    async def be(self, width: int, height: int, scale: float = 1) -> None:
        """Be so large; a phone below a tablet's width."""
        await self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
            mobile=width < 600,
        )  # fmt: skip

    async def look(self, path: Path, *, high: int = LONGEST) -> None:
        """Keep a picture of the page, from its top, as high as it is or so high."""
        width, whole = await self.find("[innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(whole, high), "scale": 1}
        shot = await self.tell("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))  # noqa: ASYNC240 (nobody waits)


def command() -> str:
    """Give the browser's program; nothing if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), "")


@asynccontextmanager
async def browser(kind: type[B] = Browser) -> AsyncIterator[B]:  # type: ignore[assignment]
    """Start a browser with one empty page."""
    program = command()
    assert program, "There is no Chromium. On Debian: apt install chromium"
    with tempfile.TemporaryDirectory(prefix="byalag-browser-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            program, *SWITCHES, f"--user-data-dir={folder}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(folder) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    yield kind(socket)
        finally:
            process.terminate()
            await process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(PATIENCE):
        while not (file.exists() and file.read_text()):  # noqa: ASYNC110, ASYNC240 (another process writes it)
            await asyncio.sleep(0.1)
    return int(file.read_text().split()[0])  # noqa: ASYNC240 (a line)
