"""What the harvest reads from the store: nothing that would tell of one person."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import Keyring
from bot.domain.groups import HelperGroup
from bot.domain.harvest import Span, Spread, Weighed, spans
from bot.domain.ideas import Sums, Vote
from bot.store.engine import Database
from bot.store.harvest import load_harvest
from tests.store import some


@pytest.mark.parametrize("people", [4, 5])
async def test_people_are_counted_from_five(database: Database, keys: Keyring, people: int) -> None:
    town = some.conversation(participants=people)
    all_of_them = [some.participant(town, f"Somebody {n}", hats=("resident",), hats_shown=True) for n in range(people)]
    shy = [some.participant(town, f"Shy {n}", hats=("elected",)) for n in range(5)]
    bench = some.idea(all_of_them[0], sums=Sums(people), shown_sums=Sums(people - people % 5), voters=people)
    votes = [Vote(town.id, bench.id, one.id, 1, some.NOW) for one in all_of_them]
    await some.keep(database, keys, town, *all_of_them, *shy, bench, *votes)
    async with some.work(database, keys) as uow:
        found = await load_harvest(uow, town.id, some.NOW)
    assert (found.people, found.voters, found.authors) == ((5, 5, None) if people == 5 else (None, None, None))
    assert found.hats == ((("resident", 5),) if people == 5 else ()), "and never who does not show it"


async def test_sums_are_those_that_may_be_shown(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    alva = some.participant(town)
    ideas = [
        some.idea(alva, 1, sums=Sums(8, 1), shown_sums=Sums(5), voters=9),
        some.idea(alva, 2, sums=Sums(4), voters=4),
        some.idea(alva, 3, supporters=2),
        some.idea(alva, 4, state="hidden"),
        some.idea(alva, 5, state="withdrawn"),
    ]
    await some.keep(database, keys, town, alva, *ideas)
    async with some.work(database, keys) as uow:
        found = await load_harvest(uow, town.id, some.NOW)
    assert [(idea.number, idea.weighed) for idea in found.ideas] == [(3, None), (1, Weighed(5, 0, 0)), (2, None)]


async def test_what_most_carry_stands_first_and_then_what_most_agree_with(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    alva = some.participant(town)
    sums = [Sums(), Sums(2, 4), Sums(9, 1), Sums(6)]
    ideas = [some.idea(alva, number, sums=one, shown_sums=one, voters=one.voters) for number, one in enumerate(sums)]
    carried = some.idea(alva, 4, supporters=1)
    await some.keep(database, keys, town, alva, *ideas, carried)
    async with some.work(database, keys) as uow:
        found = await load_harvest(uow, town.id, some.NOW)
    assert [idea.number for idea in found.ideas] == [4, 3, 2, 1, 0]


async def test_a_helper_group_names_its_convener_and_its_idea(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    alva = some.participant(town)
    bench, barn = some.idea(alva, 1), some.idea(alva, 2, state="hidden")
    groups = [
        HelperGroup(town.id, some.uuid7(), alva.id, "Build it", "", "hands", "", some.NOW, idea_id=bench.id),
        HelperGroup(town.id, some.uuid7(), alva.id, "Pull it down", "", "", "", some.NOW, idea_id=barn.id),
    ]
    ended = msgspec.structs.replace(groups[0], id=some.uuid7(), state="ended", what="")
    await some.keep(database, keys, town, alva, bench, barn, *groups, ended)
    async with some.work(database, keys) as uow:
        found = await load_harvest(uow, town.id, some.NOW)
    assert [(one.what, one.convener, one.idea) for one in found.groups] == [
        ("Build it", "Alva", 1), ("Pull it down", "Alva", None),
    ]  # fmt: skip
    words = msgspec.json.encode(found).decode()
    assert str(alva.id) not in words
    assert str(town.id) not in words


async def test_only_what_anyone_may_join_tells_its_code(database: Database, keys: Keyring) -> None:
    for findable, closed in (("anyone", None), ("invited", None), ("anyone", some.NOW)):
        town = some.conversation(findable=findable, closed_at=closed)
        await some.keep(database, keys, town)
        async with some.work(database, keys) as uow:
            found = await load_harvest(uow, town.id, some.NOW)
        assert bool(found.code) == (findable == "anyone" and closed is None)


async def test_it_tells_when_people_took_part_by_the_clocks_of_the_place(database: Database, keys: Keyring) -> None:
    town = some.conversation(participants=8)
    people = [some.participant(town, f"Somebody {n}", invited_by=some.uuid7()) for n in range(8)]
    bench = some.idea(people[0])
    late = some.NOW + timedelta(hours=12)  # half past midnight, in Nora
    votes = [Vote(town.id, bench.id, one.id, 1, late) for one in people[:5]]
    await some.keep(database, keys, town, *people, bench, *votes)
    async with some.work(database, keys) as uow:
        found = await load_harvest(uow, town.id, some.NOW)
    monday = some.NOW.date()
    tuesday = monday + timedelta(days=1)
    assert found.days == (Span(monday, monday, 8), Span(tuesday, tuesday, 5))
    assert found.spread == Spread(8, 8)


def test_few_people_are_told_with_those_who_come_next() -> None:
    day = date(2026, 3, 2)
    who = [some.uuid7() for _ in range(8)]
    active = {day: who[:3], day + timedelta(1): who[2:5], day + timedelta(2): who, day + timedelta(3): who[:4]}
    assert spans(active) == (Span(day, day + timedelta(1), 5), Span(day + timedelta(2), day + timedelta(2), 8))


@given(st.dictionaries(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.sets(st.uuids(), min_size=1, max_size=9)))
def test_no_span_tells_of_fewer_than_five(active: dict[date, set[UUID]]) -> None:
    found = spans(active)
    assert len(found) <= 12
    assert all(one.people >= 5 for one in found)
    assert all(one.first <= one.last for one in found)
    assert all(before.last < after.first for before, after in pairwise(found))
