"""Delivery: every message once, in order, whatever the network does; and a card shows how things stand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.chat.content import Action, Choice, Content, Text
from bot.chat.keys import RoomKey
from bot.chat.port import NO_RIGHTS, Later, Unreachable
from bot.crypto import Keyring
from bot.domain.conversation import Conversation
from bot.domain.rooms import Room
from bot.store.engine import Database
from bot.store.records import Card, Message, Outbox, Prompted
from tests.delivery.fake import FakeNetwork
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import CHANNEL, NOW, card_for, say

changed = msgspec.structs.replace


# --- a message


async def test_a_message_is_sent_once_and_is_gone(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "Hello"))

    await post.go(hours=1)

    assert post.network.said(here.key) == ["Hello"]
    assert await post.outbox() == []
    assert post.delivery.counts.sent == 1


async def test_a_rooms_messages_arrive_in_the_order_in_which_they_were_said(post: Post) -> None:
    rooms = [some.room() for _ in range(5)]
    said = [say(at, f"{number}") for number in range(6) for at in rooms]
    await post.keep(*rooms, *said)

    await post.go()

    assert [post.network.said(at.key) for at in rooms] == [["0", "1", "2", "3", "4", "5"]] * 5


async def test_a_message_is_in_the_rooms_language_or_in_that_of_the_one_who_sees_it(post: Post) -> None:
    here = changed(some.room(), locale="sv")
    words = Content.of(Text("This idea is not here any more."))
    hers = Message(words, only_for="alva", reply_to="m7", locale="en")
    await post.keep(here, say(here, secret=Message(words)), say(here, secret=hers))

    await post.go()

    first, second = post.network.sent
    assert first.text != second.text == "This idea is not here any more."
    assert (second.message.only_for, second.message.reply_to) == ("alva", "m7")


async def test_a_message_to_a_room_that_is_gone_is_not_sent(post: Post) -> None:
    here = some.room(gone=True)
    await post.keep(here, say(here))

    await post.go()

    assert post.network.attempts == []
    assert await post.outbox() == []


# --- the network says: later


async def test_when_one_room_must_wait_the_others_go_on_and_its_order_is_kept(post: Post) -> None:
    here, there = some.room(), some.room()
    await post.keep(here, there, say(here, "1"), say(here, "2"), say(there, "a"), say(there, "b"))
    post.network.refuse(Later("slow down", 30), here.key)

    await post.go(seconds=29)
    assert (post.network.said(here.key), post.network.said(there.key)) == ([], ["a", "b"])

    await post.go(seconds=1)
    assert post.network.said(here.key) == ["1", "2"]
    assert post.delivery.counts.retried == 1


async def test_when_the_network_is_down_all_its_rooms_wait_and_another_network_goes_on(
    database: Database, keys: Keyring
) -> None:
    post = Post(database, keys)
    post.networks = (post.network, FakeNetwork(post.clock, "other"))
    post.delivery = post._delivery()
    rooms = [some.room() for _ in range(3)]
    elsewhere = some.room(channel="other")
    post.network.refuse(Later("down", 60, room_only=False))
    await post.keep(rooms[0], say(rooms[0], "0"))
    await post.go()
    await post.keep(*rooms[1:], elsewhere, *(say(at, "x") for at in rooms[1:]), say(elsewhere, "y"))

    await post.go(seconds=59)
    assert len(post.network.attempts) == 1
    assert post.networks[1].said(elsewhere.key) == ["y"]

    await post.go(seconds=1)
    assert [post.network.said(at.key) for at in rooms] == [["0"], ["x"], ["x"]]


async def test_a_network_that_is_down_for_half_an_hour_loses_nothing(post: Post) -> None:
    rooms = [some.room() for _ in range(20)]
    await post.keep(*rooms, *(say(at, f"{number}") for number in range(3) for at in rooms))
    post.network.refuse(Later("503", 60, room_only=False), times=30)

    await post.go(minutes=40)

    assert [post.network.said(at.key) for at in rooms] == [["0", "1", "2"]] * 20
    assert len(post.network.attempts) == 30 + 60


# --- the answer is lost


async def test_an_uncertain_message_is_sent_once_more_and_then_given_up_and_counted(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"), say(here, "2"))
    post.network.lose(here.key, times=2)

    await post.go(hours=1)

    assert post.network.said(here.key) == ["1", "1", "2"]
    (parked,) = await post.outbox()
    assert (parked.state, parked.secret, parked.rendered) == ("parked", None, None)
    assert (post.delivery.counts.uncertain, post.delivery.counts.parked, post.delivery.counts.sent) == (1, 1, 1)


async def test_an_uncertain_message_that_was_not_delivered_arrives(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"))
    post.network.refuse(TimeoutError(), here.key)

    await post.go(seconds=2)

    assert post.network.said(here.key) == ["1"]
    assert post.delivery.counts.uncertain == 1


async def test_where_the_network_knows_the_key_an_uncertain_message_is_sent_until_it_is_certain(post: Post) -> None:
    post.network.idempotent = True
    here = some.room()
    await post.keep(here, say(here, "1"), say(here, "2"))
    post.network.lose(here.key, times=5)

    await post.go(minutes=1)

    assert post.network.said(here.key) == ["1", "2"]
    assert len(post.network.attempts) == 7
    assert len({key for _room, _rendered, key in post.network.attempts}) == 2
    assert post.delivery.counts.parked == 0


async def test_a_send_that_takes_too_long_is_uncertain(post: Post) -> None:
    post.network.send_timeout = 0.01
    here = some.room()
    await post.keep(here, say(here, "1"))
    post.network.hold(here.key)

    await post.round()
    await asyncio.wait(post.delivery._sending.values())
    post.network.release(here.key)
    await post.go(seconds=2)

    assert post.network.said(here.key) == ["1"]
    assert post.delivery.counts.uncertain == 1


# --- the network says: no


async def test_a_refused_message_is_given_up_and_nothing_of_it_is_kept(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"), say(here, "2"))
    post.network.refuse(Unreachable("too long"), here.key)

    await post.go()

    assert post.network.said(here.key) == ["2"]
    (parked,) = await post.outbox()
    assert (parked.state, parked.error, parked.secret, parked.rendered) == ("parked", "too long", None, None)
    assert not (await post.get(Room, here.id)).gone


async def test_a_room_that_is_gone_is_unlinked_and_what_waits_for_it_is_given_up(post: Post) -> None:
    bench, (here, there) = await post.talk(rooms=2)
    await post.keep(
        say(here, "1"), say(here, "2"), say(here, "3", not_before=NOW + timedelta(hours=9)), say(there, "a")
    )
    post.network.refuse(Unreachable("blocked", dead=True), here.key)

    await post.go(hours=10)

    assert (post.network.said(here.key), post.network.said(there.key)) == ([], ["a"])
    assert [row.state for row in await post.outbox()] == ["parked"] * 3
    left = await post.get(Room, here.id)
    assert (left.gone, left.conversation_id) == (True, None)
    assert (await post.get(Room, there.id)).conversation_id == bench.conversation_id


async def test_a_room_where_one_may_not_write_keeps_its_link(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(say(here))
    post.network.refuse(Unreachable(NO_RIGHTS), here.key)

    await post.go()

    left = await post.get(Room, here.id)
    assert (left.can_write, left.gone, left.conversation_id) == (False, False, bench.conversation_id)


async def test_what_happens_to_a_room_while_something_is_sent_there_is_kept(post: Post) -> None:
    """A refusal changes the room as it is then, not as it was when the message left."""
    here = some.room()
    talk = some.conversation()
    await post.keep(here, talk, say(here))
    post.network.hold(here.key)
    post.network.refuse(Unreachable(NO_RIGHTS), here.key)
    await post.round()
    await post.change(here, conversation_id=talk.id)

    post.network.release(here.key)
    await post.go()

    left = await post.get(Room, here.id)
    assert (left.can_write, left.conversation_id) == (False, talk.id)


async def test_messages_follow_a_room_that_moved(post: Post) -> None:
    _bench, (here,) = await post.talk()
    new = RoomKey(CHANNEL, "supergroup")
    await post.keep(say(here, "1"), say(here, "2"))
    post.network.refuse(Unreachable("upgraded", moved_to=new), here.key)

    await post.go()

    assert post.network.said(new) == ["1", "2"]
    moved = await post.get(Room, here.id)
    assert (moved.key, moved.lookup, moved.gone) == (new, post.keys.lookup("room", str(new)), False)


async def test_messages_follow_to_a_room_that_is_known_already(post: Post) -> None:
    bench, (here,) = await post.talk()
    new = RoomKey(CHANNEL, "supergroup")
    there = changed(some.room("supergroup"), lookup=post.keys.lookup("room", str(new)))
    await post.keep(there, say(here, "1"), say(here, "2"))
    post.network.refuse(Unreachable("upgraded", moved_to=new), here.key)

    await post.go()

    assert post.network.said(new) == ["1", "2"]
    assert (await post.get(Room, there.id)).conversation_id == bench.conversation_id
    assert (await post.get(Room, here.id)).gone


async def test_a_refused_change_of_a_message_becomes_a_new_message(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, secret=Message(Content.of("after"), replaces="long gone")))

    await post.go()

    assert post.network.stands(here.key) == ["after"]
    assert not post.network.sent[0].edit
    assert await post.outbox() == []


async def test_a_refused_change_of_a_card_becomes_a_new_card_that_is_changed_from_then_on(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(some.card(here, bench, "long gone"), card_for(here, bench))
    await post.go()
    assert [one.edit for one in post.network.sent] == [False]

    await post.change(bench, text="A better bench")
    await post.go()

    assert [one.edit for one in post.network.sent] == [False, True]
    (card,) = post.network.stands(here.key)
    assert "A better bench" in card


# --- what nobody can foresee


async def test_a_message_that_cannot_be_written_is_given_up_and_the_rest_goes_on(post: Post) -> None:
    here, there = some.room(), some.room()
    too_long = Content.of("press", choices=((Choice("here", Action("help", arg="x" * 99)),),))
    poison = say(here, secret=Message(too_long))
    await post.keep(here, there, poison, say(here, "after"), say(there, "elsewhere"))

    await post.go()

    assert (post.network.said(here.key), post.network.said(there.key)) == (["after"], ["elsewhere"])
    (parked,) = await post.outbox()
    assert (parked.id, parked.state, parked.error, parked.secret) == (poison.id, "parked", "ValueError", None)
    assert post.delivery.counts.parked == 1


async def test_an_adapter_that_breaks_costs_one_message(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"), say(here, "2"))
    post.network.refuse(KeyError("the-canary"), here.key)

    await post.go()

    assert post.network.said(here.key) == ["2"]
    (parked,) = await post.outbox()
    assert parked.error == "KeyError"


@contextlib.contextmanager
def _commits_fail(database: Database, times: int) -> Iterator[None]:
    """The next commits fail: the disk is full, the server is gone."""
    left = [times]

    def fail(_connection: object) -> None:
        if left[0]:
            left[0] -= 1
            raise OperationalError("commit", {}, Exception("disk full"))

    event.listen(database.engine.sync_engine, "commit", fail)
    yield
    event.remove(database.engine.sync_engine, "commit", fail)
    assert left == [0]


async def test_what_could_not_be_written_down_is_written_later_and_sent_once(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"), say(here, "2"))
    await post.round()
    assert post.network.said(here.key) == ["1"]

    with _commits_fail(post.database, 2):
        for _ in range(2):
            with pytest.raises(OperationalError):
                await post.round()
    await post.go()

    assert post.network.said(here.key) == ["1", "2"]
    assert await post.outbox() == []


# --- a card


async def test_a_retry_sends_the_very_same_and_what_changed_meanwhile_is_edited_afterwards(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(card_for(here, bench))
    post.network.refuse(Later("slow down", 30), here.key)
    await post.go()
    await post.change(bench, text="A better bench")

    await post.go(seconds=31)

    (_room, first, _key), (_same, second, _same_key), (_here, third, _other) = post.network.attempts
    assert first == second != third
    assert [one.edit for one in post.network.sent] == [False, True]
    (card,) = post.network.stands(here.key)
    assert "A better bench" in card


async def test_ten_changes_in_a_second_are_one_edit(post: Post) -> None:
    bench, rooms = await post.talk(rooms=3)
    await post.keep(*(card_for(at, bench) for at in rooms))
    await post.go()

    for supporters in range(1, 11):
        await post.change(bench, supporters=supporters)
    await post.go()

    assert [[one.edit for one in post.network.sent if one.room == at.key] for at in rooms] == [[False, True]] * 3
    assert all("10" in post.network.said(at.key)[-1] for at in rooms)


async def test_a_card_that_changes_while_it_is_sent_is_edited_afterwards(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(card_for(here, bench))
    for text in ("A better bench", "The best bench"):
        # Given a card, and then its change, that are just being sent
        post.network.hold(here.key)
        await post.round()
        await post.round()
        assert post.delivery._sending
        # When it changes
        await post.change(bench, text=text)
        await post.round()
        post.network.release(here.key)
        await post.go()
        # Then that is seen
        (card,) = post.network.stands(here.key)
        assert text in card
        await post.change(bench, text="something between")

    assert [one.edit for one in post.network.sent] == [False, True, True, True]


async def test_an_edit_that_would_change_nothing_is_not_sent(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(card_for(here, bench))
    await post.go()

    await post.change(bench, text="A better bench")
    await post.change(bench, text=bench.text)
    await post.go()

    assert len(post.network.sent) == 1
    assert await post.outbox() == []


async def test_a_card_that_is_there_already_is_changed_and_not_shown_twice(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(card_for(here, bench))
    await post.go()
    await post.change(bench, supporters=3)
    await post.keep(card_for(here, bench))

    await post.go()

    assert len(post.network.stands(here.key)) == 1
    assert [one.edit for one in post.network.sent] == [False, True]


async def test_a_card_of_what_is_not_there_any_more_is_not_sent(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(card_for(here, some.idea(some.participant(some.conversation()))), card_for(here, bench))

    await post.go()

    assert len(post.network.sent) == 1
    assert await post.outbox() == []


async def test_a_message_that_takes_a_cards_place_ends_the_card(post: Post) -> None:
    bench, (here,) = await post.talk()
    await post.keep(card_for(here, bench))
    await post.go()
    (card,) = post.network.sent
    await post.keep(say(here, secret=Message(Content.of("Why?"), replaces=card.message_id)))
    await post.change(bench, text="A better bench")

    await post.go()

    assert post.network.stands(here.key) == ["Why?"]
    assert await post.get(Card, here.id, "idea", bench.id) is None


# --- what may be typed


async def test_the_latest_message_with_choices_in_private_is_what_a_typed_number_means(post: Post) -> None:
    here, group = some.room(private=True), some.room()
    choices = ((Choice("Yes", Action("yes")), Choice("Read", url="https://example.org")),)
    asks = Message(Content.of("Sure?", choices=choices))
    awaits = Message(Content.of("Which?", awaits=True))
    await post.keep(here, group, say(here, secret=asks), say(group, secret=asks))
    await post.go()
    assert await post.get(Prompted, here.id) == Prompted(here.id, "m1", (("yes", Action("yes")),))
    assert await post.get(Prompted, group.id) is None, "a group's buttons are for everybody, nobody types to them"

    await post.keep(say(here, "nothing to press"), say(group, secret=awaits), say(here, secret=awaits))
    await post.go()

    assert (await post.get(Prompted, here.id)).actions == ()
    assert await post.get(Prompted, group.id) is not None


async def test_a_card_in_private_that_was_sent_at_the_second_try_may_be_typed_to(post: Post) -> None:
    bench, (here,) = await post.talk(private=True)
    await post.keep(card_for(here, bench))
    post.network.refuse(Later("slow down", 5), here.key)

    await post.go(seconds=5)

    prompted = await post.get(Prompted, here.id)
    assert prompted is not None
    assert prompted.actions


# --- the end


async def test_what_is_on_its_way_when_it_stops_is_finished_and_written_down(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"), say(here, "2"))
    post.network.hold(here.key)
    running = asyncio.create_task(post.delivery.run())
    await post.network.tried.wait()

    running.cancel()
    await asyncio.sleep(0)
    post.network.release(here.key)
    await asyncio.gather(running, return_exceptions=True)

    assert post.network.said(here.key) == ["1"]
    assert [row.state for row in await post.outbox()] == ["waiting"]


async def test_it_runs_by_itself_and_rests_when_nothing_is_due(post: Post) -> None:
    here = some.room()
    running = asyncio.create_task(post.delivery.run())
    await asyncio.wait_for(post.delivery.idle.wait(), 10)
    await post.keep(here, say(here, "1"), say(here, "2"))

    post.delivery.wake()
    await asyncio.wait_for(post.delivery.idle.wait(), 10)

    assert post.network.said(here.key) == ["1", "2"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_while_the_database_does_not_answer_it_tries_again(post: Post) -> None:
    here = some.room()
    await post.keep(here, say(here, "1"))
    with _commits_fail(post.database, 1):
        running = asyncio.create_task(post.delivery.run())
        await post.network.tried.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert post.network.said(here.key) == ["1"]
    assert await post.outbox() == []


async def test_a_conversation_that_was_erased_leaves_no_card_to_send(post: Post) -> None:
    bench, (here,) = await post.talk()
    nobody = changed(bench, conversation_id=some.conversation().id)
    await post.keep(card_for(here, nobody))

    await post.go()

    assert await post.get(Conversation, nobody.conversation_id) is None
    assert (post.network.sent, await post.outbox()) == ([], [])
    assert await post.get(Outbox, bench.id) is None
