"""The opinion map: from nothing, against red-dwarf; after a hundred votes more; and of a hundred thousand people.

Each is measured in processes of its own. red-dwarf gets an environment of its own, installed from `red-dwarf.lock`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.figure import FOLDER, Figure
from benchmarks.map import crowd
from benchmarks.processes import environment, output

PEOPLE, IDEAS = 10_000, 500
MANY_PEOPLE, MANY_IDEAS = 100_000, 1_000
TURNS = 9
TIMES, MILLISECONDS, MEBIBYTES = 20, 60, 2048


async def opinion() -> list[Figure]:
    """Make the same map by turns."""
    with TemporaryDirectory() as folder:
        votes = _votes(folder)
        theirs_python = await environment(Path(folder) / "red-dwarf", FOLDER / "red-dwarf.lock")
        ours: list[list[float]] = []
        theirs: list[list[float]] = []
        for _turn in range(TURNS):
            theirs += _runs(await output(theirs_python, str(FOLDER / "red_dwarf.py"), "1", votes))
            ours += await _ours("from_nothing", "1", votes)
    seconds, their_seconds = _median(ours), _median(theirs)
    ratio = their_seconds / seconds
    memory, their_memory = (round(max(run[1] for run in runs)) for runs in (ours, theirs))
    about = (
        f"all ten steps of the opinion map from a list of votes, {PEOPLE:,} people × {IDEAS} ideas, 15 % voted on; "
        "ours on one processor, the ratio is how many times faster than red-dwarf 0.4.0 `run_pipeline`, each in a new "
        f"process. Peak memory {memory} against {their_memory} MiB."
    )
    runs = [[round(run[0], 3) for run in found] for found in (ours, theirs)]
    return [
        Figure(
            "opinion", about, round(seconds, 3), round(their_seconds, 3), round(ratio, 1), f"≥ {TIMES} × faster",
            ratio >= TIMES, "s", runs,
        )
    ]  # fmt: skip


async def opinion_update() -> list[Figure]:
    """Make the map again after some votes."""
    with TemporaryDirectory() as folder:
        found = await _ours("update", "9", _votes(folder))
    milliseconds = _median(found) * 1000
    about = (
        f"the same map ({PEOPLE:,} people × {IDEAS} ideas) from its stored state, which is read first, and a hundred "
        "new votes; each checked to equal the map computed from all votes and the same earlier groups."
    )
    runs = [[round(run[0] * 1000, 1) for run in found]]
    return [
        Figure(
            "opinion-update", about, round(milliseconds, 1), None, None, f"≤ {MILLISECONDS} ms",
            milliseconds <= MILLISECONDS, "ms", runs,
        )
    ]  # fmt: skip


async def opinion_large() -> list[Figure]:
    """Make a large map, and look at the memory it takes."""
    found = await _ours("large", str(MANY_PEOPLE), str(MANY_IDEAS))
    ((seconds, memory),) = found
    about = (
        f"peak memory of the process that makes the map of {MANY_PEOPLE:,} people × {MANY_IDEAS:,} ideas (15 % voted "
        f"on, read some people at a time) from nothing; it took {seconds:.0f} s."
    )
    return [
        Figure(
            "opinion-100k", about, round(memory), None, None, "≤ 2 GiB", memory <= MEBIBYTES, "MiB", [[round(memory)]]
        )
    ]


def _votes(folder: str) -> str:
    """Write the votes to a file that both sides read."""
    file = str(Path(folder) / "votes.npy")
    np.save(file, np.concatenate(list(crowd(PEOPLE, IDEAS))))
    return file


async def _ours(*arguments: str) -> list[list[float]]:
    """Run ours, with as many threads as the bot takes for it."""
    return _runs(await output(sys.executable, "-m", "benchmarks.map", *arguments, OPENBLAS_NUM_THREADS="1"))


def _runs(printed: str) -> list[list[float]]:
    """Read the seconds and MiB of each run."""
    return [json.loads(line) for line in printed.splitlines()]


def _median(runs: list[list[float]]) -> float:
    return median(run[0] for run in runs)
