"""Edits, deletions, reactions, pins, and answers to presses."""

from __future__ import annotations

from typing import Any

from . import render
from .access import chat_of, flood, message_of, need
from .core import Core
from .entities import checked_url
from .errors import bad_request
from .keyboards import require_inline
from .sending import document_of, photo_of
from .state import Message
from .texts import caption_of, text_of
from .validation import Params

DELETE_WINDOW = 48 * 3600
MAX_CALLBACK_TEXT = 200
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
REACTIONS = frozenset(
    [
        "👍",
        "👎",
        "❤",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "❤\u200d🔥",
        "🌚",
        "🌭",
        "💯",
        "🤣",
        "⚡",
        "🍌",
        "🏆",
        "💔",
        "🤨",
        "😐",
        "🍓",
        "🍾",
        "💋",
        "🖕",
        "😈",
        "😴",
        "😭",
        "🤓",
        "👻",
        "👨\u200d💻",
        "👀",
        "🎃",
        "🙈",
        "😇",
        "😨",
        "🤝",
        "✍",
        "🤗",
        "🫡",
        "🎅",
        "🎄",
        "☃",
        "💅",
        "🤪",
        "🗿",
        "🆒",
        "💘",
        "🙉",
        "🦄",
        "😘",
        "💊",
        "🙊",
        "😎",
        "👾",
        "🤷\u200d♂",
        "🤷",
        "🤷\u200d♀",
        "😡",
    ]
)


async def edit_message_text(core: Core, params: Params) -> Any:
    text, entities = text_of(core, params)
    message = _to_edit(core, params)
    if not message.text:
        raise bad_request("there is no text in the message to edit")
    preview = params.get("link_preview_options")
    return _edit(core, params, message, {"text": text, "entities": entities, "link_preview": preview})


async def edit_message_caption(core: Core, params: Params) -> Any:
    caption, entities = caption_of(core, params)
    message = _to_edit(core, params)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    return _edit(core, params, message, {"caption": caption, "caption_entities": entities})


async def edit_message_reply_markup(core: Core, params: Params) -> Any:
    return _edit(core, params, _to_edit(core, params), {})


async def edit_message_media(core: Core, params: Params) -> Any:
    media = params["media"]
    if media["type"] not in {"photo", "document"}:
        raise core.unsupported(f"editMessageMedia with {media['type']}")
    message = _to_edit(core, params)
    caption, entities = caption_of(core, media)
    if media["type"] == "photo":
        new: Params = {"photo": render.photo_json(photo_of(core, media["media"], params))}
    else:
        new = {"document": render.document_json(document_of(core, media["media"], params))}
    content = {"media": new, "caption": caption, "caption_entities": entities, "text": "", "entities": []}
    return _edit(core, params, message, content)


def _to_edit(core: Core, params: Params) -> Message:
    if params.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = chat_of(core, params.get("chat_id"))
    message = message_of(core, chat, params.get("message_id"), "message to edit")
    window = core.settings.edit_window
    too_old = window and core.world.clock() - message.date > window
    if message.sender is not core.bot or message.forward_from or message.service or too_old:
        raise bad_request("message can't be edited")
    return message


def _edit(core: Core, params: Params, message: Message, content: Params) -> Any:
    """An edit without reply_markup takes the keyboard away, as with Telegram."""
    markup = require_inline(params.get("reply_markup"))
    same = message.markup == markup and all(getattr(message, name) == value for name, value in content.items())
    if core.settings.strict and same:
        raise bad_request(NOT_MODIFIED)
    flood(core, message.chat)
    if content:
        message.history.append(message.body)
    for name, value in content.items():
        setattr(message, name, value)
    message.markup = markup
    message.edit_date = core.world.now()
    core.see("edited", message)
    return render.message_json(message)


async def delete_message(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    _delete(core, message_of(core, chat, params.get("message_id"), "message to delete"))
    return True


async def delete_messages(core: Core, params: Params) -> Any:
    """Those that are not there are passed over."""
    chat = chat_of(core, params.get("chat_id"))
    if not 1 <= len(params["message_ids"]) <= 100:
        raise bad_request("message identifiers are not specified")
    for message_id in params["message_ids"]:
        message = chat.messages.get(message_id)
        if message is not None and not message.deleted:
            _delete(core, message)
    return True


def _delete(core: Core, message: Message) -> None:
    chat = message.chat
    own = message.sender is core.bot or chat.type == "private"
    if not own and not chat.member(core.bot).can("can_delete_messages"):
        raise bad_request("message can't be deleted")
    old = core.world.clock() - message.date > DELETE_WINDOW
    if old and not chat.member(core.bot).can("can_delete_messages"):
        raise bad_request("message can't be deleted")
    message.deleted = True
    core.see("deleted", message)


async def answer_callback_query(core: Core, params: Params) -> Any:
    """Once, and soon."""
    callback = core.callbacks.get(str(params.get("callback_query_id")))
    if not core.settings.strict:
        return True
    text = params.get("text") or ""
    late = callback is None or core.clock() - callback.made > core.settings.callback_lifetime
    if callback is None or late or callback.answer is not None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(text) > MAX_CALLBACK_TEXT:
        raise bad_request("MESSAGE_TOO_LONG")
    url = params.get("url") or ""
    if url and not _may_open(core, url):
        raise bad_request("URL_INVALID")
    callback.answer = {"text": text, "show_alert": bool(params.get("show_alert")), "url": url}
    core.changed()
    return True


def _may_open(core: Core, url: str) -> bool:
    """A press may open the bot itself with a start parameter, or one of its games; nothing else."""
    link = checked_url(url).split("://", 1)[-1].lower()
    name = core.bot.username.lower()
    return link.startswith((f"t.me/{name}?start=", f"telegram.me/{name}?start="))


async def set_message_reaction(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    message = message_of(core, chat, params.get("message_id"), "message to react")
    given = params.get("reaction") or []
    if len(given) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emojis = [reaction.get("emoji", "") for reaction in given if reaction["type"] == "emoji"]
    if len(emojis) != len(given) or any(emoji not in REACTIONS for emoji in emojis):
        raise bad_request("REACTION_INVALID")
    message.reactions[core.bot.id] = emojis
    core.changed()
    return True


async def pin_chat_message(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    message = message_of(core, chat, params.get("message_id"), "message to pin")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        core.service_message(chat, core.bot, pinned_message=message)
    return True


async def unpin_chat_message(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    message_id = int(params["message_id"]) if params.get("message_id") else chat.pinned[-1] if chat.pinned else 0
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    core.changed()
    return True


async def unpin_all_chat_messages(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    chat.pinned.clear()
    return True
