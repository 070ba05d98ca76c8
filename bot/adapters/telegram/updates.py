"""What we read of the Bot API's updates, typed: all else is passed over, and what has another shape is refused.

The names are Telegram's (core.telegram.org/bots/api#update). Numbers are bounded, so that each fits where it goes.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Seconds since 1970, up to the year 9999."""

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
"""The kinds of updates to ask for, always: what was set last persists, and the default leaves some out."""


class Part(msgspec.Struct, frozen=True):
    """Something that is there; what it holds does not matter here."""


class File(msgspec.Struct, frozen=True):
    """A picture (in one of its sizes) or a file, by the id under which it can be fetched."""

    file_id: str = ""
    file_size: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    file_name: str = ""
    mime_type: str = ""


class User(msgspec.Struct, frozen=True):
    """A person or a bot."""

    id: Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""


class Chat(msgspec.Struct, frozen=True):
    """A private chat, group, supergroup or channel."""

    id: Id
    type: str
    title: str = ""


class Entity(msgspec.Struct, frozen=True):
    """A part of a text, in UTF-16 units."""

    type: str
    offset: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    length: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    user: User | None = None


class Message(msgspec.Struct, frozen=True, rename={"from_user": "from"}):
    """A message, a message of the service, or one that is out of reach (`date` is 0)."""

    message_id: Id
    chat: Chat
    date: Moment = 0
    edit_date: Moment = 0
    from_user: User | None = None
    sender_chat: Chat | None = None
    message_thread_id: Id | None = None
    is_topic_message: bool = False
    reply_to_message: Message | None = None
    receiver_user: User | None = None
    ephemeral_message_id: Id | None = None
    forward_origin: Part | None = None
    text: str | None = None
    entities: list[Entity] = []
    caption: str = ""
    caption_entities: list[Entity] = []
    photo: list[File] | None = None
    voice: Part | None = None
    video_note: Part | None = None
    sticker: Part | None = None
    document: File | None = None
    audio: File | None = None
    video: File | None = None
    animation: File | None = None
    contact: Part | None = None
    dice: Part | None = None
    location: Part | None = None
    poll: Part | None = None
    story: Part | None = None
    checklist: Part | None = None
    paid_media: Part | None = None
    migrate_to_chat_id: Id | None = None
    new_chat_members: list[User] | None = None
    left_chat_member: User | None = None


class Press(msgspec.Struct, frozen=True, rename={"from_user": "from"}):
    """A callback query."""

    id: str
    from_user: User
    message: Message | None = None
    data: str | None = None


class Member(msgspec.Struct, frozen=True):
    """What somebody is in a chat, and what one who is restricted may do."""

    user: User
    status: str
    is_member: bool = False
    can_send_messages: bool = False

    @property
    def present(self) -> bool:
        """Whether they are in the chat."""
        return self.status in {"creator", "administrator", "member"} or (self.status == "restricted" and self.is_member)


class MemberUpdated(msgspec.Struct, frozen=True, rename={"from_user": "from"}):
    """Somebody's standing in a chat changed."""

    chat: Chat
    from_user: User
    date: Moment
    old_chat_member: Member
    new_chat_member: Member


class Update(msgspec.Struct, frozen=True):
    """One thing that happened; at most one field is set."""

    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    my_chat_member: MemberUpdated | None = None
    chat_member: MemberUpdated | None = None


class Numbered(msgspec.Struct, frozen=True):
    """Any update at all."""

    update_id: Id
