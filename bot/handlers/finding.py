"""Finding the idea that a button is about; where it is not there any more, it says so, and what has become of it."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action, Text
from bot.domain.ideas import Idea
from bot.handlers.context import Context, Sorry
from bot.views import common
from bot.views.receipts import see


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
