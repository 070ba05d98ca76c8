"""Nobody's silence stops a conversation: where its host has been silent for a fortnight, anybody in it may take over.

Rules
-----
* That a host was here is noted once a day: they wrote or pressed something in the conversation, in private or a room.
* Whoever wants to host says so; the host is told, and has a week. Whatever the host does meanwhile in the conversation
  ends it, *I am here* as well; then all is as before, and whoever asked is told.
* One at a time: who comes second is told since when somebody has asked. A co-host's silence stops nothing.
* After the week the roles change as in a handing over: the earlier host is a co-host.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.handlers import calm, doors, membership
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import conversations as queries
from bot.store.records import Due
from bot.views import common
from bot.views import hosting as hosting_views
from bot.views import offices as office_views
from bot.views import silence as views

NOTICE = timedelta(days=7)
A_DAY = timedelta(days=1)
TAKEOVER = "takeover"


async def seen(ctx: Context) -> None:
    """Note that the host of this conversation was here, once a day."""
    conversation = await ctx.conversation()
    if conversation is None or conversation.closed_at is not None:
        return
    if conversation.host_seen_at is not None and ctx.now - conversation.host_seen_at < A_DAY:
        return
    me = await ctx.participant(conversation.id)
    if me is not None and me.id == conversation.host_id:
        ctx.uow.save(msgspec.structs.replace(conversation, host_seen_at=ctx.now))


async def offered(ctx: Context, conversation: Conversation) -> bool:
    """Whether this person may take over hosting; then it is shown."""
    me = await ctx.participant(conversation.id)
    if me is None or me.hosts or not conversation.silent(ctx.now):
        return False
    if ctx.private:
        ctx.turn(views.may_take_over(conversation))
    else:
        await doors.lead_to_private(ctx, Action("takeover", conversation.id, arg="ask"))
    return True


async def pressed(ctx: Context, action: Action) -> None:
    """Ask to host (``ask``, then ``sure``), or say that one is here (``here``)."""
    if action.scope is None or action.arg not in {"ask", "sure", "here"}:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    me = await ctx.participant(conversation.id)
    if action.arg == "here":
        await _here(ctx, conversation, me)
        return
    if me is not None and me.id == conversation.host_id:
        raise Sorry(hosting_views.IS_YOU)
    await membership.may_contribute(ctx, conversation)
    waits = await ctx.uow.by(Due, _name(conversation))
    if waits is not None and waits.secret is not None and waits.at is not None:
        mine = me is not None and waits.secret["participant"] == str(me.id)
        if mine:
            raise Sorry(views.asked_by_me(waits.at))
        raise Sorry(views.asked_already(waits.at))
    if me is None or not conversation.silent(ctx.now):
        raise Sorry(views.NOT_SILENT)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
    elif action.arg == "ask":
        ctx.turn(views.may_take_over(conversation))
    else:
        await _ask(ctx, conversation)


async def _ask(ctx: Context, conversation: Conversation) -> None:
    """Somebody says that they will host: tell the host, who has a week."""
    me = await membership.contributor(ctx, conversation)
    at = ctx.now + NOTICE
    host = await ctx.uow.need(Participant, conversation.id, conversation.host_id)
    secret = {"participant": str(me.id), "host": str(host.id), "since": ctx.now.isoformat()}
    ctx.wake_at(TAKEOVER, at, conversation_id=conversation.id, secret=secret, once=_name(conversation))
    await calm.note(ctx, host, views.to_the_host(conversation, me, at), at=ctx.now, once=_name(conversation))
    ctx.turn(views.will_take_over(conversation, at))


async def _here(ctx: Context, conversation: Conversation, me: Participant | None) -> None:
    """The host is here."""
    if me is None or me.id != conversation.host_id:
        raise Sorry(views.NOT_THE_HOST)
    latest = await ctx.uow.need(Conversation, conversation.id)
    ctx.uow.save(msgspec.structs.replace(latest, host_seen_at=ctx.now))
    dropped = await ctx.wake_not(_name(conversation))
    if dropped is not None:
        await _tell_back(ctx, conversation, dropped)
    ctx.turn(Content.of(views.GOOD))


async def due(means: Means, one: Due) -> None:
    """The week is over: whoever asked hosts, if the host has not come back."""
    conversation = await queries.locked(means.uow, one.conversation_id)
    secret = one.secret or {}
    if conversation is None or conversation.closed_at is not None or str(conversation.host_id) != secret["host"]:
        return
    if conversation.host_seen_at is not None and conversation.host_seen_at > datetime.fromisoformat(secret["since"]):
        await _tell_back(means, conversation, one)
        return
    heir = await means.uow.get(Participant, conversation.id, UUID(secret["participant"]))
    if heir is None or heir.left or heir.muted(means.now) or await means.person_of(heir) is None:
        return
    before = await means.uow.need(Participant, conversation.id, conversation.host_id)
    means.uow.save(msgspec.structs.replace(before, role="cohost"))
    means.uow.save(msgspec.structs.replace(heir, role="host"))
    means.uow.save(msgspec.structs.replace(conversation, host_id=heir.id, host_seen_at=means.now))
    act = Act(conversation.id, means.new_id(), "host", "", heir.id, means.now, participant_id=heir.id,
              before=heir.role)  # fmt: skip
    means.uow.add(act)
    await calm.note(means, heir, office_views.you_host(conversation), at=means.now, once=_name(conversation))
    await calm.note(means, before, office_views.accepted(conversation, heir), at=means.now, once=_name(conversation))


async def _tell_back(means: Means, conversation: Conversation, one: Due) -> None:
    """Tell whoever asked that the host is here again."""
    asked = await means.uow.get(Participant, conversation.id, UUID((one.secret or {})["participant"]))
    if asked is not None and not asked.left:
        await calm.note(means, asked, views.host_is_back(conversation), soon=True, once=_name(conversation))


def _name(conversation: Conversation) -> str:
    return f"{TAKEOVER}:{conversation.id}"


DUE = {TAKEOVER: due}
