"""The world behind the server: people, chats, members, topics, messages and files, as plain mutable records.

Ids look like Telegram's: people above 2³², basic groups negative, supergroups -100…; message ids count on in one
common line for private chats and basic groups, and per chat in supergroups. Nothing here knows of HTTP or updates.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from .entities import Entity
from .keyboards import Markup

ChatType = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_topics",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_manage_tags",
    "can_send_welcome_messages",
    "is_anonymous",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
GENERAL_DENIED = {"can_change_info", "can_pin_messages", "can_manage_topics"}


@dataclass(slots=True)
class User:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    deactivated: bool = False
    bio: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Member:
    user: User
    status: Status
    rights: frozenset[str] = frozenset()
    """Rights of an administrator, or what a restricted member may still do."""
    until: int = 0

    @property
    def present(self) -> bool:
        return self.status not in {"left", "kicked"}

    @property
    def is_admin(self) -> bool:
        return self.status in {"creator", "administrator"}

    def can(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)


@dataclass(slots=True)
class Topic:
    id: int
    name: str
    closed: bool = False
    icon_color: int = 7322096


@dataclass(slots=True)
class StoredFile:
    id: str
    unique_id: str
    data: bytes
    name: str
    mime: str
    path: str
    width: int = 0
    height: int = 0


@dataclass(slots=True, eq=False)
class Message:
    """One message as it is now; `history` keeps what its text was before each edit."""

    id: int
    chat: Chat
    sender: User
    date: int
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    caption: str = ""
    caption_entities: list[Entity] = field(default_factory=list)
    media: dict[str, Any] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    reply_to: Message | None = None
    thread_id: int | None = None
    markup: Markup | None = None
    keyboard: Markup | None = None
    edit_date: int = 0
    deleted: bool = False
    forward_from: Message | None = None
    link_preview: dict[str, Any] | None = None
    silent: bool = False
    protected: bool = False
    ephemeral_for: User | None = None
    ephemeral_id: int = 0
    delivered: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)

    @property
    def body(self) -> str:
        """Text or caption, whichever it has."""
        return self.text or self.caption

    @property
    def buttons(self) -> list[Markup]:
        return [button for row in (self.markup or {}).get("inline_keyboard", []) for button in row]

    @property
    def labels(self) -> list[str]:
        return [str(button["text"]) for button in self.buttons]

    @property
    def edits(self) -> int:
        return len(self.history)

    @property
    def message_id(self) -> int:
        return self.id


@dataclass(slots=True, eq=False)
class Chat:
    id: int
    type: ChatType
    title: str = ""
    username: str = ""
    user: User | None = None
    is_forum: bool = False
    description: str = ""
    members: dict[int, Member] = field(default_factory=dict)
    permissions: frozenset[str] = frozenset(PERMISSIONS) - GENERAL_DENIED
    messages: dict[int, Message] = field(default_factory=dict)
    ephemerals: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    migrated_to: int = 0
    last_bot_id: int = 0
    last_message_id: int = 0
    invite_link: str = ""
    actions: list[str] = field(default_factory=list)
    """Chat actions ("typing") that the bot has shown."""

    def member(self, user: User) -> Member:
        return self.members.get(user.id) or Member(user, "left")

    def present(self) -> Iterator[Member]:
        return (member for member in self.members.values() if member.present)


class World:
    """Everything there is; ids are given here."""

    def __init__(self, bot: User, clock: Callable[[], float] = time.time) -> None:
        self.bot = bot
        self.clock = clock
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.paths: dict[str, StoredFile] = {}
        self._next_user = 7_100_000_001
        self._next_group = 4_800_000_001
        self._next_supergroup = 2_400_000_001
        self._last_common_message = 0

    def now(self) -> int:
        return int(self.clock())

    def new_user(self, first_name: str, **more: Any) -> User:
        user = User(more.pop("id", None) or self._next_user, first_name, **more)
        self._next_user = max(self._next_user, user.id) + 1
        self.users[user.id] = user
        return user

    def private_chat(self, user: User) -> Chat:
        if user.id not in self.chats:
            self.chats[user.id] = Chat(user.id, "private", user=user)
        return self.chats[user.id]

    def new_group(self, title: str, kind: ChatType, *, forum: bool = False) -> Chat:
        if kind == "supergroup":
            chat_id = -1_000_000_000_000 - self._next_supergroup
            self._next_supergroup += 1
        else:
            chat_id = -self._next_group
            self._next_group += 1
        self.chats[chat_id] = Chat(chat_id, kind, title=title, is_forum=forum)
        return self.chats[chat_id]

    def chat_by_name(self, username: str) -> Chat | None:
        wanted = username.lstrip("@").lower()
        return next((chat for chat in self.chats.values() if chat.username.lower() == wanted and wanted), None)

    def next_message_id(self, chat: Chat) -> int:
        if chat.type == "supergroup":
            chat.last_message_id += 1
            return chat.last_message_id
        self._last_common_message += 1
        return self._last_common_message

    def new_message(self, chat: Chat, sender: User, **content: Any) -> Message:
        message = Message(self.next_message_id(chat), chat, sender, self.now(), **content)
        chat.messages[message.id] = message
        return message

    def store_file(self, data: bytes, name: str, mime: str, folder: str, width: int = 0, height: int = 0) -> StoredFile:
        number = len(self.files)
        digest = hashlib.sha256(data).hexdigest()
        suffix = name.rsplit(".", 1)[-1].lower() if "." in name else "bin"
        stored = StoredFile(
            f"AgACAgQAAx0{number:08d}{digest[:32]}", f"AQAD{digest[:12]}", data, name, mime,
            f"{folder}/file_{number}.{suffix}", width, height,
        )  # fmt: skip
        self.files[stored.id] = stored
        self.paths[stored.path] = stored
        return stored
