"""The pages show what is kept."""

from tests.store.engines import keys, sqlite_with_tables  # noqa: F401
