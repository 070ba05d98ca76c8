"""The unit of work: what a batch of events reads and changes, in one transaction.

Rules
-----
* Records are frozen; a change is a new record given to `save`. Later events of the batch see it at once.
* `get` and `by` read each record at most once; `load` reads many in one query. Known absences are remembered too.
* `select` runs any query after what is staged was flushed, so it sees everything.
* `flush` writes by kind of record: few `executemany`, whatever the number of events.
* Who opened the transaction commits it; a unit of work is then over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import LargeBinary, Select, Table, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Delete, Insert, Update

from bot.crypto import Keyring
from bot.store import direct
from bot.store.among import among, one_of, padded
from bot.store.mapping import MAPPINGS, Key, Mapping, mapping_of
from bot.store.schema import metadata

R = TypeVar("R")

CHUNK = 500
"""Keys in one query: well below the engines' limits on parameters."""


class Missing(LookupError):
    """A record that must exist does not."""


class UnitOfWork:
    """Reads and staged changes of one transaction on one connection."""

    def __init__(self, connection: AsyncConnection, keys: Keyring) -> None:
        self.connection = connection
        self.keys = keys
        self._known: dict[type[Any], dict[Key, Any]] = defaultdict(dict)
        self._others: dict[type[Any], dict[Any, Key | None]] = defaultdict(dict)
        self._added: dict[type[Any], dict[Key, Any]] = defaultdict(dict)
        self._changed: dict[type[Any], set[Key]] = defaultdict(set)
        self._removed: dict[type[Any], set[Key]] = defaultdict(set)
        self.new_kinds: set[type[Any]] = set()
        """The kinds of records that were ever added here."""

    async def get(self, record: type[R], *key: Any) -> R | None:
        """Give the record with this primary key, or None."""
        known = self._known[record]
        if key not in known:
            await self.load(record, [key])
        return cast("R | None", known[key])

    async def need(self, record: type[R], *key: Any) -> R:
        """Give the record with this primary key; `Missing` if there is none."""
        found = await self.get(record, *key)
        if found is None:
            raise Missing(record.__name__, key)
        return found

    async def by(self, record: type[R], value: Any) -> R | None:
        """Give the record found by its other unique field, or None."""
        others = self._others[record]
        if value not in others:
            await self.load_by(record, [value])
        key = others[value]
        return None if key is None else cast("R | None", self._known[record][key])

    async def load(self, record: type[Any], keys: Iterable[Key]) -> None:
        """Read many records by primary key in one query, those not known yet."""
        known = self._known[record]
        mapping = mapping_of(record)
        wanted = [key for key in dict.fromkeys(keys) if key not in known]
        for chunk in _chunks(wanted):
            alone = len(mapping.key_columns) == 1
            await self._read(mapping, mapping.key_columns, [key[0] for key in chunk] if alone else chunk)
            for key in chunk:
                known.setdefault(key, None)

    async def load_by(self, record: type[Any], values: Iterable[Any]) -> None:
        """Read many records by their other unique field in one query, those not known yet."""
        others = self._others[record]
        mapping = mapping_of(record)
        wanted = [value for value in dict.fromkeys(values) if value not in others]
        for chunk in _chunks(wanted):
            await self._read(mapping, (mapping.other,), chunk)
            for value in chunk:
                others.setdefault(value, None)

    async def select(self, record: type[R], build: Any, values: dict[str, Any] | None = None) -> list[R]:
        """Give the records of a query on the record's table: `build` takes ``select(table)`` and refines it.

        `values` are those of its parameters.
        """
        await self.flush()
        mapping = mapping_of(record)
        query: Select[Any] = build(select(mapping.table))
        return [self._meet(mapping, row) for row in await self._rows(query, values)]

    async def look(self, query: Select[Any], values: dict[str, Any] | None = None) -> Sequence[Any]:
        """Give the rows of a query about what this unit of work does not change: nothing is flushed before."""
        return await self._rows(query, values)

    def added(self, record: type[R]) -> list[R]:
        """Give the new records that are staged and not flushed yet."""
        return list(self._added[record].values())

    def met(self, record: type[R]) -> list[R]:
        """Give the records that this unit of work has read or staged, as they are now."""
        return [one for one in self._known[record].values() if one is not None]

    async def rows(self, query: Select[Any], values: dict[str, Any] | None = None) -> Sequence[Any]:
        """Give the rows of any query, after what is staged was flushed; one with values is made once and kept."""
        await self.flush()
        return await self._rows(query, values)

    async def _rows(self, query: Select[Any], values: dict[str, Any] | None) -> Sequence[Any]:
        """Give the rows of a query: one that has values is made once and kept."""
        if values is not None:
            return await direct.read(self.connection, query, values)
        found: Sequence[Any] = (await self.connection.execute(query)).all()
        return found

    def add(self, record: Any) -> None:
        """Stage a new record."""
        mapping = mapping_of(type(record))
        key = mapping.key(record)
        self.new_kinds.add(type(record))
        self._known[type(record)][key] = record
        if key in self._removed[type(record)]:
            self._removed[type(record)].discard(key)
            self._changed[type(record)].add(key)
        else:
            self._added[type(record)][key] = record
        if mapping.other:
            self._others[type(record)][getattr(record, mapping.other)] = key

    def save(self, record: Any) -> None:
        """Stage a changed record (or the newer form of one just added)."""
        kind = type(record)
        mapping = mapping_of(kind)
        key = mapping.key(record)
        before = self._known[kind].get(key)
        self._known[kind][key] = record
        self._removed[kind].discard(key)
        if key in self._added[kind]:
            self._added[kind][key] = record
        else:
            self._changed[kind].add(key)
        if mapping.other:
            if before is not None and getattr(before, mapping.other) != getattr(record, mapping.other):
                self._others[kind][getattr(before, mapping.other)] = None
            self._others[kind][getattr(record, mapping.other)] = key

    def remove(self, record: Any) -> None:
        """Stage a removal."""
        kind = type(record)
        mapping = mapping_of(kind)
        key = mapping.key(record)
        self._known[kind][key] = None
        if mapping.other:
            self._others[kind][getattr(record, mapping.other)] = None
        self._changed[kind].discard(key)
        if self._added[kind].pop(key, None) is None:
            self._removed[kind].add(key)

    async def flush(self) -> None:
        """Write what is staged: removals, then changes and additions, each table in the order of its references.

        Names that a removal or a change gives up are free for an addition.
        """
        if not (any(self._removed.values()) or any(self._added.values()) or any(self._changed.values())):
            return
        for record, table in reversed(_IN_ORDER):
            if self._removed[record]:
                await self._execute(_delete(table), [_named(table, key) for key in self._removed[record]])
                self._removed[record].clear()
        for record, table in _IN_ORDER:
            mapping = mapping_of(record)
            if self._changed[record]:
                known = self._known[record]
                rows = [
                    {**mapping.to_row(known[key], self.keys), **_named(table, key)} for key in self._changed[record]
                ]
                await self._execute(_update(table), rows)
                self._changed[record].clear()
            if self._added[record]:
                rows = [mapping.to_row(added, self.keys) for added in self._added[record].values()]
                await self._execute(_insert(table, self.connection.dialect.name), rows)
                self._added[record].clear()

    async def _execute(self, statement: Insert | Update | Delete, rows: list[dict[str, Any]]) -> None:
        await direct.write(self.connection, statement, rows)

    async def _read(self, mapping: Mapping, columns: tuple[str, ...], keys: list[Any]) -> None:
        dialect = self.connection.dialect.name
        values: dict[str, Any] = {"keys": keys}
        if dialect == "sqlite" and isinstance(mapping.table.c[columns[0]].type, LargeBinary):
            keys = padded(keys)
            statement = _select_some(mapping.table, columns[0], len(keys))
            values = {f"key_{place}": key for place, key in enumerate(keys)}
        else:
            statement = _select(mapping.table, columns, dialect)
        for row in await direct.read(self.connection, statement, values):
            self._meet(mapping, row)

    def _meet(self, mapping: Mapping, row: Any) -> Any:
        """Give the record of a row: the one known already, where there is one."""
        known = self._known[mapping.record]
        record = mapping.from_row(row, self.keys)
        key = mapping.key(record)
        if known.get(key) is not None:
            return known[key]
        if key in self._removed[mapping.record]:
            return record
        known[key] = record
        if mapping.other:
            self._others[mapping.record].setdefault(getattr(record, mapping.other), key)
        return record


_RECORDS: dict[Table, type[Any]] = {mapping.table: record for record, mapping in MAPPINGS.items()}
_IN_ORDER = [(_RECORDS[table], table) for table in metadata.sorted_tables if table in _RECORDS]
"""Every kind of record with its table, what is referred to first."""
_STATEMENTS: dict[tuple[str, Table, str], Any] = {}
KEPT_ONCE = {"outbox", "due", "note"}
"""The tables whose rows of one `unique_key` are one row: a second one that would wait is passed over."""
KEPT_LATEST = "prompted"
"""The table of which only the latest row of a key counts: adding one replaces what was there."""


@cache
def _select(table: Table, columns: tuple[str, ...], dialect: str) -> Select[Any]:
    return select(table).where(among(dialect, "keys", *(table.c[name] for name in columns)))


@cache
def _select_some(table: Table, column: str, count: int) -> Select[Any]:
    return select(table).where(one_of(table.c[column], count))


def _insert(table: Table, dialect: str) -> Insert:
    made = _STATEMENTS.get(("insert", table, dialect))
    if made is None:
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
        _STATEMENTS["insert", table, dialect] = made
    return cast("Insert", made)


def _update(table: Table) -> Update:
    made = _STATEMENTS.get(("update", table, ""))
    if made is None:
        names = [column.name for column in table.columns if not column.primary_key]
        made = _by_key(update(table), table).values({name: bindparam(name) for name in names})
        _STATEMENTS["update", table, ""] = made
    return cast("Update", made)


def _delete(table: Table) -> Delete:
    made = _STATEMENTS.get(("delete", table, ""))
    if made is None:
        made = _STATEMENTS["delete", table, ""] = _by_key(delete(table), table)
    return cast("Delete", made)


def _by_key(statement: Any, table: Table) -> Any:
    for column in table.primary_key.columns:
        statement = statement.where(column == bindparam(f"key_{column.name}", type_=column.type))
    return statement


def _named(table: Table, key: Key) -> dict[str, Any]:
    return {f"key_{column.name}": value for column, value in zip(table.primary_key.columns, key, strict=True)}


def _chunks(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
