"""What holds for all tests: the servers and databases, one each for a process; and how examples are tried.

How long an example takes says nothing on a machine that does other things too.
"""

from hypothesis import HealthCheck, settings

from tests.peers.postgres import postgresql, postgresql_url  # noqa: F401 (fixtures)
from tests.peers.synapse import synapse  # noqa: F401 (a fixture)
from tests.store.engines import (  # noqa: F401 (fixtures)
    database,
    empty,
    engine,
    keys,
    postgresql_database,
    sqlite_database,
    sqlite_with_tables,
)

settings.register_profile("byalag", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("byalag")
