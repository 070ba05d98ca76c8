"""aiosqlite with one hop between threads a statement, where it makes four: cursor, execution, rows and closing at once.

A hop costs ten times what SQLite needs for a usual statement. All rows of a result are fetched, as SQLAlchemy does too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite

T = TypeVar("T")


class Cursor:
    """What SQLAlchemy uses of a cursor; it is on no thread, and its result is there when the statement has run."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] | None = None) -> None:
        """Run a statement."""
        await self._run("execute", operation, () if parameters is None else parameters)

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each set of parameters."""
        await self._run("executemany", operation, parameters)

    async def fetchall(self) -> list[Any]:
        """Give all rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open."""

    async def _run(self, how: str, operation: str, parameters: Any) -> None:
        def run(connection: sqlite3.Connection) -> None:
            cursor = connection.cursor()
            getattr(cursor, how)(operation, parameters)
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            if self.description:
                self._rows = cursor.fetchall()
            cursor.close()

        await self._connection.elsewhere(run, self._connection.raw)


class Connection(aiosqlite.Connection):
    """A connection of aiosqlite with these cursors."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """Give a cursor."""
        return Cursor(self)

    @property
    def raw(self) -> sqlite3.Connection:
        """The driver's connection; whoever holds a transaction on it may use it on any thread."""
        return self._conn

    async def elsewhere(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run a function on the connection's thread."""
        given: T = await self._execute(function, *arguments)  # type: ignore[no-untyped-call]
        return given


async def connect(path: str, busy_seconds: float) -> Connection:
    """Open a database file."""
    made = Connection(lambda: sqlite3.connect(path, timeout=busy_seconds, check_same_thread=False), iter_chunk_size=64)
    made._thread.daemon = True  # noqa: SLF001 (as SQLAlchemy does: a forgotten connection must not hold up the end)
    try:
        await made
    except BaseException:
        made._thread.join()  # noqa: SLF001 (it only has to end, and must not speak to a loop that has ended before it)
        raise
    return made
