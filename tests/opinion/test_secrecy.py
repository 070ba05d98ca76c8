"""No sum shows how one person voted."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ideas import SUM_STEP
from bot.opinion import secrecy
from bot.opinion.matrix import VoteMatrix
from bot.opinion.memory import Memory
from bot.opinion.survey import Group, Opinion, survey
from tests.opinion.polis import conversation, made_up

COUNTS = st.integers(0, 12)
TALLIES = st.integers(1, 5).flatmap(
    lambda k: st.lists(st.lists(st.tuples(COUNTS, COUNTS), min_size=3, max_size=3), min_size=k, max_size=k)
)


@given(TALLIES, st.tuples(COUNTS, COUNTS))
def test_what_is_left_out_is_nobody_or_five(tallies: list[list[tuple[int, int]]], rest: tuple[int, int]) -> None:
    now = np.array(tallies)
    shown = secrecy.renewed(now, np.zeros_like(now))

    seen = secrecy.visible(now, shown, np.array(rest))

    voters = now.sum(axis=1)
    left_out = np.array(rest) + np.where(seen, 0, voters).sum(axis=0)
    assert (voters[seen] >= SUM_STEP).all()
    assert ((left_out == 0) | (left_out >= SUM_STEP) | ~seen.any(axis=0)).all()


@given(TALLIES, st.integers(0, 4))
def test_sums_are_renewed_once_five_more_have_voted(tallies: list[list[tuple[int, int]]], more: int) -> None:
    before = np.array(tallies)
    shown = secrecy.renewed(before, np.zeros_like(before))
    full = shown.sum(axis=1) > 0
    now = before.copy()
    now[:, 0] += more

    assert (secrecy.renewed(now, shown).sum(axis=1)[full] == shown.sum(axis=1)[full]).all()
    now[:, 1] += SUM_STEP - more
    assert (secrecy.renewed(now, shown)[:, :, 0][full[:, 0]] == now[:, :, 0][full[:, 0]]).all()


def _sums(opinion: Opinion) -> dict[tuple[bytes, int], int]:
    names = [group.name for group in opinion.groups]
    return {
        (standing.idea, name): sums.voters
        for standing in opinion.ideas
        for name, sums in zip(names, standing.groups, strict=True)
        if sums
    }


def test_a_conversation_that_grows_shows_nothing_of_fewer_than_five_and_changes_in_steps_of_five() -> None:
    real = conversation("15-per-hour-seattle")
    rows = real.rows
    matrix, memory = VoteMatrix.of([]), Memory()
    before: dict[tuple[bytes, int], int] = {}
    seen, adopted = 0, 0

    for first in range(0, len(rows), 40):
        matrix = matrix.cast(rows[first : first + 40])
        opinion, memory = survey(matrix, real.hidden, memory)
        now = _sums(opinion)
        told = {idea for group in opinion.groups for idea, _agrees in group.stands_for}
        open_ = {idea for idea, _name in now}
        assert told <= open_
        assert not (told | open_ | {*opinion.unites, *opinion.all_agree}) & real.hidden
        assert all(voters >= SUM_STEP for voters in now.values())
        if memory.adopted == adopted and before and now:
            steps = {abs(now[key] - before[key]) for key in now.keys() & before.keys()}
            assert min(steps - {0}, default=SUM_STEP) >= SUM_STEP
        before, adopted = now, memory.adopted
        seen += len(now)

    assert seen > 100


def test_six_people_see_no_statistics_at_all() -> None:
    opinion, _memory = survey(VoteMatrix.of(made_up(6, 20, 1, density=1)))

    assert opinion.people == 6
    assert (opinion.groups, opinion.all_agree, opinion.all_disagree, opinion.unites) == ([], [], [], [])
    assert opinion.map.people == []
    assert all(not any(standing.groups) for standing in opinion.ideas)


def test_a_group_is_never_of_fewer_than_five() -> None:
    for seed in range(30):
        groups: list[Group] = survey(VoteMatrix.of(made_up(25, 14, seed, camps=3)))[0].groups
        assert all(group.people >= 5 for group in groups)
