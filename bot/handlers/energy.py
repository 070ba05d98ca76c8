"""Energy: everyone places three hands on what they want to help with, where all may see them.

Rules
-----
* One hand an idea. A hand on an idea that is not there any more is free again, and goes where it is wanted next.
* Whoever has a hand may take it back, paused or not, also when the conversation has ended.
* In a group a second press takes the hand back, unless the press itself stays to be seen.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Text
from bot.chat.events import ChoiceMade
from bot.domain.conversation import Conversation
from bot.domain.ideas import HANDS, Hand, Idea, free_place
from bot.domain.people import Participant
from bot.handlers import doors, finding, membership
from bot.handlers.context import Context, Sorry
from bot.store import energy as queries
from bot.store import ideas as idea_queries
from bot.views import common
from bot.views import energy as views

PAGE = 6
PUT = "put"
"""The argument that puts a hand on an idea, also where a second press would take it back."""


async def energy(ctx: Context, argument: str) -> None:
    """Show where hands are, and let people place theirs; with the number of an idea, put one on it."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    idea = await finding.numbered(ctx, conversation, argument)
    if idea is not None:
        await hand(ctx, Action("hand", conversation.id, idea.id, PUT))
        return
    await _show(ctx, conversation, 0)


async def page(ctx: Context, action: Action) -> None:
    """Show where hands are, by a button; the argument is how many ideas to pass over."""
    if action.scope is not None:
        await membership.mean(ctx, action.scope)
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    if action.arg and not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await _show(ctx, conversation, int(action.arg or 0))


async def hand(ctx: Context, action: Action) -> None:
    """Put a hand on an idea; the argument is `back` to take it away, or the number of the idea to move one from."""
    conversation, idea = await _meant(ctx, action)
    me = await ctx.participant(conversation.id)
    there = await ctx.uow.get(Hand, conversation.id, idea.id, me.id) if me else None
    toggles = not ctx.private and not ctx.manner.before_all
    if action.arg == views.BACK or (there is not None and toggles and action.arg != PUT):
        await _back(ctx, conversation, idea, there)
        return
    await finding.still_alive(ctx, idea)
    me = await membership.contributor(ctx, conversation)
    if there is not None:
        await _tell(ctx, conversation, views.there_already(idea))
        return
    mine = await _with_ideas(ctx, me)
    moved = next((pair for pair in mine if action.arg == str(pair[1].number)), None)
    place = free_place([one for one, _idea in mine])
    if moved is None and place is None:
        moved = next((pair for pair in mine if not pair[1].alive), None)
        if moved is None:
            await _ask_which(ctx, conversation, idea, [of for _hand, of in mine])
            return
    if moved is not None:
        _take(ctx, *moved)
        place = moved[0].place
    assert place is not None  # noqa: S101 (free, or just taken)
    idea = msgspec.structs.replace(idea, hands=idea.hands + 1)
    ctx.uow.add(Hand(conversation.id, idea.id, me.id, place, ctx.now))
    ctx.uow.save(idea)
    ctx.refresh("idea", conversation.id, idea.id)
    left = HANDS - len(mine) - 1 + (moved is not None)
    gone_from = moved[1] if moved is not None and moved[1].alive else None
    await _tell(ctx, conversation, views.moved(gone_from, idea) if gone_from else views.put(idea, left), idea)


async def taken_back(ctx: Context, action: Action) -> None:
    """The sign of a hand was taken back, where it stays to be seen."""
    conversation, idea = await _meant(ctx, action)
    me = await ctx.participant(conversation.id)
    there = await ctx.uow.get(Hand, conversation.id, idea.id, me.id) if me else None
    if there is not None:
        await _back(ctx, conversation, idea, there)


async def _back(ctx: Context, conversation: Conversation, idea: Idea, there: Hand | None) -> None:
    if there is None:
        await _tell(ctx, conversation, views.not_there(idea))
        return
    _take(ctx, there, idea)
    await _tell(ctx, conversation, views.back(idea))


def _take(ctx: Context, there: Hand, idea: Idea) -> None:
    ctx.uow.remove(there)
    ctx.uow.save(msgspec.structs.replace(idea, hands=max(idea.hands - 1, 0)))
    ctx.refresh("idea", idea.conversation_id, idea.id)


async def _ask_which(ctx: Context, conversation: Conversation, idea: Idea, on: list[Idea]) -> None:
    """All three hands are out: ask which one moves."""
    if ctx.private:
        ctx.turn(views.which(conversation, idea, on))
    else:
        await doors.lead_to_private(ctx, Action("hand", conversation.id, idea.id), views.ALL_OUT)


async def _tell(ctx: Context, conversation: Conversation, words: Text, idea: Idea | None = None) -> None:
    """Tell what became of a hand: in private with how things stand now; in a group who presses alone.

    Where there are hands enough on an `idea`, and nobody leads, the lead is offered.
    """
    if ctx.private:
        await _show(ctx, conversation, 0, words)
        return
    offered = idea is not None and idea.wants_leader
    if isinstance(ctx.event, ChoiceMade) and ctx.event.press and not ctx.manner.opens:
        words = views.and_the_lead(words) if offered else words
        ctx.tell(words)
    elif offered and idea is not None:
        ctx.reply(views.and_the_lead(words), choices=common.column(views.lead(idea)))
    else:
        ctx.tell(words)


async def _show(ctx: Context, conversation: Conversation, skip: int, said: Text | None = None) -> None:
    found = await idea_queries.listed(ctx.uow, conversation.id, "hands", skip, PAGE + 1)
    page = found[:PAGE]
    me = await ctx.participant(conversation.id)
    hands = await _with_ideas(ctx, me) if me and ctx.private else []
    mine = sorted((of for _hand, of in hands if of.alive), key=lambda of: of.number)
    names = await queries.names(ctx.uow, page)
    locale = ctx.locale if ctx.private else ctx.room.locale
    follows = skip + PAGE if len(found) > PAGE else 0
    if ctx.private:
        ctx.turn(views.mine(conversation, page, mine, names, locale, follows, said))
    else:
        ctx.say(views.ours(conversation, page, names, locale, follows), quoting=True)


async def _with_ideas(ctx: Context, me: Participant) -> list[tuple[Hand, Idea]]:
    """Give somebody's hands, each with the idea that it is on."""
    hands = await queries.of(ctx.uow, me.conversation_id, me.id)
    await ctx.uow.load(Idea, [(one.conversation_id, one.idea_id) for one in hands])
    return [(one, await ctx.uow.need(Idea, one.conversation_id, one.idea_id)) for one in hands]


async def _meant(ctx: Context, action: Action) -> tuple[Conversation, Idea]:
    """Give the idea of a button. Raises `Sorry`."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    idea = await ctx.uow.get(Idea, conversation.id, action.subject)
    if idea is None:
        raise Sorry(common.GONE)
    return conversation, idea


UNDONE = {"hand": taken_back}
PRESSES = {"energy": page, "hand": hand}
