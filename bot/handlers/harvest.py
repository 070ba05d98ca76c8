"""The harvest at any moment: in short as a message, all of it as a page, and on the web if a host opens it there.

Other forms come when somebody presses for them.

The files are made afterwards, beside all else (`bot.delivery.making`): a large conversation's take a while.
"""

from __future__ import annotations

from bot.chat.content import Action, Text
from bot.domain.conversation import Conversation
from bot.handlers import doors, membership
from bot.handlers.context import Context, Sorry
from bot.store import invitations
from bot.store.records import HarvestFile
from bot.store.short_harvest import load_short
from bot.views import common
from bot.views import harvest as views


async def harvest(ctx: Context, _argument: str) -> None:
    """Give the harvest: in private with its page; in a group in short, with the way there."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    found = await load_short(ctx.uow, conversation)
    if not ctx.private:
        start = doors.payload(ctx, Action("harvest", conversation.id))
        ctx.say(views.in_group(conversation, found, start), quoting=True)
        return
    ctx.say(views.in_private(conversation, found, await _page(ctx, conversation)))
    if found.anything:
        _send(ctx, "html", conversation)


async def take(ctx: Context, action: Action) -> None:
    """Send the harvest in a form that somebody asks for, or offer more of them."""
    if action.scope is None or action.arg not in {*views.USES, views.MORE}:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    if action.arg == views.MORE:
        ctx.say(views.more(conversation))
        return
    if action.arg in views.PRINTED:
        ctx.say(views.coming())
    _send(ctx, action.arg, conversation)


def _send(ctx: Context, form: str, conversation: Conversation) -> None:
    ctx.send_file(views.file(Text(views.USES[form])), HarvestFile(form), conversation.id)


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


PRESSES = {"page": page, "take": take}
