"""The harvest at any moment: in short as a message, all of it as files, and on the web if a host opens it there."""

from __future__ import annotations

import asyncio

from bot.chat.content import Action, Text
from bot.domain.conversation import Conversation
from bot.handlers import doors, membership
from bot.handlers.context import Context, Sorry
from bot.reporting import files
from bot.store import invitations
from bot.store.harvest import load_harvest
from bot.views import common
from bot.views import harvest as views


async def harvest(ctx: Context, _argument: str) -> None:
    """Give the harvest: in private with its files; in a group in short, with the way to them."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    found = await load_harvest(ctx.uow, conversation.id, ctx.now)
    if not ctx.private:
        start = doors.payload(ctx, Action("harvest", conversation.id))
        ctx.say(views.in_group(conversation, found, start), quoting=True)
        return
    ctx.say(views.in_private(conversation, found, await _page(ctx, conversation)))
    if views.anything(found):
        for file in await asyncio.to_thread(files.every_form, found, ctx.locale):
            ctx.say(views.file(file))


async def page(ctx: Context, action: Action) -> None:
    """Open the harvest to whoever has a link (``open``), or close it; only a host may, and only in private."""
    if action.scope is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    host = await ctx.participant(conversation.id)
    if host is None or not host.hosts:
        raise Sorry(Text("Only a host can show the harvest on the web."))
    if not ctx.web:
        raise Sorry(Text("This server has no pages on the web. Send the file instead."))
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    for earlier in await invitations.open_pages(ctx.uow, conversation.id):
        invitations.end(ctx.uow, earlier, ctx.now)
    if action.arg != views.OPEN:
        ctx.say(views.page_closed(conversation))
        return
    _made, code = invitations.make(ctx.uow, conversation, host, "page", ctx.now, ctx.new_id)
    ctx.say(views.page_open(conversation, f"{ctx.web}/c/{code}"))


async def _page(ctx: Context, conversation: Conversation) -> bool | None:
    """Tell whether the harvest is on the web; None to whoever cannot change that."""
    me = await ctx.participant(conversation.id)
    if not ctx.web or me is None or not me.hosts:
        return None
    return bool(await invitations.open_pages(ctx.uow, conversation.id))


PRESSES = {"page": page}
