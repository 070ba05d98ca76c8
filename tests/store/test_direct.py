"""The short way to the database gives what SQLAlchemy gives, on both engines."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from uuid6 import uuid7

from bot.crypto import Keyring
from bot.domain.ideas import Idea
from bot.store import direct
from bot.store.among import among
from bot.store.engine import Database
from bot.store.mapping import MAPPINGS, mapping_of
from bot.store.records import Inbox
from tests.store import some
from tests.store.some import keep


async def test_every_column_of_every_table_reads_as_through_sqlalchemy(database: Database, keys: Keyring) -> None:
    await keep(database, keys, *some.one_of_each(keys))

    async with database.transaction() as connection:
        for record in set(MAPPINGS) - {Inbox}:
            query = select(mapping_of(record).table)
            usual = (await connection.execute(query)).all()
            short = await direct.read(connection, query, {})
            assert usual, f"no {record.__name__} to compare"
            assert [tuple(row) for row in short] == [tuple(row) for row in usual]


async def test_many_rows_are_written_and_found_however_many(database: Database, keys: Keyring) -> None:
    await keep(database, keys, *some.one_of_each(keys))
    table = mapping_of(Idea).table
    fresh = [uuid7() for _ in range(direct.FEW + 1)]
    adding = insert(table).values({column.name: bindparam(column.name, type_=column.type) for column in table.c})

    async with database.transaction() as connection:
        row, *rest = (await connection.execute(select(table))).mappings()
        await direct.write(
            connection,
            adding,
            [{**row, "id": each, "number": number} for number, each in enumerate(fresh, 2 + len(rest))],
        )
        query = select(table.c.id).where(among(connection.dialect.name, "ids", table.c.id)).order_by(table.c.id)
        for wanted in (fresh[:1], fresh[: direct.FEW], fresh):
            found = await direct.read(connection, query, {"ids": wanted})
            assert [each[0] for each in found] == sorted(wanted)
        assert await direct.read(connection, query, {"ids": []}) == []


async def test_what_the_database_refuses_is_sqlalchemys_error_and_tells_no_values(
    database: Database, keys: Keyring
) -> None:
    await keep(database, keys, *some.one_of_each(keys))
    table = mapping_of(Idea).table
    adding = insert(table).values({column.name: bindparam(column.name, type_=column.type) for column in table.c})

    async with database.transaction() as connection:
        row, *rest = (await connection.execute(select(table))).mappings()
    with pytest.raises(IntegrityError) as refused:
        async with database.transaction() as connection:
            await direct.write(connection, adding, [dict(row)])

    assert row["id"].hex not in str(refused.value).replace("-", "")
    async with database.transaction() as connection:
        assert len((await connection.execute(select(table))).all()) == 1 + len(rest), "the rollback rolled back"


async def test_on_sqlite_little_stays_on_the_loop_and_much_leaves_it(sqlite_database: Database) -> None:
    threads: list[str] = []

    def note(*_any: Any) -> int:
        threads.append(threading.current_thread().name)
        return 1

    async with sqlite_database.transaction() as connection:
        fairy = await connection.get_raw_connection()
        assert fairy.driver_connection is not None
        await fairy.driver_connection.create_function("note", 0, note)
        for here in (True, False):
            await direct._run(connection, "SELECT note()", [], many=False, here=here)

    here, elsewhere = threads
    assert here == threading.current_thread().name != elsewhere
