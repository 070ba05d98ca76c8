"""Texts as the Bot API counts them: UTF-16 offsets, cleaning, trimming, and entities found by the server itself.

`prepare` does what the real server does to every text after parsing: control characters become spaces, ends are
trimmed, code and pre hold no other entity, and mentions, commands, links, hashtags and addresses are found.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

Entity = dict[str, Any]

_SPLITTABLE = {"bold", "italic", "underline", "strikethrough", "spoiler"}
_OPAQUE = {"code", "pre", "text_link", "text_mention", "custom_emoji"}
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_TLD = "se|com|org|net|eu|io|me|nu|dev|app|info|gov|edu|de|uk|no|fi|dk|int"
_FOUND = [
    (
        "url",
        re.compile(rf"(?<![\w@.])(?:https?://[^\s<>\"]+|(?:[a-z0-9-]+\.)+(?:{_TLD})\b(?:/[^\s<>\"]*)?)", re.IGNORECASE),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}\b")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}(?!#)")),
]


def utf16_len(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def entity_text(text: str, entity: Entity) -> str:
    raw = text.encode("utf-16-le")
    return raw[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le", "replace")


def prepare(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Clean, trim, sort and complete. The text is empty when nothing visible is left."""
    text, entities = _clean(text, [dict(entity) for entity in entities])
    text, entities = _trim(text, entities)
    if not text:
        return "", []
    entities = _settle(entities)
    entities += [new for new in found_entities(text) if not _overlaps_opaque(new, entities)]
    return text, _sorted(entities)


def found_entities(text: str) -> list[Entity]:
    """What the server marks by itself in a plain text."""
    found: list[Entity] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind == "url":
                end = start + len(match.group().rstrip(".,:;!?)'"))
            if any(start < other_end and end > other_start for other_start, other_end in taken):
                continue
            taken.append((start, end))
            found.append({"type": kind, "offset": utf16_len(text[:start]), "length": utf16_len(text[start:end])})
    return _sorted(found)


def link_user_id(url: str) -> int:
    """The user of a tg://user?id=… link, or 0."""
    found = re.fullmatch(r"tg:(?://)?user/?\?([^#]*)(?:#.*)?", url.lower())
    if not found:
        return 0
    ids = parse_qs(found.group(1)).get("id", [])
    return int(ids[0]) if ids and re.fullmatch(r"\d+", ids[0]) else 0


def checked_url(url: str) -> str:
    """The link as Telegram would keep it, or "" when it is not one."""
    return "" if url_problem(url) else _normal_url(url)


def url_problem(url: str) -> str:
    """Why Telegram would refuse the link, or ""."""
    scheme = re.match(r"(tg|ton|tonsite):(//)?", url, re.IGNORECASE)
    if scheme:
        host = re.split(r"[/?#]", url[scheme.end() :])[0]
        return "" if re.fullmatch(r"[A-Za-z0-9_.-]+", host) else "Unallowed characters in URL host"
    if not url:
        return "URL host is empty"
    if re.match(r"[a-z][a-z0-9+.-]*://", url, re.IGNORECASE) and not re.match(r"https?://", url, re.IGNORECASE):
        return "Unsupported URL protocol"
    try:
        parts = urlsplit(_normal_url(url))
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "Wrong port number specified in the URL"
    if not host:
        return "URL host is empty"
    if re.search(r"[\s<>\"\\]", parts.netloc) or re.match(r"[a-z]+:[^\d/]", url, re.IGNORECASE):
        return "Disallowed characters in URL host" if re.search(r"[\s<>\"\\]", parts.netloc) else "Wrong HTTP URL"
    return "" if "." in host or ":" in host else "Wrong HTTP URL"


def _normal_url(url: str) -> str:
    if re.match(r"(tg|ton|tonsite):", url, re.IGNORECASE):
        return re.sub(r"^(\w+):(//)?", lambda m: m.group(1).lower() + "://", url)
    if not re.match(r"https?://", url, re.IGNORECASE):
        url = "http://" + url
    head, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    tail = rest[len(host) :]
    return f"{head.lower()}://{host.lower()}{tail if tail.startswith('/') else '/' + tail}"


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = _CONTROL.sub(" ", text)
    if not _DROPPED.search(text):
        return text, entities
    removed = [utf16_len(text[: match.start()]) for match in _DROPPED.finditer(text)]
    for entity in entities:
        end = entity["offset"] + entity["length"]
        start = entity["offset"] - sum(at < entity["offset"] for at in removed)
        entity["length"] = end - sum(at < end for at in removed) - start
        entity["offset"] = start
    return _DROPPED.sub("", text), [entity for entity in entities if entity["length"] > 0]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = text.rstrip(" \n")
    end = utf16_len(text)
    kept = []
    for entity in entities:
        entity["length"] = min(entity["length"], end - entity["offset"])
        if entity["length"] > 0:
            kept.append(entity)
    first = min((entity["offset"] for entity in kept), default=end)
    lead = min(len(text) - len(text.lstrip(" \n")), first)
    for entity in kept:
        entity["offset"] -= lead
    return text[lead:], kept


def _settle(entities: list[Entity]) -> list[Entity]:
    """Nothing inside code and pre; touching pieces of one style are one."""
    opaque = [entity for entity in entities if entity["type"] in {"code", "pre"}]
    others = [entity for entity in entities if entity["type"] not in {"code", "pre"}]
    settled = list(opaque)
    for entity in _sorted(others):
        if entity["type"] not in _SPLITTABLE:
            if not any(_overlap(entity, block) for block in opaque) or "blockquote" in entity["type"]:
                settled.append(entity)
            continue
        pieces = [(entity["offset"], entity["offset"] + entity["length"])]
        for block in opaque:
            begin, end = block["offset"], block["offset"] + block["length"]
            pieces = [part for a, b in pieces for part in ((a, min(b, begin)), (max(a, end), b)) if part[0] < part[1]]
        for a, b in pieces:
            last = next((old for old in reversed(settled) if old["type"] == entity["type"]), None)
            if last and last["offset"] + last["length"] >= a:
                last["length"] = max(last["offset"] + last["length"], b) - last["offset"]
            else:
                settled.append({**entity, "offset": a, "length": b - a})
    return settled


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])


def _overlaps_opaque(new: Entity, entities: list[Entity]) -> bool:
    return any(entity["type"] in _OPAQUE and _overlap(new, entity) for entity in entities)


def _sorted(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
