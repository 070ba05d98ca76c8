"""How long a conversation lasts: when the time that its host gave it is up, the host is asked whether it goes on.

If the host says nothing for a week, and nobody else says anything either, it ends kindly, and can be opened again.
While people still talk, it goes on.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from bot.chat.content import Action
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.handlers import calm, doors, membership, offices
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import conversations as queries
from bot.store.records import Due
from bot.views import common
from bot.views import rhythm as views

LASTS = {"day": timedelta(days=1), "weeks": timedelta(days=21)}
WEEK = timedelta(days=7)
ASK, END = "lasts", "lasts_end"


async def begin(means: Means, conversation: Conversation) -> None:
    """Note when the time of a conversation is up."""
    await means.wake_not(_name(conversation))
    if conversation.lasts in LASTS:
        at = means.now + LASTS[conversation.lasts]
        means.wake_at(ASK, at, conversation_id=conversation.id, once=_name(conversation))


async def ask(means: Means, one: Due) -> None:
    """The time is up: ask the host."""
    conversation = await means.uow.get(Conversation, one.conversation_id)
    host = await means.uow.get(Participant, conversation.id, conversation.host_id) if conversation else None
    if conversation is None or host is None or conversation.closed_at is not None or conversation.lasts not in LASTS:
        return
    await calm.note(means, host, views.time_is_up(conversation), at=means.now, once=_name(conversation))
    means.wake_at(END, means.now + WEEK, conversation_id=conversation.id, once=_name(conversation))


async def end(means: Means, one: Due) -> None:
    """Nobody answered for a week: it ends if it is silent, and else the host is asked again later."""
    conversation = await queries.locked(means.uow, one.conversation_id)
    if conversation is None or conversation.closed_at is not None or conversation.lasts not in LASTS:
        return
    if await queries.lively_since(means.uow, conversation.id, means.now - WEEK):
        means.wake_at(ASK, means.now + LASTS["weeks"], conversation_id=conversation.id, once=_name(conversation))
        return
    host = await means.uow.get(Participant, conversation.id, conversation.host_id)
    if host is None:
        return
    means.uow.add(Act(conversation.id, means.new_id(), "close", "", host.id, means.now))
    offices.put_end(means, conversation, ended=True)
    await calm.note(means, host, views.ended_by_itself(conversation), at=means.now, once=_name(conversation))


async def pressed(ctx: Context, action: Action) -> None:
    """The host says how long it goes on: `weeks` or `open`."""
    if action.scope is None or action.arg not in {"weeks", "open"}:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    offices.may_host(await ctx.participant(conversation.id))
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    going = msgspec.structs.replace(conversation, lasts="weeks" if action.arg == "weeks" else "open")
    ctx.uow.save(going)
    await begin(ctx, going)
    ctx.turn(views.lasts_now(going))


def _name(conversation: Conversation) -> str:
    return f"{ASK}:{conversation.id}"


PRESSES = {"lasts": pressed}
DUE = {ASK: ask, END: end}
