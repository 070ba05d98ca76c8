"""What events of Matrix hold and point at, read without trust: replies, edits, reactions, answers, our own choices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.matrix.words import plain

Json = dict[str, Any]

CHOICES = "byalag.choices"
"""Under this name a message of ours carries its choices' keys and signed data, so that they outlive every restart."""

ABOUT = "byalag.about"
"""Under this name a message in a private room says which group, and which thread there, it is about."""

POLL = "org.matrix.msc3381.poll.start"
"""As apps know polls today; they are understood under their final name too."""
ANSWERS = {"m.poll.response": "m.selections", "org.matrix.msc3381.poll.response": "org.matrix.msc3381.poll.response"}
"""What answers to polls are called, and where they say what was chosen."""

_FALLBACK = re.compile(r"> (\* )?<@[^>\s]+>")
_MARKS = str.maketrans("", "", "\ufe0f\ufe0e")


@dataclass(frozen=True)
class Known:
    """A message that another event points at: by whom, its words, its choices by key; and what it points at itself."""

    sender: str
    text: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    edits: str = ""
    room: str = ""
    about: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Relation:
    """What an event points at: the kind of relation, the message, and for a reaction its key."""

    kind: str = ""
    target: str = ""
    key: str = ""
    thread: str = ""


def content_of(event: Json) -> Json:
    """Give an event's content; empty if it is none."""
    found = event.get("content")
    return found if isinstance(found, dict) else {}


def relation_of(event: Json) -> Relation:
    """Tell what an event points at: `edit`, `reaction`, `reply`, `answer` (to a poll), or nothing."""
    found = content_of(event).get("m.relates_to")
    if not isinstance(found, dict):
        return Relation()
    target, kind = plain(found.get("event_id")), found.get("rel_type")
    if kind == "m.replace":
        return Relation("edit", target) if target else Relation()
    if kind == "m.annotation":
        return Relation("reaction", target, plain(found.get("key"))) if target else Relation()
    if kind == "m.reference":
        return Relation("answer", target) if target else Relation()
    thread = target if kind == "m.thread" else ""
    answered = found.get("m.in_reply_to")
    replied = plain(answered.get("event_id")) if isinstance(answered, dict) else ""
    if replied and not (thread and (found.get("is_falling_back") or replied == thread)):
        return Relation("reply", replied, thread=thread)
    return Relation(thread=thread)


def known_of(event: Json, room_id: str) -> Known:
    """Remember a message for what may point at it. Of an edit: the words that it brings."""
    relation, content = relation_of(event), content_of(event)
    newer = content.get("m.new_content")
    if relation.kind == "edit" and isinstance(newer, dict):
        content = newer
    edits = relation.target if relation.kind == "edit" else ""
    return Known(plain(event.get("sender")), said_in(content), choices_in(content), edits, room_id, about_in(content))


def choices_in(content: Json) -> dict[str, str]:
    """Read what `render` wrote into a message: the data of its choices by each of their keys."""
    found = content.get(CHOICES)
    if not isinstance(found, list):
        return {}
    pairs = [pair for pair in found if isinstance(pair, list) and len(pair) == 2]  # noqa: PLR2004 (a pair)
    return {folded(plain(key)): plain(data) for key, data in pairs if plain(data)}


def about_in(content: Json) -> tuple[str, str]:
    """Read which group a message in a private room is about, if it is about one."""
    match content.get(ABOUT):
        case [str(room), str(thread)]:
            return room, thread
        case _:
            return "", ""


def folded(key: str) -> str:
    """Make keys that look the same the same: without variation signs, white space at the ends, and case."""
    return key.translate(_MARKS).strip().casefold()


def said_in(content: Json) -> str:
    """Give a message's words: a caption where it is no text, and no fallback of a reply."""
    body, name = plain(content.get("body")), content.get("filename")
    if plain(content.get("msgtype")) in {"m.image", "m.file", "m.video", "m.audio"}:
        return body if isinstance(name, str) and body != name else ""
    if "m.relates_to" in content and _FALLBACK.match(body):
        lines = body.split("\n")
        end = next((place for place, line in enumerate(lines) if not line.startswith(">")), len(lines))
        return "\n".join(lines[end + 1 if lines[end : end + 1] == [""] else end :])
    return body


def answers_in(event: Json) -> list[str]:
    """Give what an answer to a poll chooses, by both its names."""
    found = content_of(event).get(ANSWERS.get(str(event.get("type")), ""))
    answers = found.get("answers") if isinstance(found, dict) else found
    return [plain(one) for one in answers if plain(one)] if isinstance(answers, list) else []


def mark_of(event: Json) -> str:
    """Name a choice that stays: a reaction by itself, an answer to a poll by who gives it, since the last counts."""
    return f"{relation_of(event).target} {event['sender']}" if event["type"] in ANSWERS else str(event["event_id"])


def taken_back(event: Json) -> str:
    """Give the name of the choice that an event takes back, or nothing: a redaction, or an empty answer to a poll."""
    if event.get("type") == "m.room.redaction":
        return str(event.get("redacts") or content_of(event).get("redacts") or "")
    return mark_of(event) if event.get("type") in ANSWERS and not answers_in(event) else ""
