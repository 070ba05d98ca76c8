"""sendMessage, sendPhoto, sendDocument, forwardMessage, copyMessage, sendChatAction."""

from __future__ import annotations

import struct
from typing import Any

from . import render
from .access import chat_of, flood, may_send, message_of, reply_of, thread_of
from .core import Core
from .errors import ApiError, bad_request
from .keyboards import inline_markup, other_markup
from .state import Chat, Message, StoredFile
from .texts import caption_of, text_of
from .validation import Params, Upload

MAX_PHOTO = 10 << 20
MAX_FILE = 50 << 20
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


async def send_message(core: Core, params: Params) -> Any:
    text, entities = text_of(core, params)
    content = {"text": text, "entities": entities, "link_preview": params.get("link_preview_options")}
    return deliver(core, params, "text messages", content)


async def send_photo(core: Core, params: Params) -> Any:
    caption, entities = caption_of(core, params)
    media = {"photo": render.photo_json(photo_of(core, params.get("photo"), params))}
    return deliver(core, params, "photos", {"media": media, "caption": caption, "caption_entities": entities})


async def send_document(core: Core, params: Params) -> Any:
    caption, entities = caption_of(core, params)
    media = {"document": render.document_json(document_of(core, params.get("document"), params))}
    return deliver(core, params, "documents", {"media": media, "caption": caption, "caption_entities": entities})


def deliver(core: Core, params: Params, what: str, content: Params) -> Any:
    """Checks common to everything that is sent, then the message stands in the chat."""
    markup = params.get("reply_markup")
    inline, other = inline_markup(markup), other_markup(markup)
    chat = chat_of(core, params.get("chat_id"))
    ephemeral = ephemeral_of(core, chat, params)
    may_send(core, chat, what)
    content |= {
        "thread_id": thread_of(core, chat, params),
        "reply_to": reply_of(core, chat, params),
        "markup": inline,
        "keyboard": other,
        "silent": bool(params.get("disable_notification")),
        "protected": bool(params.get("protect_content")),
    }
    if content["reply_to"] is not None and content["thread_id"] is None:
        content["thread_id"] = content["reply_to"].thread_id
    flood(core, chat)
    return render.message_json(put(core, chat, content, ephemeral))


def put(core: Core, chat: Chat, content: Params, ephemeral: Params | None = None) -> Message:
    """The bot's message appears."""
    if ephemeral:
        number = max(chat.ephemerals, default=0) + 1
        receiver = core.world.users[int(ephemeral["receiver_user_id"])]
        message = Message(0, chat, core.bot, core.world.now(), ephemeral_for=receiver, ephemeral_id=number, **content)
        chat.ephemerals[number] = message
    else:
        message = core.world.new_message(chat, core.bot, **content)
        chat.last_bot_id = core.bot.id
    core.see("sent", message)
    return message


def ephemeral_of(core: Core, chat: Chat, params: Params) -> Params | None:
    """The ephemeral parameters to honour; refused by default, as by servers before Bot API 10.2."""
    given = params.get("ephemeral_message_parameters")
    if given is None and params.get("receiver_user_id"):
        given = {"receiver_user_id": params["receiver_user_id"]}
    if not given or core.ephemeral == "ignore":
        return None
    if core.ephemeral == "refuse":
        raise bad_request("ephemeral messages are not supported")
    if chat.type == "private":
        raise bad_request("ephemeral messages can be sent to groups and supergroups only")
    if not chat.member(core.world.users.get(int(given["receiver_user_id"]), core.bot)).present:
        raise bad_request("USER_NOT_PARTICIPANT")
    return dict(given)


async def send_chat_action(core: Core, params: Params) -> Any:
    if params.get("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = chat_of(core, params.get("chat_id"))
    thread_of(core, chat, params)
    chat.actions.append(params["action"])
    return True


async def forward_message(core: Core, params: Params) -> Any:
    origin, chat = _origin(core, params, "message to forward")
    if origin.protected or origin.service:
        raise bad_request("message can't be forwarded")
    content = _content(origin) | {"forward_from": origin, "thread_id": thread_of(core, chat, params)}
    flood(core, chat)
    return render.message_json(put(core, chat, content))


async def copy_message(core: Core, params: Params) -> Any:
    origin, chat = _origin(core, params, "message to copy")
    if origin.protected or origin.service:
        raise bad_request("message can't be copied")
    content = _content(origin)
    if "caption" in params and origin.media:
        content["caption"], content["caption_entities"] = caption_of(core, params)
    content |= {
        "thread_id": thread_of(core, chat, params),
        "reply_to": reply_of(core, chat, params),
        "markup": inline_markup(params.get("reply_markup")),
        "silent": bool(params.get("disable_notification")),
        "protected": bool(params.get("protect_content")),
    }
    flood(core, chat)
    return {"message_id": put(core, chat, content).id}


def _origin(core: Core, params: Params, role: str) -> tuple[Message, Chat]:
    source = chat_of(core, params.get("from_chat_id"), "read")
    origin = message_of(core, source, params.get("message_id"), role)
    chat = chat_of(core, params.get("chat_id"))
    may_send(core, chat, "text messages" if origin.text else "documents" if "document" in origin.media else "photos")
    return origin, chat


def _content(origin: Message) -> Params:
    return {
        "text": origin.text, "entities": origin.entities, "media": origin.media,
        "caption": origin.caption, "caption_entities": origin.caption_entities,
    }  # fmt: skip


# Files


def photo_of(core: Core, given: Any, params: Params) -> StoredFile:
    """An upload, or the id of a stored photo."""
    upload = _given_file(core, given, params, "photo")
    if isinstance(upload, StoredFile):
        return upload
    if len(upload.data) > MAX_PHOTO:
        raise bad_request("file is too big")
    width, height = image_size(upload.data) if core.settings.strict else (90, 90)
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return core.world.store_file(upload.data, "photo.jpg", "image/jpeg", "photos", width, height)


def document_of(core: Core, given: Any, params: Params) -> StoredFile:
    upload = _given_file(core, given, params, "document")
    if isinstance(upload, StoredFile):
        return upload
    return core.world.store_file(upload.data, upload.name, upload.mime, "documents")


def _given_file(core: Core, given: Any, params: Params, what: str) -> Upload | StoredFile:
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get(given.removeprefix("attach://"))
    if isinstance(given, Upload):
        if not given.data:
            raise bad_request("file must be non-empty")
        if len(given.data) > MAX_FILE:
            raise ApiError(413, "Request Entity Too Large")
        return given
    if not given:
        raise bad_request(f"there is no {what} in the request")
    stored = core.world.files.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if (what == "photo") != (stored.width > 0):
        raise bad_request(f"type of file mismatch: can't use this file as {what}")
    return stored


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG, JPEG or WebP picture, else the server's refusal."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return int(width), int(height)
    if data[:2] == b"\xff\xd8":
        position = 2
        while position + 9 < len(data) and data[position] == 0xFF:
            marker, size = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
            if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
                height, width = struct.unpack(">HH", data[position + 5 : position + 9])
                return int(width), int(height)
            position += 2 + size
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return 512, 512
    raise bad_request("IMAGE_PROCESS_FAILED")
