"""Moderating: looking at what waits, one card at a time, and what is done about it.

It is done in private, by the host and moderators of the conversation alone. Whoever runs a group on a network has the
network's own means there; the bot removes nobody's messages.
"""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action, Content
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.merging import Merge
from bot.domain.moderation import Act, Matter
from bot.domain.people import Participant
from bot.flows.commands import HideMatter, MuteParticipant
from bot.handlers import desk, dialogues, doors, judging, membership, merging, reports, uniting
from bot.handlers.context import Context, Sorry
from bot.handlers.telling import tell_moderators
from bot.store import moderation as queries
from bot.views import common
from bot.views import merging as merging_views
from bot.views import moderation as views
from bot.views import moderation_told as told_views


async def look(ctx: Context) -> None:
    """Look at what waits; from a group, in private."""
    conversation = await membership.meant(ctx)
    me = await membership.moderator(ctx, conversation)
    if ctx.private:
        await desk.look(ctx, conversation, me, 0)
    else:
        await doors.lead_to_private(ctx, Action("mod", conversation.id))


async def pressed(ctx: Context, action: Action) -> None:
    """Look at what waits (the argument: how many to pass over), at one of it, or at what more can be done about it."""
    if action.scope is None:
        await look(ctx)
        return
    conversation = await _conversation(ctx, action)
    me = await membership.moderator(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    ctx.make_current(conversation.id)
    if action.subject is None:
        await desk.look(ctx, conversation, me, int(action.arg) if action.arg.isdecimal() else 0)
        return
    matter = await _there(ctx, conversation, action)
    if action.arg == "more":
        ctx.turn(views.more(matter, await _idea(ctx, matter)))
    else:
        waiting = await desk.waiting_for(ctx, conversation, me)
        await desk.show(
            ctx, conversation, matter, next((one for one in waiting if one.matter.id == matter.id), None), 0
        )


async def hide(ctx: Context, action: Action) -> None:
    """Hide something for the reason that most gave, or for one that is asked."""
    conversation, me, matter = await _case(ctx, action)
    reason = "" if action.arg == "ask" else await queries.most_given(ctx.uow, conversation.id, matter.id)
    await hide_for(ctx, conversation, me, matter, reason)


async def hide_for(ctx: Context, conversation: Conversation, me: Participant, matter: Matter, reason: str) -> None:
    """Hide something for a reason; ask for one if it is empty."""
    if reason:
        await desk.done(ctx, conversation, await judging.hide(ctx, me, matter, reason))
    else:
        await judging.may_hide(ctx, me, matter)
        await dialogues.begin(ctx, "hide", reports.about(matter))


async def hide_matter(ctx: Context, command: HideMatter) -> None:
    """Hide something for the reason that a flow has asked for."""
    try:
        conversation, me, matter = await _case(ctx, Action("hide", command.conversation_id, command.subject_id))
        done = await judging.hide(ctx, me, matter, command.reason)
    except Sorry as sorry:  # The flow is over: there is nothing to ask again.
        ctx.reply(sorry.words)
    else:
        await desk.done(ctx, conversation, done)


async def restore(ctx: Context, action: Action) -> None:
    """Show again what is hidden."""
    conversation, me, matter = await _case(ctx, action)
    await desk.done(ctx, conversation, await judging.restore(ctx, me, matter, ""))


async def leave(ctx: Context, action: Action) -> None:
    """Leave something as it is."""
    conversation, me, matter = await _case(ctx, action)
    await desk.done(ctx, conversation, await judging.leave(ctx, me, matter))


async def mute(ctx: Context, action: Action) -> None:
    """Ask how long whoever said something is to pause, and why."""
    _conversation, me, matter = await _case(ctx, action)
    await ask_pause(ctx, me, matter)


async def ask_pause(ctx: Context, me: Participant, matter: Matter) -> None:
    """Ask how long whoever said something is to pause, and why. Raises `Sorry` where that cannot be."""
    whom = await ctx.uow.need(Participant, matter.conversation_id, matter.author_id)
    await judging.may_pause(ctx, me, whom)
    await dialogues.begin(ctx, "mute", reports.about(matter) | {"participant": str(whom.id)})


async def mute_participant(ctx: Context, command: MuteParticipant) -> None:
    """Give somebody the pause that a flow has asked for."""
    about = (await dialogues.begun_with(ctx, "mute")).get("subject")
    try:
        conversation = await ctx.uow.need(Conversation, command.conversation_id)
        me = await membership.moderator(ctx, conversation)
        whom = await ctx.uow.need(Participant, conversation.id, command.participant_id)
        matter = await queries.find(ctx.uow, conversation.id, UUID(about)) if about else None
        done = await judging.pause(ctx, me, whom, command.days, command.reason, matter)
    except Sorry as sorry:
        ctx.reply(sorry.words)
    else:
        await desk.done(ctx, conversation, done)


async def decide(ctx: Context, action: Action) -> None:
    """Merge two ideas in the place of who gave one of them and cannot be asked any more."""
    conversation = await _conversation(ctx, action)
    me = await membership.moderator(ctx, conversation)
    proposed = await ctx.uow.get(Merge, conversation.id, action.subject) if action.subject else None
    if proposed is None or proposed.state != "asked":
        raise Sorry(merging_views.OVER)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await desk.done(ctx, conversation, await uniting.merge(ctx, me, proposed, ""))


async def apart(ctx: Context, action: Action) -> None:
    """Take two ideas apart that became one: as a moderator (the argument is `mod`), or as who gave one of them."""
    if action.arg != "mod":
        await merging.apart(ctx, action)
        return
    conversation, me, matter = await _case(ctx, action)
    idea = await ctx.uow.need(Idea, conversation.id, matter.id)
    await desk.done(ctx, conversation, await uniting.apart(ctx, me, idea, ""))


async def undo(ctx: Context, action: Action) -> None:
    """Take an act back."""
    conversation = await _conversation(ctx, action)
    me = await membership.moderator(ctx, conversation)
    done = await ctx.uow.get(Act, conversation.id, action.subject) if action.subject else None
    if done is None:
        raise Sorry(common.STALE)
    await desk.undo(ctx, conversation, me, done)


async def log(ctx: Context, action: Action) -> None:
    """Show what was done; the argument is how many to pass over."""
    conversation = await _conversation(ctx, action)
    await membership.moderator(ctx, conversation)
    await desk.log(ctx, conversation, int(action.arg) if action.arg.isdecimal() else 0)


async def ask_other(ctx: Context, action: Action) -> None:
    """Ask another moderator to look: at what somebody said, or by whom it concerns at an act."""
    conversation = await _conversation(ctx, action)
    done = await ctx.uow.get(Act, conversation.id, action.subject) if action.subject else None
    if done is not None:
        await _object(ctx, conversation, done)
        return
    conversation, me, matter = await _case(ctx, action)
    waiting = await desk.waiting_for(ctx, conversation, me)
    place = next((number for number, one in enumerate(waiting, 1) if one.matter.id == matter.id), 0)
    urgent = bool(place) and waiting[place - 1].urgent
    asking = told_views.ask_for_eyes(conversation, matter, me.secret.name)
    but = (me.id, matter.author_id)
    await tell_moderators(ctx, conversation, asking, once=f"eyes:{matter.id}", urgent=urgent, but=but)
    ctx.turn(views.asked_others(conversation, len(waiting) - place, place))


async def _object(ctx: Context, conversation: Conversation, done: Act) -> None:
    """Whoever an act concerns asks another moderator to look again; where there is none, the host."""
    me = await ctx.participant(conversation.id)
    matter = await queries.find(ctx.uow, conversation.id, done.subject_id)
    concerned = done.participant_id or (matter.author_id if matter else None)
    if me is None or me.id != concerned:
        raise Sorry(common.NOT_YOURS)
    if done.undone_at is not None:
        raise Sorry(views.TAKEN_BACK)
    judge = await ctx.uow.need(Participant, conversation.id, done.moderator_id)
    asking = told_views.ask_again(conversation, done, matter, judge.secret.name or views.SOMEBODY)
    await tell_moderators(ctx, conversation, asking, once=f"again:{done.id}", but=(me.id, judge.id))
    ctx.turn(Content.of(views.OBJECTED))


PRESSES = {
    "mod": pressed, "hide": hide, "restore": restore, "leave": leave, "mute": mute,
    "undo": undo, "log": log, "ask_other": ask_other, "decide": decide, "apart": apart,
}  # fmt: skip


# -- small helpers --------------------------------------------------------------------------------------------


async def _case(ctx: Context, action: Action) -> tuple[Conversation, Participant, Matter]:
    """Give what a button is about, for who may moderate it. Raises `Sorry`."""
    conversation = await _conversation(ctx, action)
    me = await membership.moderator(ctx, conversation)
    return conversation, me, await _there(ctx, conversation, action)


async def _there(ctx: Context, conversation: Conversation, action: Action) -> Matter:
    """Give what a button is about, if it was not taken back. Raises `Sorry`."""
    return known(await queries.find(ctx.uow, conversation.id, action.subject))


def known(matter: Matter | None) -> Matter:
    """Give something that is there, and was not taken back. Raises `Sorry`."""
    if matter is None or matter.gone:
        raise Sorry(views.GONE)
    return matter


async def _idea(ctx: Context, matter: Matter) -> Idea | None:
    """Give the idea that something is; None if it is something else."""
    return await ctx.uow.need(Idea, matter.conversation_id, matter.id) if matter.subject == "idea" else None


async def _conversation(ctx: Context, action: Action) -> Conversation:
    found = await ctx.uow.get(Conversation, action.scope) if action.scope else None
    if found is None:
        raise Sorry(common.STALE)
    return found
