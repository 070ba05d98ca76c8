"""Delivery is tested on both engines, with time that only passes when told."""

from __future__ import annotations

import pytest

from bot.crypto import Keyring
from bot.store.engine import Database
from tests.delivery.post import Post
from tests.store.engines import (  # noqa: F401
    database,
    engine,
    keys,
    postgresql,
    postgresql_database,
    sqlite_database,
    sqlite_with_tables,
)


@pytest.fixture
def post(database: Database, keys: Keyring) -> Post:  # noqa: F811
    """The delivery of one process, and the network it sends to."""
    return Post(database, keys)


@pytest.fixture
def big_post(sqlite_database: Database, keys: Keyring) -> Post:  # noqa: F811
    """The same on SQLite alone: for what takes many turns."""
    return Post(sqlite_database, keys)
