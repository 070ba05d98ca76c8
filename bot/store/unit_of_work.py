"""The unit of work: what a batch of events reads and changes, in one transaction.

Rules
-----
* Records are frozen; a change is a new record given to `save`. Later events of the batch see it at once.
* `get` and `by` read each record at most once; `load` reads many in one query. Known absences are remembered too.
* `select` runs any query after what is staged was flushed, so it sees everything.
* `flush` writes by kind of record: few `executemany`, whatever the number of events.
* Rows are written whole. Where others may write meanwhile (PostgreSQL), what is to be written is locked and looked at
  first: what is not as it was read raises `ChangedMeanwhile`, and has to be done again.
* Who opened the transaction commits it; a unit of work is then over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import LargeBinary, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Delete, Insert, Update

from bot.crypto import Keyring
from bot.store import direct, statements
from bot.store.among import padded
from bot.store.engine import ChangedMeanwhile
from bot.store.mapping import MAPPINGS, Key, Mapping, mapping_of
from bot.store.schema import metadata
from bot.store.statements import named

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
        self._shared = connection.dialect.name == "postgresql"
        self._as_read: dict[type[Any], dict[Key, Any]] = defaultdict(dict)
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
        locked = query._for_update_arg is not None  # noqa: SLF001 (there is no other way to ask)
        return [self._meet(mapping, row, locked=locked) for row in await self._rows(query, values)]

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
                await self._look_again(record, self._removed[record])
                await self._execute(statements.delete(table), [named(table, key) for key in self._removed[record]])
                self._removed[record].clear()
        for record, table in _IN_ORDER:
            mapping = mapping_of(record)
            if self._changed[record]:
                await self._look_again(record, self._changed[record])
                known = self._known[record]
                rows = [{**mapping.to_row(known[key], self.keys), **named(table, key)} for key in self._changed[record]]
                await self._execute(statements.update(table), rows)
                self._changed[record].clear()
            if self._added[record]:
                rows = [mapping.to_row(added, self.keys) for added in self._added[record].values()]
                await self._execute(statements.insert(table, self.connection.dialect.name), rows)
                self._added[record].clear()

    async def _look_again(self, record: type[Any], keys: Iterable[Key]) -> None:
        """Lock what is to be written, and raise `ChangedMeanwhile` if anything of it is not as it was read."""
        as_read, mapping = self._as_read[record], mapping_of(record)
        before = {key: as_read.pop(key) for key in keys if key in as_read}
        statement = statements.select_locked(mapping.table, mapping.key_columns)
        for chunk in _chunks(sorted(before)):
            wanted = [key[0] for key in chunk] if len(mapping.key_columns) == 1 else chunk
            rows = await direct.read(self.connection, statement, {"keys": wanted})
            if {mapping.key_in(row): row for row in rows} != {key: before[key] for key in chunk}:
                raise ChangedMeanwhile(record.__name__)

    async def _execute(self, statement: Insert | Update | Delete, rows: list[dict[str, Any]]) -> None:
        await direct.write(self.connection, statement, rows)

    async def _read(self, mapping: Mapping, columns: tuple[str, ...], keys: list[Any]) -> None:
        dialect = self.connection.dialect.name
        values: dict[str, Any] = {"keys": keys}
        if dialect == "sqlite" and isinstance(mapping.table.c[columns[0]].type, LargeBinary):
            keys = padded(keys)
            statement = statements.select_some(mapping.table, columns[0], len(keys))
            values = {f"key_{place}": key for place, key in enumerate(keys)}
        else:
            statement = statements.select(mapping.table, columns, dialect)
        for row in await direct.read(self.connection, statement, values):
            self._meet(mapping, row)

    def _meet(self, mapping: Mapping, row: Any, *, locked: bool = False) -> Any:
        """Give the record of a row: the one known already, where there is one."""
        known = self._known[mapping.record]
        record = mapping.from_row(row, self.keys)
        key = mapping.key(record)
        if known.get(key) is not None:
            return known[key]
        if key in self._removed[mapping.record]:
            return record
        known[key] = record
        if self._shared and not locked:
            self._as_read[mapping.record][key] = row
        if mapping.other:
            self._others[mapping.record].setdefault(getattr(record, mapping.other), key)
        return record


_RECORDS: dict[Table, type[Any]] = {mapping.table: record for record, mapping in MAPPINGS.items()}
_IN_ORDER = [(_RECORDS[table], table) for table in metadata.sorted_tables if table in _RECORDS]
"""Every kind of record with its table, what is referred to first."""


def _chunks(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
