"""Hats: in which capacities somebody speaks, and whether others see it. A hat never changes what one may do."""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Action
from bot.domain.conversation import Conversation
from bot.domain.people import HATS, Participant
from bot.handlers import consent, doors, membership
from bot.handlers.context import Context, Sorry
from bot.store import people
from bot.views import common
from bot.views import hats as views


async def hats(ctx: Context, _argument: str) -> None:
    """Show which hats I wear in the present conversation."""
    conversation = await membership.meant(ctx)
    _show(ctx, conversation, await ctx.participant(conversation.id))


async def hat(ctx: Context, action: Action) -> None:
    """Put a hat on (``+resident``) or take it off (``-resident``)."""
    on, name = action.arg[:1] == "+", action.arg[1:]
    if name not in HATS:
        raise Sorry(common.STALE)
    conversation = await _conversation(ctx, action.scope)
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("hats", conversation.id))
        return
    me = await _me(ctx, conversation)
    worn = {*me.hats, name} if on else {*me.hats} - {name}
    await _wear(ctx, conversation, me, msgspec.structs.replace(me, hats=tuple(one for one in HATS if one in worn)))


async def shown(ctx: Context, action: Action) -> None:
    """Let others see my hats (``1``), or not (``0``)."""
    conversation = await _conversation(ctx, action.scope)
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("hats", conversation.id))
        return
    me = await _me(ctx, conversation)
    await _wear(ctx, conversation, me, msgspec.structs.replace(me, hats_shown=action.arg == "1"))


async def _wear(ctx: Context, conversation: Conversation, before: Participant, now: Participant) -> None:
    """Keep it; where others see the hats, the cards of this person's ideas change."""
    if now != before:
        ctx.uow.save(now)
        if before.hats_shown or now.hats_shown:
            for idea_id in await people.named_ideas(ctx.uow, conversation.id, now.id):
                ctx.refresh("idea", conversation.id, idea_id)
    _show(ctx, conversation, now)


async def _conversation(ctx: Context, conversation_id: UUID | None) -> Conversation:
    if conversation_id is None:
        raise Sorry(common.STALE)
    return await membership.reader(ctx, conversation_id)


async def _me(ctx: Context, conversation: Conversation) -> Participant:
    """Give this person as a participant; also who has a pause may take a hat off. Raises `ConsentNeeded`."""
    consent.require(ctx)
    return await ctx.participant(conversation.id) or await ctx.join(conversation)


def _show(ctx: Context, conversation: Conversation, me: Participant | None) -> None:
    ctx.turn(views.hats(conversation, me.hats if me else (), ctx.locale, shown=me is not None and me.hats_shown))


PRESSES = {"hat": hat, "shown": shown}
