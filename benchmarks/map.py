"""Times our opinion map, in a process of its own so that its memory is seen: WHAT ARGUMENTS."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from uuid import UUID

import msgspec
import numpy as np

from bot.opinion.matrix import Row, VoteMatrix, pack, unpack
from bot.opinion.memory import Memory
from bot.opinion.survey import survey

CAMPS = 3
DENSITY = 0.15
AT_A_TIME = 5000
NEW = 100


def crowd(people: int, ideas: int) -> Iterator[np.ndarray]:
    """Make votes of so many people, in camps that differ, 5,000 people at a time: rows of person, idea, vote."""
    chance = np.random.default_rng(1)
    leaning = chance.normal(0, 1.2, (CAMPS, ideas)).astype(np.float32)
    for first in range(0, people, AT_A_TIME):
        count = min(AT_A_TIME, people - first)
        mind = leaning[chance.integers(0, CAMPS, count)] + chance.standard_normal((count, ideas), dtype=np.float32)
        who, what = np.nonzero(chance.random((count, ideas), dtype=np.float32) < DENSITY)
        votes = np.where(mind > 0.3, 1, np.where(mind < -0.3, -1, 0))[who, what]
        yield np.stack([first + who, what, votes], axis=1)


def rows(votes: np.ndarray) -> list[Row]:
    """Write votes as the database gives them: ids of 16 bytes, each its own."""
    return [(UUID(int=who).bytes, UUID(int=1 << 64 | what).bytes, vote) for who, what, vote in votes.tolist()]


def from_nothing(runs: str, file: str) -> None:
    """Make the map of a file's votes from nothing; print seconds and peak MiB of each run."""
    votes = rows(np.load(file))
    for _run in range(int(runs)):
        begin = time.perf_counter()
        survey(VoteMatrix.of(votes))
        _say(time.perf_counter() - begin)


def update(runs: str, file: str) -> None:
    """Make the map from the stored state and a hundred new votes; print seconds and peak MiB of each run."""
    votes = rows(np.load(file))
    matrix = VoteMatrix.of(votes)
    del votes
    stored, remembered = pack(matrix), msgspec.msgpack.encode(survey(matrix)[1])
    chance = np.random.default_rng(2)
    for _run in range(int(runs)):
        new = [
            (matrix.people[int(who)], matrix.ideas[int(what)], int(vote))
            for who, what, vote in zip(
                chance.integers(0, len(matrix.people), NEW),
                chance.integers(0, len(matrix.ideas), NEW),
                chance.integers(-1, 2, NEW),
                strict=True,
            )
        ]
        begin = time.perf_counter()
        memory = msgspec.msgpack.decode(remembered, type=Memory)
        found = survey(unpack(stored).cast(new), memory=memory)
        _say(time.perf_counter() - begin)
        if found != survey(VoteMatrix.of([*_all(matrix), *new]), memory=memory):
            sys.exit("what was kept up is not what is computed anew")


def large(people: str, ideas: str) -> None:
    """Make a large map, its votes read a few at a time; print seconds and peak MiB."""
    matrix, took = VoteMatrix.of([]), 0.0
    for votes in crowd(int(people), int(ideas)):
        some = rows(votes)
        begin = time.perf_counter()
        matrix = matrix.cast(some)
        took += time.perf_counter() - begin
    begin = time.perf_counter()
    survey(matrix)
    _say(took + time.perf_counter() - begin)


def _all(matrix: VoteMatrix) -> Iterator[Row]:
    """Give all votes again."""
    people = np.repeat(np.arange(len(matrix.people)), matrix.counts)
    for person, code in zip(people.tolist(), matrix.codes.tolist(), strict=True):
        yield matrix.people[person], matrix.ideas[code // 3], code % 3 - 1


def _say(took: float) -> None:
    print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)


if __name__ == "__main__":
    {"from_nothing": from_nothing, "update": update, "large": large}[sys.argv[1]](*sys.argv[2:])
