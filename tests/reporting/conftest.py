"""The read model is tested on both engines."""

from tests.store.engines import (  # noqa: F401
    database,
    engine,
    keys,
    postgresql,
    postgresql_database,
    postgresql_url,
    sqlite_with_tables,
)
