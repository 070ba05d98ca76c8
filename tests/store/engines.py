"""Both engines, with a fresh database for each test: a SQLite file, and a real PostgreSQL.

What asks for `database` or `empty` runs on each engine.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.crypto import Keyring, make_keys
from bot.store.engine import Database
from bot.store.schema import metadata
from tests.peers.postgres import PostgreSQL

ENGINES = ("sqlite", "postgresql")
_with_tables: dict[PostgreSQL, str] = {}


def asynchronous(url: str) -> str:
    """Give an operator's address as SQLAlchemy takes it."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


async def postgresql_with_tables(server: PostgreSQL) -> str:
    """Make a database with all tables; gives its name."""
    if server not in _with_tables:
        name = await server.database()
        database = Database(asynchronous(server.url(name)))
        async with database.transaction() as connection:
            await connection.run_sync(metadata.create_all)
        await database.close()
        _with_tables[server] = name
    return await server.database(like=_with_tables[server])


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "tables.db"
    made = create_engine(f"sqlite:///{path}")
    metadata.create_all(made)
    made.dispose()
    return path


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine's name."""
    return str(request.param)


@pytest.fixture
async def empty(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without any table."""
    if engine == "sqlite":
        made = Database(f"sqlite+aiosqlite:///{tmp_path / 'byalag.db'}")
        yield made
        await made.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = await server.database()
    made = Database(asynchronous(server.url(name)))
    yield made
    await made.close()
    await server.drop(name)


@pytest.fixture
async def database(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with all tables, and nothing in them."""
    if engine == "sqlite":
        path = tmp_path / "byalag.db"
        shutil.copy(request.getfixturevalue("sqlite_with_tables"), path)
        made = Database(f"sqlite+aiosqlite:///{path}")
        yield made
        await made.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = await postgresql_with_tables(server)
    made = Database(asynchronous(server.url(name)))
    yield made
    await made.close()
    await server.drop(name)


@pytest.fixture
async def sqlite_database(tmp_path: Path, sqlite_with_tables: Path) -> AsyncIterator[Database]:
    """A SQLite file with all tables: for what is the same on each engine, and big."""
    path = shutil.copy(sqlite_with_tables, tmp_path / "byalag.db")
    made = Database(f"sqlite+aiosqlite:///{path}")
    yield made
    await made.close()


@pytest.fixture
async def postgresql_database(postgresql: PostgreSQL) -> AsyncIterator[Database]:
    """A PostgreSQL database with all tables: for what only several processes do."""
    name = await postgresql_with_tables(postgresql)
    made = Database(asynchronous(postgresql.url(name)))
    yield made
    await made.close()
    await postgresql.drop(name)


@pytest.fixture
def keys() -> Keyring:
    """Fresh keys."""
    return Keyring(make_keys())
