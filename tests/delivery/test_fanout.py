"""Fan-outs: every room gets its card once, at its own pace, and nobody who waits is held up by them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bot.chat.port import Limits
from bot.domain.rooms import CARDS_A_DAY, Room
from bot.store.records import Card
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import NOW, card_for, fan_out, say

changed = msgspec.structs.replace
MANY = 1200
STOCKHOLM = ZoneInfo("Europe/Stockholm")


async def test_a_card_reaches_twelve_hundred_rooms_once_each(post: Post) -> None:
    bench, rooms = await post.talk(rooms=MANY)
    await post.keep(fan_out(bench))

    await post.go()

    assert Counter(one.room for one in post.network.sent) == dict.fromkeys((at.key for at in rooms), 1)
    assert await post.outbox() == []


async def test_a_change_of_a_card_reaches_twelve_hundred_rooms_once_each(big_post: Post) -> None:
    post = big_post
    bench, rooms = await post.talk(rooms=MANY)
    await post.keep(*(some.card(at, bench, "m0") for at in rooms))

    for supporters in (1, 2, 3):
        await post.change(bench, supporters=supporters)
    await post.go()

    assert Counter(one.room for one in post.network.sent) == dict.fromkeys((at.key for at in rooms), 1)


async def test_changes_of_many_ideas_at_once_reach_all_their_rooms(big_post: Post) -> None:
    post = big_post
    """More cards than one chunk holds, of several ideas together."""
    bench, rooms = await post.talk(rooms=300)
    path, lamp = (changed(bench, id=some.uuid7(), number=number, text=f"Idea {number}") for number in (2, 3))
    await post.keep(
        path, lamp, *(some.card(at, idea, f"m{idea.number}") for at in rooms for idea in (bench, path, lamp))
    )

    for idea in (bench, path, lamp):
        await post.change(idea, supporters=7)
    await post.go()

    assert Counter(one.room for one in post.network.sent) == dict.fromkeys((at.key for at in rooms), 3)


async def test_a_crash_in_the_middle_of_a_fan_out_leaves_nobody_out_and_tells_nobody_twice(post: Post) -> None:
    bench, rooms = await post.talk(rooms=MANY)
    await post.keep(fan_out(bench))
    for _ in range(2):
        await post.round()

    on_way = len(post.delivery._sending)
    await post.crash()
    await post.go(seconds=60)

    heard = Counter(one.room for one in post.network.sent)
    assert set(heard) == {at.key for at in rooms}
    assert sum(heard.values()) - MANY <= on_way == post.uncertain


async def test_a_card_that_stands_in_a_room_already_does_not_come_again(post: Post) -> None:
    bench, (here, there) = await post.talk(rooms=2)
    await post.keep(some.card(here, bench), card_for(there, bench), fan_out(bench))

    await post.go()

    assert [len(post.network.said(at.key)) for at in (here, there)] == [0, 1]


# --- nobody who waits is held up


async def test_an_answer_overtakes_a_big_fan_out(big_post: Post) -> None:
    post = big_post
    # Given a card on its way to many rooms, thirty a second
    post.network.limits = Limits(overall=30, per_room=1, burst=3)
    post.delivery = post._delivery()
    bench, rooms = await post.talk(rooms=300)
    private = some.room("private", private=True)
    await post.keep(private, fan_out(bench))
    await post.go(seconds=2)
    reached = {one.room for one in post.network.sent}
    waits, before = next(at for at in rooms if at.key not in reached), len(post.network.sent)

    # When somebody waits for an answer in private, and somebody in a room that the card has not reached
    await post.keep(say(private, "in private", not_before=post.now), say(waits, "in the group", not_before=post.now))
    await post.go(seconds=1)

    # Then they have it before the next cards
    assert {one.room for one in post.network.sent[before : before + 4]} >= {private.key, waits.key}
    await post.go(seconds=20)
    assert len(post.network.said(waits.key)) == 2
    assert len(post.network.sent) == 302


async def test_a_fan_out_keeps_to_the_pace_and_does_not_dawdle(big_post: Post) -> None:
    post = big_post
    post.network.limits = Limits(overall=30, per_room=1, group_per_minute=20, burst=3)
    post.delivery = post._delivery()
    bench, _rooms = await post.talk(rooms=200)
    await post.keep(fan_out(bench))

    await post.go(seconds=60)

    moments = [one.at for one in post.network.sent]
    assert len(moments) == 200
    assert max(sum(1 for other in moments if at <= other < at + timedelta(seconds=1)) for at in moments) <= 33
    assert (moments[-1] - moments[0]).total_seconds() <= 200 / 30 * 1.02


# --- the calm of a room


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("2026-03-02 12:00", "2026-03-02 12:00", id="by day at once"),
        pytest.param("2026-03-02 08:00", "2026-03-02 08:00", id="from eight"),
        pytest.param("2026-03-02 19:59", "2026-03-02 19:59", id="until eight in the evening"),
        pytest.param("2026-03-02 20:00", "2026-03-03 08:00", id="from eight in the evening the next morning"),
        pytest.param("2026-03-03 02:30", "2026-03-03 08:00", id="by night in the morning"),
        pytest.param("2026-03-28 23:00", "2026-03-29 08:00", id="in the night in which summer time begins"),
        pytest.param("2026-10-24 23:00", "2026-10-25 08:00", id="in the night in which it ends"),
    ],
)
async def test_a_card_does_not_disturb_the_night(post: Post, given: str, shown: str) -> None:
    post.now = datetime.fromisoformat(given).replace(tzinfo=STOCKHOLM).astimezone(UTC)
    bench, (here,) = await post.talk()
    await post.keep(changed(fan_out(bench), not_before=post.now))

    await post.go(hours=14)

    assert [f"{one.at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" for one in post.network.sent] == [shown]
    assert len(post.network.said(here.key)) == 1


async def test_each_room_has_its_own_night(post: Post) -> None:
    post.now = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)  # half past seven in Stockholm, half past eight in Helsinki
    bench, (stockholm,) = await post.talk()
    helsinki = some.room("helsinki", conversation_id=bench.conversation_id, zone="Europe/Helsinki")
    await post.keep(helsinki, changed(fan_out(bench), not_before=post.now))

    await post.go()
    assert (len(post.network.said(stockholm.key)), len(post.network.said(helsinki.key))) == (0, 1)

    await post.go(minutes=30)
    assert len(post.network.said(stockholm.key)) == 1


async def test_who_asked_is_answered_at_night_too(post: Post) -> None:
    post.now = datetime(2026, 3, 2, 23, tzinfo=UTC)
    here = some.room()
    await post.keep(here, say(here, "Hello", not_before=post.now))

    await post.go()

    assert post.network.said(here.key) == ["Hello"]


async def test_after_five_cards_in_a_day_the_rest_comes_in_one_message_in_the_afternoon(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(fan_out(bench))
    ideas = [await post.idea(number, bench) for number in range(2, 9)]

    await post.go()
    assert len(post.network.said(here.key)) == CARDS_A_DAY

    await post.go(hours=5)
    *_cards, digest = post.network.sent
    assert len(post.network.sent) == CARDS_A_DAY + 1
    assert f"{digest.at.astimezone(STOCKHOLM):%H:%M}" == "17:00"
    labels = " ".join([digest.text, *(choice.label for row in digest.message.choices for choice in row)])
    told = {idea.number for idea in ideas if idea.text in labels}
    assert told == {6, 7, 8}

    await post.go(days=2)
    assert len(post.network.sent) == CARDS_A_DAY + 1, "nothing is told twice"


@pytest.mark.parametrize("calm", [{"pace": "daily"}, {"members": 31}, {"pace": "daily", "members": 3}])
async def test_a_calm_room_gets_one_message_a_day(post: Post, calm: dict[str, object]) -> None:
    bench, (here,) = await post.talk(**calm)
    await post.change(bench, created_at=NOW + timedelta(seconds=1))
    await post.keep(fan_out(bench))
    for number in range(2, 4):
        await post.idea(number, bench)
    post.now += timedelta(minutes=1)

    await post.go(days=1)
    assert len(post.network.said(here.key)) == 1
    assert f"{post.network.sent[0].at.astimezone(STOCKHOLM):%a %H:%M}" == "Mon 17:00"

    await post.idea(4, bench)
    await post.go(days=1)
    assert len(post.network.said(here.key)) == 2
    assert "Idea 4" in _all(post, 1)
    assert "Idea 3" not in _all(post, 1)


@pytest.mark.parametrize("lively", [{"pace": "now", "members": 3000}, {"members": 30}, {}])
async def test_a_lively_room_gets_each_card_at_once(post: Post, lively: dict[str, object]) -> None:
    bench, (here,) = await post.talk(**lively)
    await post.keep(fan_out(bench))

    await post.go()

    assert len(post.network.said(here.key)) == 1


async def test_the_days_message_tells_only_of_ideas_without_a_card_that_can_be_seen(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    shown, hidden, told = [await post.idea(number, bench) for number in (2, 3, 4)]
    await post.go()
    await post.keep(some.card(here, shown))
    await post.change(hidden, state="hidden")

    await post.go(hours=6)

    assert len(post.network.said(here.key)) == 1
    assert told.text in _all(post, 0)
    assert shown.text not in _all(post, 0)
    assert hidden.text not in _all(post, 0)


async def test_a_day_of_which_nothing_is_left_to_tell_is_passed_over(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    idea = await post.idea(2, bench)
    await post.go()
    await post.change(idea, state="withdrawn")

    await post.go(days=1)

    assert post.network.said(here.key) == []
    assert await post.outbox() == []


async def test_a_day_with_many_ideas_tells_eight_and_how_many_more(post: Post) -> None:
    bench, (here,) = await post.talk(pace="daily")
    for number in range(2, 13):
        await post.idea(number, bench)

    await post.go(hours=6)

    (digest,) = post.network.sent
    told = _all(post, 0)
    assert (
        sum(f"Idea {number}" in told.replace("Idea 1", "Idea-1").replace("Idea-1\n", "") for number in range(2, 10))
        == 8
    )
    assert "3" in told
    assert digest.room == here.key


async def test_helper_groups_rooms_and_rooms_without_rights_get_no_cards(post: Post) -> None:
    bench, (here,) = await post.talk()
    others = [
        some.room("helpers", conversation_id=bench.conversation_id, group_id=some.uuid7()),
        some.room("mute", conversation_id=bench.conversation_id, can_write=False),
        some.room("gone", conversation_id=bench.conversation_id, gone=True),
        some.room("stranger"),
    ]
    await post.keep(*others, fan_out(bench))

    await post.go()

    assert [one.room for one in post.network.sent] == [here.key]
    assert await post.get(Card, others[0].id, "idea", bench.id) is None
    assert (await post.get(Room, here.id)) == here


def _all(post: Post, number: int) -> str:
    """A message with the words on its buttons."""
    one = post.network.sent[number]
    return "\n".join([one.text, *(choice.label for row in one.message.choices for choice in row)])
