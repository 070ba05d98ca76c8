"""The map: in words and as a picture, of what may be told; in private with one's own place, in groups without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from uuid6 import uuid7

from bot.chat.content import Action
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Vote, weigh
from bot.domain.maps import Findings
from bot.domain.rooms import Room
from bot.opinion.matrix import unpack
from bot.opinion.state import Stored
from bot.store import inbox, maps
from bot.store.records import MapKept
from tests.handlers.deeds import count, end_conversation, pressing, sealed, starts_anew
from tests.handlers.world import Said, Who, World

PNG = b"\x89PNG"
AGREE, PASS, DISAGREE = "agree", "pass", "disagree"
VALUES = {1: AGREE, 0: PASS, -1: DISAGREE}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def town(world: World, size: int, ideas: int) -> tuple[UUID, list[Who], list[Idea]]:
    """A conversation of so many people and ideas."""
    people = [await world.person(f"P{number}") for number in range(size)]
    conversation = await world.conversation(*people)
    given = [await world.idea(conversation, people[0], f"Idea of {letter}") for letter in "ABCDEFGHIJKL"[:ideas]]
    return conversation, people, given


async def weighs(world: World, who: Who, idea: Idea, value: int) -> None:
    """Somebody weighs an idea, a second after whatever was last."""
    world.now += timedelta(seconds=1)
    data = await sealed(world, who.room, Action(VALUES[value], idea.conversation_id, idea.id))
    await world.happens(pressing(world, who, who.room, data))


def of_camp(number: int, place: int) -> int:
    """How the two camps weigh: on the first two ideas all agree, on the others one half does and the other does not."""
    return 1 if place < 2 or number % 2 else -1


async def two_camps(
    world: World, people: Sequence[Who], ideas: Sequence[Idea], how: Callable[[int, int], int] = of_camp
) -> None:
    """All weigh all, without a press each."""
    scope = ideas[0].conversation_id
    async with world.work() as uow:
        for number, who in enumerate(people):
            me = await world.participant(uow, scope, who)
            for place, idea in enumerate(ideas):
                world.now += timedelta(seconds=1)
                before = await uow.get(Vote, scope, idea.id, me.id)
                fresh = Vote(scope, idea.id, me.id, how(number, place), world.now)
                uow.save(weigh(await uow.need(Idea, scope, idea.id), before, fresh.value))
                if before is None:
                    uow.add(fresh)
                else:
                    uow.save(fresh)
        uow.add(maps.to_renew(await uow.need(Conversation, scope), world.now, uuid7()))
    await world.wait(seconds=1)


async def latest(world: World, conversation: UUID) -> Findings:
    """What the map says."""
    async with world.work() as uow:
        edition = await maps.latest(uow, conversation)
    return edition.secret if edition else Findings()


def picture(said: Said) -> str:
    """What is told of a picture to who does not see it."""
    attached = said.message.attachment
    assert attached is not None
    assert attached.kind == "picture"
    assert attached.data.startswith(PNG)
    assert isinstance(attached.alt, str)
    return attached.alt


# -- the ladder --------------------------------------------------------------------------------------------------------


async def test_few_people_see_the_ideas_themselves(world: World) -> None:
    conversation, people, ideas = await town(world, 3, 2)
    garden = await world.group("Garden", conversation)
    await world.command(people[0], people[0].room, "/idea")
    await weighs(world, people[1], ideas[0], 1)
    for place in (people[1].room, garden):
        [told] = await world.command(people[1], place, "/map")
        assert told.text == (
            "Where we stand\nWe are few so far, so here are the ideas themselves.\n"
            "1. Idea of A\nNobody carries it yet.\nNobody leads it yet.\n"
            "2. Idea of B\nNobody carries it yet.\nNobody leads it yet.\n"
            "When 6 more people have weighed ideas, we can see what unites us.\nWhat do we want Nora to be like?"
        )
        assert told.labels == ["Weigh the ideas", "Look at the ideas", "Put my energy somewhere"]


async def test_from_seven_there_are_sums_and_it_is_told_how_far_it_is_to_groups(world: World) -> None:
    conversation, people, ideas = await town(world, 8, 3)
    for number, who in enumerate(people):
        for idea, value in zip(ideas, (1, -1, 1 if number % 2 else -1), strict=True):
            await weighs(world, who, idea, value)
    await world.wait(seconds=1)
    # sums are renewed by five: eight have weighed, five are told
    [told] = await world.command(people[0], people[0].room, "/map")
    assert "We are few so far" in told.text, "until seven are in it, which is when ten have weighed"
    assert "When a few more have weighed, we can see what unites us." in told.text
    for number in range(2):
        who = await world.person(f"Q{number}")
        await world.command(who, who.room, f"/join {conversation.hex[-6:].upper()}")
        for idea, value in zip(ideas, (1, -1, 1 if number % 2 else -1), strict=True):
            await weighs(world, who, idea, value)
    await world.wait(seconds=1)
    [told] = await world.command(people[0], people[0].room, "/map")
    assert "What unites us\n1. Idea of A (10 of 10 agree)" in told.text
    assert "What most do not want\n2. Idea of B (10 of 10 disagree)" in told.text
    assert "Where we differ\n3. Idea of C (5 of 10 agree)" in told.text


async def test_two_camps_are_seen_with_ones_own_place_in_private_alone(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    garden = await world.group("Garden", conversation)
    await two_camps(world, people, ideas)
    anna = people[1]
    told, drawn = await world.command(anna, anna.room, "/map")
    assert "We see 2 groups. In each, people weigh alike." in told.text
    assert "What unites us\n1. Idea of A (10 of 10 agree)\n2. Idea of B (10 of 10 agree)" in told.text
    assert "Where we differ\n3. Idea of C\n" in told.text
    mine = "You stand nearest to group "
    [letter] = [line.removeprefix(mine)[0] for line in told.text.split("\n") if line.startswith(mine)]
    assert f"You are here: nearest to group {letter}." in picture(drawn)
    assert f"Group {letter}: " in picture(drawn)
    other, _drawn = await world.command(people[0], people[0].room, "/map")
    assert f"{mine}{'B' if letter == 'A' else 'A'}" in other.text
    told, drawn = await world.command(anna, garden, "/karta")
    assert mine not in told.text
    assert "You are here" not in picture(drawn)
    assert "Post it in the rooms" not in told.labels


async def test_a_hidden_idea_is_told_of_no_more(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    await two_camps(world, people, ideas)
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(await uow.need(Idea, conversation, ideas[0].id), state="hidden"))
    told, _drawn = await world.command(people[1], people[1].room, "/map")
    assert "Idea of A" not in told.text
    assert "Idea of B" in told.text


async def test_when_it_has_ended_the_map_stays_to_be_seen(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    await two_camps(world, people, ideas)
    await end_conversation(world, conversation)
    told, _drawn = await world.command(people[0], people[0].room, "/map")
    assert "What unites us" in told.text
    assert told.labels == ["Look at the ideas", "Post it in the rooms"]


# -- posting -----------------------------------------------------------------------------------------------------------


async def test_a_host_posts_it_once_in_all_rooms_each_in_its_language_and_not_at_night(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    garden, hall = await world.group("Garden", conversation), await world.group("Hall", conversation)
    async with world.work() as uow:
        room = await uow.by(Room, world.keys.lookup("room", str(hall.key)))
        assert room is not None
        uow.save(msgspec.structs.replace(room, locale="sv", zone="Pacific/Auckland", pace="now"))
    await two_camps(world, people, ideas)
    host = people[0]
    await world.command(host, host.room, "/map")
    await world.press(host, host.room, "Post it in the rooms")
    assert world.alert.startswith("I post it in the rooms, not at night. Where five cards have come today,")
    [posted] = world.said(garden)
    assert "We see 2 groups." in posted.text
    assert "On the map: 2 groups." in picture(posted)
    assert "stand nearest" not in posted.text + picture(posted)
    assert posted.labels == ["Weigh the ideas", "Look at the ideas", "Put my energy somewhere"]
    assert world.said(hall) == [], "it is midnight there"

    await world.press(host, host.room, "Post it in the rooms")
    assert world.alert.startswith("The rooms have seen it already.")
    await world.wait(hours=12)
    [swedish] = world.said(hall)
    assert "Vi ser 2 grupper." in swedish.text
    assert "På kartan: 2 grupper." in picture(swedish)
    assert len(world.said(garden)) == 1
    assert await count(world, "map_picture") == 2


async def test_it_is_posted_again_only_when_it_says_something_else(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 8)
    garden = await world.group("Garden", conversation)
    await two_camps(world, people, ideas[:7])
    await world.command(people[0], people[0].room, "/map")
    await world.press(people[0], people[0].room, "Post it in the rooms")
    await two_camps(world, people[:10], ideas[7:], lambda number, _place: 1 if number % 2 else -1)
    await world.press(people[0], people[0].room, "Post it in the rooms")
    assert world.alert.startswith("The rooms have seen it already."), "one more idea is noise"
    others = [await world.person(f"Q{number}") for number in range(6)]
    for who in others:
        await world.command(who, who.room, f"/join {conversation.hex[-6:].upper()}")
        await weighs(world, who, ideas[0], -1)
    await two_camps(world, [*people, *others], ideas, lambda _number, place: -1 if place == 0 else 1)
    await world.press(people[0], people[0].room, "Post it in the rooms")
    assert len(world.said(garden)) == 2
    assert world.said(garden)[0].text != world.said(garden)[1].text
    assert await count(world, "edition") == 1, "the one before is not kept"


async def test_there_is_nothing_to_post_without_rooms_or_sums(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    data = await sealed(world, people[0].room, Action("postmap", conversation))
    await world.happens(pressing(world, people[0], people[0].room, data))
    assert "There is nothing to post yet." in world.last(people[0].room).text + world.alert
    await two_camps(world, people, ideas)
    await world.happens(pressing(world, people[0], people[0].room, data))
    assert "This conversation has no rooms yet." in world.last(people[0].room).text + world.alert


# -- how it is made ----------------------------------------------------------------------------------------------------


async def test_it_changes_only_when_another_five_have_weighed_an_idea(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    await two_camps(world, people, ideas)
    before = await latest(world, conversation)
    assert all(one.counted == 10 for one in before.ideas.values()), "fourteen have weighed"
    await weighs(world, people[3], ideas[2], -1)
    await world.wait(seconds=1)
    assert await latest(world, conversation) == before
    async with world.work() as uow:
        first = await uow.need(Idea, conversation, ideas[2].id)
    assert first.extremity > 0, "it is known which ideas move people"


async def test_presses_are_answered_while_a_map_is_made_and_their_votes_are_in_the_next_one(world: World) -> None:
    conversation, people, ideas = await town(world, 15, 1)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(doing: Callable[..., Any], *args: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await asyncio.to_thread(doing, *args)

    for who in people[:4]:
        await weighs(world, who, ideas[0], 1)
    world.making.mapping.in_thread = slowly
    assert await staged(world, people[4], ideas[0])
    world.now += timedelta(seconds=1)
    making = asyncio.create_task(world.making.once())
    async with asyncio.timeout(10):
        await begun.wait()
        for who in people[5:10]:
            await staged(world, who, ideas[0])
    assert not making.done(), "ten have weighed meanwhile"
    go_on.set()
    assert await making
    await world.wait(seconds=1)
    assert [one.counted for one in (await latest(world, conversation)).ideas.values()] == [10]
    assert not await world.making.once(), "and nothing is left to make"


async def staged(world: World, who: Who, idea: Idea) -> bool:
    """Somebody weighs an idea, and nothing is made yet."""
    world.now += timedelta(seconds=1)
    data = await sealed(world, who.room, Action(AGREE, idea.conversation_id, idea.id))
    async with world.database.transaction() as connection:
        await inbox.store(connection, [pressing(world, who, who.room, data)], world.keys, world.now)
    return await world.dispatcher.once() > 0


async def test_what_a_process_left_half_made_is_made_by_the_next_one(world: World) -> None:
    conversation, people, ideas = await town(world, 5, 1)
    for who in people[:4]:
        await weighs(world, who, ideas[0], 1)
    assert await staged(world, people[4], ideas[0])
    world.now += timedelta(seconds=1)
    assert await world.making._claim() is not None
    starts_anew(world)
    await world.wait(seconds=1)
    assert [one.counted for one in (await latest(world, conversation)).ideas.values()] == [5]


async def kept(world: World, conversation: UUID) -> tuple[MapKept, set[bytes]]:
    """From what the map is kept up, and whose votes are in it."""
    async with world.work() as uow:
        found = await uow.need(MapKept, conversation)
    assert found.state is not None
    stored = msgspec.msgpack.decode(found.state, type=Stored)
    return found, {*unpack(stored.matrix).people, *(stored.memory.people[at : at + 16] for at in
                                                    range(0, len(stored.memory.people), 16))}  # fmt: skip


async def test_whoever_is_erased_is_gone_from_what_the_map_is_kept_up_from_and_the_map_stays(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 7)
    await two_camps(world, people, ideas)
    anna = people[3]
    async with world.work() as uow:
        me = await world.participant(uow, conversation, anna)
    before, there = await latest(world, conversation), (await kept(world, conversation))[1]
    assert me.id.bytes in there
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all")
    await world.wait(seconds=1)
    found, there = await kept(world, conversation)
    assert found.leaving == ()
    assert me.id.bytes not in there
    assert len(there) == 9, "the others who are in it"
    assert me.id.bytes not in (found.state or b"")
    assert await latest(world, conversation) == before, "a map that followed at once would tell where they stood"


async def test_who_is_erased_while_a_map_is_made_is_not_in_it(world: World) -> None:
    conversation, people, ideas = await town(world, 14, 2)
    for who in people[:9]:
        await weighs(world, who, ideas[0], 1)
    await world.wait(seconds=1)
    anna = people[3]
    async with world.work() as uow:
        me = await world.participant(uow, conversation, anna)
    tries: list[str] = []

    async def with_a_farewell(doing: Callable[..., Any], *args: Any) -> Any:
        tries.append(doing.__name__)
        if len(tries) == 1:
            async with world.work() as uow:
                assert await maps.forget(uow, conversation, me.id)
        return await asyncio.to_thread(doing, *args)

    world.making.mapping.in_thread = with_a_farewell
    await weighs(world, people[9], ideas[0], -1)
    await world.wait(seconds=1)
    assert tries == ["_renewed", "_renewed"], "it was overtaken, and made again"
    found, there = await kept(world, conversation)
    assert found.leaving == ()
    assert me.id.bytes not in there
