"""A town that can be listened in on: what the bot logs, at every level, and what it keeps, byte by byte."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs
from tests.story.world import Town
from tests.story.world import town as founded


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that would be written to the standard error, logging set up as the bot does it, at DEBUG."""
    written = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    monkeypatch.setattr(sys, "stderr", written)
    logs.set_up("DEBUG", readable=False)
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def town(log: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town with the bot at work, and its log."""
    async with founded(tmp_path, monkeypatch, {"BYALAG_LOG_LEVEL": "DEBUG"}) as made:
        yield made
