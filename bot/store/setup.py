"""The state of the database: its schema's revision, and the mark of the keys it was written with."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto import Keyring, WrongKeys
from bot.store.engine import Database
from bot.store.schema import REVISION, meta

MIGRATIONS = Path(__file__).parent / "migrations"
FINGERPRINT, CIPHER = "keys", "cipher"
"""Marks in the table `meta`: of the hashing key, and something sealed with the newest cipher key."""


class SchemaError(Exception):
    """The database cannot be used as it is; the message says what to do."""


async def revision(database: Database) -> str:
    """Give the database's revision; empty if it has no tables yet. Raises `SchemaError` where it cannot be reached."""
    try:
        async with database.engine.connect() as connection:
            if database.sqlite:
                found = await connection.execute(
                    text("select 1 from sqlite_master where type = 'table' and name = 'alembic_version'")
                )
            else:
                found = await connection.execute(
                    text("select 1 from information_schema.tables where table_name = 'alembic_version'")
                )
            if found.first() is None:
                return ""
            row = (await connection.execute(text("select version_num from alembic_version"))).first()
            return str(row[0]) if row else ""
    except (SQLAlchemyError, OSError, TypeError) as error:
        if database.sqlite and getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            raise SchemaError(
                f"The file {database.url.database} is not a database. Restore it from a backup, or move it away."
            ) from error
        if database.sqlite:
            raise SchemaError(
                f"The database file {database.url.database} cannot be opened for writing. "
                "Check that its folder exists, belongs to this account and is not full."
            ) from error
        where = f"{database.url.host or 'the local socket'}"
        raise SchemaError(
            f"PostgreSQL at {where} does not answer or does not let us in. "
            "Check BYALAG_DATABASE, and that it is running."
        ) from error


async def prepare(database: Database, *, migrate_it: bool) -> None:
    """Make sure that the schema is the one that this version knows. Raises `SchemaError`."""
    found = await revision(database)
    if found == REVISION:
        return
    if found and found not in known_revisions():
        raise SchemaError(
            f"The database was written by a newer version of Byalag (its schema is {found}). "
            "Run that version, or restore the backup from before the upgrade."
        )
    if not migrate_it:
        raise SchemaError(
            f"The database's schema is {found or 'empty'}; this version needs {REVISION}. Run `byalag migrate`."
        )
    await migrate(database)


async def migrate(database: Database) -> None:
    """Bring the schema up to date, in one transaction."""
    from alembic import command  # noqa: PLC0415 (a third of a second, and seldom needed)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def upgrade(connection: object) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        async with database.transaction() as connection:
            await connection.run_sync(upgrade)
    except (SQLAlchemyError, OSError) as error:
        raise SchemaError(
            "The database could not be brought up to date; nothing was changed. "
            "Check that its folder or account may be written to and has room."
        ) from error


def known_revisions() -> frozenset[str]:
    """Give all revisions that this version knows."""
    return frozenset(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def was_written(database: Database) -> bool:
    """Whether the database, which has its tables, was written with some keys before."""
    async with database.transaction() as connection:
        return bool(await stored(connection, FINGERPRINT))


async def stored(connection: AsyncConnection, name: str) -> str:
    """Give a mark that was noted in the database; empty if none yet."""
    row = (await connection.execute(select(meta.c.value).where(meta.c.name == name))).first()
    return str(row[0]) if row else ""


async def check_keys(database: Database, keys: Keyring, *, note: bool = True) -> None:
    """Raise `SchemaError` if the database was written with other keys, or with a newer one too.

    Unless told not to, their marks are noted for the next time.
    """
    async with database.transaction() as connection:
        if note:
            maker: Any = sqlite.insert if database.sqlite else postgresql.insert
            mark = {"name": FINGERPRINT, "value": keys.fingerprint}
            await connection.execute(maker(meta).values(mark).on_conflict_do_nothing())
        if await stored(connection, FINGERPRINT) not in {"", keys.fingerprint}:
            raise SchemaError(
                "These keys are not the ones that the database was written with. "
                "Put back the key file (or BYALAG_KEYS) that belongs to it; without it nothing can be read."
            )
        sealed = await stored(connection, CIPHER)
        try:
            if sealed:
                keys.open(bytes.fromhex(sealed), CIPHER.encode())
        except WrongKeys as error:
            raise SchemaError(
                "These keys lack the newest one that the database was written with. "
                "Put back the latest key file (or BYALAG_KEYS), from after the last `byalag keys rotate`."
            ) from error
        if note:
            mark = {"name": CIPHER, "value": keys.seal(b"", CIPHER.encode()).hex()}
            made = maker(meta).values(mark)
            await connection.execute(made.on_conflict_do_update(index_elements=["name"], set_=mark))
