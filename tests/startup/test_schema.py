"""The tables when the bot starts: an older database is brought up to date, a newer one is not touched."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import asyncpg
import pytest

from bot.store.schema import REVISION
from tests.peers.postgres import PostgreSQL
from tests.startup.command import Command, refused


def _revision(byalag: Command, becomes: str = "") -> str:
    with closing(sqlite3.connect(byalag.database)) as connection, connection:
        if becomes:
            connection.execute("update alembic_version set version_num = ?", (becomes,))
        return str(connection.execute("select version_num from alembic_version").fetchone()[0])


async def _connect(postgresql: PostgreSQL, url: str) -> asyncpg.Connection:
    name = url.partition("@/")[2].partition("?")[0]
    return await asyncpg.connect(host=postgresql.sockets, user="postgres", database=name)


async def test_on_sqlite_the_start_makes_the_tables(byalag: Command) -> None:
    byalag.data.mkdir()
    with closing(sqlite3.connect(byalag.database)) as connection, connection:
        connection.execute("create table alembic_version (version_num varchar(32) not null)")
    byalag.keys.write_text((await byalag("keys", "new")).out)

    assert (await byalag("run", typed="/start\n")).status == 0

    assert _revision(byalag) == REVISION


async def test_migrating_first_and_starting_then_is_as_good(byalag: Command) -> None:
    migrated = await byalag("migrate")
    assert (migrated.status, migrated.out) == (0, "The database is up to date.\n")
    assert (await byalag("migrate")).status == 0
    assert (await byalag("check")).status == 0

    assert (await byalag("run", typed="/start\n")).status == 0


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_on_sqlite_a_newer_database_is_told_and_left_alone(byalag: Command, command: str) -> None:
    await byalag("run", typed="/start\n")
    _revision(byalag, becomes="9999")

    refused(await byalag(command), "newer version of Byalag", "9999", "restore the backup")
    checked = await byalag("check")

    assert checked.status == 1
    assert "!! The database was written by a newer version" in checked.out
    assert _revision(byalag) == "9999"


async def test_on_postgresql_the_operator_migrates(byalag: Command, postgresql_url: str) -> None:
    byalag.settings["database"] = postgresql_url

    # Given a database without tables
    refused(await byalag("run"), "Run `byalag migrate`")
    checked = await byalag("check")
    assert checked.status == 1
    assert "!! The database has an older schema. Run `byalag migrate`." in checked.out

    # When it is migrated, and looked at
    assert (await byalag("migrate")).status == 0
    checked = await byalag("check")
    assert checked.status == 0
    assert "The database answers" in checked.out

    # Then it starts, and starts again
    for _ in range(2):
        ended = await byalag("run", typed="/start\n")
        assert ended.status == 0, ended.err
        assert "#1" in ended.out
    assert (await byalag("check")).status == 0


async def test_on_postgresql_a_newer_database_is_told_and_left_alone(
    byalag: Command, postgresql: PostgreSQL, postgresql_url: str
) -> None:
    byalag.settings["database"] = postgresql_url
    assert (await byalag("migrate")).status == 0
    connection = await _connect(postgresql, postgresql_url)
    await connection.execute("update alembic_version set version_num = '9999'")

    refused(await byalag("run"), "newer version of Byalag")
    refused(await byalag("migrate"), "newer version of Byalag")

    assert await connection.fetchval("select version_num from alembic_version") == "9999"
    await connection.close()


@pytest.mark.parametrize("address", ["postgresql://postgres@/test?host=/nowhere", "postgresql://me@127.0.0.1:1/x"])
async def test_a_postgresql_that_does_not_answer_is_told(byalag: Command, address: str) -> None:
    for command in ("run", "migrate"):
        refused(await byalag(command, database=address), "PostgreSQL at", "does not answer", "BYALAG_DATABASE")
    checked = await byalag("check", database=address)

    assert checked.status == 1
    assert "!! PostgreSQL at" in checked.out


async def test_a_postgresql_database_that_is_not_there_is_told(byalag: Command, postgresql: PostgreSQL) -> None:
    refused(await byalag("run", database=postgresql.url("nothing")), "does not let us in", "BYALAG_DATABASE")


async def test_what_an_address_asks_for_is_heard_or_told(byalag: Command, postgresql_url: str) -> None:
    assert (await byalag("migrate", database=f"{postgresql_url}&sslmode=disable")).status == 0

    refused(await byalag("run", database=f"{postgresql_url}&colour=blue"), "BYALAG_DATABASE")


async def test_two_first_starts_at_once_do_not_lock_each_other_out(byalag: Command, postgresql_url: str) -> None:
    byalag.settings["database"] = postgresql_url
    await byalag("migrate")

    both = await asyncio.gather(byalag("run", typed="/start\n"), byalag("run", typed="/start\n"))

    assert 0 in [ended.status for ended in both]
    assert "Traceback" not in both[0].told + both[1].told
    assert (await byalag("run", typed="/start\n")).status == 0


async def test_on_postgresql_a_lost_key_file_is_told(byalag: Command, postgresql_url: str) -> None:
    byalag.settings["database"] = postgresql_url
    await byalag("migrate")
    assert (await byalag("run", typed="/start\n")).status == 0
    byalag.keys.rename(byalag.folder / "found.keys")

    for command in ("run", "check"):
        ended = await byalag(command)
        assert ended.status == 1
        assert "byalag.keys is missing" in ended.told
        assert not byalag.keys.exists()
    (byalag.folder / "found.keys").rename(byalag.keys)
    assert (await byalag("run", typed="/start\n")).status == 0


async def test_while_postgresql_restarts_nothing_is_lost(
    byalag: Command, postgresql: PostgreSQL, postgresql_url: str
) -> None:
    byalag.settings["database"] = postgresql_url
    await byalag("migrate")
    async with byalag.running() as bot:
        bot.type("/start")
        await bot.says("[Anna ← bot] #2")
        bot.type(":people")
        await bot.says("Anna: in private")

        # When the database goes away while somebody talks
        postgresql.stop()
        try:
            bot.type("/help")
            await bot.says("could not be stored yet")
            await bot.says("the database does not answer")
        finally:
            postgresql.start()

        # Then it is stored and answered when the database is back
        await bot.says("[Anna ← bot] #4")
        ended = await bot.stop()
    assert ended.status == 0
    assert "Traceback" not in ended.told
