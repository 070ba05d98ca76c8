"""The picture of a map (PNG): an area for each group, and where somebody stands.

Nothing is told by colour alone: each group has its letter, its own hatching and its own kind of line. The paper is
light and part of the picture, so that it reads the same in a light and in a dark chat. What it shows,
`domain.maps.described` says in words.

matplotlib takes half a second to load: draw off the event loop.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from bot.chat.content import Text
from bot.domain.maps import Area, Place, Shape
from bot.reporting.parts import Say

WIDE, HIGH, DOTS = 7.2, 5.9, 150
"""Inches, and dots an inch: what a phone shows sharply."""
PAPER, INK, QUIET = "#fbf8f1", "#1d1d1f", "#4c4c52"
LOOKS = (
    ("#1f6f54", "////", "-"), ("#a2431f", "....", "--"), ("#2b5d93", "\\\\\\\\", "-."), ("#7a4a8f", "xxxx", ":"),
    ("#6b6420", "++++", "-"),
)  # fmt: skip
"""Colour, hatching and line by the group's letter."""
EDGE, LEAST = 1.12, 0.6
"""How much more there is around what is drawn; and how far the picture reaches at least (the map reaches to 1)."""
KEPT = 16


class Labels(NamedTuple):
    """The words in a picture, in somebody's language; `people` of each group."""

    title: str
    foot: str
    here: str
    people: tuple[str, ...]


def labels(shapes: Sequence[Shape], say: Say) -> Labels:
    """Write the words in a picture."""
    return Labels(
        say(Text("Where we stand")),
        say(Text("Those who weighed alike are near each other.")),
        say(Text("You are here")),
        tuple(say(Text("%(n)d person", {"n": one.people}, plural="%(n)d people")) for one in shapes),
    )


@lru_cache(maxsize=KEPT)
def draw(shapes: tuple[Shape, ...], words: Labels, here: Place | None = None) -> bytes:
    """Draw a map."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDE, HIGH), dpi=DOTS, facecolor=PAPER)
    axes = figure.add_axes((0.03, 0.1, 0.94, 0.79))
    x, y, reach = _frame(shapes, here)
    axes.set_xlim(x - reach, x + reach)
    axes.set_ylim(y - reach * 0.7, y + reach * 0.7)
    axes.set_aspect("equal")
    axes.set_axis_off()
    for shape in shapes:
        _area(axes, shape)
    for shape, people in zip(shapes, words.people, strict=True):
        _letter(axes, shape, people)
    if here is not None:
        _here(axes, here, words.here)
    figure.text(0.5, 0.93, words.title, ha="center", color=INK, fontsize=19, weight="bold")
    figure.text(0.5, 0.035, words.foot, ha="center", color=QUIET, fontsize=12)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=PAPER, metadata={"Software": None})
    return out.getvalue()


def _look(shape: Shape) -> tuple[str, str, str]:
    return LOOKS[(ord(shape.letter) - ord("A")) % len(LOOKS)]


def _area(axes: Any, shape: Shape) -> None:
    from matplotlib.patches import Ellipse

    colour, hatch, line = _look(shape)
    inside = {"facecolor": colour, "alpha": 0.14, "linewidth": 0.0}
    hatched = {"facecolor": "none", "edgecolor": colour, "hatch": hatch, "alpha": 0.35, "linewidth": 0.0}
    around = {"facecolor": "none", "edgecolor": colour, "linestyle": line, "linewidth": 2.4}
    area = shape.area
    for style in (inside, hatched, around):
        size = 2 * area.long, 2 * area.wide
        axes.add_patch(Ellipse((area.x, area.y), *size, angle=math.degrees(area.turn), **style))  # type: ignore[arg-type]


def _letter(axes: Any, shape: Shape, people: str) -> None:
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=5, foreground=PAPER)]
    for text, size, up, align in ((shape.letter, 27, 1, "bottom"), (people, 14, -1, "top")):
        axes.annotate(
            text, (shape.area.x, shape.area.y), xytext=(0, up), textcoords="offset points", ha="center", va=align,
            fontsize=size, weight="bold", color=INK, path_effects=halo, zorder=8,
        )  # fmt: skip


def _frame(shapes: tuple[Shape, ...], here: Place | None) -> tuple[float, float, float]:
    """Give the middle of what is drawn, and how far it reaches to each side."""
    ends = [(one.area.x + way * wide, one.area.y + way * high) for one in shapes for way in (-1, 1)
            for wide, high in (_reach(one.area),)]  # fmt: skip
    across, along = zip(*ends, *((here,) if here else ()), strict=True)
    left, right, low, high = min(across), max(across), min(along), max(along)
    return (left + right) / 2, (low + high) / 2, max((right - left) / 2, (high - low) / 1.4, LEAST) * EDGE


def _reach(area: Area) -> Place:
    """Give how far an area reaches from its middle: across and along."""
    cos, sin = math.cos(area.turn), math.sin(area.turn)
    return math.hypot(area.long * cos, area.wide * sin), math.hypot(area.long * sin, area.wide * cos)


def _here(axes: Any, here: Place, words: str) -> None:
    axes.plot(
        *([one] for one in here), marker="*", markersize=24, color="#f2b807", markeredgecolor=INK, markeredgewidth=1.6,
        zorder=9,
    )  # fmt: skip
    back = {"boxstyle": "round,pad=0.25", "facecolor": INK, "edgecolor": INK}
    axes.annotate(
        words, here, xytext=(0, 25), textcoords="offset points", ha="center",
        va="center", fontsize=12.5, weight="bold", color=PAPER, bbox=back, zorder=9,
    )  # fmt: skip
