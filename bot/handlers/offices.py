"""The acts of hosts: somebody gets a role or has none any more, is asked to host, or hosts; a conversation ends.

Rules
-----
* Like a moderator's act, each has a line in the log; `judging.undo` takes it back. Whoever it concerns is told.
* Co-hosts are named by the host alone, moderators by co-hosts too. Nobody takes a host's role: it is handed over.
* Who is to host is asked first. One offer stands at a time, as long as who made it is the host.
* Raises `Sorry` before anything is staged.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Content, Text
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act, HostingKind
from bot.domain.people import Participant
from bot.handlers import asking, calm, consent
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import moderation as queries
from bot.views import hosting as views
from bot.views import moderation as moderation_views
from bot.views import offices as office_views

KINDS: dict[str, HostingKind] = {"cohost": "cohost", "moderator": "moderator", "": "dismiss"}
"""What naming somebody to a role is called in the log."""


def may_host(me: Participant | None) -> Participant:
    """Give this participant as a host or co-host. Raises `Sorry`."""
    if me is None or not me.hosts:
        raise Sorry(moderation_views.HOSTS_ONLY)
    return me


def may_name(me: Participant, whom: Participant, role: str) -> None:
    """Go on only if this host may give somebody a role, or take theirs. Raises `Sorry`."""
    may_host(me)
    if whom.left:
        raise Sorry(moderation_views.NOT_IN)
    if whom.role == "host":
        raise Sorry(views.IS_HOST)
    if "cohost" in {role, whom.role} and me.role != "host":
        raise Sorry(views.HOST_ALONE)


async def name(ctx: Context, conversation: Conversation, me: Participant, whom: Participant, role: str) -> Act:
    """Give somebody a role; an empty one is none any more."""
    if role == "moderator" and whom.hosts:
        raise Sorry(moderation_views.IS_HOST)
    may_name(me, whom, role)
    if whom.role == role:
        raise Sorry(views.SAME_ALREADY)
    done = _log(ctx, me, KINDS[role], whom, before=whom.role)
    await give(ctx, conversation, whom, role)
    return done


async def give(ctx: Context, conversation: Conversation, whom: Participant, role: str) -> None:
    """Let somebody have a role, and tell them."""
    ctx.uow.save(msgspec.structs.replace(whom, role=role))
    told = {"cohost": office_views.cohost_now, "moderator": office_views.moderator_now, "": office_views.dismissed}[
        role
    ]
    await calm.note(ctx, whom, told(conversation), once=f"role:{conversation.id}", at=ctx.now)


async def offer(ctx: Context, conversation: Conversation, me: Participant, to: Participant) -> Act:
    """Ask somebody to host."""
    may_offer(me, to)
    await _reachable(ctx, to)
    for earlier in await queries.open_offers(ctx.uow, conversation.id):
        ctx.uow.save(msgspec.structs.replace(earlier, undone_at=ctx.now))
    done = _log(ctx, me, "offer", to)
    await calm.note(ctx, to, office_views.offered(conversation, done, me), at=ctx.now)
    return done


def may_offer(me: Participant, to: Participant) -> None:
    """Go on only if this is the host, and somebody else could be. Raises `Sorry`."""
    if me.role != "host":
        raise Sorry(views.HOST_ALONE if me.hosts else moderation_views.HOSTS_ONLY)
    if to.id == me.id:
        raise Sorry(views.IS_YOU)
    if to.left:
        raise Sorry(moderation_views.NOT_IN)


async def answer(ctx: Context, conversation: Conversation, offered: Act, *, yes: bool) -> Content:
    """Take the answer of whoever was asked to host; gives what to tell them."""
    me = await ctx.participant(conversation.id)
    if me is None or me.id != offered.participant_id:
        raise Sorry(moderation_views.HOSTS_ONLY)
    host = await ctx.uow.need(Participant, conversation.id, offered.moderator_id)
    if offered.undone_at is not None or conversation.host_id != host.id:
        raise Sorry(views.OVER)
    if not yes:
        ctx.uow.save(msgspec.structs.replace(offered, undone_at=ctx.now))
        await calm.answer(ctx, host, office_views.declined(conversation, me))
        return Content.of(views.DECLINED)
    consent.require(ctx)
    ctx.uow.save(msgspec.structs.replace(host, role="cohost"))
    ctx.uow.save(msgspec.structs.replace(me, role="host"))
    ctx.uow.save(msgspec.structs.replace(conversation, host_id=me.id))
    _log(ctx, me, "host", me, before=me.role)
    await calm.answer(ctx, host, office_views.accepted(conversation, me))
    return office_views.you_host(conversation)


async def close(ctx: Context, conversation: Conversation, me: Participant) -> Act:
    """End a conversation; its rooms are told."""
    may_host(me)
    if conversation.closed_at is not None:
        raise Sorry(views.CLOSED_ALREADY)
    done = _log(ctx, me, "close", None)
    put_end(ctx, conversation, ended=True)
    return done


async def reopen(ctx: Context, conversation: Conversation, me: Participant) -> Act:
    """Open a conversation again."""
    may_host(me)
    if conversation.closed_at is None:
        raise Sorry(views.OPEN_ALREADY)
    done = _log(ctx, me, "reopen", None)
    put_end(ctx, conversation, ended=False)
    await asking.open_again(ctx, conversation)
    return done


def put_end(ctx: Means, conversation: Conversation, *, ended: bool) -> None:
    """Let a conversation have ended, or be open; its card in each room says so."""
    ctx.uow.save(msgspec.structs.replace(conversation, closed_at=ctx.now if ended else None))
    ctx.refresh("conversation", conversation.id, conversation.id)
    ctx.publish("conversation", conversation.id, conversation.id)


async def undo(ctx: Context, me: Participant, done: Act, whom: Participant | None) -> None:
    """Put back what was before a host's act. Who hosts is not put back, but handed back."""
    may_host(me)
    conversation = await ctx.uow.need(Conversation, done.conversation_id)
    if done.kind == "host":
        raise Sorry(views.IS_HOST)
    if done.kind == "offer":
        if conversation.host_id != me.id:
            raise Sorry(views.HOST_ALONE)
    elif done.kind in {"close", "reopen"}:
        if (conversation.closed_at is not None) != (done.kind == "close"):
            raise Sorry(moderation_views.CHANGED)
        put_end(ctx, conversation, ended=done.kind == "reopen")
        if done.kind == "close":
            await asking.open_again(ctx, conversation)
    elif whom is None or KINDS.get(whom.role) != done.kind:
        raise Sorry(moderation_views.CHANGED)
    else:
        may_name(me, whom, done.before)
        await give(ctx, conversation, whom, done.before)


async def _reachable(ctx: Context, to: Participant) -> None:
    person = await ctx.person_of(to)
    if person is None or await ctx.private_room_of(person.id) is None:
        raise Sorry(Text("I cannot write to them in private. Ask them to write to me once, then try again."))


def _log(ctx: Context, me: Participant, kind: HostingKind, whom: Participant | None, before: str = "") -> Act:
    done = Act(
        me.conversation_id, ctx.new_id(), kind, "", me.id, ctx.now, participant_id=whom.id if whom else None,
        before=before,
    )  # fmt: skip
    ctx.uow.add(done)
    return done
