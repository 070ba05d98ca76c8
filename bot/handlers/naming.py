"""Naming moderators: a host replies in a group to a message of the person they mean."""

from __future__ import annotations

import msgspec

from bot.chat.content import Text
from bot.chat.events import CommandGiven
from bot.domain.conversation import Conversation
from bot.domain.people import Account, Membership, Participant
from bot.handlers.context import Context, Sorry
from bot.handlers.telling import tell
from bot.views import moderation as views


async def name(ctx: Context, conversation: Conversation, me: Participant, _rest: str) -> None:
    """Name whoever wrote the message that this replies to a moderator."""
    whom = await _replied_to(ctx, conversation, me)
    if whom.hosts:
        raise Sorry(views.IS_HOST)
    if whom.role != "moderator":
        ctx.uow.save(msgspec.structs.replace(whom, role="moderator"))
        await tell(ctx, whom, views.moderator_now(conversation))
    ctx.reply(Text("%(name)s is a moderator of this conversation.", {"name": whom.secret.name}))


async def unname(ctx: Context, conversation: Conversation, me: Participant, _rest: str) -> None:
    """Whoever wrote the message that this replies to is no moderator any more."""
    whom = await _replied_to(ctx, conversation, me)
    if whom.hosts:
        raise Sorry(views.IS_HOST)
    if whom.role == "moderator":
        ctx.uow.save(msgspec.structs.replace(whom, role=""))
    ctx.reply(Text("%(name)s is no moderator of this conversation.", {"name": whom.secret.name}))


async def _replied_to(ctx: Context, conversation: Conversation, me: Participant) -> Participant:
    """Give the participant who wrote the message that a host replied to. Raises `Sorry`."""
    if not me.hosts:
        raise Sorry(views.HOSTS_ONLY)
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
