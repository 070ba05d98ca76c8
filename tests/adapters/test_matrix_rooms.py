"""Rooms that the bot makes on Matrix, and what it pins, on a real Synapse: once, whatever is lost on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.chat.events import BotAdded, BotRemoved, MembersChanged, MessageReceived, RoomMoved
from bot.chat.keys import RoomKey
from bot.chat.port import Guest, Later, NewRoom, Uncertain, Unreachable
from tests.adapters.contract import eventually, running, says
from tests.adapters.matrix_driver import CHANNEL, Human, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse import running as server_with
from tests.peers.synapse.gate import Gate

pytestmark = pytest.mark.xdist_group("synapse")

BENCH = "En bänk vid ån"


@pytest.fixture
async def driver(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
    async with Gate(synapse.url).open() as gate:
        made = MatrixDriver(synapse, gate, tmp_path, encrypted=True)
        yield made
        await made.close()


def wanted(*guests: Guest) -> NewRoom:
    return NewRoom(BENCH, "En stödgrupp. Den hör till: Hur vill vi ha det?", guests)


async def invited(human: Human) -> list[str]:
    """Give the rooms that somebody is invited to."""
    await human.catch_up()
    return [room for room in human.client.invited_rooms if room not in human.client.rooms]


async def state(driver: MatrixDriver, human: Human, room: str, kind: str, key: str = "") -> dict[str, Any]:
    """Give a part of a room's state as somebody in it sees it; empty if there is none."""
    everything = await driver.ask(human, "GET", f"rooms/{room}/state")
    found = [one["content"] for one in everything if (one["type"], one["state_key"]) == (kind, key)]
    return found[0] if found else {}


async def made_for(driver: MatrixDriver, *people: Human, key: str = "key") -> RoomKey:
    """Have a room made; the first of these people is its admin, and all go in."""
    guests = [Guest(one.client.user_id, admin=number == 0) for number, one in enumerate(people)]
    room = await patiently(driver, wanted(*guests), key)
    for one in people:
        await eventually(lambda one=one: invited(one), lambda found: room.room in found)  # type: ignore[misc]
        await one.client.join(room.room)
        await one.catch_up()
    return room


async def patiently(driver: MatrixDriver, room: NewRoom, key: str) -> RoomKey:
    """Do as delivery does: try again where it is told to."""
    while True:
        try:
            return await driver.adapter.make_room(room, key)
        except Later as later:
            await asyncio.sleep(later.retry_after)
        except Uncertain:
            await asyncio.sleep(0.2)


async def rooms_of_the_bot(driver: MatrixDriver) -> list[str]:
    """Give the rooms that the bot is in, by the server's word."""
    assert driver.adapter._api is not None
    answer = await driver.adapter._api.get("/_matrix/client/v3/joined_rooms")
    return list(answer["joined_rooms"])


async def test_a_room_is_encrypted_named_and_its_guests_are_invited(driver: MatrixDriver) -> None:
    async with running(driver.adapter) as inbox:
        anna, bo = await driver.human("Anna"), await driver.human("Bo")
        room = await made_for(driver, anna, bo)

        assert (await state(driver, anna, room.room, "m.room.encryption"))["algorithm"] == "m.megolm.v1.aes-sha2"
        assert (await state(driver, anna, room.room, "m.room.name"))["name"] == BENCH
        assert (await state(driver, anna, room.room, "m.room.topic"))["topic"].startswith("En stödgrupp.")
        levels = await state(driver, anna, room.room, "m.room.power_levels")
        assert levels["users"].get(anna.client.user_id) == 100
        assert bo.client.user_id not in levels["users"]
        # then what is said there can be read, both ways
        await driver.adapter.send(room, driver.adapter.render(room, says("Välkomna")), "key-1")
        await eventually(lambda: read_by(bo, room), lambda found: found == ["Välkomna"])
        await bo.send(room.room, {"msgtype": "m.text", "body": "Hej"})
        event = await inbox.message("Hej")
        assert not event.room.private
        assert [one for one in inbox.events if isinstance(one, BotAdded)] == [], "nobody added it"
        assert [one.members for one in inbox.events if isinstance(one, MembersChanged)][-1] == 2


async def read_by(human: Human, room: RoomKey) -> list[str]:
    """Give what somebody can read of the bot's words, each decrypted."""
    await human.catch_up()
    said = [one for one in human.seen[room.room] if one["type"] == "m.room.message"]
    assert all(one["decrypted"] for one in said)
    return [one["content"]["body"] for one in said if one["sender"] != human.client.user_id]


async def test_the_same_key_makes_one_room_after_a_lost_answer_and_after_a_crash(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        anna = await driver.human("Anna")
        before = await rooms_of_the_bot(driver)
        # given a server whose answer is lost
        driver.gate.fault("/createRoom", lose=True)
        with pytest.raises(Uncertain):
            await driver.adapter.make_room(wanted(Guest(anna.client.user_id, admin=True)), "one")
        room = await patiently(driver, wanted(Guest(anna.client.user_id, admin=True)), "one")
        assert [one for one in await rooms_of_the_bot(driver) if one not in before] == [room.room]
    # when the bot comes back from a crash, and was not told that it has made it
    await driver.restart()
    async with running(driver.adapter):
        assert await patiently(driver, wanted(Guest(anna.client.user_id, admin=True)), "one") == room
        # then two calls at a time make one, too, and another key another one
        both = await asyncio.gather(*(patiently(driver, wanted(), "two") for _ in range(2)))
        assert both[0] == both[1] != room
        assert len(await rooms_of_the_bot(driver)) == len(before) + 2
    assert await invited(anna) == [room.room]


@pytest.mark.parametrize("where", ["m.room.power_levels", "/invite", "/members"])
async def test_what_is_half_done_is_ended_with_the_next_try(driver: MatrixDriver, where: str) -> None:
    async with running(driver.adapter):
        anna = await driver.human("Anna")
        guest = Guest(anna.client.user_id, admin=True)
        driver.gate.fault(where, status=503)
        with pytest.raises(Later):
            await driver.adapter.make_room(wanted(guest), "key")
        room = await patiently(driver, wanted(guest), "key")
        assert await eventually(lambda: invited(anna)) == [room.room]
        await anna.client.join(room.room)
        assert (await state(driver, anna, room.room, "m.room.power_levels"))["users"][anna.client.user_id] == 100


async def test_an_alias_that_leads_nowhere_is_given_up_after_a_while(
    driver: MatrixDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(driver.adapter):
        monkeypatch.setattr("bot.adapters.matrix.keeping.HALF_MADE", 0.0)
        monkeypatch.setattr("bot.adapters.matrix.keeping.AGAIN", 0.05)
        driver.gate.fault("/directory/room/", status=200, body={"room_id": "!nowhere:byalag.test"})
        with pytest.raises(Later):
            await driver.adapter.make_room(wanted(), "key")
        assert (await patiently(driver, wanted(), "key")).room in await rooms_of_the_bot(driver)


async def test_who_is_in_or_said_no_is_not_invited_again(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        anna, bo = await driver.human("Anna"), await driver.human("Bo")
        room = await made_for(driver, anna)
        guests = [Guest(anna.client.user_id, admin=True), Guest(bo.client.user_id)]
        await patiently(driver, wanted(*guests), "key")
        await eventually(lambda: invited(bo))
        await bo.client.room_leave(room.room)
        await patiently(driver, wanted(*guests), "key")
        assert (await state(driver, anna, room.room, "m.room.member", bo.client.user_id))["membership"] == "leave"
        # but who joins the group again is
        await driver.adapter.admit(room, Guest(bo.client.user_id))
        assert (await state(driver, anna, room.room, "m.room.member", bo.client.user_id))["membership"] == "invite"
        for guest in (Guest(anna.client.user_id), Guest(bo.client.user_id), Guest("@nobody:byalag.test")):
            await driver.adapter.admit(room, guest)


async def test_a_new_convener_becomes_an_admin(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        anna, bo = await driver.human("Anna"), await driver.human("Bo")
        room = await made_for(driver, anna, bo)
        await driver.adapter.admit(room, Guest(bo.client.user_id, admin=True))
        levels = await state(driver, anna, room.room, "m.room.power_levels")
        assert {levels["users"][one.client.user_id] for one in (anna, bo)} == {100}


async def test_nobody_is_invited_into_a_room_of_others(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        anna, bo = await driver.human("Anna"), await driver.human("Bo")
        theirs = await driver.create(anna, "Köket")

        async def admitted() -> bool:
            with suppress(Later):  # while it does not know yet which rooms there are
                await driver.adapter.admit(RoomKey(CHANNEL, theirs), Guest(bo.client.user_id))
                return True
            return False

        await eventually(admitted)
        assert await state(driver, anna, theirs, "m.room.member", bo.client.user_id) == {}


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_rights_in_each_version_of_rooms(tmp_path: Path, version: str) -> None:
    with server_with(default_room_version=version) as server:
        async with Gate(server.url).open() as gate:
            driver = MatrixDriver(server, gate, tmp_path, encrypted=True)
            async with running(driver.adapter):
                anna = await driver.human("Anna")
                room = await made_for(driver, anna)
                assert (await state(driver, anna, room.room, "m.room.create"))["room_version"] == version
                levels = await state(driver, anna, room.room, "m.room.power_levels")
                assert levels["users"][anna.client.user_id] == 100
                await driver.adapter.send(room, driver.adapter.render(room, pinned("Kortet")), "key-1")
                assert len((await state(driver, anna, room.room, "m.room.pinned_events"))["pinned"]) == 1
            await driver.close()


async def test_a_server_that_lets_the_bot_make_no_room_is_believed(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        no = {"errcode": "M_FORBIDDEN", "error": "You are not permitted to create rooms"}
        driver.gate.fault("/createRoom", status=403, body=no)
        with pytest.raises(Unreachable) as error:
            await driver.adapter.make_room(wanted(), "key")
        assert error.value.dead


def pinned(*texts: str) -> Any:
    return msgspec.structs.replace(says(*texts), pinned=True)


async def test_a_card_is_pinned_where_the_bot_may_beside_what_others_pinned(driver: MatrixDriver) -> None:
    async with running(driver.adapter) as inbox:
        person = await driver.person("Anna")
        anna = driver._who(person)
        room = await driver.group("Torget", person)
        assert not (await inbox.first(BotAdded)).can_pin
        # given a room where it may not: nothing is said of it
        early = await driver.adapter.send(room, driver.adapter.render(room, pinned("Före")), "key-1")
        assert await state(driver, anna, room.room, "m.room.pinned_events") == {}
        theirs = await anna.send(room.room, {"msgtype": "m.text", "body": "Vår egen"})
        path = f"rooms/{room.room}/state/"
        await driver.ask(anna, "PUT", path + "m.room.pinned_events/", {"pinned": [theirs]})
        # when it is let
        levels = await state(driver, anna, room.room, "m.room.power_levels")
        events = levels["events"] | {"m.room.pinned_events": 0}
        await driver.ask(anna, "PUT", path + "m.room.power_levels/", levels | {"events": events})
        await inbox.first(BotAdded, lambda event: event.can_pin)
        # then the card of before is pinned
        await eventually(
            lambda: state(driver, anna, room.room, "m.room.pinned_events"),
            lambda found: found["pinned"] == [theirs, early],
        )
        # and its latest one takes its place, once
        sent = [
            await driver.adapter.send(room, driver.adapter.render(room, pinned(text)), f"key-{text}")
            for text in ("Ett", "Två", "Två")
        ]
        assert sent[1] == sent[2]
        found = await state(driver, anna, room.room, "m.room.pinned_events")
        assert found["pinned"] == [theirs, sent[1]]


async def test_the_bot_comes_again_and_what_was_said_before_is_not_for_it(driver: MatrixDriver) -> None:
    async with running(driver.adapter) as inbox:
        person = await driver.person("Anna")
        anna = driver._who(person)
        room = await driver.group("Torget", person)
        await inbox.first(BotAdded)
        await driver.write(person, room, "Första gången")
        await inbox.message("Första gången")
        await driver.remove_bot(room, person)
        await inbox.first(BotRemoved)
        inbox.events.clear()
        await driver.write(person, room, "Utan den")
        await anna.client.room_invite(room.room, driver.bot)
        await inbox.first(BotAdded)
        await driver.bot_is_in(anna, room.room)
        await driver.write(person, room, "Igen")
        await inbox.message("Igen")
        assert [one.text for one in inbox.events if isinstance(one, MessageReceived)] == ["Igen"]


async def test_who_has_the_address_asks_to_be_let_in_and_anybody_inside_says_yes(driver: MatrixDriver) -> None:
    async with running(driver.adapter) as inbox:
        anna, bo, dag = [await driver.human(name) for name in ("Anna", "Bo", "Dag")]
        room = await made_for(driver, anna, bo)
        address = driver.adapter.address(room)
        assert address == f"https://matrix.to/#/{room.room}?via=byalag.test"
        await driver.ask(dag, "POST", f"knock/{room.room}?via=byalag.test", {})
        await bo.client.room_invite(room.room, dag.client.user_id)
        await dag.client.join(room.room)
        await dag.send(room.room, {"msgtype": "m.text", "body": "Här är jag"})
        await inbox.message("Här är jag")
        await driver.adapter.send(room, driver.adapter.render(room, says("Välkommen")), "key-1")
        await eventually(lambda: read_by(dag, room), lambda found: "Välkommen" in found)


async def test_a_room_of_ours_that_moved_stays_ours(tmp_path: Path) -> None:
    with server_with(default_room_version="11") as server:
        async with Gate(server.url).open() as gate:
            driver = MatrixDriver(server, gate, tmp_path, encrypted=True)
            async with running(driver.adapter) as inbox:
                anna, bo = await driver.human("Anna"), await driver.human("Bo")
                room = await made_for(driver, anna)
                answer = await driver.ask(anna, "POST", f"rooms/{room.room}/upgrade", {"new_version": "12"})
                moved = await inbox.first(RoomMoved)
                assert moved.to.room == answer["replacement_room"]
                with pytest.raises(Unreachable) as error:
                    await driver.adapter.admit(room, Guest(bo.client.user_id))
                assert error.value.moved_to == moved.to
                await anna.client.room_invite(moved.to.room, driver.bot)
                await driver.bot_is_in(anna, moved.to.room)
                await eventually(lambda: admitted(driver, moved.to, bo))
                assert await eventually(lambda: invited(bo)) == [moved.to.room]
            await driver.close()


async def admitted(driver: MatrixDriver, room: RoomKey, who: Human) -> bool:
    """Let somebody in, if the bot is there by now."""
    try:
        await driver.adapter.admit(room, Guest(who.client.user_id))
    except Later:
        return False
    return True
