"""The statements of a unit of work, each made once for a table, and kept."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import sqlalchemy
from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.among import among, one_of

KEPT_ONCE = {"outbox", "due", "note"}
"""The tables whose rows of one `unique_key` are one row: a second one that would wait is passed over."""
KEPT_LATEST = "prompted"
"""The table of which only the latest row of a key counts: adding one replaces what was there."""


@cache
def select(table: Table, columns: tuple[str, ...], dialect: str) -> Select[Any]:
    """Give the rows that have some `keys` in these columns."""
    return sqlalchemy.select(table).where(among(dialect, "keys", *(table.c[name] for name in columns)))


@cache
def select_locked(table: Table, columns: tuple[str, ...]) -> Select[Any]:
    """Give those rows, for PostgreSQL; nobody else writes them before the end of the transaction.

    In their order, so that two who want the same wait for each other; what only refers to them need not wait.
    """
    return select(table, columns, "postgresql").order_by(*table.primary_key).with_for_update(key_share=True)


@cache
def select_some(table: Table, column: str, count: int) -> Select[Any]:
    """Give the rows that have one of `count` keys in this column."""
    return sqlalchemy.select(table).where(one_of(table.c[column], count))


@cache
def insert(table: Table, dialect: str) -> Insert:
    """Add rows."""
    maker: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    made = maker(table)
    if table.name in KEPT_ONCE and dialect == "sqlite":
        made = made.on_conflict_do_nothing(index_elements=["unique_key"])
    elif table.name in KEPT_ONCE:
        # Touching the row that waits locks it: nobody takes it before this transaction's changes can be seen.
        same = {"unique_key": made.excluded.unique_key}
        made = made.on_conflict_do_update(index_elements=["unique_key"], set_=same)
    if table.name == KEPT_LATEST:
        rest = {column.name: made.excluded[column.name] for column in table.columns if not column.primary_key}
        made = made.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)
    return cast("Insert", made)


@cache
def update(table: Table) -> Update:
    """Write rows, whole, found by what `named` gives."""
    names = [column.name for column in table.columns if not column.primary_key]
    made = sqlalchemy.update(table).values({name: bindparam(name) for name in names})
    return cast("Update", _by_key(made, table))


@cache
def delete(table: Table) -> Delete:
    """Remove rows, found by what `named` gives."""
    return cast("Delete", _by_key(sqlalchemy.delete(table), table))


def named(table: Table, key: tuple[Any, ...]) -> dict[str, Any]:
    """Give a primary key as `update` and `delete` take it."""
    return {f"key_{column.name}": value for column, value in zip(table.primary_key.columns, key, strict=True)}


def _by_key(statement: Any, table: Table) -> Any:
    for column in table.primary_key.columns:
        statement = statement.where(column == bindparam(f"key_{column.name}", type_=column.type))
    return statement
