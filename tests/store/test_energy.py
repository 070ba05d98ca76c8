"""Nobody has more than three hands out, however many presses come at once, on both engines."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from bot.crypto import Keyring
from bot.domain.ideas import HANDS, Hand, free_place
from bot.store import energy
from bot.store.engine import Database
from tests.store import some
from tests.store.some import NOW, keep, work


async def test_of_presses_at_once_three_hands_come_out(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    ideas = [some.idea(me, number) for number in range(1, 7)]
    await keep(database, keys, talk, me, *ideas)
    refused = 0

    async def press(at: int) -> None:
        nonlocal refused
        try:
            async with work(database, keys) as uow:
                place = free_place(await energy.of(uow, talk.id, me.id))
                await asyncio.sleep(0)
                if place is not None:
                    uow.add(Hand(talk.id, ideas[at].id, me.id, place, NOW))
        except IntegrityError:
            refused += 1

    for _ in range(HANDS):
        await asyncio.gather(*(press(at) for at in range(6)))
        async with work(database, keys) as uow:
            hands = await energy.of(uow, talk.id, me.id)
        assert len({hand.place for hand in hands}) == len(hands) <= HANDS
        ideas = [one for one in ideas if one.id not in {hand.idea_id for hand in hands}] + ideas

    assert [hand.place for hand in hands] == [1, 2, 3]
    assert refused or database.sqlite, "where several write at once, the table decides"


@pytest.mark.parametrize("place", [0, HANDS + 1, 2])
async def test_the_table_takes_no_other_place_and_none_twice(database: Database, keys: Keyring, place: int) -> None:
    talk = some.conversation()
    me = some.participant(talk)
    bench, barn = some.idea(me, 1), some.idea(me, 2)
    await keep(database, keys, talk, me, bench, barn, Hand(talk.id, bench.id, me.id, 2, NOW))
    with pytest.raises(IntegrityError):
        await keep(database, keys, Hand(talk.id, barn.id, me.id, place, NOW))


async def test_names_stand_by_their_ideas_the_first_first(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    people = [some.participant(talk) for _ in range(2)]
    bench, barn = some.idea(people[0], 1, hands=2), some.idea(people[0], 2)
    hands = [Hand(talk.id, bench.id, one.id, 1, NOW) for one in people]
    await keep(database, keys, talk, *people, bench, barn, *hands)
    async with work(database, keys) as uow:
        found = await energy.names(uow, [bench, barn])
        assert [one.participant_id for one in await energy.on(uow, bench)] == sorted(one.id for one in people)
    assert list(found) == [bench.id]
    assert len(found[bench.id]) == 2
