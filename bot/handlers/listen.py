"""Being listened to: how it begins. What is said then comes to `bot.listening` alone."""

from __future__ import annotations

from bot.chat.content import Action
from bot.domain.helplines import lines_for
from bot.handlers import doors
from bot.handlers.context import Context
from bot.store.records import Listening
from bot.views import listen as views


async def listen(ctx: Context, _argument: str) -> None:
    """Begin to listen. What is said is this row alone; the first words come when it is committed."""
    shown = await ctx.prompted()
    if shown is not None:  # A number typed means this talk's buttons from now on, not an older message's.
        ctx.uow.remove(shown)
    before = await ctx.uow.get(Listening, ctx.room.id)
    if before is not None:
        ctx.uow.remove(before)
    ctx.uow.add(Listening(ctx.room.id, ctx.me.id, ctx.now))


async def pressed(ctx: Context, action: Action) -> None:
    """A button of a talk that has ended, or one that begins it; the numbers to call are shown at any time."""
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("listen"))
    elif action.arg == views.CALL:
        conversation = await ctx.conversation()
        place = conversation.place_key if conversation else ""
        ctx.say(views.calling(lines_for(place, ctx.room.zone, ctx.helplines)))
    elif action.arg:
        ctx.turn(views.over())
    else:
        await listen(ctx, "")


PRESSES = {"listen": pressed}
