"""Matrix when the bot starts, on a real server: alone and beside Telegram; and what `check` says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.contract import eventually
from tests.adapters.matrix_driver import PASSWORD, MatrixDriver
from tests.peers.synapse import Synapse, synapse  # noqa: F401 (a fixture)
from tests.peers.synapse.gate import Gate
from tests.peers.telegram import TelegramEmulator
from tests.startup.command import Command, refused

pytestmark = pytest.mark.xdist_group("synapse")


@pytest.fixture
async def driver(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:  # noqa: F811 (the fixture)
    async with Gate(synapse.url).open() as gate:
        made = MatrixDriver(synapse, gate, tmp_path / "nobody's", encrypted=True)
        yield made
        await made.close()


@pytest.fixture
def here(byalag: Command, driver: MatrixDriver) -> Command:
    """The commands, with the bot's account."""
    byalag.settings |= {
        "matrix_homeserver": driver.gate.url, "matrix_user": driver.bot, "matrix_password": PASSWORD,
        "matrix_rate": 0, "matrix_poll_timeout": 5,
    }  # fmt: skip
    return byalag


async def read(driver: MatrixDriver, name: str) -> list[str]:
    """What somebody reads in their private room."""
    person = await driver.person(name)
    return [each.text for each in await driver.shown(person, driver.private(person))]


async def greeted(driver: MatrixDriver, name: str) -> None:
    """Somebody is greeted there."""
    await eventually(lambda: read(driver, name), lambda found: any("Byalag" in text for text in found))


async def test_with_an_account_it_talks_there_and_goes_on_without_the_password(
    here: Command, driver: MatrixDriver
) -> None:
    async with here.running() as bot:
        await bot.ready()
        anna = await driver.person("Anna")
        await driver.write(anna, driver.private(anna), "!start")
        await greeted(driver, "Anna")
        assert (await bot.stop()).status == 0
    before = await read(driver, "Anna")
    async with here.running(matrix_password="") as bot:
        await bot.ready()
        await driver.write(anna, driver.private(anna), "!help")
        await eventually(lambda: read(driver, "Anna"), lambda found: len(found) > len(before))
        ended = await bot.stop()
    assert ended.status == 0
    assert PASSWORD not in ended.told
    kept = [*(here.data / "matrix").iterdir()]
    assert len(kept) == 4
    assert [file.name for file in kept if file.stat().st_mode & 0o077] == []
    assert not (here.data / "matrix").stat().st_mode & 0o077


async def test_two_networks_work_beside_each_other(here: Command, driver: MatrixDriver) -> None:
    async with TelegramEmulator() as telegram:
        here.settings |= {"telegram_token": telegram.token, "telegram_api_base": telegram.root}
        alva = telegram.person("Alva")
        async with here.running() as bot:
            await bot.ready()
            anna = await driver.person("Anna")
            await driver.write(anna, driver.private(anna), "!start")
            await alva.send(alva.private, "/start")
            await alva.private.wait_for_message(contains="Byalag")
            await greeted(driver, "Anna")
            assert (await bot.stop()).status == 0


async def test_a_wrong_password_is_told(here: Command) -> None:
    refused(await here("run", matrix_password="wrong"), "BYALAG_MATRIX_PASSWORD")
    checked = await here("check", matrix_password="wrong")
    assert checked.status == 1
    assert "!! Matrix does not accept" in checked.out


async def test_check_logs_in_and_keeps_nothing(here: Command, driver: MatrixDriver) -> None:
    checked = await here("check")
    assert checked.status == 0, checked.told
    assert f"ok Matrix: {driver.bot}" in checked.out
    assert not here.data.exists()


async def test_half_an_account_is_told(byalag: Command) -> None:
    refused(await byalag("run", channels="matrix"), "BYALAG_CHANNELS names matrix", "no account")
    for name, value in (("user", "@byalag:example.org"), ("homeserver", "https://example.org")):
        ended = await byalag("run", **{f"matrix_{name}": value})
        assert ended.status == 1
        assert "BYALAG_MATRIX_USER is" in ended.err
        assert "BYALAG_MATRIX_HOMESERVER" in ended.err
