"""Weighing: one idea at a time, in private; each press is complete in itself, and can be changed later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from bot.chat.content import Action, Block, Text
from bot.chat.events import ChoiceMade, CommandGiven, OpinionShown
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Vote, weigh
from bot.handlers import doors, finding, maps, membership
from bot.handlers.context import Context, Sorry
from bot.opinion import next_idea
from bot.store import ideas as queries
from bot.store import translations
from bot.store.unit_of_work import UnitOfWork
from bot.views import common
from bot.views import translations as translation_views
from bot.views import votes as views

AT_A_TIME = 5
LOOK = Text("Look at the ideas")


async def vote(ctx: Context, argument: str) -> None:
    """Show the next idea to weigh, or the one whose number is said; from a group, in private."""
    conversation = await membership.meant(ctx)
    idea = await finding.numbered(ctx, conversation, argument)
    if idea is not None:
        await ballot(ctx, Action("ballot", conversation.id, idea.id))
        return
    _still_open(conversation)
    quoted = ctx.event.reply_to if isinstance(ctx.event, CommandGiven) else None
    card = await ctx.card_at(quoted.message_id) if quoted else None
    if card is not None and card.subject == "idea":
        await ballot(ctx, Action("ballot", card.conversation_id, card.subject_id))
        return
    if not ctx.private:
        await doors.lead_to_private(
            ctx, Action("vote", conversation.id), Text("Weighing is secret, so we do it in private.")
        )
        return
    await _next(ctx, conversation, None)


async def ballot(ctx: Context, action: Action) -> None:
    """Weigh one certain idea, or go on with the next; from a group, in private."""
    if action.scope is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    if not ctx.private:
        await doors.lead_to_private(ctx, action, Text("Weighing is secret, so we do it in private."))
        return
    if ctx.me.current_conversation_id != conversation.id:
        await ctx.join(conversation)
    if action.subject is None:
        _still_open(conversation)
        await _next(ctx, conversation, None)
        return
    idea = await _idea(ctx, conversation.id, action.subject)
    me = await ctx.participant(conversation.id)
    own = await ctx.uow.get(Vote, conversation.id, idea.id, me.id) if me else None
    if own is None:
        _still_open(conversation)
    who = conversation.id, me.id if me else None
    _next_idea, left, _given = (await queries.next_to_weigh(ctx.uow, [who]))[who]
    also = await _also(ctx.uow, [idea], ctx.locale)
    ctx.turn(views.ballot(conversation, idea, left, own, None, also=also.get(idea.id, ())))


async def shown_openly(ctx: Context) -> None:
    """Somebody showed before all what they think of an idea: it is not counted; they may weigh it in private."""
    event = ctx.event
    assert isinstance(event, OpinionShown)  # noqa: S101 (the table sends nothing else)
    card = await ctx.card_at(event.message_id)
    if card is not None and card.subject == "idea":
        words = Text(
            "I have not counted your %(sign)s: all here see it. Weighing is secret, so we do it in private.",
            {"sign": event.sign},
        )
        await doors.lead_to_private(ctx, Action("ballot", card.conversation_id, card.subject_id), words)


async def agree(ctx: Context, action: Action) -> None:
    """Agree."""
    await _vote(ctx, action, 1)


async def disagree(ctx: Context, action: Action) -> None:
    """Disagree."""
    await _vote(ctx, action, -1)


async def pass_(ctx: Context, action: Action) -> None:
    """Pass."""
    await _vote(ctx, action, 0)


async def _vote(ctx: Context, action: Action, value: int) -> None:
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    idea = await _idea(ctx, action.scope, action.subject)
    conversation = await membership.reader(ctx, action.scope)
    participant = await membership.voter(ctx, conversation)
    before = await ctx.uow.get(Vote, conversation.id, idea.id, participant.id)
    # A microsecond apart, so that it can be told which votes a sum counts.
    at = ctx.now + ctx.order * timedelta.resolution
    fresh = Vote(conversation.id, idea.id, participant.id, value, at)
    if before is None:
        ctx.uow.add(fresh)
    else:
        ctx.uow.save(fresh)
    weighed = weigh(idea, before, value)
    weighed = msgspec.structs.replace(weighed, turn=next_idea.turn(weighed.sums, ctx.rng.random(), idea.extremity))
    ctx.uow.save(weighed)
    if before is None:
        ctx.refresh("idea", conversation.id, idea.id)
    if weighed.shown_sums != idea.shown_sums:
        maps.renew(ctx, conversation)
    if isinstance(ctx.event, ChoiceMade) and ctx.event.press and not ctx.manner.opens:
        ctx.tell(views.VALUES[value])  # Otherwise what comes next says it.
    await _next(ctx, conversation, (weighed, fresh))


class Turn(msgspec.Struct, frozen=True):
    """The next idea is to be shown to a participant (None: to somebody who only looks), in a message of this id."""

    row_id: UUID
    conversation: Conversation
    participant: UUID | None
    before: tuple[Idea, Vote] | None


async def _next(ctx: Context, conversation: Conversation, before: tuple[Idea, Vote] | None) -> None:
    me = await ctx.participant(conversation.id)
    ctx.at_end.append((_show_next, Turn(ctx.new_id(), conversation, me.id if me else None, before)))


async def _show_next(uow: UnitOfWork, asked: Sequence[tuple[Context, Turn]]) -> None:
    """Show each their next idea."""
    found = await queries.next_to_weigh(uow, [(turn.conversation.id, turn.participant) for _ctx, turn in asked])
    shown = {ctx.locale: [one[0] for one in found.values() if one[0] is not None] for ctx, _turn in asked}
    also = {locale: await _also(uow, ideas, locale) for locale, ideas in shown.items()}
    for ctx, turn in asked:
        idea, left, given = found[turn.conversation.id, turn.participant]
        if idea is None:
            content = views.finished(turn.conversation, turn.before, given)
        elif turn.before is not None and given % AT_A_TIME == 0:
            content = views.pause(turn.conversation, turn.before, left)
        else:
            words = also[ctx.locale].get(idea.id, ())
            content = views.ballot(turn.conversation, idea, left, None, turn.before, also=words)
        ctx.turn(content, turn.row_id)


async def _also(uow: UnitOfWork, ideas: Sequence[Idea], locale: str) -> dict[UUID, Sequence[Block]]:
    """Give the words of ideas in a language, where somebody has put them into it."""
    found = await translations.into(uow, ideas, locale)
    return {idea: translation_views.below(*one) for idea, one in found.items()}


def _still_open(conversation: Conversation) -> None:
    """Raises `Sorry` with the way to what was said, when the conversation has ended."""
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED, common.column(common.button(LOOK, "ideas", conversation.id)))


async def _idea(ctx: Context, conversation_id: UUID, idea_id: UUID) -> Idea:
    return await finding.alive(ctx, Action("ballot", conversation_id, idea_id))


PRESSES = {"ballot": ballot, "agree": agree, "disagree": disagree, "pass": pass_}
