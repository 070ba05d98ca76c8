"""The town of the stories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.story.world import Town
from tests.story.world import town as founded


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town with the bot at work."""
    async with founded(tmp_path, monkeypatch) as made:
        yield made
