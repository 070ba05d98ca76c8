"""The first step: the greeting, the deep links, help, language, and commands that do not exist."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from rapidfuzz import fuzz, process

from bot.chat.content import Action, Content, Text
from bot.domain.groups import HelperGroup
from bot.handlers import conversations, rooms
from bot.handlers.context import Context, Sorry
from bot.i18n import LOCALES, NAMES
from bot.views import groups as group_views
from bot.views import start as views
from bot.views.words import excerpt, folded

NEAR = 70
INVITATION, ROOM, GROUP = "i-", "r-", "g-"


async def start(ctx: Context, argument: str) -> None:
    """Greet; with a payload, go straight to what it leads to."""
    if argument.startswith((ROOM, GROUP)):
        if ctx.private:
            raise Sorry(Text("This link adds me to a group. Open it again and choose the group."))
        await rooms.link_room(ctx, argument)
    elif argument:
        await conversations.join(ctx, argument.removeprefix(INVITATION))
    elif ctx.private:
        conversation = await ctx.conversation()
        ctx.turn(views.greeting(_guessed(ctx)) if conversation is None else await _here(ctx))
    else:
        await help_(ctx, "")


async def help_(ctx: Context, argument: str) -> None:
    """Tell what can be done here and now."""
    ctx.turn(views.how(_guessed(ctx)) if argument == "how" else await _here(ctx, more=argument == "more"))


async def _here(ctx: Context, *, more: bool = False) -> Content:
    conversation = await ctx.conversation()
    if more and conversation is not None and conversation.closed_at is None:
        return views.more(conversation, private=ctx.private)
    if not ctx.private:
        group = await ctx.uow.get(HelperGroup, conversation.id, ctx.room.group_id) if conversation else None
        if conversation is not None and group is not None:
            return group_views.help_here(group, conversation)
        return views.help_group(conversation)
    if conversation is None:
        return views.how(_guessed(ctx))
    me = await ctx.participant(conversation.id)
    hosts = me is not None and me.hosts
    silent = me is not None and not hosts and conversation.silent(ctx.now)
    return views.help_private(conversation, moderates=me is not None and me.moderates, hosts=hosts, silent=silent)


def _guessed(ctx: Context) -> str:
    """Give the language that is spoken with this person, if it is but a guess."""
    return ctx.locale if ctx.event.sender.locale is None and not ctx.me.chosen_locale else ""


def hear(ctx: Context, locale: str) -> None:
    """Take the language from what was said first, where nothing else tells it."""
    if _guessed(ctx) and ctx.private:
        ctx.save_me(msgspec.structs.replace(ctx.me, locale=locale))
        ctx.room = msgspec.structs.replace(ctx.room, locale=locale)
        ctx.uow.save(ctx.room)


async def settings(ctx: Context, _action: Action) -> None:
    """Show what one can set for oneself."""
    ctx.turn(views.settings(await ctx.conversation()))


async def language(ctx: Context, argument: str) -> None:
    """Choose my language; in a group, it is still mine alone."""
    locale = spoken(argument) or (folded(argument) if folded(argument) in LOCALES else None)
    if locale is None:
        ctx.turn(views.languages())
        return
    ctx.save_me(msgspec.structs.replace(ctx.me, locale=locale, chosen_locale=True))
    if ctx.private:
        ctx.room = msgspec.structs.replace(ctx.room, locale=locale)
        ctx.uow.save(ctx.room)
    ctx.turn(Content.of(Text("From now on I speak English with you. /help tells what can be done.")))


def spoken(word: str) -> str | None:
    """Give the language that a word names, in itself or in another; None if it names none."""
    named = {folded(name): locale for locale, name in NAMES.items()} | {"swedish": "sv", "engelska": "en"}
    return named.get(folded(word))


async def unknown(ctx: Context, word: str, names: Mapping[str, str]) -> None:
    """Answer a command that does not exist; in a group it may be another bot's, and is passed over.

    `names` are all that can be typed, each with the command that it names: first by its English, then its Swedish name.
    """
    if not ctx.private:
        return
    found = process.extractOne(folded(word), list(names), scorer=fuzz.ratio, score_cutoff=NEAR)
    alike = [one for one, name in names.items() if found and name == names[found[0]]]
    near = alike[-1 if ctx.locale == "sv" else 0] if alike else ""
    ctx.reply(*views.unknown(excerpt(word, 30), near).blocks)


PRESSES = {"settings": settings}
