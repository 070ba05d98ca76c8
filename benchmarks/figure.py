"""A figure: what was measured, against what, and whether it reaches its goal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent
JSON, PAGE = FOLDER / "results.json", FOLDER / "RESULTS.md"


class Figure(msgspec.Struct, frozen=True):
    """One line of the results. `ratio` is ours to theirs; `goal` is said in words, `met` whether it is reached.

    `runs` holds what each run gave, ours first; `about` says what exactly was measured.
    """

    name: str
    about: str
    ours: float
    theirs: float | None
    ratio: float | None
    goal: str
    met: bool
    unit: str
    runs: Sequence[Sequence[float]]


def line(figure: Figure) -> str:
    """Write a figure for the terminal."""
    against = f" against {figure.theirs:g}" if figure.theirs is not None else ""
    ratio = f", ratio {figure.ratio:.2f}" if figure.ratio is not None else ""
    return f"{figure.name}: {figure.ours:g}{against} {figure.unit}{ratio} (goal {figure.goal}: {_met(figure)})"


def write(figures: list[Figure], machine: str) -> None:
    """Write the results; figures not measured this time keep what they had."""
    known = {figure.name: figure for figure in read()} | {figure.name: figure for figure in figures}
    kept = {name: {**msgspec.to_builtins(figure)} for name, figure in known.items()}
    JSON.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    rows = [_row(figure) for figure in known.values()]
    notes = [f"- **{figure.name}**: {figure.about}" for figure in known.values()]
    page = [
        "# Results",
        "",
        f"Made by `make bench`, last on: {machine}. Medians; on a shared machine ratios say more than single figures.",
        "",
        "| figure | ours | theirs | unit | ratio | goal | reached |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        *notes,
    ]
    PAGE.write_text("\n".join(page) + "\n")


def read() -> list[Figure]:
    """Read the results so far."""
    if not JSON.exists():
        return []
    return list(msgspec.json.decode(JSON.read_bytes(), type=dict[str, Figure]).values())


def _row(figure: Figure) -> str:
    theirs = "" if figure.theirs is None else f"{figure.theirs:g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return f"| {figure.name} | {figure.ours:g} | {theirs} | {figure.unit} | {ratio} | {figure.goal} | {_met(figure)} |"


def _met(figure: Figure) -> str:
    return "yes" if figure.met else "no"
