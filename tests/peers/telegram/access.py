"""Who may be written to, where, and in answer to what: the server's checks before it does anything."""

from __future__ import annotations

import re
from typing import Any, Literal

from .core import Core
from .errors import bad_request, forbidden, too_many_requests
from .state import Chat, Message, User

Access = Literal["read", "write"]


def chat_of(core: Core, chat_id: Any, access: Access = "write") -> Chat:
    """The chat, or the server's refusal."""
    if chat_id is None or chat_id == "":
        raise bad_request("chat_id is empty")
    chat = _find(core, chat_id)
    if chat.type == "private":
        _check_private(chat, access)
    else:
        _check_group(core, chat)
    return chat


def _find(core: Core, chat_id: Any) -> Chat:
    if isinstance(chat_id, str) and not re.fullmatch(r"-?\d+", chat_id):
        chat = core.world.chat_by_name(chat_id) if chat_id.startswith("@") else None
    else:
        number = int(chat_id)
        chat = core.world.chats.get(number)
        user = core.world.users.get(number)
        if chat is None and user is not None and not user.is_bot:
            chat = core.world.private_chat(user)
    if chat is None or (chat.type != "private" and core.bot.id not in chat.members and not chat.migrated_to):
        raise bad_request("chat not found")
    return chat


def _check_private(chat: Chat, access: Access) -> None:
    assert chat.user is not None
    if chat.user.deactivated and access == "write":
        raise forbidden("user is deactivated")
    if access == "write":
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")


def _check_group(core: Core, chat: Chat) -> None:
    if chat.migrated_to:
        raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
    status = chat.member(core.bot).status
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    if status == "left":
        raise forbidden(f"bot is not a member of the {chat.type} chat")


def flood(core: Core, chat: Chat) -> None:
    """Refuse what exceeds the limits, when they are on."""
    if core.flood is not None and (wait := core.flood.check(chat.id)):
        raise too_many_requests(wait)


def may_send(core: Core, chat: Chat, what: str) -> None:
    """`what` is "text messages", "photos" or "documents"."""
    if chat.type == "private":
        return
    member = chat.member(core.bot)
    if member.is_admin:
        return
    permission = {"text messages": "can_send_messages"}.get(what, f"can_send_{what.replace(' ', '_')}")
    allowed = permission in chat.permissions
    if member.status == "restricted":
        allowed = allowed and permission in member.rights
    if not allowed:
        raise bad_request(f"not enough rights to send {what} to the chat")


def need(core: Core, chat: Chat, right: str, refusal: str) -> None:
    """The bot must be an administrator with `right`; anyone may in a private chat."""
    if chat.type != "private" and not chat.member(core.bot).can(right):
        raise bad_request(refusal)


def thread_of(core: Core, chat: Chat, params: dict[str, Any]) -> int | None:
    """message_thread_id: looked at in forums only; the general topic has none."""
    thread_id = params.get("message_thread_id")
    if not thread_id or not chat.is_forum:
        return None
    topic = chat.topics.get(int(thread_id))
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not chat.member(core.bot).can("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return topic.id


def reply_of(core: Core, chat: Chat, params: dict[str, Any]) -> Message | None:
    """The message that is answered, or None."""
    given = params.get("reply_parameters") or {}
    message_id = given.get("message_id") or params.get("reply_to_message_id")
    if not message_id:
        return None
    if set(given) - {"message_id", "chat_id", "allow_sending_without_reply"} or given.get("chat_id", chat.id) not in {
        chat.id, str(chat.id)
    }:  # fmt: skip
        raise core.unsupported("reply_parameters with a quote or another chat")
    message = chat.messages.get(int(message_id))
    if message is not None and not message.deleted:
        return message
    if given.get("allow_sending_without_reply") or params.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def message_of(core: Core, chat: Chat, message_id: Any, role: str) -> Message:
    """`role` is what the server calls it: "message to edit"."""
    message = chat.messages.get(int(message_id)) if message_id else None
    if message is None or message.deleted:
        raise bad_request(f"{role} not found")
    return message


def user_of(core: Core, user_id: Any) -> User:
    user = core.world.users.get(int(user_id))
    if user is None:
        raise bad_request("user not found")
    return user
