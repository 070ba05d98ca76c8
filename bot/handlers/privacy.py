"""What is kept, and why; all that is mine; erase me."""

from __future__ import annotations

from bot.chat.content import Action, Content
from bot.chat.keys import network_of
from bot.domain.steps import StoryPicture
from bot.handlers import doors, needs
from bot.handlers.context import Context, Sorry
from bot.handlers.erasing import erase
from bot.store import calm, listening
from bot.store import needs as need_queries
from bot.store import privacy as queries
from bot.views import common
from bot.views import privacy as views
from bot.views.mydata import my_data


async def privacy(ctx: Context, _argument: str) -> None:
    """Tell what is kept of a person, why, who could see it, and what one can do."""
    content = views.privacy(ctx.operator, network_of(ctx.room.channel), ask=ctx.private and not ctx.me.consented)
    if ctx.me.consented:
        ctx.turn(content)
    else:  # The notice stays above, with its own buttons.
        ctx.say(content, only_me=not ctx.private)


async def mydata(ctx: Context, _argument: str) -> None:
    """Give a person a file of all that is kept of them."""
    accounts = await queries.accounts(ctx.uow, ctx.me.id)
    lookups = [ctx.membership_lookup(conversation_id) for conversation_id in ctx.me.secret.joined]
    found = [await queries.mine(ctx.uow, one) for one in await queries.memberships(ctx.uow, lookups)]
    proposed = await queries.proposals(ctx.uow, [account.secret.key for account in accounts])
    helps = [(one, await need_queries.matches_of(ctx.uow, one)) for one in await needs.mine_of(ctx)]
    talks = await listening.of_person(ctx.uow, ctx.me.id)
    told = [(one.conversation_id, one.id) for mine in found for one in mine.stories if one.pictured]
    await ctx.uow.load(StoryPicture, told)
    kept = [await ctx.uow.get(StoryPicture, *key) for key in told]
    pictures = {one.story_id: one.secret for one in kept if one is not None}
    ctx.say(my_data(ctx.me, accounts, found, proposed, await calm.theirs(ctx.uow, ctx.me.id), helps, talks, pictures))


async def forget(ctx: Context, _argument: str) -> None:
    """Ask whether somebody wants to be erased, and whether their ideas go too."""
    ctx.turn(views.sure(ctx.me.id))


async def forgotten(ctx: Context, action: Action) -> None:
    """Erase, after the question was answered by the same person."""
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("forget"))
        return
    if action.scope is None or not action.arg:
        await forget(ctx, "")
        return
    if action.scope != ctx.me.id:
        raise Sorry(common.NOT_YOURS)
    if action.arg == views.NO:
        ctx.turn(Content.of(views.STAYED))
    else:
        await erase(ctx, keep_ideas=action.arg == views.KEEP)


PRESSES = {"forget": forgotten}
