"""Of people who want the last place at once exactly one gets it, on both engines."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.crypto import Keyring
from bot.domain.gatherings import Gathering, Rsvp
from bot.store import gatherings
from bot.store.engine import Database
from bot.store.unit_of_work import UnitOfWork
from tests.store import some
from tests.store.some import NOW, keep, work


async def _answers(uow: UnitOfWork) -> list[Rsvp]:
    return await uow.select(Rsvp, lambda query: query)


@pytest.mark.parametrize("locks", [True, False], ids=["with the lock", "by the constraint alone"])
async def test_the_last_place_goes_to_one(database: Database, keys: Keyring, *, locks: bool) -> None:
    talk = some.conversation()
    people = [some.participant(talk, name) for name in ("Alva", "Bo", "Cia", "Dan")]
    one = Gathering(
        talk.id, talk.id, people[0].id, "Fika", NOW, NOW + timedelta(hours=2), "UTC", NOW, NOW, seats=2
    )  # fmt: skip
    await keep(database, keys, talk, *people, one, Rsvp(talk.id, one.id, people[0].id, "yes", NOW, 1))
    refused = []

    async def come(number: int) -> None:
        try:
            async with work(database, keys) as uow:
                if locks:
                    await gatherings.locked(uow, talk.id, one.id)
                seat = await gatherings.free_seat(uow, one)
                await asyncio.sleep(0.02)
                uow.add(Rsvp(talk.id, one.id, people[number].id, "yes", NOW + timedelta(seconds=number), seat))
        except IntegrityError:
            refused.append(number)

    await asyncio.gather(*(come(number) for number in (1, 2, 3)))
    assert not (locks and refused), "with the lock nobody is refused"
    for number in refused:  # The dispatcher handles an event that was refused once more.
        await come(number)
    async with work(database, keys) as uow:
        found = await _answers(uow)
        assert sorted(each.seat or 0 for each in found) == [0, 0, 1, 2]
        first = await gatherings.first_waiting(uow, one)
        assert first is not None
        assert first.created_at == min(each.created_at for each in found if each.waits)


async def test_a_gap_is_filled_when_the_last_seat_is_taken(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    people = [some.participant(talk, str(number)) for number in range(3)]
    one = Gathering(talk.id, talk.id, people[0].id, "Fika", NOW, NOW, "UTC", NOW, NOW, seats=3)
    seated = [Rsvp(talk.id, one.id, each.id, "yes", NOW, seat) for each, seat in zip(people, (1, 3), strict=False)]
    await keep(database, keys, talk, *people, one, *seated)
    async with work(database, keys) as uow:
        assert await gatherings.free_seat(uow, one) == 2
        uow.add(Rsvp(talk.id, one.id, people[2].id, "yes", NOW, 2))
        assert await gatherings.free_seat(uow, one) is None
