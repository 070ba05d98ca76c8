"""Matrix: the contract of all adapters, in the clear and encrypted, on a real Synapse, and what is Matrix's own."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import vodozemac
from hypothesis import given
from hypothesis import strategies as st
from nio import Api, KeyVerificationCancel

from bot.adapters.matrix import session as sessions
from bot.adapters.matrix.adapter import MatrixAdapter
from bot.adapters.matrix.commands import Commands
from bot.adapters.matrix.relations import ANSWERS, CHOICES, POLL, Known, choices_in, folded, known_of
from bot.adapters.matrix.render import keys_of, link, measures_of, read, render
from bot.adapters.matrix.rooms import Power, Room
from bot.adapters.matrix.settings import MatrixSettings
from bot.adapters.matrix.translate import Me, event_of
from bot.chat.content import LocalBlock, LocalChoice, LocalMessage
from bot.chat.events import (
    BotAdded,
    ChoiceMade,
    ChoiceUndone,
    CommandGiven,
    Event,
    MessageEdited,
    MessageReceived,
    decode,
    encode,
)
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import NO_RIGHTS, Finding, Later, PressAnswer, StartError, Unreachable
from bot.settings import BadSettings, load
from tests.adapters.contract import AdapterContract, Inbox, Person, Shown, eventually, png, running, says
from tests.adapters.matrix_driver import CHANNEL, MatrixDriver, settings
from tests.peers.synapse import Synapse
from tests.peers.synapse import running as server_with
from tests.peers.synapse.gate import Gate

pytestmark = pytest.mark.xdist_group("synapse")


class TestInTheClear(AdapterContract):
    lacks = frozenset({"alerts", "menus"})

    @pytest.fixture
    async def driver(self, synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
        async with Gate(synapse.url).open() as gate:
            made = MatrixDriver(synapse, gate, tmp_path)
            yield made
            await made.close()


class TestEncrypted(AdapterContract):
    lacks = frozenset({"alerts", "menus"})

    @pytest.fixture
    async def driver(self, synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
        async with Gate(synapse.url).open() as gate:
            made = MatrixDriver(synapse, gate, tmp_path, encrypted=True)
            yield made
            await made.close()


# --- From Matrix's events to ours -------------------------------------------------------------------------------------

ME = Me(CHANNEL, "@byalag:example.org", "Byalag")
ANNA = "@anna:example.org"
GROUP = Room("!torget:example.org", standing="join", title="Torget", people=3, names={ANNA: "Anna"})
ALONE = Room("!anna:example.org", standing="join", direct=True, people=2, other=ANNA, names={ANNA: "Anna"})
CARD = Known(ME.id, "Fler bänkar?", {"1": "v1.yes", folded("1\ufe0f\u20e3"): "v1.yes", "🤝": "v1.bear"}, room=GROUP.id)


def happened(kind: str, content: Any, room: Room = GROUP, related: Known | None = None, **more: Any) -> Event | None:
    event = {"type": kind, "event_id": "$1", "sender": ANNA, "origin_server_ts": 1_700_000_000_000, "content": content}
    found = event_of(event | more, room, related, ME)
    if found is not None:
        assert decode(encode(found)) == found
    return found


def said(body: str = "Hej", room: Room = GROUP, related: Known | None = None, **more: Any) -> Event | None:
    return happened("m.room.message", {"msgtype": "m.text", "body": body} | more, room, related)


@pytest.mark.parametrize(
    "content",
    [
        {}, {"msgtype": "m.text"}, {"msgtype": "m.text", "body": 7}, {"msgtype": 5, "body": None}, {"body": ["x"]},
        {"msgtype": "m.text", "body": "x", "m.relates_to": "x"},
        {"msgtype": "m.text", "body": "x", "m.relates_to": {"rel_type": "m.thread", "event_id": 4}},
        {"msgtype": "m.text", "body": "x", "m.relates_to": {"m.in_reply_to": 7}},
        {"msgtype": "m.text", "body": "x", "m.mentions": []},
        {"msgtype": "m.text", "body": "x", "org.matrix.msc1767.text": [5, {"lang": "<script>"}]},
    ],
)  # fmt: skip
def test_contents_of_other_shapes_make_no_trouble(content: Any) -> None:
    event = happened("m.room.message", content)
    assert event is None or (isinstance(event, MessageReceived) and event.text in {"", "x"})


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["body", "msgtype", "m.relates_to", "event_id", "rel_type", "key", "m.new_content", CHOICES, "answers",
             *ANSWERS.values()]
        ),
        inner, max_size=4,
    ),
))  # fmt: skip
def test_whatever_comes_nothing_breaks(content: Any) -> None:
    for kind in ("m.room.message", "m.reaction", "m.sticker", "m.poll.start", *ANSWERS):
        for related in (None, CARD):
            happened(kind, content, related=related)
    known_of({"content": content}, GROUP.id)
    room = Room("!x")
    for kind in ("name", "member", "create", "power_levels", "tombstone", "encryption", "canonical_alias"):
        room.apply({"type": f"m.room.{kind}", "state_key": "", "content": content, "sender": ANNA})
    room.count(content)
    assert room.level(ANNA) is not None


def test_html_of_60_kilobytes_is_not_looked_at() -> None:
    event = said("Fler bänkar", format="org.matrix.custom.html", formatted_body="<b>" * 20_000)
    assert isinstance(event, MessageReceived)
    assert event.text == "Fler bänkar"


def test_a_redacted_command_is_nothing() -> None:
    assert happened("m.room.message", {}, unsigned={"redacted_because": {}}) is None


def test_an_old_clients_quotation_is_not_said_again() -> None:
    relation = {"m.in_reply_to": {"event_id": "$0"}}
    event = said(f"> <{ANNA}> Fler bänkar\n> längs ån\n\nHåller med", **{"m.relates_to": relation})
    assert isinstance(event, MessageReceived)
    assert event.text == "Håller med"
    # but what somebody quotes themselves stays
    event = said("> så sade han\n\nHåller med", **{"m.relates_to": relation})
    assert isinstance(event, MessageReceived)
    assert event.text == "> så sade han\n\nHåller med"


def edit(body: str, target: str = "$0") -> dict[str, Any]:
    return {
        "m.new_content": {"msgtype": "m.text", "body": body},
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }


def test_only_its_author_changes_a_message_and_no_edit_is_edited() -> None:
    event = said("* ny", related=Known(ANNA, "gammal"), **edit("ny"))
    assert isinstance(event, MessageEdited)
    assert (event.message_id, event.text) == ("$0", "ny")
    assert said("* ny", related=Known("@bo:example.org", "gammal"), **edit("ny")) is None
    assert said("* ny", related=Known(ANNA, "ny", edits="$older"), **edit("nyare")) is None
    assert said("* ny", related=None, **edit("ny")) is None


@pytest.mark.parametrize(("key", "data"), [("🤝", "v1.bear"), ("1️⃣", "v1.yes"), ("1⃣", "v1.yes"), ("1", "v1.yes")])
def test_a_reaction_is_a_press(key: str, data: str) -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$0", "key": key}
    event = happened("m.reaction", {"m.relates_to": relation}, related=CARD)
    assert isinstance(event, ChoiceMade)
    assert (event.message_id, event.data) == ("$0", data)


@pytest.mark.parametrize("key", ["🎉", "agree with all of this", "", "2"])
def test_another_reaction_is_none(key: str) -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$0", "key": key}
    assert happened("m.reaction", {"m.relates_to": relation}, related=CARD) is None
    # nor one to somebody else's message that looks like ours
    theirs = Known(ANNA, CARD.text, CARD.choices)
    assert happened("m.reaction", {"m.relates_to": relation | {"key": "🤝"}}, related=theirs) is None


def test_in_a_group_a_number_in_a_reply_chooses() -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}
    event = said(" 1 ", related=CARD, **relation)
    assert isinstance(event, ChoiceMade)
    assert event.data == "v1.yes"
    assert isinstance(said("2", related=CARD, **relation), MessageReceived)
    assert isinstance(said("1", related=None), MessageReceived)
    # in private whoever asked reads it
    assert isinstance(said("1", ALONE, CARD, **relation), MessageReceived)


def test_a_thread_is_a_room_in_groups_alone() -> None:
    relation = {"m.relates_to": {"rel_type": "m.thread", "event_id": "$root"}}
    for room, thread in ((GROUP, "$root"), (ALONE, "")):
        event = said("Hej", room, **relation)
        assert isinstance(event, MessageReceived)
        assert event.room.key == RoomKey(CHANNEL, room.id, thread)


@pytest.mark.parametrize(
    "more",
    [
        {"msgtype": "m.notice"}, {"net.maunium.telegram.puppet": True},
        {"fi.mau.double_puppet_source": "mautrix-telegram"},
    ],
)  # fmt: skip
def test_bots_and_bridges_are_told_from_people(more: dict[str, Any]) -> None:
    event = said("Hej", **more)
    assert isinstance(event, MessageReceived)
    assert event.sender.bot


def test_a_name_is_no_identity() -> None:
    room = Room("!x", standing="join", title="x", people=3, names={ANNA: "Bo", "@bo:example.org": "Bo"})
    event = said("Hej", room)
    assert isinstance(event, MessageReceived)
    assert (event.sender.account, event.sender.name) == (AccountKey(CHANNEL, ANNA), "Bo")
    assert event.sender.address == f"https://matrix.to/#/{ANNA}"


@pytest.mark.parametrize(
    ("body", "more", "mentioned"),
    [
        ("Byalag: vad sägs?", {}, True), ("byalaget", {}, False), (f"hej {ME.id}", {}, True), ("hej", {}, False),
        ("hej", {"m.mentions": {"user_ids": [ME.id]}}, True), ("hej", {"m.mentions": {"user_ids": [ANNA]}}, False),
    ],
)  # fmt: skip
def test_the_bot_is_mentioned(body: str, more: dict[str, Any], *, mentioned: bool) -> None:
    event = said(body, **more)
    assert isinstance(event, MessageReceived)
    assert event.mentions_bot is mentioned


@pytest.mark.parametrize("typed", ["!idé@byalag Hej", "/idé Hej", "!idé@byalag:example.org Hej", "!Idé\tHej"])
def test_commands_are_typed_in_several_ways(typed: str) -> None:
    event = said(typed)
    assert isinstance(event, CommandGiven)
    assert (event.name, event.argument) == ("idé", "Hej")


def test_a_poll_is_something_else() -> None:
    event = happened("org.matrix.msc3381.poll.start", {"org.matrix.msc3381.poll.start": {"question": {"body": "Var?"}}})
    assert isinstance(event, MessageReceived)
    assert (event.kind, event.text) == ("other", "Var?")


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_spoiled_answer_or_one_to_anothers_poll_is_nothing(kind: str) -> None:
    def answered(given: Any, related: Known | None = CARD) -> Event | None:
        content = {"m.relates_to": {"rel_type": "m.reference", "event_id": "$0"}}
        chosen = given if kind == "m.poll.response" else {"answers": given}
        return happened(kind, content | {ANSWERS[kind]: chosen}, related=related)

    for spoiled in ([], ["7"], ["7", "1"], [7], [["1"]], {"1": "1"}, "1", None):
        assert answered(spoiled) is None
    assert answered(["1"], None) is None
    assert answered(["1"], Known(ANNA, CARD.text, CARD.choices)) is None
    # of more answers than asked for, the first counts
    event = answered(["1", "7"])
    assert isinstance(event, ChoiceMade)
    assert (event.data, event.message_id) == ("v1.yes", "$0")


# --- Rooms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("room", "private"),
    [
        (Room("!x", direct=True, people=2), True), (Room("!x", direct=True, title="Anna", people=2), True),
        (Room("!x", people=2), True), (Room("!x", title="Torget", people=2), False),
        (Room("!x", alias="#torget:example.org", people=2), False), (Room("!x", direct=True, people=3), False),
        (Room("!x", direct=True, people=1), True),
    ],
)  # fmt: skip
def test_a_room_is_private_where_nobody_else_can_be(room: Room, *, private: bool) -> None:
    assert room.private is private


def created(version: str, **more: Any) -> Room:
    room = Room("!x")
    content = {"room_version": version} | more
    room.apply({"type": "m.room.create", "state_key": "", "sender": ANNA, "content": content})
    levels = {"users": {ME.id: 50}, "events_default": 50}
    room.apply({"type": "m.room.power_levels", "state_key": "", "content": levels})
    return room


def test_creators_rank_above_all_from_version_12() -> None:
    room = created("12", additional_creators=["@bo:example.org"])
    assert room.is_admin(ANNA)
    assert room.is_admin("@bo:example.org")
    assert not room.is_admin(ME.id)
    assert room.can_write(ME.id)
    assert not room.can_write("@cilla:example.org")
    assert not created("11").is_admin(ANNA)


def test_odd_power_levels_count_as_written() -> None:
    room = Room("!x")
    content = {"users": {ANNA: "100", ME.id: None}, "users_default": "x", "events": [], "events_default": True}
    room.apply({"type": "m.room.power_levels", "state_key": "", "content": content})
    assert room.power == Power({ANNA: 100, ME.id: 0}, known=True)


def test_encryption_is_never_taken_back() -> None:
    room = Room("!x")
    room.apply({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}})
    room.apply({"type": "m.room.encryption", "state_key": "", "content": {}})
    assert room.encrypted


# --- From our messages to Matrix's ------------------------------------------------------------------------------------


def written(message: LocalMessage) -> dict[str, Any]:
    content = msgspec.json.decode(read(render(ME.id, RoomKey(CHANNEL, GROUP.id), message)).content)
    assert isinstance(content, dict)
    return content


def test_choices_are_numbered_and_links_are_not() -> None:
    rows = ((LocalChoice("🤝 Bära", data="v1.a"), LocalChoice("Läs", url="https://example.org/?a&b")),
            (LocalChoice("Mer", data="v1.b"),))  # fmt: skip
    content = written(says("Fler bänkar?", choices=rows))
    assert content["body"] == "Fler bänkar?\n\n1. 🤝 Bära\n2. Mer\n\nLäs: https://example.org/?a&b"
    assert "<ol><li>🤝 Bära</li><li>Mer</li></ol>" in content["formatted_body"]
    assert choices_in(content)["🤝"] == choices_in(content)["1"] == "v1.a"
    assert choices_in(content)[folded("2\ufe0f\u20e3")] == "v1.b"


def test_a_poll_that_changes_a_message_or_has_too_many_answers_is_a_message() -> None:
    def choices(count: int) -> tuple[tuple[LocalChoice, ...], ...]:
        return (tuple(LocalChoice(f"Dag {number}", data=f"v1.{number}") for number in range(1, count + 1)),)

    assert POLL in written(says("När?", poll=True, choices=choices(20)))
    for message in (
        says("När?", poll=True, choices=choices(2), replaces="$0"),
        says("När?", poll=True, choices=choices(21)),
        says("När?", poll=True, choices=choices(1)),
        says("När?", choices=choices(2)),
    ):
        content = written(message)
        assert POLL not in content
        assert content["msgtype"] == "m.text"


def test_a_choice_that_is_but_a_number_is_named_above() -> None:
    rows = (
        tuple(LocalChoice(str(number), data=f"v1.{number}") for number in (1, 2)),
        (LocalChoice("Ny", data="v1.n"),),
    )
    content = written(says("1. ån", "2. torget", choices=rows))
    assert content["body"] == "1. ån\n\n2. torget\n\n3. Ny"
    assert '<ol start="3"><li>Ny</li></ol>' in content["formatted_body"]
    assert choices_in(content)[folded("2\ufe0f\u20e3")] == "v1.2"


def test_choices_go_by_letters_where_a_number_is_an_answer() -> None:
    rows = ((LocalChoice("As many as come", data="v1.a"),), (LocalChoice("Back", data="v1.b"),))
    content = written(says("How many fit?", choices=rows, letters=True))
    assert content["body"] == "How many fit?\n\nA. As many as come\nB. Back"
    assert "<p>A. As many as come<br>B. Back</p>" in content["formatted_body"]
    assert set(choices_in(content)) == {"🇦", "a", "as many as come", "🇧", "b", "back"}


def test_numbers_of_their_own_are_marked_where_they_are_others() -> None:
    ideas = tuple((LocalChoice(f"{number}. Idé", data=f"v1.{number}"),) for number in (3, 2, 1))
    assert written(says("Nyaste", choices=ideas))["body"] == "Nyaste\n\n1. #3 Idé\n2. #2 Idé\n3. #1 Idé"
    assert written(says("Äldsta", choices=ideas[::-1]))["body"] == "Äldsta\n\n1. Idé\n2. Idé\n3. Idé"


def test_two_choices_of_one_sign_are_pressed_by_number() -> None:
    assert keys_of([LocalChoice("👍 a", data="x"), LocalChoice("👍 b", data="y")]) == ["1️⃣", "2️⃣"]
    assert keys_of([LocalChoice("👍 a", data="x"), LocalChoice("b 👎🏽", data="y")]) == ["👍", "👎🏽"]
    assert keys_of([LocalChoice("🇸🇪", data="x"), LocalChoice("+1", data="y")]) == ["🇸🇪", "2️⃣"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://example.org/a b", "data:text/html,x", "//x", "["])
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    content = written(says("Läs", choices=((LocalChoice("här", url=url),),)))
    assert "<a" not in content["formatted_body"]
    assert url in content["body"]


@pytest.mark.parametrize("text", ["&" * 200_000, "😀" * 50_000, "ord " * 50_000, "<" * 60_000])
def test_no_message_is_too_long(text: str) -> None:
    blocks = tuple(LocalBlock(kind, text) for kind in ("title", "text", "quote", "small"))
    content = written(LocalMessage(blocks, ((LocalChoice("Ja", data="v1.a"),),)))
    assert len(msgspec.json.encode(content)) < 24_000
    assert content["body"].endswith("1. Ja")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_whatever_people_write_is_no_markup(texts: list[str]) -> None:
    marked = written(LocalMessage(tuple(LocalBlock("quote", text) for text in texts)))["formatted_body"]
    assert set(re.findall(r"<[^>]*>", marked)) <= {"<blockquote>", "</blockquote>", "<p>", "</p>", "<br>"}
    assert "<" not in html.unescape(re.sub(r"<[^>]*>", "", marked)) or any("<" in text for text in texts)


def test_a_link_says_where_to_go_and_what_to_write() -> None:
    assert link(ME.id, "abc") == "https://matrix.to/#/@byalag:example.org → !start abc"
    assert link(ME.id, "abc", group=True) == "/invite @byalag:example.org → !start abc"


def test_pictures_are_measured() -> None:
    assert measures_of(png(64, 48)) == (64, 48)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x30\x00\x40" + b"\0" * 20
    assert measures_of(jpeg) == (64, 48)
    assert measures_of(b"\xff\xd8\xff") is None
    assert measures_of(b"GIF89a") is None


# --- Settings ---------------------------------------------------------------------------------------------------------


def test_nothing_is_configured_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert not MatrixSettings().configured


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("USER", "byalag"),
        ("USER", "@byalag"),
        ("HOMESERVER", "matrix.example.org"),
        ("RATE", "-1"),
        ("PICTURE", "pyproject.toml"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"BYALAG_MATRIX_{name}", value)
    with pytest.raises(BadSettings, match=f"BYALAG_MATRIX_{name}"):
        load(MatrixSettings)


# --- On a real server -------------------------------------------------------------------------------------------------


@pytest.fixture
async def gate(synapse: Synapse) -> AsyncIterator[Gate]:
    async with Gate(synapse.url).open() as made:
        yield made


@pytest.fixture
async def driver(synapse: Synapse, gate: Gate, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
    made = MatrixDriver(synapse, gate, tmp_path, encrypted=True)
    yield made
    await made.close()


@pytest.fixture
async def clear(synapse: Synapse, gate: Gate, tmp_path: Path) -> AsyncIterator[MatrixDriver]:
    made = MatrixDriver(synapse, gate, tmp_path)
    yield made
    await made.close()


async def send(driver: MatrixDriver, room: RoomKey, message: LocalMessage, key: str = "key-1") -> str:
    return await driver.adapter.send(room, driver.adapter.render(room, message), key)


async def texts(driver: MatrixDriver, person: Person, room: RoomKey) -> list[str]:
    return [each.text for each in await driver.shown(person, room)]


def session_file(driver: MatrixDriver) -> Path:
    return driver.folder / "matrix.session"


def store_file(driver: MatrixDriver) -> Path:
    return driver.folder / "matrix-keys.db"


async def test_encryption_outlives_a_restart_on_both_ways(driver: MatrixDriver) -> None:
    # given a conversation in an encrypted room, and a bot that is away
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        await driver.write(anna, driver.private(anna), "Före")
        await inbox.message("Före")
        await send(driver, driver.private(anna), says("Svar före"))
    await driver.write(anna, driver.private(anna), "Medan")
    # when it comes back, without its password
    driver.more = {"password": ""}
    await driver.restart()
    async with running(driver.adapter) as inbox:
        # then it reads what was said meanwhile, and what it says can be read
        await inbox.message("Medan")
        await send(driver, driver.private(anna), says("Svar efter"), "key-2")
        await eventually(lambda: texts(driver, anna, driver.private(anna)), lambda found: found[-1:] == ["Svar efter"])
    for file in driver.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


async def test_a_kill_between_the_keys_and_our_commit_loses_nothing(driver: MatrixDriver) -> None:
    # given a store that never answers; when Anna's first words, and with them her key, are received, and the bot dies
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        inbox.open.clear()
        await driver.write(anna, driver.private(anna), "Fler bänkar")

        async def offered() -> bool:
            return bool(inbox.offered)

        await eventually(offered)
        assert inbox.run is not None
        inbox.run.cancel()
    # then after the restart they come again, and can be read
    await driver.restart()
    async with running(driver.adapter) as inbox:
        await inbox.message("Fler bänkar")


@pytest.mark.parametrize("encrypted", [False, True], ids=["clear", "encrypted"])
async def test_a_long_gap_is_filled_in_order(driver: MatrixDriver, *, encrypted: bool) -> None:
    driver.encrypted = encrypted
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        await driver.write(anna, driver.private(anna), "nummer 0 här")
        await inbox.message("nummer 0 här")
        await eventually(driver.acknowledged)
    wanted = [f"nummer {number} här" for number in range(1, 76)]
    for text in wanted:
        await driver.write(anna, driver.private(anna), text)
    await driver.restart()
    async with running(driver.adapter) as inbox:
        await inbox.message(wanted[-1])
        assert [event.text for event in inbox.events if isinstance(event, MessageReceived)] == wanted


async def start_fails(driver: MatrixDriver) -> str:
    await driver.restart()
    with pytest.raises(StartError) as error:
        await driver.adapter.start(())
    await driver.adapter.stop()
    message = str(error.value)
    assert driver.bot not in message
    return message


async def test_lost_keys_stop_the_bot_and_it_says_what_to_do(driver: MatrixDriver) -> None:
    # given a bot that was there before
    async with running(driver.adapter):
        anna = await driver.person("Anna")
    kept = store_file(driver).read_bytes()
    # when its keys are gone, empty, another's, or locked with another secret, then it does not start
    for lose in (store_file(driver).unlink, lambda: store_file(driver).write_bytes(b"")):
        lose()
        message = await start_fails(driver)
        assert str(store_file(driver)) in message
        assert "byalag matrix reset" in message
    store_file(driver).write_bytes(kept)
    other = MatrixAdapter(settings(driver.gate.url, driver.bot), driver.folder, b"another secret", CHANNEL)
    with pytest.raises(StartError):
        await other.start(())
    await other.stop()
    # and with them it does; or, with none, as a new device that Anna's words reach
    await driver.restart()
    async with running(driver.adapter):
        pass
    store_file(driver).unlink()
    session_file(driver).unlink()
    await driver.restart()
    async with running(driver.adapter) as inbox:
        await driver._who(anna).catch_up()
        await driver.write(anna, driver.private(anna), "Är du där?")
        await inbox.message("Är du där?")
        await send(driver, driver.private(anna), says("Ja"))
        await eventually(lambda: texts(driver, anna, driver.private(anna)), lambda found: found == ["Ja"])


async def test_keys_made_anew_for_a_known_device_are_noticed(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        pass
    # given a session that pretends to be new, so that a lost store would be made again
    session = sessions.load(session_file(driver))
    assert session is not None
    sessions.save(session_file(driver), msgspec.structs.replace(session, fresh=True))
    kept = store_file(driver).read_bytes()
    store_file(driver).unlink()
    # then the server, which knows the device by other keys, is believed
    await driver.restart()
    with pytest.raises(StartError):
        await driver.adapter.start(())
    await driver.adapter.stop()
    store_file(driver).write_bytes(kept)


async def test_an_old_copy_of_the_keys_raises_an_alarm(
    driver: MatrixDriver, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(driver.adapter):
        pass
    old = store_file(driver).read_bytes()
    await driver.restart()
    async with running(driver.adapter):
        pass
    store_file(driver).write_bytes(old)
    capsys.readouterr()
    await driver.restart()
    async with running(driver.adapter):
        pass
    assert "older copy" in capsys.readouterr().out
    # and `check` goes on saying so, until it comes as a new device
    await driver.restart()
    assert "bad" in [found.mark for found in await driver.adapter.look()]
    await driver.adapter.stop()
    assert "as a new device" in await Commands(driver.adapter.settings, driver.folder).reset()
    capsys.readouterr()
    await driver.restart()
    async with running(driver.adapter):
        assert "bad" not in [found.mark for found in await driver.adapter.look()]
    assert "older copy" not in capsys.readouterr().out


async def test_a_whole_folder_from_a_backup_raises_an_alarm_and_people_read_on(
    driver: MatrixDriver, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a backup of all files, and words on both sides since
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        await driver.write(anna, driver.private(anna), "Före")
        await inbox.message("Före")
        await send(driver, driver.private(anna), says("Svar före"))
    backup = {file: file.read_bytes() for file in driver.folder.iterdir()}
    await driver.restart()
    async with running(driver.adapter):
        await driver._who(anna).catch_up()
        await send(driver, driver.private(anna), says("Svar efter"), "key-2")
        await eventually(lambda: texts(driver, anna, driver.private(anna)), lambda found: found[-1:] == ["Svar efter"])
    # when it is put back
    for file, content in backup.items():
        file.write_bytes(content)
    capsys.readouterr()
    await driver.restart()
    async with running(driver.adapter) as inbox:
        # then it is told, and they can read each other
        assert "older copy" in capsys.readouterr().out
        await driver._who(anna).catch_up()
        await send(driver, driver.private(anna), says("Svar igen"), "key-3")
        await eventually(lambda: texts(driver, anna, driver.private(anna)), lambda found: found[-1:] == ["Svar igen"])
        await driver.write(anna, driver.private(anna), "Igen")
        await inbox.message("Igen")


async def test_keys_that_the_server_knows_otherwise_are_outdated(driver: MatrixDriver) -> None:
    # given a copy of the keys from before the server got new one-time keys
    async with running(driver.adapter):
        pass
    old = store_file(driver).read_bytes()
    await driver.restart()
    async with running(driver.adapter):
        crypto = driver.adapter._crypto
        assert crypto is not None
        crypto._olm.uploaded_key_count = 0
        await crypto.upkeep()
        assert not crypto.outdated
    store_file(driver).write_bytes(old)
    # when it makes such keys itself
    await driver.restart()
    async with running(driver.adapter):
        crypto = driver.adapter._crypto
        assert crypto is not None
        crypto._olm.uploaded_key_count = 0
        await crypto.upkeep()
        # then the server says that it has others by these names
        assert crypto.outdated


async def test_who_wants_to_compare_emoji_hears_at_once_that_it_cannot(driver: MatrixDriver) -> None:
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        human, room = driver._who(anna), driver.private(anna)
        # when Anna's app asks, in the room
        request = {"msgtype": "m.key.verification.request", "body": "verify?", "to": driver.bot, "from_device": "X"}
        asked = await human.send(room.room, request | {"methods": ["m.sas.v1"]})

        async def ended() -> list[dict[str, Any]]:
            await human.catch_up()
            return [event for event in human.seen[room.room] if event["type"] == "m.key.verification.cancel"]

        # then it is ended, in words too, and is nothing that was said
        (end,) = await eventually(ended)
        assert end["content"]["m.relates_to"] == {"rel_type": "m.reference", "event_id": asked}
        found = await eventually(lambda: texts(driver, anna, room))
        assert "session key" in found[0]
        assert not [event for event in inbox.events if isinstance(event, MessageReceived)]
        # and so from device to device, as nio's own client does it
        heard: list[Any] = []
        human.client.add_to_device_callback(heard.append, KeyVerificationCancel)
        await driver.devices(anna, driver.bot)
        (device,) = human.client.device_store.active_user_devices(driver.bot)
        await human.client.start_key_verification(device)

        async def cancelled() -> list[Any]:
            await human.catch_up()
            return heard

        (cancel,) = await eventually(cancelled)
        assert cancel.code == "m.unknown_method"
        await driver.write(anna, room, "Hej")
        await inbox.message("Hej")


def verify(thing: dict[str, Any], by: str, user: str) -> None:
    """Check a signature as the specification says, with other means than the bot's."""
    signature = thing["signatures"][user][f"ed25519:{by}"]
    bare = {name: value for name, value in thing.items() if name not in {"signatures", "unsigned"}}
    vodozemac.Ed25519PublicKey.from_base64(by).verify_signature(
        Api.to_canonical_json(bare).encode(), vodozemac.Ed25519Signature.from_base64(signature)
    )


async def test_the_account_signs_its_device_and_the_next_one_with_the_same_key(driver: MatrixDriver) -> None:
    async def identity() -> tuple[str, str]:
        """Give the account's master key and its only device, if it vouches for it."""
        body = {"device_keys": {driver.bot: []}}
        found = await driver.ask(driver._who(anna), "POST", "keys/query", body)
        master, own = found["master_keys"][driver.bot], found["self_signing_keys"][driver.bot]
        ((device_id, device),) = found["device_keys"][driver.bot].items()
        (master_key,), (own_key,) = master["keys"].values(), own["keys"].values()
        assert (master["usage"], own["usage"]) == (["master"], ["self_signing"])
        verify(own, master_key, driver.bot)
        verify(device, own_key, driver.bot)
        return master_key, device_id

    async with running(driver.adapter):
        anna = await driver.person("Anna")
        before = await identity()
    assert "(cross-signing)." in "".join(found.text for found in await looked(driver) if found.mark == "good")
    await Commands(driver.adapter.settings, driver.folder).reset()
    await driver.restart()
    async with running(driver.adapter):
        after = await identity()
    assert after[0] == before[0]
    assert after[1] != before[1]


async def test_keys_that_an_app_made_for_the_account_are_left_alone(driver: MatrixDriver) -> None:
    # given an account that got its identity from somewhere else
    async with running(driver.adapter):
        anna = await driver.person("Anna")
    other = MatrixAdapter(settings(driver.gate.url, driver.bot), driver.folder / "x", b"another secret", CHANNEL)
    async with running(other):
        pass
    # then it is not replaced, and `check` says what to do
    found = await driver.ask(driver._who(anna), "POST", "keys/query", {"device_keys": {driver.bot: []}})
    devices = found["device_keys"][driver.bot].values()
    assert [len(device["signatures"][driver.bot]) for device in devices].count(2) == 1
    other = MatrixAdapter(other.settings, driver.folder / "x", b"another secret", CHANNEL)
    told = [found.text for found in await other.look() if found.mark == "could"]
    await other.stop()
    assert any("made in an app" in text for text in told)


async def looked(driver: MatrixDriver) -> Sequence[Finding]:
    await driver.restart()
    found = await driver.adapter.look()
    await driver.adapter.stop()
    return found


async def test_a_revoked_login_ends_the_receiving(driver: MatrixDriver) -> None:
    await driver.adapter.start(())
    inbox = Inbox()
    receiving = asyncio.create_task(driver.adapter.run(inbox.accept))
    anna = await driver.person("Anna")
    session = sessions.load(session_file(driver))
    assert session is not None
    await asyncio.to_thread(driver._ask, "POST", "logout", session.token, {})
    with pytest.raises(StartError, match="BYALAG_MATRIX_PASSWORD"):
        await asyncio.wait_for(receiving, 20)
    with pytest.raises(Later):
        await send(driver, driver.private(anna), says("Hej"))
    await driver.adapter.stop()
    assert "BYALAG_MATRIX_PASSWORD" in await start_fails(driver)


async def test_the_keys_have_one_process(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        assert "Another Byalag" in await start_fails(driver)


async def test_a_wrong_password_or_none_is_said(driver: MatrixDriver) -> None:
    driver.more = {"password": "wrong"}
    assert "BYALAG_MATRIX_PASSWORD" in await start_fails(driver)
    driver.more = {"password": ""}
    assert "BYALAG_MATRIX_PASSWORD" in await start_fails(driver)
    session_file(driver).write_bytes(b"{")
    assert str(session_file(driver)) in await start_fails(driver)
    sessions.save(session_file(driver), sessions.Session(driver.gate.url, "@other:example.org", "D", "t"))
    assert str(session_file(driver)) in await start_fails(driver)


async def test_a_server_that_is_down_is_waited_for_without_a_storm(clear: MatrixDriver) -> None:
    # given a server that answers nothing at first, and later fails now and then
    clear.gate.fault("/login", status=502, times=1)
    await clear.adapter.start(())
    inbox = Inbox()
    receiving = asyncio.create_task(clear.adapter.run(inbox.accept))
    anna = await clear.person("Anna")
    clear.gate.seen.clear()
    clear.gate.fault(r"/sync\?", status=502, times=2)
    clear.gate.fault(r"/sync\?", lose=True)
    limited = {"errcode": "M_LIMIT_EXCEEDED"}
    clear.gate.fault(r"/sync\?", status=429, body=limited, headers={"Retry-After": "1"})
    await clear.write(anna, clear.private(anna), "Fler bänkar")
    await inbox.message("Fler bänkar")
    assert len([path for _, path, _ in clear.gate.seen if "/sync?" in path]) < 20
    receiving.cancel()
    await asyncio.wait([receiving])
    await clear.adapter.stop()


async def test_odd_events_do_not_stop_those_behind_them(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        human, room = clear._who(anna), clear.private(anna)
        nowhere = "$" + "x" * 43
        answering = {"m.in_reply_to": {"event_id": nowhere}}
        odd: list[tuple[str, dict[str, Any]]] = [
            ("m.room.message", {"msgtype": "m.text", "body": "x", "formatted_body": "<b>" * 18_000}),
            ("m.room.message", {"msgtype": "m.text", "body": "svar", "m.relates_to": answering}),
            ("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AAAA", "session_id": "s"}),
            ("m.room.encrypted", {"algorithm": "m.olm.v1", "ciphertext": {}}),
            ("com.example.odd", {"body": "!idea x"}),
        ]  # fmt: skip
        for number, (kind, content) in enumerate(odd):
            await clear.ask(human, "PUT", f"rooms/{room.room}/send/{kind}/{number}", content)
        await clear.write(anna, room, "Fler bänkar")
        await inbox.message("Fler bänkar")
        answer = await inbox.message("svar")
        assert answer.reply_to is not None
        assert answer.reply_to.message_id == nowhere
        assert not [event for event in inbox.events if isinstance(event, CommandGiven | MessageEdited | ChoiceMade)]


async def test_a_command_taken_back_while_the_bot_was_away_is_not_carried_out(clear: MatrixDriver) -> None:
    async with running(clear.adapter):
        anna = await clear.person("Anna")
    human, room = clear._who(anna), clear.private(anna)
    sent = await human.send(room.room, {"msgtype": "m.text", "body": "!idea Fler bänkar"})
    await human.client.room_redact(room.room, sent)
    await clear.write(anna, room, "Hej")
    await clear.restart()
    async with running(clear.adapter) as inbox:
        await inbox.message("Hej")
        assert not [event for event in inbox.events if isinstance(event, CommandGiven)]


async def test_a_card_is_pressed_after_a_restart_by_what_it_says_now(driver: MatrixDriver) -> None:
    # given a card that was changed, and a bot that remembers nothing of it
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        room = await driver.group("Torget", anna)
        await inbox.first(BotAdded)
        sent = await send(driver, room, says("0", choices=((LocalChoice("🤝 Bära", data="v1.a"),),)))
        changed = says("1", choices=((LocalChoice("🤝 Inte bära", data="v1.b"),),), replaces=sent)
        await send(driver, room, changed, "key-2")
        human = driver._who(anna)
        assert await eventually(lambda: driver.offered(human, room, sent)) == ["🤝"]
    await driver.restart()
    async with running(driver.adapter) as inbox:
        await driver.press(anna, room, sent, "🤝 Inte bära")
        assert (await inbox.first(ChoiceMade)).data == "v1.b"


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("name", ["m.poll", "org.matrix.msc3381.poll"])
async def test_a_poll_is_answered_by_both_its_names_and_taken_back(
    driver: MatrixDriver, name: str, *, encrypted: bool
) -> None:
    driver.encrypted = encrypted
    choices = ((LocalChoice("Torsdag", data="v1.to"),), (LocalChoice("Fredag", data="v1.fr"),))

    def answer(*ids: str) -> dict[str, Any]:
        given = {"m.selections": list(ids)} if name == "m.poll" else {f"{name}.response": {"answers": list(ids)}}
        return {"m.relates_to": {"rel_type": "m.reference", "event_id": sent}} | given

    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        room = await driver.group("Torget", anna)
        await inbox.first(BotAdded)
        sent = await send(driver, room, says("Vilken dag?", poll=True, choices=choices))
        human = driver._who(anna)
        await human.catch_up()
        asked = human.seen[room.room][-1]
        assert (asked["type"], asked["decrypted"]) == (POLL, encrypted)
        assert [one["org.matrix.msc1767.text"] for one in asked["content"][POLL]["answers"]] == ["Torsdag", "Fredag"]
        assert asked["content"]["org.matrix.msc1767.text"] == "Vilken dag?\n\n1. Torsdag\n2. Fredag"
        # the last answer counts, and an empty one takes it back
        for number, data in (("1", "v1.to"), ("2", "v1.fr")):
            await human.send(room.room, answer(number), f"{name}.response")
            made = await inbox.first(ChoiceMade, lambda event, data=data: event.data == data)  # type: ignore[misc]
            assert made.message_id == sent
        await human.send(room.room, answer("7"), f"{name}.response")
        await human.send(room.room, answer(), f"{name}.response")
        assert (await inbox.first(ChoiceUndone)).data == "v1.fr"
        # who sees the words alone, without the poll, answers with a number
        typed = {"msgtype": "m.text", "body": "1", "m.relates_to": {"m.in_reply_to": {"event_id": sent}}}
        number = await human.send(room.room, typed)
        assert (await inbox.first(ChoiceMade, lambda event: event.id == number)).data == "v1.to"
        assert [event.data for event in inbox.events if isinstance(event, ChoiceMade)] == ["v1.to", "v1.fr", "v1.to"]
    assert not await driver.offered(human, room, sent)


async def test_reactions_follow_the_choices(clear: MatrixDriver) -> None:
    async with running(clear.adapter):
        anna = await clear.person("Anna")
        room, human = await clear.group("Torget", anna), clear._who(anna)
        rows = ((LocalChoice("👍 ja", data="v1.a"), LocalChoice("👎 nej", data="v1.b")),)
        sent = await send(clear, room, says("?", choices=rows))
        await eventually(lambda: clear.offered(human, room, sent), lambda keys: keys == ["👍", "👎"])
        rows = ((LocalChoice("👎 nej", data="v1.b"), LocalChoice("🤷 pass", data="v1.c")),)
        await send(clear, room, says("?", choices=rows, replaces=sent), "key-2")
        await eventually(lambda: clear.offered(human, room, sent), lambda keys: keys == ["👎", "🤷"])


async def test_an_encrypted_private_room_has_words_and_no_reactions(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        anna = await driver.person("Anna")
        private, human = driver.private(anna), driver._who(anna)
        sent = await send(driver, private, says("?", choices=((LocalChoice("👍 ja", data="v1.a"),),)))
        group = await driver.group("Torget", anna)
        there = await send(driver, group, says("?", choices=((LocalChoice("👍 ja", data="v1.a"),),)), "key-2")
        await eventually(lambda: driver.offered(human, group, there), lambda keys: keys == ["👍"])
        assert await driver.offered(human, private, sent) == []


async def test_one_persons_words_open_a_private_encrypted_room(clear: MatrixDriver) -> None:
    # given Cilla in a group, who never spoke with the bot alone
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room = await clear.group("Torget", anna)
        cilla = await clear.human("Cilla")
        await clear.enter(Person(AccountKey(CHANNEL, cilla.client.user_id), "Cilla"), room)
        asked = await cilla.send(room.room, {"msgtype": "m.text", "body": "!vote"})
        await inbox.first(CommandGiven)
        # when the bot says something to her alone, twice
        for key in ("key-1", "key-2"):
            sent = await send(clear, room, says(f"Bara du {key}", only_for=cilla.client.user_id, reply_to=asked), key)
        await send(clear, room, says("Bara du, ändrat", only_for=cilla.client.user_id, replaces=sent), "key-3")
        # then she is invited to one room, reads it there, and sees in the group that she was heard

        async def invited() -> list[str]:
            await cilla.catch_up()
            return list(cilla.client.invited_rooms)

        (private,) = await eventually(invited)
        await cilla.client.join(private)
        clear.encrypted = True

        async def read_there() -> list[Shown]:
            await cilla.catch_up()
            return await clear._messages(cilla, private, "")

        found = await eventually(read_there, lambda found: len(found) == 2)
        assert [each.text for each in found] == ["Bara du key-1", "Bara du, ändrat"]
        assert await clear.offered(cilla, room, asked) == ["👀"]
        # and what she says there is said in private
        await cilla.send(private, {"msgtype": "m.text", "body": "Tack"})
        assert (await inbox.message("Tack")).room.private


async def test_a_press_in_a_group_is_answered_in_private(driver: MatrixDriver) -> None:
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        room = await driver.group("Torget", anna)
        sent = await send(driver, room, says("?", choices=((LocalChoice("👍 ja", data="v1.a"),),)))
        await driver.press(anna, room, sent, "👍 ja")
        event = await inbox.first(ChoiceMade)
        await driver.adapter.answer(event.press, PressAnswer("Bara en gång"))
        await eventually(lambda: texts(driver, anna, driver.private(anna)), lambda found: found == ["Bara en gång"])


async def test_rights_are_told_and_their_lack_is_not_death(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna = await clear.person("Anna")
        room = await clear.group("Torget", anna)
        assert (await inbox.first(BotAdded)).can_write
        human = clear._who(anna)
        path = f"rooms/{room.room}/state/m.room.power_levels/"
        levels = await clear.ask(human, "GET", path)
        await clear.ask(human, "PUT", path, levels | {"events_default": 50})
        await inbox.first(BotAdded, lambda event: not event.can_write)
        with pytest.raises(Unreachable, match=NO_RIGHTS) as error:
            await send(clear, room, says("Hej"))
        assert not error.value.dead
        users = levels["users"] | {clear.bot: 100}
        await clear.ask(human, "PUT", path, levels | {"users": users})
        await inbox.first(BotAdded, lambda event: event.can_write and event.admin)


async def test_a_third_person_makes_a_group_of_a_private_room(clear: MatrixDriver) -> None:
    async with running(clear.adapter) as inbox:
        anna, bo = await clear.person("Anna"), await clear.person("Bo")
        await clear.enter(bo, clear.private(anna))
        added = await inbox.first(BotAdded)
        assert added.room.key == clear.private(anna)
        await clear.write(anna, clear.private(anna), "Hej")
        assert not (await inbox.message("Hej")).room.private


class Impatient(MatrixAdapter):
    patience = 0.0


async def withhold(driver: MatrixDriver, anna: Person, text: str) -> dict[str, str]:
    """Let Anna say something whose key the bot does not get; gives the key."""
    key = await driver._who(anna).withhold(driver.private(anna).room)
    await driver.write(anna, driver.private(anna), text)
    return key


async def test_a_late_key_opens_the_message(driver: MatrixDriver) -> None:
    async with running(driver.adapter):
        anna = await driver.person("Anna")
        key = await withhold(driver, anna, "Sent läst")
        await eventually(driver.acknowledged)
    # given a message that could not be read, and a restart; when the key comes
    await driver.restart()
    async with running(driver.adapter) as inbox:
        body = await driver._who(anna).locked_for(driver.bot, key)
        await driver.ask(driver._who(anna), "PUT", "sendToDevice/m.room.encrypted/1", body)
        # then it is read
        assert (await inbox.message("Sent läst")).sender.account == anna.account


async def test_what_cannot_be_read_is_said_once(driver: MatrixDriver) -> None:
    driver.adapter = Impatient(settings(driver.gate.url, driver.bot, poll_timeout=1), driver.folder, b"s", CHANNEL)
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        await withhold(driver, anna, "Oläst 1")
        await withhold(driver, anna, "Oläst 2")
        await eventually(
            lambda: texts(driver, anna, driver.private(anna)), lambda found: any("once more" in each for each in found)
        )
        driver._who(anna).client.invalidate_outbound_session(driver.private(anna).room)
        await driver.write(anna, driver.private(anna), "Läst")
        await inbox.message("Läst")
        found = await texts(driver, anna, driver.private(anna))
        assert len(found) == 1


async def test_nobody_speaks_with_another_ones_key(driver: MatrixDriver) -> None:
    # given Anna's encrypted words; when a server claims that Bo said them
    async with running(driver.adapter) as inbox:
        anna = await driver.person("Anna")
        await driver.write(anna, driver.private(anna), "Fler bänkar")
        await inbox.message("Fler bänkar")
        room_id = driver.private(anna).room
        answer = await driver.ask(driver._who(anna), "GET", f"rooms/{room_id}/messages?dir=b&limit=5")
        (event,) = (each for each in answer["chunk"] if each["type"] == "m.room.encrypted")
        crypto = driver.adapter._crypto
        assert crypto is not None
        assert crypto.decrypt(room_id, event) is not None
        assert crypto.decrypt(room_id, event | {"sender": "@bo:byalag.test", "event_id": "$other"}) is None
        # and nothing is said twice, or in another room
        assert crypto.decrypt(room_id, event | {"event_id": "$other"}) is None
        assert crypto.decrypt("!other", event) is None


async def patiently(driver: MatrixDriver, room: RoomKey, message: LocalMessage, key: str) -> None:
    """Send as delivery does: when the server says later, later."""
    wait = 0.0
    for _ in range(5):
        await asyncio.sleep(wait)
        try:
            await send(driver, room, message, key)
        except Later as error:
            wait = error.retry_after + 0.05
            put_off_all = not error.room_only
        else:
            return
        assert put_off_all
        assert 0 < wait < 30
    pytest.fail("never sent")


async def test_the_servers_operator_can_lift_the_limits_as_the_manual_says(tmp_path: Path) -> None:
    # given a server with Synapse's own limits
    with server_with(rc_message={"per_second": 0.2, "burst_count": 10}) as server:
        async with Gate(server.url).open() as gate:
            driver = MatrixDriver(server, gate, tmp_path)
            async with running(driver.adapter):
                anna = await driver.person("Anna")
                # when an administrator lifts them for the bot
                server.lift_limits(driver.bot)
                # then it sends more than they let it
                for number in range(15):
                    await send(driver, driver.private(anna), says(f"Nummer {number}"), f"key-{number}")
                assert not [status for _, _, status in gate.seen if status == 429]
            await driver.close()


async def test_people_see_its_name_and_picture(clear: MatrixDriver, tmp_path: Path) -> None:
    async def profile() -> dict[str, Any]:
        found = await asyncio.to_thread(clear._ask, "GET", f"profile/{clear.bot}", "")
        assert isinstance(found, dict)
        return found

    # given a picture; when it starts, twice
    picture = tmp_path / "bild.png"
    picture.write_bytes(png(64, 64))
    clear.more = {"name": "Byalag i Vadstena", "picture": str(picture)}
    for _ in range(2):
        await clear.restart()
        async with running(clear.adapter):
            seen = await profile()
    # then people see both, and it was stored once
    assert seen["displayname"] == "Byalag i Vadstena"
    address = seen["avatar_url"]
    assert address.startswith("mxc://")
    assert len([path for _, path, _ in clear.gate.seen if "/media/v3/upload" in path]) == 1
    # and another picture takes its place
    picture.write_bytes(png(32, 32))
    await clear.restart()
    async with running(clear.adapter):
        assert (await profile())["avatar_url"] not in {"", address}


async def test_a_servers_limits_are_kept_without_loss(tmp_path: Path) -> None:
    # given a server that limits as Synapse does, but faster: an event a second, five at a time
    with server_with(rc_message={"per_second": 1, "burst_count": 5}) as server:
        async with Gate(server.url).open() as gate:
            driver = MatrixDriver(server, gate, tmp_path)
            async with running(driver.adapter):
                anna = await driver.person("Anna")
                # when twelve messages are sent, each as soon as the server lets it
                for number in range(12):
                    await patiently(driver, driver.private(anna), says(f"Nummer {number}"), f"key-{number}")
                # then each arrived once, in order, and the server had to say no but a few times
                found = await texts(driver, anna, driver.private(anna))
                assert found == [f"Nummer {number}" for number in range(12)]
                assert len([status for _, _, status in gate.seen if status == 429]) <= 12
            await driver.close()
