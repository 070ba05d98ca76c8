"""Texts and captions of requests: parsed, cleaned, measured."""

from __future__ import annotations

from typing import Any

from . import render
from .core import Core
from .entities import Entity, prepare, utf16_len
from .errors import bad_request
from .html import HtmlError, parse_html

MAX_TEXT = 4096
MAX_CAPTION = 1024
_KNOWN_ENTITIES = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji", "date_time",
}  # fmt: skip
_FOUND_BY_SERVER = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}


def text_of(core: Core, params: dict[str, Any]) -> tuple[str, list[Entity]]:
    """The text of a message: 1–4096 characters after parsing."""
    source = params.get("text", "")
    if not core.settings.strict:
        return source, []
    if not source:
        raise bad_request("message text is empty")
    text, entities = _formatted(core, source, params.get("parse_mode"), params.get("entities"))
    if not text:
        raise bad_request("message text is empty" if not source.strip() else "text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def caption_of(core: Core, params: dict[str, Any]) -> tuple[str, list[Entity]]:
    """A caption: 0–1024 characters after parsing."""
    source = params.get("caption") or ""
    if not source or not core.settings.strict:
        return source, []
    text, entities = _formatted(core, source, params.get("parse_mode"), params.get("caption_entities"))
    if len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def _formatted(core: Core, source: str, mode: str | None, given: list[Entity] | None) -> tuple[str, list[Entity]]:
    if len(source.encode("utf-8", "surrogatepass")) > 1 << 15:
        raise bad_request("text is too long")
    mode = (mode or "").lower()
    if mode == "html":
        try:
            text, entities = parse_html(source)
        except HtmlError as error:
            raise bad_request(f"can't parse entities: {error}") from None
    elif mode in {"", "none"}:
        text, entities = source, _explicit(source, given or [])
    elif mode in {"markdown", "markdownv2"}:
        raise core.unsupported(f"parse_mode {mode}")
    else:
        raise bad_request("unsupported parse_mode")
    text, entities = prepare(text, entities)
    return text, [render.entity_json(entity, core.world.users) for entity in entities]


def _explicit(text: str, given: list[Entity]) -> list[Entity]:
    size = utf16_len(text)
    kept = []
    for entity in given:
        if entity["type"] in _FOUND_BY_SERVER:
            continue
        if entity["type"] not in _KNOWN_ENTITIES:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        for name in ("offset", "length"):
            if not 0 <= entity[name] <= 1_000_000:
                raise bad_request(f"receive an entity with incorrect {name} {entity[name]}")
        if entity["offset"] + entity["length"] > size:
            raise bad_request("entity ends after the end of the text")
        kept.append({name: value for name, value in entity.items() if value is not None})
    return kept
