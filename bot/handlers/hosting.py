"""Hosting: the host's card, and what is pressed and typed there. What is done stands in `offices`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.chat.content import Action, Content
from bot.chat.events import CommandGiven
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.handlers import doors, membership, naming, offices, silence
from bot.handlers.context import Context, Sorry
from bot.store import moderation as queries
from bot.store import people
from bot.store.overview import load_overview
from bot.views import common
from bot.views import hosting as views
from bot.views.words import folded

PAGE = 6
NOT_FOR: Mapping[str, tuple[str, ...]] = {
    "co": ("host", "cohost"), "mod": ("host", "cohost", "moderator"), "over": ("host",),
}  # fmt: skip
"""For each list, who is on none of it: by the role that they have."""

Typed = Callable[[Context, Conversation, Participant], Awaitable[None]]


async def host(ctx: Context, argument: str) -> None:
    """Show the host's card, or do what is typed; from a group, in private."""
    conversation = await membership.meant(ctx)
    if await silence.offered(ctx, conversation):
        return
    me = offices.may_host(await ctx.participant(conversation.id))
    doing = TYPED.get(folded(argument.partition(" ")[0])) if argument else _card
    if doing is None:
        raise Sorry(views.HOW)
    await doing(ctx, conversation, me)


async def pressed(ctx: Context, action: Action) -> None:
    """Show the card, or a list of whom it may be: the argument is the list, and how many to pass over."""
    if action.scope is None:
        await host(ctx, "")
        return
    conversation, me = await _hosted(ctx, action)
    task, skip = action.arg.rstrip("0123456789"), action.arg.lstrip("abcdefghijklmnopqrstuvwxyz")
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
    elif task == "help":
        await _helpers(ctx, conversation, me)
    elif task in NOT_FOR:
        await _list(ctx, conversation, me, task, int(skip or 0))
    else:
        await _card(ctx, conversation, me)


async def role(ctx: Context, action: Action) -> None:
    """Give somebody a role, or none any more."""
    conversation, me = await _hosted(ctx, action)
    whom = await _whom(ctx, action)
    if action.arg not in views.ROLES:
        raise Sorry(common.STALE)
    done = await offices.name(ctx, conversation, me, whom, views.ROLES[action.arg])
    ctx.turn(views.done(done, views.name_of(whom)))


async def handover(ctx: Context, action: Action) -> None:
    """Ask whether, and then whom it is to be, to host."""
    conversation, me = await _hosted(ctx, action)
    to = await _whom(ctx, action)
    offices.may_offer(me, to)
    if action.arg == "no":
        ctx.turn(Content.of(views.STAYS))
    elif action.arg == "yes":
        done = await offices.offer(ctx, conversation, me, to)
        ctx.turn(views.done(done, views.name_of(to)))
    elif ctx.private:
        ctx.turn(views.sure_to_hand_over(conversation, to))
    else:
        await doors.lead_to_private(ctx, action)


async def takeover(ctx: Context, action: Action) -> None:
    """Whoever was asked to host says yes or no; or somebody takes over from a host who is silent."""
    if action.subject is None:
        await silence.pressed(ctx, action)
        return
    conversation = await ctx.uow.get(Conversation, action.scope) if action.scope else None
    offered = await ctx.uow.get(Act, action.scope, action.subject) if conversation else None
    if conversation is None or offered is None or offered.kind != "offer":
        raise Sorry(common.STALE)
    ctx.turn(await offices.answer(ctx, conversation, offered, yes=action.arg == "yes"))


async def close(ctx: Context, action: Action) -> None:
    """End the conversation after a second press, or open it again."""
    conversation, me = await _hosted(ctx, action)
    if action.arg == "no":
        ctx.turn(Content.of(views.GOES_ON))
    elif not ctx.private:
        await doors.lead_to_private(ctx, action)
    elif action.arg == "open":
        ctx.turn(views.done(await offices.reopen(ctx, conversation, me), ""))
    elif action.arg == "yes":
        ctx.turn(views.done(await offices.close(ctx, conversation, me), ""))
    else:
        await _close(ctx, conversation, me)


# -- what is typed after /host --------------------------------------------------------------------------------


async def _card(ctx: Context, conversation: Conversation, me: Participant) -> None:
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("host", conversation.id))
        return
    everyone = await queries.moderators(ctx.uow, conversation.id)
    seen = await load_overview(ctx.uow, conversation, ctx.links) if conversation.closed_at is None else None
    ctx.turn(views.card(conversation, everyone, seen, ctx.locale, host=me.role == "host"))


async def _cohost(ctx: Context, conversation: Conversation, me: Participant) -> None:
    await _named(ctx, conversation, me, "co")


async def _moderator(ctx: Context, conversation: Conversation, me: Participant) -> None:
    await _named(ctx, conversation, me, "mod")


async def _named(ctx: Context, conversation: Conversation, me: Participant, task: str) -> None:
    """In private a list to choose from, in a group whoever wrote the message that this replies to."""
    if ctx.private:
        await _list(ctx, conversation, me, task, 0)
    else:
        await naming.give(ctx, conversation, me, views.ROLES[task])


async def _remove(ctx: Context, conversation: Conversation, me: Participant) -> None:
    if ctx.private:
        await _helpers(ctx, conversation, me)
    else:
        await naming.give(ctx, conversation, me, "")


async def _over(ctx: Context, conversation: Conversation, me: Participant) -> None:
    if isinstance(ctx.event, CommandGiven) and ctx.event.reply_to is not None and not ctx.private:
        to = await naming.replied_to(ctx, conversation, me)
        offices.may_offer(me, to)
        await doors.lead_to_private(ctx, Action("handover", conversation.id, to.id))
    elif ctx.private:
        await _list(ctx, conversation, me, "over", 0)
    else:
        await doors.lead_to_private(ctx, Action("host", conversation.id, arg="over0"))


async def _close(ctx: Context, conversation: Conversation, _me: Participant) -> None:
    if conversation.closed_at is not None:
        raise Sorry(views.CLOSED_ALREADY)
    if ctx.private:
        ctx.turn(views.sure_to_close(conversation, conversation.groups))
    else:
        await doors.lead_to_private(ctx, Action("close", conversation.id))


async def _open(ctx: Context, conversation: Conversation, me: Participant) -> None:
    if conversation.closed_at is None:
        raise Sorry(views.OPEN_ALREADY)
    if ctx.private:
        ctx.turn(views.done(await offices.reopen(ctx, conversation, me), ""))
    else:
        await doors.lead_to_private(ctx, Action("close", conversation.id, arg="open"))


TYPED: Mapping[str, Typed] = {
    "cohost": _cohost, "medvard": _cohost,
    "moderator": _moderator, "samtalsvard": _moderator,
    "remove": _remove, "entlediga": _remove,
    "hand": _over, "lamna": _over,
    "close": _close, "avsluta": _close,
    "open": _open, "oppna": _open,
}  # fmt: skip
"""What can be typed after ``/host``, in English and Swedish, without accents."""

PRESSES = {"host": pressed, "role": role, "handover": handover, "takeover": takeover, "close": close}


# -- small helpers --------------------------------------------------------------------------------------------


async def _helpers(ctx: Context, conversation: Conversation, me: Participant) -> None:
    everyone = await queries.moderators(ctx.uow, conversation.id)
    ctx.turn(views.helpers(conversation, everyone, ctx.locale, host=me.role == "host"))


async def _list(ctx: Context, conversation: Conversation, me: Participant, task: str, skip: int) -> None:
    """Ask whom it is to be, of those who could be."""
    if me.role != "host" and task != "mod":
        raise Sorry(views.HOST_ALONE)
    found = await people.known_by_name(ctx.uow, conversation.id, skip, PAGE + 1)
    able = [one for one in found[:PAGE] if one.role not in NOT_FOR[task]]
    after = skip + PAGE if len(found) > PAGE else 0
    ctx.turn(views.whom(conversation, able, task, skip, after))


async def _hosted(ctx: Context, action: Action) -> tuple[Conversation, Participant]:
    """Give the conversation of a button, and this person as a host of it. Raises `Sorry`."""
    conversation = await ctx.uow.get(Conversation, action.scope) if action.scope else None
    if conversation is None:
        raise Sorry(common.STALE)
    return conversation, offices.may_host(await ctx.participant(conversation.id))


async def _whom(ctx: Context, action: Action) -> Participant:
    found = await ctx.uow.get(Participant, action.scope, action.subject) if action.subject else None
    if found is None:
        raise Sorry(common.STALE)
    return found
