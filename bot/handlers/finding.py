"""Finding the idea that is meant; where it is not there any more, it says so, and what has become of it."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action, Text
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.handlers import membership
from bot.handlers.context import Context, Sorry
from bot.store import ideas as queries
from bot.views import common, idea_lists
from bot.views.receipts import see

MOST_DIGITS = 5
"""More than any idea's number has."""


async def numbered(ctx: Context, conversation: Conversation, typed: str) -> Idea | None:
    """Give the readable idea whose number was typed, None if it is no number. Raises `Sorry` where there is none."""
    digits = typed.removeprefix("#").rstrip(".:,")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
        return None
    found = await queries.numbered(ctx.uow, conversation.id, int(digits))
    if found is None or not found.readable:
        raise Sorry(Text("There is no idea %(number)s.", {"number": digits}), idea_lists.way_to_all(conversation))
    return found


async def alive(ctx: Context, action: Action) -> Idea:
    """Give an idea that can be carried and weighed. Raises `Sorry`, of a part with the way to the whole."""
    found = await readable(ctx, action)
    await still_alive(ctx, found)
    return found


async def still_alive(ctx: Context, found: Idea) -> None:
    """Raise `Sorry` where an idea cannot be carried and weighed; of a part with the way to the whole."""
    if found.alive:
        return
    whole = await ctx.uow.get(Idea, found.conversation_id, found.merged_into) if found.merged_into else None
    if found.state == "merged" and whole is not None:
        numbers = {"number": found.number, "whole": whole.number}
        raise Sorry(
            Text("Idea %(number)d is part of idea %(whole)d now.", {**numbers}), common.column(see(whole))
        )  # fmt: skip
    raise Sorry(common.GONE)


async def readable(ctx: Context, action: Action) -> Idea:
    """Give an idea whose words can be seen. Raises `Sorry`."""
    scope: UUID | None = action.scope
    if scope is None:
        raise Sorry(common.STALE)
    found = await ctx.uow.get(Idea, scope, action.subject) if action.subject else None
    if found is None or not found.readable:
        raise Sorry(common.GONE)
    return found


async def seen(ctx: Context, action: Action) -> tuple[Conversation, Idea]:
    """Give an idea whose words can be seen, and its conversation to who may read it. Raises `Sorry`."""
    found = await readable(ctx, action)
    return await membership.reader(ctx, found.conversation_id), found
