"""Matrix when the bot starts, on a real server: alone and beside Telegram; and what `check` says of it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.contract import eventually
from tests.adapters.matrix_driver import PASSWORD, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse.gate import Gate
from tests.peers.telegram import TelegramEmulator
from tests.startup.command import Command, refused

pytestmark = pytest.mark.xdist_group("synapse")


@pytest.fixture
async def driver(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
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
        await driver.write(anna, driver.private(anna), "!privacy")
        found = await eventually(lambda: read(driver, "Anna"), lambda found: len(found) > len(before))
        ended = await bot.stop()
    assert "I Matrix ser servern reaktioner" in found[-1]
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
            await driver.write(anna, driver.private(anna), "hello")
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
    assert f"ok Matrix: {driver.bot} can log in" in checked.out
    assert not here.data.exists()


async def test_check_and_verify_tell_the_same_key_also_beside_a_running_bot(
    here: Command, driver: MatrixDriver
) -> None:
    # given a bot in a room where it may not write
    async with here.running() as bot:
        await bot.ready()
        anna = await driver.person("Anna")
        room = await driver.group("Torget", anna)
        path = f"rooms/{room.room}/state/m.room.power_levels/"
        levels = await driver.ask(driver._who(anna), "GET", path)
        await driver.ask(driver._who(anna), "PUT", path, levels | {"events_default": 50})
        # when an operator looks while it runs, and after it
        (device,) = (await driver.devices(anna, driver.bot)).values()
        beside = await here("check")
        verified = await here("matrix", "verify")
        refused(await here("matrix", "reset"), "Stop it first")
        await bot.stop()
    alone = await here("check")
    # then each tells the key that Anna's client has for it
    for ended in (beside, alone, verified):
        assert ended.status == 0, ended.told
        assert device.ed25519 in ended.out.replace(" ", "")
    assert "A bot runs with this login now" in beside.out
    assert "A bot runs" not in alone.out
    assert "Rooms on Matrix: 2, encrypted: 2." in alone.out
    assert "writes as fast as the server takes it" in alone.out
    assert "-- The login on Matrix is kept" in alone.out
    assert "The login on Matrix is kept" not in (await here("check", matrix_password="")).out
    assert "-- Rooms on Matrix" in alone.out, "it may not write in one"
    assert "one in 5 seconds" in (await here("check", matrix_rate="0.2")).out


async def test_lost_keys_are_told_and_a_reset_helps(here: Command, driver: MatrixDriver) -> None:
    async with here.running() as bot:
        await bot.ready()
        anna = await driver.person("Anna")
        await driver.write(anna, driver.private(anna), "!start")
        await greeted(driver, "Anna")
        await bot.stop()
    # given a bot whose keys to its keys are lost
    (here.data / "matrix" / "matrix-keys.db").write_bytes(b"")
    ended = await here("run")
    assert ended.status == 1
    assert '"level": "error"' in ended.err
    assert "matrix-keys.db) are missing" in ended.err
    assert "byalag matrix reset" in (await here("check")).out
    # when it is let come as a new device
    ended = await here("matrix", "reset")
    assert ended.status == 0, ended.told
    refused(await here("run", matrix_password=""), "BYALAG_MATRIX_PASSWORD")
    before = await read(driver, "Anna")
    async with here.running() as bot:
        await bot.ready()
        # then Anna goes on with it
        await driver._who(anna).catch_up()
        await driver.write(anna, driver.private(anna), "!help")
        await eventually(lambda: read(driver, "Anna"), lambda found: len(found) > len(before))
        await bot.stop()
    assert len(await driver.devices(anna, driver.bot)) == 1, "the old device is gone"


async def test_without_a_login_there_is_nothing_to_verify_or_reset(byalag: Command, here: Command) -> None:
    for what in ("verify", "reset"):
        refused(await here("matrix", what), "not logged in", "Start it once")
        refused(await byalag("matrix", what, matrix_user="", matrix_homeserver=""), "BYALAG_MATRIX_USER")


async def test_half_an_account_is_told(byalag: Command) -> None:
    refused(await byalag("run", channels="matrix"), "BYALAG_CHANNELS names matrix", "no account")
    for name, value in (("user", "@byalag:example.org"), ("homeserver", "https://example.org")):
        ended = await byalag("run", **{f"matrix_{name}": value})
        assert ended.status == 1
        assert "BYALAG_MATRIX_USER is" in ended.err
        assert "BYALAG_MATRIX_HOMESERVER" in ended.err


async def test_only_the_worker_is_there(here: Command, driver: MatrixDriver, postgresql_url: str) -> None:
    # given a process for the pages and one for the work, which share a folder
    here.settings |= {"database": postgresql_url}
    assert (await here("migrate")).status == 0
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    async with here.running("web", port=port) as web:
        await web.ready()
        assert not (here.data / "matrix").exists()
        async with here.running("worker") as worker:
            await worker.ready()
            anna = await driver.person("Anna")
            await driver.write(anna, driver.private(anna), "!start")
            await greeted(driver, "Anna")
            assert (await worker.stop()).status == 0
        assert (await web.stop()).status == 0
