"""What holds for all tests: how long an example takes says nothing on a machine that does other things too."""

from hypothesis import HealthCheck, settings

settings.register_profile("byalag", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("byalag")
