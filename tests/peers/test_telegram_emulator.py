"""Genuine clients meet the emulator: python-telegram-bot over HTTP, and a small webhook receiver.

What is shown here is what the adapters' tests rest on, so each test tells one rule of Telegram.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiogram.types
import msgspec
import pytest
from aiogram.utils.text_decorations import html_decoration
from aiohttp import ClientSession, web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    ChatPermissions,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from tests.peers.telegram import Person, TelegramEmulator, links
from tests.peers.telegram.entities import prepare, utf16_len
from tests.peers.telegram.fast import FastServer
from tests.peers.telegram.html import parse_html
from tests.peers.telegram.load import WebhookLoad, counts_of, message_update, messages, press_update
from tests.peers.telegram.updates import DEFAULT_EXCLUDED
from tests.peers.telegram.validation import extras, known_method

pytestmark = pytest.mark.asyncio

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (300).to_bytes(4, "big") + (200).to_bytes(4, "big") + b"\x08\x02\0\0\0"
BEGIN = InlineKeyboardMarkup([[InlineKeyboardButton("Begin", callback_data="begin:1")]])


def refused(saying: str, kind: type[TelegramError] = BadRequest) -> pytest.RaisesExc[TelegramError]:
    """The library capitalises what the server said."""
    return pytest.raises(kind, match=f"(?i){re.escape(saying)}")


class Client:
    """A bot as an application writes it: polls when asked, remembers its offset."""

    def __init__(self, tg: TelegramEmulator) -> None:
        self.bot = Bot(
            tg.token,
            base_url=tg.base_url,
            base_file_url=tg.base_file_url,
            request=HTTPXRequest(connection_pool_size=8),
            get_updates_request=HTTPXRequest(),
        )
        self.offset = 0

    async def updates(self, timeout: int = 0, **more: object) -> list[Update]:
        updates = await self.bot.get_updates(offset=self.offset, timeout=timeout, **more)  # type: ignore[arg-type]
        if updates:
            self.offset = updates[-1].update_id + 1
        return list(updates)

    async def one(self) -> Update:
        (update,) = await self.updates(timeout=2)
        return update

    async def message(self) -> Message:
        message = (await self.one()).message
        assert message is not None
        return message


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot gives durations as such, and warns without this."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def tg() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator(webhook_backoff=0.005) as emulator:
        yield emulator


@pytest.fixture
async def client(tg: TelegramEmulator) -> AsyncIterator[Client]:
    client = Client(tg)
    async with client.bot:
        yield client


@pytest.fixture
def alva(tg: TelegramEmulator) -> Person:
    return tg.person("Alva", language_code="sv", username="alva")


# Talking in private


async def test_a_conversation_from_start_to_press(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    await alva.open_link(f"https://t.me/{tg.bot_username}?start=CODE-1")
    start = await client.message()
    assert (start.text, start.entities[0].type, start.entities[0].length) == ("/start CODE-1", "bot_command", 6)
    assert start.from_user is not None
    assert start.from_user.language_code == "sv"

    sent = await client.bot.send_message(start.chat_id, "<b>Welcome</b>, Alva 👋", "HTML", reply_markup=BEGIN)
    assert [(entity.type, entity.offset, entity.length) for entity in sent.entities] == [("bold", 0, 7)]
    card = await alva.private.wait_for_message("Welcome")
    press = asyncio.create_task(alva.press(card, "Begin"))
    query = (await client.one()).callback_query
    assert query is not None
    assert (query.data, query.message and query.message.message_id) == ("begin:1", sent.message_id)
    await query.answer("Here we go", show_alert=True)
    await sent.edit_text("First question")
    answer = await press
    assert (answer.text, answer.show_alert) == ("Here we go", True)
    card = await alva.private.wait_for_message("First question")
    assert card.buttons == []
    assert "edited ×1" in alva.private.transcript()
    assert tg.violations == []


async def test_a_press_is_answered_once_and_soon(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    await alva.start()
    sent = await client.bot.send_message(alva.id, "Hi", reply_markup=BEGIN)
    await client.updates()
    await alva.press(alva.private.last, "Begin", wait=False)
    query = (await client.one()).callback_query
    assert query is not None
    with refused("MESSAGE_TOO_LONG"):
        await query.answer("x" * 201)
    await query.answer()
    with refused("Query is too old and response timeout expired or query id is invalid"):
        await query.answer()
    tg.core.callbacks[query.id].answer = None
    tg.core.callbacks[query.id].made -= 60
    with refused("too old"):
        await query.answer()

    await sent.delete()
    await alva.press_data(tg.chat(alva.id).state.messages[sent.message_id], "forged", wait=False)
    late = (await client.one()).callback_query
    assert late is not None
    assert late.data == "forged"
    assert late.message is not None
    assert not late.message.is_accessible


async def test_whom_a_bot_cannot_write_to(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    with refused("Chat not found"):
        await client.bot.send_message(42, "Hi")
    with refused("bot can't initiate conversation with a user", Forbidden):
        await client.bot.send_message(alva.id, "Hi")
    await alva.start()
    await client.bot.send_message(alva.id, "Hi")
    alva.block_bot()
    with refused("bot was blocked by the user", Forbidden):
        await client.bot.send_message(alva.id, "Hi")
    blocked = (await client.updates())[-1].my_chat_member
    assert blocked is not None
    assert (blocked.old_chat_member.status, blocked.new_chat_member.status) == ("member", "kicked")
    alva.unblock_bot()
    await alva.send(alva.private, "Back again")
    assert [bool(update.my_chat_member) for update in await client.updates()] == [True, False]
    alva.delete_account()
    with refused("user is deactivated", Forbidden):
        await client.bot.send_message(alva.id, "Hi")


async def test_texts_are_parsed_and_measured(client: Client, alva: Person) -> None:
    await alva.start()
    for text, problem in {
        "<b>bold": 'can\'t find end tag corresponding to start tag "b"',
        "å</i>": "unexpected end tag at byte offset 2",
        "<b>x</i>": 'unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        "1 <2": "unclosed start tag at byte offset 2",
        "<p>x</p>": 'unsupported start tag "p" at byte offset 0',
        '<span class="x">x</span>': 'tag "span" must have class "tg-spoiler" at byte offset 0',
        "<b> </b>": "text must be non-empty",
    }.items():
        with pytest.raises(BadRequest) as complaint:
            await client.bot.send_message(alva.id, text, "HTML")
        assert problem in complaint.value.message.lower().replace("can't parse entities: ", "")
    with refused("Message text is empty"):
        await client.bot.send_message(alva.id, "")
    with refused("Message is too long"):
        await client.bot.send_message(alva.id, "x" * 4097)
    longest = await client.bot.send_message(alva.id, "<b>" + "é" * 4096 + "</b>", "HTML")
    assert longest.text == "é" * 4096

    rich = await client.bot.send_message(
        alva.id,
        "  😀 <a href='https://example.com/a?b=1&amp;c'>link</a> &lt;i&gt; &#128512;&nbsp;<i>a<u>b</u></i> "
        '<pre><code class="language-python">x &amp; y</code></pre> <blockquote expandable>q</blockquote> '
        f'<a href="tg://user?id={alva.id}">Alva</a> <code>c</code> /help@x_bot  \n',
        "HTML",
    )
    assert rich.text == "😀 link <i> 😀&nbsp;ab x & y q Alva c /help@x_bot"
    found = {entity.type: rich.parse_entity(entity) for entity in rich.entities}
    assert found == {
        "text_link": "link", "italic": "ab", "underline": "b", "pre": "x & y", "expandable_blockquote": "q",
        "text_mention": "Alva", "code": "c", "bot_command": "/help@x_bot",
    }  # fmt: skip
    assert next(e.language for e in rich.entities if e.type == "pre") == "python"
    assert links(alva.private.last) == ["https://example.com/a?b=1&c"]


async def test_keyboards_are_checked(client: Client, alva: Person) -> None:
    await alva.start()

    async def send(*buttons: InlineKeyboardButton) -> Message:
        return await client.bot.send_message(alva.id, "Hi", reply_markup=InlineKeyboardMarkup([buttons]))

    with refused("BUTTON_DATA_INVALID"):
        await send(InlineKeyboardButton("A", callback_data="å" * 33))
    with refused("button text must be non-empty"):
        await send(InlineKeyboardButton("", callback_data="a"))
    with refused("Text buttons are unallowed in the inline keyboard"):
        await send(InlineKeyboardButton("A"))
    with refused("URL 'localhost' is invalid: Wrong HTTP URL"):
        await send(InlineKeyboardButton("A", url="localhost"))
    sent = await send(InlineKeyboardButton("A", callback_data="å" * 32), InlineKeyboardButton("B", url="t.me/x"))
    assert sent.reply_markup is not None
    assert sent.reply_markup.inline_keyboard[0][1].url == "http://t.me/x"


async def test_edits(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    theirs = await alva.start()
    sent = await client.bot.send_message(alva.id, "One", reply_markup=BEGIN)
    with refused("Message is not modified: specified new message content and reply markup"):
        await sent.edit_text("One", reply_markup=BEGIN)
    await sent.edit_text("One")
    assert alva.private.last.buttons == []
    with refused("Message can't be edited"):
        await client.bot.edit_message_text("Two", alva.id, theirs.id)
    with refused("Message to edit not found"):
        await client.bot.edit_message_text("Two", alva.id, 999)
    with refused("There is no caption in the message to edit"):
        await client.bot.edit_message_caption(alva.id, sent.message_id, caption="Two")
    await sent.edit_reply_markup(BEGIN)
    assert alva.private.last.labels == ["Begin"]
    await sent.delete()
    with refused("Message to delete not found"):
        await sent.delete()
    assert alva.private.bot_messages == []
    assert tg.violations == []


async def test_files_travel_both_ways(client: Client, alva: Person) -> None:
    await alva.send(alva.private, "a cat", photo=PNG)
    photo = (await client.message()).photo[-1]
    assert bytes(await (await client.bot.get_file(photo.file_id)).download_as_bytearray()) == PNG

    sent = await client.bot.send_document(
        alva.id, b"a;b\n1;2\n", "<i>Your data</i>", parse_mode="HTML", filename="data.csv"
    )
    assert sent.document is not None
    assert (sent.document.file_name, sent.caption, sent.document.file_size) == ("data.csv", "Your data", 8)
    again = await client.bot.send_document(alva.id, sent.document.file_id)
    assert again.document is not None
    assert bytes(await (await again.document.get_file()).download_as_bytearray()) == b"a;b\n1;2\n"

    card = await client.bot.send_photo(alva.id, PNG, "Map", reply_markup=BEGIN)
    assert (card.photo[-1].width, card.photo[-1].height) == (300, 200)
    await card.edit_caption("Newer map")
    await card.edit_media(InputMediaPhoto(PNG + b"x", caption="Newest map"))
    assert alva.private.last.caption == "Newest map"
    await card.edit_media(InputMediaDocument(b"text", filename="map.txt"))
    assert "document" in alva.private.last.media
    with refused("IMAGE_PROCESS_FAILED"):
        await client.bot.send_photo(alva.id, b"no picture")
    with refused("caption is too long"):
        await client.bot.send_photo(alva.id, PNG, "x" * 1025)
    with refused("Wrong file identifier"):
        await client.bot.send_document(alva.id, "nonsense")


async def test_replies_forwards_and_copies(client: Client, alva: Person) -> None:
    question = await alva.send(alva.private, "Why?")
    answer = await client.bot.send_message(alva.id, "So", reply_parameters=ReplyParameters(question.id))
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "Why?"
    with refused("Message to be replied not found"):
        await client.bot.send_message(alva.id, "So", reply_parameters=ReplyParameters(999))
    lone = await client.bot.send_message(
        alva.id, "So", reply_parameters=ReplyParameters(999, allow_sending_without_reply=True)
    )
    assert lone.reply_to_message is None
    forwarded = await client.bot.forward_message(alva.id, alva.id, question.id)
    assert forwarded.forward_origin is not None
    copied = await client.bot.copy_message(alva.id, alva.id, answer.message_id)
    assert alva.private.last.id == copied.message_id
    await alva.send(alva.private, "Thanks", reply_to=alva.private.find("So"))
    assert (await client.updates())[-1].message.reply_to_message.text == "So"  # type: ignore[union-attr]


# Groups


async def test_a_bot_joins_a_group_by_link(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    group = tg.group("Park", [alva], kind="group")
    with refused("Chat not found"):
        await client.bot.send_message(group.id, "Hi")
    await alva.open_link(f"https://t.me/{tg.bot_username}?startgroup=PLAN", group=group)
    joined, service, command = await client.updates()
    assert joined.my_chat_member is not None
    assert joined.my_chat_member.new_chat_member.status == "member"
    assert service.message is not None
    assert service.message.new_chat_members[0].id == tg.bot_id
    assert command.message is not None
    assert command.message.text == f"/start@{tg.bot_username} PLAN"
    await client.bot.send_message(group.id, "Hello, Park")
    assert await client.bot.get_chat_member_count(group.id) == 2

    group.remove_bot()
    with refused("bot was kicked from the group chat", Forbidden):
        await client.bot.send_message(group.id, "Hi")
    assert [bool(update.my_chat_member) for update in await client.updates()].count(True) == 1


async def test_privacy_mode(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    bo = tg.person("Bo")
    group = tg.group("Park", [alva, bo], with_bot=True)
    await client.updates()
    await bo.send(group, "Just talking")
    await bo.send(group, f"@{tg.bot_username} do you hear me?")
    await bo.send(group, "/vote@other_bot")
    await bo.send(group, f"/help@{tg.bot_username}")
    await bo.send(group, "/help")
    card = await client.bot.send_message(group.id, "Vote!")
    await bo.send(group, "Mine", reply_to=group.find("Vote!"))
    other = tg.person("Other", is_bot=True, username="other_bot")
    group.join(other)
    await other.send(group, "I am a bot")
    await bo.send(group, "/settings")
    heard = [update.message.text for update in await client.updates() if update.message and update.message.text]
    assert heard == [f"/help@{tg.bot_username}", "/help", "Mine"]

    group.promote_bot()
    message = await bo.send(group, "Just talking")
    await bo.edit(message, "Just talking more")
    kinds = [(u.message or u.edited_message) and (u.message or u.edited_message).text for u in await client.updates()]  # type: ignore[union-attr]
    assert kinds == [None, "Just talking", "Just talking more"]
    assert card.chat.type == "supergroup"


async def test_rights_in_groups(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    bo = tg.person("Bo")
    group = tg.group("Park", [alva, bo], with_bot=True)
    theirs = await bo.send(group, "Rude words")
    with refused("Message can't be deleted"):
        await client.bot.delete_message(group.id, theirs.id)
    with refused("Not enough rights to restrict/unrestrict chat member"):
        await client.bot.restrict_chat_member(group.id, bo.id, ChatPermissions.no_permissions())
    sent = await client.bot.send_message(group.id, "Card")
    with refused("Not enough rights to manage pinned messages in the chat"):
        await sent.pin()
    group.promote_bot("can_delete_messages", "can_restrict_members", "can_pin_messages")
    await client.bot.delete_message(group.id, theirs.id)
    assert theirs.deleted
    await client.bot.restrict_chat_member(group.id, bo.id, ChatPermissions.no_permissions())
    with pytest.raises(AssertionError, match="may not write"):
        await bo.send(group, "Hm")
    await client.bot.restrict_chat_member(group.id, bo.id, ChatPermissions.all_permissions())
    await bo.send(group, "Better")
    group.promote_bot()
    cai = tg.person("Cai")
    await cai.open_link(await client.bot.export_chat_invite_link(group.id))
    assert group.has(cai)
    await sent.pin()
    assert [message.text for message in group.pinned] == ["Card"]
    admins = {member.user.id: member.status for member in await client.bot.get_chat_administrators(group.id)}
    assert admins == {alva.id: "creator", tg.bot_id: "administrator"}
    assert (await client.bot.get_chat_member(group.id, bo.id)).status == "member"
    assert (await client.bot.get_chat(group.id)).title == "Park"

    group.restrict_bot()
    with refused("Not enough rights to send text messages to the chat"):
        await client.bot.send_message(group.id, "Hi")
    group.demote_bot()
    group.set_permissions(can_send_photos=False)
    with refused("Not enough rights to send photos to the chat"):
        await client.bot.send_photo(group.id, PNG)
    await client.bot.leave_chat(group.id)
    with refused("bot is not a member of the supergroup chat", Forbidden):
        await client.bot.send_message(group.id, "Hi")


async def test_a_group_moves_to_a_supergroup(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    group = tg.group("Park", [alva], kind="group", with_bot=True)
    await client.updates()
    old = group.id
    new = group.migrate()
    there, here = [update.message for update in await client.updates()]
    assert there is not None
    assert here is not None
    assert (there.chat_id, there.migrate_to_chat_id) == (old, new)
    assert (here.chat_id, here.migrate_from_chat_id) == (new, old)
    with pytest.raises(ChatMigrated) as moved:
        await client.bot.send_message(old, "Hi")
    assert moved.value.new_chat_id == new
    await client.bot.send_message(new, "Hi")
    assert group.id == new
    await group.wait_for_message("Hi")


async def test_forum_topics(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    group = tg.group("Town", [alva], forum=True, with_bot=True)
    topic = group.topic("Trees")
    await alva.send(topic, "/idea@" + tg.bot_username)
    message = (await client.updates())[-1].message
    assert message is not None
    assert (message.message_thread_id, message.is_topic_message) == (topic.id, True)
    sent = await client.bot.send_message(group.id, "Noted", message_thread_id=topic.id)
    assert sent.message_thread_id == topic.id
    assert (await topic.wait_for_message("Noted")).id == sent.message_id
    with refused("Message thread not found"):
        await client.bot.send_message(group.id, "Noted", message_thread_id=99)
    topic.close()
    with refused("TOPIC_CLOSED"):
        await client.bot.send_message(group.id, "Noted", message_thread_id=topic.id)
    with refused("Not enough rights to create a topic"):
        await client.bot.create_forum_topic(group.id, "Bins")
    group.promote_bot()
    made = await client.bot.create_forum_topic(group.id, "Bins")
    await client.bot.send_message(group.id, "Here", message_thread_id=made.message_thread_id)
    assert "#Bins" in group.transcript()


async def test_threads_look_as_telegram_shows_them(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    forum = tg.group("Town", [alva], forum=True, with_bot=True)
    forum.promote_bot()
    topic = forum.topic("Trees")
    await client.updates()
    await alva.send(topic, "No answer to anything")
    message = await client.message()
    assert message.reply_to_message is not None
    assert message.reply_to_message.forum_topic_created is not None

    group = tg.group("Park", [alva], with_bot=True)
    group.promote_bot()
    first = await alva.send(group, "First")
    second = await alva.send(group, "Second", reply_to=first)
    await client.updates()
    await alva.send(group, "Third", reply_to=second)
    message = await client.message()
    assert (message.message_thread_id, message.is_topic_message) == (first.id, None)


async def test_ephemeral_messages(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    bo = tg.person("Bo")
    group = tg.group("Park", [alva, bo], with_bot=True)
    only_bo = {"ephemeral_message_parameters": {"receiver_user_id": bo.id}}
    with refused("Ephemeral messages are not supported"):
        await client.bot.send_message(group.id, "Only you", api_kwargs=only_bo)
    assert tg.violations == []
    tg.support_ephemeral()
    sent = await client.bot.send_message(group.id, "Only you", api_kwargs=only_bo)
    assert (sent.message_id, sent.api_kwargs["receiver_user"]["id"]) == (0, bo.id)
    assert "Only you" in group.transcript(person=bo)
    assert "Only you" not in group.transcript(person=alva)


# What comes out is what others understand


async def test_updates_and_results_fit_other_models(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    """Aiogram parses whatever the emulator says, with no field it does not know but Telegram's own old ones."""
    old_fields = {"all_members_are_administrators", "new_chat_member", "forward_from", "forward_date"}
    await client.updates(
        allowed_updates=["message", "edited_message", "callback_query", *DEFAULT_EXCLUDED, "my_chat_member"]
    )
    bo = tg.person("Bo", last_name="Ek", username="bo_ek")
    small = tg.group("Small", [alva, bo], kind="group", with_bot=True)
    small.migrate()
    forum = tg.group("Town", [alva, bo], forum=True)
    await alva.open_link(f"tg://resolve?domain={tg.bot_username}&startgroup=x&admin=pin_messages", group=forum)
    forum.promote_bot()
    topic = forum.topic("Trees")
    for place in (alva.private, topic):
        first = await alva.send(place, "/idea more trees @bo_ek https://example.com #trees")
        await alva.send(place, "See", photo=PNG, reply_to=first)
        await alva.send(place, document=("plan.pdf", b"%PDF"))
        await alva.send(place, voice=b"Ogg")
        await alva.send(place, sticker="👍")
        await alva.send(place, location=(59.3, 18.1), forward=first)
        await alva.edit(first, "/idea even more trees")
        sent = await client.bot.send_message(
            place.id if place is alva.private else forum.id,
            "<b>A card</b>",
            "HTML",
            reply_markup=BEGIN,
            message_thread_id=None if place is alva.private else topic.id,
        )
        card = tg.chat(sent.chat_id).state.messages[sent.message_id]
        await alva.press(card, "Begin", wait=False)
        await alva.react(card, "👍")
        await client.bot.pin_chat_message(sent.chat_id, sent.message_id)
        await client.bot.get_chat(sent.chat_id)
        await client.bot.delete_message(sent.chat_id, sent.message_id)
        await alva.press_data(card, "late", wait=False)
    forum.kick(bo)
    await client.bot.get_chat_administrators(forum.id)
    forum.restrict_bot()
    await client.bot.get_chat_member(forum.id, tg.bot_id)
    alva.block_bot()
    await client.bot.get_me()
    await client.bot.get_webhook_info()

    assert len(tg.pending_updates) > 30
    for update in tg.pending_updates:
        parsed = aiogram.types.Update.model_validate_json(update.body)
        assert {path.rsplit(".", 1)[-1] for path in extras(parsed)} <= old_fields, update.body
        assert Update.de_json(json.loads(update.body), client.bot).update_id == update.id
    for request in tg.requests:
        method = known_method(request.method)
        assert method is not None
        assert request.ok
        result = TypeAdapter(method.model.__returning__).validate_json(msgspec.json.encode(request.result))
        assert {path.rsplit(".", 1)[-1] for path in extras(result)} <= old_fields, request
    assert tg.violations == []


@given(st.text(), st.data())
async def test_html_means_what_was_meant(text: str, data: st.DataObject) -> None:
    """Aiogram writes the markup, the emulator reads it: entities keep their UTF-16 offsets."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    kinds = st.sampled_from(["bold", "italic", "underline", "strikethrough", "spoiler", "code", "blockquote"])
    entities = [
        {"type": data.draw(kinds), "offset": utf16_len(text[:begin]), "length": utf16_len(text[begin:end])}
        for begin, end in itertools.pairwise(cuts)
    ]
    markup = html_decoration.unparse(text, [aiogram.types.MessageEntity.model_validate(entity) for entity in entities])
    assert parse_html(markup) == (text, entities)
    cleaned, _ = prepare(text, [])
    assert prepare(cleaned, [])[0] == cleaned


# Getting updates


async def test_offsets_confirm(client: Client, alva: Person) -> None:
    for number in range(5):
        await alva.send(alva.private, f"{number}")

    async def texts(offset: int | None = None, limit: int | None = None) -> list[str | None]:
        updates = await client.bot.get_updates(offset, limit, timeout=0)
        return [update.message.text for update in updates if update.message]

    assert await texts(limit=2) == ["0", "1"]
    first = (await client.bot.get_updates(timeout=0))[0].update_id
    assert await texts(offset=first + 2) == ["2", "3", "4"]
    assert await texts() == ["2", "3", "4"]
    assert await texts(offset=-1) == ["4"]
    assert await texts() == ["4"]
    assert await texts(offset=1_999_999_999) == ["4"]


async def test_a_long_poll_waits_and_the_later_poller_wins(client: Client, alva: Person) -> None:
    waiting = asyncio.create_task(client.bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(client.bot.get_updates(timeout=5))
    with refused("terminated by other getUpdates request", Conflict):
        await waiting
    await alva.start()
    assert len(await second) == 1


async def test_allowed_updates_persist(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    bo = tg.person("Bo")
    group = tg.group("Park", [alva], with_bot=True)
    group.promote_bot()
    await client.updates()
    group.join(bo)
    card = await alva.send(group, "A card")
    await bo.react(card, "👍")
    kinds = [update.to_dict().keys() - {"update_id"} for update in await client.updates()]
    assert kinds == [{"message"}, {"message"}]
    await client.updates(allowed_updates=["message_reaction", "chat_member"])
    group.leave(bo)
    await alva.react(card, "🎉")
    kinds = [update.to_dict().keys() - {"update_id"} for update in await client.updates()]
    assert kinds == [{"chat_member"}, {"message_reaction"}]
    assert (await client.bot.get_webhook_info()).allowed_updates == ("chat_member", "message_reaction")
    await client.updates(allowed_updates=[])
    await alva.send(group, "Back to the default")
    assert len(await client.updates()) == 1


async def test_update_ids_may_jump_and_repeat(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    await alva.send(alva.private, "before")
    await client.updates()
    tg.jump_update_ids(to=1000)
    await alva.send(alva.private, "after")
    (after,) = await client.updates()
    assert after.update_id == 1000
    assert await client.updates() == []
    tg.set_chaos(duplicate=1.0)
    await alva.send(alva.private, "twice")
    assert [update.update_id for update in await client.updates()] == [1001, 1001]


class Hook:
    """A webhook receiver that answers what it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.seen: list[dict[str, object]] = []
        self.secrets: list[str] = []
        self.reply: dict[str, object] | None = None

    async def handle(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            return web.Response(status=status)
        self.seen.append(await request.json())
        return web.json_response(self.reply) if self.reply else web.Response()


@contextlib.asynccontextmanager
async def receiver(hook: Hook) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_a_webhook_is_retried_in_order(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    hook = Hook()
    async with receiver(hook) as url:
        with refused("An HTTPS URL must be provided for webhook"):
            await client.bot.set_webhook("http://example.com/hook")
        with refused("secret token contains unallowed characters"):
            await client.bot.set_webhook(url, secret_token="å")
        await client.bot.set_webhook(url, secret_token="s3cret", max_connections=3)
        with refused("can't use getUpdates method while webhook is active", Conflict):
            await client.bot.get_updates()
        hook.statuses = [500, 502]
        for number in range(3):
            await alva.send(alva.private, f"{number}")
        await tg.wait_until_handled()
        assert [update["message"]["text"] for update in hook.seen] == ["0", "1", "2"]  # type: ignore[index]
        assert set(hook.secrets) == {"s3cret"}
        info = await client.bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 502 Bad Gateway"
        assert (info.pending_update_count, info.max_connections) == (0, 3)

        hook.reply = {"method": "sendMessage", "chat_id": alva.id, "text": "Said in the answer"}
        await alva.send(alva.private, "hi")
        await alva.private.wait_for_message("Said in the answer")
        await client.bot.delete_webhook()
        await alva.send(alva.private, "later")
        assert len(await client.updates()) == 1


async def test_what_was_not_confirmed_comes_again(tg: TelegramEmulator, alva: Person) -> None:
    """A bot dies between getting an update and confirming it; another one starts."""
    await alva.send(alva.private, "Do not lose me")
    for _ in range(2):
        async with Client(tg).bot as bot:
            (update,) = await bot.get_updates(timeout=1)
            assert update.message is not None
            assert update.message.text == "Do not lose me"


# Processes of their own


@contextlib.asynccontextmanager
async def process(*options: str) -> AsyncIterator[dict[str, str]]:
    command = (sys.executable, "-m", "tests.peers.telegram", "--port", "0", *options)
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    yield json.loads(await server.stdout.readline())
    server.terminate()
    assert await server.wait() == 0


async def test_people_moved_from_another_process(tg: TelegramEmulator, client: Client) -> None:
    bot = client.bot
    async with ClientSession() as http:

        async def control(operation: str, expected: int = 200, **given: object) -> dict[str, Any]:
            async with http.post(f"{tg.root}/__control__/{operation}", json=given) as answer:
                assert answer.status == expected
                return dict(await answer.json())

        alva = (await control("person", first_name="Alva"))["id"]
        await control("start", person=alva, param="x")
        (start,) = await bot.get_updates(timeout=1)
        await bot.send_message(alva, "Welcome", reply_markup=BEGIN)
        card = await control("wait", chat=alva, contains="Welcome")
        press = asyncio.create_task(control("press", person=alva, message_id=card["message_id"], label="Begin"))
        (update,) = await bot.get_updates(offset=start.update_id + 1, timeout=1)
        assert update.callback_query is not None
        await update.callback_query.answer("Well done")
        assert (await press)["text"] == "Well done"
        missing = await control("wait", 409, chat=alva, contains="Nothing", timeout=0.01)
        assert "[Begin]" in missing["error"]
        assert (await control("state"))["violations"] == []


async def test_load_and_the_fast_server() -> None:
    """A bot that echoes by hand, pushed by the load generator, answering to the fast server."""
    async with process("--lenient", "--note-answers") as server, ClientSession() as http:

        async def echo(request: web.Request) -> web.Response:
            update = await request.json()
            if press := update.get("callback_query"):
                answer = {"callback_query_id": press["id"]}
                await http.post(f"{server['base_url']}{server['token']}/answerCallbackQuery", data=answer)
            else:
                said = {"chat_id": update["message"]["chat"]["id"], "text": update["message"]["text"]}
                await http.post(f"{server['base_url']}{server['token']}/sendMessage", json=said)
            return web.Response()

        hook = Hook()
        hook.handle = echo  # type: ignore[method-assign]
        async with receiver(hook) as url:
            updates = [*messages(200, people=10), *(press_update(1000 + n, n, "vote") for n in range(50))]
            load = WebhookLoad(updates, url, concurrency=4)
            result = await load.run(answered=counts_of(server["root"]), expect=250, timeout=10)
        assert (result.sent, result.answered, result.refused, result.given_up) == (250, 250, 0, 0)
        assert result.events_per_second > 0
        assert result.p99 >= result.p50 > 0
        async with http.get(f"{server['root']}/__control__/answered") as answer:
            assert len(await answer.json()) == 50
    async with FastServer() as fast, Bot(fast.token, base_url=fast.base_url) as bot:
        fast.updates.push("message", message_update(0, 1, "/start")["message"], 0)
        (update,) = await bot.get_updates(timeout=1)
        assert update.message is not None
        sent = await bot.send_message(update.message.chat_id, "Hi")
        edited = await sent.edit_text("Hello")
        assert isinstance(edited, Message)
        assert edited.message_id == sent.message_id
        assert fast.accepted("sendMessage", "editMessageText") == 2


# What the bot says of itself


async def test_commands_by_scope_and_language(client: Client, alva: Person, tg: TelegramEmulator) -> None:
    await alva.start()
    group = tg.group("Park", [alva], with_bot=True)
    bot = client.bot
    await bot.set_my_commands([BotCommand("start", "Begin")])
    await bot.set_my_commands([BotCommand("borja", "Börja")], language_code="sv")
    await bot.set_my_commands([BotCommand("vote", "Vote")], scope=BotCommandScopeAllGroupChats())
    assert (alva.commands(), alva.commands(group)) == (["borja"], ["vote"])
    await bot.set_my_commands([BotCommand("mine", "Mine")], scope=BotCommandScopeChat(alva.id))
    assert alva.commands() == ["mine"]
    await bot.delete_my_commands(scope=BotCommandScopeChat(alva.id))
    assert [command.command for command in await bot.get_my_commands(language_code="sv")] == ["borja"]
    with refused("BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand("Börja", "Börja")])
    await bot.set_my_name("Byalag")
    await bot.set_my_short_description("Talk with your town", language_code="sv")
    assert (await bot.get_my_name()).name == "Byalag"
    assert tg.violations == []


async def test_reactions_and_actions(client: Client, alva: Person) -> None:
    message = await alva.send(alva.private, "An idea")
    await client.bot.set_message_reaction(alva.id, message.id, [ReactionTypeEmoji("👍")])
    with refused("REACTION_INVALID"):
        await client.bot.set_message_reaction(alva.id, message.id, [ReactionTypeEmoji("🧇")])
    await client.bot.send_chat_action(alva.id, "typing")
    assert "👍" in alva.private.transcript()
    assert alva.private.state.actions == ["typing"]


# Trouble


async def test_faults(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    await alva.start()
    tg.fault("sendMessage", status=429, retry_after=7, times=1, chat_id=alva.id)
    with pytest.raises(RetryAfter) as wait:
        await client.bot.send_message(alva.id, "Hi")
    assert wait.value.retry_after == timedelta(seconds=7)
    tg.fault("sendMessage", status=502)
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await client.bot.send_message(alva.id, "Hi")
    tg.drop_request("sendMessage")
    with pytest.raises(NetworkError):
        await client.bot.send_message(alva.id, "Lost on the way there")
    tg.drop_reply("sendMessage")
    with pytest.raises(NetworkError):
        await client.bot.send_message(alva.id, "Lost on the way back")
    assert [message.text for message in alva.private.bot_messages] == ["Lost on the way back"]
    tg.drip("sendMessage", 0.0001)
    await client.bot.send_message(alva.id, "Dripping")
    tg.delay("sendMessage", 0.3, times=1)
    with pytest.raises(TelegramError, match="Timed out"):
        await client.bot.send_message(alva.id, "Slow", read_timeout=0.1)
    await alva.private.wait_for_message("Slow")
    await tg.pause()
    with pytest.raises(NetworkError):
        await client.bot.send_message(alva.id, "Nobody there")
    await tg.resume()
    await client.bot.send_message(alva.id, "Here again")
    assert [request.ok for request in tg.calls("sendMessage")][-1]
    assert tg.violations == []


async def test_limits() -> None:
    async with TelegramEmulator(limits=True) as tg, Client(tg).bot as bot:
        alva = tg.person("Alva", started=True)
        for _ in range(5):
            await bot.send_message(alva.id, "Hi")
        with pytest.raises(RetryAfter) as wait:
            await bot.send_message(alva.id, "Hi")
        assert wait.value.retry_after == timedelta(seconds=1)
        assert tg.flood_violations == 1


async def test_what_no_client_should_do_is_noted(tg: TelegramEmulator, client: Client, alva: Person) -> None:
    await alva.start()
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=tg.base_url):
            pass
    async with ClientSession() as http:

        async def call(method: str, **params: object) -> tuple[int, str]:
            async with http.post(f"{tg.base_url}{tg.token}/{method}", json=params) as answer:
                return answer.status, str((await answer.json()).get("description"))

        assert await call("sendMesage", chat_id=1) == (404, "Not Found: method not found")
        assert (await call("sendMessage", chat_id=alva.id, txt="Hi"))[0] == 400
        status, said = await call("sendMessage", chat_id=alva.id, text="Hi", colour="red")
        assert (status, said) == (400, "Bad Request: unknown parameters of sendMessage: colour")
        markup = {"inline_keyboard": [[{"text": "A", "callback_dta": "a"}]]}
        status, said = await call("sendMessage", chat_id=alva.id, text="Hi", reply_markup=markup)
        assert (status, "reply_markup.inline_keyboard.0.0.callback_dta" in said) == (400, True)
        assert (await call("sendDice", chat_id=alva.id))[0] == 400
        assert (await call("sendMessage", chat_id=alva.id, text="Hi", message_effect_id="1"))[0] == 400
        assert (await call("sendMessage", chat_id="x", text=5))[0] == 400
        form = {"chat_id": str(alva.id), "text": "As a form", "reply_markup": '{"inline_keyboard":[]}'}
        async with http.post(f"{tg.base_url}{tg.token}/sendmessage", data=form) as answer:
            assert answer.status == 200
        async with http.get(f"{tg.base_url}{tg.token}/getMe") as answer:
            assert (await answer.json())["result"]["username"] == tg.bot_username
    assert len(tg.violations) == 7


# People


async def test_waiting_finds_what_is_new(client: Client, alva: Person) -> None:
    chat = alva.private
    await alva.send(chat, "1")
    await client.bot.send_message(alva.id, "Question one", reply_markup=BEGIN)
    await client.bot.send_message(alva.id, "Menu")
    await chat.wait_for_message("Menu")
    await alva.send(chat, "2")
    with pytest.raises(AssertionError, match="no message with contains='Question'") as missing:
        await chat.wait_for_message("Question", timeout=0.05)
    assert "[Begin]" in str(missing.value)
    await client.bot.send_message(alva.id, "B")
    await client.bot.send_message(alva.id, "A")
    assert (await chat.wait_for_message("A")).text == "A"
    assert (await chat.wait_for_message("B")).text == "B"
    await chat.quiet(0.05)
    assert (await chat.wait_for_message("Question", since=0)).labels == ["Begin"]
    with contextlib.suppress(BadRequest):
        await client.bot.send_message(alva.id, "<b>")
        await client.bot.send_message(alva.id, "<b>", "HTML")
    with pytest.raises(AssertionError, match="The server refused:\nsendMessage: Bad Request: can't parse entities"):
        await chat.wait_for_message("Never", timeout=0.01)
    keys = ReplyKeyboardMarkup([["Yes", "No"]])
    await client.bot.send_message(alva.id, "Shall we?", reply_markup=keys)
    assert chat.keyboard == ["Yes", "No"]
    await alva.send(chat, "long " * 1000)
    await client.updates()
    assert [len(message.body) for message in chat.messages[-2:]] == [4096, 903]
    with pytest.raises(AssertionError, match="no button 'End'"):
        await alva.press(chat.find("Question") or chat.last, "End")
    with pytest.raises(AssertionError, match="Telegram does not open links"):
        await alva.open_link("https://t.me/example_bot?start=" + "x" * 65)
