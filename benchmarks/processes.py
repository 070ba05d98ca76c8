"""Starts what is measured, each in a process of its own: our bot as `python -m bot run`, and the echo bot."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.telegram.fast import FastServer

PROJECT = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
START_WITHIN = 60.0


LISTS = frozenset({"getMyCommands"})


class Server(FastServer):
    """The server that costs next to nothing, with the answers that our start needs."""

    def answer(self, method: str, line: bytes, body: bytes) -> bytes:
        """The answer to one request."""
        if method in LISTS:
            return self._answer(b'{"ok":true,"result":[]}')
        return super().answer(method, line, body)


class DidNotStartError(Exception):
    """A measured process ended, or did not say that it is ready; the message is what it wrote."""


@dataclass
class Running:
    """A process under measurement: where its webhook is, the secret to send along, and how long it took to be ready."""

    process: asyncio.subprocess.Process
    webhook: str
    secret: str
    ready_after: float

    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Bytes resident now."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE


def free_port() -> int:
    """Give a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def environment(place: Path, lock: Path) -> str:
    """Make an environment in which is installed what is locked, and nothing else; give its Python."""
    await asyncio.to_thread(venv.create, place, with_pip=True)
    python = str(place / "bin" / "python")
    await output(
        python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "--quiet", "install",
        "--only-binary", ":all:", "--require-hashes", "--requirement", str(lock),
    )  # fmt: skip
    return python


async def output(*command: str, **settings: str) -> str:
    """Run a command in the project's folder, with these environment variables too; give what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT, env=os.environ | settings, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _nothing = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"it ended with {process.returncode}: {' '.join(command)}")
    return said.decode()


@asynccontextmanager
async def byalag(
    data: Path, server: FastServer, *, python: str = sys.executable, **more: str
) -> AsyncIterator[Running]:
    """Run the bot as an operator does, by webhook, without limits on its pace; `more` are further settings."""
    port = free_port()
    secret = "benchmark"  # noqa: S105 (a made-up one)
    settings = {
        "BYALAG_DATA": str(data),
        "BYALAG_PORT": str(port),
        "BYALAG_TELEGRAM_TOKEN": server.token,
        "BYALAG_TELEGRAM_API_BASE": server.root,
        "BYALAG_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "BYALAG_TELEGRAM_WEBHOOK_SECRET": secret,
        "BYALAG_TELEGRAM_RATE": "0",
        "BYALAG_TELEGRAM_RATE_ROOM": "0",
        "BYALAG_TELEGRAM_RATE_GROUP": "0",
        "BYALAG_LOG_FORMAT": "json",
    } | more
    async with _running([python, "-m", "bot", "run"], data, settings, b'"ready"') as (process, took):
        yield Running(process, f"http://127.0.0.1:{port}/webhook/telegram", secret, took)


@asynccontextmanager
async def echo(data: Path, server: FastServer, mode: str) -> AsyncIterator[Running]:
    """Run the echo bot of python-telegram-bot's documentation: by `webhook`, by `polling`, or keeping `state`."""
    port = free_port()
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.echo_bot", mode, server.base_url, server.token, str(port), str(data)]
    async with _running(command, data, {}, b"ready") as (process, took):
        yield Running(process, f"http://127.0.0.1:{port}/telegram", "", took)


@asynccontextmanager
async def _running(
    command: list[str], place: Path, environment: dict[str, str], ready: bytes
) -> AsyncIterator[tuple[asyncio.subprocess.Process, float]]:
    """Start a process and wait for a line on stderr that says it is ready; end it afterwards."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BYALAG_")}
    begin = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=place, env=kept | {"PYTHONPATH": str(PROJECT)} | environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None  # noqa: S101 (asked for above)
    said: list[bytes] = []
    try:
        async with asyncio.timeout(START_WITHIN):
            async for line in process.stderr:
                said.append(line)
                if ready in line:
                    break
            else:
                raise DidNotStartError(b"".join(said).decode())  # noqa: TRY301 (it ends the process as any other error does)
    except BaseException:
        await _end(process)
        raise
    took = time.perf_counter() - begin
    reading = asyncio.create_task(_read_on(process.stderr))
    try:
        yield process, took
    finally:
        await _end(process)
        await reading


async def _read_on(stream: asyncio.StreamReader) -> None:
    """Pass on what a process complains of, so that no figure hides a fault."""
    async for line in stream:
        sys.stderr.buffer.write(line)
        sys.stderr.flush()


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(15):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
