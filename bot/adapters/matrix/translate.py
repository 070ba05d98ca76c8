"""From Matrix's events to ours: pure, with what an event points at looked up beforehand.

Rules
-----
* An event of the network makes at most one of ours, with the same id.
* Contents are hostile: whatever has another shape than the specification says counts as missing.
* A thread is a room of its own in a group; in a private room it is not, since there is one conversation.
* Only its author changes a message, and an edit cannot be edited.
* Who acts through a bridge, or says of itself that it is a bot (`m.notice`), counts as a bot: somebody who is on two
  networks must not count twice.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.adapters.matrix.fetching import media_in
from bot.adapters.matrix.relations import (
    ANSWERS,
    POLL,
    Json,
    Known,
    Relation,
    answers_in,
    content_of,
    folded,
    relation_of,
    said_in,
)
from bot.adapters.matrix.render import address_of
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.words import plain
from bot.chat import events as ours
from bot.chat.keys import AccountKey, RoomKey

_NAME = re.compile(r"\w[\w-]{0,63}")
_BRIDGED = ("net.maunium.", "fi.mau.")
_TEXTS = ("m.text", "org.matrix.msc1767.text")
_POLLS = ("m.poll.start", POLL)
_VOICE = ("org.matrix.msc3245.voice", "m.voice")
_MOST_SECONDS = 253_402_300_799
_OPINIONS = frozenset("👍👎🤷")
_TONES = {ord(sign): None for sign in "\ufe0f\ufe0e\u200d♀♂🏻🏼🏽🏾🏿"}


@dataclass
class Me:
    """The bot's own account; `name` is what people see, `channel` ours."""

    channel: str
    id: str
    name: str = ""

    @property
    def short(self) -> str:
        """The account without its server."""
        return self.id[1:].partition(":")[0]


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: the words of a message, or a command with its name and argument."""

    text: str
    name: str = ""


# From events to ours


def event_of(event: Json, room: Room, related: Known | None, me: Me, asked: Known | None = None) -> ours.Event | None:
    """Give what happened; None if it is nothing to us. `related` is what the event points at, as far as it is found.

    `asked` is the bot's last question in a private room, where it is about a group.
    """
    event_id, sender = event.get("event_id"), event.get("sender")
    if not (isinstance(event_id, str) and isinstance(sender, str)) or sender == me.id:
        return None
    content, relation = content_of(event), relation_of(event)
    match event.get("type"):
        case "m.reaction":
            return _reaction(event, room, relation, related, me)
        case "m.room.message" if relation.kind == "edit":
            return _edited(event, room, related, me)
        case "m.room.message" | "m.sticker":
            return _message(event, content, room, related, me, asked) if content else None
        case kind if kind in _POLLS:
            return _other(event, room, _question(content), me)
        case kind if kind in ANSWERS:
            return _answer(event, room, relation, related, me)
        case _:
            return None


def _message(
    event: Json, content: Json, room: Room, related: Known | None, me: Me, asked: Known | None
) -> ours.Event | None:
    base = _base(event, room, me)
    relation, kind, text = relation_of(event), _kind(event, content), said_in(content)
    quoted = _quoted(relation, related, me, room) if relation.kind == "reply" else None
    mentioned = _mentions(content, text, me, reply=related if relation.kind == "reply" else None)
    text = _addressed(text, me) or text
    asked = related if relation.kind == "reply" and related is not None else asked
    about = _about(asked, room, me)
    chosen = _typed(text, relation, asked, room, me)
    if chosen:
        place = {"room": ours.Room(about, private=False)} if about else {}
        return ours.ChoiceMade(**base | place, message_id=relation.target, data=chosen, press=_press(event, room))
    words = words_of(text, me)
    if words is None:
        return None
    if words.name:
        return ours.CommandGiven(
            **base, message_id=event["event_id"], name=words.name, argument=words.text, reply_to=quoted, aside=about,
            media=None if kind == "voice" else media_in(content),
        )  # fmt: skip
    return ours.MessageReceived(
        **base, message_id=event["event_id"], text=text, kind=kind, reply_to=quoted,
        mentions_bot=mentioned, aside=about, media=None if kind == "voice" else media_in(content),
    )  # fmt: skip


def _other(event: Json, room: Room, text: str, me: Me) -> ours.Event:
    return ours.MessageReceived(**_base(event, room, me), message_id=event["event_id"], text=text, kind="other")


def _edited(event: Json, room: Room, related: Known | None, me: Me) -> ours.Event | None:
    newer = content_of(event).get("m.new_content")
    if not isinstance(newer, dict) or related is None or related.edits or related.sender != event["sender"]:
        return None
    words = words_of(said_in(newer), me)
    if words is None:
        return None
    target = relation_of(event).target
    return ours.MessageEdited(
        **_base(event, room, me), message_id=target, text=words.text, name=words.name, media=media_in(newer)
    )


def _reaction(event: Json, room: Room, relation: Relation, related: Known | None, me: Me) -> ours.Event | None:
    if related is None or related.sender != me.id:
        return None
    data = related.choices.get(folded(relation.key)) or related.choices.get(folded(relation.key.translate(_TONES)))
    if not data:
        return _opinion(event, room, relation, related, me)
    base, about = _base(event, room, me), _about(related, room, me)
    if about:
        base |= {"room": ours.Room(about, private=False)}
    return ours.ChoiceMade(**base, message_id=relation.target, data=data, press=_press(event, room))


def _answer(event: Json, room: Room, relation: Relation, related: Known | None, me: Me) -> ours.Event | None:
    """Tell what somebody chose in a poll of ours; who chooses nothing any more takes it back elsewhere."""
    answers = answers_in(event)
    if related is None or related.sender != me.id or not answers:
        return None
    data = related.choices.get(answers[0])
    return ours.ChoiceMade(**_base(event, room, me), message_id=relation.target, data=data) if data else None


def _opinion(event: Json, room: Room, relation: Relation, related: Known, me: Me) -> ours.Event | None:
    """Tell that somebody showed in a group what they think of what we offer there to choose from."""
    sign = relation.key.translate(_TONES)
    if room.private or sign not in _OPINIONS or not related.choices:
        return None
    return ours.OpinionShown(**_base(event, room, me), message_id=relation.target, sign=sign)


def undone(event: Json, room: Room, message_id: str, data: str, me: Me) -> ours.Event:
    """Tell that somebody took back what they had chosen by a reaction."""
    return ours.ChoiceUndone(**_base(event, room, me), message_id=message_id, data=data)


def removed(event: Json, room: Room, message_id: str, me: Me) -> ours.Event:
    """Tell that a message of a group was removed."""
    return ours.MessageRemoved(**_base(event, room, me), message_id=message_id)


def _about(asked: Known | None, room: Room, me: Me) -> RoomKey | None:
    """Give the group that a message of ours in a private room is about: what is chosen there counts in the group."""
    if asked is None or asked.sender != me.id or not room.private or not asked.about[0]:
        return None
    return RoomKey(me.channel, *asked.about)


def _typed(text: str, relation: Relation, asked: Known | None, room: Room, me: Me) -> str:
    """Give the choice that somebody names by number in a reply to one of our messages in a group.

    In private a bare number or word does: whoever asked there reads it, unless it is about a group.
    """
    if asked is None or asked.sender != me.id:
        return ""
    if room.private:
        return asked.choices.get(folded(text), "") if asked.about[0] else ""
    number = text.strip()
    return asked.choices.get(number, "") if relation.kind == "reply" and number.isascii() and number.isdecimal() else ""


def words_of(text: str, me: Me) -> Words | None:
    """Tell a command (``!idea …`` or ``/idea …``) from other words; None if it is another bot's."""
    if not text.startswith(("!", "/")):
        return Words(text)
    head, *rest = text[1:].split(maxsplit=1)[:2] or [""]
    name, _, address = unicodedata.normalize("NFC", head).partition("@")
    if not text[1:2].strip() or not _NAME.fullmatch(name):
        return Words(text)
    if address and address.casefold() not in {me.short.casefold(), me.id[1:].casefold(), me.name.casefold()}:
        return None
    return Words(rest[0].rstrip() if rest else "", name.lower())


# The parts of an event


def moment_of(event: Json) -> datetime:
    """Give when something happened, by the server's clock."""
    at = event.get("origin_server_ts")
    seconds = at / 1000 if isinstance(at, int | float) and 0 <= at / 1000 <= _MOST_SECONDS else 0
    return datetime.fromtimestamp(seconds, UTC)


def place_of(room: Room, me: Me, thread: str = "") -> ours.Room:
    """Give the room, or the thread in it, as ours."""
    key = RoomKey(me.channel, room.id, "" if room.private else thread)
    return ours.Room(key, private=room.private, title="" if room.private else room.title or room.alias)


def sender_of(user: str, room: Room, me: Me, content: Json | None = None) -> ours.Sender:
    """Give who acted."""
    content = content or {}
    bot = user == me.id or content.get("msgtype") == "m.notice" or any(name.startswith(_BRIDGED) for name in content)
    name = room.names.get(user) or user[1:].partition(":")[0]
    return ours.Sender(AccountKey(me.channel, user), name, _locale(content), bot, address_of(user))


def _base(event: Json, room: Room, me: Me) -> dict[str, Any]:
    return {
        "id": event["event_id"],
        "at": moment_of(event),
        "room": place_of(room, me, relation_of(event).thread),
        "sender": sender_of(event["sender"], room, me, content_of(event)),
    }


def _press(event: Json, room: Room) -> str:
    return f"{event['sender']} {room.id} {event['event_id']}"


def _quoted(relation: Relation, related: Known | None, me: Me, room: Room) -> ours.Quoted:
    if related is None:
        return ours.Quoted(relation.target)
    return ours.Quoted(relation.target, related.text, sender_of(related.sender, room, me))


def _kind(event: Json, content: Json) -> ours.MessageKind:
    if event["type"] == "m.sticker":
        return "sticker"
    match content.get("msgtype"):
        case "m.text" | "m.notice" | "m.emote":
            return "text"
        case "m.image":
            return "photo"
        case "m.audio":
            return "voice" if any(name in content for name in _VOICE) else "file"
        case "m.file" | "m.video":
            return "file"
        case _:
            return "other"


def _mentions(content: Json, text: str, me: Me, *, reply: Known | None) -> bool:
    """Whether somebody speaks to the bot. A client says so; a reply to it is no mention by itself."""
    if _addressed(text, me):
        return True
    mentions = content.get("m.mentions")
    if isinstance(mentions, dict):
        users = mentions.get("user_ids")
        named = isinstance(users, list) and me.id in users
        return named and (reply is None or reply.sender != me.id or (bool(me.name) and me.name in text))
    return me.id.casefold() in text.casefold()


def _addressed(text: str, me: Me) -> str:
    """Give what is said to the bot behind its name: nothing if it is not spoken to like that."""
    for name in (me.id, f"@{me.short}", me.name):
        if name and text[: len(name)].casefold() == name.casefold():
            rest = text[len(name) :]
            if rest.startswith((":", ",")) or name != me.name:
                return rest.lstrip(":, \t")
    return ""


def _locale(content: Json) -> str | None:
    """Give the language that a message says of itself (MSC3554), for that is all a Matrix network knows of it."""
    for name in _TEXTS:
        parts = content.get(name)
        for part in parts if isinstance(parts, list) else []:
            lang = part.get("lang") if isinstance(part, dict) else None
            if isinstance(lang, str) and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", lang):
                return lang
    return None


def _question(content: Json) -> str:
    for name in _POLLS:
        poll = content.get(name)
        question = poll.get("question") if isinstance(poll, dict) else None
        if isinstance(question, dict):
            return plain(question.get("body") or question.get("org.matrix.msc1767.text"))
    return ""
