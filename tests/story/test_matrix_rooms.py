"""Rooms on Matrix with the whole bot, encrypted, on a real Synapse: those it makes, and those it is brought to.

A helper group's room is made, its members come and go; a room that people upgrade is followed, one that lets the bot
go is let go.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.rooms import Room
from bot.handlers.helper_rooms import TO_BE_MADE
from tests.adapters.contract import eventually
from tests.adapters.matrix_driver import Human
from tests.peers.synapse import Synapse
from tests.story import two_networks as story
from tests.story.matrix import BothTown, MatrixNeighbour, MatrixRoom, both
from tests.story.scenes import gives, newest
from tests.story.two_networks import SLEDGE, Cast, gathered
from tests.story.world import link_in, said_in

BUILDING = "Building it together"

pytestmark = pytest.mark.xdist_group("both")


@pytest.fixture
async def town(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    async with both(synapse, tmp_path, monkeypatch) as made:
        yield made


async def begun(town: BothTown) -> Cast:
    """A conversation with people on both networks, and a room on each."""
    cast = await gathered(town)
    await story.anna_begins_in_telegram(cast)
    await story.bo_joins_in_matrix(cast)
    return cast


async def state(town: BothTown, eyes: Human, room: str, kind: str, key: str = "") -> dict[str, Any]:
    """Give a part of a room's state; empty if there is none."""
    everything = await town.matrix.ask(eyes, "GET", f"rooms/{room}/state")
    found = [one["content"] for one in everything if (one["type"], one["state_key"]) == (kind, key)]
    return found[0] if found else {}


async def change(town: BothTown, who: Human, room: str, kind: str, **content: Any) -> None:
    """Change a part of a room's state."""
    before = await state(town, who, room, kind)
    await town.matrix.ask(who, "PUT", f"rooms/{room}/state/{kind}/", before | content)
    await town.settled()


async def invitations(who: MatrixNeighbour) -> list[str]:
    await who.human.catch_up()
    return [room for room in who.human.client.invited_rooms if room not in who.human.client.rooms]


async def goes_in(town: BothTown, who: MatrixNeighbour, title: str) -> MatrixRoom:
    """Take the one invitation that is open, and find the room's people and words."""
    [room] = await eventually(lambda: invitations(who))
    await who.human.client.join(room)
    await town.settled()
    made = MatrixRoom(town.matrix, who.human, room, title)
    if room not in {one.id for one in town.rooms}:
        town.rooms.append(made)
    return made


async def linked(town: BothTown, room: str) -> Room:
    [found] = [one for one in await town.kept(Room) if one.key.room == room]
    return found


async def test_a_helper_group_gets_a_room_of_its_own(town: BothTown) -> None:
    cast = await begun(town)
    bo, cilla, anna = cast.bo, cast.cilla, cast.anna

    # when Bo takes the lead, it is made, and he is invited; so is Cilla, who joins in later
    await story.ideas_come_from_both_sides(cast)
    await story.bo_takes_the_lead(cast)
    assert "I am making a room for the group." in bo.reads("The card goes to").body
    helpers = cast.workshop
    assert helpers is not None
    assert (await state(town, bo.human, helpers.id, "m.room.name"))["name"] == SLEDGE
    assert "m.megolm" in (await state(town, bo.human, helpers.id, "m.room.encryption"))["algorithm"]
    levels = await state(town, bo.human, helpers.id, "m.room.power_levels")
    assert levels["users"][bo.human.client.user_id] == 100
    room = await linked(town, helpers.id)
    assert room.group_id is not None
    assert room.secret.made
    assert not any(one.key.room.startswith(TO_BE_MADE) for one in await town.kept(Room))

    # then the group's card stands in there, pinned, once, and stays true
    await bo.human.catch_up()
    [card] = helpers.bot_messages
    assert SLEDGE in card.body
    assert "3 personer" in card.body
    assert story.QUESTION in card.body
    assert (await state(town, bo.human, helpers.id, "m.room.pinned_events"))["pinned"] == [card.id]

    # what Cilla says there is read, though it is encrypted
    await cilla.writes("/help", helpers)
    assert cilla.private.bot_messages

    # Anna, who joined in from Telegram, hears where it is
    told = anna.reads("har ett rum på Matrix")
    assert f"https://matrix.to/#/{helpers.id}?via=" in told.body

    # who leaves the group stays in the room, and is told
    await cilla.presses("leavegroup", newest(town, helpers, "leavegroup"))
    assert any("I rummet kan du stanna" in one.body for one in cilla.private.bot_messages)
    member = await state(town, bo.human, helpers.id, "m.room.member", cilla.human.client.user_id)
    assert member["membership"] == "join"
    # and a second room is not made
    await bo.presses("linkroom", newest(town, bo.private, "linkroom"), arg="own")
    assert [one.key.room for one in await town.kept(Room) if one.group_id] == [helpers.id]


async def test_one_room_though_the_bot_falls_between_making_and_noting_it(town: BothTown) -> None:
    cast = await begun(town)
    bo = cast.bo
    before = len(await rooms_of_the_bot(town))
    # given that Matrix makes the room, and the bot never hears of it before it is stopped
    town.matrix.gate.fault("/createRoom", lose=True, times=1)
    await bo.writes(f"/lead {BUILDING}")
    for _ in range(3):
        await bo.presses("skip", newest(town, bo.private, "skip"))
    picked = newest(town, bo.private, "pick")
    place = [action.arg[4:] for action in town.actions(picked).values()].index("yes")
    await bo.human.send(bo.human.private, {"msgtype": "m.text", "body": str(place + 1), "m.mentions": {}})
    await eventually(lambda: rooms_of_the_bot(town), lambda found: len(found) == before + 1)
    # when it comes back
    await town.begins_again()
    await town.settled()
    # then it finds that room
    helpers = await goes_in(town, bo, BUILDING)
    assert len(await rooms_of_the_bot(town)) == before + 1
    assert len(helpers.bot_messages) == 1
    assert [one.key.room for one in await town.kept(Room) if one.group_id] == [helpers.id]


async def rooms_of_the_bot(town: BothTown) -> list[str]:
    """Give the rooms that the bot is in, by the server's word."""
    answer = await town.adapter._api.get("/_matrix/client/v3/joined_rooms")
    return list(answer["joined_rooms"])


async def test_a_convener_may_say_no_room_and_have_one_later(town: BothTown) -> None:
    cast = await begun(town)
    bo = cast.bo
    before = len(await rooms_of_the_bot(town))
    await bo.writes(f"/lead {BUILDING}")
    for _ in range(3):
        await bo.presses("skip", newest(town, bo.private, "skip"))
    await bo.picks("room")
    await bo.picks("no")
    await bo.picks("yes")
    assert len(await rooms_of_the_bot(town)) == before
    # when he changes his mind
    await bo.presses("linkroom", newest(town, bo.private, "linkroom"))
    helpers = await goes_in(town, bo, BUILDING)
    assert len(helpers.bot_messages) == 1


async def test_on_telegram_the_convener_gets_a_link_that_adds_the_bot(town: BothTown) -> None:
    cast = await begun(town)
    dag = cast.dag
    await dag.writes("/lead En kälkbacke")
    for _ in range(3):
        await dag.presses("skip")
    assert "room" not in {action.arg[4:] for action in town.actions(dag.last).values()}, "there is nothing to say no to"
    await dag.picks("yes")
    await dag.presses("linkroom")
    garage = town.group("Garaget", dag)
    await dag.follows(link_in(dag.last, "g-"), group=garage)
    [card] = said_in(garage)
    assert "En kälkbacke" in card.body
    [room] = [one for one in await town.kept(Room) if one.group_id]
    assert room.key.room == str(garage.id)


async def test_an_upgraded_room_is_followed_with_its_card_and_its_ideas(town: BothTown) -> None:
    cast = await begun(town)
    assert cast.room is not None
    old, bo = cast.room, cast.bo
    await gives(cast.anna, story.SLEDGE)
    before = [one.id for one in said_in(old)]

    # when Bo upgrades the room
    answer = await town.matrix.ask(bo.human, "POST", f"rooms/{old.id}/upgrade", {"new_version": "12"})
    new = MatrixRoom(town.matrix, bo.human, str(answer["replacement_room"]), old.title)
    town.rooms.append(new)
    await bo.human.client.room_invite(new.id, town.matrix.bot)
    await town.matrix.bot_is_in(bo.human, new.id)
    await town.settled()

    # then its card comes along, and what is new is shown in there, encrypted
    assert (await linked(town, new.id)).conversation_id is not None
    assert "m.megolm" in (await state(town, bo.human, new.id, "m.room.encryption"))["algorithm"]
    assert story.QUESTION in new.last.body
    assert len(new.bot_messages) == 1
    await bo.writes(f"/idea {story.BENCH}", new)
    assert story.BENCH in new.last.body
    await cast.dag.presses("support", newest(town, cast.group, "support", story.SLEDGE))
    assert [one.id for one in said_in(old)] == before, "nothing more is said in the old one"


async def test_whoever_is_listened_to_may_upgrade_the_room_meanwhile(
    town: BothTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = await town.matrix_neighbour("Bo")
    sealed: list[bytes] = []
    seal = town.bot.keys.seal
    monkeypatch.setattr(town.bot.keys, "seal", lambda plain, about: sealed.append(plain) or seal(plain, about))
    await bo.writes("/lyssna")
    said = await bo.writes("En hemlighet om skolan på Brännan")
    old = bo.private
    # when Bo upgrades his room with the bot, and goes on at once
    answer = await town.matrix.ask(bo.human, "POST", f"rooms/{old.id}/upgrade", {"new_version": "12"})
    bo.human.private = str(answer["replacement_room"])
    await bo.human.client.room_invite(bo.human.private, town.matrix.bot)
    await town.matrix.bot_is_in(bo.human, bo.human.private)
    await bo.writes("En hemlighet till, som är lite längre än den första")
    # then the talk goes on in the new one
    assert "Vad är viktigast för dig i det här?" in bo.last.body
    await bo.writes("sluta")
    assert "Inget av det du sa är sparat." in bo.last.body
    # and a change of what was said is not kept either
    changed = {"msgtype": "m.text", "body": "En hemlighet, ändrad"}
    relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": said}, "m.new_content": changed}
    await bo.human.send(old.id, changed | relation)
    await town.settled()
    assert not [plain for plain in sealed if b"hemlighet" in plain]
    await bo.writes("Ingen gåta")
    assert [plain for plain in sealed if "Ingen gåta".encode() in plain]


async def test_what_is_read_late_was_said_while_listening(town: BothTown, monkeypatch: pytest.MonkeyPatch) -> None:
    bo = await town.matrix_neighbour("Bo")
    sealed: list[bytes] = []
    seal = town.bot.keys.seal
    monkeypatch.setattr(town.bot.keys, "seal", lambda plain, about: sealed.append(plain) or seal(plain, about))
    await bo.writes("/lyssna")
    # given words whose key does not come before it is over
    key = await bo.human.withhold(bo.private.id)
    await bo.writes("En hemlighet om skolan på Brännan")
    bo.human.client.invalidate_outbound_session(bo.private.id)
    town.clock.now = datetime.now(UTC) + timedelta(seconds=2)  # Synapse has no clock but its own.
    await bo.writes("sluta")
    assert "Inget av det du sa är sparat." in bo.last.body
    # when it comes, a while later
    body = await bo.human.locked_for(town.matrix.bot, key)
    await town.matrix.ask(bo.human, "PUT", "sendToDevice/m.room.encrypted/1", body)
    await eventually(lambda: _last_of(town, bo), lambda last: "Det kom sent" in last)
    # then it is not kept
    assert sealed
    assert not [plain for plain in sealed if b"hemlighet" in plain]


async def _last_of(town: BothTown, who: MatrixNeighbour) -> str:
    await town.settled()
    return who.last.body


async def test_who_lets_the_bot_go_is_let_go_and_may_take_it_back(town: BothTown) -> None:
    cast = await begun(town)
    assert cast.room is not None
    room, bo = cast.room, cast.bo
    await bo.human.client.room_kick(room.id, town.matrix.bot)
    await town.settled()
    gone = await linked(town, room.id)
    assert gone.gone
    assert gone.conversation_id is None
    said = len(said_in(room))
    await gives(cast.anna, story.SLEDGE)
    assert len(said_in(room)) == said
    # and it comes again when it is asked to
    await bo.human.client.room_invite(room.id, town.matrix.bot)
    await town.matrix.bot_is_in(bo.human, room.id)
    await town.settled()
    assert story.QUESTION in room.last.body
    assert not (await linked(town, room.id)).gone


async def test_a_right_that_is_missing_is_told_once_to_who_invited_the_bot(town: BothTown) -> None:
    cast = await begun(town)
    assert cast.room is not None
    # given that Bo heard, once, that the card cannot be pinned in his room
    hints = [one for one in cast.bo.private.bot_messages if "may not pin my card" in one.body]
    assert len(hints) == 1
    assert cast.room.title in hints[0].body
    assert await state(town, cast.bo.human, cast.room.id, "m.room.pinned_events") == {}
    # when Eva, to whom the bot has never spoken, adds it to a room where it may not write
    eva = await town.matrix_neighbour("Eva")
    room = MatrixRoom(
        town.matrix, eva.human, await town.matrix.make_room(
            eva.human, "Tyst rum", power_level_override={"events_default": 50}
        ), "Tyst rum",
    )  # fmt: skip
    town.rooms.append(room)
    await town.settled()
    # then she alone is told, in private
    [private] = await eventually(lambda: invitations(eva))
    await eva.human.client.join(private)
    eva.human.private = private
    await town.settled()
    assert room.bot_messages == []
    assert "Tyst rum" in eva.last.body
    # and with the right it greets
    await change(town, eva.human, room.id, "m.room.power_levels", events_default=0)
    assert len(room.bot_messages) == 1
    assert len(eva.private.bot_messages) == 1


async def test_a_card_is_pinned_where_the_room_lets_the_bot(town: BothTown) -> None:
    cast = await begun(town)
    bo = cast.bo
    override = {"events": {"m.room.pinned_events": 0}}
    made = await town.matrix.make_room(bo.human, "Ängen", power_level_override=override)
    room = MatrixRoom(town.matrix, bo.human, made, "Ängen")
    town.rooms.append(room)
    await town.settled()
    card = room.last
    assert (await state(town, bo.human, room.id, "m.room.pinned_events"))["pinned"] == [card.id]
    assert "!ide" in card.body
    assert "!hjalp" in card.body
    assert sum("pin my card" in one.body for one in bo.private.bot_messages) == 1, "of the other room"
