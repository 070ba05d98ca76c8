"""Records as the JSON of the Bot API. Field names, order and what is left out follow the real server."""

from __future__ import annotations

from typing import Any

from .entities import Entity
from .state import ADMIN_RIGHTS, PERMISSIONS, Chat, Member, Message, StoredFile, User

Json = dict[str, Any]
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def user_json(user: User) -> Json:
    result: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    if user.last_name:
        result["last_name"] = user.last_name
    if user.username:
        result["username"] = user.username
    if user.language_code and not user.is_bot:
        result["language_code"] = user.language_code
    return result


def chat_json(chat: Chat) -> Json:
    result: Json = {"id": chat.id}
    if chat.user is not None:
        result["first_name"] = chat.user.first_name
        if chat.user.last_name:
            result["last_name"] = chat.user.last_name
        if chat.user.username:
            result["username"] = chat.user.username
    else:
        result["title"] = chat.title
        if chat.username:
            result["username"] = chat.username
        if chat.is_forum:
            result["is_forum"] = True
    result["type"] = chat.type
    if chat.type == "group":
        result["all_members_are_administrators"] = False
    return result


def full_chat_json(chat: Chat) -> Json:
    gifts = dict.fromkeys(_GIFTS, False)
    result = chat_json(chat)
    if chat.user is not None and chat.user.bio:
        result["bio"] = chat.user.bio
    if chat.description:
        result["description"] = chat.description
    if chat.invite_link:
        result["invite_link"] = chat.invite_link
    if chat.type != "private":
        result["permissions"] = {name: name in chat.permissions for name in PERMISSIONS}
    pinned = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    if pinned is not None and not pinned.deleted:
        result["pinned_message"] = message_json(pinned, reply=False)
    return {**result, "accepted_gift_types": gifts, "max_reaction_count": 11, "accent_color_id": 1}


def member_json(chat: Chat, member: Member) -> Json:
    result: Json = {"user": user_json(member.user), "status": member.status}
    match member.status:
        case "creator":
            result["is_anonymous"] = False
        case "administrator":
            result["can_be_edited"] = False
            for right in ADMIN_RIGHTS:
                if right != "can_manage_topics" or chat.type == "supergroup":
                    result[right] = right in member.rights
        case "restricted":
            result["until_date"] = member.until
            result |= {name: name in member.rights for name in PERMISSIONS}
            result["is_member"] = True
        case "kicked":
            result["until_date"] = member.until
        case _:
            pass
    return result


def entity_json(entity: Entity, users: dict[int, User]) -> Json:
    if entity["type"] == "text_mention":
        user = users.get(entity["user"]["id"])
        return {**entity, "user": user_json(user)} if user else entity
    return entity


def document_json(stored: StoredFile) -> Json:
    return {
        "file_name": stored.name, "mime_type": stored.mime,
        "file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": len(stored.data),
    }  # fmt: skip


def photo_json(stored: StoredFile) -> list[Json]:
    common = {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": len(stored.data)}
    small = {**common, "file_unique_id": stored.unique_id + "s", "width": 90, "height": 90}
    return [small, {**common, "width": stored.width, "height": stored.height}]


def message_json(message: Message, *, reply: bool = True) -> Json:
    result: Json = {
        "message_id": message.id,
        "from": user_json(message.sender),
        "chat": chat_json(message.chat),
        "date": message.date,
    }
    if message.ephemeral_for is not None:
        result |= {
            "message_id": 0,
            "receiver_user": user_json(message.ephemeral_for),
            "ephemeral_message_id": message.ephemeral_id,
        }
    if message.edit_date:
        result["edit_date"] = message.edit_date
    if message.thread_id:
        result |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    elif (root := _thread_root(message)) is not None:
        result["message_thread_id"] = root
    if message.forward_from is not None:
        origin = message.forward_from
        result["forward_origin"] = {"type": "user", "sender_user": user_json(origin.sender), "date": origin.date}
        result |= {"forward_from": user_json(origin.sender), "forward_date": origin.date}
    answered = message.reply_to or _topic_opening(message)
    if reply and answered is not None and not answered.deleted:
        result["reply_to_message"] = message_json(answered, reply=False)
    if message.text:
        result["text"] = message.text
        if message.entities:
            result["entities"] = message.entities
        if message.link_preview:
            result["link_preview_options"] = message.link_preview
    result |= message.media
    if message.caption:
        result["caption"] = message.caption
        if message.caption_entities:
            result["caption_entities"] = message.caption_entities
    if message.protected:
        result["has_protected_content"] = True
    for name, value in message.service.items():
        result[name] = message_json(value, reply=False) if isinstance(value, Message) else value
    if message.markup:
        result["reply_markup"] = message.markup
    return result


def _topic_opening(message: Message) -> Message | None:
    """What is no answer in a topic appears as one to the service message that opened the topic."""
    opening = message.chat.messages.get(message.thread_id or 0)
    return None if opening is message else opening


def _thread_root(message: Message) -> int | None:
    """In supergroups that are no forums, answers make a thread, and message_thread_id is where it began."""
    if message.chat.type != "supergroup" or message.chat.is_forum or message.reply_to is None:
        return None
    root = message.reply_to
    while root.reply_to is not None:
        root = root.reply_to
    return root.id


def inaccessible_json(message: Message) -> Json:
    return {"chat": chat_json(message.chat), "message_id": message.id, "date": 0}
