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
    weights = {"a": 1.0, "b": 5.0, "c": 3.0}

    first = Counter(
        min(("a", "c"), key=lambda idea: turns[idea])
        for turns in (
            {idea: next_idea.turn(weight, chance.random()) for idea, weight in weights.items()} for _ in range(4000)
        )
    )

    assert first["c"] / 4000 == pytest.approx(3 / 4, abs=0.03)


@given(st.floats(1e-6, 1e6), st.floats(0, 1, exclude_max=True))
def test_everything_has_its_turn(weight: float, chance: float) -> None:
    assert 0 <= next_idea.turn(weight, chance) < inf


@pytest.mark.parametrize("module", ["bot.opinion.next_idea", "bot.__main__", "bot.app", "bot.handlers.tables"])
def test_numpy_is_not_loaded_when_the_bot_starts(module: str) -> None:
    code = f"import sys, {module}; sys.exit('numpy' in sys.modules or 'sklearn' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
