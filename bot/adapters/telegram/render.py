"""From our messages to Telegram's: pure, and without the chat's id or the bot's name, which `send` puts in.

Rules
-----
* Whatever people wrote is escaped; the only markup is ours: <b> for titles, <blockquote> for quotes, <i> for small.
* Nothing is refused for its length: the longest paragraph gives way, and what no caption holds follows as a message.
* A link into the bot is written without its name (``https://t.me/?start=…``), so that a rendering needs no network.
"""

from __future__ import annotations

import html
import mimetypes
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bot.adapters.telegram.words import clean, cut, units
from bot.chat.content import Attachment, BlockKind, LocalChoice, LocalMessage, Words
from bot.chat.fitting import fit
from bot.chat.keys import RoomKey

TEXT, CAPTION, LABEL, DATA, START, NAME = 4096, 1024, 64, 64, 64, 60
LONG_QUOTE = 600
MOST_BUTTONS, MOST_IN_A_ROW = 100, 8
PICTURES = {"image/png", "image/jpeg"}
MOST_PICTURE = 10 << 20
NAMELESS = b'"url":"https://t.me/?start'
"""How a nameless link stands in a rendering: no text can contain it, since quotes in texts are escaped."""

_TAGS: dict[BlockKind, tuple[str, str]] = {
    "title": ("<b>", "</b>"),
    "text": ("", ""),
    "quote": ("<blockquote>", "</blockquote>"),
    "small": ("<i>", "</i>"),
}
_EXPANDABLE = "<blockquote expandable>"
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f"\\/:*?<>|]+')

Json = dict[str, Any]


class Upload(msgspec.Struct, frozen=True, array_like=True):
    """A file that goes along, as the field of this name."""

    field: str
    name: str
    mime: str
    data: bytes


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request: its method and parameters, all but the chat. `edits` is the message that it changes.

    `only_for` is whom an ephemeral message is for.
    """

    method: str
    params: msgspec.Raw
    edits: str = ""
    upload: Upload | None = None
    only_for: int = 0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[Call, ...])


def read(rendered: bytes) -> tuple[Call, ...]:
    """Give the requests that make up a rendered message: one, or two where the words do not fit under a picture."""
    return _decoder.decode(rendered)


def render(room: RoomKey, message: LocalMessage) -> bytes:
    """Write a message as requests to the Bot API."""
    return _encoder.encode(tuple(_calls(room, message)))


def is_group(room: RoomKey) -> bool:
    """Tell whether a room is a group: Telegram gives those negative ids."""
    return room.room.startswith("-")


def _calls(room: RoomKey, message: LocalMessage) -> Iterator[Call]:
    group = is_group(room)
    choices, links = _keyboard(message.choices)
    blocks = [(block.kind, text) for block in message.blocks if (text := clean(block.text).strip())]
    blocks += [("text", link) for link in links]
    markup: Json = {"reply_markup": {"inline_keyboard": choices}} if choices else {}
    if message.attachment is None and (edited := _edited(message.replaces)):
        yield Call(edited.pop("method"), _raw(edited | _text(blocks) | markup), edits=message.replaces)
        return
    if message.attachment is not None and message.same_attachment and message.replaces.isdecimal():
        caption, _fits = _caption(blocks, message.attachment.alt)
        yield Call(
            "editMessageCaption", _raw({"message_id": int(message.replaces)} | caption | markup), edits=message.replaces
        )
        return
    if not choices and message.awaits and group:
        markup = {"reply_markup": {"force_reply": True, "selective": True}}
    how = _how(message)
    only_for = int(message.only_for) if group and message.only_for.isdecimal() else 0
    if message.attachment is not None:
        upload = _upload(message.attachment)
        method = "sendPhoto" if upload.field == "photo" else "sendDocument"
        caption, fits = _caption(blocks, message.attachment.alt)
        yield Call(method, _raw(caption | how | (markup if fits else {})), upload=upload, only_for=only_for)
        if fits:
            return
        how.pop("reply_parameters", None)
    yield Call("sendMessage", _raw(_text(blocks) | how | markup), only_for=only_for)


def _raw(params: Json) -> msgspec.Raw:
    return msgspec.Raw(_encoder.encode(params))


def _edited(replaces: str) -> Json:
    """Say which message to edit, and how; nothing if there is none."""
    person, tilde, number = replaces.rpartition("~")
    if tilde and person.isdecimal() and number.isdecimal():
        return {
            "method": "editEphemeralMessageText",
            "receiver_user_id": int(person),
            "ephemeral_message_id": int(number),
        }
    return {"method": "editMessageText", "message_id": int(replaces)} if replaces.isdecimal() else {}


def _how(message: LocalMessage) -> Json:
    how: Json = {}
    if message.reply_to.isdecimal():
        how["reply_parameters"] = {"message_id": int(message.reply_to), "allow_sending_without_reply": True}
    if message.silent:
        how["disable_notification"] = True
    return how


# Words


def _text(blocks: Sequence[tuple[BlockKind, str]]) -> Json:
    return {
        "text": _html(blocks, TEXT) or "…",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _caption(blocks: Sequence[tuple[BlockKind, str]], alternative: Words) -> tuple[Json, bool]:
    """Write the words under a picture or file; if they do not fit (False), its alternative text alone."""
    alt = clean(alternative).strip() if isinstance(alternative, str) else ""
    said = "\n".join(text for _, text in blocks)
    whole = [*blocks, ("small", alt)] if alt and alt not in said else list(blocks)
    for tried in (whole, list(blocks)):
        if _length(tried) <= CAPTION:
            return _captioned(tried), True
    return _captioned([("small", alt)] if alt else []), False


def _captioned(blocks: Sequence[tuple[BlockKind, str]]) -> Json:
    return {"caption": _html(blocks, CAPTION), "parse_mode": "HTML"} if blocks else {}


def _length(blocks: Sequence[tuple[BlockKind, str]]) -> int:
    return sum(units(text) + 2 for _, text in blocks)


def _html(blocks: Sequence[tuple[BlockKind, str]], most: int) -> str:
    """Write paragraphs with a blank line between them; a title has its text right below."""
    written: list[str] = []
    kinds = [kind for kind, _ in blocks]
    between = ""
    for kind, text in zip(kinds, fit([text for _, text in blocks], most - 2 * len(blocks), units, cut), strict=False):
        opening, closing = _TAGS[kind]
        if kind == "quote" and units(text) > LONG_QUOTE:
            opening = _EXPANDABLE
        written += (between, opening, html.escape(text, quote=False), closing)
        between = "\n" if kind == "title" else "\n\n"
    return "".join(written)


# Buttons


def _keyboard(rows: Sequence[Sequence[LocalChoice]]) -> tuple[list[list[Json]], list[str]]:
    """Make the rows of buttons, and the lines of text for links that Telegram does not put on a button."""
    keyboard: list[list[Json]] = []
    lines: list[str] = []
    left = MOST_BUTTONS
    for row in rows:
        buttons: list[Json] = []
        for choice in row:
            if choice.url and not _can_be_opened(choice.url):
                lines.append(f"{clean(choice.label)}: {clean(choice.url)}")
            elif button := _button(choice):
                buttons.append(button)
        buttons = buttons[:left]
        left -= len(buttons)
        keyboard += [buttons[start : start + MOST_IN_A_ROW] for start in range(0, len(buttons), MOST_IN_A_ROW)]
    return keyboard, lines


def _button(choice: LocalChoice) -> Json:
    """Make a button; nothing of a choice that is only there to be typed."""
    label = cut(clean(choice.label).strip(), LABEL) or "…"
    if choice.data:
        if len(choice.data.encode()) > DATA:
            raise ValueError("the data of a button must fit 64 bytes")
        return {"text": label, "callback_data": choice.data}
    if choice.start:
        return {"text": label, "url": deep_link("", choice.start, group=choice.group)}
    return {"text": label, "url": choice.url} if choice.url else {}


def deep_link(name: str, start: str, *, group: bool = False) -> str:
    """Give the address that opens the private room with a payload, or lets one pick a group."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
        raise ValueError("a link's payload has 1 to 64 of A-Z, a-z, 0-9, _ and -")
    return f"https://t.me/{name}?{'startgroup' if group else 'start'}={start}"


def _can_be_opened(url: str) -> bool:
    """Tell whether Telegram takes a link: a public address, or its own."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    public = parts.scheme in {"http", "https"} and "." in host and not re.search(r"[\s<>\"\\]", url)
    return public or parts.scheme == "tg"


# Files


def _upload(attachment: Attachment) -> Upload:
    picture = attachment.kind == "picture" and attachment.mime in PICTURES and len(attachment.data) <= MOST_PICTURE
    mime = attachment.mime if re.fullmatch(r"[\w.+-]+/[\w.+-]+", attachment.mime) else "application/octet-stream"
    name = _file_name(attachment.name, mime)
    return Upload("photo" if picture else "document", name, mime, attachment.data)


def _file_name(name: str, mime: str) -> str:
    """Give a name that leads nowhere and fits on a line."""
    plain = _UNSAFE_IN_NAMES.sub("_", clean(name.replace("\\", "/").rpartition("/")[2])).strip(" ._")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > NAME // 4:
        return cut(plain, NAME).replace("…", "") or f"file{mimetypes.guess_extension(mime) or ''}"
    return f"{cut(stem, NAME).replace('…', '')}.{ending}"
