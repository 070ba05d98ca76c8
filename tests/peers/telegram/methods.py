"""Every method the emulator carries out, and the parameters it honours: a table to read, nothing is scanned.

What aiogram knows and this table does not is refused with 400 and noted as a violation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from . import chats, editing, ephemeral, profile, receiving, sending
from .core import Core
from .validation import Params


@dataclass(frozen=True, slots=True)
class Handler:
    run: Callable[[Core, Params], Awaitable[Any]]
    supports: frozenset[str]


def _takes(run: Callable[[Core, Params], Awaitable[Any]], names: str = "") -> Handler:
    return Handler(run, frozenset(names.split()))


_TARGET = "chat_id message_thread_id disable_notification protect_content"
_REPLY = "reply_parameters reply_to_message_id allow_sending_without_reply reply_markup"
_TEXT = "text parse_mode entities link_preview_options disable_web_page_preview"
_CAPTION = "caption parse_mode caption_entities"
_EDIT = "chat_id message_id inline_message_id reply_markup"
_UPDATES = "allowed_updates"
_WHERE = "scope language_code"

HANDLERS: dict[str, Handler] = {
    "getme": _takes(receiving.get_me),
    "getupdates": _takes(receiving.get_updates, f"offset limit timeout {_UPDATES}"),
    "setwebhook": _takes(
        receiving.set_webhook, f"url max_connections ip_address secret_token drop_pending_updates {_UPDATES}"
    ),
    "deletewebhook": _takes(receiving.delete_webhook, "drop_pending_updates"),
    "getwebhookinfo": _takes(receiving.get_webhook_info),
    "getfile": _takes(receiving.get_file, "file_id"),
    "sendmessage": _takes(sending.send_message, f"{_TARGET} {_REPLY} {_TEXT}"),
    "sendphoto": _takes(sending.send_photo, f"{_TARGET} {_REPLY} {_CAPTION} photo"),
    "senddocument": _takes(
        sending.send_document, f"{_TARGET} {_REPLY} {_CAPTION} document disable_content_type_detection"
    ),
    "sendchataction": _takes(sending.send_chat_action, "chat_id message_thread_id action"),
    "forwardmessage": _takes(sending.forward_message, f"{_TARGET} from_chat_id message_id"),
    "copymessage": _takes(sending.copy_message, f"{_TARGET} {_REPLY} {_CAPTION} from_chat_id message_id"),
    "editmessagetext": _takes(editing.edit_message_text, f"{_EDIT} {_TEXT}"),
    "editmessagecaption": _takes(editing.edit_message_caption, f"{_EDIT} {_CAPTION}"),
    "editmessagemedia": _takes(editing.edit_message_media, f"{_EDIT} media"),
    "editmessagereplymarkup": _takes(editing.edit_message_reply_markup, _EDIT),
    "deletemessage": _takes(editing.delete_message, "chat_id message_id"),
    "deletemessages": _takes(editing.delete_messages, "chat_id message_ids"),
    "answercallbackquery": _takes(editing.answer_callback_query, "callback_query_id text show_alert url cache_time"),
    "setmessagereaction": _takes(editing.set_message_reaction, "chat_id message_id reaction is_big"),
    "pinchatmessage": _takes(editing.pin_chat_message, "chat_id message_id disable_notification"),
    "unpinchatmessage": _takes(editing.unpin_chat_message, "chat_id message_id"),
    "unpinallchatmessages": _takes(editing.unpin_all_chat_messages, "chat_id"),
    "editephemeralmessagetext": _takes(
        ephemeral.edit_text, f"chat_id receiver_user_id ephemeral_message_id reply_markup {_TEXT}"
    ),
    "deleteephemeralmessage": _takes(ephemeral.delete, "chat_id receiver_user_id ephemeral_message_id"),
    "setmycommands": _takes(profile.set_my_commands, f"commands {_WHERE}"),
    "getmycommands": _takes(profile.get_my_commands, _WHERE),
    "deletemycommands": _takes(profile.delete_my_commands, _WHERE),
    "setmyname": _takes(profile.set_my_name, "name language_code"),
    "getmyname": _takes(profile.get_my_name, "language_code"),
    "setmydescription": _takes(profile.set_my_description, "description language_code"),
    "getmydescription": _takes(profile.get_my_description, "language_code"),
    "setmyshortdescription": _takes(profile.set_my_short_description, "short_description language_code"),
    "getmyshortdescription": _takes(profile.get_my_short_description, "language_code"),
    "setchatmenubutton": _takes(profile.set_chat_menu_button, "chat_id menu_button"),
    "getchatmenubutton": _takes(profile.get_chat_menu_button, "chat_id"),
    "setmydefaultadministratorrights": _takes(profile.set_default_rights, "rights for_channels"),
    "getchat": _takes(chats.get_chat, "chat_id"),
    "getchatmember": _takes(chats.get_chat_member, "chat_id user_id"),
    "getchatadministrators": _takes(chats.get_chat_administrators, "chat_id"),
    "getchatmembercount": _takes(chats.get_chat_member_count, "chat_id"),
    "leavechat": _takes(chats.leave_chat, "chat_id"),
    "restrictchatmember": _takes(
        chats.restrict_chat_member, "chat_id user_id permissions until_date use_independent_chat_permissions"
    ),
    "setchatpermissions": _takes(chats.set_chat_permissions, "chat_id permissions use_independent_chat_permissions"),
    "banchatmember": _takes(chats.ban_chat_member, "chat_id user_id until_date revoke_messages"),
    "unbanchatmember": _takes(chats.unban_chat_member, "chat_id user_id only_if_banned"),
    "exportchatinvitelink": _takes(chats.export_chat_invite_link, "chat_id"),
    "createforumtopic": _takes(chats.create_forum_topic, "chat_id name icon_color"),
    "editforumtopic": _takes(chats.edit_forum_topic, "chat_id message_thread_id name"),
    "closeforumtopic": _takes(chats.close_forum_topic, "chat_id message_thread_id"),
    "reopenforumtopic": _takes(chats.reopen_forum_topic, "chat_id message_thread_id"),
}
