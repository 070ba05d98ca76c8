"""Rooms that the bot makes for helper groups: wanted once, made once, and who is let in with which rights."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from bot.chat.keys import RoomKey
from bot.chat.port import DeliveryError, Guest, Later, NewRoom, Uncertain, Unreachable
from bot.domain.groups import HelperGroup
from bot.domain.people import Account
from bot.domain.rooms import Room
from bot.handlers.helper_rooms import TO_BE_MADE
from tests.handlers.deeds import starts_anew
from tests.handlers.world import CHANNEL, Place, Who, World

MADE = Place(RoomKey(CHANNEL, "made-1"), private=False, title="A bench")


@dataclass
class Keeper:
    """A network's rooms, in memory: one for each key. `trouble` comes before anything is done, `lost` after it."""

    rooms: dict[str, NewRoom] = field(default_factory=dict)
    admitted: list[tuple[str, Guest]] = field(default_factory=list)
    trouble: list[DeliveryError] = field(default_factory=list)
    lost: int = 0

    async def make_room(self, wanted: NewRoom, key: str) -> RoomKey:
        if self.trouble:
            raise self.trouble.pop(0)
        self.rooms.setdefault(key, wanted)
        if self.lost:
            self.lost -= 1
            raise Uncertain("lost")
        return RoomKey(CHANNEL, f"made-{list(self.rooms).index(key) + 1}")

    async def admit(self, room: RoomKey, guest: Guest) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.admitted.append((room.room, guest))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    made.network.keeper = Keeper()
    yield made
    await made.end()


def keeper(world: World) -> Keeper:
    assert isinstance(world.network.keeper, Keeper)
    return world.network.keeper


async def takes_the_lead(world: World, who: Who, what: str = "A bench", *, room: bool = True) -> None:
    await world.command(who, who.room, f"/lead {what}")
    for _ in range(3):
        await world.press(who, who.room, "Skip")
    if not room:
        await world.press(who, who.room, "A room for the group")
        await world.press(who, who.room, "No room")
    await world.press(who, who.room, "Take the lead")


async def rooms(world: World) -> list[Room]:
    async with world.work() as uow:
        found = await uow.select(Room, lambda query: query)
    return [one for one in found if one.group_id is not None]


async def test_taking_the_lead_makes_a_room_with_the_card_in_it(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await takes_the_lead(world, anna)

    [wanted] = keeper(world).rooms.values()
    assert wanted.title == "A bench"
    assert wanted.topic == "A helper group. It is part of: What do we want Nora to be like?"
    assert wanted.guests == (Guest("anna", admin=True),)
    [card] = world.said(MADE)
    assert card.text.startswith("Helper group: A bench")
    assert card.message.pinned
    [room] = await rooms(world)
    assert (room.key, room.secret.made) == (MADE.key, True)
    assert "I am making a room for the group." in world.last(anna.room).text
    assert world.last(anna.room).labels == ["Invite others", "We have a room already"]


async def test_no_room_is_made_for_who_wants_none(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await takes_the_lead(world, anna, room=False)
    assert keeper(world).rooms == {}
    # a change of mind makes it, once
    after = world.last(anna.room)
    for _ in range(2):
        await world.press(anna, anna.room, "A room for the group", on=after)
    assert len(keeper(world).rooms) == 1
    assert world.last(anna.room).text == "“A bench” has a room here, and you are invited: https://memory.example/made-1"


@pytest.mark.parametrize("times", [1, 3])
async def test_a_lost_answer_and_a_fall_make_no_second_room(world: World, times: int) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    keeper(world).lost = times
    await takes_the_lead(world, anna)
    for _ in range(times):
        assert (await rooms(world))[0].key.room.startswith(TO_BE_MADE)
        starts_anew(world)
        await world.wait(seconds=1)
    assert len(keeper(world).rooms) == 1
    assert [one.key for one in await rooms(world)] == [MADE.key]
    assert len(world.said(MADE)) == 1


async def test_what_the_room_is_to_hear_waits_until_it_is_there(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    keeper(world).trouble = [Later("busy", 60)]
    await takes_the_lead(world, anna)
    await world.press(bo, garden, "I join in")
    assert keeper(world).rooms == {}
    assert keeper(world).admitted == []
    assert world.said(MADE) == []
    await world.wait(seconds=61)
    assert len(keeper(world).rooms) == 1
    assert keeper(world).admitted == [("made-1", Guest("bo"))]
    assert "2 people are in it." in world.last(MADE).text


async def test_where_no_room_can_be_made_the_convener_hears_what_else_can(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    keeper(world).trouble = [Unreachable("no room can be made", dead=True)]
    await takes_the_lead(world, anna)
    assert world.last(anna.room).text.startswith("I could not make a room for “A bench”")
    assert all(one.gone for one in await rooms(world))
    [link] = (await world.press(anna, anna.room, "We have a room already"))[-1].choices
    assert link.group
    # and asked again it tries again
    await world.press(anna, anna.room, "Invite others")


async def test_who_joins_in_is_let_in_and_who_takes_over_becomes_an_admin(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    await takes_the_lead(world, anna)
    for who in (bo, cia):
        await world.wait(seconds=1)
        await world.press(who, garden, "I join in")
    assert keeper(world).admitted == [("made-1", Guest("bo")), ("made-1", Guest("cia"))]
    assert world.last(bo.room).text == "“A bench” has a room here, and you are invited: https://memory.example/made-1"

    await world.press(anna, garden, "I leave")
    await world.press(anna, garden, "Leave and hand over")
    assert keeper(world).admitted[-1] == ("made-1", Guest("bo", admin=True))
    assert "Its room you can stay in" in world.alert


async def test_who_left_before_the_room_was_made_is_not_let_in(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    keeper(world).trouble = [Later("busy", 60)]
    await takes_the_lead(world, anna)
    await world.press(bo, garden, "I join in")
    await world.press(bo, garden, "I leave")
    await world.wait(seconds=61)
    assert keeper(world).admitted == []


async def test_a_group_that_has_ended_gets_no_room(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    keeper(world).trouble = [Later("busy", 60)]
    await takes_the_lead(world, anna)
    async with world.work() as uow:
        [group] = await uow.select(HelperGroup, lambda query: query)
        uow.save(msgspec.structs.replace(group, state="ended", what=""))
    await world.wait(seconds=61)
    assert keeper(world).rooms == {}
    assert await rooms(world) == []
    assert list(world.network.rooms) == [anna.room.key], "nothing is said in a room that never was"


async def test_the_next_convener_of_somebody_who_erases_themselves_becomes_an_admin(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    await takes_the_lead(world, anna)
    await world.press(bo, garden, "I join in")
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase me; my ideas stay")
    assert keeper(world).admitted[-1] == ("made-1", Guest("bo", admin=True))


async def test_where_the_next_convener_is_not_there_somebody_stands_in(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    await takes_the_lead(world, anna)
    for who in (bo, cia):
        await world.wait(seconds=1)
        await world.press(who, garden, "I join in")
    async with world.work() as uow:  # Bo comes from another network.
        account = await uow.by(Account, world.keys.lookup("account", str(bo.account)))
        assert account is not None
        uow.save(msgspec.structs.replace(account, channel="elsewhere"))
    await world.press(anna, garden, "I leave")
    await world.press(anna, garden, "Leave and hand over")
    assert keeper(world).admitted[-1] == ("made-1", Guest("cia", admin=True))
