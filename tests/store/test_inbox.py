"""The inbox: what came in once counts once, is handled in its order, and says nothing any more when it was handled."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.chat.keys import RoomKey
from bot.crypto import Keyring, WrongKeys, make_keys
from bot.store import inbox
from bot.store.engine import Database
from bot.store.schema import inbox as table
from tests.store.some import NOW, message


async def _store(database: Database, keys: Keyring, *numbers: int, at: RoomKey | None = None) -> None:
    async with database.transaction() as connection:
        await inbox.store(connection, [message(number, at=at) for number in numbers], keys, NOW)


async def _fresh(database: Database, keys: Keyring) -> list[str]:
    async with database.transaction() as connection:
        return [inbox.opened(row[3], keys).id for row in await inbox.fresh(connection, 100)]


async def _rows(database: Database) -> list[Any]:
    async with database.transaction() as connection:
        return list(await connection.execute(select(table).order_by(table.c.seq)))


async def test_an_event_that_comes_twice_counts_once(database: Database, keys: Keyring) -> None:
    await _store(database, keys, 1, 2, 2, 1)
    await _store(database, keys, 2, 3, 1)

    assert await _fresh(database, keys) == ["e1", "e2", "e3"]


async def test_an_event_that_comes_to_two_processes_at_once_counts_once(database: Database, keys: Keyring) -> None:
    await asyncio.gather(*(_store(database, keys, *range(20)) for _ in range(4)))

    assert sorted(await _fresh(database, keys)) == sorted(f"e{number}" for number in range(20))


async def test_the_same_id_on_another_channel_is_another_event(database: Database, keys: Keyring) -> None:
    await _store(database, keys, 1)
    await _store(database, keys, 1, at=RoomKey("memory:second", "private-alva"))

    assert await _fresh(database, keys) == ["e1", "e1"]


async def test_an_event_that_was_handled_does_not_come_again(database: Database, keys: Keyring) -> None:
    await _store(database, keys, 1, 2)
    first, second = await _rows(database)
    async with database.transaction() as connection:
        await inbox.done(connection, [first.seq])

    await _store(database, keys, 1)

    assert await _fresh(database, keys) == ["e2"]
    assert [(row.state, row.payload is None) for row in await _rows(database)] == [("done", True), ("new", False)]
    assert second.state == "new"


async def test_nothing_done_is_nothing_changed(database: Database, keys: Keyring) -> None:
    await _store(database, keys, 1)
    async with database.transaction() as connection:
        await inbox.done(connection, [])

    assert await _fresh(database, keys) == ["e1"]


async def test_only_so_many_are_taken_at_a_time(database: Database, keys: Keyring) -> None:
    await _store(database, keys, *range(10))

    async with database.transaction() as connection:
        taken = await inbox.fresh(connection, 4)

    assert [inbox.opened(row[3], keys).id for row in taken] == ["e0", "e1", "e2", "e3"]


async def test_an_event_that_failed_waits_and_at_last_is_parked_with_where_it_failed(
    database: Database, keys: Keyring
) -> None:
    await _store(database, keys, 1, 2)
    (poison, _other) = await _rows(database)

    async with database.transaction() as connection:
        await inbox.failed(connection, poison.seq, 1, "handlers/ideas.py:12 give", park=False)
    assert await _fresh(database, keys) == ["e1", "e2"]

    async with database.transaction() as connection:
        await inbox.failed(connection, poison.seq, 3, "handlers/ideas.py:12 give", park=True)
        assert await inbox.waiting(connection) == 1

    assert await _fresh(database, keys) == ["e2"]
    parked = (await _rows(database))[0]
    assert (parked.state, parked.attempts, parked.trace) == ("parked", 3, "handlers/ideas.py:12 give")
    assert inbox.opened(parked.payload, keys) == message(1)


async def test_what_waited_for_a_yes_happens_once_under_a_new_id(database: Database, keys: Keyring) -> None:
    await _store(database, keys, 1)
    (waited,) = await _rows(database)
    async with database.transaction() as connection:
        await inbox.done(connection, [waited.seq])
        await inbox.again(connection, inbox.sealed(message(1), keys), "again:1", keys, NOW)

    (_before, again) = await _rows(database)

    assert await _fresh(database, keys) == ["e1"]
    assert (again.event_id, again.channel, again.room_lookup) == ("again:1", waited.channel, waited.room_lookup)


async def test_an_event_tells_its_room_without_being_opened(database: Database, keys: Keyring) -> None:
    here, there = RoomKey("memory", "here"), RoomKey("memory", "here", "a thread")
    await _store(database, keys, 1, 2, at=here)
    await _store(database, keys, 3, at=there)

    first, second, third = (row.room_lookup for row in await _rows(database))

    assert first == second == keys.lookup("room", str(here))
    assert third == keys.lookup("room", str(there))


async def test_an_event_opens_with_its_keys_only(database: Database, keys: Keyring) -> None:
    await _store(database, keys, 1)
    (row,) = await _rows(database)

    with pytest.raises(WrongKeys):
        inbox.opened(row.payload, Keyring(make_keys()))


async def test_what_was_handled_or_parked_is_forgotten_after_a_week_and_what_waits_is_not(
    database: Database, keys: Keyring
) -> None:
    await _store(database, keys, 1, 2, 3)
    done, parked, _waits = await _rows(database)
    async with database.transaction() as connection:
        await inbox.done(connection, [done.seq])
        await inbox.failed(connection, parked.seq, 3, "", park=True)

        await inbox.forget_old(connection, NOW + timedelta(days=7))
    assert len(await _rows(database)) == 3

    async with database.transaction() as connection:
        await inbox.forget_old(connection, NOW + timedelta(days=7, seconds=1))
    assert [row.event_id for row in await _rows(database)] == ["e3"]


async def test_two_who_take_events_at_once_take_different_ones(postgresql_database: Database, keys: Keyring) -> None:
    await _store(postgresql_database, keys, *range(10))

    async with postgresql_database.transaction() as one, postgresql_database.transaction() as two:
        mine = [row.seq for row in await inbox.fresh(one, 4)]
        yours = [row.seq for row in await inbox.fresh(two, 100)]

    assert (len(mine), len(yours)) == (4, 6)
    assert set(mine) & set(yours) == set()
