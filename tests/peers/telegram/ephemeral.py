"""Ephemeral messages (Bot API 10.2 and later), when the emulator is told to support them: edits and deletion."""

from __future__ import annotations

from typing import Any

from .access import chat_of
from .core import Core
from .errors import bad_request
from .keyboards import require_inline
from .state import Message
from .texts import text_of
from .validation import Params


async def edit_text(core: Core, params: Params) -> Any:
    text, entities = text_of(core, params)
    message = _message(core, params)
    message.history.append(message.text)
    message.text, message.entities = text, entities
    message.markup = require_inline(params.get("reply_markup"))
    core.see("edited", message)
    return True


async def delete(core: Core, params: Params) -> Any:
    message = _message(core, params)
    message.deleted = True
    core.see("deleted", message)
    return True


def _message(core: Core, params: Params) -> Message:
    if core.ephemeral != "support":
        raise bad_request("ephemeral messages are not supported")
    chat = chat_of(core, params.get("chat_id"))
    message = chat.ephemerals.get(int(params["ephemeral_message_id"]))
    if message is None or message.deleted or message.ephemeral_for is None:
        raise bad_request("message to edit not found")
    if message.ephemeral_for.id != int(params["receiver_user_id"]):
        raise bad_request("message to edit not found")
    return message
