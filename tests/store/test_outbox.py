"""The outbox: in order within a room, what somebody waits for first, nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from bot.crypto import Keyring
from bot.store import outbox
from bot.store.engine import Database
from bot.store.records import ANSWER, CARD, FANOUT, Outbox
from tests.store import some
from tests.store.some import CHANNEL, NOW, keep, say, work

changed = msgspec.structs.replace
SECOND = timedelta(seconds=1)


async def _due(
    database: Database, keys: Keyring, now: datetime = NOW, *, most: int = 100, busy: Collection[UUID] = (),
    channels: Collection[str] = (CHANNEL,),
) -> list[UUID]:  # fmt: skip
    async with work(database, keys) as uow:
        return some.ids(await outbox.due(uow, now, most, busy, channels))


async def _change(database: Database, keys: Keyring, record: Outbox, **fields: Any) -> None:
    async with work(database, keys) as uow:
        uow.save(changed(await uow.need(Outbox, record.id), **fields))


async def _get(database: Database, keys: Keyring, record: Outbox) -> Outbox:
    async with work(database, keys) as uow:
        return await uow.need(Outbox, record.id)


# --- order


async def test_of_each_room_the_oldest_goes_and_the_rest_waits_for_it(database: Database, keys: Keyring) -> None:
    here, there = some.room(), some.room()
    first, other, second, third = say(here), say(there), say(here), say(here)
    await keep(database, keys, here, there, third, second, other, first)

    assert await _due(database, keys) == [first.id, other.id]

    async with work(database, keys) as uow:
        uow.remove(await uow.need(Outbox, first.id))
    assert await _due(database, keys) == [other.id, second.id]


async def test_one_that_is_tried_again_holds_up_its_own_room_only(database: Database, keys: Keyring) -> None:
    here, there = some.room(), some.room()
    tried, later, other = say(here, attempts=1, not_before=NOW + 30 * SECOND), say(here), say(there)
    await keep(database, keys, here, there, tried, later, other)

    assert await _due(database, keys) == [other.id]
    assert await _due(database, keys, NOW + 30 * SECOND) == [tried.id, other.id]


async def test_one_that_waits_for_the_morning_holds_up_nobody(database: Database, keys: Keyring) -> None:
    here = some.room()
    morning, now = say(here, not_before=NOW + timedelta(hours=12)), say(here)
    await keep(database, keys, here, morning, now)

    assert await _due(database, keys) == [now.id]
    assert await _due(database, keys, NOW + timedelta(hours=12)) == [morning.id]


async def test_while_one_is_on_its_way_the_room_waits(database: Database, keys: Keyring) -> None:
    """Whoever sends it: another process does not know what this one sends."""
    here, there = some.room(), some.room()
    before, on_way, after, other = say(here), say(here), say(here), say(there)
    await keep(database, keys, here, there, before, on_way, after, other)
    await _change(database, keys, on_way, state="sending", lease_until=NOW + 25 * SECOND)

    assert await _due(database, keys) == [other.id]


async def test_what_was_given_up_holds_up_nobody(database: Database, keys: Keyring) -> None:
    here = some.room()
    parked, after = say(here), say(here)
    await keep(database, keys, here, parked, after)
    await _change(database, keys, parked, state="parked")

    assert await _due(database, keys) == [after.id]


async def test_across_rooms_an_answer_goes_before_a_card_and_a_card_before_a_fan_out(
    database: Database, keys: Keyring
) -> None:
    rooms = [some.room() for _ in range(5)]
    kinds = (FANOUT, CARD, ANSWER, FANOUT, ANSWER)
    fan_out, card, answer, later_fan_out, later_answer = (
        say(at, priority=kind) for at, kind in zip(rooms, kinds, strict=True)
    )
    await keep(database, keys, *rooms, fan_out, card, answer, later_fan_out, later_answer)

    assert await _due(database, keys) == some.ids([answer, later_answer, card, fan_out, later_fan_out])
    assert await _due(database, keys, most=3) == some.ids([answer, later_answer, card])


async def test_in_a_room_what_somebody_waits_for_passes_a_fan_out_but_not_one_that_was_tried(
    database: Database, keys: Keyring
) -> None:
    here = some.room()
    fan_out, card, answer, later = (say(here, priority=kind) for kind in (FANOUT, CARD, ANSWER, FANOUT))
    await keep(database, keys, here, fan_out, card, answer, later)
    gone = []

    while due := await _due(database, keys):
        (one,) = due
        gone.append(one)
        async with work(database, keys) as uow:
            uow.remove(await uow.need(Outbox, one))
    assert gone == some.ids([card, answer, fan_out, later])

    await keep(database, keys, fan_out, card)
    await _change(database, keys, fan_out, attempts=1, not_before=NOW + SECOND)
    assert await _due(database, keys) == []


async def test_busy_rooms_and_other_channels_are_left_alone(database: Database, keys: Keyring) -> None:
    here, there, elsewhere = some.room(), some.room(), some.room(channel="other")
    first, second, third = say(here), say(there), say(elsewhere)
    await keep(database, keys, here, there, elsewhere, first, second, third)

    assert await _due(database, keys, busy=[here.id]) == [second.id]
    assert await _due(database, keys, channels=["other"]) == [third.id]
    assert await _due(database, keys, channels=["other", CHANNEL], busy=[here.id, there.id]) == [third.id]


async def test_a_fan_out_belongs_to_no_room_and_waits_for_none(database: Database, keys: Keyring) -> None:
    here = some.room()
    talk = some.conversation()
    me = some.participant(talk)
    bench = some.idea(me)
    on_way, everywhere = say(here), some.fan_out(bench)
    await keep(database, keys, here, talk, me, bench, on_way, everywhere)

    assert await _due(database, keys, busy=[here.id], channels=["", CHANNEL]) == [everywhere.id]


# --- one of a kind


async def test_changes_of_a_card_that_still_waits_are_one_message(database: Database, keys: Keyring) -> None:
    here, talk = some.room(), some.conversation()
    me = some.participant(talk)
    bench = some.idea(me)
    first = some.card_for(here, bench)
    await keep(database, keys, here, talk, me, bench, first, some.card_for(here, bench), some.card_for(here, bench))
    await keep(database, keys, some.card_for(here, bench))

    assert await _due(database, keys) == [first.id]

    await _change(database, keys, first, state="sending", unique_key=None)
    after = some.card_for(here, bench)
    await keep(database, keys, after)
    assert await _get(database, keys, after) == after


async def test_what_has_no_key_is_never_the_same(database: Database, keys: Keyring) -> None:
    here = some.room()
    await keep(database, keys, here, say(here), say(here))

    async with work(database, keys) as uow:
        assert await outbox.waiting(uow.connection, NOW) == 2


async def test_a_change_that_is_being_committed_is_not_shown_half(postgresql_database: Database, keys: Keyring) -> None:
    """What waits is the very row that a change falls together with: until the change is there nobody takes it."""
    database = postgresql_database
    here, talk = some.room(), some.conversation()
    me = some.participant(talk)
    bench = some.idea(me)
    waits = some.card_for(here, bench)
    await keep(database, keys, here, talk, me, bench, waits)

    async with work(database, keys) as change:
        change.save(changed(bench, supporters=1))
        change.add(some.card_for(here, bench))
        await change.flush()

        assert await _due(database, keys) == []

    assert await _due(database, keys) == [waits.id]


# --- time


async def test_the_next_moment_is_told(database: Database, keys: Keyring) -> None:
    here, there = some.room(), some.room()
    later, latest = say(here, not_before=NOW + 5 * SECOND), say(there, not_before=NOW + 9 * SECOND)
    await keep(database, keys, here, there, say(here), later, latest)

    async with work(database, keys) as uow:
        assert await outbox.next_due(uow, NOW) == NOW + 5 * SECOND
        assert await outbox.next_due(uow, NOW + 5 * SECOND) == NOW + 9 * SECOND
        assert await outbox.next_due(uow, NOW + 9 * SECOND) is None
        assert await outbox.waiting(uow.connection, NOW) == 1
        assert await outbox.waiting(uow.connection, NOW + 9 * SECOND) == 3


# --- after a crash


async def test_who_is_alone_takes_back_all_that_was_on_its_way(database: Database, keys: Keyring) -> None:
    here, there = some.room(), some.room()
    lost, waits = say(here), say(there)
    await keep(database, keys, here, there, lost, waits)
    await _change(database, keys, lost, state="sending", lease_until=NOW + 25 * SECOND)

    async with database.transaction() as connection:
        assert await outbox.reclaim(connection, NOW, all_leases=True) == 1
        assert await outbox.reclaim(connection, NOW, all_leases=True) == 0

    assert await _due(database, keys) == [lost.id, waits.id]
    taken_back = await _get(database, keys, lost)
    assert (taken_back.state, taken_back.uncertain, taken_back.attempts) == ("waiting", 1, 1)
    assert (await _get(database, keys, waits)).uncertain == 0


async def test_with_others_only_what_nobody_holds_any_more_is_taken_back(database: Database, keys: Keyring) -> None:
    here, there = some.room(), some.room()
    held, lost = say(here), say(there)
    await keep(database, keys, here, there, held, lost)
    await _change(database, keys, held, state="sending", lease_until=NOW + 25 * SECOND)
    await _change(database, keys, lost, state="sending", lease_until=NOW - SECOND)

    async with database.transaction() as connection:
        assert await outbox.reclaim(connection, NOW, all_leases=False) == 1

    assert await _due(database, keys) == [lost.id]


async def test_two_who_claim_at_once_take_different_messages(postgresql_database: Database, keys: Keyring) -> None:
    database = postgresql_database
    rooms = [some.room() for _ in range(10)]
    await keep(database, keys, *rooms, *(say(at) for at in rooms), *(say(at) for at in rooms))

    async with work(database, keys) as one, work(database, keys) as two:
        mine = await outbox.due(one, NOW, 4, [], [CHANNEL])
        yours = await outbox.due(two, NOW, 100, [], [CHANNEL])

    assert (len(mine), len(yours)) == (4, 6)
    assert {row.room_id for row in mine} & {row.room_id for row in yours} == set()


async def test_what_one_has_claimed_the_other_sees_on_its_way(postgresql_database: Database, keys: Keyring) -> None:
    database = postgresql_database
    here = some.room()
    first, second = say(here), say(here)
    await keep(database, keys, here, first, second)

    async with work(database, keys) as one:
        (mine,) = await outbox.due(one, NOW, 10, [], [CHANNEL])
        one.save(changed(mine, state="sending", lease_until=NOW + 25 * SECOND))

    assert mine == first
    assert await _due(database, keys) == []


# --- rooms that are gone


async def test_a_room_that_is_gone_gets_nothing_more_and_nothing_said_is_kept(
    database: Database, keys: Keyring
) -> None:
    here, there = some.room(), some.room()
    waits, morning, other = say(here, unique_key="once"), say(here, not_before=NOW + 30 * SECOND), say(there)
    await keep(database, keys, here, there, waits, morning, other)

    async with database.transaction() as connection:
        await outbox.park_room(connection, here.id, "blocked")

    assert await _due(database, keys, NOW + 60 * SECOND) == [other.id]
    for row in (await _get(database, keys, waits), await _get(database, keys, morning)):
        assert (row.state, row.error, row.unique_key, row.secret) == ("parked", "blocked", None, None)


async def test_what_was_given_up_is_forgotten_after_its_time(database: Database, keys: Keyring) -> None:
    here = some.room()
    old, new, waits = say(here), say(here, not_before=NOW + 9 * SECOND), say(here)
    await keep(database, keys, here, old, new, waits)
    for one in (old, new):
        await _change(database, keys, one, state="parked")

    async with database.transaction() as connection:
        await outbox.forget_old(connection, NOW + SECOND)

    async with work(database, keys) as uow:
        assert [await uow.get(Outbox, one.id) is not None for one in (old, new, waits)] == [False, True, True]


# --- rooms and cards of a conversation


async def test_a_card_goes_to_the_rooms_that_are_linked_and_can_be_written_to(
    database: Database, keys: Keyring
) -> None:
    talk = some.conversation()
    linked = [some.room(conversation_id=talk.id) for _ in range(5)]
    others = [
        some.room(), some.room(conversation_id=talk.id, gone=True), some.room(conversation_id=talk.id, can_write=False),
        some.room(conversation_id=talk.id, group_id=talk.id), some.room(conversation_id=some.conversation().id),
    ]  # fmt: skip
    await keep(database, keys, talk, *linked, *others)

    async with work(database, keys) as uow:
        first = await outbox.rooms_of(uow, talk.id, None, 3)
        rest = await outbox.rooms_of(uow, talk.id, first[-1].id, 3)

    assert first + rest == sorted(linked, key=lambda at: at.id)


async def test_the_cards_of_an_idea_are_told_in_chunks(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    bench, path = some.idea(me, 1), some.idea(me, 2)
    rooms = sorted((some.room() for _ in range(5)), key=lambda at: at.id)
    cards = [some.card(at, bench, f"m{number}") for number, at in enumerate(rooms)]
    await keep(database, keys, talk, me, bench, path, *rooms, *cards, some.card(rooms[0], path, "other"))

    async with work(database, keys) as uow:
        first = await outbox.cards_of(uow, "idea", bench.id, None, 3)
        rest = await outbox.cards_of(uow, "idea", bench.id, first[-1].room_id, 3)
        there = await outbox.cards_at(uow, [(rooms[1].id, "m1"), (rooms[2].id, "m1"), (rooms[0].id, "other")])
        none = await outbox.cards_at(uow, [])

    assert first + rest == cards
    assert {(one.room_id, one.subject_id) for one in there} == {(rooms[1].id, bench.id), (rooms[0].id, path.id)}
    assert none == []


async def test_the_cards_that_a_room_was_given_are_of_any_kind(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    bench, lamp = some.idea(me, 1), some.idea(me, 2)
    here, there = (some.room(conversation_id=talk.id) for _ in range(2))
    shown = some.card(here, bench, created_at=NOW - timedelta(hours=3))
    welcome = changed(shown, subject="conversation", subject_id=talk.id)
    earlier = some.card(here, lamp, created_at=NOW - timedelta(hours=25))
    await keep(database, keys, talk, me, bench, lamp, here, there, shown, welcome, earlier, some.card_for(there, bench))

    async with work(database, keys) as uow:
        given = await outbox.cards_since(uow, [here.id, there.id], NOW - timedelta(hours=9))

    assert given == [(here.id, shown.created_at)] * 2
