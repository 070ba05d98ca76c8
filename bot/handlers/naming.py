"""Naming somebody by a reply in a group: a host replies to a message of the person they mean."""

from __future__ import annotations

from bot.chat.events import CommandGiven
from bot.domain.conversation import Conversation
from bot.domain.people import Account, Membership, Participant
from bot.handlers import offices
from bot.handlers.context import Context, Sorry
from bot.views import hosting as hosting_views
from bot.views import moderation as views


async def name(ctx: Context, conversation: Conversation, me: Participant, _rest: str) -> None:
    """Name whoever wrote the message that this replies to a moderator."""
    await give(ctx, conversation, me, "moderator")


async def unname(ctx: Context, conversation: Conversation, me: Participant, _rest: str) -> None:
    """Whoever wrote the message that this replies to is no moderator any more."""
    if (await replied_to(ctx, conversation, me)).hosts:
        raise Sorry(views.IS_HOST)
    await give(ctx, conversation, me, "")


async def give(ctx: Context, conversation: Conversation, me: Participant, role: str) -> None:
    """Give whoever wrote the message that this replies to a role; an empty one is none any more."""
    whom = await replied_to(ctx, conversation, me)
    done = await offices.name(ctx, conversation, me, whom, role)
    ctx.reply(hosting_views.what(done, hosting_views.name_of(whom)))


async def replied_to(ctx: Context, conversation: Conversation, me: Participant) -> Participant:
    """Give the participant who wrote the message that a host replied to. Raises `Sorry`."""
    offices.may_host(me)
    quoted = ctx.event.reply_to if isinstance(ctx.event, CommandGiven) else None
    if quoted is None or quoted.author is None or quoted.author.bot:
        raise Sorry(views.REPLY_TO)
    account = await ctx.uow.by(Account, ctx.keys.lookup("account", str(quoted.author.account)))
    lookup = ctx.membership_lookup(conversation.id, account.person_id) if account else b""
    found = await ctx.uow.by(Membership, lookup) if account else None
    whom = await ctx.uow.get(Participant, conversation.id, found.participant_id) if found else None
    if whom is None or whom.left:
        raise Sorry(views.NOT_IN)
    return whom
