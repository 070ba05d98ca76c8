"""The store is tested on both engines."""

from tests.store.engines import (  # noqa: F401
    database,
    empty,
    engine,
    keys,
    postgresql,
    postgresql_database,
    postgresql_url,
    sqlite_database,
    sqlite_with_tables,
)
