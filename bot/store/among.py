"""Rows by many keys: one text of the statement however many there are, and a search of the index for each.

SQLite goes through the whole table where several columns are compared with a list, and compiles a statement anew for
each length of it; so there the keys are one JSON text, and a subquery. PostgreSQL takes a list well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, LargeBinary, Text, bindparam, func, literal_column, select, tuple_
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Listed(TypeDecorator[Any]):
    """Keys as SQLite reads them: a JSON text, ids as the columns keep them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 (SQLAlchemy's signature)
        """Write the keys."""
        return msgspec.json.encode([_plain(key) for key in value]).decode()


def among(dialect: str, name: str, *columns: Column[Any]) -> Any:
    """Give the condition that the columns are one of some keys: the parameter `name`.

    Its value is a list of tuples, or of plain values where there is but one column.
    """
    if dialect != "sqlite" or isinstance(columns[0].type, LargeBinary):
        return _together(columns).in_(bindparam(name, expanding=True))
    each = func.json_each(bindparam(name, type_=Listed())).table_valued("value")
    if len(columns) == 1:
        return columns[0].in_(select(each.c.value))
    parts = [func.json_extract(each.c.value, literal_column(f"'$[{place}]'")) for place in range(len(columns))]
    return _together(columns).in_(select(*parts))


@cache
def one_of(column: Column[Any], count: int) -> Any:
    """Give the condition that a column is one of `count` keys: the parameters `key_0`, `key_1` and so on."""
    return column.in_([bindparam(f"key_{place}", type_=column.type) for place in range(count)])


def padded(keys: list[Any]) -> list[Any]:
    """Repeat the last key until they are 1, 2, 4, 8 or more, so that there are few texts of a statement."""
    return keys + keys[-1:] * ((1 << (len(keys) - 1).bit_length()) - len(keys))


def _together(columns: Sequence[Column[Any]]) -> Any:
    return columns[0] if len(columns) == 1 else tuple_(*columns)


def _plain(key: Any) -> Any:
    if isinstance(key, tuple):
        return [_plain(part) for part in key]
    return key.hex if isinstance(key, UUID) else key
