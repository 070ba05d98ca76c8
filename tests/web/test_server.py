"""The pages and the webhook of the whole bot, with Telegram calling it."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from bot.app import Bot, CannotStart
from bot.settings import Settings
from bot.store import invitations
from bot.web.pages import Pages
from tests.peers.telegram import TelegramEmulator
from tests.store import some

PATIENCE = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[Bot]:
    task = asyncio.create_task(bot.run())
    try:
        yield bot
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator(webhook_backoff=0.02) as server:
        yield server
        assert not server.violations


@pytest.fixture
def bot(telegram: TelegramEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    port = free_port()
    for name, value in {
        "TELEGRAM_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.root,
        "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "TELEGRAM_RATE": "0",
        "PORT": str(port),
        "DATA": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"BYALAG_{name}", value)
    return Bot(Settings())


async def get(bot: Bot, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session:
        for _ in range(PATIENCE * 20):
            with suppress(aiohttp.ClientConnectionError):
                async with session.get(f"http://127.0.0.1:{bot.settings.port}{path}") as response:
                    return response.status, await response.text()
            await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")


async def post(bot: Bot, path: str, body: bytes | io.BytesIO, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{bot.settings.port}{path}", data=body, headers=headers) as response,
    ):
        return response.status


async def test_telegram_calls_and_is_answered(bot: Bot, telegram: TelegramEmulator) -> None:
    async with running(bot):
        assert (await get(bot, "/readyz"))[0] == 200
        alva = telegram.person("Alva", language_code="sv")
        await alva.send(alva.private, "/start")
        greeting = await alva.private.wait_for_message(contains="Byalag", timeout=PATIENCE)
        await alva.press(greeting, greeting.labels[0], timeout=PATIENCE)
        await alva.private.wait_for_message(contains="kommun", timeout=PATIENCE)


async def test_only_telegram_is_let_in(bot: Bot, telegram: TelegramEmulator) -> None:
    async with running(bot):
        await get(bot, "/healthz")
        update = b'{"update_id": 1, "message": {}}'
        assert await post(bot, "/webhook/telegram", update, {}) == 403
        assert await post(bot, "/webhook/telegram", update, {"X-Telegram-Bot-Api-Secret-Token": "guess"}) == 403
        assert await post(bot, "/webhook/matrix", update, {}) == 404
        assert await post(bot, "/webhook/telegram", io.BytesIO(b"x" * (2 << 20)), {}) == 413
        assert bot.intake.received == 0


async def test_what_could_not_be_stored_is_not_acknowledged(bot: Bot, telegram: TelegramEmulator) -> None:
    async with running(bot):
        await get(bot, "/readyz")
        alva = telegram.person("Alva", language_code="sv")
        async with bot.database.transaction() as connection:
            await connection.exec_driver_sql("ALTER TABLE inbox RENAME TO away")
        await alva.send(alva.private, "/start")
        await alva.private.wait_until(lambda: bool(telegram.core.webhook.info.last_error))
        assert len(telegram.pending_updates) == 1
        async with bot.database.transaction() as connection:
            await connection.exec_driver_sql("ALTER TABLE away RENAME TO inbox")
        await alva.private.wait_for_message(contains="Byalag", timeout=PATIENCE)


async def test_health_and_figures_tell_how_it_is(bot: Bot, telegram: TelegramEmulator) -> None:
    async with running(bot):
        assert (await get(bot, "/healthz")) == (200, "ok\n")
        alva = telegram.person("Alva", language_code="sv")
        await alva.send(alva.private, "/start")
        await alva.private.wait_for_message(contains="Byalag", timeout=PATIENCE)
        await bot.settled()
        _status, figures = await get(bot, "/metrics")
        assert "byalag_events_handled_total 1.0" in figures
        assert "byalag_messages_sent_total 1.0" in figures
        assert "Alva" not in figures


async def test_a_webhook_needs_a_port(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYALAG_PORT", "0")
    with pytest.raises(CannotStart, match="BYALAG_PORT"):
        await Bot(Settings()).run()


async def test_a_harvest_is_read_where_a_host_opened_it(bot: Bot) -> None:
    async with running(bot):
        assert (await get(bot, "/healthz"))[0] == 200
        town = some.conversation(question="<b>What</b> do we want?")
        alva = some.participant(town, role="host")
        async with some.work(bot.database, bot.keys) as uow:
            for record in (town, alva, some.idea(alva)):
                uow.add(record)
            _made, code = invitations.make(uow, town, alva, "page", bot.clock(), some.uuid7)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{bot.settings.port}") as session:
            async with session.get(f"/c/{code}") as answer:
                page = await answer.text()
                assert answer.status == 200
                assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Robots-Tag"] == "noindex"
            assert "&lt;b&gt;What&lt;/b&gt; do we want?" in page
            assert "A bench by the lake" in page
            for wrong in (code[:-1], code[::-1], "ABC234", "%00" * 22, "..%2f..%2fetc"):
                async with session.get(f"/c/{wrong}") as answer:
                    assert answer.status == 404, wrong


async def test_an_invitation_has_a_page_that_robots_do_not_use_up(bot: Bot) -> None:
    async with running(bot):
        assert (await get(bot, "/readyz"))[0] == 200
        town = some.conversation(question="<b>What</b> do we want?", why="I live here.", findable="invited")
        over = some.conversation(closed_at=some.NOW)
        alva, bo = some.participant(town, role="host"), some.participant(over)
        async with some.work(bot.database, bot.keys) as uow:
            for record in (town, over, alva, bo):
                uow.add(record)
            made, code = invitations.make(uow, town, alva, "join", bot.clock(), some.uuid7, limit=1, for_whom="young")
            others = [
                invitations.make(uow, of, by, purpose, bot.clock(), some.uuid7)[1]
                for of, by, purpose in ((town, alva, "room"), (town, alva, "page"), (over, bo, "join"))
            ]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{bot.settings.port}") as session:
            for language, words in (("sv-SE,sv;q=0.9", "Fortsätt i Telegram"), ("de", "Go on in Telegram")):
                async with session.get(f"/i/{code}", headers={"Accept-Language": language}) as answer:
                    page = await answer.text()
                    assert answer.status == 200
                    assert answer.headers["X-Robots-Tag"] == "noindex"
                assert words in page
                assert f'href="https://t.me/example_bot?start=i-{code}"' in page
                assert "&lt;b&gt;What&lt;/b&gt; do we want?" in page
            for wrong in (*others, code[::-1]):
                async with session.get(f"/i/{wrong}", headers={"Accept-Language": "sv"}) as answer:
                    assert answer.status == 404, wrong
                    assert "Be den som gav dig den om en ny" in await answer.text()
        async with some.work(bot.database, bot.keys) as uow:
            assert (await uow.need(type(made), town.id, made.id)).used == 0


async def test_a_page_is_written_once_a_minute_for_all_who_read_it() -> None:
    written: list[str] = []
    now = [0.0]

    async def write(code: str, _language: str | None) -> bytes | None:
        written.append(code)
        return code.encode()

    pages = Pages(write, write, lambda: now[0])
    one, other = "x" * 22, "y" * 22
    for code in (one, one, other, one):
        assert await pages._page("c", code, None) == code.encode()
    assert written == [one, other]
    now[0] = 61
    await pages._page("c", one, None)
    assert written == [one, other, one]
