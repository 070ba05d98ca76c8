"""Votes are kept up one by one, and equal those that came all at once."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.opinion.matrix import MISSING, Row, VoteMatrix, pack, unpack
from tests.opinion.independent import by_person
from tests.opinion.polis import name

NAMES = st.integers(0, 9).map(name)
ROWS = st.lists(st.tuples(NAMES, NAMES, st.integers(-1, 1)), max_size=60)


@given(ROWS)
def test_the_last_vote_of_each_counts(rows: list[Row]) -> None:
    votes = by_person(rows)

    matrix = VoteMatrix.of(rows)

    assert matrix.people == sorted(votes)
    assert matrix.ideas == sorted({row[1] for row in rows})
    dense = matrix.rows(np.arange(len(matrix.people)))
    for person, row in zip(matrix.people, dense.tolist(), strict=True):
        assert row == [votes[person].get(idea, MISSING) for idea in matrix.ideas]


@given(ROWS)
def test_the_sums_over_pairs_of_ideas_are_right(rows: list[Row]) -> None:
    matrix = VoteMatrix.of(rows)
    votes = by_person(rows)

    for i, one in enumerate(matrix.ideas):
        for j, other in enumerate(matrix.ideas):
            both = [(own[one], own[other]) for own in votes.values() if one in own and other in own]
            expected = [sum(a * b for a, b in both), sum(a for a, _b in both), len(both)]
            assert matrix.pairs[:, i, j].tolist() == expected


@given(ROWS, st.lists(st.integers(0, 60), max_size=4))
def test_votes_one_after_the_other_make_the_same_matrix_as_all_at_once(rows: list[Row], cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(rows)]
    kept_up = VoteMatrix.of([])

    for first, last in pairwise(bounds):
        kept_up = unpack(pack(kept_up)).cast(rows[first:last])

    assert pack(kept_up) == pack(VoteMatrix.of(rows))


@given(ROWS, ROWS)
def test_a_matrix_never_changes(rows: list[Row], more: list[Row]) -> None:
    matrix = VoteMatrix.of(rows)
    before = pack(matrix)

    matrix.cast(more)

    assert pack(matrix) == before


@pytest.mark.parametrize("vote", [2, -2, 100])
def test_what_is_no_vote_is_refused(vote: int) -> None:
    with pytest.raises(ValueError, match="A vote is"):
        VoteMatrix.of([(name(1), name(1), vote)])


@pytest.mark.parametrize("stored", [b"", b"\x00", b"\xff" * 40])
def test_what_is_no_stored_matrix_is_told(stored: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        unpack(stored)
