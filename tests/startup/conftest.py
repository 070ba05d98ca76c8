"""The commands, each test with a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.startup.command import Command, Warm, warm_process


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """The bot's code, loaded once."""
    with warm_process() as process:
        yield process


@pytest.fixture
def byalag(warm: Warm, tmp_path: Path) -> Command:
    """The commands, in an empty folder."""
    return Command(warm, tmp_path)
