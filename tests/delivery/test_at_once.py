"""An answer goes out as soon as it is committed; whatever must wait for something does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from bot.chat.content import Content
from bot.chat.keys import AccountKey
from bot.chat.port import Manner
from bot.crypto import Keyring
from bot.domain.people import Account, AccountSecret, Person
from bot.domain.rooms import Room
from bot.store.engine import Database, DatabaseError
from bot.store.records import Message, Outbox, Prompted
from bot.store.unit_of_work import UnitOfWork
from tests.delivery.fake import FakeNetwork
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import CHANNEL, say

changed = msgspec.structs.replace


@pytest.fixture
def post(sqlite_database: Database, keys: Keyring) -> Post:
    """The delivery of the only process."""
    return Post(sqlite_database, keys)


async def staged(post: Post, *rows: Outbox) -> Callable[[], None]:
    """Commit rows as handlers do; gives what is to be called then."""
    async with post.database.transaction() as connection:
        uow = UnitOfWork(connection, post.keys)
        await uow.load(Room, [(row.room_id,) for row in rows])
        for row in rows:
            uow.add(row)
        send = await post.delivery.claim_fresh(uow)
        await uow.flush()
    return send


async def arrived(post: Post) -> None:
    """Let what is on its way arrive."""
    await asyncio.gather(*post.delivery._sending.values())


async def test_an_answer_needs_no_turn_of_its_own(post: Post) -> None:
    here = some.room(private=True)
    await post.keep(here)

    send = await staged(post, say(here, "Hello"))
    assert [row.state for row in await post.outbox()] == ["sending"]
    assert post.network.sent == []

    send()
    await arrived(post)
    assert post.network.said(here.key) == ["Hello"]

    await post.go()
    assert await post.outbox() == []
    assert post.delivery.counts.sent == 1
    assert await post.get(Prompted, here.id) is None


async def test_the_next_answer_of_a_room_waits_for_the_first(post: Post) -> None:
    here = some.room()
    await post.keep(here)

    send = await staged(post, say(here, "1"), say(here, "2"))
    send()
    (await staged(post, say(here, "3")))()
    await arrived(post)
    assert post.network.said(here.key) == ["1"]

    await post.go()
    assert post.network.said(here.key) == ["1", "2", "3"]


async def test_an_answer_waits_for_what_waits_in_its_room(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"))

    (await staged(post, say(here, "2")))()
    assert post.delivery._sending == {}

    await post.go()
    assert post.network.said(here.key) == ["1", "2"]


async def test_what_takes_the_place_of_a_card_waits_for_a_turn_that_ends_the_card(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(some.card(here, bench, "m0"))
    row = say(here, "Instead")
    assert row.secret is not None

    (await staged(post, changed(row, secret=changed(row.secret, replaces="m0"))))()

    assert post.delivery._sending == {}


async def test_nothing_goes_out_of_what_is_rolled_back(post: Post) -> None:
    here = some.room()
    await post.keep(here)

    with pytest.raises(DatabaseError):
        await staged(post, say(here, "Hello"), say(some.room(), "To a room that is not there"))
    await post.go()

    assert post.network.attempts == []


async def test_after_a_crash_between_commit_and_sending_it_is_sent_once(post: Post) -> None:
    here = some.room()
    await post.keep(here)

    await staged(post, say(here, "Hello"))
    await post.crash()
    await post.go()

    assert post.network.said(here.key) == ["Hello"]


async def test_what_comes_when_all_is_over_waits_for_the_next_start(post: Post) -> None:
    here = some.room()
    await post.keep(here)
    send = await staged(post, say(here, "Hello"))

    await post.delivery._finish()
    send()

    assert post.delivery._sending == {}
    await post.crash()
    await post.go()
    assert post.network.said(here.key) == ["Hello"]


async def test_a_pace_is_kept(post: Post) -> None:
    rooms = [some.room() for _ in range(3)]
    await post.keep(*rooms)
    post.delivery._pacers[rooms[0].channel].pause(post.now + some.timedelta(seconds=9))

    (await staged(post, *(say(at, "Hello") for at in rooms)))()

    assert post.delivery._sending == {}
    await post.go(seconds=10)
    assert len(post.network.sent) == 3


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_is_read_in_one_room_is_sent_in_its_order_though_it_waits_for_two(
    sqlite_database: Database, keys: Keyring, *, at_once: bool
) -> None:
    """Where the bot opens private rooms, an answer to a group is read there, before what follows."""
    network = FakeNetwork(lambda: some.NOW)
    network.manner = Manner(opens=True)
    post = Post(sqlite_database, keys, network)
    group, private, person = some.room("group"), some.room("mine", private=True), Person(some.uuid7(), some.NOW)
    key = AccountKey(CHANNEL, "alva")
    lookup = keys.lookup("account", str(key))
    alva = Account(some.uuid7(), person.id, CHANNEL, lookup, AccountSecret(key, "Alva"), private.id)
    await post.keep(group, private, person, alva)
    answer, question = (
        say(group, secret=Message(Content.of("In private."), only_for="alva")),
        say(private, "What is it?"),
    )
    network.hold(group.key)
    if at_once:
        (await staged(post, answer, question))()
    else:
        await post.keep(answer, question)
    await post.round()
    assert network.sent == [], "the question waits for the answer"
    network.release(group.key)
    await post.go()
    assert [one.text for one in network.sent] == ["In private.", "What is it?"]
