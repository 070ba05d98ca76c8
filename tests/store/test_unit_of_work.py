"""The unit of work: a batch reads each thing once, sees what it staged, and writes it all in a few statements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from bot.chat.keys import AccountKey
from bot.crypto import Keyring
from bot.domain.ideas import Idea, Support, Vote
from bot.domain.people import Account, Participant, Person
from bot.domain.rooms import Room
from bot.store.engine import ChangedMeanwhile, Database
from bot.store.mapping import MAPPINGS, Mapping, mapping_of
from bot.store.records import Inbox, Outbox
from bot.store.schema import idea as idea_table
from bot.store.schema import room as room_table
from bot.store.unit_of_work import CHUNK, Missing, UnitOfWork
from tests.store import some
from tests.store.some import NOW, keep, statements, work

changed = msgspec.structs.replace


async def test_every_kind_of_record_comes_back_as_it_was(database: Database, keys: Keyring) -> None:
    records = some.one_of_each(keys)
    assert {type(record) for record in records} == set(MAPPINGS) - {Inbox}, "one of each, but for what intake keeps"

    await keep(database, keys, *records)

    async with work(database, keys) as uow:
        for record in records:
            assert await uow.get(type(record), *mapping_of(type(record)).key(record)) == record


async def test_every_kind_of_record_can_be_changed_and_removed(database: Database, keys: Keyring) -> None:
    records = some.one_of_each(keys)
    await keep(database, keys, *records)

    async with work(database, keys) as uow:
        for record in records:
            uow.save(record)
    async with work(database, keys) as uow:
        for record in records:
            uow.remove(record)

    async with work(database, keys) as uow:
        for record in records:
            assert await uow.get(type(record), *mapping_of(type(record)).key(record)) is None


async def test_a_record_is_found_by_its_key_and_by_its_other_name(database: Database, keys: Keyring) -> None:
    alva, key = some.person(), AccountKey("memory", "alva")
    hers = some.account(alva, key, keys)
    await keep(database, keys, alva, hers)

    async with work(database, keys) as uow:
        assert await uow.get(Account, hers.id) == hers
        assert await uow.by(Account, keys.lookup("account", str(key))) == hers
        assert await uow.by(Account, keys.lookup("account", "somebody else")) is None
        assert await uow.need(Person, alva.id) == alva
        with pytest.raises(Missing):
            await uow.need(Person, hers.id)


async def test_what_is_staged_is_seen_before_it_is_written(database: Database, keys: Keyring) -> None:
    alva, key = some.person(), AccountKey("memory", "alva")
    hers = some.account(alva, key, keys)

    async with database.transaction() as connection:
        uow = UnitOfWork(connection, keys)
        with statements(database) as sent:
            uow.add(alva)
            uow.add(hers)
            uow.save(changed(alva, locale="sv"))

            assert await uow.by(Account, hers.lookup) == hers
            assert (await uow.need(Person, alva.id)).locale == "sv"

            uow.remove(hers)
            assert await uow.by(Account, hers.lookup) is None
            assert await uow.get(Account, hers.id) is None
        assert sent == []
        await uow.flush()

    async with work(database, keys) as uow:
        assert (await uow.need(Person, alva.id)).locale == "sv"
        assert await uow.get(Account, hers.id) is None


async def test_each_thing_is_read_once_and_so_is_its_absence(database: Database, keys: Keyring) -> None:
    alva, nobody = some.person(), some.person()
    await keep(database, keys, alva)

    async with work(database, keys) as uow:
        with statements(database) as sent:
            for _ in range(3):
                assert await uow.get(Person, alva.id) == alva
                assert await uow.get(Person, nobody.id) is None
                assert await uow.by(Account, b"nobody's") is None

    assert len(sent) == 3


async def test_many_are_read_in_one_query(database: Database, keys: Keyring) -> None:
    people = [some.person() for _ in range(CHUNK)]
    talk = some.conversation()
    me = some.participant(talk)
    ideas = [some.idea(me, number) for number in range(50)]
    await keep(database, keys, *people, talk, me, *ideas)

    async with work(database, keys) as uow:
        with statements(database) as sent:
            await uow.load(Person, [(one.id,) for one in people])
            await uow.load(Person, [(one.id,) for one in people])
            await uow.load(Idea, [(one.conversation_id, one.id) for one in ideas])
            await uow.load(Idea, [])
            assert [await uow.get(Person, one.id) for one in people] == people
            assert [await uow.get(Idea, talk.id, one.id) for one in ideas] == ideas

    assert len(sent) == 2


async def test_more_than_fit_in_one_query_are_read_in_a_few(database: Database, keys: Keyring) -> None:
    rooms = [some.room() for _ in range(2 * CHUNK + 1)]
    await keep(database, keys, *rooms)

    async with work(database, keys) as uow:
        with statements(database) as sent:
            await uow.load_by(Room, [one.lookup for one in rooms])
            assert [await uow.by(Room, one.lookup) for one in rooms] == rooms

    assert len(sent) == 3


async def test_a_query_sees_what_is_staged_and_gives_the_records_known_already(
    database: Database, keys: Keyring
) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    first, second, third = (some.idea(me, number) for number in (1, 2, 3))
    await keep(database, keys, talk, me, first, second)

    async with work(database, keys) as uow:
        known = await uow.need(Idea, talk.id, first.id)
        uow.save(changed(first, text="A better bench", supporters=7))
        uow.remove(second)
        uow.add(third)

        found = await uow.select(Idea, lambda query: query.where(idea_table.c.number > 0).order_by(idea_table.c.number))
        texts = await uow.rows(select(idea_table.c.text).order_by(idea_table.c.number))

        assert known == first
        assert found == [changed(first, text="A better bench", supporters=7), third]
        assert [row[0] for row in texts] == ["A better bench", third.text]

        assert found[1] is await uow.get(Idea, talk.id, third.id)


async def test_what_a_query_found_need_not_be_read_again(database: Database, keys: Keyring) -> None:
    here = some.room()
    await keep(database, keys, here)

    async with work(database, keys) as uow:
        with statements(database) as sent:
            assert await uow.select(Room, lambda query: query.where(room_table.c.id == here.id)) == [here]
            assert await uow.get(Room, here.id) == here
            assert await uow.by(Room, here.lookup) == here

    assert len(sent) == 1


async def _at_once(database: Database, keys: Keyring, bench: Idea, *doings: Callable[[UnitOfWork, Idea], None]) -> int:
    """Let several read the same idea and change it, all at once and again when refused; gives how many were refused."""
    refused = []

    async def one(do: Callable[[UnitOfWork, Idea], None]) -> None:
        try:
            async with work(database, keys) as uow:
                found = await uow.need(Idea, bench.conversation_id, bench.id)
                await asyncio.sleep(0.05)
                do(uow, found)
        except ChangedMeanwhile:
            refused.append(do)
            await one(do)

    await asyncio.gather(*(one(do) for do in doings))
    return len(refused)


async def test_what_others_change_meanwhile_is_never_undone(database: Database, keys: Keyring) -> None:
    """Rows are written whole: who read one before it was changed is refused, and does it again with what is there."""
    talk = some.conversation()
    me = some.participant(talk)
    bench = some.idea(me)
    await keep(database, keys, talk, me, bench)

    def carries(uow: UnitOfWork, found: Idea) -> None:
        uow.save(changed(found, supporters=found.supporters + 1))

    def words(uow: UnitOfWork, found: Idea) -> None:
        uow.save(changed(found, text="A better bench"))

    refused = await _at_once(database, keys, bench, carries, words, carries)

    async with work(database, keys) as uow:
        assert await uow.need(Idea, talk.id, bench.id) == changed(bench, text="A better bench", supporters=2)
    assert (refused > 0) == (not database.sqlite), "where writers take turns nobody is refused"


async def test_what_is_changed_meanwhile_is_not_removed_and_what_is_removed_not_changed(
    postgresql_database: Database, keys: Keyring
) -> None:
    here, there = some.room(), some.room()
    await keep(postgresql_database, keys, here, there)

    async def removed(uow: UnitOfWork, which: Room) -> None:
        uow.remove(await uow.need(Room, which.id))

    async def moved(uow: UnitOfWork, which: Room) -> None:
        uow.save(changed(await uow.need(Room, which.id), zone="Europe/Oslo"))

    async def overtaken(which: Room, slow: Any, quick: Any) -> None:
        async with work(postgresql_database, keys) as uow:
            await slow(uow, which)
            async with work(postgresql_database, keys) as other:
                await quick(other, which)

    with pytest.raises(ChangedMeanwhile):
        await overtaken(here, removed, moved)
    with pytest.raises(ChangedMeanwhile):
        await overtaken(there, moved, removed)

    async with work(postgresql_database, keys) as uow:
        assert await uow.get(Room, here.id) == changed(here, zone="Europe/Oslo")
        assert await uow.get(Room, there.id) is None


async def test_what_is_read_locked_or_written_by_oneself_is_not_looked_at_again(
    postgresql_database: Database, keys: Keyring
) -> None:
    here = some.room()
    await keep(postgresql_database, keys, here)

    def build(query: Any) -> Any:
        return query.where(room_table.c.id == here.id).with_for_update()

    async with work(postgresql_database, keys) as uow:
        with statements(postgresql_database) as sent:
            (found,) = await uow.select(Room, build)
            for zone in ("Europe/Helsinki", "Europe/Oslo"):
                uow.save(changed(found, zone=zone))
                await uow.flush()
    assert len(sent) == 3


async def test_a_removed_record_may_come_back(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    bench = some.idea(me)
    support = Support(talk.id, bench.id, me.id, NOW)
    await keep(database, keys, talk, me, bench, support)

    async with work(database, keys) as uow:
        uow.remove(await uow.need(Support, talk.id, bench.id, me.id))
        uow.add(changed(support, created_at=NOW.replace(hour=12)))
    async with work(database, keys) as uow:
        uow.remove(await uow.need(Support, talk.id, bench.id, me.id))
        await uow.flush()
        assert await uow.get(Support, talk.id, bench.id, me.id) is None
        uow.add(support)
        uow.save(changed(support, created_at=NOW.replace(hour=13)))

    async with work(database, keys) as uow:
        assert (await uow.need(Support, talk.id, bench.id, me.id)).created_at.hour == 13


async def test_a_removed_record_that_is_changed_after_all_is_kept(database: Database, keys: Keyring) -> None:
    alva = some.person()
    await keep(database, keys, alva)

    async with work(database, keys) as uow:
        uow.remove(await uow.need(Person, alva.id))
        uow.save(changed(alva, locale="sv"))

    async with work(database, keys) as uow:
        assert (await uow.need(Person, alva.id)).locale == "sv"


async def test_the_last_change_counts_and_is_written_once(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    bench = some.idea(me)
    await keep(database, keys, talk, me, bench)

    with statements(database) as sent:
        async with work(database, keys) as uow:
            for count in range(1, 11):
                uow.save(changed(bench, supporters=count))

    async with work(database, keys) as uow:
        assert (await uow.need(Idea, talk.id, bench.id)).supporters == 10
    assert len(sent) == 1


async def test_a_name_that_was_given_up_leads_nowhere(database: Database, keys: Keyring) -> None:
    """A room that has moved is not found at its old address any more, neither now nor later."""
    here = some.room()
    await keep(database, keys, here)

    async with work(database, keys) as uow:
        found = await uow.by(Room, here.lookup)
        assert found is not None
        uow.save(changed(found, lookup=b"the new address"))

        assert await uow.by(Room, b"the new address") is not None
        assert await uow.by(Room, here.lookup) is None

    async with work(database, keys) as uow:
        assert await uow.by(Room, here.lookup) is None


async def test_a_name_that_was_given_up_may_be_taken_at_once(database: Database, keys: Keyring) -> None:
    """A message that is on its way keeps no key: the next of its kind is a row of its own."""
    here = some.room()
    before = some.say(here, unique_key="the card")
    await keep(database, keys, here, before)

    async with work(database, keys) as uow:
        uow.save(changed(await uow.need(Outbox, before.id), unique_key=None, state="sending"))
        after = some.say(here, unique_key="the card")
        uow.add(after)

    async with work(database, keys) as uow:
        assert await uow.by(Outbox, "the card") == after


async def test_what_refers_to_another_is_written_after_it_and_removed_before_it(
    database: Database, keys: Keyring
) -> None:
    records = some.one_of_each(keys)
    await keep(database, keys, *reversed(records))

    async with work(database, keys) as uow:
        for record in records:
            uow.remove(record)

    async with work(database, keys) as uow:
        assert [await uow.get(type(one), *mapping_of(type(one)).key(one)) for one in records] == [None] * len(records)


async def test_the_number_of_statements_grows_with_the_kinds_and_not_with_the_records(
    database: Database, keys: Keyring
) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    ideas = [some.idea(me, number) for number in range(40)]
    await keep(database, keys, talk, me, *ideas)

    async def batch(size: int) -> list[tuple[str, bool]]:
        people = [some.participant(talk) for _ in range(size)]
        with statements(database) as sent:
            async with work(database, keys) as uow:
                await uow.load(Idea, [(talk.id, one.id) for one in ideas[:size]])
                for one in people:
                    uow.add(one)
                for one, bench in zip(people, ideas, strict=False):
                    uow.add(Vote(talk.id, bench.id, one.id, 1, NOW))
                    uow.add(Support(talk.id, bench.id, one.id, NOW))
                    uow.save(changed(bench, voters=1))
        return sent

    two, forty = await batch(2), await batch(40)

    looks = [] if database.sqlite else [False]
    assert len(two) == len(forty)
    assert [many for _statement, many in forty] == [False, True, *looks, True, True, True]


async def test_nothing_staged_is_nothing_written(database: Database, keys: Keyring) -> None:
    with statements(database) as sent:
        async with work(database, keys) as uow:
            alva = some.person()
            uow.add(alva)
            uow.remove(alva)

    assert sent == []


def test_a_record_and_its_table_must_have_the_same_fields() -> None:
    with pytest.raises(TypeError, match="differ"):
        Mapping(Participant, room_table)
