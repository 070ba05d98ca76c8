"""What the bot says about itself: commands by scope and language, name, descriptions, menu button."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from .access import chat_of
from .core import Core
from .errors import bad_request
from .state import Chat, User
from .validation import Params

MAX_COMMANDS = 100
_LIMITS = {"name": 64, "description": 512, "short_description": 120}
_DEFAULT_SCOPE = {"type": "default"}


async def set_my_commands(core: Core, params: Params) -> Any:
    commands = params["commands"]
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"].strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    cleaned = [{**command, "command": command["command"].lstrip("/")} for command in commands]
    core.profile.commands[_scope(core, params), _language(params)] = cleaned
    return True


async def get_my_commands(core: Core, params: Params) -> Any:
    return core.profile.commands.get((_scope(core, params), _language(params)), [])


async def delete_my_commands(core: Core, params: Params) -> Any:
    core.profile.commands.pop((_scope(core, params), _language(params)), None)
    return True


def shown_commands(core: Core, chat: Chat, user: User) -> list[dict[str, Any]]:
    """The list a person's app shows: the narrowest scope first, in each the person's language before none."""
    scopes: list[dict[str, Any]] = [{"type": "chat_member", "chat_id": chat.id, "user_id": user.id}]
    if chat.type == "private":
        scopes = [{"type": "chat", "chat_id": chat.id}, {"type": "all_private_chats"}, _DEFAULT_SCOPE]
    else:
        if chat.member(user).is_admin:
            scopes.append({"type": "chat_administrators", "chat_id": chat.id})
        scopes.append({"type": "chat", "chat_id": chat.id})
        if chat.member(user).is_admin:
            scopes.append({"type": "all_chat_administrators"})
        scopes += [{"type": "all_group_chats"}, _DEFAULT_SCOPE]
    for scope in scopes:
        for language in (user.language_code[:2], ""):
            if commands := core.profile.commands.get((_key(scope), language)):
                return commands
    return []


def _scope(core: Core, params: Params) -> str:
    scope = dict(params.get("scope") or _DEFAULT_SCOPE)
    if "chat_id" in scope:
        scope["chat_id"] = chat_of(core, scope["chat_id"], "read").id
    return _key(scope)


def _key(scope: dict[str, Any]) -> str:
    return msgspec.json.encode(scope, order="sorted").decode()


def _language(params: Params) -> str:
    code = params.get("language_code") or ""
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("LANG_CODE_INVALID")
    return str(code)


def _setter(name: str) -> Any:
    async def set_text(core: Core, params: Params) -> Any:
        text = params.get(name) or ""
        if len(text) > _LIMITS[name]:
            raise bad_request(f"{name.replace('_', ' ')} is too long")
        core.profile.texts[name, _language(params)] = text
        return True

    return set_text


def _getter(name: str) -> Any:
    async def get_text(core: Core, params: Params) -> Any:
        texts = core.profile.texts
        default = core.bot.first_name if name == "name" else ""
        return {name: texts.get((name, _language(params))) or texts.get((name, "")) or default}

    return get_text


set_my_name, get_my_name = _setter("name"), _getter("name")
set_my_description, get_my_description = _setter("description"), _getter("description")
set_my_short_description, get_my_short_description = _setter("short_description"), _getter("short_description")


async def set_chat_menu_button(core: Core, params: Params) -> Any:
    core.profile.menu_buttons[int(params.get("chat_id") or 0)] = params.get("menu_button") or {"type": "default"}
    return True


async def get_chat_menu_button(core: Core, params: Params) -> Any:
    return core.profile.menu_buttons.get(int(params.get("chat_id") or 0), {"type": "commands"})


async def set_default_rights(core: Core, params: Params) -> Any:
    core.profile.rights = params.get("rights") or {}
    return True
