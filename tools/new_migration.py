"""Writes a migration from what the schema has and the newest one has not: `python -m tools.new_migration NAME`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.store.engine import Database
from bot.store.setup import MIGRATIONS, known_revisions


async def main(name: str) -> None:
    """Migrate an empty database, compare, write."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    number = f"{len(known_revisions()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}")

        def work(connection: object) -> None:
            config.attributes["connection"] = connection
            if known_revisions():
                command.upgrade(config, "head")
            command.revision(config, name, autogenerate=True, rev_id=number)

        async with database.transaction() as connection:
            await connection.run_sync(work)
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
