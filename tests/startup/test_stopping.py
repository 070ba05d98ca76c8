"""The end: by a signal or by the end of input, in good order, with status 0, and nothing lost."""

from __future__ import annotations

import signal

import pytest

from tests.peers.telegram import TelegramEmulator
from tests.startup.command import Command


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_good_order(byalag: Command, number: int) -> None:
    async with byalag.running() as bot:
        await bot.ready()
        bot.type("/start")
        await bot.says("#2")

        ended = await bot.stop(number)

    assert ended.status == 0
    assert "Traceback" not in ended.told
    assert "ERROR" not in ended.err


async def test_the_end_of_input_ends_it_when_all_is_answered(byalag: Command) -> None:
    ended = await byalag("run", typed="/start\n/help\n")

    assert ended.status == 0
    assert ended.out.count("← bot]") == 2
    assert "error" not in ended.err


async def test_so_does_quit(byalag: Command) -> None:
    ended = await byalag("run", typed="/start\n:quit\n/help\n")

    assert ended.status == 0
    assert ended.out.count("← bot]") == 1


async def test_no_input_at_all_ends_it_too(byalag: Command) -> None:
    assert (await byalag("run")).status == 0


async def test_a_kill_loses_nothing_that_was_taken(byalag: Command) -> None:
    async with byalag.running() as bot:
        await bot.ready()
        for _ in range(5):
            bot.type("/start")
        await bot.says("#2")
        await bot.stop(signal.SIGKILL)

    ended = await byalag("run", typed="/help\n")

    assert ended.status == 0
    assert "error" not in ended.err


async def test_a_stop_waits_for_what_is_on_its_way(byalag: Command) -> None:
    async with TelegramEmulator() as telegram:
        alva = telegram.person("Alva")
        token = {"telegram_token": telegram.token, "telegram_api_base": telegram.root, "telegram_poll_timeout": 1}
        async with byalag.running(**token) as bot:
            await bot.ready()
            telegram.delay("sendMessage", 1.0, times=1)
            await alva.send(alva.private, "/start")
            await telegram.wait_until_handled()
            ended = await bot.stop()

        async with byalag.running(**token) as bot:
            await bot.ready()
            await alva.private.wait_for_message(contains="Byalag")
            again = await bot.stop()

        assert (ended.status, again.status) == (0, 0)
        assert len(alva.private.messages) == 2, "her word, and one answer"
