"""The stored state takes up just those votes that people's sums count, whatever is voted meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ideas import Sums, publishable
from bot.domain.maps import Findings
from bot.opinion.findings import findings
from bot.opinion.matrix import VoteMatrix, unpack
from bot.opinion.state import News, Stored, brought_up, taken_up, without
from tests.opinion.polis import REPRODUCIBLE, conversation, made_up, name

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)


def matrix_of(stored: bytes) -> VoteMatrix:
    return unpack(msgspec.msgpack.decode(stored, type=Stored).matrix)


def news(rows: list[tuple[bytes, bytes, int]]) -> list[News]:
    """All votes of a conversation, each idea as people see it when all have voted."""
    votes: dict[bytes, list[tuple[bytes, int, datetime]]] = {}
    for number, (who, what, value) in enumerate(rows):
        votes.setdefault(what, []).append((who, value, BEGAN + timedelta(seconds=number)))
    return [
        News(idea, Sums(*(sum(vote[1] == value for vote in of) for value in (1, -1, 0))), of)
        for idea, of in votes.items()
    ]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-1, 1)), min_size=5, max_size=60))
def test_it_holds_what_is_seen_and_not_a_vote_more(deeds: list[tuple[int, int]]) -> None:
    """People weigh one idea, and change their votes; the map is made whenever the sums are renewed."""
    idea, votes, shown, stored = name(1), dict[bytes, tuple[int, datetime]](), Sums(), b""
    until: datetime | None = None
    for number, (who, value) in enumerate(deeds):
        votes[name(who)] = (value, BEGAN + timedelta(seconds=number))
        sums = Sums(*(sum(one == wanted for one, _at in votes.values()) for wanted in (1, -1, 0)))
        renewed = publishable(sums, shown)
        if renewed == shown:
            continue
        shown = renewed
        # as the query gives them: what was voted since, each vote as it is now
        fresh = [(voter, vote, at) for voter, (vote, at) in votes.items() if until is None or at >= until]
        made = brought_up(stored, [News(idea, shown, fresh)], (), ())
        stored, until = made.stored, made.counted[idea][1]
        assert made.counted[idea][0] == shown.voters
        assert Sums(*matrix_of(stored).sums_of(0)) == shown


def test_a_vote_changed_before_it_was_taken_up_waits_for_the_next_five() -> None:
    idea = name(1)
    votes = {name(who): (1, BEGAN + timedelta(seconds=who)) for who in range(5)}
    seen = Sums(5)
    votes[name(0)] = (-1, BEGAN + timedelta(minutes=1))
    made = brought_up(b"", [News(idea, seen, [(who, *vote) for who, vote in votes.items()])], (), ())
    assert idea not in made.counted
    assert matrix_of(made.stored).people == []
    votes |= {name(who): (1, BEGAN + timedelta(hours=who)) for who in range(5, 10)}
    made = brought_up(made.stored, [News(idea, Sums(9, 1), [(who, *vote) for who, vote in votes.items()])], (), ())
    assert Sums(*matrix_of(made.stored).sums_of(0)) == Sums(9, 1)


def test_a_part_after_the_other_is_the_same_as_all_at_once() -> None:
    everything = news(made_up(60, 12, 5))
    parts = taken_up(taken_up(b"", everything[:5]), everything[5:9])
    assert brought_up(parts, everything[9:], (), ()).opinion == brought_up(b"", everything, (), ()).opinion


def test_whoever_leaves_is_nowhere_in_it() -> None:
    everything = news(made_up(40, 9, 3))
    made = brought_up(b"", everything, (), ())
    assert name(27) in made.stored
    gone = without(made.stored, {name(27)})
    assert name(27) not in gone
    assert name(28) in gone
    assert brought_up(made.stored, [], (), {name(27)}).opinion == brought_up(gone, [], (), ()).opinion


def test_a_count_of_people_changes_by_five_or_not_at_all() -> None:
    """Of a real conversation that grows: what is told of how many are in a group, where its votes do not tell it."""
    folder = REPRODUCIBLE[0]
    rows = conversation(folder).rows
    stored, told, counted = b"", Findings(), dict[bytes, int]()
    steps = 0
    for end in range(len(rows) // 3, len(rows), 100):
        latest = {(who, what): value for who, what, value in rows[:end]}
        fresh = [one for one in news([(*both, value) for both, value in latest.items()]) if one.shown.voters >= 5
                 and one.shown.voters >= counted.get(one.idea, 0) + 5]  # fmt: skip
        counted |= {one.idea: one.shown.voters for one in fresh}
        made = brought_up(stored, fresh, (), ())
        stored = made.stored
        before = told.told
        told = findings(made.opinion, (), made.counted, told)
        for place, group in enumerate(told.groups):
            sums = (one.groups[place] for one in told.ideas.values() if one.groups)
            heard = max((one.voters for one in sums if one), default=0)
            change = abs(group.people - before.get(group.name, 0))
            assert change == 0 or change >= 5 or group.people == heard, "or the sums of its votes tell of so many"
            steps += change > 0
        exact = {group.name: group.people for group in made.opinion.groups}
        assert all(abs(group.people - exact[group.name]) < 5 for group in told.groups)
    assert steps > 3, "it was tried"
