"""The whole map: from no votes to many, from one day to the next, whatever people and ideas are called."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from bot.opinion import groups as grouping
from bot.opinion.matrix import Row, VoteMatrix, pack, split
from bot.opinion.memory import Memory
from bot.opinion.survey import Ladder, Map, Opinion, Rung, survey
from tests.opinion.polis import conversation, made_up, name


def camps(opinion: Opinion) -> set[frozenset[bytes]]:
    """Who is with whom."""
    names = {*opinion.map.group}
    pairs = list(zip(opinion.map.people, opinion.map.group, strict=True))
    return {frozenset(person for person, group in pairs if group == name) for name in names}


def places(found: Map) -> dict[bytes, tuple[float, float]]:
    return dict(zip(found.people, zip(found.x, found.y, strict=True), strict=True))


def test_nobody_has_voted() -> None:
    opinion, memory = survey(VoteMatrix.of([]))

    assert (opinion.people, opinion.votes, opinion.ideas) == (0, 0, [])
    assert opinion.ladder == Ladder(Rung.IDEAS, 10, 70)
    assert survey(VoteMatrix.of(made_up(30, 12, 1)), memory=memory)[0].people == 30


def test_one_person_has_voted() -> None:
    opinion, _memory = survey(VoteMatrix.of([(name(1), name(idea), 1) for idea in range(10)]))

    assert opinion.people == 1
    assert opinion.ladder == Ladder(Rung.IDEAS, 9, 60)


def test_the_ladder_says_how_far_it_is_to_groups() -> None:
    opinion, _memory = survey(VoteMatrix.of([(name(who), name(idea), 1) for who in range(8) for idea in range(3)]))

    assert opinion.ladder == Ladder(Rung.SUMS, 2, 70 - 8 * 3)


@pytest.mark.parametrize("vote", [-1, 0, 1])
def test_all_are_of_one_mind(vote: int) -> None:
    rows = [(name(who), name(idea), vote) for who in range(40) for idea in range(10)]

    opinion, _memory = survey(VoteMatrix.of(rows))

    assert opinion.ladder == Ladder(Rung.SUMS, 0, 0)
    assert {*opinion.map.x, *opinion.map.y} == {0.0}
    assert len(opinion.all_agree) == (5 if vote == 1 else 0)
    assert len(opinion.all_disagree) == (5 if vote == -1 else 0)


def test_two_camps_are_two_groups() -> None:
    rows = [(name(who), name(idea), 1 if (who < 10) == (idea < 5) else -1) for who in range(25) for idea in range(10)]

    opinion, _memory = survey(VoteMatrix.of(rows))

    assert camps(opinion) == {frozenset(map(name, range(10))), frozenset(map(name, range(10, 25)))}
    assert [(group.name, group.people) for group in sorted(opinion.groups, key=lambda group: group.name)] == [
        (0, 15),
        (1, 10),
    ]
    assert all(len(group.stands_for) == 5 for group in opinion.groups)
    assert opinion.unites == [], "what one group does not want unites nobody"


def test_votes_by_chance_make_no_groups() -> None:
    seen = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        rows = [(name(who), name(idea), int(chance.integers(-1, 2))) for who in range(60) for idea in range(20)]
        seen.append(survey(VoteMatrix.of(rows))[0].ladder.rung)

    assert seen.count(Rung.GROUPS) <= 3


def test_an_odd_size_is_as_good_as_any() -> None:
    opinion, _memory = survey(VoteMatrix.of(made_up(371, 126, 3, density=0.3, camps=3)))

    assert (opinion.people, len(opinion.ideas), len(opinion.groups)) == (371, 126, 3)


@pytest.mark.parametrize("seed", range(12))
def test_other_names_for_people_and_ideas_change_nothing_but_names(seed: int) -> None:
    rows = made_up(20 + 17 * seed, 9 + seed, seed, camps=2 + seed % 2)
    chance = np.random.default_rng(seed)
    person, idea = chance.permutation(1000), chance.permutation(1000)

    def renamed(row: Row) -> Row:
        return name(int(person[int.from_bytes(row[0])])), name(int(idea[int.from_bytes(row[1])])), row[2]

    one, _memory = survey(VoteMatrix.of(rows))
    other, _memory = survey(VoteMatrix.of([renamed(rows[place]) for place in chance.permutation(len(rows))]))

    people = {name(old): name(int(person[old])) for old in range(300)}
    ideas = {name(old): name(int(idea[old])) for old in range(300)}
    assert other.ladder == one.ladder
    assert camps(other) == {frozenset(people[who] for who in camp) for camp in camps(one)}
    there = places(other.map)
    for who, place in places(one.map).items():
        assert there[people[who]] == pytest.approx(place, abs=1e-9)
    assert {frozenset(group.stands_for) for group in other.groups} == {
        frozenset((ideas[what], agrees) for what, agrees in group.stands_for) for group in one.groups
    }
    weights = {standing.idea: standing.weight for standing in other.ideas}
    for standing in one.ideas:
        assert weights[ideas[standing.idea]] == pytest.approx(standing.weight, rel=1e-9)


def test_after_some_votes_more_the_map_is_that_of_all_votes_from_the_same_earlier_groups() -> None:
    rows = made_up(300, 220, 5, density=0.2, camps=3)
    matrix = VoteMatrix.of(rows[:-200])
    _opinion, memory = survey(matrix)
    stored = msgspec.msgpack.encode(memory)

    kept_up = survey(matrix.cast(rows[-200:-100]).cast(rows[-100:]), memory=msgspec.msgpack.decode(stored, type=Memory))
    anew = survey(VoteMatrix.of(rows), memory=memory)

    assert kept_up == anew


def test_the_same_votes_once_more_change_nothing() -> None:
    real = conversation("brexit-consensus")
    matrix = VoteMatrix.of(real.rows)
    once = survey(matrix, real.hidden)

    assert survey(matrix.celled(np.frombuffer(once[1].cells, np.int32)), real.hidden, once[1]) == once


def test_hidden_ideas_are_not_spoken_of_and_do_not_move_people() -> None:
    rows = made_up(60, 12, 8)
    hidden = {name(0), name(5)}
    extra = [(who, what, -vote if what in hidden else vote) for who, what, vote in rows]

    one, other = survey(VoteMatrix.of(rows), hidden)[0], survey(VoteMatrix.of(extra), hidden)[0]

    assert places(one.map) == places(other.map)
    assert one.groups == other.groups
    assert {standing.idea for standing in one.ideas} == {name(idea) for idea in range(12)} - hidden


def test_from_day_to_day_the_map_keeps_its_direction_and_groups_their_names() -> None:
    real = conversation("scoop-hivemind.taxes")
    matrix, memory = VoteMatrix.of(real.rows[:6000]), Memory()
    before, memory = survey(matrix, real.hidden, memory)

    for first in range(6000, len(real.rows), 500):
        matrix = matrix.cast(real.rows[first : first + 500])
        now, memory = survey(matrix, real.hidden, memory)
        then, here = places(before.map), places(now.map)
        assert then.keys() <= here.keys()
        both = np.array([(*then[who], *here[who]) for who in then])
        assert np.corrcoef(both[:, 0], both[:, 2])[0, 1] > 0.9
        assert np.corrcoef(both[:, 1], both[:, 3])[0, 1] > 0.9
        then_in = dict(zip(before.map.people, before.map.group, strict=True))
        stayed = [
            then_in[who] == group for who, group in zip(now.map.people, now.map.group, strict=True) if who in then
        ]
        assert np.mean(stayed) > 0.9
        before = now


def test_who_was_in_the_map_stays_in_it() -> None:
    few = [(name(who), name(idea), 1 - 2 * (who % 2)) for who in range(20) for idea in range(3)]
    matrix = VoteMatrix.of(few)
    _opinion, memory = survey(matrix)

    many = [(name(who), name(idea), 1) for who in range(20, 40) for idea in range(3, 20)]
    opinion, _memory = survey(matrix.cast(many), memory=memory)

    assert len(opinion.map.people) == 40


def test_whoever_is_forgotten_is_gone_from_the_next_map() -> None:
    rows = made_up(60, 12, 8)
    _opinion, memory = survey(VoteMatrix.of(rows))

    opinion, memory = survey(VoteMatrix.of([row for row in rows if row[0] != name(7)]), memory=memory)

    assert name(7) not in opinion.map.people
    assert name(7) not in split(memory.people)


def test_a_new_number_of_groups_must_win_four_times_in_a_row() -> None:
    memory = Memory(adopted=2, winner=2, wins=7, names=(0, 1))
    seen = []
    for _update in range(4):
        adopted, winner, wins = grouping._adopt({2: 0.4, 3: 0.5}, memory, again=False)
        memory = msgspec.structs.replace(memory, adopted=adopted, winner=winner, wins=wins)
        seen.append(adopted)

    assert seen == [2, 2, 2, 3]


def test_a_new_group_gets_a_name_that_no_other_has() -> None:
    memory = Memory(adopted=2, names=(3, 0), groupings={2: bytes([0, 1])})
    before, labels = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([2, 2, 2, 0, 0, 0, 1])

    assert grouping._names(labels, before, 3, memory) == (0, 1, 3)


def test_the_numbers_kept_are_whole() -> None:
    """What follows from sums over pairs is exact, so that a year of votes leaves no trace of rounding."""
    rows = made_up(200, 40, 2)
    there_and_back = VoteMatrix.of(rows).cast([(who, what, -vote) for who, what, vote in rows]).cast(rows)

    assert pack(there_and_back) == pack(VoteMatrix.of(rows))
