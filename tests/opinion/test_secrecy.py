"""No sum shows how one person voted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ideas import SUM_STEP, Sums
from bot.opinion import secrecy, statistics
from bot.opinion.matrix import VoteMatrix
from bot.opinion.memory import Memory
from bot.opinion.survey import Group, Opinion, survey
from tests.opinion.polis import conversation, made_up, name

COUNTS = st.integers(0, 12)
TALLIES = st.integers(1, 5).flatmap(
    lambda k: st.lists(st.lists(st.tuples(COUNTS, COUNTS), min_size=3, max_size=3), min_size=k, max_size=k)
)


@given(TALLIES, st.tuples(COUNTS, COUNTS))
def test_what_is_left_out_is_nobody_or_five(tallies: list[list[tuple[int, int]]], rest: tuple[int, int]) -> None:
    now = np.array(tallies)

    seen = secrecy.visible(now, np.array(rest))

    voters = now.sum(axis=1)
    left_out = np.array(rest) + np.where(seen, 0, voters).sum(axis=0)
    assert (voters[seen] >= SUM_STEP).all()
    assert ((left_out == 0) | (left_out >= SUM_STEP) | ~seen.any(axis=0)).all()


Known = frozenset[tuple[int, int]]
"""A sum that somebody has noted, as the votes in it: who, and how often they had changed their vote."""


@given(st.integers(2, 4), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), min_size=20, max_size=120))
def test_no_sum_that_is_told_comes_within_fewer_than_five_of_what_was_told_before(
    groups: int, deeds: list[tuple[int, int]]
) -> None:
    """One idea: people weigh it one by one, change their votes, and move from group to group in between."""
    idea, of, turns = name(1), dict.fromkeys(range(31), 0), dict.fromkeys(range(31), 0)
    stored, shown, voted = VoteMatrix.of([]), Sums(), dict[int, int]()
    over_all: list[Known] = []
    told: secrecy.Told | None = None
    last: list[Known] = []
    coming: list[tuple[int, int]] = []
    for who, doing in deeds:
        if doing == 3:
            of[who] = (of[who] + 1) % groups
            continue
        if who in voted and voted[who] != doing - 1:
            turns[who] += 1
        voted[who] = doing - 1
        coming.append((who, doing - 1))
        if len(voted) < shown.voters + SUM_STEP:
            continue
        shown = sum_of(voted)
        over_all.append(frozenset((one, turns[one]) for one in voted))
        stored = taken(stored, idea, shown, coming)
        coming = []
        told, now = published(stored, idea, of, groups, shown, told)
        stored, sets = now
        for union in unions([frozenset((one, turns[one]) for one in some if one in voted) for some in sets]):
            known = [*over_all, *unions(last), *(a ^ b for a in over_all for b in over_all)]
            assert all(len(union ^ one) == 0 or len(union ^ one) >= SUM_STEP for one in known if one <= over_all[-1])
        last = (sets and [frozenset((one, turns[one]) for one in some if one in voted) for some in sets]) or last


def sum_of(votes: dict[int, int]) -> Sums:
    values = list(votes.values())
    return Sums(values.count(1), values.count(-1), values.count(0))


def taken(matrix: VoteMatrix, idea: bytes, shown: Sums, votes: list[tuple[int, int]]) -> VoteMatrix:
    """The matrix with these votes, each with the batch in which it came."""
    latest = dict(votes)
    cells = [secrecy.cell((shown.voters - 1) // SUM_STEP)] * len(latest)
    return matrix.cast([(name(who), idea, value) for who, value in latest.items()], cells)


def published(
    matrix: VoteMatrix, idea: bytes, of: dict[int, int], groups: int, shown: Sums, before: secrecy.Told | None
) -> tuple[secrecy.Told, tuple[VoteMatrix, list[frozenset[int]]]]:
    """Tell what may be told; give who is in each sum that is new."""
    labels = np.array([of[int.from_bytes(one, "big")] for one in matrix.people])
    tallies = statistics.tally(matrix, np.arange(len(labels)), labels, groups)
    totals = np.array([[shown.disagree], [shown.passed], [shown.agree]])
    seen = secrecy.visible(tallies, totals.sum(axis=0) - tallies.sum(axis=(0, 1)))
    before = before or secrecy.Told.nothing(1)
    told, cells = secrecy.tell(matrix, labels, tallies, seen, totals, before)
    people = [int.from_bytes(one, "big") for one in matrix.people]
    fresh = (told.sums != before.sums).any()
    sets = [
        frozenset(person for person, label in zip(people, cells % secrecy.LABELS, strict=True) if label == group)
        for group in range(secrecy.FIRST, secrecy.FIRST + groups)
    ]
    return told, (matrix.celled(cells), [one for one in sets if one] if fresh else [])


def unions(sets: Sequence[frozenset[Any]]) -> list[frozenset[Any]]:
    some = (union for count in range(1, len(sets) + 1) for union in combinations(sets, count))
    return [frozenset().union(*union) for union in some]


def test_a_sum_that_only_one_person_has_left_stays_as_it_was() -> None:
    idea = name(1)
    people = [name(number) for number in range(1, 41)]
    matrix = VoteMatrix.of([(one, idea, 1) for one in people])
    of = np.arange(40) // 20

    def told(labels: np.ndarray, before: secrecy.Told, of_matrix: VoteMatrix) -> tuple[secrecy.Told, VoteMatrix]:
        tallies = statistics.tally(of_matrix, np.arange(len(labels)), labels, 2)
        everyone = np.ones((2, 1), bool)
        found, cells = secrecy.tell(of_matrix, labels, tallies, everyone, np.array([[0], [0], [40]]), before)
        return found, of_matrix.celled(cells)

    first, matrix = told(of, secrecy.Told.nothing(1), matrix)
    assert first.sums[secrecy.FIRST :, 2, 0].tolist()[:2] == [20, 20]
    moved = of.copy()
    moved[0] = 1
    second, matrix = told(moved, first, matrix)
    assert second.sums[secrecy.FIRST :, 2, 0].tolist()[:2] == [20, 20]
    third, _matrix = told(of[1:], second, matrix.without({people[0]}))
    assert third.sums[secrecy.FIRST :, 2, 0].tolist()[:2] == [20, 20], "nor is it told when somebody is erased"
    moved[:6] = 1
    fourth, _matrix = told(moved, second, matrix)
    assert fourth.sums[secrecy.FIRST :, 2, 0].tolist()[:2] == [14, 26]


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
        matrix = matrix.celled(np.frombuffer(memory.cells, np.int32))
        now = _sums(opinion)
        told = {idea for group in opinion.groups for idea, _agrees in group.stands_for}
        open_ = {idea for idea, _name in now}
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
