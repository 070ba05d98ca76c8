"""The harvest at any moment: what was said and done, in short as a message, and all of it as files."""

from __future__ import annotations

import asyncio

from bot.chat.content import Action
from bot.handlers import doors, membership
from bot.handlers.context import Context
from bot.reporting import files
from bot.store.harvest import load_harvest
from bot.views import harvest as views


async def harvest(ctx: Context, _argument: str) -> None:
    """Give the harvest: in private with its files; in a group in short, with the way to them."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    found = await load_harvest(ctx.uow, conversation.id, ctx.now)
    if not ctx.private:
        start = doors.payload(ctx, Action("harvest", conversation.id))
        ctx.say(views.in_group(conversation, found, start), quoting=True)
        return
    ctx.say(views.in_private(conversation, found))
    if views.anything(found):
        for file in await asyncio.to_thread(files.every_form, found, ctx.locale):
            ctx.say(views.file(file))
