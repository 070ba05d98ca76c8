"""What a moderator has before them: what waits, one card at a time, how an act ended, and the log."""

from __future__ import annotations

from bot.chat.content import Words
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.moderation import Act
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
    """Show the next idea that waits, passing some over."""
    waiting = await waiting_for(ctx, conversation, me)
    if skip < len(waiting):
        found = waiting[skip]
        idea = await ctx.uow.need(Idea, conversation.id, found.idea_id)
        await show(ctx, conversation, idea, found, len(waiting))
    else:
        ctx.turn(views.nothing(conversation))


async def show(
    ctx: Context, conversation: Conversation, idea: Idea, found: queries.Reported | None, waiting: int
) -> None:
    """Show one idea, with what was said against it."""
    author = await ctx.uow.get(Participant, conversation.id, idea.author_id) if idea.named else None
    others = len(await queries.moderators(ctx.uow, conversation.id)) > 1
    also = [
        block for one, who in await translations.of(ctx.uow, idea) if not one.hidden
        for block in translation_views.below(one, who)
    ]  # fmt: skip
    name = author.secret.name if author else ""
    ctx.turn(views.card(conversation, idea, name, found, waiting, others=others, also=also))


async def waiting_for(ctx: Context, conversation: Conversation, me: Participant) -> list[queries.Reported]:
    """Give what waits for this moderator: their own ideas only where nobody else moderates."""
    alone = len(await queries.moderators(ctx.uow, conversation.id)) == 1
    return await queries.waiting(ctx.uow, conversation.id, but_by=None if alone else me.id)


async def done(ctx: Context, conversation: Conversation, act: Act, idea: Idea | None) -> None:
    """Tell what was done, and how much still waits."""
    await judging.still_waiting(ctx, conversation)
    me = await ctx.uow.need(Participant, conversation.id, act.moderator_id)
    ctx.turn(views.done(act, idea, len(await waiting_for(ctx, conversation, me))))


async def undo(ctx: Context, conversation: Conversation, me: Participant, act: Act) -> None:
    """Take an act back, and tell how much waits now."""
    idea = await judging.undo(ctx, me, act)
    whom = await _whom(ctx, act)
    ctx.turn(views.taken_back(act, idea, len(await waiting_for(ctx, conversation, me)), whom))


async def log(ctx: Context, conversation: Conversation, skip: int) -> None:
    """Show what was done, the latest first, passing some over."""
    acts = await queries.log(ctx.uow, conversation.id, skip, PAGE + 1)
    lines = []
    for act in acts:
        idea = await ctx.uow.get(Idea, conversation.id, act.idea_id) if act.idea_id else None
        judge = await ctx.uow.need(Participant, conversation.id, act.moderator_id)
        lines.append(views.Line(act, idea, judge.secret.name or views.SOMEBODY, await _whom(ctx, act)))
    ctx.turn(views.log(conversation, lines, skip, PAGE))


async def _whom(ctx: Context, act: Act) -> Words:
    """Give whom a host's act is about."""
    found = await ctx.uow.get(Participant, act.conversation_id, act.participant_id) if act.participant_id else None
    return name_of(found) if found is not None else ""
