"""Measures all figures, or some: `python -m benchmarks [--only NAME]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Mapping

from benchmarks.events import events, events_10k
from benchmarks.fanout import fan_out
from benchmarks.figure import Figure, line, write
from benchmarks.growth import growth
from benchmarks.opinion import opinion, opinion_large, opinion_update
from benchmarks.press import press
from benchmarks.rest import memory, start

FIGURES: Mapping[str, Callable[[], Awaitable[list[Figure]]]] = {
    "events": events,
    "events-10k": events_10k,
    "press": press,
    "fanout": fan_out,
    "start": start,
    "memory": memory,
    "growth": growth,
    "opinion": opinion,
    "opinion-update": opinion_update,
    "opinion-100k": opinion_large,
}


async def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", choices=FIGURES, help="measure this one alone")
    only = parser.parse_args().only
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()}"
    for name, measure in FIGURES.items():
        if only in {None, name}:
            found = await measure()
            print(*map(line, found), sep="\n", flush=True)
            write(found, machine)


if __name__ == "__main__":
    asyncio.run(main())
