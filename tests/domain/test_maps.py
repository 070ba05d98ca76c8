"""What a map says, and when it says something else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from bot.domain.maps import Area, Findings, MapGroup, MapIdea, Shape, described, differs, nearest, place
from bot.i18n import render

ONE, TWO = UUID(int=1), UUID(int=2)
GROUPS = (MapGroup(0, 20, ((ONE, True),), Area(-0.5)), MapGroup(1, 12, ((ONE, False),), Area(0.5)))
BEFORE = Findings("groups", 32, 0, 0, GROUPS, (TWO,))


def with_people(*people: int) -> Findings:
    groups = tuple(msgspec.structs.replace(one, people=n) for one, n in zip(GROUPS, people, strict=True))
    return msgspec.structs.replace(BEFORE, groups=groups)


@pytest.mark.parametrize(
    ("after", "says_something_else"),
    [
        (with_people(25, 12), False),
        (with_people(26, 12), True),
        (with_people(20, 7), False),
        (msgspec.structs.replace(BEFORE, rung="sums", groups=()), True),
        (msgspec.structs.replace(BEFORE, unites=(ONE,)), True),
        (msgspec.structs.replace(BEFORE, groups=(GROUPS[0], msgspec.structs.replace(GROUPS[1], name=2))), True),
        (msgspec.structs.replace(BEFORE, differ=(ONE,)), False),
    ],
)
def test_it_differs_by_more_than_a_few_who_came(after: Findings, says_something_else: bool) -> None:  # noqa: FBT001 (the answer)
    assert differs(BEFORE, after) is says_something_else


def test_who_weighs_like_a_group_stands_near_it() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    findings = msgspec.structs.replace(BEFORE, ideas={ONE: MapIdea(10, at, (), 0.2, (-1.0, 0.0)), TWO: MapIdea(10, at)})
    assert place(findings, {}) is None
    assert place(findings, {UUID(int=9): 1}) is None
    for value, letter in ((1, "A"), (-1, "B")):
        here = place(findings, {ONE: value})
        assert here is not None
        home = nearest(findings.shapes, here)
        assert home is not None
        assert home.letter == letter
    far = msgspec.structs.replace(findings, size=0.01)
    assert place(far, {ONE: 1}) == (-1.0, 0.0), "nobody stands outside"


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [(0, 0.1, "in the middle"), (-0.5, 0.4, "on the left"), (0.5, 0.4, "on the right"), (0.3, 0.5, "at the top"),
     (0.3, -0.5, "at the bottom")],
)  # fmt: skip
def test_it_is_said_where_a_group_is(x: float, y: float, words: str) -> None:
    told = [render(line, "en") for line in described((Shape("A", 7, Area(x, y)),), (x, y))]
    assert told == [
        "On the map: 1 group. Those who weighed alike are near each other.", f"Group A: 7 people, {words}.",
        "You are here: nearest to group A.",
    ]  # fmt: skip
