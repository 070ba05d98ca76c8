"""Telegram's HTML parse mode: text and entities out of markup, or the server's own complaint.

Rules, as the real server has them (td/telegram/MessageEntity.cpp): offsets in complaints are UTF-8 bytes of the source,
offsets and lengths of entities are UTF-16 units of the result; an unknown tag, a bad attribute, a wrong or missing end
tag refuses the whole text; only &lt; &gt; &amp; &quot; and numeric references are decoded, others stay as they are;
a link that is no link loses its entity and keeps its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .entities import Entity, checked_url, link_user_id, utf16_len

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS = {*_SIMPLE, "a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
_SPACE = b" \t\r\n\0\v"
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*));?")


class HtmlError(ValueError):
    """The text after "Bad Request: can't parse entities: "."""


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    begin: int
    unix: int = 0


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of `source`; raises HtmlError."""
    return _Parser(source.encode("utf-8", "surrogatepass")).run()


class _Parser:
    def __init__(self, data: bytes) -> None:
        self.data = data + b"\0"
        self.size = len(data)
        self.out = bytearray()
        self.utf16 = 0
        self.stack: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        data, i = self.data, 0
        while i < self.size:
            c = data[i]
            if c == 0x26:
                decoded, end = _reference(data, i)
                if decoded:
                    self._put(decoded)
                    i = end
                    continue
            if c != 0x3C:
                if c & 0xC0 != 0x80:
                    self.utf16 += 2 if c >= 0xF0 else 1
                self.out.append(c)
                i += 1
            elif data[i + 1] == 0x2F:
                i = self._end_tag(i)
            else:
                i = self._start_tag(i)
        if self.stack:
            raise HtmlError(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        try:
            text = self.out.decode("utf-8")
        except UnicodeDecodeError:
            raise HtmlError(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ) from None
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return text, self.entities

    def _put(self, decoded: str) -> None:
        self.utf16 += utf16_len(decoded)
        self.out += decoded.encode("utf-8", "surrogatepass")

    def _start_tag(self, begin: int) -> int:
        data, i = self.data, begin + 1
        while data[i] not in _SPACE and data[i] != 0x3E:
            i += 1
        if data[i] == 0:
            raise HtmlError(f"Unclosed start tag at byte offset {begin}")
        tag = _lower(data[begin + 1 : i])
        if tag not in _TAGS:
            raise HtmlError(f'Unsupported start tag "{tag}" at byte offset {begin}')
        opened = _Open(tag, "", self.utf16, len(self.out))
        while data[i] != 0x3E:
            i = _skip_space(data, i)
            if data[i] == 0x3E:
                break
            i = self._attribute(opened, begin, i)
        if tag == "span" and opened.argument != "spoiler":
            raise HtmlError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.stack.append(opened)
        return i + 1

    def _attribute(self, opened: _Open, begin: int, i: int) -> int:
        data, start, tag = self.data, i, opened.tag
        while data[i] not in _SPACE and data[i] not in b"=>/\"'":
            i += 1
        name = data[start:i].decode("utf-8", "replace")
        if not name:
            raise HtmlError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        i = _skip_space(data, i)
        if data[i] != 0x3D:
            if data[i] == 0:
                raise HtmlError(f'Unclosed start tag "{tag}" at byte offset {begin}')
            if tag == "blockquote" and name == "expandable":
                opened.argument = "1"
            return i
        i = _skip_space(data, i + 1)
        if data[i] == 0:
            raise HtmlError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value, i = _attribute_value(data, i)
        if data[i] == 0:
            raise HtmlError(f"Unclosed start tag at byte offset {begin}")
        match tag, name:
            case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format"):
                opened.argument = value
            case "code", "class" if value.startswith("language-"):
                opened.argument = value[9:]
            case "span", "class" if value.startswith("tg-"):
                opened.argument = value[3:]
            case "blockquote", "expandable":
                opened.argument = "1"
            case "tg-time", "unix":
                opened.unix = int(value) if re.fullmatch(r"-?\d+", value) else 0
            case _:
                pass
        return i

    def _end_tag(self, begin: int) -> int:
        if not self.stack:
            raise HtmlError(f"Unexpected end tag at byte offset {begin}")
        data, i = self.data, begin + 1
        while data[i] not in _SPACE and data[i] != 0x3E:
            i += 1
        name = _lower(data[begin + 2 : i])
        i = _skip_space(data, i)
        if data[i] != 0x3E:
            raise HtmlError(f"Unclosed end tag at byte offset {begin}")
        opened = self.stack[-1]
        if name and name != opened.tag:
            raise HtmlError(f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{name}>"')
        if self.utf16 > opened.offset:
            self._close(opened)
        self.stack.pop()
        return i + 1

    def _close(self, opened: _Open) -> None:
        offset, length = opened.offset, self.utf16 - opened.offset

        def add(kind: str, **more: Any) -> None:
            self.entities.append({"type": kind, "offset": offset, "length": length, **more})

        last = self.entities[-1] if self.entities else None
        same = last is not None and last["offset"] == offset and last["length"] == length
        match opened.tag:
            case "a":
                url = opened.argument or self.out[opened.begin :].decode("utf-8", "replace")
                if user_id := link_user_id(url):
                    add("text_mention", user={"id": user_id})
                elif checked := checked_url(url):
                    add("text_link", url=checked)
            case "pre":
                if last and same and last["type"] == "code" and last.get("language"):
                    last["type"] = "pre"
                else:
                    add("pre")
            case "code":
                if last and same and last["type"] == "pre" and opened.argument:
                    last["language"] = opened.argument
                elif opened.argument:
                    add("code", language=opened.argument)
                else:
                    add("code")
            case "blockquote":
                add("expandable_blockquote" if opened.argument else "blockquote")
            case "tg-emoji":
                if not re.fullmatch(r"-?\d+", opened.argument) or int(opened.argument) == 0:
                    raise HtmlError("Invalid custom emoji identifier specified")
                add("custom_emoji", custom_emoji_id=opened.argument)
            case "tg-time":
                if opened.unix > 0:
                    add("date_time", unix_time=opened.unix, date_time_format=opened.argument)
            case tag:
                add(_SIMPLE[tag])


def _lower(raw: bytes) -> str:
    return raw.lower().decode("utf-8", "replace")


def _skip_space(data: bytes, i: int) -> int:
    while data[i] != 0 and data[i] in _SPACE:
        i += 1
    return i


def _attribute_value(data: bytes, i: int) -> tuple[str, int]:
    if data[i] not in b"'\"":
        start = i
        while chr(data[i]).isascii() and (chr(data[i]).isalnum() or data[i] in b".-"):
            i += 1
        if data[i] not in _SPACE and data[i] != 0x3E:
            raise HtmlError(f"Unexpected end of name token at byte offset {start}")
        return _lower(data[start:i]), i
    quote, value = data[i], bytearray()
    i += 1
    while data[i] != quote and data[i] != 0:
        if data[i] == 0x26:
            decoded, end = _reference(data, i)
            if decoded:
                value += decoded.encode("utf-8", "surrogatepass")
                i = end
                continue
        value.append(data[i])
        i += 1
    if data[i] == quote:
        i += 1
    return value.decode("utf-8", "replace"), i


def _reference(data: bytes, i: int) -> tuple[str, int]:
    """The character that `&…` at `i` stands for ("" when it stands for itself) and where it ends."""
    found = _REFERENCE.match(data, i)
    if found is None:
        return "", i
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return _NAMED.get(name, ""), found.end()
    digits = hexadecimal if hexadecimal is not None else decimal
    length = found.end() - i - (1 if found.group().endswith(b";") else 0)
    code = int(digits, 16 if hexadecimal is not None else 10) if digits else 0
    if code == 0 or code >= 0x10FFFF or length >= 10:
        return "", i
    return chr(code), found.end()
