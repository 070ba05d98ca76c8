"""The tables: migrations make exactly what the code expects, there and back, on both engines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.crypto import Keyring, make_keys, rotated
from bot.store import setup
from bot.store.engine import Database
from bot.store.schema import REVISION, metadata
from tests.store.some import one_of_each, work

CONFIG = Config()
CONFIG.set_main_option("script_location", str(setup.MIGRATIONS))
SCRIPTS = ScriptDirectory.from_config(CONFIG)
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()][::-1]


async def _go(database: Database, where: Any, revision: str) -> None:
    def run(connection: Any) -> None:
        CONFIG.attributes["connection"] = connection
        where(CONFIG, revision)

    async with database.transaction() as connection:
        await connection.run_sync(run)


async def _tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names())) - {"alembic_version"}


async def _differences(database: Database) -> list[Any]:
    def compare(connection: Any) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        return await connection.run_sync(compare)


async def _columns(database: Database) -> dict[str, list[tuple[str, str, bool]]]:
    def read(connection: Any) -> dict[str, list[tuple[str, str, bool]]]:
        inspector = inspect(connection)
        return {
            table: [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
            for table in inspector.get_table_names()
            if table != "alembic_version"
        }

    async with database.engine.connect() as connection:
        return await connection.run_sync(read)


async def test_the_migrations_make_just_the_tables_that_the_code_knows(empty: Database) -> None:
    await setup.prepare(empty, migrate_it=True)

    assert await _differences(empty) == []
    assert await _tables(empty) == set(metadata.tables)


async def test_the_columns_are_the_same_whether_migrated_or_made_at_once(empty: Database) -> None:
    """Names, types and what may be null: what the comparison above passes over."""
    async with empty.transaction() as connection:
        await connection.run_sync(metadata.create_all)
    at_once = await _columns(empty)
    async with empty.transaction() as connection:
        await connection.run_sync(metadata.drop_all)

    await setup.prepare(empty, migrate_it=True)

    migrated = await _columns(empty)
    assert {name: sorted(columns) for name, columns in migrated.items()} == {
        name: sorted(columns) for name, columns in at_once.items()
    }


async def test_each_migration_can_be_done_undone_and_done_again(empty: Database) -> None:
    for revision in REVISIONS:
        await _go(empty, command.upgrade, revision)
        assert await setup.revision(empty) == revision
    for revision in ["base", *REVISIONS[:-1]][::-1]:
        await _go(empty, command.downgrade, revision)
    assert await _tables(empty) == set()
    assert await setup.revision(empty) == ""

    await setup.prepare(empty, migrate_it=True)

    assert await _differences(empty) == []


def test_the_code_knows_the_newest_migration_by_name() -> None:
    assert SCRIPTS.get_heads() == [REVISION]
    assert setup.known_revisions() == set(REVISIONS)


async def test_what_is_up_to_date_is_left_alone(empty: Database) -> None:
    keys = Keyring(make_keys())
    await setup.prepare(empty, migrate_it=True)
    async with work(empty, keys) as uow:
        for record in one_of_each(keys):
            uow.add(record)

    await setup.prepare(empty, migrate_it=True)
    await setup.migrate(empty)

    async with empty.engine.connect() as connection:
        assert (await connection.execute(text("select count(*) from idea"))).scalar_one() == 2


async def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    async with empty.transaction() as connection:
        await connection.execute(text("create table room (in_the_way integer)"))

    with pytest.raises(setup.SchemaError, match="nothing was changed"):
        await setup.prepare(empty, migrate_it=True)

    assert await _tables(empty) == {"room"}
    assert await setup.revision(empty) == ""


async def test_a_database_without_tables_says_so(empty: Database) -> None:
    assert await setup.revision(empty) == ""

    with pytest.raises(setup.SchemaError, match=r"empty; this version needs .* Run `byalag migrate`"):
        await setup.prepare(empty, migrate_it=False)


async def test_a_newer_database_is_not_touched(empty: Database) -> None:
    await setup.prepare(empty, migrate_it=True)
    async with empty.transaction() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(setup.SchemaError, match=r"newer version of Byalag \(its schema is 9999\)"):
        await setup.prepare(empty, migrate_it=True)

    assert await setup.revision(empty) == "9999"


async def test_the_mark_of_the_keys_is_noted_once(database: Database, keys: Keyring) -> None:
    await setup.check_keys(database, keys)
    await setup.check_keys(database, keys)

    with pytest.raises(setup.SchemaError, match="not the ones"):
        await setup.check_keys(database, Keyring(make_keys()))


async def test_looking_notes_no_keys(database: Database, keys: Keyring) -> None:
    await setup.check_keys(database, Keyring(make_keys()), note=False)

    await setup.check_keys(database, keys)

    with pytest.raises(setup.SchemaError, match="not the ones"):
        await setup.check_keys(database, Keyring(make_keys()), note=False)


async def test_keys_from_before_the_last_rotation_are_noticed(database: Database) -> None:
    before = make_keys()
    after = rotated(before)
    await setup.check_keys(database, Keyring(before))
    await setup.check_keys(database, Keyring(after))
    await setup.check_keys(database, Keyring(after))

    with pytest.raises(setup.SchemaError, match="lack the newest one"):
        await setup.check_keys(database, Keyring(before))


async def test_processes_that_start_together_note_the_keys_together(database: Database, keys: Keyring) -> None:
    await asyncio.gather(*(setup.check_keys(database, keys) for _ in range(5)))

    async with database.transaction() as connection:
        assert await setup.stored(connection, setup.FINGERPRINT) == keys.fingerprint
