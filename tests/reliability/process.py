"""The bot as the process that an operator runs, to be killed without a word of warning."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from bot.crypto import Keyring
from bot.store.engine import Database
from bot.store.records import Outbox
from tests.peers.telegram import TelegramEmulator
from tests.reliability.crowd import kept

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
LONGEST_LIFE = 0.8
"""Seconds after which, at the latest, a process that works is killed."""


class BotProcess:
    """`python -m bot run`, or a `part` of it, with a log of all its lives."""

    def __init__(self, server: TelegramEmulator, settings: Mapping[str, str], log: Path, *part: str) -> None:
        self._server = server
        self._port = int(settings.get("BYALAG_PORT", "0"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BYALAG_")}
        self._environment = kept | dict(settings) | {"PYTHONPATH": str(ROOT), "BYALAG_LOG_FORMAT": "json"}
        self._log = log
        self._part = part
        self._file: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it."""
        self._file = self._log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", *self._part], cwd=self._log.parent, env=self._environment,
            stdin=subprocess.DEVNULL, stdout=self._file, stderr=subprocess.STDOUT,
        )  # fmt: skip

    async def ready(self) -> None:
        """Wait until it asks for updates, or can be called."""
        async with asyncio.timeout(PATIENCE):
            while not (await self._answers() if self._port else self._server.core.updates.polled):
                assert self._process is not None
                assert self._process.poll() is None, f"it ended by itself:\n{self.log()[-3000:]}"
                await asyncio.sleep(0.005)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.write(b"GET /readyz HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return b" 200 " in answer.partition(b"\r\n")[0]

    async def kill(self) -> None:
        """SIGKILL; nothing of it runs afterwards."""
        assert await self._signalled(signal.SIGKILL) == -signal.SIGKILL, f"it had ended before:\n{self.log()[-3000:]}"
        # What it had asked for is an answer to nobody.
        self._server.core.updates.abort_poll("gone")

    async def stop(self) -> int:
        """SIGTERM; gives how it ended."""
        return await self._signalled(signal.SIGTERM)

    async def _signalled(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            while process.poll() is None:  # noqa: ASYNC110 (the kernel does it)
                await asyncio.sleep(0.002)
        assert self._file is not None
        self._file.close()
        return int(process.returncode)

    def end(self) -> None:
        """Leave nothing behind, however the test ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._file is not None:
            self._file.close()

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def where_it_is_noon() -> str:
    """Give a time zone in which nobody sleeps now."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


async def killed_again_and_again(
    keys: Keyring, database: Database, process: BotProcess, chance: random.Random, points: int
) -> int:
    """Kill and start the process at so many random points; gives how many messages were on their way then."""
    uncertain = 0
    for point in range(points):
        process.begin()
        # now and then while it starts, else while it works
        if point % 5 == 4:
            await asyncio.sleep(chance.uniform(0, 2))
        else:
            await process.ready()
            await asyncio.sleep(chance.uniform(0, LONGEST_LIFE))
        await process.kill()
        uncertain += sum(one.state == "sending" for one in await kept(database, keys, Outbox))
    return uncertain
