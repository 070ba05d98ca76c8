"""People who use the bot: they write, press, follow links, block, come and go, as their apps would let them.

What an app would not let a person do (press a button that is not there, write where they are no member) fails the test
with the transcript. What a hostile program could do has a method of its own: `press_data`. Texts are cleaned and
trimmed as Telegram does with what people write, and one that is too long becomes several messages, as apps make of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import render
from .attachments import attachment
from .core import Core
from .entities import prepare
from .groups import Group, Topic
from .profile import shown_commands
from .state import Chat, Message, User
from .texts import MAX_TEXT
from .views import ChatView, PrivateChat, links

PRESS_TIMEOUT = 10.0
Place = ChatView | Topic | Chat


@dataclass(frozen=True, slots=True)
class PressAnswer:
    """What the bot answered to a press; `answered` is False when it did not in time."""

    text: str = ""
    show_alert: bool = False
    url: str = ""
    answered: bool = True


class Person:
    def __init__(self, core: Core, user: User, views: Views) -> None:
        self.core = core
        self.user = user
        self._views = views

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def private(self) -> PrivateChat:
        """The chat with the bot."""
        view = self._views.of(self.core.world.private_chat(self.user))
        assert isinstance(view, PrivateChat)
        return view

    async def send(
        self,
        place: Place,
        text: str = "",
        *,
        reply_to: Message | None = None,
        thread: Topic | int | None = None,
        photo: bytes | None = None,
        document: tuple[str, bytes] | None = None,
        voice: bytes | None = None,
        sticker: str = "",
        location: tuple[float, float] | None = None,
        forward: Message | None = None,
    ) -> Message:
        """Write, with or instead of a text an attachment. `thread` may also be given as the place.

        Returns the message; the last one, when the app had to split the text.
        """
        if isinstance(place, Topic):
            thread = place
        chat = place if isinstance(place, Chat) else place.state
        self._must_be_able_to_write(chat)
        self._views.of(chat).acted()
        if chat.type == "private":
            chat.started = True
        media = attachment(self.core.world, photo, document, voice, sticker, location)
        common = {
            "reply_to": reply_to,
            "thread_id": thread.id if isinstance(thread, Topic) else thread or (reply_to and reply_to.thread_id),
            "forward_from": forward,
        }
        if media:
            caption, entities = prepare(text, [])
            return self._put(chat, media=media, caption=caption, caption_entities=entities, **common)
        sent = None
        for start in range(0, len(text), MAX_TEXT):
            part, entities = prepare(text[start : start + MAX_TEXT], [])
            if part:
                sent = self._put(chat, text=part, entities=entities, **common)
        assert sent is not None, "Telegram sends no empty messages"
        return sent

    def _put(self, chat: Chat, **content: Any) -> Message:
        message = self.core.world.new_message(chat, self.user, **content)
        if self.user.is_bot:
            chat.last_bot_id = self.user.id
        self.core.see("person", message)
        self.core.tell_message(message)
        return message

    async def start(self, param: str = "") -> Message:
        """Open the bot and press Start."""
        return await self.send(self.private, f"/start {param}".strip())

    async def edit(self, message: Message, text: str) -> Message:
        assert message.sender is self.user, "people edit their own messages only"
        self._views.of(message.chat).acted()
        message.history.append(message.body)
        if message.media:
            message.caption, message.caption_entities = prepare(text, [])
        else:
            message.text, message.entities = prepare(text, [])
        message.edit_date = self.core.world.now()
        self.core.see("person", message)
        self.core.tell_message(message, "edited_message")
        return message

    async def delete(self, message: Message) -> None:
        """The Bot API tells bots nothing of it."""
        message.deleted = True
        self.core.see("deleted", message)

    async def press(
        self, message: Message, label: str, *, wait: bool = True, timeout: float = PRESS_TIMEOUT
    ) -> PressAnswer:
        """Press the button with this label, part of a label, or callback_data; wait for the bot's answer."""
        button = find_button(message, label)
        if "url" in button:
            return PressAnswer(url=button["url"], answered=False)
        assert "callback_data" in button, f"{button['text']} does nothing"
        return await self.press_data(message, button["callback_data"], wait=wait, timeout=timeout)

    async def press_data(
        self, message: Message, data: str, *, wait: bool = True, timeout: float = PRESS_TIMEOUT
    ) -> PressAnswer:
        """A press with any data: stale, of another person, forged."""
        view = self._views.of(message.chat)
        view.saw(message)
        view.acted()
        callback = self.core.press(self.user, message, data)
        if not wait:
            return PressAnswer(answered=False)
        answer = await self.core.until(lambda: callback.answer, timeout)
        assert answer is not None, view.complaint(f"the press of {data!r} was not answered within {timeout} s")
        return PressAnswer(**answer)

    async def open_link(self, link: str, *, group: Group | None = None) -> Message | None:
        """Follow a t.me link: to the bot (?start=), with it to `group` (?startgroup=), or into a group (its invite)."""
        parts = urlsplit(link if "://" in link else f"https://{link}")
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        name = query.get("domain", "") if parts.scheme == "tg" else parts.path.strip("/")
        assert parts.scheme == "tg" or parts.netloc in {"t.me", "telegram.me"}, f"{link} does not open Telegram"
        if invited := next((chat for chat in self.core.world.chats.values() if chat.invite_link == link), None):
            view = self._views.of(invited)
            assert isinstance(view, Group)
            view.join(self)
            return None
        assert name.lower() == self.core.bot.username.lower(), f"{link} leads to another bot or chat: {name}"
        for kind in ("start", "startgroup"):
            value = query.get(kind, "")
            assert re.fullmatch(r"[A-Za-z0-9_-]{0,64}", value), f"Telegram does not open links with {kind}={value!r}"
        if "startgroup" in query:
            assert group is not None, "say which group to add the bot to"
            rights = [f"can_{name}" for name in query.get("admin", "").split()]
            return await self.add_bot(group, startgroup=query["startgroup"], admin_rights=rights)
        return await self.start(query["start"]) if "start" in query else None

    async def follow(self, message: Message, label: str = "", *, group: Group | None = None) -> Message | None:
        """Open the link on the button `label`, or the only link of the message."""
        if label:
            return await self.open_link(find_button(message, label)["url"], group=group)
        found = links(message)
        assert len(found) == 1, f"{len(found)} links in {message.body!r}"
        return await self.open_link(found[0], group=group)

    async def add_bot(
        self, group: Group, *, startgroup: str | None = None, admin_rights: Sequence[str] = ()
    ) -> Message | None:
        """Add the bot: my_chat_member, "new member", and with `startgroup` also /start@bot PARAM."""
        assert group.state.member(self.user).present, f"{self.name} is no member of {group.title}"
        self._views.of(group.state).acted()
        group.add_bot(by=self, admin_rights=admin_rights)
        if startgroup is None:
            return None
        return await self.send(group, f"/start@{self.core.bot.username} {startgroup}".rstrip())

    async def react(self, message: Message, *emojis: str) -> None:
        """Set the person's reactions; a bot hears of it only as an admin that asked for message_reaction."""
        old = message.reactions.get(self.user.id, [])
        message.reactions[self.user.id] = list(emojis)
        chat = message.chat
        self._views.of(chat).acted()
        self.core.changed()
        if chat.type != "private" and not chat.member(self.core.bot).is_admin:
            return
        kinds = [[{"type": "emoji", "emoji": emoji} for emoji in some] for some in (old, emojis)]
        payload = {
            "chat": render.chat_json(chat), "message_id": message.id, "user": render.user_json(self.user),
            "date": self.core.world.now(), "old_reaction": kinds[0], "new_reaction": kinds[1],
        }  # fmt: skip
        self.core.updates.push("message_reaction", payload, chat.id + (8 << 33))

    def block_bot(self) -> None:
        self._set_blocked(blocked=True)

    def unblock_bot(self) -> None:
        self._set_blocked(blocked=False)

    def delete_account(self) -> None:
        self.user.deactivated = True

    def commands(self, place: ChatView | None = None) -> list[str]:
        """The command list that the person's app shows in a chat."""
        chat = (place or self.private).state
        return [command["command"] for command in shown_commands(self.core, chat, self.user)]

    def _set_blocked(self, *, blocked: bool) -> None:
        chat = self.core.world.private_chat(self.user)
        chat.started = chat.started or blocked
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        bot = render.user_json(self.core.bot)
        kinds = [{"user": bot, "status": "kicked", "until_date": 0}, {"user": bot, "status": "member"}]
        payload = {
            "chat": render.chat_json(chat), "from": render.user_json(self.user), "date": self.core.world.now(),
            "old_chat_member": kinds[blocked], "new_chat_member": kinds[not blocked],
        }  # fmt: skip
        self.core.updates.push("my_chat_member", payload, chat.id + (5 << 33))

    def _must_be_able_to_write(self, chat: Chat) -> None:
        if chat.type == "private":
            assert chat.user is self.user, f"{self.name} cannot write in the chat of {chat.user}"
            assert not chat.blocked, f"{self.name} has blocked the bot; unblock_bot() first"
            return
        assert not chat.migrated_to, "the group was upgraded; its old chat is closed"
        member = chat.member(self.user)
        assert member.present, f"{self.name} is no member of {chat.title}"
        allowed = member.rights if member.status == "restricted" else chat.permissions
        assert member.is_admin or "can_send_messages" in allowed, f"{self.name} may not write in {chat.title}"


def find_button(message: Message, label: str) -> dict[str, Any]:
    """By callback_data, by label, or by a part of one label."""
    assert not message.deleted, f"message {message.id} is deleted: {message.body!r}"
    buttons = message.buttons
    for fits in (
        lambda button: button["text"] == label,
        lambda button: button.get("callback_data") == label,
        lambda button: label in button["text"],
    ):
        found = [button for button in buttons if fits(button)]
        if len(found) == 1:
            return dict(found[0])
        assert not found, f"{len(found)} buttons fit {label!r}: {message.labels}"
    raise AssertionError(f"no button {label!r} under {message.body!r}; there are {message.labels}")


class Views:
    """One view for each chat, made when first asked for."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._views: dict[int, ChatView] = {}

    def of(self, chat: Chat) -> ChatView:
        view = self._views.get(chat.id)
        if view is None:
            view = PrivateChat(self._core, chat) if chat.type == "private" else Group(self._core, chat, self)
            self._views[chat.id] = view
        return view

    def moved(self, view: ChatView, chat: Chat) -> None:
        self._views[chat.id] = view
