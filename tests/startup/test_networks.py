"""The networks when the bot starts: a wrong token is told, a network that is down is waited for."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.peers.telegram import TelegramEmulator
from tests.startup.command import ROOT, Command, refused

UNAUTHORIZED = {"status": 401, "description": "Unauthorized"}


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    """Telegram."""
    async with TelegramEmulator() as server:
        yield server


def _configured(byalag: Command, telegram: TelegramEmulator) -> Command:
    byalag.settings |= {"telegram_token": telegram.token, "telegram_api_base": telegram.root}
    byalag.settings["telegram_poll_timeout"] = 1
    return byalag


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_with_a_token_it_talks_there(byalag: Command, telegram: TelegramEmulator) -> None:
    alva = telegram.person("Alva", language_code="sv")
    async with _configured(byalag, telegram).running() as bot:
        await bot.ready()
        await alva.send(alva.private, "/start")
        await alva.private.wait_for_message(contains="Byalag")
        ended = await bot.stop()

    assert ended.status == 0
    assert telegram.violations == []


async def test_a_wrong_token_is_told(byalag: Command, telegram: TelegramEmulator) -> None:
    byalag = _configured(byalag, telegram)
    wrong = telegram.token[:-5] + "wrong"

    ended = await byalag("run", telegram_token=wrong)
    refused(ended, "BYALAG_TELEGRAM_TOKEN")
    assert wrong not in ended.told

    checked = await byalag("check", telegram_token=wrong)
    assert checked.status == 1
    assert "!! " in checked.out
    assert "BYALAG_TELEGRAM_TOKEN" in checked.out
    assert wrong not in checked.told


async def test_a_token_that_is_taken_back_while_it_runs_is_told(byalag: Command, telegram: TelegramEmulator) -> None:
    async with _configured(byalag, telegram).running() as bot:
        await bot.ready()
        for method in ("getUpdates", "*"):
            telegram.fault(method, times=None, **UNAUTHORIZED)
        ended = await bot.end()

    assert ended.status == 1
    assert "BYALAG_TELEGRAM_TOKEN" in ended.err
    assert "Traceback" not in ended.told


async def test_while_telegram_is_down_at_the_start_it_keeps_trying_and_works_when_it_is_up(
    byalag: Command, telegram: TelegramEmulator
) -> None:
    byalag = _configured(byalag, telegram)
    alva = telegram.person("Alva")
    await telegram.pause()
    async with byalag.running() as bot:
        await bot.says("Telegram is not reached")
        await telegram.resume()

        await alva.send(alva.private, "/start")
        await alva.private.wait_for_message(contains="Byalag", timeout=30)
        ended = await bot.stop()

    assert ended.status == 0
    assert telegram.token not in ended.told


async def test_check_tells_who_the_bot_is_and_that_telegram_is_down(
    byalag: Command, telegram: TelegramEmulator
) -> None:
    byalag = _configured(byalag, telegram)

    checked = await byalag("check")
    assert checked.status == 0, checked.told
    assert f"@{telegram.bot_username}" in checked.out
    assert not byalag.data.exists(), "it only looks"

    await telegram.pause()
    checked = await byalag("check")
    assert checked.status == 1
    assert "!! Telegram: not reached" in checked.out


async def test_a_port_that_is_taken_is_told(byalag: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused(await byalag("run", port=port), f"Port {port} is taken", "BYALAG_PORT")


async def test_a_port_that_is_taken_is_told_where_a_network_is_open_already(
    byalag: Command, telegram: TelegramEmulator
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused(await _configured(byalag, telegram)("run", port=port), f"Port {port} is taken")


async def test_a_webhook_without_a_port_is_told(byalag: Command, telegram: TelegramEmulator) -> None:
    byalag = _configured(byalag, telegram)

    refused(await byalag("run", telegram_webhook_url="https://byalag.example.org"), "webhook", "BYALAG_PORT")


async def test_health_and_figures_are_served_while_it_runs(byalag: Command) -> None:
    port = _free_port()
    async with byalag.running(port=port) as bot, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as browser:
        await bot.ready()
        found = {}
        for page in ("healthz", "readyz", "metrics"):
            async with browser.get(f"/{page}") as response:
                found[page] = (response.status, await response.text())
        ended = await bot.stop()

    assert [status for status, _text in found.values()] == [200, 200, 200]
    assert "byalag_events_received_total 0.0" in found["metrics"][1]
    assert ended.status == 0


async def test_check_on_a_fresh_machine_finds_nothing_wrong_and_makes_nothing(byalag: Command) -> None:
    ended = await byalag("check")

    assert ended.status == 0
    assert "There is no database yet" in ended.out
    assert "Telegram is not set up" in ended.out
    assert "!!" not in ended.out
    assert list(byalag.folder.iterdir()) == []


async def test_nobody_need_read_to_the_end(tmp_path: Path) -> None:
    command = f"{sys.executable} -m bot check | true"
    process = await asyncio.create_subprocess_shell(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=asyncio.subprocess.PIPE
    )
    assert (await process.communicate())[1] == b""
