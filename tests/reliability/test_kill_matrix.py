"""kill -9 between the saving of Matrix's keys and our own commits: nothing lost, nothing doubled, all readable."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.contract import eventually
from tests.adapters.matrix_driver import PASSWORD, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse.gate import Gate
from tests.reliability.mortal_matrix import POINTS
from tests.reliability.process import ROOT

pytestmark = pytest.mark.xdist_group("synapse")

PATIENCE = 60.0


@pytest.fixture
async def driver(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
    async with Gate(synapse.url).open() as gate:
        made = MatrixDriver(synapse, gate, tmp_path / "nobody's", encrypted=True)
        yield made
        await made.close()


class Lives:
    """The bot's process, one life after the other."""

    def __init__(self, driver: MatrixDriver, folder: Path) -> None:
        self._folder = folder
        self.log = folder / "log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BYALAG_")}
        self._environment = kept | {
            "PYTHONPATH": str(ROOT), "BYALAG_LOG_FORMAT": "json", "BYALAG_MATRIX_HOMESERVER": driver.gate.url,
            "BYALAG_MATRIX_USER": driver.bot, "BYALAG_MATRIX_PASSWORD": PASSWORD, "BYALAG_MATRIX_RATE": "0",
            "BYALAG_MATRIX_POLL_TIMEOUT": "5",
        }  # fmt: skip

    async def begin(self, *module: str) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", *module, cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )

    async def end(self, process: asyncio.subprocess.Process) -> int:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            return await process.wait()


@pytest.mark.parametrize("point", POINTS)
async def test_killed_once(driver: MatrixDriver, tmp_path: Path, point: str) -> None:
    lives = Lives(driver, tmp_path)
    # given a bot that Anna has talked with; while it is away she asks with a new key: both come at once
    first = await lives.begin("bot", "run")
    anna = await driver.person("Anna")
    room, human = driver.private(anna), driver._who(anna)

    async def read() -> list[str]:
        return [each.text for each in await driver.shown(anna, room)]

    await driver.write(anna, room, "!start")
    greeting = (await eventually(read))[0]
    assert await lives.end(first) == 0
    human.client.invalidate_outbound_session(room.room)
    await driver.write(anna, room, "!help")
    # when it is killed while it takes that in, or answers
    killed = await lives.begin("tests.reliability.mortal_matrix", point)
    async with asyncio.timeout(PATIENCE):
        assert await killed.wait() == -signal.SIGKILL, lives.log.read_text()[-2000:]
    # then after it Anna has one answer, which she can read, and so on
    last = await lives.begin("bot", "run")
    await driver.write(anna, room, "!start")
    found = await eventually(read, lambda found: len(found) >= 3)
    assert await lives.end(last) == 0
    assert await read() == found
    assert [text.startswith(greeting[:20]) for text in found] == [True, False, True]
    assert "cannot be decrypted" not in lives.log.read_text()
    assert "older copy" not in lives.log.read_text()
