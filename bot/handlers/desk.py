"""What a moderator has before them: what waits, one card at a time, how an act ended, and the log."""

from __future__ import annotations

from bot.chat.content import Words
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.moderation import Act, Matter
from bot.domain.people import Participant
from bot.handlers import judging
from bot.handlers.context import Context
from bot.store import moderation as queries
from bot.store import translations
from bot.views import moderation as views
from bot.views import translations as translation_views
from bot.views.hosting import name_of

PAGE = 5


async def look(ctx: Context, conversation: Conversation, me: Participant, skip: int) -> None:
    """Show what waits next, passing some over."""
    waiting = await waiting_for(ctx, conversation, me)
    if skip < len(waiting):
        found = waiting[skip]
        await show(ctx, conversation, found.matter, found, len(waiting))
    else:
        ctx.turn(views.nothing(conversation))


async def show(
    ctx: Context, conversation: Conversation, matter: Matter, found: queries.Reported | None, waiting: int
) -> None:
    """Show something that somebody said, with what was said against it."""
    author = await ctx.uow.get(Participant, conversation.id, matter.author_id) if matter.named else None
    others = len(await queries.moderators(ctx.uow, conversation.id)) > 1
    idea = await ctx.uow.get(Idea, conversation.id, matter.id) if matter.subject == "idea" else None
    also = [
        block for one, who in (await translations.of(ctx.uow, idea) if idea else ()) if not one.hidden
        for block in translation_views.below(one, who)
    ]  # fmt: skip
    name = author.secret.name if author else ""
    ctx.turn(views.card(conversation, matter, name, found, waiting, others=others, also=also))


async def waiting_for(ctx: Context, conversation: Conversation, me: Participant) -> list[queries.Reported]:
    """Give what waits for this moderator: what is their own only where nobody else moderates."""
    alone = len(await queries.moderators(ctx.uow, conversation.id)) == 1
    return await queries.waiting(ctx.uow, conversation.id, but_by=None if alone else me.id)


async def done(ctx: Context, conversation: Conversation, act: Act) -> None:
    """Tell what was done, and how much still waits."""
    await judging.still_waiting(ctx, conversation)
    me = await ctx.uow.need(Participant, conversation.id, act.moderator_id)
    matter = await queries.find(ctx.uow, conversation.id, act.subject_id)
    ctx.turn(views.done(act, matter, len(await waiting_for(ctx, conversation, me))))


async def undo(ctx: Context, conversation: Conversation, me: Participant, act: Act) -> None:
    """Take an act back, and tell how much waits now."""
    matter = await judging.undo(ctx, me, act)
    whom = await _whom(ctx, act)
    ctx.turn(views.taken_back(act, matter, len(await waiting_for(ctx, conversation, me)), whom))


async def log(ctx: Context, conversation: Conversation, skip: int) -> None:
    """Show what was done, the latest first, passing some over."""
    acts = await queries.log(ctx.uow, conversation.id, skip, PAGE + 1)
    matters = await queries.find_all(ctx.uow, conversation.id, [act.subject_id for act in acts if act.subject_id])
    lines = []
    for act in acts:
        matter = matters.get(act.subject_id) if act.subject_id else None
        judge = await ctx.uow.need(Participant, conversation.id, act.moderator_id)
        lines.append(views.Line(act, matter, judge.secret.name or views.SOMEBODY, await _whom(ctx, act)))
    ctx.turn(views.log(conversation, lines, skip, PAGE))


async def _whom(ctx: Context, act: Act) -> Words:
    """Give whom a host's act is about."""
    found = await ctx.uow.get(Participant, act.conversation_id, act.participant_id) if act.participant_id else None
    return name_of(found) if found is not None else ""
