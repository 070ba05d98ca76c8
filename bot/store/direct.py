"""What every event asks of the database, by the shortest way.

`read` and `write` run statements that are made once and kept. On SQLite they go past SQLAlchemy's execution, on its
connection and in its transaction: compiled once, and given to the driver where we are. For a search by key that way
takes a tenth of the time; what is seldom, or made anew each time, goes through SQLAlchemy as usual.

Rules
-----
* What is short runs on the event loop: it takes less time than a hop to the connection's thread. What has many keys or
  rows hops. Commits always do, since they wait for the disk.
* Errors are SQLAlchemy's, and tell no values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

FEW = 100
"""Up to so many keys or rows, a statement takes less time than a hop to another thread."""

PLANS = 1000
"""So many compiled statements are kept; a made-anew query that strays here costs a compilation, not memory."""

Processor = Callable[[Any], Any] | None

_dialect = SQLiteDialect_aiosqlite()


async def read(connection: AsyncConnection, statement: Executable, values: Mapping[str, Any]) -> Sequence[Any]:
    """Give the rows of a query that is kept."""
    plan = _plan(statement) if connection.dialect.name == "sqlite" else None
    if plan is None:
        return (await connection.execute(statement, values)).all()
    few = all(len(value) <= FEW for value in values.values() if isinstance(value, list))
    rows = await _run(connection, plan.sql, plan.given(values), many=False, here=few)
    readers = plan.readers
    return [[reader(value) if reader else value for reader, value in zip(readers, row, strict=True)] for row in rows]


async def write(connection: AsyncConnection, statement: Executable, rows: list[dict[str, Any]]) -> None:
    """Run a statement that is kept, for each row."""
    if not rows:
        return
    plan = _plan(statement) if connection.dialect.name == "sqlite" else None
    if plan is None:
        await connection.execute(statement, rows)
    else:
        given = [plan.given(row) for row in rows]
        await _run(connection, plan.sql, given, many=True, here=len(rows) <= FEW)


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled statement: its text, its parameters in order, its fixed values, and how to read its columns."""

    sql: str
    names: tuple[tuple[str, Processor], ...]
    fixed: dict[str, Any]
    readers: tuple[Processor, ...]

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """Give the parameters as the driver takes them."""
        if self.fixed:
            values = {**self.fixed, **values}
        return [write(values[name]) if write else values[name] for name, write in self.names]


@lru_cache(maxsize=PLANS)
def _plan(statement: Any) -> Plan | None:
    """Compile; None for what has to be compiled each time, since its text depends on its values."""
    compiled = statement.compile(dialect=_dialect)
    if compiled.post_compile_params or compiled.literal_execute_params:
        return None
    types = {name: bind.type.dialect_impl(_dialect) for name, bind in compiled.binds.items()}
    names = tuple((name, types[name].bind_processor(_dialect)) for name in compiled.positiontup or ())
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    columns = statement.selected_columns if statement.is_select else ()
    readers = tuple(column.type.dialect_impl(_dialect).result_processor(_dialect, None) for column in columns)
    return Plan(str(compiled), names, fixed, readers)


async def _run(connection: AsyncConnection, sql: str, given: Any, *, many: bool, here: bool) -> list[Any]:
    sync = connection.sync_connection
    assert sync is not None  # noqa: S101 (it has begun)
    for watch in sync.dispatch.before_cursor_execute:
        watch(sync, None, sql, given, None, many)
    driver: Any = sync.connection.driver_connection

    def run() -> list[Any]:
        cursor = driver.raw.executemany(sql, given) if many else driver.raw.execute(sql, given)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
        cursor.close()
        return rows

    try:
        return run() if here else await driver.elsewhere(run)
    except sqlite3.Error as error:
        told = DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True)
        raise told from error
