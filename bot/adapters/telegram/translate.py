"""From Telegram's updates to our events: pure, but for the moment that is handed in.

Rules
-----
* One update makes at most one event, so the update's id is the event's.
* A topic of a forum is a room of its own; the threads that replies make elsewhere are not, and the message that opened
  a topic is nobody's answer.
* Who speaks as a chat (anonymous admins, channels) counts as a bot: nobody stands behind it whom one could name.
* A forwarded command is somebody else's words, and gives no command.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.adapters.telegram.updates import Chat, Entity, File, MemberUpdated, Message, Press, Update, User
from bot.chat.events import (
    BotAdded,
    BotRemoved,
    ChoiceMade,
    CommandGiven,
    Event,
    Media,
    MembersChanged,
    MessageEdited,
    MessageKind,
    MessageReceived,
    Quoted,
    Room,
    RoomMoved,
    Sender,
)
from bot.chat.keys import AccountKey, RoomKey

_USERNAME = re.compile(r"[A-Za-z0-9_]{4,32}")
_NAME = re.compile(r"\w[\w-]{0,63}")
GROUPS = frozenset({"group", "supergroup"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})


@dataclass
class Me:
    """The bot's own account. Its name, and whether it hears all in every group, are known once Telegram was asked."""

    channel: str
    id: int
    name: str = ""
    hears_all: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: the words of a message, or a command with its name and argument."""

    text: str
    name: str = ""


def event_of(update: Update, me: Me, now: datetime) -> Event | None:
    """Give what happened; None if it is nothing to us."""
    if update.message is not None:
        return _message(str(update.update_id), update.message, me)
    if update.callback_query is not None:
        return _press(str(update.update_id), update.callback_query, me, now)
    if update.edited_message is not None:
        return _edited(str(update.update_id), update.edited_message, me)
    if update.my_chat_member is not None:
        return _own_standing(str(update.update_id), update.my_chat_member, me)
    if update.chat_member is not None:
        return _standing(str(update.update_id), update.chat_member, me)
    return None


def _message(event_id: str, message: Message, me: Me) -> Event | None:
    sender = _sender(message, me)
    if sender is None or not _is_ours(message.chat):
        return None
    at, room = _moment(message.date), _room(message, me)
    if message.migrate_to_chat_id is not None:
        to = RoomKey(me.channel, str(message.migrate_to_chat_id))
        return RoomMoved(id=event_id, at=at, room=_whole(message.chat, me), sender=sender, to=to)
    if _others_came_or_left(message, me):
        return MembersChanged(id=event_id, at=at, room=_whole(message.chat, me), sender=sender)
    kind = _kind(message)
    if kind is None:
        return None
    words, reply_to = _words(message, me), _quoted(message, me)
    if words is None:
        return None
    message_id = message_id_of(message)
    if words.name:
        return CommandGiven(
            id=event_id, at=at, room=room, sender=sender, message_id=message_id, name=words.name, argument=words.text,
            reply_to=reply_to, media=_media(message),
        )  # fmt: skip
    return MessageReceived(
        id=event_id, at=at, room=room, sender=sender, message_id=message_id, text=words.text, kind=kind,
        reply_to=reply_to, mentions_bot=_mentions(message, me), media=_media(message),
    )  # fmt: skip


def _edited(event_id: str, message: Message, me: Me) -> Event | None:
    sender = _sender(message, me)
    if sender is None or not _is_ours(message.chat) or _kind(message) is None:
        return None
    words = _words(message, me)
    if words is None:
        return None
    return MessageEdited(
        id=event_id, at=_moment(message.edit_date or message.date), room=_room(message, me), sender=sender,
        message_id=message_id_of(message), text=words.text, name=words.name, media=_media(message),
    )  # fmt: skip


def _press(event_id: str, press: Press, me: Me, now: datetime) -> Event | None:
    if press.message is None or press.data is None or not _is_ours(press.message.chat):
        return None
    return ChoiceMade(
        id=event_id, at=now, room=_room(press.message, me), sender=_person(press.from_user, me),
        message_id=message_id_of(press.message), data=_plain(press.data), press=press.id,
        quotes=_quotes(press.message),
    )  # fmt: skip


def _own_standing(event_id: str, change: MemberUpdated, me: Me) -> Event | None:
    """Tell of the bot itself: added, its rights changed, removed, blocked."""
    if not _is_ours(change.chat):
        return None
    at, room, sender = _moment(change.date), _whole(change.chat, me), _person(change.from_user, me)
    new = change.new_chat_member
    if not new.present:
        return BotRemoved(id=event_id, at=at, room=room, sender=sender)
    if room.private:
        return None
    admin = new.status == "administrator"
    return BotAdded(
        id=event_id, at=at, room=room, sender=sender, admin=admin, hears=admin or me.hears_all,
        can_write=new.status != "restricted" or new.can_send_messages,
    )  # fmt: skip


def _standing(event_id: str, change: MemberUpdated, me: Me) -> Event | None:
    """Tell of somebody else in a group: came or left."""
    if change.chat.type not in GROUPS or change.old_chat_member.present == change.new_chat_member.present:
        return None
    sender = _person(change.from_user, me)
    return MembersChanged(id=event_id, at=_moment(change.date), room=_whole(change.chat, me), sender=sender)


def _others_came_or_left(message: Message, me: Me) -> bool:
    gone, come = message.left_chat_member, message.new_chat_members or ()
    return (gone is not None and gone.id != me.id) or any(user.id != me.id for user in come)


# The parts of an event


def message_id_of(message: Message) -> str:
    """Give a message's id; of one that only one person sees: theirs and its own number, with a ~ between."""
    if message.ephemeral_message_id is not None and message.receiver_user is not None:
        return f"{message.receiver_user.id}~{message.ephemeral_message_id}"
    return str(message.message_id)


def _is_ours(chat: Chat) -> bool:
    return chat.type == "private" or chat.type in GROUPS


def _room(message: Message, me: Me) -> Room:
    if not message.is_topic_message or message.message_thread_id is None or message.chat.type == "private":
        return _whole(message.chat, me)
    key = RoomKey(me.channel, str(message.chat.id), str(message.message_thread_id))
    return Room(key, private=False, title=_plain(message.chat.title))


def _whole(chat: Chat, me: Me) -> Room:
    private = chat.type == "private"
    return Room(RoomKey(me.channel, str(chat.id)), private=private, title="" if private else _plain(chat.title))


def _sender(message: Message, me: Me) -> Sender | None:
    if message.sender_chat is not None:
        account = AccountKey(me.channel, str(message.sender_chat.id))
        return Sender(account, _plain(message.sender_chat.title), bot=True)
    return None if message.from_user is None else _person(message.from_user, me)


def _person(user: User, me: Me) -> Sender:
    name = f"{user.first_name} {user.last_name}" if user.last_name else user.first_name
    address = f"https://t.me/{user.username}" if _USERNAME.fullmatch(user.username) else ""
    account = AccountKey(me.channel, str(user.id))
    return Sender(account, _plain(name).strip(), user.language_code or None, user.is_bot, address)


def _quoted(message: Message, me: Me) -> Quoted | None:
    quoted = message.reply_to_message
    if quoted is None or (message.is_topic_message and quoted.message_id == message.message_thread_id):
        return None
    return Quoted(message_id_of(quoted), _plain(quoted.text or quoted.caption), _sender(quoted, me))


def _kind(message: Message) -> MessageKind | None:
    """Say what somebody sent; None for what the service says (renamed, pinned, …)."""
    if message.text is not None:
        return "text"
    if message.photo is not None:
        return "photo"
    if message.voice is not None or message.video_note is not None:
        return "voice"
    if message.sticker is not None:
        return "sticker"
    if any(part is not None for part in (message.document, message.audio, message.video, message.animation)):
        return "file"
    rest = (
        message.contact, message.dice, message.location, message.poll, message.story, message.checklist,
        message.paid_media,
    )  # fmt: skip
    return "other" if any(part is not None for part in rest) else None


def _media(message: Message) -> Media | None:
    """Give the picture (the largest of its sizes) or file of a message."""
    if message.photo:
        largest = message.photo[-1]
        return Media(largest.file_id, "picture", "picture.jpg", "image/jpeg", largest.file_size)
    found: File | None = message.animation or message.video or message.audio or message.document
    if found is None or not found.file_id:
        return None
    kind: Literal["picture", "file"] = "picture" if found.mime_type in {"image/png", "image/jpeg"} else "file"
    return Media(found.file_id, kind, _plain(found.file_name), _plain(found.mime_type), found.file_size)


def _words(message: Message, me: Me) -> Words | None:
    """Tell a command from other words; None if it is another bot's."""
    text = _plain(message.text if message.text is not None else message.caption)
    if not text.startswith("/") or message.forward_origin is not None:
        return Words(text)
    head, *rest = text[1:].split(maxsplit=1)[:2] or [""]
    name, _, address = unicodedata.normalize("NFC", head).partition("@")
    if not text[1:2].strip() or not _NAME.fullmatch(name):
        return Words(text)
    if address and me.name and address.casefold() != me.name.casefold():
        return None
    return Words(rest[0].rstrip() if rest else "", name.lower())


def _mentions(message: Message, me: Me) -> bool:
    entities = message.entities or message.caption_entities
    return any(_is_me(entity, message.text or message.caption, me) for entity in entities)


def _is_me(entity: Entity, text: str, me: Me) -> bool:
    if entity.type == "text_mention":
        return entity.user is not None and entity.user.id == me.id
    return entity.type == "mention" and bool(me.name) and _of(entity, text).casefold() == f"@{me.name}".casefold()


def _quotes(message: Message) -> str:
    """Give the words that one of the bot's own messages quotes."""
    found = next((one for one in message.entities if one.type in QUOTES), None)
    return _plain(_of(found, message.text or "")) if found is not None else ""


def _of(entity: Entity, text: str) -> str:
    raw = text.encode("utf-16-le")[entity.offset * 2 : (entity.offset + entity.length) * 2]
    return raw.decode("utf-16-le", "replace")


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _plain(text: str) -> str:
    return text.replace("\0", "") if "\0" in text else text
