"""What moderators decide about ideas that become one, or are taken apart: each has a line in the log, and a way back.

Rules
-----
* Who gave the ideas decides. Only for who cannot be asked any more may a moderator say yes, who gave neither.
* Raises `Sorry` before anything is staged.
"""

from __future__ import annotations

import msgspec

from bot.domain.ideas import Idea
from bot.domain.merging import Merge
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.handlers import judging, merging
from bot.handlers.context import Context, Sorry
from bot.views import moderation as views


async def _may_decide(ctx: Context, me: Participant, idea: Idea, into: Idea) -> None:
    """Go on only if this moderator may decide about two ideas. Raises `Sorry`."""
    for one in (idea, into):
        await judging.fair(ctx, me, one.author_id)


async def merge(ctx: Context, me: Participant, proposed: Merge, reason: str) -> Act:
    """Say yes in the place of those who gave one of two ideas and cannot be asked any more; others are waited for."""
    idea = await ctx.uow.need(Idea, me.conversation_id, proposed.idea_id)
    into = await ctx.uow.need(Idea, me.conversation_id, proposed.into_id)
    await _may_decide(ctx, me, idea, into)
    gone = [one.id for one in await merging.missing(ctx, proposed) if not await merging.reachable(ctx, one)]
    if proposed.state != "asked" or not gone:
        raise Sorry(views.THEY_DECIDE)
    proposed = msgspec.structs.replace(proposed, yes=(*proposed.yes, *gone))
    ctx.uow.save(proposed)
    done = judging.log(ctx, me, "merge", reason, about=idea.id, before=str(proposed.id))
    if not await merging.missing(ctx, proposed):
        await merging.agreed(ctx, proposed, me.id)
    return done


async def apart(ctx: Context, me: Participant, idea: Idea, reason: str) -> Act:
    """Take an idea out of the one that it is part of."""
    standing = await merging.standing(ctx, idea)
    if standing is None:
        raise Sorry(views.CHANGED)
    await _may_decide(ctx, me, idea, await ctx.uow.need(Idea, idea.conversation_id, standing.into_id))
    done = judging.log(ctx, me, "apart", reason, about=idea.id, before=str(standing.id))
    await merging.take_apart(ctx, standing, me.id)
    return done
