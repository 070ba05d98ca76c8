"""What people reply to the questions that are asked in the groups.

A reply is its author's: they alone are asked whether it is an idea, and what they wrote is kept, sealed, only until
they have answered (or a week).
"""

from __future__ import annotations

from datetime import timedelta

from bot.chat.content import Action
from bot.chat.events import MessageReceived
from bot.domain.conversation import Conversation
from bot.domain.ideas import MAX_IDEA, Proposal, ProposalSecret
from bot.domain.prompts import Occurrence
from bot.domain.rooms import Room
from bot.flows.words import clean
from bot.handlers import dialogues, doors, membership
from bot.handlers.context import Context, Sorry
from bot.store import prompts as queries
from bot.store.prompts import PROMPT
from bot.store.records import Card
from bot.views import prompts as views

FRESH = timedelta(days=3)
"""So long after a question somebody who speaks to the bot in a group may mean to answer it."""
FEW_WORDS = 3


async def replied(ctx: Context, event: MessageReceived) -> bool:
    """Whether a group's message replies to a question; then its author is asked whether it is an idea."""
    card = await _replied_to(ctx, event)
    if card is not None:
        await _ask_author(ctx, card, event)
    return card is not None


async def mentioned(ctx: Context, event: MessageReceived) -> bool:
    """Whether somebody who speaks to the bot in a group answers what was asked there last."""
    if len(clean(event.text).split()) < FEW_WORDS:
        return False
    room = await _whole(ctx)
    card = await queries.latest_in(ctx.uow, room.id, ctx.now - FRESH)
    if card is None and room.id != ctx.room.id:
        card = await queries.latest_in(ctx.uow, ctx.room.id, ctx.now - FRESH)
    if card is not None:
        await _ask_author(ctx, card, event)
    return card is not None


async def _replied_to(ctx: Context, event: MessageReceived) -> Card | None:
    """Give the question that a message replies to, also in its thread."""
    found: Card | None = None
    quoted = event.reply_to
    if quoted is not None and (quoted.author is None or quoted.author.bot):
        found = await ctx.card_at(quoted.message_id)
    elif quoted is None and ctx.room.key.thread:
        found = await queries.at_message(ctx.uow, (await _whole(ctx)).id, ctx.room.key.thread)
    return found if found is not None and found.subject == PROMPT else None


async def _whole(ctx: Context) -> Room:
    """Give the room that this is a thread of, or this one."""
    whole = await ctx.uow.by(Room, ctx.room_lookup(ctx.room.key.whole)) if ctx.room.key.thread else None
    return whole or ctx.room


async def _ask_author(ctx: Context, card: Card, event: MessageReceived) -> None:
    conversation = await ctx.uow.get(Conversation, card.conversation_id)
    me = await ctx.participant(card.conversation_id)
    words = clean(event.text)
    if conversation is None or conversation.closed_at is not None or not any(map(str.isalnum, words)):
        return
    if me is not None and me.muted(ctx.now):
        return
    if len(words) > MAX_IDEA:
        ctx.reply(views.TOO_LONG)
        return
    proposal = Proposal(
        conversation.id, ctx.new_id(), ctx.now, ProposalSecret(words, event.sender.account, card.subject_id)
    )
    ctx.uow.add(proposal)
    ctx.say(views.as_idea(proposal, conversation), only_me=True, quoting=True)


async def answer(ctx: Context, action: Action) -> None:
    """Answer a question in private."""
    asked = await ctx.uow.get(Occurrence, action.scope, action.subject) if action.subject else None
    if action.scope is None or asked is None:
        raise Sorry(views.GONE)
    conversation = await membership.reader(ctx, action.scope)
    await membership.may_contribute(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    ctx.say(views.in_private(asked))
    await dialogues.begin(
        ctx, "idea", {"conversation": str(conversation.id), "text": "", "private": "1", "prompt": str(asked.id)}
    )
