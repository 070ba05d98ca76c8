"""A crash at any moment loses nothing, and doubles at most what was on its way: one message a room, and counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bot.chat.keys import RoomKey
from bot.crypto import Keyring
from bot.store.engine import Database
from tests.delivery.fake import FakeNetwork
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import NOW, say

ROOMS, EACH = 6, 3
WORDS = [f"{number}" for number in range(EACH)]


async def _full(post: Post, rooms: int = ROOMS) -> list[RoomKey]:
    """Some messages for some rooms."""
    made = [some.room(f"room-{number}") for number in range(rooms)]
    await post.keep(*made, *(say(at, word) for word in WORDS for at in made))
    return [at.key for at in made]


def _once(said: list[str]) -> list[str]:
    """Without what was said twice in a row."""
    return [word for number, word in enumerate(said) if number == 0 or said[number - 1] != word]


@pytest.mark.parametrize("rounds", range(1, EACH + 2))
@pytest.mark.parametrize("idempotent", [False, True], ids=["no keys", "keys"])
async def test_after_a_crash_at_any_commit_every_room_has_it_all_in_order(
    post: Post, rounds: int, *, idempotent: bool
) -> None:
    post.network.idempotent = idempotent
    rooms = await _full(post)

    for _ in range(rounds):
        await post.round()
    await post.crash()
    await post.go(seconds=1)

    said = [post.network.said(at) for at in rooms]
    doubled = sum(len(words) - len(set(words)) for words in said)
    assert [_once(words) for words in said] == [WORDS] * ROOMS
    assert doubled <= post.uncertain
    if idempotent or rounds > EACH:
        assert doubled == 0
    else:
        assert doubled == post.uncertain == ROOMS


async def test_what_was_claimed_but_never_left_leaves_after_the_crash(post: Post) -> None:
    rooms = await _full(post)
    for at in rooms:
        post.network.hold(at)
    await post.round()

    await post.crash()
    for at in rooms:
        post.network.release(at)
    await post.go(seconds=1)

    assert [post.network.said(at) for at in rooms] == [WORDS] * ROOMS
    assert post.uncertain == ROOMS


async def test_a_crash_while_things_go_wrong_already_loses_nothing_either(post: Post) -> None:
    rooms = await _full(post)
    post.network.lose(rooms[0])
    await post.round()
    await post.round()

    await post.crash()
    post.network.lose(rooms[0])
    await post.go(minutes=1)

    # The first room's message may be in doubt twice: then it is given up rather than said a third time.
    said = {at: post.network.said(at) for at in rooms}
    assert [_once(said[at]) for at in rooms] == [WORDS] * ROOMS
    assert Counter(said[rooms[0]])["0"] == 2


# --- several processes


class Processes:
    """Two processes with one database, one network and one clock."""

    def __init__(self, database: Database, keys: Keyring) -> None:
        self.now = NOW
        network = FakeNetwork(lambda: self.now)
        self.posts = [Post(database, keys, network) for _ in range(2)]
        for post in self.posts:
            post.delivery.clock = lambda: self.now
        self.network = network

    async def until_empty(self) -> None:
        """Both deliver until nothing is left."""
        one, two = self.posts
        for _ in range(400):
            await asyncio.gather(one.round(), two.round())
            if not await one.outbox():
                return
            self.now += timedelta(seconds=0.1)
        raise AssertionError([(row.state, row.attempts) for row in await one.outbox()])


async def test_two_processes_send_each_message_once_and_in_order(postgresql_database: Database, keys: Keyring) -> None:
    both = Processes(postgresql_database, keys)
    rooms = await _full(both.posts[0], 100)

    await both.until_empty()

    assert [both.network.said(at) for at in rooms] == [WORDS] * 100
    assert all(post.delivery.counts.sent for post in both.posts)
    assert [post.uncertain for post in both.posts] == [0, 0]


async def test_when_a_process_dies_another_takes_over_after_its_lease(
    postgresql_database: Database, keys: Keyring
) -> None:
    both = Processes(postgresql_database, keys)
    rooms = await _full(both.posts[0])
    dead, alive = both.posts
    await dead.round()
    await alive.round()
    said = len(both.network.sent)

    both.now += timedelta(seconds=20)
    for _ in range(3):
        await alive.round()
    assert len(both.network.sent) == said, "the lease is not over"

    both.now += timedelta(seconds=10)
    for _ in range(10):
        await alive.round()
    assert [_once(both.network.said(at)) for at in rooms] == [WORDS] * ROOMS
    assert len(both.network.sent) - ROOMS * EACH == alive.uncertain == ROOMS


async def test_a_process_that_starts_again_soon_takes_up_its_own_when_the_lease_is_over(
    postgresql_database: Database, keys: Keyring
) -> None:
    post = Post(postgresql_database, keys)
    rooms = await _full(post)
    await post.round()
    crashed = post.now
    await post.crash()
    post.now = crashed

    await post.go(seconds=2)
    assert [post.network.said(at) for at in rooms] == [["0"]] * ROOMS

    for _ in range(10):
        post.now += timedelta(seconds=5)
        await post.go()
    assert [_once(post.network.said(at)) for at in rooms] == [WORDS] * ROOMS


async def test_one_that_slept_past_its_lease_disturbs_nobody(postgresql_database: Database, keys: Keyring) -> None:
    both = Processes(postgresql_database, keys)
    sleeper, other = both.posts
    (here,) = await _full(sleeper, 1)
    both.network.hold(here)
    await sleeper.round()

    # When the other takes over what the sleeper holds, and the sleeper wakes while that is on its way
    both.now += timedelta(seconds=60)
    await other.round()
    await other.round()
    assert len(both.network.attempts) == 2
    both.network.release(here)
    await asyncio.sleep(0)
    await sleeper.round()
    await both.until_empty()

    # Then the room has it all, in order, and what was said twice is counted
    assert both.network.said(here) == ["0", "0", "1", "2"]
    assert sleeper.uncertain + other.uncertain == 1


async def test_what_would_outlast_its_lease_is_not_begun(postgresql_database: Database, keys: Keyring) -> None:
    """Where many messages wait for few lanes."""
    post = Post(postgresql_database, keys)
    rooms = await _full(post, 30)
    for at in rooms:
        post.network.hold(at)
    await post.round()
    begun = len(post.network.attempts)
    assert begun < 30

    post.now += timedelta(seconds=11)
    for at in rooms:
        post.network.release(at)
    await asyncio.wait(post.delivery._sending.values())
    assert len(post.network.attempts) == begun

    await post.go(seconds=5)
    assert [post.network.said(at) for at in rooms] == [WORDS] * 30
    assert post.uncertain == 0
