"""The bot's figures in Prometheus's form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


async def figures(numbers: Callable[[], Awaitable[Mapping[str, float]]]) -> bytes:
    """Give all figures as text."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    found = await numbers()

    class Now:
        def collect(self) -> list[Metric]:
            return [_metric(name, value) for name, value in found.items()]

    registry.register(Now())
    return generate_latest(registry)


def _metric(name: str, value: float) -> Metric:
    about = name.removeprefix("byalag_").removesuffix("_total").replace("_", " ")
    if name.endswith("_total"):
        return CounterMetricFamily(name.removesuffix("_total"), about, value=value)
    return GaugeMetricFamily(name, about, value=value)
