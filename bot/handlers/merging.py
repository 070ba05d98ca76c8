"""Merging: anyone proposes that two ideas become one; those who gave them decide.

Rules
-----
* It needs the yes of all who gave them; who proposes it and gave one of them has said so. A no of one ends it, and
  nobody proposes the same two again for a while. Without an answer it is over after a week.
* For who cannot be asked any more (gone, or erased) a moderator may decide (`uniting`).
* Nobody is told who proposed it, nor who said no.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Action, Content
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.merging import ANSWER_WITHIN, ASK_AGAIN_AFTER, Merge
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.flows.commands import ProposeMerge
from bot.handlers import calm, dialogues, doors, finding, joining, membership, receipts, reports
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.handlers.telling import tell_moderators
from bot.store import merging as queries
from bot.store.records import Due
from bot.views import common
from bot.views import merging as views
from bot.views.moderation import CHANGED

MOST_OPEN = 5


async def begin(ctx: Context, action: Action) -> None:
    """Propose that an idea and another one become one: which, and whose words stand."""
    idea = await finding.alive(ctx, action)
    conversation = await membership.reader(ctx, idea.conversation_id)
    await membership.may_contribute(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    if conversation.ideas == 1:
        raise Sorry(views.ONLY_ONE)
    await dialogues.begin(ctx, "merge", reports.begun_about(idea) | {"number": str(idea.number)})


async def complete(ctx: Context, command: ProposeMerge) -> None:
    """Take the proposal of a finished flow."""
    idea = await finding.alive(ctx, Action("merge", command.conversation_id, command.idea_id))
    into = await finding.alive(ctx, Action("merge", command.conversation_id, command.into_id))
    conversation = await membership.reader(ctx, idea.conversation_id)
    me = await membership.contributor(ctx, conversation)
    ctx.turn(await propose(ctx, conversation, me, idea, into))


async def propose(ctx: Context, conversation: Conversation, me: Participant, idea: Idea, into: Idea) -> Content:
    """Propose that an idea become part of another; gives what to tell who does. Raises `Sorry`."""
    if idea.id == into.id:
        raise Sorry(views.SAME)
    mine = me.id in {idea.author_id, into.author_id}
    scope, pair = conversation.id, {idea.id, into.id}
    waits = await between(ctx, idea, into)
    if waits is not None and mine and me.id not in waits.yes:
        return views.proposed_already(waits, *((idea, into) if waits.idea_id == idea.id else (into, idea)))
    if waits is not None:
        raise Sorry(views.ASKED_ALREADY)
    for one in await queries.about(ctx.uow, scope, [idea.id], "refused"):
        if {one.idea_id, one.into_id} == pair and one.decided_at and ctx.now - one.decided_at < ASK_AGAIN_AFTER:
            raise Sorry(views.REFUSED)
    if await queries.open_by(ctx.uow, scope, me.id) >= MOST_OPEN:
        raise Sorry(views.ENOUGH)
    merge = Merge(scope, ctx.new_id(), idea.id, into.id, me.id, ctx.now, yes=(me.id,) if mine else ())
    ctx.uow.add(merge)
    if not await missing(ctx, merge):
        return await agreed(ctx, merge, me.id)
    ctx.wake_at(
        joining.LAPSE, ctx.now + ANSWER_WITHIN, conversation_id=scope, subject_id=merge.id,
        once=f"{joining.LAPSE}:{merge.id}",
    )  # fmt: skip
    reached = await ask(ctx, merge, idea, into)
    if reached:
        return views.proposed(idea, into, mine=mine)
    if me.moderates and not mine:
        return views.not_reached(merge, idea, into, decides=True)
    await tell_moderators(
        ctx, conversation, views.not_reached(merge, idea, into, decides=True), once=f"merge:{merge.id}", but=(me.id,)
    )
    return views.not_reached(merge, idea, into, decides=False)


async def between(means: Means, idea: Idea, into: Idea) -> Merge | None:
    """Give the open proposal about two ideas, whichever is to be part of the other."""
    found = await queries.about(means.uow, idea.conversation_id, [idea.id], "asked")
    return next((one for one in found if {one.idea_id, one.into_id} == {idea.id, into.id}), None)


async def ask(ctx: Context, merge: Merge, idea: Idea, into: Idea) -> bool:
    """Ask those who have not said yes; gives whether all of them can be asked."""
    reached = True
    for one in await missing(ctx, merge):
        if await reachable(ctx, one):
            await calm.note(ctx, one, views.asking(merge, idea, into), soon=True, once=f"merge:{merge.id}")
        else:
            reached = False
    return reached


async def missing(means: Means, merge: Merge) -> list[Participant]:
    """Give who gave one of the two ideas and has not said yes."""
    ideas = [await means.uow.need(Idea, merge.conversation_id, one) for one in (merge.idea_id, merge.into_id)]
    authors = dict.fromkeys(one.author_id for one in ideas if one.author_id not in merge.yes)
    return [await means.uow.need(Participant, merge.conversation_id, one) for one in authors]


async def agreed(means: Means, merge: Merge, by: UUID) -> Content:
    """All have said yes: the two are one. Gives what to tell who said it last; the others learn of it."""
    idea, into = await joining.join(means, merge)
    told = {by}
    for one in (idea, into):
        if one.author_id not in told:
            told.add(one.author_id)
            about = f"merged:{merge.id}"
            await receipts.tell(means, one, views.part_of(idea, into), about=about, only_this=True, soon=True)
    if merge.proposed_by not in told:
        await _note(means, merge, views.merged(idea, into))
    return views.merged(idea, into)


async def reachable(means: Means, one: Participant) -> bool:
    """Whether somebody can still be asked."""
    person = None if one.left else await means.person_of(one)
    return person is not None and await means.private_room_of(person.id) is not None


async def standing(means: Means, idea: Idea) -> Merge | None:
    """Give by which merge an idea is part of another one."""
    found = await queries.about(means.uow, idea.conversation_id, [idea.id], "done") if idea.state == "merged" else []
    return next((one for one in found if one.idea_id == idea.id), None)


async def take_apart(means: Means, merge: Merge, by: UUID) -> Content:
    """Take two apart again; gives what to tell who does, the others learn of it."""
    idea, whole = await joining.part(means, merge)
    into = await means.uow.need(Idea, merge.conversation_id, merge.into_id)
    told = {by}
    for one in (idea, into):
        if one.author_id not in told:
            told.add(one.author_id)
            about = f"apart:{merge.id}:{means.now.timestamp():.0f}"
            await receipts.tell(means, one, views.two_again(idea, whole), about=about, only_this=True)
    return views.apart(idea, whole)


async def answer(ctx: Context, action: Action) -> None:
    """Answer a proposal with yes or no, or look at it."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    merge = await ctx.uow.get(Merge, conversation.id, action.subject)
    if merge is None or merge.state != "asked":
        raise Sorry(views.OVER)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    me = await ctx.participant(conversation.id)
    idea = await ctx.uow.need(Idea, conversation.id, merge.idea_id)
    into = await ctx.uow.need(Idea, conversation.id, merge.into_id)
    if me is None or me.id not in {idea.author_id, into.author_id}:
        raise Sorry(views.NOT_YOURS)
    match action.arg:
        case "yes":
            merge = msgspec.structs.replace(merge, yes=tuple(dict.fromkeys((*merge.yes, me.id))))
            ctx.uow.save(merge)
            left = await missing(ctx, merge)
            ctx.turn(views.waiting(idea, into) if left else await agreed(ctx, merge, me.id))
        case "no":
            ctx.uow.save(msgspec.structs.replace(merge, state="refused", decided_at=ctx.now))
            await joining.unasked(ctx, merge)
            if merge.proposed_by != me.id:
                await _note(ctx, merge, views.stay_two(idea, into, answered=True))
            ctx.turn(views.kept(idea, into))
        case _:
            ctx.turn(views.question(merge, idea, into))


async def lapses(means: Means, due: Due) -> None:
    """A week has gone without the answer: they stay two."""
    merge = await means.uow.get(Merge, due.conversation_id, due.subject_id)
    if merge is None or merge.state != "asked":
        return
    means.uow.save(msgspec.structs.replace(merge, state="over", decided_at=means.now))
    await joining.unasked(means, merge)
    idea = await means.uow.need(Idea, merge.conversation_id, merge.idea_id)
    into = await means.uow.need(Idea, merge.conversation_id, merge.into_id)
    await _note(means, merge, views.stay_two(idea, into, answered=False))


async def apart(ctx: Context, action: Action) -> None:
    """Take two apart again: for a while whoever gave one of them may."""
    idea = await finding.readable(ctx, action)
    conversation = await membership.reader(ctx, idea.conversation_id)
    me = await ctx.participant(conversation.id)
    merge = await standing(ctx, idea)
    if merge is None:
        raise Sorry(views.NOT_MERGED)
    into = await ctx.uow.need(Idea, conversation.id, merge.into_id)
    if me is None or me.id not in {idea.author_id, into.author_id}:
        raise Sorry(views.NOT_YOURS)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    if not merge.within(ctx.now):
        raise Sorry(views.TOO_LATE)
    ctx.turn(await take_apart(ctx, merge, me.id))


async def undo(ctx: Context, done: Act) -> None:
    """Take back what a moderator decided about two ideas. Raises `Sorry`."""
    await (_unmerge if done.kind == "merge" else _remerge)(ctx, done)


async def _unmerge(ctx: Context, done: Act) -> None:
    """What was decided in somebody's place: two that became one are two again, or nobody is asked any more."""
    found = await ctx.uow.get(Merge, done.conversation_id, UUID(done.before))
    if found is None or found.state not in {"asked", "done"}:
        raise Sorry(CHANGED)
    if found.state == "done":
        await take_apart(ctx, found, done.moderator_id)
    else:
        await joining.drop_open(ctx, await ctx.uow.need(Idea, found.conversation_id, found.idea_id))


async def _remerge(ctx: Context, done: Act) -> None:
    """Make the two one again that a moderator had taken apart."""
    found = await ctx.uow.get(Merge, done.conversation_id, UUID(done.before))
    if found is None:
        raise Sorry(CHANGED)
    ideas = [await ctx.uow.need(Idea, found.conversation_id, one) for one in (found.idea_id, found.into_id)]
    if not all(one.alive for one in ideas):
        raise Sorry(CHANGED)
    await agreed(ctx, found, done.moderator_id)


async def _note(means: Means, merge: Merge, content: Content) -> None:
    """Tell whoever proposed it what became of it."""
    who = await means.uow.get(Participant, merge.conversation_id, merge.proposed_by)
    if who is not None and not who.left:
        await calm.note(means, who, content, once=f"merge:{merge.id}")


PRESSES = {"merge": begin, "merging": answer}
"""Taking apart stands with moderation, since moderators may, too."""
DUE = {joining.LAPSE: lapses}
