"""The pace, on a virtual clock: never over the network's limits, and nobody waits longer than they ask for."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.port import Limits
from bot.delivery.pacing import Pacer
from tests.store.some import NOW

ROOMS = [UUID(int=number) for number in range(12)]
LIMITS = st.builds(
    Limits,
    overall=st.sampled_from([0.0, 0.5, 1.0, 7.3, 30.0]),
    per_room=st.sampled_from([0.0, 0.2, 1.0, 3.0]),
    group_per_minute=st.sampled_from([0.0, 1.0, 5.0, 20.0]),
    burst=st.integers(0, 5),
)
SLACK = 1e-3
"""Moments have microseconds; a few of them may be lost in a sum."""


class Queue:
    """What a worker does: send the oldest message of each free room, as many as may go, then wait till it is told."""

    def __init__(self, limits: Limits, groups: set[UUID]) -> None:
        self.limits = limits
        self.pacer = Pacer(limits)
        self.groups = groups
        self.now = NOW
        self.waiting: list[UUID] = []
        self.sent: list[tuple[datetime, UUID]] = []

    def until(self, end: datetime | None) -> None:
        """Send until a moment, or until nothing waits."""
        while self.waiting and (end is None or self.now < end):
            if self._turn():
                continue
            later = self.pacer.next_free(self.now)
            assert later is not None, "something waits, and nobody says for what"
            assert later > self.now
            self.now = later if end is None else min(later, end)
        self.now = max(self.now, end or self.now)

    def _turn(self) -> bool:
        held = set(self.pacer.held(self.now))
        free = [room for room in dict.fromkeys(self.waiting) if room not in held]
        going = free[: self.pacer.available(self.now)]
        for room in going:
            self.waiting.remove(room)
            self.pacer.take(room, self.now, group=room in self.groups)
            self.sent.append((self.now, room))
        return bool(going)


def _most_in(moments: list[datetime], span: float) -> int:
    """The most moments in any span of so many seconds, its end left out."""
    length = timedelta(seconds=span)
    return max((sum(1 for other in moments if at <= other < at + length) for at in moments), default=0)


@given(
    LIMITS,
    st.sets(st.sampled_from(ROOMS)),
    st.lists(st.tuples(st.floats(0, 20), st.lists(st.sampled_from(ROOMS), min_size=1, max_size=15)), max_size=8),
)
def test_whatever_waits_goes_as_soon_as_it_may_and_never_sooner(
    limits: Limits, groups: set[UUID], arrivals: list[tuple[float, list[UUID]]]
) -> None:
    queue = Queue(limits, groups)
    for gap, rooms in arrivals:
        queue.until(queue.now + timedelta(seconds=gap))
        queue.waiting.extend(rooms)

    queue.until(None)

    # All was sent
    assert sorted(room for _at, room in queue.sent) == sorted(room for _gap, rooms in arrivals for room in rooms)
    # never over the limit in all,
    moments = [at for at, _room in queue.sent]
    burst = max(limits.burst, 1)
    for span in (1, 10) if limits.overall else ():
        assert _most_in(moments, span) <= burst + limits.overall * span + SLACK
    by_room: dict[UUID, list[datetime]] = defaultdict(list)
    for at, room in queue.sent:
        by_room[room].append(at)
    for room, own in by_room.items():
        # in a room,
        for span in (1, 10) if limits.per_room else ():
            assert _most_in(own, span) <= burst + limits.per_room * span + SLACK
        # and in a group within a minute
        if limits.group_per_minute and room in groups:
            assert _most_in(own, 60 - SLACK) <= limits.group_per_minute


@given(st.sampled_from([0.5, 1.0, 7.3, 30.0]), st.integers(1, 5), st.integers(1, 200))
def test_many_rooms_are_served_at_the_full_rate(overall: float, burst: int, many: int) -> None:
    queue = Queue(Limits(overall=overall, per_room=1, group_per_minute=20, burst=burst), set())
    queue.waiting = [UUID(int=number) for number in range(many)]

    queue.until(None)

    took = (queue.now - NOW).total_seconds()
    assert took <= max(many - burst, 0) / overall + many * 1e-5


@given(st.sampled_from([0.2, 1.0, 3.0]), st.integers(1, 5), st.integers(1, 40))
def test_one_room_is_served_at_its_full_rate(per_room: float, burst: int, many: int) -> None:
    queue = Queue(Limits(overall=30, per_room=per_room, burst=burst), set())
    queue.waiting = [ROOMS[0]] * many

    queue.until(None)

    assert (queue.now - NOW).total_seconds() <= max(many - 1, 0) * max(1 / per_room, 1 / 30) + 0.01


def test_a_quiet_room_may_be_answered_several_times_at_once() -> None:
    queue = Queue(Limits(per_room=1, burst=3), set())
    queue.waiting = [ROOMS[0]] * 5

    queue.until(None)

    gaps = [(after - before).total_seconds() for (before, _), (after, _) in pairwise(queue.sent)]
    assert gaps == [0, 0, 1, 1]


def test_a_busy_group_does_not_hold_up_another() -> None:
    queue = Queue(Limits(group_per_minute=2), set(ROOMS))
    queue.waiting = [ROOMS[0]] * 3 + [ROOMS[1]]

    queue.until(NOW + timedelta(seconds=30))

    assert [room for _at, room in queue.sent] == [ROOMS[0], ROOMS[1], ROOMS[0]]
    assert queue.waiting == [ROOMS[0]]


def test_a_room_waits_as_long_as_the_network_says_and_the_others_do_not() -> None:
    queue = Queue(Limits(), set())
    queue.pacer.hold(ROOMS[0], NOW + timedelta(seconds=30))
    queue.pacer.hold(ROOMS[0], NOW + timedelta(seconds=5))
    queue.waiting = ROOMS[:2]

    queue.until(None)

    assert queue.sent == [(NOW, ROOMS[1]), (NOW + timedelta(seconds=30), ROOMS[0])]


def test_a_network_that_is_down_is_left_alone_until_then() -> None:
    queue = Queue(Limits(overall=1, burst=1), set())
    queue.pacer.pause(NOW + timedelta(seconds=30))
    queue.pacer.pause(NOW + timedelta(seconds=5))
    queue.waiting = ROOMS[:2]

    queue.until(None)

    assert [at for at, _room in queue.sent] == [NOW + timedelta(seconds=30), NOW + timedelta(seconds=31)]


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_a_clock_that_is_set_right_stops_nobody_and_lets_nobody_flood(jump: int) -> None:
    queue = Queue(Limits(overall=10, per_room=1, burst=3), set())
    queue.waiting = ROOMS[:3]
    queue.until(None)

    queue.now += timedelta(seconds=jump)
    start, before = queue.now, len(queue.sent)
    queue.waiting = ROOMS[3:]
    queue.until(None)

    assert len(queue.sent) == before + 9
    assert _most_in([at for at, _room in queue.sent[before:]], 0.1) <= 4
    assert (queue.now - start).total_seconds() < 2


def test_a_room_is_not_held_for_an_hour_when_the_clock_is_set_back() -> None:
    queue = Queue(Limits(per_room=1, burst=1), set())
    queue.waiting = [ROOMS[0]]
    queue.until(None)

    queue.now -= timedelta(hours=1)
    start = queue.now
    queue.waiting = [ROOMS[0]]
    queue.until(None)

    assert queue.now - start < timedelta(minutes=2)


def test_rooms_that_have_rested_are_forgotten() -> None:
    pacer = Pacer(Limits(per_room=1, group_per_minute=20, burst=3))
    for number in range(30_000):
        now = NOW + timedelta(seconds=number / 30)
        pacer.held(now)
        pacer.take(UUID(int=number), now, group=True)

    assert len(pacer._credit) <= 10_001
    assert len(pacer._minutes) <= 10_001
    assert len(pacer._held) <= 10_001
