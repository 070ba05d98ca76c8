"""What waits for somebody, before its time; when they are not to be disturbed, and how often the digest comes."""

from __future__ import annotations

from bot.chat.content import Action
from bot.domain.calm import Note
from bot.handlers import calm, doors
from bot.handlers.context import Context, Sorry
from bot.store import calm as queries
from bot.views import calm as views


async def notes(ctx: Context, _action: Action) -> None:
    """Tell somebody what waits for them: they asked, so no day is taken by it."""
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("notes"))
        return
    waits = await queries.waiting(ctx.uow, ctx.me.id)
    if not waits:
        ctx.tell(views.NOTHING)
        return
    content, _rest = calm.take(ctx, waits, ctx.room)
    ctx.say(content)


async def opened(ctx: Context, action: Action) -> None:
    """Open one note of which the digest said a line."""
    found = await ctx.uow.get(Note, action.subject) if action.subject else None
    if found is None or found.person_id != ctx.me.id:
        raise Sorry(views.GONE)
    ctx.say(found.secret)


PRESSES = {"notes": notes, "note": opened}
