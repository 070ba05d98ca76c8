"""Matrix: the contract of all adapters, in the clear and encrypted, on a real Synapse, and what is Matrix's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.contract import AdapterContract
from tests.adapters.matrix_driver import MatrixDriver
from tests.peers.synapse import Synapse, synapse  # noqa: F401 (a fixture)
from tests.peers.synapse.gate import Gate

pytestmark = pytest.mark.xdist_group("synapse")


class TestInTheClear(AdapterContract):
    lacks = frozenset({"alerts", "menus"})

    @pytest.fixture
    async def driver(self, synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:  # noqa: F811 (the fixture)
        async with Gate(synapse.url).open() as gate:
            made = MatrixDriver(synapse, gate, tmp_path)
            yield made
            await made.close()


class TestEncrypted(AdapterContract):
    lacks = frozenset({"alerts", "menus"})

    @pytest.fixture
    async def driver(self, synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:  # noqa: F811 (the fixture)
        async with Gate(synapse.url).open() as gate:
            made = MatrixDriver(synapse, gate, tmp_path, encrypted=True)
            yield made
            await made.close()
