"""The opinion map as it may be seen: areas and sums of five people or more, and nobody's place or vote.

An edition is the map of one moment. It follows from those votes alone that the shown sums of the ideas count, so it
changes when another five have weighed an idea, and not with a single vote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from bot.chat.content import Text, When
from bot.domain.ideas import Sums

Rung = Literal["ideas", "sums", "groups"]
PEOPLE_FOR_SUMS, PEOPLE_FOR_GROUPS, VOTES_FOR_GROUPS = 7, 10, 7
"""What the ladder asks for: people who have weighed; people who have weighed so many ideas (or all)."""
NAMES = "ABCDEFGHIJ"
MIDDLE = 0.15
"""What is nearer to the middle of a map than this is in the middle."""

Place = tuple[float, float]
"""Where somebody stands in a map that reaches from -1 to 1."""


class Area(msgspec.Struct, frozen=True, array_like=True):
    """Where a group is: an ellipse in a map that reaches from -1 to 1; half its length and width, its turn in radians.

    Rounded to a twentieth, so that it tells of no single person.
    """

    x: float = 0.0
    y: float = 0.0
    long: float = 0.1
    wide: float = 0.1
    turn: float = 0.0


class MapGroup(msgspec.Struct, frozen=True, array_like=True):
    """Five people or more who weighed alike. `holds`: ideas that tell it apart, and whether it agrees."""

    name: int
    people: int
    holds: tuple[tuple[UUID, bool], ...]
    area: Area

    @property
    def letter(self) -> str:
        """How it is called, the same from day to day."""
        return NAMES[self.name % len(NAMES)]


class Shape(NamedTuple):
    """What a picture shows of a group."""

    letter: str
    people: int
    area: Area


class MapIdea(msgspec.Struct, frozen=True, array_like=True):
    """What is known of an idea: how many votes were counted, the last of them given when; each group's sums or None.

    `mean` and `axis` place whoever looks at the map, and are not told.
    """

    counted: int
    until: datetime
    groups: tuple[Sums | None, ...] = ()
    mean: float = 0.0
    axis: tuple[float, float] = (0.0, 0.0)


class Findings(msgspec.Struct, frozen=True):
    """What the votes say. `differ` are the ideas on which groups differ most; `hidden` those that were left out.

    `people_missing` and `votes_missing` tell how far it is to groups; both are 0 where people do not fall into any.
    `size` is how far the map reaches, in the units of `MapIdea.axis`. `told`: how many were in each group when that was
    last told, also of groups that are not there now.
    """

    rung: Rung = "ideas"
    people: int = 0
    people_missing: int = PEOPLE_FOR_GROUPS
    votes_missing: int = 0
    groups: tuple[MapGroup, ...] = ()
    unites: tuple[UUID, ...] = ()
    differ: tuple[UUID, ...] = ()
    all_agree: tuple[UUID, ...] = ()
    all_disagree: tuple[UUID, ...] = ()
    ideas: dict[UUID, MapIdea] = {}
    hidden: tuple[UUID, ...] = ()
    size: float = 1.0
    told: dict[int, int] = {}

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What a picture shows."""
        return tuple(Shape(group.letter, group.people, group.area) for group in self.groups)


class Edition(msgspec.Struct, frozen=True):
    """A map of a conversation, of a moment."""

    conversation_id: UUID
    id: UUID
    made_at: datetime
    secret: Findings


def place(findings: Findings, votes: Mapping[UUID, int]) -> Place | None:
    """Tell where somebody stands in the map by their own votes; None where none of these is in it."""
    known = [(findings.ideas[idea], value) for idea, value in votes.items() if idea in findings.ideas]
    if not known:
        return None
    stretch = math.sqrt(len(findings.ideas) / len(known)) / findings.size
    x, y = (stretch * sum((value - idea.mean) * idea.axis[way] for idea, value in known) for way in (0, 1))
    return max(-1.0, min(1.0, x)), max(-1.0, min(1.0, y))


def nearest(shapes: Sequence[Shape], here: Place) -> Shape | None:
    """Give the group to whose middle somebody stands nearest."""
    return min(shapes, key=lambda shape: math.dist(here, (shape.area.x, shape.area.y)), default=None)


def described(shapes: Sequence[Shape], here: Place | None) -> list[Text]:
    """Say what the picture of a map shows: where each group is, how many are in it, and where somebody stands."""
    words = [
        Text("On the map: %(n)d group. Those who weighed alike are near each other.", {"n": len(shapes)},
             plural="On the map: %(n)d groups. Those who weighed alike are near each other."),
        *(_shape_in_words(shape) for shape in shapes),
    ]  # fmt: skip
    home = nearest(shapes, here) if here else None
    if home is not None:
        words.append(Text("You are here: nearest to group %(name)s.", {"name": home.letter}))
    return words


def _shape_in_words(shape: Shape) -> Text:
    x, y = shape.area.x, shape.area.y
    params: dict[str, str | int | When | Text] = {"name": shape.letter, "n": shape.people}
    if math.hypot(x, y) < MIDDLE:
        return Text("Group %(name)s: %(n)d person, in the middle.", params,
                    plural="Group %(name)s: %(n)d people, in the middle.")  # fmt: skip
    if abs(x) >= abs(y) and x < 0:
        return Text("Group %(name)s: %(n)d person, on the left.", params,
                    plural="Group %(name)s: %(n)d people, on the left.")  # fmt: skip
    if abs(x) >= abs(y):
        return Text("Group %(name)s: %(n)d person, on the right.", params,
                    plural="Group %(name)s: %(n)d people, on the right.")  # fmt: skip
    if y > 0:
        return Text("Group %(name)s: %(n)d person, at the top.", params,
                    plural="Group %(name)s: %(n)d people, at the top.")  # fmt: skip
    return Text("Group %(name)s: %(n)d person, at the bottom.", params,
                plural="Group %(name)s: %(n)d people, at the bottom.")  # fmt: skip


def differs(before: Findings, after: Findings) -> bool:
    """Whether a map says something else than another: by more than a few people who came or moved."""
    said = [(one.rung, [group.letter for group in one.groups], set(one.unites[:3])) for one in (before, after)]
    held = [[set(group.holds[:1]) for group in one.groups] for one in (before, after)]
    sizes = [[group.people for group in one.groups] for one in (before, after)]
    grown = any(
        abs(now - then) > max(PEOPLE_FOR_GROUPS // 2, then // 4) for then, now in zip(*sizes, strict=False)
    )  # fmt: skip
    return said[0] != said[1] or held[0] != held[1] or grown
