"""What nobody in a room asked for comes calmly: one message of all that is new, and what cannot wait alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bot.chat.port import NO_RIGHTS, Unreachable
from bot.crypto import Keyring
from bot.delivery.worker import Delivery
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, GatheringSecret
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.needs import Help, HelpSecret
from bot.domain.rooms import CARDS_A_DAY
from bot.domain.steps import Story
from bot.store import outbox
from bot.store.engine import Database
from bot.store.records import Outbox
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import NOW, fan_out

changed = msgspec.structs.replace
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def published(post: Post, subject: str, of: Any) -> Outbox:
    """A card of any kind for all rooms, now."""
    return changed(fan_out(of), subject=subject, not_before=post.now)


def of_each_kind(post: Post, like: Idea, at: datetime) -> list[tuple[str, Any]]:
    """One of each that is told, and an idea; the gathering is at a moment."""
    talk, me = like.conversation_id, like.author_id
    group = HelperGroup(talk, some.uuid7(), me, "Build it", "", "", "", post.now)
    return [
        ("idea", changed(like, id=some.uuid7(), number=2, text="A lamp")),
        ("story", Story(talk, some.uuid7(), me, "It is painted", post.now)),
        ("group", group),
        ("need", Help(some.uuid7(), "need", "", "Nora", post.now, HelpSecret("A ladder"), talk, me, shared=True)),
        (
            "gathering",
            Gathering(talk, some.uuid7(), me, "Fika", at, at + timedelta(hours=2), "Europe/Stockholm", post.now,
                      post.now, GatheringSecret("Here")),
        ),
    ]  # fmt: skip


async def publish(post: Post, *some_of_it: tuple[str, Any]) -> None:
    """Have it kept, and go to all rooms."""
    await post.keep(*(one for _subject, one in some_of_it))
    await post.keep(*(published(post, subject, one) for subject, one in some_of_it))


def clock(post: Post, number: int = -1) -> str:
    """When a message came, by Stockholm's clocks."""
    return f"{post.network.sent[number].at.astimezone(STOCKHOLM):%a %H:%M}"


async def test_all_that_is_new_stands_in_one_message_each_with_its_number(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    await publish(post, *of_each_kind(post, bench, NOW + timedelta(days=5)))

    await post.go(days=2)

    assert len(post.network.sent) == 1
    assert clock(post) == "Mon 17:00"
    lines = post.network.said(here.key)[0].split("\n")
    assert [line.partition(":")[0] for line in lines[2:6]] == [
        "1. Gathering", "2. Somebody needs support", "3. Helper group", "4. What came of it"
    ]  # fmt: skip
    assert lines[6:8] == ["New ideas:", "5. A lamp"]
    assert [choice.label for row in post.network.sent[0].message.choices for choice in row] == list("12345")
    assert await post.outbox() == []


@pytest.mark.parametrize(
    ("hours", "comes"),
    [
        pytest.param(30, "Mon 12:00", id="tomorrow evening it would be late"),
        pytest.param(42, "Mon 17:00", id="the day after, in the day's message"),
    ],
)
async def test_what_happens_before_the_next_message_can_tell_of_it_comes_alone(
    big_post: Post, hours: int, comes: str
) -> None:
    post = big_post
    bench, (_here,) = await post.talk(pace="weekly" if hours < 40 else "daily")
    gathering = of_each_kind(post, bench, NOW + timedelta(hours=hours))[-1]
    await publish(post, gathering)

    await post.go(days=1)

    assert clock(post) == comes


async def test_what_is_moved_to_sooner_does_not_wait(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    *_others, (subject, gathering) = of_each_kind(post, bench, NOW + timedelta(days=9))
    await publish(post, (subject, gathering))
    await post.idea(2, bench)
    await post.go()
    assert post.network.sent == []

    sooner = changed(gathering, at=NOW + timedelta(hours=7))
    async with some.work(post.database, post.keys) as uow:
        await uow.need(Gathering, gathering.conversation_id, gathering.id)
        uow.save(sooner)
        await outbox.look_again(uow, gathering.id, post.now)
    await post.go()
    assert ["Gathering: Fika" in said for said in post.network.said(here.key)] == [True]

    await post.go(hours=6)
    assert post.network.said(here.key)[1].startswith("New ideas")


async def test_what_happens_before_the_room_wakes_is_told_without_noise_at_night(big_post: Post) -> None:
    post = big_post
    post.now = datetime(2026, 3, 2, 22, tzinfo=UTC)
    bench, (_here,) = await post.talk()
    await publish(post, of_each_kind(post, bench, post.now + timedelta(hours=7))[-1])

    await post.go()

    assert clock(post) == "Mon 23:00"
    assert post.network.sent[0].message.silent


async def test_after_five_cards_of_any_kind_the_rest_waits_whoever_restarts(post: Post) -> None:
    bench, (here,) = await post.talk()
    await publish(post, *of_each_kind(post, bench, NOW + timedelta(days=5)))
    await post.go()
    assert len(post.network.said(here.key)) == CARDS_A_DAY

    await post.crash()
    await publish(post, ("story", Story(bench.conversation_id, some.uuid7(), bench.author_id, "A boat", post.now)))
    await post.idea(3, bench)
    await post.go(hours=6)

    assert len(post.network.said(here.key)) == CARDS_A_DAY + 1
    assert clock(post) == "Mon 17:00"
    assert "1. What came of it: A boat" in post.network.said(here.key)[-1]

    # The next day has five of its own, by the clocks of the room
    await post.go(days=1)
    await post.idea(4, bench)
    await post.go(hours=17)
    assert "Idea 4" in post.network.said(here.key)[-1]


async def test_two_who_send_give_a_room_no_more_than_five_and_one_message(
    postgresql_database: Database, keys: Keyring
) -> None:
    post = Post(postgresql_database, keys)
    bench, (here,) = await post.talk()
    adapters: Any = {post.network.channel: post.network}
    other = Delivery(post.database, post.keys, adapters, post.clock, only_process=False)
    for number in range(2, 10):
        await post.idea(number, bench)
    for _ in range(30):
        await post.round()
        post.delivery, other = other, post.delivery
    await post.go(hours=6)

    assert len(post.network.said(here.key)) == CARDS_A_DAY + 1
    assert sum(f"Idea {number}" in "\n".join(post.network.said(here.key)) for number in range(2, 10)) == 8


@pytest.mark.parametrize(
    ("given", "comes"),
    [
        pytest.param("2026-03-28 22:00", "2026-03-29 17:00", id="summer time begins"),
        pytest.param("2026-10-25 02:30", "2026-10-25 17:00", id="it ends"),
    ],
)
async def test_the_days_message_comes_once_where_the_clocks_are_changed(big_post: Post, given: str, comes: str) -> None:
    post = big_post
    post.now = datetime.fromisoformat(given).replace(tzinfo=STOCKHOLM).astimezone(UTC)
    bench, (_here,) = await post.talk(pace="daily")
    await publish(post, ("idea", changed(bench, id=some.uuid7(), number=2)))

    await post.go(days=2)

    assert [f"{one.at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" for one in post.network.sent] == [comes]


async def test_who_slept_through_the_afternoon_tells_it_in_the_morning(big_post: Post) -> None:
    post = big_post
    bench, (_here,) = await post.talk(pace="daily")
    await post.idea(2, bench)
    await post.go()
    post.now += timedelta(hours=10)

    await post.go(hours=12)

    assert clock(post) == "Tue 08:00"
    assert len(post.network.sent) == 1


# --- nothing is lost, nothing comes twice


async def test_a_message_that_was_on_its_way_in_a_crash_is_the_same_afterwards(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    await post.idea(2, bench)
    await post.go()
    post.now = datetime(2026, 3, 2, 16, 0, 1, tzinfo=UTC)
    post.network.hold(here.key)
    await post.round()
    await post.crash()
    post.network.release(here.key)
    await post.idea(3, bench)
    await post.go(days=1, hours=2)

    first, second = post.network.said(here.key)
    assert ("Idea 2" in first, "Idea 3" in first) == (True, False)
    assert ("Idea 2" in second, "Idea 3" in second) == (False, True)


async def test_a_group_that_moved_meanwhile_gets_all_of_it(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    for number in (2, 3):
        await post.idea(number, bench)
    there = changed(here.key, room="supergroup")
    post.network.refuse(Unreachable("moved", moved_to=there), here.key)

    await post.go(hours=6)

    [told] = post.network.said(there)
    assert ("Idea 2" in told, "Idea 3" in told) == (True, True)
    assert await post.outbox() == []


@pytest.mark.parametrize("pace", ["now", "daily"])
async def test_what_could_not_be_said_for_want_of_a_right_is_said_when_it_is_there_again(
    big_post: Post, pace: str
) -> None:
    post = big_post
    bench, (here,) = await post.talk(pace=pace)
    await post.idea(2, bench)
    post.network.refuse(Unreachable(NO_RIGHTS), here.key)
    await post.go(days=3)
    assert post.network.sent == []

    await post.change(here, can_write=True)
    await post.idea(3, bench)
    await post.go(days=1)

    told = "\n".join(post.network.said(here.key))
    assert [told.count(f"Idea {number}") for number in (2, 3)] == [1, 2 if pace == "now" else 1]


@pytest.mark.parametrize("parted", [{"conversation_id": None}, {"gone": True, "conversation_id": None}])
async def test_a_room_that_is_parted_hears_nothing_more(post: Post, parted: dict[str, Any]) -> None:
    post.now = datetime(2026, 3, 2, 22, tzinfo=UTC)
    bench, (daily, lively) = await post.talk(rooms=2)
    await post.change(daily, pace="daily")
    await publish(post, ("idea", changed(bench, id=some.uuid7(), number=2)))
    await post.go()
    for room in (daily, lively):
        await post.change(room, **parted)

    await post.go(days=2)

    assert post.network.sent == []
    assert await post.outbox() == []


async def test_the_last_days_news_of_a_conversation_say_that_it_has_ended(big_post: Post) -> None:
    post = big_post
    bench, (here,) = await post.talk(pace="daily")
    await post.idea(2, bench)
    await post.go()
    talk = await post.get(Conversation, bench.conversation_id)
    await post.change(talk, closed_at=post.now, season="weighing")

    await post.go(hours=6)

    assert "This conversation has ended." in post.network.said(here.key)[0]
    assert [choice.label for row in post.network.sent[0].message.choices for choice in row] == ["1"]


async def test_what_somebody_asked_for_is_not_told_again(big_post: Post) -> None:
    post = big_post
    bench, (here,) = await post.talk(pace="daily")
    first, second = [await post.idea(number, bench) for number in (2, 3)]
    await post.go()
    await post.keep(some.card(here, first))

    await post.go(hours=6)

    assert "Idea 2" not in post.network.said(here.key)[0]
    assert second.text in post.network.said(here.key)[0]


@pytest.mark.parametrize(("pace", "comes"), [("weekly", ["Sun 17:00"]), ("never", [])])
async def test_a_room_may_hear_once_a_week_or_never(big_post: Post, pace: str, comes: list[str]) -> None:
    post = big_post
    bench, (_here,) = await post.talk(pace=pace)
    await post.idea(2, bench)

    await post.go(days=9)

    assert [clock(post, number) for number in range(len(post.network.sent))] == comes
    assert await post.outbox() == []
