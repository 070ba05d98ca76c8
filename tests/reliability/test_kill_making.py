"""kill -9 between the making of a helper group's room on Matrix and our own commit: one room, with one card in it."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.contract import Shown, eventually
from tests.adapters.matrix_driver import Human, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse.gate import Gate
from tests.reliability.mortal_matrix import MAKING
from tests.reliability.test_kill_matrix import PATIENCE, Lives

pytestmark = pytest.mark.xdist_group("synapse")

BENCH = "En bänk vid ån"
YES = "1"
"""The first choice of a summary, and of the notice."""


@pytest.fixture
async def driver(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
    async with Gate(synapse.url).open() as gate:
        made = MatrixDriver(synapse, gate, tmp_path / "nobody's", encrypted=True)
        yield made
        await made.close()


class Talk:
    """Anna's private room with the bot: she writes, and waits for the answer."""

    def __init__(self, driver: MatrixDriver, human: Human) -> None:
        self.driver = driver
        self.human = human

    async def says(self, text: str) -> Shown:
        """Write; gives what the bot says to it: its newest message."""
        before = len(await self.heard())
        await self.human.send(self.human.private, {"msgtype": "m.text", "body": text, "m.mentions": {}})
        return (await eventually(self.heard, lambda found: len(found) > before))[-1]

    async def heard(self) -> list[Shown]:
        await self.human.catch_up()
        person = self.driver.names["Anna"]
        return list(await self.driver.shown(person, self.driver.private(person)))


async def begun(driver: MatrixDriver) -> Talk:
    """Let Anna begin a conversation, and answer what a helper group is asked, but for the last yes."""
    anna = await driver.person("Anna", "sv")
    talk = Talk(driver, driver._who(anna))
    for text in ("!nytt", "Härnösand", "Hur vill vi ha det?"):
        await talk.says(text)
    for _ in range(2):
        await talk.says(YES)
    await talk.says(f"!led {BENCH}")
    for _ in range(3):
        await talk.says("!hoppa")
    await eventually(talk.heard, lambda found: BENCH in found[-1].text and "Ta ledningen" in str(found[-1].buttons))
    return talk


async def joined_rooms(driver: MatrixDriver, human: Human) -> list[str]:
    """Give the rooms in which somebody is or may be."""
    await human.catch_up()
    return [room for room in {*human.client.invited_rooms, *human.client.rooms} if room != human.private]


@pytest.mark.parametrize("point", MAKING)
async def test_killed_while_a_room_is_made(driver: MatrixDriver, tmp_path: Path, point: str) -> None:
    lives = Lives(driver, tmp_path)
    first = await lives.begin("bot", "run")
    talk = await begun(driver)
    assert await lives.end(first) == 0
    # when the bot is killed while it makes the room, or just after
    killed = await lives.begin("tests.reliability.mortal_matrix", point)
    await talk.human.send(talk.human.private, {"msgtype": "m.text", "body": YES, "m.mentions": {}})
    async with asyncio.timeout(PATIENCE):
        assert await killed.wait() == -signal.SIGKILL, lives.log.read_text()[-2000:]
    # then afterwards there is one, and its card is there once
    last = await lives.begin("bot", "run")
    [room] = await eventually(lambda: joined_rooms(driver, talk.human))
    await talk.human.client.join(room)

    async def cards() -> list[str]:
        await talk.human.catch_up()
        return [content["body"] for content, _ in driver.standing(talk.human, room).values()]

    [card] = await eventually(cards)
    assert re.search(BENCH, card)
    await talk.says("!grupper")
    assert await lives.end(last) == 0
    assert await joined_rooms(driver, talk.human) == [room]
    assert len(await cards()) == 1
