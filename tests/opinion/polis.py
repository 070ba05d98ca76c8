"""Real conversations (see `tests/data/polis`), and made-up ones."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.opinion.matrix import Row

FOLDER = Path(__file__).parent.parent / "data" / "polis"
REPRODUCIBLE = ("brexit-consensus", "15-per-hour-seattle", "scoop-hivemind.taxes")
SMALL = "london.youth.policing"


@dataclass(frozen=True)
class Conversation:
    """Votes in the order in which they were cast, hidden ideas, and the group that Polis published for each person."""

    rows: list[Row]
    hidden: frozenset[bytes]
    groups: dict[bytes, int]


def name(number: int | str) -> bytes:
    """The name of the person or idea with this number."""
    return int(number).to_bytes(16, "big")


def conversation(folder: str) -> Conversation:
    """Read one."""
    votes = sorted(_records(folder, "votes"), key=lambda row: int(row["timestamp"]))
    return Conversation(
        [(name(row["voter-id"]), name(row["comment-id"]), int(row["vote"])) for row in votes],
        frozenset(name(row["comment-id"]) for row in _records(folder, "comments") if row["moderated"] == "-1"),
        {
            name(row["participant"]): int(row["group-id"])
            for row in _records(folder, "participants-votes")
            if row["group-id"]
        },
    )


def made_up(people: int, ideas: int, seed: int, *, density: float = 0.6, camps: int = 2) -> list[Row]:
    """Make votes of people in camps that differ."""
    chance = np.random.default_rng(seed)
    leaning = chance.normal(size=(camps, ideas))[chance.integers(0, camps, people)]
    votes = np.rint(np.clip(leaning + chance.normal(scale=0.7, size=(people, ideas)), -1, 1)).astype(int)
    given = chance.random((people, ideas)) < density
    return [(name(who), name(what), int(votes[who, what])) for who, what in zip(*np.nonzero(given), strict=True)]


def _records(folder: str, file: str) -> list[dict[str, str]]:
    with (FOLDER / folder / f"{file}.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
