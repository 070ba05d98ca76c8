"""Nine days between two meetings, played on two stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.synapse import Synapse, synapse  # noqa: F401 (a fixture)
from tests.story.in_memory import hamlet
from tests.story.nine_days import BEGIN, nine_days
from tests.story.nine_networks import village
from tests.there import printer  # noqa: F401


@pytest.mark.usefixtures("printer")
async def test_nine_days_on_two_networks_that_only_remember(tmp_path: Path) -> None:
    async with hamlet(tmp_path, BEGIN) as village:
        await nine_days(village)


@pytest.mark.xdist_group("both")
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("printer")
async def test_nine_days_on_two_networks(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    async with village(synapse, tmp_path, monkeypatch, BEGIN) as made:
        await nine_days(made)
