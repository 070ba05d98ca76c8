"""What goes wrong on Matrix, on a real server: servers that go away, rooms too big, events and names of any shape."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from nio import RoomPreset

from bot.adapters.matrix.adapter import MatrixAdapter
from bot.chat.content import LocalChoice
from bot.chat.events import BotAdded, ChoiceMade, CommandGiven, Event, MessageEdited, MessageReceived
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import Later, StartError, Uncertain, Unreachable
from tests.adapters.contract import Inbox, eventually, running, says
from tests.adapters.matrix_driver import CHANNEL, PASSWORD, Human, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse import running as server_with
from tests.peers.synapse.gate import Gate

pytestmark = pytest.mark.xdist_group("synapse")

NOWHERE = "$" + "x" * 43
MANY = 64


@pytest.fixture
async def clear(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
    async with Gate(synapse.url).open() as gate:
        made = MatrixDriver(synapse, gate, tmp_path)
        yield made
        await made.close()


async def send(driver: MatrixDriver, room: RoomKey, words: str, key: str = "key-1", **more: Any) -> str:
    return await driver.adapter.send(room, driver.adapter.render(room, says(words, **more)), key)


async def put(driver: MatrixDriver, by: Human, room: str, content: Any, kind: str = "m.room.message") -> str:
    """Send an event as it is, whatever a client would say to it."""
    path = f"rooms/{room}/send/{kind}/{uuid4()}"
    return str((await driver.ask(by, "PUT", path, content))["event_id"])


# --- The server -------------------------------------------------------------------------------------------------------


async def test_an_address_that_is_no_matrix_server_is_told_with_the_right_one(clear: MatrixDriver) -> None:
    # given the address of a web page, which knows where the server is; or says what nobody wants to read
    for where, told in (("https://matrix.example.org/", ", perhaps https://matrix.example.org."), ("x\x1b[2J", " to.")):
        clear.gate.fault("/login", status=404)
        clear.gate.fault("/.well-known", status=200, body={"m.homeserver": {"base_url": where}})
        await clear.restart()
        with pytest.raises(StartError, match="BYALAG_MATRIX_HOMESERVER") as error:
            await clear.adapter.start(())
        await clear.adapter.stop()
        assert str(error.value).endswith(told)


async def test_a_server_that_lets_nobody_log_in_just_now_is_waited_for(clear: MatrixDriver) -> None:
    limited = {"status": 429, "body": {"errcode": "M_LIMIT_EXCEEDED"}, "headers": {"Retry-After": "2"}}
    clear.gate.fault("/login", **limited)
    (found,) = await clear.adapter.look()
    await clear.adapter.stop()
    assert (found.mark, "429" in found.text) == ("bad", True)
    clear.gate.fault("/login", **limited)
    await clear.restart()
    await clear.adapter.start(())
    inbox = Inbox()
    receiving = asyncio.create_task(clear.adapter.run(inbox.accept))
    anna = await clear.person("Anna")
    await clear.write(anna, clear.private(anna), "Hej")
    await inbox.message("Hej")
    assert len([path for _, path, status in clear.gate.seen if path.endswith("/login") and status == 429]) == 2
    receiving.cancel()
    await asyncio.wait([receiving])
    await clear.adapter.stop()


async def test_a_server_that_is_restarted_is_waited_for_in_both_directions(tmp_path: Path) -> None:
    with server_with() as server:
        async with Gate(server.url).open() as gate:
            driver = MatrixDriver(server, gate, tmp_path)
            async with running(driver.adapter) as inbox:
                anna = await driver.person("Anna")
                await driver.write(anna, driver.private(anna), "Före")
                await inbox.message("Före")
                # when the server stops, the bot goes on, and what it says is for later
                await asyncio.to_thread(server.stop)
                with pytest.raises((Later, Uncertain)):
                    await send(driver, driver.private(anna), "Hej")
                await asyncio.to_thread(server.start)
                # then, once it is there again, both are heard, once
                await driver.write(anna, driver.private(anna), "Efter")
                await inbox.message("Efter")
                await send(driver, driver.private(anna), "Hej")
                assert [each.text for each in await driver.shown(anna, driver.private(anna))] == ["Hej"]
                said = [event.text for event in inbox.events if isinstance(event, MessageReceived)]
                assert said == ["Före", "Efter"]
            await driver.close()


class Hasty(MatrixAdapter):
    send_timeout = 2.0


async def test_a_slow_server_makes_nothing_twice(clear: MatrixDriver) -> None:
    # given a server that has a message, and is too slow to say so
    clear.adapter = Hasty(clear.adapter.settings, clear.folder, b"a secret", CHANNEL)
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        clear.gate.fault("/send/", hold=4.0)
        with pytest.raises(Uncertain):
            await send(clear, clear.private(anna), "Hej")
        # when it is sent again, under the same key
        await send(clear, clear.private(anna), "Hej")
        # then Anna has it once; and what she says while answers are slow comes once
        clear.gate.fault(r"/sync\?", hold=1.0, times=2)
        await clear.write(anna, clear.private(anna), "Fler bänkar")
        await inbox.message("Fler bänkar")
        await clear.write(anna, clear.private(anna), "Och träd")
        await inbox.message("Och träd")
        assert [each.text for each in await clear.shown(anna, clear.private(anna))] == ["Hej"]
        said = [event.text for event in inbox.events if isinstance(event, MessageReceived)]
        assert said == ["Fler bänkar", "Och träd"]


# --- Rooms ------------------------------------------------------------------------------------------------------------


async def test_a_strangers_invitation_to_a_big_room_costs_little(clear: MatrixDriver) -> None:
    # given a public room with many people
    async with running(clear.adapter) as inbox:
        stranger = await clear.human("Stranger")
        room = str((await stranger.client.room_create(name="Alla", preset=RoomPreset.public_chat)).room_id)  # type: ignore[union-attr]
        users = [clear.server.register(f"n{number}-{clear.mark}", PASSWORD) for number in range(MANY)]
        for user in users:
            login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}}
            answer = await asyncio.to_thread(clear._ask, "POST", "login", "", login | {"password": PASSWORD})
            await asyncio.to_thread(clear._ask, "POST", f"join/{room}", answer["access_token"], {})
        clear.gate.seen.clear()
        # when a stranger invites the bot
        await stranger.client.room_invite(room, clear.bot)
        added = await inbox.first(BotAdded)
        # then it knows how many they are, and asks for nobody, neither to listen nor to speak
        assert added.members == MANY + 1
        assert added.sender.account.id == stranger.client.user_id
        for number in range(3):
            await put(clear, stranger, room, {"msgtype": "m.text", "body": f"Hej {number}"})
        await inbox.message("Hej 2")
        await send(clear, added.room.key, "Hej alla")
        assert [path for _, path, _ in clear.gate.seen if path.partition("?")[0].endswith("members")] == []
        place = clear.adapter._place
        assert place is not None
        assert len(place.rooms[room].names) < MANY - 5, "those of the newest events alone"


async def test_a_room_that_forbids_to_send_or_threw_the_bot_out_is_told_apart(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room = await clear.group("Torget", anna)
        await inbox.first(BotAdded)
        path = f"rooms/{room.room}/state/m.room.power_levels/"
        human = clear._who(anna)
        levels = await clear.ask(human, "GET", path)
        await clear.ask(human, "PUT", path, levels | {"events": {"m.room.message": 100}})
        with pytest.raises(Unreachable) as silent:
            await send(clear, room, "Hej")
        assert not silent.value.dead
        await human.client.room_ban(room.room, clear.bot)

        async def dead() -> bool:
            with pytest.raises(Unreachable) as gone:
                await send(clear, room, "Hej", "key-2")
            return gone.value.dead

        await eventually(dead)
        # and the others hear it as ever
        await send(clear, clear.private(anna), "Hej", "key-3")


# --- Events -----------------------------------------------------------------------------------------------------------

RELATED = {"rel_type": "m.replace", "event_id": NOWHERE}
# A server refuses some of this from its own people, and passes it on from other servers.
ODD: dict[str, tuple[str, Any]] = {
    "nothing at all": ("m.room.message", {}),
    "no body": ("m.room.message", {"msgtype": "m.text"}),
    "a body that is a list": ("m.room.message", {"msgtype": "m.text", "body": ["!idea x"]}),
    "an edit of nothing": (
        "m.room.message",
        {
            "msgtype": "m.text", "body": "* !idea x", "m.new_content": {"msgtype": "m.text", "body": "!idea x"},
            "m.relates_to": RELATED,
        },
    ),
    "a thread of nothing": (
        "m.room.message",
        {"msgtype": "m.text", "body": "tråd", "m.relates_to": {"rel_type": "m.thread", "event_id": NOWHERE}},
    ),
    "a reaction to nothing": (
        "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": NOWHERE, "key": "1️⃣"}},
    ),
    "a reaction without a target": ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "key": "1️⃣"}}),
    "an unknown relation": (
        "m.room.message",
        {"msgtype": "m.text", "body": "annat", "m.relates_to": {"rel_type": "x.y", "event_id": NOWHERE}},
    ),
    "a poll without a question": ("m.poll.start", {"m.poll.start": {}}),
}  # fmt: skip


async def test_events_of_any_shape_stop_nothing_and_do_nothing(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room = clear.private(anna)
        for number, (name, (kind, content)) in enumerate(ODD.items()):
            event = {"type": kind, "event_id": f"$odd{number}", "sender": anna.account.id, "content": content}
            clear.gate.smuggled[room.room] = [event | {"origin_server_ts": 1_700_000_000_000}]
            # each is followed by something that is understood
            await clear.write(anna, room, name)
            await inbox.message(name)
            assert not clear.gate.smuggled
        assert deeds(inbox) == []


async def test_60_kilobytes_of_html_are_a_message(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        content = {"msgtype": "m.text", "body": "långt", "format": "org.matrix.custom.html"}
        markup = content | {"formatted_body": "<b>" * 20_000}
        await put(clear, clear._who(anna), clear.private(anna).room, markup)
        await inbox.message("långt")


def deeds(inbox: Inbox) -> list[Event]:
    """What would do something."""
    return [event for event in inbox.events if isinstance(event, CommandGiven | MessageEdited | ChoiceMade)]


async def test_an_edit_of_an_edit_changes_the_message_or_nothing(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room, human = clear.private(anna), clear._who(anna)
        first = await put(clear, human, room.room, {"msgtype": "m.text", "body": "ett"})

        async def edit(target: str, body: str) -> str:
            new = {"msgtype": "m.text", "body": body}
            relation = {"rel_type": "m.replace", "event_id": target}
            return await put(
                clear, human, room.room,
                {"msgtype": "m.text", "body": f"* {body}", "m.new_content": new, "m.relates_to": relation},
            )  # fmt: skip

        second = await edit(first, "två")
        await edit(second, "tre")
        await edit(first, "fyra")
        await inbox.first(MessageEdited, lambda event: event.text == "fyra")
        edits = [(event.message_id, event.text) for event in inbox.events if isinstance(event, MessageEdited)]
        assert edits == [(first, "två"), (first, "fyra")]


async def test_a_reaction_with_words_is_no_press(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room = await clear.group("Torget", anna)
        await inbox.first(BotAdded)
        sent = await send(clear, room, "Bänkar?", choices=((LocalChoice("🤝 Bära", data="v1.a"),),))
        human = clear._who(anna)
        for words in ("Bära", "jag bär 🤝", "🤝" * 50, "1. ", "<b>1</b>"):
            await clear.react(human, room, sent, words)
        await clear.write(anna, room, "Klart")
        await inbox.message("Klart")
        assert deeds(inbox) == []
        await clear.react(human, room, sent, "🤝")
        assert (await inbox.first(ChoiceMade)).data == "v1.a"


# --- People -----------------------------------------------------------------------------------------------------------


async def test_an_account_with_odd_signs_is_one_as_any(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        odd = await clear.human("a.b=c_d-e/f+1")
        private = await clear.create(odd, is_direct=True)
        account = AccountKey(CHANNEL, odd.client.user_id)
        assert "/" in account.id
        assert "+" in account.id
        await odd.send(private, {"msgtype": "m.text", "body": "Hej"})
        assert (await inbox.message("Hej")).sender.account == account
        group = await clear.create(odd, "Torget")
        await inbox.first(BotAdded)
        # what only they are to see finds them
        await send(clear, RoomKey(CHANNEL, group), "Bara du", only_for=account.id)

        async def read() -> list[str]:
            await odd.catch_up()
            return [each.text for each in await clear._messages(odd, private, "")]

        assert await eventually(read) == ["Bara du"]


@pytest.mark.parametrize(
    "display", ["Anna", "Byalag", "@anna:byalag.test", "\u202eannA\u0000\n", "\u200bAnna", "A" * 250]
)
async def test_a_name_that_imitates_another_makes_nobody_somebody_else(clear: MatrixDriver, display: str) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room = await clear.group("Torget", anna)
        await inbox.first(BotAdded)
        imitator = await clear.human("Other", display=display.replace("\0", ""))
        await clear._who(anna).client.room_invite(room.room, imitator.client.user_id)
        await imitator.client.join(room.room)
        await put(clear, imitator, room.room, {"msgtype": "m.text", "body": "!idea Fler bänkar"})
        event = await inbox.first(CommandGiven)
        assert event.sender.account.id == imitator.client.user_id
        assert event.sender.account != anna.account
        assert not event.sender.bot
        assert not event.room.private
