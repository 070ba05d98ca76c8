"""When somebody, or a group, is not to be disturbed, and how often news comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path

import pytest

from bot.domain.calm import Calm, Quiet
from bot.domain.rooms import Room
from bot.flows.quiet_words import Wish, read
from bot.handlers import calm
from tests.handlers.test_calm import means, note
from tests.handlers.world import Place, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def wanted(world: World, who: Who) -> Calm:
    async with world.work() as uow:
        return await calm.calm_of(means(world, uow), (await world.person_of(uow, who)).id)


async def room_of(world: World, place: Place) -> Room:
    async with world.work() as uow:
        found = await uow.by(Room, world.keys.lookup("room", str(place.key)))
        assert found is not None
        return found


async def test_somebody_has_it_as_they_like(world: World) -> None:
    bo = await world.person("Bo")
    [shown] = await world.command(bo, bo.room, "/quiet")
    assert "News comes on Sunday evening." in shown.text
    assert "It is quiet from 20 to 08." in shown.text
    assert shown.labels == [
        "At once", "Once a day", "Never", "Quiet 22–07", "Quiet 18–08", "Quiet on weekends"
    ]  # fmt: skip
    [shown] = await world.press(bo, bo.room, "Once a day", on=shown)
    [shown] = await world.press(bo, bo.room, "Quiet 22", on=shown)
    [shown] = await world.press(bo, bo.room, "Quiet on weekends", on=shown)
    assert "It is quiet from 22 to 07, and on weekends." in shown.text
    [shown] = await world.press(bo, bo.room, "Weekends like other days", on=shown)
    has = await wanted(world, bo)
    assert (has.digest, has.quiet) == ("daily", Quiet(time(22), time(7)))
    [told] = await world.command(bo, bo.room, "/quiet purple")
    assert told.text.startswith("I did not understand that.")
    assert await wanted(world, bo) == has
    [shown] = await world.command(bo, bo.room, "/tyst aldrig")
    assert "No news comes." in shown.text


async def test_what_waits_can_be_seen_before_its_time(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "It rains.")
    [shown] = await world.command(bo, bo.room, "/quiet")
    [seen] = await world.press(bo, bo.room, "See what waits (1)", on=shown)
    assert seen.text == "It rains."
    await world.press(bo, bo.room, "See what waits (1)", on=shown)
    assert world.alert == "Nothing waits for you."


async def test_a_group_has_it_as_those_who_answer_for_it_like(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [shown] = await world.command(bo, garden, "/quiet")
    assert "Here I show what is new at once," in shown.text
    await world.press(bo, garden, "Quiet 22", on=shown)
    assert world.alert.startswith("The host, a moderator")
    [shown] = await world.command(anna, garden, "/quiet 21:30 till 9")
    assert "It is quiet from 21:30 to 09." in shown.text
    await world.press(anna, garden, "Once a day", on=shown)
    room = await room_of(world, garden)
    assert (room.pace, room.quiet) == ("daily", Quiet(time(21, 30), time(9)))
    [told] = await world.command(anna, garden, "/quiet weekly")
    assert "on Sundays" in told.text
    # an idea that is given at half past nine waits until nine
    await world.command(anna, garden, "/quiet now")
    await world.wait(hours=10)
    await world.command(bo, await world.group("Street", conversation), "/idea A bench")
    before = len(world.said(garden))
    await world.wait(hours=10, minutes=30)
    assert len(world.said(garden)) == before
    await world.wait(minutes=45)
    assert "A bench" in world.last(garden).text


async def test_what_waits_for_a_group_comes_as_it_is_wanted_now(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden, street = await world.group("Garden", conversation), await world.group("Street", conversation)
    await world.command(anna, garden, "/quiet daily")
    for words in ("A bench", "A lamp"):
        await world.command(anna, street, f"/idea {words}")
    before = len(world.said(garden))
    # once a week is on Sunday
    await world.command(anna, garden, "/quiet weekly")
    await world.wait(days=5)
    assert len(world.said(garden)) == before + 1
    # never is never
    await world.command(anna, garden, "/quiet daily")
    await world.command(anna, garden, "/quiet weekly")
    # at once is now, in one message
    await world.command(anna, garden, "/quiet now")
    assert world.last(garden).text.startswith("New ideas")
    assert "1. A bench\n2. A lamp" in world.last(garden).text
    told = len(world.said(garden))
    await world.command(anna, garden, "/quiet never")
    await world.command(anna, street, "/idea A boat")
    await world.wait(days=9)
    assert len(world.said(garden)) == told + 1, "nothing but the answer"


async def test_a_group_of_no_conversation_has_nothing_to_choose(world: World) -> None:
    anna = await world.person("Anna")
    [told] = await world.command(anna, await world.group("Loose"), "/quiet daily")
    assert "belongs to no conversation yet" in told.text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("22–07", Wish(hours=(time(22), time(7)))),
        ("från kl 22.30 till kl 7", Wish(hours=(time(22, 30), time(7)))),
        ("22-24", Wish(hours=(time(22), time(0)))),
        ("kväll", Wish(hours=(time(18), time(8)))),
        ("on weekends", Wish(weekend=True)),
        ("inte på helgen", Wish(weekend=False)),
        ("helgen 20–09", Wish(hours=(time(20), time(9)), weekend=True)),
        ("varje dag", Wish(digest="daily")),
        ("en gång i veckan", Wish(digest="weekly")),
        ("dagtid", Wish(hours=(time(8), time(17)))),
        ("NOW", Wish(digest="now")),
        ("aldrig", Wish(digest="never")),
        ("alltid", Wish(hours=(time(0), time(0)), weekend=False)),
        ("99–07", None),
        ("purple", None),
        ("", None),
    ],
)
def test_wishes_in_ones_own_words(said: str, meant: Wish | None) -> None:
    assert read(said) == meant


def test_a_wish_leaves_the_rest_as_it_was() -> None:
    assert Wish(weekend=True).quiet(Quiet(time(22), time(7))) == Quiet(time(22), time(7), weekend=True)
