"""Transactions: what is rolled back never was, and on SQLite one writer waits for the other."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.crypto import Keyring
from bot.domain.people import Person
from bot.store.engine import Database, DatabaseError, RefusedByDatabase
from tests.store.some import keep, person, room, say, work


class Changed(Exception):
    """Somebody changed their mind."""


async def test_a_rollback_rolls_back(database: Database, keys: Keyring) -> None:
    alva, bo = person(), person()
    await keep(database, keys, alva)

    async def change() -> None:
        async with work(database, keys) as uow:
            uow.add(bo)
            uow.remove(await uow.need(Person, alva.id))
            await uow.flush()
            raise Changed

    with pytest.raises(Changed):
        await change()

    async with work(database, keys) as uow:
        assert await uow.get(Person, bo.id) is None
        assert await uow.get(Person, alva.id) == alva


async def test_a_refused_row_takes_the_rest_of_its_transaction_with_it(database: Database, keys: Keyring) -> None:
    alva = person()

    with pytest.raises(RefusedByDatabase):
        await keep(database, keys, alva, say(room()))  # to a room that nobody has heard of

    async with work(database, keys) as uow:
        assert await uow.get(Person, alva.id) is None


async def test_foreign_keys_are_held(database: Database, keys: Keyring) -> None:
    there = room()
    await keep(database, keys, there, say(there))

    with pytest.raises(IntegrityError):
        async with work(database, keys) as uow:
            uow.remove(there)


async def test_sqlite_keeps_what_it_acknowledged(sqlite_database: Database) -> None:
    async with sqlite_database.transaction() as connection:
        found = [
            (await connection.execute(text(f"pragma {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert found == ["wal", 2, 1, 30000]


async def test_a_transaction_on_sqlite_is_a_writers_from_its_first_word(sqlite_database: Database) -> None:
    """`BEGIN IMMEDIATE`: nobody can come between what it reads and what it writes."""
    other = sqlite3.connect(str(sqlite_database.url.database), timeout=0)
    async with sqlite_database.transaction() as connection:
        await connection.execute(text("select 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("begin immediate")

    other.execute("begin immediate")
    other.rollback()
    other.close()


async def test_twenty_who_count_at_once_on_sqlite_all_count(sqlite_database: Database) -> None:
    async with sqlite_database.transaction() as connection:
        await connection.execute(text("insert into meta values ('count', '0')"))

    async def count() -> None:
        async with sqlite_database.transaction() as connection:
            found = (await connection.execute(text("select value from meta where name = 'count'"))).scalar_one()
            await connection.execute(text("update meta set value = :value"), {"value": str(int(found) + 1)})

    await asyncio.gather(*(count() for _ in range(20)))

    async with sqlite_database.transaction() as connection:
        assert (await connection.execute(text("select value from meta"))).scalar_one() == "20"


async def test_a_cancelled_transaction_is_rolled_back_and_holds_nobody_up(database: Database, keys: Keyring) -> None:
    alva, begun = person(), asyncio.Event()

    async def dawdle() -> None:
        async with work(database, keys) as uow:
            uow.add(alva)
            await uow.flush()
            begun.set()
            await asyncio.Event().wait()

    dawdling = asyncio.create_task(dawdle())
    await begun.wait()
    dawdling.cancel()
    await asyncio.gather(dawdling, return_exceptions=True)

    async with work(database, keys) as uow:
        assert await uow.get(Person, alva.id) is None


async def test_an_error_of_the_database_tells_no_values(database: Database) -> None:
    with pytest.raises(DatabaseError) as caught:
        async with database.transaction() as connection:
            await connection.execute(text("insert into meta values (:name, null)"), {"name": "the-canary"})

    assert "the-canary" not in str(caught.value)
