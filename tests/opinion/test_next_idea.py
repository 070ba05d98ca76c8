"""Which idea a person should weigh next."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ideas import Sums
from bot.opinion import next_idea


@pytest.mark.parametrize(
    ("agree", "passed", "voters", "extremity", "weight"),
    [
        (0, 0, 0, 0.0, (1 / 2 * 1 / 2 * 9) ** 2),
        (1, 0, 1, 0.0, (2 / 3 * 2 / 3 * (1 + 8 * 2**-0.2)) ** 2),
        (20, 3, 20, 0.0, (18 / 22 * 21 / 22 * 1.5) ** 2),
        (18, 3, 20, 1.0, (18 / 22 * 2 * 19 / 22 * 1.5) ** 2),
    ],
)
def test_the_weight_is_polis_comment_priority(
    agree: int, passed: int, voters: int, extremity: float, weight: float
) -> None:
    assert next_idea.weight(agree, passed, voters, extremity) == pytest.approx(weight, rel=1e-12)


def test_what_is_new_comes_before_what_many_have_weighed() -> None:
    assert next_idea.weight(0, 0, 0, 0) > next_idea.weight(30, 5, 50, 0)


def test_what_is_passed_by_all_is_hardly_asked_about() -> None:
    assert next_idea.weight(0, 50, 50, 0) < next_idea.weight(25, 0, 50, 0) / 100


def test_who_comes_first_follows_the_weights_whatever_is_weighed_already() -> None:
    chance = Random(1)
    sums = {"new": Sums(), "agreed": Sums(agree=10), "passed": Sums(passed=10)}
    weights = {idea: next_idea.weight(one.agree, one.passed, one.voters, 0) for idea, one in sums.items()}
    first: Counter[str] = Counter()

    for _draw in range(4000):
        turns = {idea: next_idea.turn(one, chance.random()) for idea, one in sums.items()}
        first[min(("new", "agreed"), key=turns.__getitem__)] += 1

    expected = weights["new"] / (weights["new"] + weights["agreed"])
    assert first["new"] / 4000 == pytest.approx(expected, abs=0.03)


@given(st.builds(Sums, *[st.integers(0, 10**6)] * 3), st.floats(0, 1, exclude_max=True))
def test_everything_has_its_turn(sums: Sums, chance: float) -> None:
    assert 0 <= next_idea.turn(sums, chance) < inf


@pytest.mark.parametrize("module", ["bot.opinion.next_idea", "bot.__main__", "bot.app", "bot.handlers.tables"])
def test_numpy_is_not_loaded_when_the_bot_starts(module: str) -> None:
    code = f"import sys, {module}; sys.exit('numpy' in sys.modules or 'sklearn' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
