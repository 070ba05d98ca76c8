"""Telegram: the contract of all adapters, by asking and by webhook, and what is Telegram's own."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InputFile
from telegram.error import BadRequest, Forbidden, RetryAfter

from bot.adapters.telegram.adapter import SECRET_HEADER
from bot.adapters.telegram.menus import commands_of, folded
from bot.adapters.telegram.receive import NotAnUpdateError, read_update
from bot.adapters.telegram.render import read, render
from bot.adapters.telegram.request import HttpRequest, LostError, NotSentError
from bot.adapters.telegram.settings import TelegramSettings
from bot.adapters.telegram.translate import Me
from bot.adapters.telegram.updates import ALLOWED
from bot.adapters.telegram.words import cut, units
from bot.chat.content import Attachment, LocalBlock, LocalChoice, LocalMessage
from bot.chat.events import (
    BotAdded,
    BotRemoved,
    ChoiceMade,
    CommandGiven,
    Event,
    MembersChanged,
    MessageEdited,
    MessageReceived,
    RoomMoved,
    decode,
    encode,
)
from bot.chat.fitting import fit
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import DeliveryError, Later, MenuEntry, PressAnswer, Refused, StartError, Uncertain, Unreachable
from bot.settings import BadSettings, load
from tests.adapters.contract import MENUS, AdapterContract, Inbox, eventually, png, running, says
from tests.adapters.telegram_driver import CHANNEL, Hosted, TelegramDriver, host, settings
from tests.peers.telegram import TelegramEmulator


class TestByAsking(AdapterContract):
    lacks = frozenset({"idempotent", "removals"})

    @pytest.fixture
    async def driver(self) -> AsyncIterator[TelegramDriver]:
        async with TelegramEmulator() as server:
            yield TelegramDriver(server)
            assert not server.violations


class TestByWebhook(AdapterContract):
    lacks = frozenset({"idempotent", "removals"})

    @pytest.fixture
    async def driver(self) -> AsyncIterator[TelegramDriver]:
        async with TelegramEmulator(webhook_backoff=0.01, ephemeral="support") as server, host() as pages:
            yield TelegramDriver(server, pages)
            assert not server.violations


# --- From updates to events -------------------------------------------------------------------------------------------

ME = Me(CHANNEL, 700_000_001, "example_bot")
ANNA = {"id": 7_100_000_001, "is_bot": False, "first_name": "Anna", "last_name": "Ek", "language_code": "sv"}
BOT = {"id": ME.id, "is_bot": True, "first_name": "Example", "username": "example_bot"}
ALONE = {"id": ANNA["id"], "type": "private", "first_name": "Anna"}
GROUP = {"id": -1_002_400_000_001, "type": "supergroup", "title": "Torget", "is_forum": True}
ROOM = RoomKey(CHANNEL, str(GROUP["id"]))


def happened(kind: str, **payload: Any) -> Event | None:
    number, event = read_update(msgspec.json.encode({"update_id": 7, kind: payload}), ME)
    assert number == 7
    if event is not None:
        assert event.id == "7"
        assert decode(encode(event)) == event
    return event


def said(text: str = "", **more: Any) -> Event | None:
    words = {"text": text} if text else {}
    message = {"message_id": 5, "from": ANNA, "chat": GROUP, "date": 1_700_000_000} | words | more
    return happened("message", **{name: value for name, value in message.items() if value is not None})


def standing(kind: str, before: dict[str, Any], after: dict[str, Any], chat: dict[str, Any] = GROUP) -> Event | None:
    user = BOT if kind == "my_chat_member" else ANNA
    change = {"old_chat_member": {"user": user} | before, "new_chat_member": {"user": user} | after}
    return happened(kind, **{"chat": chat, "from": ANNA, "date": 1_700_000_000}, **change)


def test_a_message_tells_who_where_and_when() -> None:
    event = said("Hej\0 där", chat=ALONE)
    assert isinstance(event, MessageReceived)
    assert event.text == "Hej där"
    assert event.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (event.sender.account, event.sender.name) == (AccountKey(CHANNEL, "7100000001"), "Anna Ek")
    assert (event.room.key, event.room.private, event.room.title) == (RoomKey(CHANNEL, "7100000001"), True, "")


@pytest.mark.parametrize(
    ("username", "address"), [("anna_ek", "https://t.me/anna_ek"), ("", ""), ("x/../../evil?start=1", "")]
)
def test_who_has_a_user_name_has_an_address(username: str, address: str) -> None:
    event = said("Hej", **{"from": ANNA | {"username": username}})
    assert event is not None
    assert event.sender.address == address


def test_a_topic_is_a_room_and_the_message_that_opened_it_is_no_answer() -> None:
    root = {"message_id": 3, "chat": GROUP, "from": ANNA, "date": 1, "forum_topic_created": {"name": "Bänkar"}}
    event = said("Hej", message_thread_id=3, is_topic_message=True, reply_to_message=root)
    assert isinstance(event, MessageReceived)
    assert event.room.key == RoomKey(CHANNEL, ROOM.room, "3")
    assert event.reply_to is None
    # but another message of the topic is
    event = said("Hej", message_thread_id=3, is_topic_message=True, reply_to_message=root | {"message_id": 4})
    assert isinstance(event, MessageReceived)
    assert event.reply_to is not None


def test_a_thread_of_replies_is_no_room() -> None:
    root = {"message_id": 3, "chat": GROUP, "from": BOT, "date": 1, "text": "Vad?"}
    event = said("Hej", message_thread_id=3, reply_to_message=root)
    assert isinstance(event, MessageReceived)
    assert event.room.key == ROOM
    assert event.reply_to is not None
    assert event.reply_to.author is not None
    assert event.reply_to.author.bot


@pytest.mark.parametrize(
    "more",
    [
        {"sender_chat": GROUP, "from": {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"}},
        {"sender_chat": {"id": -1_001, "type": "channel", "title": "Torget"}, "from": {"id": 777_000}},
        {"from": {"id": 5, "is_bot": True, "first_name": "Torget"}},
    ],
    ids=["anonymous admin", "channel", "bot"],
)
def test_whom_nobody_can_name_counts_as_a_bot(more: dict[str, Any]) -> None:
    event = said("Hej", **more)
    assert isinstance(event, MessageReceived)
    assert event.sender.bot
    assert event.sender.name == "Torget"


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/ide\u0301 Fler", "idé", "Fler"),
        ("/idea@EXAMPLE_bot Fler", "idea", "Fler"),
        ("/start abc-_9", "start", "abc-_9"),
        ("/Träff \n på torsdag \n", "träff", "på torsdag"),
    ],
)
def test_commands_are_read_as_people_type_them(text: str, name: str, argument: str) -> None:
    event = said(text)
    assert isinstance(event, CommandGiven)
    assert (event.name, event.argument) == (name, argument)


def test_a_caption_can_be_a_command() -> None:
    event = said(caption="/idea En bänk", photo=[{"file_id": "x"}])
    assert isinstance(event, CommandGiven)
    assert event.argument == "En bänk"


def test_another_bots_command_is_passed_over_also_when_changed() -> None:
    assert said("/idea@another_bot Fler") is None
    message = {"message_id": 5, "from": ANNA, "chat": GROUP, "date": 1, "edit_date": 2, "text": "/idea@another_bot x"}
    assert happened("edited_message", **message) is None


@pytest.mark.parametrize("text", ["/", "//", "/ idea", "/-)", "/@example_bot", "/etc/passwd", "/\u2003x"])
def test_not_every_stroke_is_a_command(text: str) -> None:
    event = said(text)
    assert isinstance(event, MessageReceived)
    assert event.text == text


def test_a_forwarded_command_is_somebody_elses_words() -> None:
    event = said("/forget", forward_origin={"type": "user", "date": 1, "sender_user": ANNA})
    assert isinstance(event, MessageReceived)


@pytest.mark.parametrize(
    ("text", "entity", "meant"),
    [
        ("🌻 @Example_Bot hej", {"type": "mention", "offset": 3, "length": 12}, True),
        ("🌻 @another_bot hej", {"type": "mention", "offset": 3, "length": 12}, False),
        ("Bot, hej", {"type": "text_mention", "offset": 0, "length": 3, "user": BOT}, True),
        ("Bot, hej", {"type": "bold", "offset": 0, "length": 3}, False),
    ],
)
def test_it_notices_when_it_is_meant(text: str, entity: dict[str, Any], meant: bool) -> None:  # noqa: FBT001
    event = said(text, entities=[entity])
    assert isinstance(event, MessageReceived)
    assert event.mentions_bot == meant


@pytest.mark.parametrize(
    ("part", "kind"),
    [("voice", "voice"), ("video_note", "voice"), ("sticker", "sticker"), ("video", "file"), ("audio", "file"),
     ("animation", "file"), ("location", "other"), ("poll", "other"), ("dice", "other"), ("contact", "other")],
)  # fmt: skip
def test_what_somebody_sends_has_a_kind(part: str, kind: str) -> None:
    content: dict[str, Any] = {part: {"any": "thing"}}
    event = said(**content)
    assert isinstance(event, MessageReceived)
    assert (event.kind, event.text) == (kind, "")


@pytest.mark.parametrize(
    "more",
    [
        {"pinned_message": {"message_id": 1}}, {"new_chat_title": "Ån"}, {"forum_topic_created": {"name": "x"}},
        {"migrate_from_chat_id": -5}, {"new_chat_members": [BOT]}, {"left_chat_member": BOT}, {"something_new": {}},
        {"text": "Hej", "from": None}, {"text": "Hej", "chat": {"id": -1_001, "type": "channel", "title": "x"}},
    ],
)  # fmt: skip
def test_what_the_service_says_is_nothing_to_us(more: dict[str, Any]) -> None:
    assert said(**more) is None


def test_people_coming_and_going_are_told() -> None:
    assert isinstance(said(new_chat_members=[BOT, ANNA]), MembersChanged)
    assert isinstance(said(left_chat_member=ANNA), MembersChanged)
    left, member = {"status": "left"}, {"status": "member"}
    assert isinstance(standing("chat_member", left, member), MembersChanged)
    assert isinstance(standing("chat_member", member, {"status": "kicked"}), MembersChanged)
    assert standing("chat_member", member, {"status": "administrator"}) is None


def test_a_group_that_moved_tells_where() -> None:
    event = said(migrate_to_chat_id=-1_009, message_thread_id=3)
    assert isinstance(event, RoomMoved)
    assert (event.room.key, event.to) == (ROOM, RoomKey(CHANNEL, "-1009"))


@pytest.mark.parametrize(
    ("after", "can_write", "admin"),
    [
        ({"status": "member"}, True, False),
        ({"status": "administrator"}, True, True),
        ({"status": "restricted", "is_member": True, "can_send_messages": True}, True, False),
        ({"status": "restricted", "is_member": True, "can_send_messages": False}, False, False),
    ],
)
def test_its_standing_in_a_group_is_told(after: dict[str, Any], *, can_write: bool, admin: bool) -> None:
    event = standing("my_chat_member", {"status": "left"}, after)
    assert isinstance(event, BotAdded)
    assert (event.can_write, event.admin, event.room.title) == (can_write, admin, "Torget")
    assert event.hears == admin, "only an admin hears all, as long as the bot's privacy mode is on"


def test_being_removed_or_blocked_is_told() -> None:
    member = {"status": "member"}
    for after in ({"status": "left"}, {"status": "kicked"}, {"status": "restricted", "is_member": False}):
        assert isinstance(standing("my_chat_member", member, after), BotRemoved)
    blocked = standing("my_chat_member", member, {"status": "kicked"}, ALONE)
    assert isinstance(blocked, BotRemoved)
    assert blocked.room.private
    assert standing("my_chat_member", {"status": "kicked"}, member, ALONE) is None


def test_a_press_on_a_message_out_of_reach_is_told_and_one_without_message_is_not() -> None:
    press = {"id": "9", "from": ANNA, "chat_instance": "1", "data": "v1.yes"}
    event = happened("callback_query", **press, message={"message_id": 4, "chat": GROUP, "date": 0})
    assert isinstance(event, ChoiceMade)
    assert (event.message_id, event.press, event.data) == ("4", "9", "v1.yes")
    assert happened("callback_query", **press, inline_message_id="x") is None
    message = {"message_id": 4, "chat": GROUP, "date": 0}
    assert happened("callback_query", id="9", **{"from": ANNA}, message=message, game_short_name="x") is None


def test_a_changed_command_is_told_apart() -> None:
    message = {
        "message_id": 5,
        "from": ANNA,
        "chat": GROUP,
        "date": 1,
        "edit_date": 2,
        "caption": "/idea Ny",
        "photo": [],
    }
    event = happened("edited_message", **message)
    assert isinstance(event, MessageEdited)
    assert (event.name, event.text, event.at) == ("idea", "Ny", datetime.fromtimestamp(2, UTC))


# What is malformed

NAMES = (
    "update_id", "message", "edited_message", "callback_query", "my_chat_member", "chat_member", "message_id",
    "from", "chat", "date", "edit_date", "id", "type", "text", "caption", "entities", "offset", "length", "user",
    "title", "is_bot", "first_name", "photo", "voice", "reply_to_message", "status", "data", "new_chat_members",
    "left_chat_member", "migrate_to_chat_id", "message_thread_id", "is_topic_message", "old_chat_member",
    "new_chat_member", "sender_chat", "is_member", "receiver_user", "ephemeral_message_id", "x",
)  # fmt: skip
names = st.sampled_from(NAMES)
numbers = st.integers() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=20) | st.sampled_from(
    ["private", "supergroup", "member", "kicked", "mention", "/idea@x y", "/"]
)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=8),
    max_leaves=25,
)
GOOD: list[dict[str, Any]] = [
    {"update_id": 7, "message": {"message_id": 5, "from": ANNA, "chat": GROUP, "date": 1, "text": "/idea@example_bot x",
     "entities": [{"type": "mention", "offset": 1, "length": 5}],
     "reply_to_message": {"message_id": 4, "chat": GROUP, "date": 1, "text": "Hej", "from": BOT}}},
    {"update_id": 7, "callback_query": {"id": "9", "from": ANNA, "data": "x",
     "message": {"message_id": 4, "chat": GROUP}}},
    {"update_id": 7, "my_chat_member": {"chat": GROUP, "from": ANNA, "date": 1,
     "old_chat_member": {"user": BOT, "status": "left"}, "new_chat_member": {"user": BOT, "status": "member"}}},
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Take a good update and put anything in one place of it."""
    update = msgspec.json.decode(msgspec.json.encode(draw(st.sampled_from(GOOD))))
    here = update
    while True:
        name = draw(st.sampled_from(sorted(here)))
        if not isinstance(here[name], dict) or draw(st.booleans()):
            here[name] = draw(values)
            return update
        here = here[name]


def _offer(body: bytes) -> None:
    try:
        _, event = read_update(body, ME)
    except NotAnUpdateError:
        return
    if event is not None:
        assert decode(encode(event)) == event


@given(values | damaged())
def test_malformed_updates_break_nothing(update: Any) -> None:
    with structlog.testing.capture_logs() as logs:
        _offer(msgspec.json.encode(update))
    # and no log tells what they said
    assert all(set(line) <= {"event", "log_level", "channel", "error"} for line in logs)


@given(st.binary(max_size=300))
def test_rubbish_breaks_nothing(body: bytes) -> None:
    with structlog.testing.capture_logs():
        _offer(body)
        _offer(b'{"update_id":7,"message":' + body + b"}")


@pytest.mark.parametrize(
    "body",
    [
        b'{"update_id":7,"message":{"message_id":5,"chat":{"id":1,"type":"private"},"date":1e999}}',
        b'{"update_id":7,"message":{"message_id":5,"chat":{"id":1,"type":"private"},"date":99999999999999}}',
        b'{"update_id":7,"message":{"text":"\\ud800"}}',
        b'{"update_id":7,"message":{"text":"\xff"}}',
        b'{"update_id":7,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"update_id":' + b"9" * 5000 + b"}",
    ],
)
def test_hostile_numbers_and_depths_break_nothing(body: bytes) -> None:
    _offer(body)


# --- From messages to requests ----------------------------------------------------------------------------------------

PRIVATE = RoomKey(CHANNEL, "7100000001")


def requests(room: RoomKey, message: LocalMessage) -> list[tuple[str, dict[str, Any]]]:
    return [(call.method, msgspec.json.decode(call.params)) for call in read(render(room, message))]


def request(room: RoomKey, message: LocalMessage) -> tuple[str, dict[str, Any]]:
    (only,) = requests(room, message)
    return only


def test_blocks_have_their_own_look_and_words_are_escaped() -> None:
    blocks = (
        LocalBlock("title", "En <idé>"), LocalBlock("text", "a & b"), LocalBlock("quote", "Fler bänkar"),
        LocalBlock("small", "3 bär"),
    )  # fmt: skip
    method, params = request(PRIVATE, LocalMessage(blocks, silent=True))
    assert method == "sendMessage"
    assert params == {
        "text": "<b>En &lt;idé&gt;</b>\na &amp; b\n\n<blockquote>Fler bänkar</blockquote>\n\n<i>3 bär</i>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "disable_notification": True,
    }


def test_a_long_quote_can_be_unfolded() -> None:
    _, params = request(PRIVATE, says("å" * 601, kind="quote"))
    assert params["text"].startswith("<blockquote expandable>")


def test_buttons_carry_data_addresses_and_ways_in() -> None:
    rows = (
        (LocalChoice("x" * 70, data="v1.a"), LocalChoice("🌻" * 40, data="v1.b")),
        (LocalChoice("Läs", url="https://example.org"), LocalChoice("Gå", start="abc", group=True)),
        (LocalChoice("bara att skriva"),),
        (LocalChoice("Här", url="http://localhost:8080/i/x"),),
    )
    _, params = request(PRIVATE, says("Välj", choices=rows))
    first, second = params["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in first] == ["x" * 63 + "…", "🌻" * 31 + "…"]
    assert second[0]["url"] == "https://example.org"
    assert second[1]["url"] == "https://t.me/?startgroup=abc"
    # what Telegram takes on no button stands in the text
    assert params["text"] == "Välj\n\nHär: http://localhost:8080/i/x"


def test_many_buttons_are_broken_into_rows() -> None:
    rows = (tuple(LocalChoice(str(number), data="x") for number in range(120)),)
    _, params = request(PRIVATE, says("Välj", choices=rows))
    keyboard = params["reply_markup"]["inline_keyboard"]
    assert [len(row) for row in keyboard] == [8] * 12 + [4]


@pytest.mark.parametrize(
    "choice", [LocalChoice("x", data="å" * 33), LocalChoice("x", start="å"), LocalChoice("x", start="x" * 65)]
)
def test_what_no_button_can_carry_is_a_mistake_of_ours(choice: LocalChoice) -> None:
    with pytest.raises(ValueError, match="64"):
        render(PRIVATE, says("Välj", choices=((choice,),)))


def test_an_awaited_answer_forces_a_reply_only_in_groups_and_without_buttons() -> None:
    assert request(ROOM, says("Vad?", awaits=True))[1]["reply_markup"] == {"force_reply": True, "selective": True}
    assert "reply_markup" not in request(PRIVATE, says("Vad?", awaits=True))[1]
    choice = ((LocalChoice("Ja", data="x"),),)
    assert "inline_keyboard" in request(ROOM, says("Vad?", awaits=True, choices=choice))[1]["reply_markup"]


def test_too_long_a_text_loses_from_its_longest_paragraph() -> None:
    blocks = (LocalBlock("quote", "ord " * 2000), LocalBlock("text", "Tryck på Ja."))
    _, params = request(PRIVATE, LocalMessage(blocks))
    shown = html.unescape(re.sub(r"<[^>]*>", "", params["text"]))
    assert 3900 < units(shown) <= 4096
    assert shown.endswith("ord…\n\nTryck på Ja.")


def test_nothing_to_say_is_still_a_message() -> None:
    assert request(PRIVATE, says("", " \0 "))[1]["text"] == "…"


def test_a_replaced_message_is_edited_whoever_sees_it() -> None:
    assert request(ROOM, says("Nytt", replaces="17"))[0] == "editMessageText"
    method, params = request(ROOM, says("Nytt", replaces="7100000001~3"))
    assert method == "editEphemeralMessageText"
    assert (params["receiver_user_id"], params["ephemeral_message_id"]) == (7_100_000_001, 3)
    assert request(ROOM, says("Nytt", replaces="x"))[0] == "sendMessage"


def test_words_that_fit_under_no_picture_follow_it() -> None:
    picture = Attachment("picture", "karta.png", "image/png", png(), "En karta")
    choices = ((LocalChoice("Mer", data="x"),),)
    words = says("ord " * 300, attachment=picture, choices=choices, reply_to="4")
    (first, caption), (second, text) = requests(PRIVATE, words)
    assert (first, second) == ("sendPhoto", "sendMessage")
    assert caption["caption"] == "<i>En karta</i>"
    assert "reply_markup" not in caption
    assert "reply_markup" in text


def test_only_pictures_that_telegram_shows_are_sent_as_such() -> None:
    for kind, mime, method in (
        ("picture", "image/png", "sendPhoto"),
        ("picture", "image/svg+xml", "sendDocument"),
        ("file", "image/png", "sendDocument"),
    ):
        attachment = Attachment(kind, "x", mime, png())  # type: ignore[arg-type]
        assert request(PRIVATE, says("x", attachment=attachment))[0] == method


@given(st.text(max_size=300), st.integers(1, 100))
def test_a_cut_text_fits_and_is_its_own_beginning(text: str, most: int) -> None:
    shorter = cut(text, most)
    assert units(shorter) <= most
    assert shorter == text or text.startswith(shorter.removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "most", "shorter"),
    [
        ("hej på dig", 9, "hej på…"),
        ("👩🏽‍🌾👩🏽‍🌾", 9, "👩🏽‍🌾…"),
        ("🇸🇪🇳🇴🇩🇰", 8, "🇸🇪…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
    ],
)
def test_a_cut_goes_through_no_sign(text: str, most: int, shorter: str) -> None:
    assert cut(text, most) == shorter


@given(st.lists(st.text(max_size=400), min_size=1, max_size=12), st.integers(100, 3000))
def test_paragraphs_are_made_to_fit(texts: list[str], most: int) -> None:
    fitted = fit(list(texts), most, units, cut)
    assert sum(units(text) for text in fitted) <= most
    if sum(units(text) for text in texts) <= most:
        assert fitted == texts


# --- Menus and settings -----------------------------------------------------------------------------------------------


def test_command_names_are_folded_to_telegrams_letters() -> None:
    assert [folded(name) for name in ("Idé", "träff", "hjälp", "mørke", "a-b")] == [
        "ide",
        "traff",
        "hjalp",
        "morke",
        "a_b",
    ]
    entries = [MenuEntry("idé", "Ge en idé"), MenuEntry("ide", "Samma"), MenuEntry("فكرة", "x"), MenuEntry("x", " ")]
    assert [(each.command, each.description) for each in commands_of(entries)] == [("ide", "Ge en idé")]


TOKEN = "123456:" + "A" * 35


def made(**given: Any) -> TelegramSettings:
    return TelegramSettings(_env_file=None, **given)


def test_the_webhooks_secret_is_the_same_everywhere_and_tells_nothing() -> None:
    secret = made(token=TOKEN).secret
    assert secret == made(token=f" {TOKEN}\n").secret
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret)
    assert TOKEN not in secret
    assert secret != made(token="123457:" + "A" * 35).secret
    assert made(token=TOKEN, webhook_secret="mine").secret == "mine"


@pytest.mark.parametrize(
    ("name", "value", "says_what"),
    [
        ("TOKEN", "123456:short", "BYALAG_TELEGRAM_TOKEN is not a bot's token"),
        ("WEBHOOK_URL", "http://example.org", "BYALAG_TELEGRAM_WEBHOOK_URL must begin with https"),
        ("WEBHOOK_SECRET", "å", "BYALAG_TELEGRAM_WEBHOOK_SECRET may have"),
        ("API_BASE", "telegram", "BYALAG_TELEGRAM_API_BASE must be an address"),
        ("USERNAME", "no spaces", "BYALAG_TELEGRAM_USERNAME is not the name"),
        ("RATE", "-1", "BYALAG_TELEGRAM_RATE "),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, says_what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"BYALAG_TELEGRAM_{name}", value)
    with pytest.raises(BadSettings, match="^" + re.escape(says_what)) as error:
        load(TelegramSettings)
    assert value not in str(error.value)


def test_without_a_token_there_is_no_telegram() -> None:
    assert not made().configured
    assert made(token=TOKEN, webhook_url="http://localhost:8080/").webhook_url == "http://localhost:8080"


# --- On a running server ----------------------------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as made:
        yield made


@pytest.fixture
async def driver(server: TelegramEmulator) -> TelegramDriver:
    return TelegramDriver(server)


@pytest.fixture
async def inbox(driver: TelegramDriver) -> AsyncIterator[Inbox]:
    async with running(driver.adapter) as inbox:
        yield inbox


async def send(driver: TelegramDriver, room: RoomKey, message: LocalMessage, key: str = "key") -> str:
    return await driver.adapter.send(room, driver.adapter.render(room, message), key)


async def refused(driver: TelegramDriver, room: RoomKey, message: LocalMessage | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        await send(driver, room, message or says("Hej"))
    return error.value


def dead(error: DeliveryError) -> bool:
    assert isinstance(error, Unreachable)
    return error.dead


async def test_a_room_that_is_gone_is_dead(driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator) -> None:
    stranger, leaver = server.person("Stranger"), server.person("Leaver", started=True)
    leaver.delete_account()
    for number in (stranger.id, leaver.id, 999, -999):
        assert dead(await refused(driver, RoomKey(CHANNEL, str(number))))
    assert dead(await refused(driver, RoomKey(CHANNEL, "not a number")))


async def test_a_missing_right_is_named(driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator) -> None:
    group = server.group("Torget", [server.person("Anna")], with_bot=True)
    room, picture = RoomKey(CHANNEL, str(group.id)), Attachment("picture", "x.png", "image/png", png(), "En karta")
    # where no pictures are allowed, their words go alone
    group.set_permissions(can_send_photos=False)
    await send(driver, room, says("Hej", attachment=picture))
    assert group.last.text == "Hej\n\nEn karta"
    group.set_permissions(can_send_messages=False, can_send_photos=False)
    for message in (says("Hej"), says("Hej", attachment=picture)):
        error = await refused(driver, room, message)
        assert not dead(error)
        assert str(error) == "rights"
    group.restrict_bot()
    event = await inbox.first(BotAdded, lambda event: not event.can_write)
    assert not event.admin


async def test_a_closed_or_removed_topic_is_dead(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    group = server.group("Torget", [server.person("Anna")], forum=True, with_bot=True)
    closed, removed = group.topic("Stängt"), group.topic("Borta")
    closed.close()
    removed.remove()
    for topic in (closed, removed):
        assert dead(await refused(driver, RoomKey(CHANNEL, str(group.id), str(topic.id))))


async def test_a_message_that_cannot_be_edited_is_no_dead_room(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    room = RoomKey(CHANNEL, str(anna.id))
    picture = Attachment("picture", "x.png", "image/png", png())
    sent = [await send(driver, room, says("Hej")), await send(driver, room, says("Hej", attachment=picture))]
    await anna.delete(anna.private.messages[0])
    for message_id in (*sent, "999"):
        error = await refused(driver, room, says("Nytt", replaces=message_id))
        assert not dead(error)
        assert str(error) == "gone"


async def test_what_is_too_old_to_be_removed_becomes_an_empty_picture(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    room = RoomKey(CHANNEL, str(anna.id))
    picture = Attachment("picture", "x.png", "image/png", png(), "En bänk")
    fresh = await send(driver, room, says("Hej", attachment=picture))
    await driver.adapter.delete(room, fresh, "key-fresh")
    old, words = await send(driver, room, says("Hej", attachment=picture)), await send(driver, room, says("Hej"))
    assert [str(one.id) for one in anna.private.bot_messages] == [old, words]
    for message in anna.private.bot_messages:
        message.date -= 3 * 86400
    before = anna.private.bot_messages[0].media

    await driver.adapter.delete(room, old, "key-old")
    await driver.adapter.delete(room, words, "key-words")

    assert [(one.text, one.caption) for one in anna.private.bot_messages] == [("", "")] * 2
    assert before not in [one.media for one in anna.private.bot_messages]


async def test_too_many_messages_wait_as_long_as_told(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    server.fault("sendMessage", status=429, retry_after=17)
    error = await refused(driver, RoomKey(CHANNEL, str(anna.id)))
    assert isinstance(error, Later)
    assert (error.retry_after, error.room_only) == (17, True)


@pytest.mark.parametrize(
    ("status", "description", "body"),
    [(500, "", None), (502, "", b"<html>Bad Gateway</html>"), (403, "", b"<html>Blocked</html>"), (404, "", b"{}"),
     (401, "Unauthorized", None), (404, "Not Found", None)],
)  # fmt: skip
async def test_a_server_in_trouble_makes_all_wait(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator, status: int, description: str, body: bytes | None
) -> None:
    anna = server.person("Anna", started=True)
    server.fault("sendMessage", status=status, description=description, body=body)
    error = await refused(driver, RoomKey(CHANNEL, str(anna.id)))
    assert isinstance(error, Later)
    assert not error.room_only
    assert error.retry_after > 0


async def test_a_lost_answer_is_uncertain_and_no_connection_is_not(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    room = RoomKey(CHANNEL, str(anna.id))
    for lose in (server.drop_reply, server.drop_request):
        lose("sendMessage")
        assert isinstance(await refused(driver, room), Uncertain)
    server.fault("sendMessage", status=200, body=b"<html>Welcome to the hotel</html>")
    assert isinstance(await refused(driver, room), Uncertain)
    before = len(anna.private.bot_messages)
    await server.pause()
    # A kept connection that breaks just now would be uncertain: let it be noticed.
    await asyncio.sleep(0.05)
    error = await refused(driver, room)
    assert isinstance(error, Later)
    assert not error.room_only
    await server.resume()
    assert len(anna.private.bot_messages) == before
    assert await send(driver, room, says("Hej"))


async def test_a_server_that_dawdles_is_not_waited_for(server: TelegramEmulator) -> None:
    class Hasty(Hosted):
        send_timeout = 1.3

    adapter = Hasty(settings(server), CHANNEL)
    anna = server.person("Anna", started=True)
    await adapter.start(())
    server.drip("sendMessage", 0.05)
    room = RoomKey(CHANNEL, str(anna.id))
    with pytest.raises(Uncertain):
        async with asyncio.timeout(adapter.send_timeout):
            await adapter.send(room, adapter.render(room, says("Hej")), "key")
    await adapter.stop()


async def test_a_picture_that_went_through_is_not_sent_again_with_its_words(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    room = RoomKey(CHANNEL, str(anna.id))
    message = says("ord " * 300, attachment=Attachment("picture", "x.png", "image/png", png()))
    server.fault("sendMessage", status=429, retry_after=1)
    assert isinstance(await refused(driver, room, message), Later)
    sent = await send(driver, room, message)
    assert [bool(each.media) for each in anna.private.bot_messages] == [True, False]
    assert anna.private.last.id == int(sent)


async def test_a_picture_out_of_proportion_goes_as_a_file(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    await send(
        driver,
        RoomKey(CHANNEL, str(anna.id)),
        says("x", attachment=Attachment("picture", "lång.png", "image/png", png(1000, 10))),
    )
    assert anna.private.last.media["document"]["file_name"] == "lång.png"


@pytest.mark.parametrize(("mode", "attempts"), [("refuse", 1), ("ignore", 2)])
async def test_where_nothing_is_for_one_alone_everybody_reads_it(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator, mode: str, attempts: int
) -> None:
    server.core.ephemeral = mode  # type: ignore[assignment]
    anna = server.person("Anna")
    group = server.group("Torget", [anna], with_bot=True)
    for number in range(2):
        sent = await send(driver, RoomKey(CHANNEL, str(group.id)), says(f"Hej {number}", only_for=str(anna.id)))
        assert group.last.id == int(sent)
    tried = [each for each in server.calls("sendMessage") if "ephemeral_message_parameters" in each.params]
    assert len(tried) == attempts


async def test_what_is_for_one_alone_can_be_changed_and_pressed(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    server.core.ephemeral = "support"
    anna = server.person("Anna")
    group = server.group("Torget", [anna], with_bot=True)
    room = RoomKey(CHANNEL, str(group.id))
    choices = ((LocalChoice("Ja", data="v1.yes"),),)
    sent = await send(driver, room, says("Säker?", only_for=str(anna.id), choices=choices))
    assert not group.bot_messages
    (message,) = group.state.ephemerals.values()
    await anna.press(message, "Ja", wait=False)
    assert (await inbox.first(ChoiceMade)).message_id == sent
    assert await send(driver, room, says("Klart", only_for=str(anna.id), replaces=sent)) == sent
    assert message.text == "Klart"


async def test_no_participants_words_are_taken_for_a_link(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    words = 'x"url":"https://t.me/?start=evil'
    await send(driver, RoomKey(CHANNEL, str(anna.id)), says(words, choices=((LocalChoice(words, start="good"),),)))
    assert anna.private.last.text == words
    (button,) = anna.private.last.buttons
    assert (button["text"], button["url"]) == (words, f"https://t.me/{server.bot_username}?start=good")


async def test_an_answer_to_a_press_is_cut_and_never_raises(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    room = RoomKey(CHANNEL, str(anna.id))
    await send(driver, room, says("?", choices=((LocalChoice("Ja", data="x"),),)))
    await anna.press(anna.private.last, "Ja", wait=False)
    event = await inbox.first(ChoiceMade)
    await driver.adapter.answer(event.press, PressAnswer("ord " * 100, alert=True))
    (answer,) = [each.answer for each in server.core.callbacks.values()]
    assert answer is not None
    assert 150 < units(answer["text"]) <= 200
    assert answer["show_alert"]
    for trouble in (
        server.drop_reply,
        server.drop_request,
        lambda method: server.fault(method, status=429, retry_after=9),
    ):
        trouble("answerCallbackQuery")
        await driver.adapter.answer("1", PressAnswer("Hej"))
    await server.pause()
    await driver.adapter.answer("1", PressAnswer("Hej"))
    await server.resume()


# Receiving


async def test_it_asks_for_all_it_needs(driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator) -> None:
    await eventually(_soon(lambda: server.core.updates.allowed))
    assert server.core.updates.allowed == frozenset(ALLOWED)


def _soon(look: Callable[[], Any]) -> Callable[[], Any]:
    async def looked() -> Any:
        return look()

    return looked


async def test_what_cannot_be_read_does_not_hold_up_the_rest(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna")
    server.push_update("message", {"message_id": "x", "text": "Hemligt"})
    server.push_update("poll_answer_of_the_future", {})
    server.push_update("message", [1, 2])  # type: ignore[arg-type]
    await anna.send(anna.private, "Hej")
    await inbox.message("Hej")
    await server.wait_until_handled()


async def test_ids_may_begin_anew(driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator) -> None:
    anna = server.person("Anna")
    await anna.send(anna.private, "Före")
    await inbox.message("Före")
    server.jump_update_ids(12)
    for number in range(3):
        await anna.send(anna.private, f"Efter {number}")
        await inbox.message(f"Efter {number}")
    await server.wait_until_handled()


async def test_doubled_and_shuffled_updates_all_arrive(driver: TelegramDriver, server: TelegramEmulator) -> None:
    server.set_chaos(duplicate=0.3, reorder=0.5, jump_ids=0.1, seed=1)
    anna = server.person("Anna")
    async with running(driver.adapter) as inbox:
        for number in range(60):
            await anna.send(anna.private, f"Nummer {number}")
            if number % 7 == 0:
                await asyncio.sleep(0.01)
        for number in range(60):
            await inbox.message(f"Nummer {number}")
        await server.wait_until_handled()
    assert len({event.id for event in inbox.events}) == len(inbox.events) == 60


async def test_a_network_that_comes_and_goes_loses_nothing(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna = server.person("Anna")
    await server.pause()
    await anna.send(anna.private, "Medan")
    await server.resume()
    await inbox.message("Medan")
    server.fault("getUpdates", status=502, body=b"<html>", times=2)
    server.drop_reply("getUpdates")
    await anna.send(anna.private, "Ännu")
    await inbox.message("Ännu")


async def test_two_who_ask_get_told_and_one_goes_on(server: TelegramEmulator) -> None:
    one, other = TelegramDriver(server), TelegramDriver(server)
    with structlog.testing.capture_logs() as logs:
        async with running(one.adapter) as first, running(other.adapter) as second:
            await eventually(_soon(lambda: [line for line in logs if line.get("status") == 409]))
            anna = server.person("Anna")
            await anna.send(anna.private, "Hej")
            await eventually(_soon(lambda: first.events + second.events))


async def test_a_token_that_is_taken_back_ends_receiving(driver: TelegramDriver, server: TelegramEmulator) -> None:
    await driver.adapter.start(())
    server.fault("getUpdates", status=401, description="Unauthorized")
    with pytest.raises(StartError, match="@BotFather"):
        await driver.adapter.run(Inbox().accept)
    await driver.adapter.stop()


async def test_in_privacy_mode_chatter_does_not_come(driver: TelegramDriver, server: TelegramEmulator) -> None:
    server.core.privacy = True
    anna = server.person("Anna")
    async with running(driver.adapter) as inbox:
        assert "commands, replies and buttons" in driver.adapter.describe()
        group = server.group("Torget", [anna], with_bot=True)
        room = RoomKey(CHANNEL, str(group.id))
        await send(driver, room, says("Vad vill ni?"))
        await anna.send(group, "Bara prat")
        await anna.send(group, "Fler bänkar", reply_to=group.last)
        await anna.send(group, "/idea Fler träd")
        await inbox.first(CommandGiven)
        await inbox.message("Fler bänkar")
        assert not [event for event in inbox.events if isinstance(event, MessageReceived) and event.text == "Bara prat"]
        # as an admin it hears everything
        group.promote_bot()
        await inbox.first(BotAdded, lambda event: event.hears)
        await anna.send(group, "Mer prat")
        await inbox.message("Mer prat")


async def test_groups_are_counted_beside_the_intake(
    driver: TelegramDriver, inbox: Inbox, server: TelegramEmulator
) -> None:
    anna, bo = server.person("Anna"), server.person("Bo")
    server.fault("getChatMemberCount", status=500)
    group = server.group("Torget", [anna], with_bot=True)
    await inbox.first(BotAdded)
    await eventually(_soon(lambda: server.calls("getChatMemberCount")))
    group.join(bo)
    event = await inbox.first(MembersChanged, lambda event: event.members is not None)
    assert event.members == 2
    assert event.room.key == RoomKey(CHANNEL, str(group.id))


# Webhook


async def test_a_call_without_the_secret_is_refused(server: TelegramEmulator) -> None:
    body = b'{"update_id":7}'
    adapter = Hosted(settings(server, webhook_url="https://example.org"), CHANNEL)
    assert list(adapter.parse_webhook({SECRET_HEADER: adapter.settings.secret}, body)) == []
    assert list(adapter.parse_webhook({SECRET_HEADER.lower(): adapter.settings.secret}, body)) == []
    for secret in ("", "wrong", "å", adapter.settings.secret + "x", adapter.settings.secret[:-1]):
        with pytest.raises(Refused):
            adapter.parse_webhook({SECRET_HEADER: secret}, body)
    with pytest.raises(Refused):
        adapter.parse_webhook({}, body)
    # and one that asks expects no calls
    adapter = Hosted(settings(server), CHANNEL)
    with pytest.raises(Refused):
        adapter.parse_webhook({SECRET_HEADER: adapter.settings.secret}, body)


async def test_the_webhook_is_set_and_taken_away_again_and_nothing_is_lost(server: TelegramEmulator) -> None:
    anna = server.person("Anna")
    async with host() as pages:
        driver = TelegramDriver(server, pages)
        async with running(driver.adapter) as inbox:
            (call,) = server.calls("setWebhook")
            assert call.params["url"] == driver.adapter.webhook_address
            assert set(call.params["allowed_updates"]) == set(ALLOWED)
            assert call.params["secret_token"] == driver.adapter.settings.secret
            await anna.send(anna.private, "Ett")
            await inbox.message("Ett")
        await anna.send(anna.private, "Två")
    by_asking = TelegramDriver(server)
    async with running(by_asking.adapter) as inbox:
        await inbox.message("Två")


async def test_a_webhook_address_that_telegram_refuses_stops_the_start(server: TelegramEmulator) -> None:
    adapter = Hosted(settings(server, webhook_url="https://example.org:1234"), CHANNEL)
    with pytest.raises(StartError, match="BYALAG_TELEGRAM_WEBHOOK_URL"):
        await adapter.start(())
    await adapter.stop()


# Starting


async def test_a_wrong_token_stops_the_start_and_is_not_told(server: TelegramEmulator) -> None:
    wrong = "123456:" + "B" * 35
    adapter = Hosted(settings(server, token=wrong), CHANNEL)
    with pytest.raises(StartError, match="BYALAG_TELEGRAM_TOKEN") as error:
        await adapter.start(MENUS)
    assert wrong not in str(error.value)
    assert error.value.__cause__ is None
    await adapter.stop()


async def test_it_starts_without_telegram_and_gets_there_later(
    driver: TelegramDriver, server: TelegramEmulator
) -> None:
    anna = server.person("Anna", started=True)
    adapter, room = driver.adapter, RoomKey(CHANNEL, str(anna.id))
    await server.pause()
    with structlog.testing.capture_logs() as logs:
        async with running(adapter) as inbox:
            # until then links are something to type, and what has one waits
            assert adapter.link("abc") == "/start abc"
            assert "not reached" in adapter.describe()
            error = await refused(driver, room, says("Hej", choices=((LocalChoice("Gå", start="abc"),),)))
            assert isinstance(error, Later)
            await server.resume()
            await anna.send(anna.private, "Hej")
            await inbox.message("Hej")
            assert adapter.link("abc") == f"https://t.me/{server.bot_username}?start=abc"
            assert list(await driver.menu("sv"))
    assert server.token not in str(logs)


async def test_menus_that_are_there_are_not_sent_again(driver: TelegramDriver, server: TelegramEmulator) -> None:
    for _ in range(2):
        async with running(driver.adapter):
            assert len(server.calls("setMyCommands")) == 2 * len(MENUS)
        await driver.restart()


# --- The request layer under python-telegram-bot's own Bot ------------------------------------------------------------


@pytest.fixture
async def bot(server: TelegramEmulator) -> AsyncIterator[Bot]:
    pool = HttpRequest(within=2.0, connect_within=1.0)
    async with Bot(server.token, base_url=server.base_url, request=pool, get_updates_request=pool) as bot:
        yield bot


async def test_the_library_works_on_our_connections(bot: Bot, server: TelegramEmulator) -> None:
    anna = server.person("Anna", started=True)
    assert (await bot.get_me()).username == server.bot_username
    sent = await bot.send_document(
        anna.id, InputFile(b"en;lista", "skörd åäö.csv"), caption="Skörden", parse_mode="HTML"
    )
    assert anna.private.last.id == sent.message_id
    document = anna.private.last.media["document"]
    assert document["file_name"] == "skörd åäö.csv"
    assert server.core.world.files[document["file_id"]].data == b"en;lista"
    assert not server.violations


async def test_the_librarys_errors_are_its_own(bot: Bot, server: TelegramEmulator) -> None:
    stranger = server.person("Stranger")
    with pytest.raises(Forbidden):
        await bot.send_message(stranger.id, "Hej")
    with pytest.raises(BadRequest):
        await bot.send_message(999, "Hej")
    server.fault("getMe", status=429, retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.get_me()
    server.drop_reply("getMe")
    with pytest.raises(LostError) as lost:
        await bot.get_me()
    await server.pause()
    with pytest.raises(NotSentError) as not_sent:
        await bot.get_me()
    await server.resume()
    for error in (lost, not_sent):
        assert server.token not in str(error.value)
        assert server.token not in repr(error.value.__cause__)
