"""Chats and their members: getChat…, leaving, restricting, banning, invite links, forum topics."""

from __future__ import annotations

from typing import Any

from . import render
from .access import chat_of, need, user_of
from .core import Core
from .errors import bad_request
from .state import PERMISSIONS, Chat, Member, Topic
from .validation import Params

_RESTRICT = "not enough rights to restrict/unrestrict chat member"


async def get_chat(core: Core, params: Params) -> Any:
    return render.full_chat_json(chat_of(core, params.get("chat_id"), "read"))


async def get_chat_member(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"), "read")
    user = core.world.users.get(int(params["user_id"]))
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.type == "private":
        return render.member_json(chat, Member(user, "member"))
    return render.member_json(chat, chat.member(user))


async def get_chat_administrators(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"), "read")
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    admins = [member for member in chat.present() if member.is_admin]
    return [render.member_json(chat, member) for member in admins if not member.user.is_bot or member.user is core.bot]


async def get_chat_member_count(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"), "read")
    return 2 if chat.type == "private" else sum(1 for _ in chat.present())


async def leave_chat(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    core.service_message(chat, core.bot, left_chat_member=render.user_json(core.bot))
    core.change_member(chat, core.bot, "left", core.bot)
    return True


async def restrict_chat_member(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    if chat.type != "supergroup":
        raise bad_request("method is available only for supergroups")
    member = _member(core, chat, params)
    allowed = allowed_permissions(
        params["permissions"], independent=bool(params.get("use_independent_chat_permissions"))
    )
    until = int(params.get("until_date") or 0)
    if allowed >= frozenset(PERMISSIONS) - {"can_change_info", "can_pin_messages", "can_manage_topics", "can_edit_tag"}:
        core.change_member(chat, member.user, "member" if member.present else "left", core.bot)
    else:
        core.change_member(chat, member.user, "restricted", core.bot, allowed, until)
    return True


def allowed_permissions(given: dict[str, Any], *, independent: bool) -> frozenset[str]:
    """What the given switches allow; unless independent, some imply others."""
    allowed = {name for name in PERMISSIONS if given.get(name)}
    if not independent:
        if "can_add_web_page_previews" in allowed or "can_send_other_messages" in allowed:
            allowed |= {
                f"can_send_{kind}" for kind in ("audios", "documents", "photos", "videos", "video_notes", "voice_notes")
            }  # fmt: skip
        if any(name.startswith("can_send_") for name in allowed):
            allowed.add("can_send_messages")
    return frozenset(allowed)


async def set_chat_permissions(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_restrict_members", "not enough rights to change chat permissions")
    chat.permissions = allowed_permissions(
        params["permissions"], independent=bool(params.get("use_independent_chat_permissions"))
    )
    return True


async def ban_chat_member(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    member = _member(core, chat, params)
    was_present = member.present
    core.change_member(chat, member.user, "kicked", core.bot, until=int(params.get("until_date") or 0))
    if was_present:
        core.service_message(chat, core.bot, left_chat_member=render.user_json(member.user))
    return True


async def unban_chat_member(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_restrict_members", _RESTRICT)
    user = user_of(core, params["user_id"])
    if chat.member(user).status == "kicked" or not params.get("only_if_banned"):
        core.change_member(chat, user, "left", core.bot)
    return True


def _member(core: Core, chat: Chat, params: Params) -> Member:
    need(core, chat, "can_restrict_members", _RESTRICT)
    member = chat.member(user_of(core, params["user_id"]))
    if member.user is core.bot:
        raise bad_request("can't restrict self")
    if member.status == "creator":
        raise bad_request("can't remove chat owner")
    if member.is_admin:
        raise bad_request("user is an administrator of the chat")
    return member


async def export_chat_invite_link(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_invite_users", "not enough rights to manage chat invite link")
    chat.invite_link = f"https://t.me/+{abs(chat.id):x}{core.event_number:04x}"
    return chat.invite_link


async def create_forum_topic(core: Core, params: Params) -> Any:
    chat = chat_of(core, params.get("chat_id"))
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    need(core, chat, "can_manage_topics", "not enough rights to create a topic")
    if not 1 <= len(params["name"]) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not params["name"] else "topic name is too long")
    topic = open_topic(core, chat, core.bot, params["name"])
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}


def open_topic(core: Core, chat: Chat, by: Any, name: str) -> Topic:
    """The topic's id is that of the service message that opens it."""
    topic = Topic(chat.last_message_id + 1, name)
    chat.topics[topic.id] = topic
    created = {"name": name, "icon_color": topic.icon_color}
    core.service_message(chat, by, thread_id=topic.id, forum_topic_created=created)
    return topic


async def edit_forum_topic(core: Core, params: Params) -> Any:
    topic, chat = _topic(core, params)
    topic.name = params.get("name") or topic.name
    core.service_message(chat, core.bot, thread_id=topic.id, forum_topic_edited={"name": topic.name})
    return True


async def close_forum_topic(core: Core, params: Params) -> Any:
    topic, chat = _topic(core, params)
    if topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = True
    core.service_message(chat, core.bot, thread_id=topic.id, forum_topic_closed={})
    return True


async def reopen_forum_topic(core: Core, params: Params) -> Any:
    topic, chat = _topic(core, params)
    if not topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = False
    core.service_message(chat, core.bot, thread_id=topic.id, forum_topic_reopened={})
    return True


def _topic(core: Core, params: Params) -> tuple[Topic, Chat]:
    chat = chat_of(core, params.get("chat_id"))
    need(core, chat, "can_manage_topics", "not enough rights to edit the topic")
    topic = chat.topics.get(int(params["message_thread_id"]))
    if topic is None:
        raise bad_request("message thread not found")
    return topic, chat
