"""The command menus, by language and scope; Telegram takes only a-z, 0-9 and _ in their names."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import BadRequest, RetryAfter

from bot.adapters.telegram.words import clean, cut
from bot.chat.port import Menu, MenuEntry

log = structlog.get_logger()

MOST_COMMANDS, DESCRIPTION = 100, 256
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ŧ": "t", "ŋ": "n", "æ": "ae", "ß": "ss", "-": "_"})
Scope = BotCommandScopeAllPrivateChats | BotCommandScopeAllGroupChats


async def publish(bot: Bot, menus: Sequence[Menu], channel: str) -> None:
    """Publish the menus that are not there yet. A menu that is refused is only logged."""
    waiting = [
        _publish_one(bot, scope, menu.locale, commands_of(entries), channel)
        for menu in menus
        if re.fullmatch(r"[a-z]{2}|", menu.locale)
        for scope, entries in (
            (BotCommandScopeAllPrivateChats(), menu.private),
            (BotCommandScopeAllGroupChats(), menu.group),
        )
    ]
    await asyncio.gather(*waiting)


async def _publish_one(bot: Bot, scope: Scope, locale: str, commands: list[BotCommand], channel: str) -> None:
    try:
        if list(await bot.get_my_commands(scope=scope, language_code=locale or None)) != commands:
            await bot.set_my_commands(commands, scope=scope, language_code=locale or None)
    except (BadRequest, RetryAfter) as error:
        log.warning("a command menu was refused", channel=channel, error=type(error).__name__)


def commands_of(entries: Sequence[MenuEntry]) -> list[BotCommand]:
    """Write a menu in Telegram's letters; names that have none of them are left out, as are doubles."""
    found: dict[str, str] = {}
    for entry in entries:
        name, text = folded(entry.name), cut(clean(entry.description).strip(), DESCRIPTION)
        if re.fullmatch(r"[a-z0-9_]{1,32}", name) and text:
            found.setdefault(name, text)
    return [BotCommand(name, text) for name, text in list(found.items())[:MOST_COMMANDS]]


def folded(name: str) -> str:
    """Take the marks off letters: ``idé`` is ``ide``."""
    apart = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
