"""`python -m bot …`, as somebody types it: in a folder of its own, with an environment of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds after which a story has gone wrong; none of them needs a tenth of that."""


@dataclass(frozen=True)
class Ended:
    """What was left when a command had ended."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """All that it said."""
        return self.out + self.err


def refused(ended: Ended, *words: str) -> None:
    """It ended with status 1 and one clear message with these words: no traceback, nothing of the libraries.

    What it had done before may stand in the log above.
    """
    assert ended.status == 1, ended
    assert "Traceback" not in ended.told, ended.told
    message = "\n".join(line for line in ended.err.splitlines() if '"level": "info"' not in line)
    assert len(message.splitlines()) == 1, ended.err
    assert [word for word in words if word not in message] == [], message
    assert re.search(r"[.!)]$", message), "a whole sentence"


class Warm:
    """The process of `warm.py`: what loads once is there for all."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.startup.warm", str(theirs.fileno())], pass_fds=[theirs.fileno()],
            env=environment, cwd=ROOT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._process.wait(PATIENCE)

    async def start(self, asked: dict[str, Any]) -> Running:
        """Start a command."""
        with contextlib.ExitStack() as theirs:
            read_in, write_in = os.pipe()
            read_out, write_out = os.pipe()
            read_err, write_err = os.pipe()
            told, tells = socket.socketpair()
            for descriptor in (read_in, write_out, write_err):
                theirs.callback(os.close, descriptor)
            theirs.callback(tells.close)
            socket.send_fds(
                self._control, [json.dumps(asked).encode()], [read_in, write_out, write_err, tells.fileno()]
            )
        reader, writer = await asyncio.open_connection(sock=told)
        return await Running.begin(write_in, read_out, read_err, reader, writer)


class Running:
    """A command at work: type into it, and wait for what it says."""

    out = ""
    err = ""

    @classmethod
    async def begin(
        cls, write_in: int, read_out: int, read_err: int, told: asyncio.StreamReader, teller: asyncio.StreamWriter
    ) -> Running:
        """Listen to what was just started."""
        running = cls()
        running._typing = os.fdopen(write_in, "wb", buffering=0)
        running._told, running._teller = told, teller
        running._more = asyncio.Event()
        running.number = int(await told.readline())
        readers = [running._read("out", read_out), running._read("err", read_err)]
        running._readers = [asyncio.create_task(reader) for reader in readers]
        return running

    async def _read(self, name: str, descriptor: int) -> None:
        stream = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
        while data := await stream.read(65536):
            setattr(self, name, getattr(self, name) + data.decode(errors="replace"))
            self._more.set()
        self._more.set()
        transport.close()

    def type(self, line: str) -> None:
        """Type a line."""
        self._typing.write(f"{line}\n".encode())

    def end_input(self, typed: str = "") -> None:
        """Type the rest, and no more."""
        with contextlib.suppress(BrokenPipeError):
            self._typing.write(typed.encode())
        self._typing.close()

    async def says(self, words: str, *, times: int = 1) -> str:
        """Wait until it has said something so often, on either stream; gives all that it said."""
        try:
            async with asyncio.timeout(PATIENCE):
                while (self.out + self.err).count(words) < times:
                    assert not all(reader.done() for reader in self._readers), "it has ended"
                    self._more.clear()
                    await self._more.wait()
        except (TimeoutError, AssertionError) as error:
            raise AssertionError(f"never said {words!r}: {self.out}{self.err}") from error
        return self.out + self.err

    async def ready(self) -> None:
        """Wait until it works."""
        await self.says('"event": "ready"')

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, number)

    async def stop(self, number: int = signal.SIGTERM) -> Ended:
        """Send a signal, and wait for the end."""
        self.kill(number)
        return await self.end()

    async def end(self) -> Ended:
        """Wait for the end."""
        async with asyncio.timeout(PATIENCE):
            status = int(await self._told.readline() or -1)
            await asyncio.gather(*self._readers)
        self._teller.close()
        self._typing.close()
        return Ended(status, self.out, self.err)


class Command:
    """Runs the bot's commands in a folder. `settings` are the environment's, but for the prefix."""

    def __init__(self, warm: Warm, folder: Path, **settings: object) -> None:
        self.warm = warm
        self.folder = folder
        self.data = folder / "data"
        self.settings = settings

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "byalag.db"

    @property
    def keys(self) -> Path:
        """The key file."""
        return self.data / "byalag.keys"

    def environment(self, settings: Mapping[str, object]) -> dict[str, str]:
        """What a command finds around it."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("BYALAG_", "PYTEST"))}
        given = {f"BYALAG_{name.upper()}": str(value) for name, value in {**self.settings, **settings}.items()}
        return {**plain, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **given}

    async def __call__(self, *arguments: str, typed: str = "", largest_file: int = 0, **settings: object) -> Ended:
        """Run a command to its end, with what is typed into it."""
        running = await self._start(arguments, settings, largest_file)
        try:
            running.end_input(typed)
            return await running.end()
        finally:
            running.kill()

    @contextlib.asynccontextmanager
    async def running(self, *arguments: str, **settings: object) -> AsyncIterator[Running]:
        """Run `run`; it is killed at the end if it has not ended by then."""
        running = await self._start(("run", *arguments), settings, 0)
        try:
            yield running
        finally:
            running.kill()
            if not running._teller.is_closing():
                await running.end()

    async def _start(self, arguments: tuple[str, ...], settings: Mapping[str, object], largest_file: int) -> Running:
        return await self.warm.start(
            {
                "arguments": arguments, "folder": str(self.folder), "environment": self.environment(settings),
                "largest_file": largest_file,
            }
        )  # fmt: skip

    def cold(self, *arguments: str, typed: str = "", root: Path = ROOT) -> Ended:
        """Run a command in a process of its own from its very start: to see that this works too."""
        environment = self.environment({}) | {"PYTHONPATH": str(root)}
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments], input=typed, cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, done.stderr)


@contextlib.contextmanager
def warm_process() -> Iterator[Warm]:
    """A warm process for a while."""
    warm = Warm()
    try:
        yield warm
    finally:
        warm.close()
