"""From our messages to Matrix's: pure, and without what depends on the room, which `send` puts in.

Rules
-----
* Whatever people wrote is escaped; the only markup is ours: <strong> for titles, <blockquote> for quotes, <em> for
  small, and a numbered list of the choices. The plain body says all of it by itself.
* Nothing is refused for its length: the longest paragraph gives way, so that an event, encrypted and as an edit (which
  holds its words twice), stays within 65,536 bytes.
* A choice has a number, or a letter where a number is an answer. It may be pressed as a reaction: with the sign its
  label begins with, or that of its number. The message carries the choices' keys and signed data, so that a press is
  understood as long as the message is there.
* What leads elsewhere is a link below, without a number: numbers are for what can be chosen here.
"""

from __future__ import annotations

import html
import mimetypes
import re
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from bot.adapters.matrix.relations import CHOICES, POLL, folded
from bot.adapters.matrix.words import clean, cut, size
from bot.chat.content import Attachment, BlockKind, LocalChoice, LocalMessage, typed_as
from bot.chat.fitting import fit
from bot.chat.keys import RoomKey

Json = dict[str, Any]

MOST_WRITTEN = 21_000
"""Bytes of body and formatted body together."""
MOST_PARAGRAPHS = 9_000
LABEL, URL, NAME, ALT = 120, 500, 100, 400
MOST_REACTIONS = 9
MOST_ANSWERS, MOST_QUESTION = 20, 2000
SELF_THUMBNAIL = 300_000
NOT_TYPED = re.compile(r"\s")

_TAGS: dict[BlockKind, tuple[str, str]] = {
    "title": ("<p><strong>", "</strong></p>"),
    "text": ("<p>", "</p>"),
    "quote": ("<blockquote><p>", "</p></blockquote>"),
    "small": ("<p><em>", "</em></p>"),
}
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f"\\/:*?<>|]+')
_TEXT = "org.matrix.msc1767.text"
_OWN_NUMBER = re.compile(r"([0-9]{1,6})\. (.+)")
_SIGN = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")


class Upload(msgspec.Struct, frozen=True, array_like=True):
    """A file that goes along."""

    name: str
    mime: str
    data: bytes


class Rendered(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message, all but where it goes. `reactions` are what the bot puts there first."""

    content: msgspec.Raw
    edits: str = ""
    reply_to: str = ""
    only_for: str = ""
    reactions: tuple[str, ...] = ()
    upload: Upload | None = None
    pinned: bool = False
    asks: bool = False
    """Whether what is typed next may answer it."""
    kind: str = "m.room.message"
    start: str = ""
    """A payload that brings whom it is for to the private room."""


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Rendered)


def read(rendered: bytes) -> Rendered:
    """Give what `render` wrote."""
    return _decoder.decode(rendered)


def address_of(user: str) -> str:
    """Give the web address that leads to somebody, or to a room."""
    return f"https://matrix.to/#/{quote(user, safe='@:!#')}"


def address(user: str, room: str) -> str:
    """Give the web address of a room, by way of the bot's own server."""
    return f"{address_of(room)}?via={quote(user.partition(':')[2])}"


def link(user: str, start: str, *, group: bool = False) -> str:
    """Tell how to bring a payload to the bot: no link can, so it says where to go, and what to write there."""
    return f"/invite {user} → !start {start}" if group else f"{address_of(user)} → !start {start}"


def render(user: str, room: RoomKey, message: LocalMessage) -> bytes:  # noqa: ARG001 (the same for every room)
    """Write a message; `user` is the bot's account, for links."""
    offered = [choice for row in message.choices for choice in row]
    choices = [choice for choice in offered if choice.data]
    links = [choice for choice in offered if not choice.data and (choice.url or choice.start)]
    starts = [choice for choice in links if choice.start and not choice.group and message.only_for]
    if len(starts) == 1:
        links.remove(starts[0])
    attachment = message.attachment
    blocks = [(block.kind, text) for block in message.blocks if (text := clean(block.text).strip())]
    content: Json = {"msgtype": "m.notice" if message.silent else "m.text"}
    upload: Upload | None = None
    if attachment is not None:
        upload = _upload(attachment)
        alt = clean(attachment.alt).strip() if isinstance(attachment.alt, str) else ""
        if alt and all(alt not in text for _, text in blocks):
            blocks.append(("small", cut(alt, ALT)))
        content = {"msgtype": "m.image" if attachment.kind == "picture" else "m.file", "filename": upload.name}
        content["info"] = _info(attachment, upload)
    keys = keys_of(choices, letters=message.letters)
    content |= _written(user, blocks or [("text", "…")], choices, links, letters=message.letters)
    pairs = [
        [key, choice.data]
        for number, (sign, choice) in enumerate(zip(keys, choices, strict=True), 1)
        for key in dict.fromkeys((sign, *_typed(number, letters=message.letters), folded(clean(choice.label))))
    ]
    if pairs:
        content[CHOICES] = pairs
    poll = message.poll and 1 < len(choices) <= MOST_ANSWERS and not message.replaces
    if poll:
        content = _poll(content, [text for _, text in blocks], choices)
    content["m.mentions"] = {"user_ids": [message.only_for]} if message.only_for else {}
    return _encoder.encode(
        Rendered(
            msgspec.Raw(_encoder.encode(content)), message.replaces, message.reply_to, message.only_for,
            () if poll else tuple(keys[:MOST_REACTIONS]), upload, message.pinned, bool(choices) or message.awaits,
            POLL if poll else "m.room.message", starts[0].start if len(starts) == 1 else "",
        )
    )  # fmt: skip


def _poll(content: Json, words: Sequence[str], choices: Sequence[LocalChoice]) -> Json:
    """Make a poll of a message: its body, which stands alone, is for apps that know no polls."""
    answers = [{"id": str(number), _TEXT: _label(choice)} for number, choice in enumerate(choices, 1)]
    asked = {_TEXT: cut("\n".join(words), MOST_QUESTION), "msgtype": "m.text"}
    asked["body"] = asked[_TEXT]
    poll = {"kind": "org.matrix.msc3381.poll.disclosed", "max_selections": 1, "question": asked, "answers": answers}
    return {_TEXT: content["body"], "body": content["body"], CHOICES: content[CHOICES], POLL: poll}


# Choices


def _sign(number: int, *, letters: bool = False) -> str:
    """Write a number as a reaction: its key on a keyboard, or from ten on the number; or its letter."""
    if letters:
        return chr(ord("🇦") + number - 1)
    return "🔟" if number == 10 else f"{number}\ufe0f\u20e3" if number < 10 else str(number)  # noqa: PLR2004 (it has one)


def _typed(number: int, *, letters: bool) -> tuple[str, str]:
    """Give what else names a choice: its number or letter, and the sign of that."""
    return folded(typed_as(number, letters=letters)), folded(_sign(number, letters=letters))


def keys_of(choices: Sequence[LocalChoice], *, letters: bool = False) -> list[str]:
    """Give each choice its reaction: the sign its label begins or ends with if no other has it, or its number's."""
    signs = [_sign_of(clean(choice.label).strip()) for choice in choices]
    return [
        sign if sign and signs.count(sign) == 1 else _sign(number, letters=letters)
        for number, sign in enumerate(signs, 1)
    ]


def _sign_of(label: str) -> str:
    first, _, _ = label.partition(" ")
    _, _, last = label.rpartition(" ")
    for word in (first, last):
        if word and len(word) <= 8 and all(_is_sign(sign) for sign in word) and _SIGN.search(word):  # noqa: PLR2004 (one sign)
            return word
    return ""


def _is_sign(sign: str) -> bool:
    return unicodedata.category(sign) in {"So", "Sk", "Mn", "Cf", "Me", "Sm"}


def _label(choice: LocalChoice) -> str:
    return cut(clean(choice.label).strip().replace("\n", " "), LABEL) or "…"


def _numbered(choices: Sequence[LocalChoice]) -> list[tuple[int, str]]:
    """Write labels behind their numbers; those of their own are not said twice, and not taken for these."""
    labels = [(number, _label(choice)) for number, choice in enumerate(choices, 1)]
    own = [_OWN_NUMBER.fullmatch(label) for _, label in labels]
    same = all(one is None or int(one[1]) == number for number, one in enumerate(own, 1))
    return [
        (number, label if one is None else one[2] if same else f"#{one[1]} {one[2]}")
        for (number, label), one in zip(labels, own, strict=True)
    ]


def _links(user: str, links: Sequence[LocalChoice]) -> Iterator[tuple[str, str]]:
    """Give each link as plain text and as HTML."""
    for choice in links:
        label = _label(choice)
        shown = html.escape(label, quote=False)
        if choice.start:
            way = link(user, choice.start, group=choice.group)
            where, arrow, typed = (html.escape(part) for part in way.partition(" → "))
            place = f"{shown}: <code>{where}</code>" if choice.group else f'<a href="{where}">{shown}</a>'
            yield f"{label}: {way}", f"{place}{arrow}<code>{typed}</code>"
        else:
            url = cut(clean(choice.url).strip(), URL)
            yield f"{label}: {url}", _anchor(url, shown)


def _anchor(url: str, shown: str) -> str:
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"http", "https", "mailto"} or NOT_TYPED.search(url):
        return f"{shown}: {html.escape(url, quote=False)}"
    return f'<a href="{html.escape(url)}">{shown}</a>'


# Words


def _written(
    user: str, blocks: Sequence[tuple[BlockKind, str]], choices: Sequence[LocalChoice], links: Sequence[LocalChoice],
    *, letters: bool,
) -> Json:  # fmt: skip
    kinds = [kind for kind, _ in blocks]
    numbered = [(number, typed_as(number, letters=letters), label) for number, label in _numbered(choices)]
    # Those that are but numbers, first, are named by the words above.
    labels = list(dropwhile(lambda one: one[1] == one[2], numbered))
    ways = list(_links(user, links))
    most = MOST_PARAGRAPHS
    while True:
        fitting = list(zip(kinds, fit([text for _, text in blocks], most, size, cut), strict=False))
        plain, marked = _plain(fitting, labels, ways), _html(fitting, labels, ways, letters=letters)
        if size(plain) + size(marked) <= MOST_WRITTEN or most < LABEL:
            return {"body": plain, "format": "org.matrix.custom.html", "formatted_body": marked}
        most = most * 3 // 4


Numbered = Sequence[tuple[int, str, str]]


def _plain(blocks: Sequence[tuple[BlockKind, str]], labels: Numbered, links: Sequence[tuple[str, str]]) -> str:
    paragraphs = [f"“{text}”" if kind == "quote" else text for kind, text in blocks]
    if labels:
        paragraphs.append("\n".join(f"{key}. {label}" for _, key, label in labels))
    paragraphs += [line for line, _ in links]
    return "\n\n".join(paragraphs)


def _html(
    blocks: Sequence[tuple[BlockKind, str]], labels: Numbered, links: Sequence[tuple[str, str]], *, letters: bool
) -> str:
    written = [
        f"{_TAGS[kind][0]}{html.escape(text, quote=False).replace(chr(10), '<br>')}{_TAGS[kind][1]}"
        for kind, text in blocks
    ]
    if labels and letters:
        lines = "<br>".join(f"{key}. {html.escape(label, quote=False)}" for _, key, label in labels)
        written.append(f"<p>{lines}</p>")
    elif labels:
        first = labels[0][0]
        lines = "".join(f"<li>{html.escape(label, quote=False)}</li>" for _, _, label in labels)
        written.append(f"<ol>{lines}</ol>" if first == 1 else f'<ol start="{first}">{lines}</ol>')
    if links:
        written.append(f"<ul>{''.join(f'<li>{line}</li>' for _, line in links)}</ul>")
    return "".join(written)


# Files


def _upload(attachment: Attachment) -> Upload:
    mime = attachment.mime if re.fullmatch(r"[\w.+-]+/[\w.+-]+", attachment.mime) else "application/octet-stream"
    return Upload(_file_name(attachment.name, mime), mime, attachment.data)


def _info(attachment: Attachment, upload: Upload) -> Json:
    info: Json = {"mimetype": upload.mime, "size": len(upload.data)}
    if attachment.kind == "picture" and (measures := measures_of(upload.data)):
        info["w"], info["h"] = measures
    return info


def measures_of(data: bytes) -> tuple[int, int] | None:
    """Read a PNG's or JPEG's width and height."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:  # noqa: PLR2004 (where PNG has them)
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    place = 2
    while data.startswith(b"\xff\xd8") and place + 9 < len(data) and data[place] == 0xFF:  # noqa: PLR2004 (JPEG's marks)
        if data[place + 1] in {0xC0, 0xC1, 0xC2}:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def _file_name(name: str, mime: str) -> str:
    """Give a name that leads nowhere and fits on a line."""
    last = _UNSAFE_IN_NAMES.sub("_", clean(name.replace("\\", "/").rpartition("/")[2])).strip(" ._")
    stem, dot, ending = last.rpartition(".")
    if not dot or len(ending) > NAME // 4:
        return cut(last, NAME).replace("…", "") or f"file{mimetypes.guess_extension(mime) or ''}"
    return f"{cut(stem, NAME).replace('…', '')}.{ending}"
