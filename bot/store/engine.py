"""Opens the database: SQLite in WAL mode by aiosqlite, or PostgreSQL by asyncpg.

SQLite's driver would begin transactions by itself, too late and too weak; here every transaction of a writer begins
with an explicit ``BEGIN IMMEDIATE``, and a commit is on the disk when it returns (``synchronous=FULL``).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.store.connection import connect

BUSY_SECONDS = 30
PRAGMAS = (
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
)

DatabaseError = SQLAlchemyError
"""Whatever goes wrong with the database."""

RefusedByDatabase = (IntegrityError, DataError)
"""The rows themselves were refused: trying again changes nothing. Anything else may pass."""


class ChangedMeanwhile(SQLAlchemyError):
    """Others changed or removed what was to be written, after it was read: do it again with what is there now."""


class BadAddress(ValueError):
    """What should be a database's address is none."""


class Database:
    """The engine, and how transactions begin. One per process. Raises `BadAddress`."""

    def __init__(self, url: str) -> None:
        try:
            self.url: URL = make_url(url)
        except (ArgumentError, ValueError):
            raise BadAddress from None
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.sqlite else _postgresql(self.url)
        # SQLite takes one writer at a time; who waits here is called at once and in turn, who waits there asks again.
        self._turn = asyncio.Lock() if self.sqlite else contextlib.nullcontext()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Begin; commit at the end of the block, roll back on an exception."""
        async with self._turn, contextlib.AsyncExitStack() as end:
            try:
                connection = await end.enter_async_context(self.engine.begin())
            except OSError as error:
                raise OperationalError("connect", None, error) from error  # asyncpg's own: nobody answers there
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Begin what only reads, of one moment, and may take its time: it holds up nobody who writes."""
        options: dict[str, Any] = {"only_reads": True}
        if not self.sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        async with contextlib.AsyncExitStack() as end:
            try:
                connection = await end.enter_async_context(self.engine.execution_options(**options).begin())
            except OSError as error:
                raise OperationalError("connect", None, error) from error
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _sqlite(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url, poolclass=AsyncAdaptedQueuePool, pool_size=5, max_overflow=0,
        async_creator=lambda: connect(url.database or "", BUSY_SECONDS), hide_parameters=True,
    )  # fmt: skip

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            for pragma in PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            connection.close()
            raise OperationalError("PRAGMA", None, error) from error
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Any) -> None:
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(url, pool_size=8, max_overflow=2, pool_pre_ping=True, hide_parameters=True)
