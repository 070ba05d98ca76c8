"""Telegram: the contract of all adapters, by asking and by webhook, and what is Telegram's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.contract import AdapterContract
from tests.adapters.telegram_driver import TelegramDriver, host
from tests.peers.telegram import TelegramEmulator


class TestByAsking(AdapterContract):
    @pytest.fixture
    async def driver(self) -> AsyncIterator[TelegramDriver]:
        async with TelegramEmulator() as server:
            yield TelegramDriver(server)
            assert not server.violations


class TestByWebhook(AdapterContract):
    @pytest.fixture
    async def driver(self) -> AsyncIterator[TelegramDriver]:
        async with TelegramEmulator(webhook_backoff=0.01, ephemeral="support") as server, host() as pages:
            yield TelegramDriver(server, pages)
            assert not server.violations
