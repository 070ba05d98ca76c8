"""Queries of the conversation's nouns: which idea next, which ideas, which conversations, who takes over."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from bot.crypto import Keyring
from bot.domain.ideas import Idea, Vote
from bot.domain.people import Participant
from bot.store import conversations, housekeeping, ideas, people
from bot.store.engine import Database
from bot.store.records import Waiting
from tests.store import some
from tests.store.some import NOW, keep, statements, work

changed = msgspec.structs.replace


async def _conversation(database: Database, keys: Keyring, many: int, **each: Any) -> tuple[Participant, list[Idea]]:
    talk = some.conversation()
    me = some.participant(talk)
    made = [some.idea(me, number, f"idea {number}", **each) for number in range(1, many + 1)]
    await keep(database, keys, talk, me, *made)
    return me, made


# --- weighing


async def test_the_idea_to_weigh_next_is_the_one_whose_turn_it_is_then_the_older(
    database: Database, keys: Keyring
) -> None:
    me, made = await _conversation(database, keys, 5)
    asker = (me.conversation_id, me.id)
    async with work(database, keys) as uow:
        for one, turn in zip(made, (2.5, 1, 0.1, 1, 0.1), strict=True):
            uow.save(changed(one, turn=turn))

    order = []
    for _ in range(5):
        async with work(database, keys) as uow:
            coming, left, weighed = (await ideas.next_to_weigh(uow, [asker]))[asker]
            assert coming is not None
            assert (left, weighed) == (5 - len(order), len(order))
            order.append(coming.number)
            uow.add(Vote(*asker[:1], coming.id, me.id, 1, NOW))

    assert order == [3, 5, 2, 4, 1]
    async with work(database, keys) as uow:
        assert await ideas.next_to_weigh(uow, [asker]) == {asker: (None, 0, 5)}


async def test_hidden_and_withdrawn_ideas_are_not_weighed_nor_counted(database: Database, keys: Keyring) -> None:
    me, made = await _conversation(database, keys, 4)
    asker = (me.conversation_id, me.id)
    async with work(database, keys) as uow:
        uow.save(changed(made[0], state="hidden"))
        uow.save(changed(made[1], state="withdrawn"))
        for one in made[1:3]:
            uow.add(Vote(me.conversation_id, one.id, me.id, -1, NOW))

    async with work(database, keys) as uow:
        coming, left, weighed = (await ideas.next_to_weigh(uow, [asker]))[asker]

    assert coming is not None
    assert (coming.number, left, weighed) == (4, 1, 2)


async def test_many_ask_at_once_and_each_is_told_their_own(database: Database, keys: Keyring) -> None:
    """Against counting by hand, over random conversations."""
    rng = random.Random(1)
    talks = [some.conversation() for _ in range(3)]
    everybody = [some.participant(talk) for talk in talks for _ in range(6)]
    states = ("shown", "shown", "shown", "hidden", "withdrawn")
    made = [
        some.idea(rng.choice([one for one in everybody if one.conversation_id == talk.id]), number,
                  state=rng.choice(states), turn=rng.randrange(3) / 2)
        for talk in talks for number in range(1, 9)
    ]  # fmt: skip
    votes = [
        Vote(idea.conversation_id, idea.id, one.id, rng.choice((-1, 0, 1)), NOW)
        for idea in made for one in everybody
        if one.conversation_id == idea.conversation_id and rng.random() < 0.5
    ]  # fmt: skip
    await keep(database, keys, *talks, *everybody, *made, *votes)
    askers: list[tuple[UUID, UUID | None]] = [(one.conversation_id, one.id) for one in everybody]
    askers += [(talk.id, None) for talk in talks]

    with statements(database) as sent:
        async with work(database, keys) as uow:
            told = await ideas.next_to_weigh(uow, askers)

    assert len(sent) <= 2 + len(talks)
    for conversation_id, participant_id in askers:
        shown = [one for one in made if one.conversation_id == conversation_id and one.state == "shown"]
        own = {vote.idea_id for vote in votes if vote.participant_id == participant_id}
        left = sorted((one for one in shown if one.id not in own), key=lambda one: (one.turn, one.number))
        expected = (left[0] if left else None, len(left), len(own))
        assert told[conversation_id, participant_id] == expected


# --- lists


async def test_ideas_are_listed_newest_or_most_carried_first_or_those_that_nobody_leads(
    database: Database, keys: Keyring
) -> None:
    me, made = await _conversation(database, keys, 4)
    async with work(database, keys) as uow:
        for one, supporters, leads in zip(made, (1, 5, 5, 0), (0, 1, 0, 0), strict=True):
            uow.save(changed(one, supporters=supporters, leads=leads))
        hidden = some.idea(me, 5, state="hidden", supporters=9)
        uow.add(hidden)

        async def numbers(order: str, skip: int = 0, most: int = 9) -> list[int]:
            return [one.number for one in await ideas.listed(uow, me.conversation_id, order, skip, most)]

        assert await numbers("new") == [4, 3, 2, 1]
        assert await numbers("most") == [2, 3, 1, 4]
        assert await numbers("free") == [3, 1, 4]
        assert await numbers("most", skip=1, most=2) == [3, 1]
        newest = await ideas.newest(uow, me.conversation_id)
        assert newest is not None
        assert newest.number == 4
        assert await ideas.newest(uow, uuid4()) is None


async def test_an_idea_is_found_by_its_number_and_by_the_message_that_gave_it(
    database: Database, keys: Keyring
) -> None:
    me, _made = await _conversation(database, keys, 2)
    single, first, second = (
        some.idea(me, number, source=source) for number, source in ((3, b"a"), (4, b"b"), (5, b"b"))
    )
    await keep(database, keys, single, first, second)

    async with work(database, keys) as uow:
        assert await ideas.numbered(uow, me.conversation_id, 3) == single
        assert await ideas.numbered(uow, me.conversation_id, 9) is None
        assert await ideas.from_message(uow, b"a") == single
        assert await ideas.from_message(uow, b"b") is None, "a message that gave several is none of them"
        assert await ideas.from_message(uow, b"c") is None
        shown = await ideas.texts(uow, me.conversation_id, 3)
        assert [number for _id, number, _text in shown] == [5, 4, 3]


async def test_open_conversations_are_found_by_place_the_newest_first(database: Database, keys: Keyring) -> None:
    made = [
        some.conversation(created_at=NOW + timedelta(hours=hour), **more)
        for hour, more in enumerate(
            ({}, {"findable": "invited"}, {"closed_at": NOW}, {"place_key": "", "place_name": "The island"}, {})
        )
    ]
    await keep(database, keys, *made)

    async with work(database, keys) as uow:
        assert await conversations.open_ones(uow, "SE-1884", "", 9) == [made[4], made[0]]
        assert await conversations.open_ones(uow, "", "The island", 9) == [made[3]]
        assert await conversations.open_ones(uow, "", "", 2) == [made[4], made[3]]


async def test_a_cohost_takes_over_before_a_moderator_before_whoever_came_first(
    database: Database, keys: Keyring
) -> None:
    talk = some.conversation()
    host, early, late, moderator, cohost, gone = (
        changed(some.participant(talk, role=role, left=left), joined_at=NOW + timedelta(hours=hour))
        for hour, (role, left) in enumerate(
            (("host", False), ("", False), ("", False), ("moderator", False), ("cohost", False), ("cohost", True))
        )
    )
    await keep(database, keys, talk, host, early, late, moderator, cohost, gone)

    heirs = []
    for leaving in (host, cohost, moderator, early, late):
        async with work(database, keys) as uow:
            heirs.append(await people.successor(uow, talk.id, leaving.id))
            uow.save(changed(leaving, left=True))

    assert heirs == [cohost, moderator, early, late, None]


# --- what is dropped by itself


async def test_what_nobody_said_yes_to_is_dropped_after_a_day(database: Database, keys: Keyring) -> None:
    alva = some.person()
    old, new = Waiting(uuid4(), alva.id, b"", NOW - timedelta(days=1, seconds=1)), Waiting(uuid4(), alva.id, b"", NOW)
    await keep(database, keys, alva, old, new)

    async with database.transaction() as connection:
        await housekeeping.tidy(connection, NOW)

    async with work(database, keys) as uow:
        assert await uow.get(Waiting, old.id) is None
        assert await uow.get(Waiting, new.id) == new
