"""The map: where we stand, in words at once and as a picture a little later; kept up, and posted in the rooms.

Making it takes a while, so it is made beside all else (`bot.delivery.mapping`); here it is only asked for.
"""

from __future__ import annotations

from bot.chat.content import Action, Content
from bot.domain.conversation import Conversation
from bot.domain.maps import place
from bot.handlers import membership, offices
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import maps as queries
from bot.store import outbox
from bot.store.records import MapFile
from bot.store.seen_map import load_seen
from bot.views import common
from bot.views import maps as views


async def map_(ctx: Context, _argument: str) -> None:
    """Show where we stand; in private with where this person stands."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    edition = await queries.latest(ctx.uow, conversation.id)
    seen = await load_seen(ctx.uow, conversation, edition)
    ended = conversation.closed_at is not None
    me = await ctx.participant(conversation.id) if ctx.private else None
    if ctx.private:
        votes = await queries.votes_of(ctx.uow, conversation.id, me.id) if me else {}
        here = place(seen.findings, votes)
        hosts = me is not None and me.hosts
        ctx.turn(views.mine(conversation, seen, here, ctx.locale, hosts=hosts, ended=ended))
    else:
        ctx.say(views.ours(conversation, seen, ctx.room.locale, ended=ended), quoting=True)
    if seen.findings.shapes:
        ctx.send_file(Content.of(views.TITLE), MapFile(me.id if me else None), conversation.id)


async def post_map(ctx: Context, action: Action) -> None:
    """A host has the map posted in the rooms."""
    if action.scope is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    offices.may_host(await ctx.participant(conversation.id))
    edition = await queries.latest(ctx.uow, conversation.id)
    if edition is None or edition.secret.rung == "ideas":
        raise Sorry(views.NOTHING)
    if not await outbox.rooms_of(ctx.uow, conversation.id, None, 1):
        raise Sorry(views.NO_ROOMS)
    if await queries.to_post(ctx.uow, conversation.id) is None:
        raise Sorry(views.SEEN)
    post(ctx, conversation)
    ctx.tell(views.COMING)


def post(means: Means, conversation: Conversation) -> None:
    """Have the map posted in all rooms of a conversation, at their pace; nothing, where they have seen it so."""
    means.uow.add(queries.to_renew(conversation, means.now, means.new_id(), "post"))


def renew(means: Means, conversation: Conversation) -> None:
    """Have the map brought up to date soon, since another five have weighed an idea."""
    means.uow.add(queries.to_renew(conversation, means.now, means.new_id()))


PRESSES = {"postmap": post_map}
