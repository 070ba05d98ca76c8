"""Delivery is tested on both engines, with time that only passes when told."""

from __future__ import annotations

import pytest

from bot.crypto import Keyring
from bot.store.engine import Database
from tests.delivery.post import Post


@pytest.fixture
def post(database: Database, keys: Keyring) -> Post:
    """The delivery of one process, and the network it sends to."""
    return Post(database, keys)


@pytest.fixture
def big_post(sqlite_database: Database, keys: Keyring) -> Post:
    """The same on SQLite alone: for what takes many turns."""
    return Post(sqlite_database, keys)
