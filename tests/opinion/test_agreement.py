"""Our results are those of an independent computation, and our groups are nearly those that Polis published."""

from __future__ import annotations

import numpy as np
import pytest

from bot.opinion import groups as grouping
from bot.opinion import next_idea, statistics
from bot.opinion.matrix import Ints, VoteMatrix
from bot.opinion.memory import Memory
from bot.opinion.space import Space, space
from bot.opinion.survey import Rung, survey
from tests.opinion import independent
from tests.opinion.polis import REPRODUCIBLE, SMALL, Conversation, conversation, made_up

NEAR = 1e-9


class Compared:
    """One conversation, computed both ways, with the groups that Polis published."""

    def __init__(self, real: Conversation) -> None:
        self.real = real
        self.votes = independent.by_person(real.rows)
        self.theirs = independent.Plane(independent.with_hidden(self.votes, real.hidden))
        self.matrix = VoteMatrix.of(real.rows)
        self.hidden = np.array([idea in real.hidden for idea in self.matrix.ideas])
        self.ours: Space = space(self.matrix, self.hidden)
        self.open = [idea for idea in self.matrix.ideas if idea not in real.hidden]
        self.labels: Ints = np.array([real.groups.get(person, -1) for person in self.matrix.people])
        self.members = np.flatnonzero(self.labels >= 0)
        self.count = max(real.groups.values(), default=0) + 1
        self.groups = [{person for person, group in real.groups.items() if group == k} for k in range(self.count)]
        self.tallies = statistics.tally(self.matrix, self.members, self.labels[self.members], self.count)

    def signs(self) -> np.ndarray:
        """Their components point as ours, or the other way."""
        theirs = np.array([self.theirs.components[idea] for idea in self.matrix.ideas]).T
        return np.sign(np.sum(theirs * self.ours.components, axis=1))


@pytest.fixture(scope="module", params=[*REPRODUCIBLE, SMALL])
def both(request: pytest.FixtureRequest) -> Compared:
    return Compared(conversation(request.param))


def test_means_components_positions_and_extremities_are_the_same(both: Compared) -> None:
    ideas, people, signs = both.matrix.ideas, both.matrix.people, both.signs()

    assert ideas == both.theirs.ideas
    assert both.ours.means == pytest.approx([both.theirs.means[idea] for idea in ideas], abs=NEAR)
    assert both.ours.variances == pytest.approx(both.theirs.variances, rel=NEAR)
    assert both.ours.components.T * signs == pytest.approx(
        np.array([both.theirs.components[idea] for idea in ideas]), abs=NEAR
    )
    assert both.ours.positions * signs == pytest.approx(
        np.array([both.theirs.positions[person] for person in people]), abs=NEAR
    )
    assert both.ours.extremity == pytest.approx([both.theirs.extremity[idea] for idea in ideas], abs=NEAR)


def test_the_same_people_are_in_the_map(both: Compared) -> None:
    nobody_before = np.full(len(both.matrix.people), -1)

    inside = grouping.in_the_map(both.matrix, nobody_before)

    assert {both.matrix.people[place] for place in np.flatnonzero(inside)} == independent.in_the_map(both.votes)


def test_what_stands_for_the_published_groups_is_the_same(both: Compared) -> None:
    agreeing, disagreeing = statistics.leanings(both.tallies)
    everybody = set().union(*both.groups)
    choosable = np.tile(~both.hidden, (both.count, 1))

    chosen = statistics.representative(agreeing, disagreeing, choosable)

    for number, group in enumerate(both.groups):
        for place, idea in enumerate(both.matrix.ideas):
            inside = independent.count(both.votes, group, idea)
            outside = independent.count(both.votes, everybody - group, idea)
            for ours, kind in ((agreeing, 0), (disagreeing, 1)):
                theirs = independent.four(inside[kind], outside[kind], inside[2], outside[2])
                found = [part[number, place] for part in (ours.share, ours.sure, ours.more, ours.surely_more)]
                assert found == pytest.approx(theirs, abs=NEAR)
        theirs_chosen = independent.representative(both.votes, group, everybody - group, both.open)
        assert [(both.matrix.ideas[place], agrees) for place, agrees in chosen[number]] == theirs_chosen


def test_consensus_and_what_unites_are_the_same(both: Compared) -> None:
    agree, disagree, voters = statistics.counted(statistics.everybody(both.matrix))
    unites = statistics.uniting(both.tallies)

    for some, agrees in ((agree, True), (disagree, False)):
        ours = [both.matrix.ideas[place] for place in statistics.consensus(some, voters, ~both.hidden)]
        assert ours == independent.consensus(both.votes, both.open, agree=agrees)
    assert unites == pytest.approx(
        [independent.uniting(both.votes, both.groups, idea) for idea in both.matrix.ideas], abs=NEAR
    )


def test_what_to_ask_next_is_the_same(both: Compared) -> None:
    agree, disagree, voters = (count.tolist() for count in statistics.counted(both.tallies.sum(axis=0)))
    everybody = set().union(*both.groups)

    for place, idea in enumerate(both.matrix.ideas):
        passed = voters[place] - agree[place] - disagree[place]
        ours = next_idea.weight(agree[place], passed, voters[place], float(both.ours.extremity[place]))
        theirs = independent.priority(both.votes, everybody, idea, both.theirs.extremity[idea])
        assert ours == pytest.approx(theirs, rel=NEAR)


def test_with_many_ideas_the_components_are_found_another_way_and_are_the_same() -> None:
    both = Compared(Conversation(made_up(400, 260, 1, density=0.2, camps=3), frozenset(), {}))

    assert both.ours.variances == pytest.approx(both.theirs.variances, rel=NEAR)
    assert both.ours.positions * both.signs() == pytest.approx(
        np.array([both.theirs.positions[person] for person in both.matrix.people]), abs=NEAR
    )


@pytest.mark.parametrize("folder", REPRODUCIBLE)
def test_our_groups_are_nearly_those_that_were_published(folder: str) -> None:
    from sklearn.metrics import adjusted_rand_score

    both = Compared(conversation(folder))

    found = grouping.groups(both.matrix, both.ours.positions, Memory(), again=False)
    ours = found.of_base[both.count][found.base]
    theirs = both.labels[found.members]

    assert adjusted_rand_score(theirs[theirs >= 0], ours[theirs >= 0]) >= 0.8


@pytest.mark.parametrize("folder", REPRODUCIBLE)
def test_a_real_conversation_has_groups(folder: str) -> None:
    real = conversation(folder)

    opinion, _memory = survey(VoteMatrix.of(real.rows), real.hidden)

    assert opinion.ladder.rung is Rung.GROUPS
    assert len(opinion.groups) >= 2
    assert sum(group.people for group in opinion.groups) == len(opinion.map.people)


def test_a_small_real_conversation_has_sums_only() -> None:
    real = conversation(SMALL)

    opinion, _memory = survey(VoteMatrix.of(real.rows), real.hidden)

    assert (opinion.people, opinion.ladder.rung) == (26, Rung.SUMS)
    assert opinion.groups == []
    assert set(opinion.map.group) == {None}
    assert opinion.all_agree
