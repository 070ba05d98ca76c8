"""Groups: members, topics, the bot's standing, and the move to a supergroup. All with the updates Telegram sends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import render
from .chats import open_topic
from .core import Core
from .state import ADMIN_RIGHTS, PERMISSIONS, Chat, Member, Message, User
from .views import DEFAULT_TIMEOUT, ChatView

if TYPE_CHECKING:
    from .people import Person, Views

DEFAULT_ADMIN = (
    "can_manage_chat", "can_change_info", "can_delete_messages", "can_invite_users", "can_restrict_members",
    "can_pin_messages", "can_manage_topics", "can_manage_video_chats",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """A forum topic, as a place to write in."""

    group: Group
    id: int
    name: str

    @property
    def state(self) -> Chat:
        return self.group.state

    @property
    def messages(self) -> list[Message]:
        return [message for message in self.group.messages if message.thread_id == self.id]

    async def wait_for_message(self, contains: str = "", *, timeout: float = DEFAULT_TIMEOUT) -> Message:
        """As in a chat, but here."""
        here = self.id
        return await self.group.wait_for_message(
            contains, matches=lambda message: message.thread_id == here, timeout=timeout
        )

    def close(self) -> None:
        self.state.topics[self.id].closed = True
        self.group.core.service_message(self.state, self.group.owner, thread_id=self.id, forum_topic_closed={})

    def remove(self) -> None:
        """Deleted with all that was in it."""
        del self.state.topics[self.id]
        for message in self.messages:
            message.deleted = True


class Group(ChatView):
    def __init__(self, core: Core, state: Chat, views: Views) -> None:
        super().__init__(core, state)
        self._views = views

    @property
    def owner(self) -> User:
        return next(member.user for member in self.state.present() if member.status == "creator")

    @property
    def bot_member(self) -> Member:
        return self.state.member(self.core.bot)

    def has(self, person: Person) -> bool:
        return self.state.member(person.user).present

    # People

    def join(self, person: Person, *, invited_by: Person | None = None) -> None:
        actor = invited_by.user if invited_by else person.user
        self.core.change_member(self.state, person.user, "member", actor)
        joined = [render.user_json(person.user)]
        self.core.service_message(self.state, actor, new_chat_members=joined, new_chat_member=joined[0])

    def leave(self, person: Person) -> None:
        self._out(person.user, person.user, "left")

    def kick(self, person: Person, *, by: Person | None = None) -> None:
        self._out(person.user, by.user if by else self.owner, "kicked")

    def _out(self, user: User, actor: User, status: str) -> None:
        self.core.change_member(self.state, user, "kicked" if status == "kicked" else "left", actor)
        self.core.service_message(self.state, actor, left_chat_member=render.user_json(user))

    def promote(self, person: Person, *rights: str) -> None:
        allowed = frozenset(rights or DEFAULT_ADMIN)
        self.core.change_member(self.state, person.user, "administrator", self.owner, allowed)

    def rename(self, title: str, *, by: Person | None = None) -> None:
        self.state.title = title
        self.core.service_message(self.state, by.user if by else self.owner, new_chat_title=title)

    def set_permissions(self, **permissions: bool) -> None:
        """What members may do, the bot included unless it is an admin."""
        assert set(permissions) <= set(PERMISSIONS), f"unknown permissions in {permissions}"
        kept = {name for name in self.state.permissions if permissions.get(name, True)}
        self.state.permissions = frozenset(kept | {name for name, on in permissions.items() if on})

    # The bot

    def add_bot(self, *, by: Person, admin_rights: Sequence[str] = ()) -> None:
        bot = self.core.bot
        if not self.bot_member.present:
            self.core.change_member(self.state, bot, "member", by.user)
            joined = [render.user_json(bot)]
            self.core.service_message(self.state, by.user, new_chat_members=joined, new_chat_member=joined[0])
        if admin_rights:
            self.core.change_member(self.state, bot, "administrator", by.user, frozenset(admin_rights))

    def remove_bot(self, *, by: Person | None = None) -> None:
        """my_chat_member "kicked" and "left_chat_member"; from then on 403."""
        actor = by.user if by else self.owner
        self.core.service_message(self.state, actor, left_chat_member=render.user_json(self.core.bot))
        self.core.change_member(self.state, self.core.bot, "kicked", actor)

    def promote_bot(self, *rights: str, by: Person | None = None) -> None:
        """With the usual rights unless some are named."""
        assert set(rights) <= set(ADMIN_RIGHTS), f"unknown rights in {rights}"
        actor = by.user if by else self.owner
        allowed = frozenset({*(rights or DEFAULT_ADMIN), "can_manage_chat"})
        self.core.change_member(self.state, self.core.bot, "administrator", actor, allowed)

    def demote_bot(self, *, by: Person | None = None) -> None:
        self.core.change_member(self.state, self.core.bot, "member", by.user if by else self.owner)

    def restrict_bot(self, *, allowed: Iterable[str] = ()) -> None:
        """A muted bot, unless `allowed` names permissions."""
        self.core.change_member(self.state, self.core.bot, "restricted", self.owner, frozenset(allowed))

    # The group itself

    def topic(self, name: str, *, by: Person | None = None) -> Topic:
        assert self.state.is_forum, f"{self.title} is no forum"
        opened = open_topic(self.core, self.state, by.user if by else self.owner, name)
        return Topic(self, opened.id, name)

    def migrate(self) -> int:
        """The group becomes a supergroup with a new id; both chats say so. Returns the new id."""
        old = self.state
        assert old.type == "group", f"{self.title} is a supergroup already"
        new = self.core.world.new_group(old.title, "supergroup")
        new.members, new.permissions = dict(old.members), old.permissions
        new.last_bot_id = old.last_bot_id
        self.core.service_message(old, self.owner, migrate_to_chat_id=new.id)
        self._state = new
        self._views.moved(self, new)
        self.core.service_message(new, self.owner, migrate_from_chat_id=old.id)
        old.migrated_to = new.id
        return new.id
