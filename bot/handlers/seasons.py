"""Seasons: a host moves the conversation's. It changes only what the bot suggests next (`views.seasons`)."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args
from uuid import UUID

import msgspec

from bot.chat.content import Action, Text
from bot.domain.conversation import Conversation, Season
from bot.domain.moments import local_day
from bot.domain.rooms import quiet_until
from bot.handlers import asking, doors, maps, membership, offices
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import prompts as queries
from bot.store.records import FANOUT, Due
from bot.views import common
from bot.views import seasons as views
from bot.views.words import folded

SEASONS: tuple[Season, ...] = get_args(Season)
NAMED: dict[str, Season] = {
    "inviting": "inviting", "invite": "inviting", "bjuda": "inviting", "gathering": "gathering", "gather": "gathering",
    "samla": "gathering", "weighing": "weighing", "weigh": "weighing", "vaga": "weighing", "acting": "acting",
    "act": "acting", "do": "acting", "gora": "acting", "harvest": "harvest", "skord": "harvest", "skorda": "harvest",
}  # fmt: skip
"""What can be typed after ``/season``."""
A_DAY = timedelta(days=1)
MORE = "season more"


async def season(ctx: Context, argument: str) -> None:
    """Show the seasons, or move to the one that is named."""
    conversation = await membership.meant(ctx)
    offices.may_host(await ctx.participant(conversation.id))
    to = NAMED.get(folded(argument.partition(" ")[0]), "") if argument else ""
    await _do(ctx, Action("season", conversation.id, arg=to), conversation)


async def pressed(ctx: Context, action: Action) -> None:
    """Show the seasons, move, or tell the groups: the argument says it."""
    if action.scope is None:
        await season(ctx, "")
        return
    conversation = await membership.reader(ctx, action.scope)
    offices.may_host(await ctx.participant(conversation.id))
    await _do(ctx, action, conversation)


async def _do(ctx: Context, action: Action, conversation: Conversation) -> None:
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    rooms = await queries.rooms_for(ctx.uow, conversation.id, None, most=1)
    if action.arg == "tell":
        if not rooms:
            raise Sorry(views.NO_GROUPS)
        await announce(ctx, conversation)
        ctx.turn(views.card(conversation, tell=False, moved=views.TOLD))
    elif action.arg in SEASONS:
        moved, words = _moved(ctx, conversation, action.arg)
        ctx.turn(views.card(moved, tell=bool(rooms), moved=words))
    else:
        ctx.turn(views.card(conversation, tell=bool(rooms)))


def _moved(ctx: Context, conversation: Conversation, to: str) -> tuple[Conversation, Text]:
    if to == conversation.season:
        return conversation, views.SAME
    anew = conversation.season == "harvest"
    return move(ctx, conversation, next(one for one in SEASONS if one == to)), views.ANEW if anew else views.MOVED


def move(means: Means, conversation: Conversation, to: Season) -> Conversation:
    """Let it be another season; the conversation's card suggests what belongs to it. Weighing begins with the map."""
    moved = msgspec.structs.replace(conversation, season=to)
    means.uow.save(moved)
    means.refresh("conversation", moved.id, moved.id)
    if to == "weighing":
        maps.post(means, moved)
    return moved


async def announce(means: Means, conversation: Conversation) -> None:
    """Tell the rooms which season it is: each once, on a day on which nothing else was asked there, not at night."""
    await _announce(means, conversation, means.new_id(), None)


async def go_on(means: Means, due: Due) -> None:
    """Tell the next rooms of many, if it still is that season."""
    conversation = await means.uow.get(Conversation, due.conversation_id)
    notes = due.secret or {}
    if conversation is not None and due.subject_id is not None and conversation.season == notes["season"]:
        await _announce(means, conversation, due.subject_id, UUID(notes["after"]))


async def _announce(means: Means, conversation: Conversation, told: UUID, after: UUID | None) -> None:
    rooms = await queries.rooms_for(means.uow, conversation.id, None, after, asking.CHUNK)
    taken = await asking.taken(means, rooms)
    for room in rooms:
        at = quiet_until(room, means.now)
        if local_day(at, room.zone) in taken.get(room.id, ()):
            at = quiet_until(room, at + A_DAY)
        means.put_card(queries.SEASON, conversation.id, told, room, FANOUT, at)
    if len(rooms) == asking.CHUNK:
        means.wake_at(
            MORE, means.now, conversation_id=conversation.id, subject_id=told,
            secret={"season": conversation.season, "after": str(rooms[-1].id)},
        )  # fmt: skip


PRESSES = {"season": pressed}
DUE = {MORE: go_on}
