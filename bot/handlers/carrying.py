"""Carrying what is said in one room of a helper group into its others.

Rules
-----
* It begins when whoever holds the group together presses it, in the rooms where the bot hears all; each room is told.
  A room that is linked later is not carried until it is pressed again.
* Whoever writes is asked once, and only the words of those who said yes are carried, from their next message on.
* Commands, what is said to the bot, and answers to its questions are not carried; nor is what other bots say, or what
  reaches us through a bridge (no event of theirs comes so far).
* An edit changes the copies, a removal removes them (`copying.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from bot.chat.content import Action, Content
from bot.chat.events import CommandGiven, MessageEdited, MessageReceived, MessageRemoved
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.rooms import Room
from bot.handlers import consent, copying, doors, groups, membership
from bot.handlers.context import Context, Sorry
from bot.handlers.copying import Place
from bot.store import carrying as queries
from bot.store import groups as group_queries
from bot.views import carrying as views
from bot.views import groups as group_views

CLOCKS = timedelta(seconds=2)
"""By so much a network's clock may differ: what was said before it began is not carried."""


# -- what is said ---------------------------------------------------------------------------------------------


async def said(ctx: Context, event: MessageReceived) -> None:
    """Carry what somebody says, if they said yes; ask them once, if they were not asked."""
    place = await _here(ctx)
    if place is None or event.aside is not None or not (event.text.strip() or event.kind != "text"):
        return
    mine = ctx.me.secret.carried.get(place.group.id, "")
    participant = await ctx.participant(place.group.conversation_id)
    paused = participant is not None and participant.muted(ctx.now)
    if not place.others:
        ctx.uow.save(msgspec.structs.replace(place.room, carries_since=None))
        ctx.say(Content.of(views.NO_OTHER), place.room)
    elif not mine and not paused:
        await _ask(ctx, place)
    elif mine == "yes" and not paused and _since(place, event):
        name = participant.secret.name if participant is not None else ctx.my_name
        await copying.carry(ctx, place, event, copying.messages(place.room, name, event, event.kind))


async def edited(ctx: Context, event: MessageEdited) -> None:
    """Let the copies of a message say what it says now."""
    nothing = event.name or not (event.text.strip() or event.media)
    place = None if nothing else await _here(ctx)
    origin = await queries.at(ctx.uow, place.room.id, event.message_id) if place else None
    if place is None or origin is None or origin.author != copying.author(ctx, place.group.id):
        return
    participant = await ctx.participant(place.group.conversation_id)
    if ctx.me.secret.carried.get(place.group.id) != "yes" or (participant and participant.muted(ctx.now)):
        return
    name = participant.secret.name if participant is not None else ctx.my_name
    await copying.change(ctx, origin, copying.messages(place.room, name, event, "text"))


async def removed(ctx: Context, event: MessageRemoved) -> None:
    """A message was removed where it was written: its copies go too."""
    room = await _linked(ctx)
    found = await queries.at(ctx.uow, room.id, event.message_id) if room else None
    if found is not None and found.original:
        await copying.retract(ctx, await queries.all_of(ctx.uow, found.id))


async def remove(ctx: Context, _argument: str) -> None:
    """`/remove`, as a reply: the copies of that message go, in all rooms."""
    event, room = ctx.event, await _linked(ctx)
    if not isinstance(event, CommandGiven) or event.reply_to is None or room is None:
        raise Sorry(views.REPLY_TO)
    found = await queries.at(ctx.uow, room.id, event.reply_to.message_id)
    if found is None:
        raise Sorry(views.NOT_CARRIED)
    group = await ctx.uow.need(HelperGroup, room.conversation_id, room.group_id)
    me = await ctx.participant(group.conversation_id)
    may = me is not None and (me.id == group.convener_id or me.moderates)
    if not (may or found.author == copying.author(ctx, group.id)):
        raise Sorry(views.NOT_YOURS)
    await copying.retract(ctx, await queries.all_of(ctx.uow, found.origin_id))
    ctx.reply(views.REMOVED)


async def forget(ctx: Context) -> None:
    """Remove all that was carried of what this person wrote."""
    authors = [copying.author(ctx, group_id) for group_id in ctx.me.secret.carried]
    if authors:
        await copying.retract(ctx, await queries.by_authors(ctx.uow, authors))


# -- what is pressed ------------------------------------------------------------------------------------------


async def pressed(ctx: Context, action: Action) -> None:
    """Begin or end it, say yes or no to one's own, or see how things stand."""
    doing = PRESSED.get(action.arg)
    if doing is not None:
        await doing(ctx, action)
        return
    conversation, group = await _meant(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    me = await ctx.participant(conversation.id)
    rooms = await group_queries.rooms_of(ctx.uow, group)
    on = _carrying(rooms)
    networks = list(dict.fromkeys(room.channel.partition(":")[0] for room in on))
    convener = me is not None and me.id == group.convener_id
    mine = ctx.me.secret.carried.get(group.id, "")
    ctx.turn(views.state(group, networks, mine, on=bool(on), convener=convener, several=len(rooms) > 1))


async def _on(ctx: Context, action: Action) -> None:
    _conversation, group, _me = await groups.held(ctx, action)
    if group.state != "open":
        raise Sorry(group_views.ENDED)
    rooms = await group_queries.rooms_of(ctx.uow, group)
    if len(rooms) < 2:  # noqa: PLR2004 (a room and another one)
        raise Sorry(views.TWO_ROOMS)
    able = [room for room in rooms if room.can_write and await _hears(ctx, room)]
    missing = [room for room in rooms if room not in able]
    if len(able) < 2:  # noqa: PLR2004 (a room and another one)
        ctx.turn(views.cannot(group, missing))
        return
    if all(room.carries_since is not None for room in able):
        raise Sorry(views.ALREADY_ON)
    for room in able:
        since = room.carries_since or ctx.now
        ctx.uow.save(msgspec.structs.replace(room, carries_since=since))
        ctx.say(views.begun(group, room, [one for one in able if one.id != room.id]), room)
    ctx.turn(views.switched_on(group, missing))


async def _off(ctx: Context, action: Action) -> None:
    _conversation, group, _me = await groups.held(ctx, action)
    if not await end(ctx, group):
        raise Sorry(views.ALREADY_OFF)
    ctx.turn(Content.of(views.ENDED))


async def end(ctx: Context, group: HelperGroup) -> bool:
    """Stop carrying in all rooms of a group, which are told; gives whether there was anything to stop."""
    on = _carrying(await group_queries.rooms_of(ctx.uow, group))
    for room in on:
        ctx.uow.save(msgspec.structs.replace(room, carries_since=None))
        ctx.say(views.ended(group), room)
    return bool(on)


async def _yes(ctx: Context, action: Action) -> None:
    conversation, group = await _meant(ctx, action)
    if conversation.closed_at is None:
        await membership.contributor(ctx, conversation, stands_in_it=group.id in ctx.me.secret.carried)
    else:  # Its helper groups go on.
        consent.require(ctx)
    _answer(ctx, group, "yes")
    ctx.tell(views.YES)


async def _no(ctx: Context, action: Action) -> None:
    _conversation, group = await _meant(ctx, action)
    said_yes = ctx.me.secret.carried.get(group.id) == "yes"
    _answer(ctx, group, "no")
    if said_yes and ctx.private:
        ctx.turn(views.no_more(group))
    else:
        ctx.tell(views.NO)


async def _wipe(ctx: Context, action: Action) -> None:
    _conversation, group = await _meant(ctx, action)
    await copying.retract(ctx, await queries.by_authors(ctx.uow, [copying.author(ctx, group.id)]))
    ctx.tell(views.WIPED)


PRESSED = {"on": _on, "off": _off, "yes": _yes, "no": _no, "wipe": _wipe}
PRESSES = {"carry": pressed}


# -- small helpers --------------------------------------------------------------------------------------------


async def _meant(ctx: Context, action: Action) -> tuple[Conversation, HelperGroup]:
    """Give a button's conversation and group; who has spoken in the group's room may see them. Raises `Sorry`."""
    if action.scope is not None and action.subject in ctx.me.secret.carried:
        conversation = await ctx.uow.get(Conversation, action.scope)
        group = await ctx.uow.get(HelperGroup, action.scope, action.subject)
        if conversation is not None and group is not None and group.there:
            return conversation, group
    return await groups.meant(ctx, action)


async def _linked(ctx: Context) -> Room | None:
    """Give the room of a helper group in which something happened: this one, or the one of which it is a thread."""
    if ctx.private:
        return None
    if ctx.room.group_id is None and ctx.room.key.thread:
        whole = await ctx.uow.by(Room, ctx.room_lookup(ctx.room.key.whole))
        return whole if whole is not None and whole.group_id is not None else None
    return ctx.room if ctx.room.group_id is not None else None


async def _here(ctx: Context) -> Place | None:
    """Give the place, if messages are carried from here."""
    room = await _linked(ctx)
    if room is None or room.carries_since is None:
        return None
    group = await ctx.uow.get(HelperGroup, room.conversation_id, room.group_id)
    if group is None or group.state != "open":
        return None
    rooms = _carrying(await group_queries.rooms_of(ctx.uow, group))
    return Place(group, room, [one for one in rooms if one.id != room.id])


def _carrying(rooms: Sequence[Room]) -> list[Room]:
    return [room for room in rooms if room.carries_since is not None]


async def _hears(ctx: Context, room: Room) -> bool:
    """Whether the bot hears all that is said in a room; in a thread it does as in the whole."""
    whole = await ctx.uow.by(Room, ctx.room_lookup(room.key.whole)) if room.key.thread else room
    return (whole or room).hears


def _since(place: Place, event: MessageReceived) -> bool:
    since = place.room.carries_since
    return since is not None and event.at >= since - CLOCKS


async def _ask(ctx: Context, place: Place) -> None:
    """Ask whoever writes, in private if they are known there, else where only they need to see it."""
    _answer(ctx, place.group, "asked")
    content = views.ask(place.group, place.room, place.others)
    private = await ctx.private_room_of(ctx.me.id)
    if private is not None and private.channel == ctx.room.channel and not ctx.manner.opens:
        ctx.say(content, private)
    else:
        ctx.say(content, only_me=True, quoting=True)


def _answer(ctx: Context, group: HelperGroup, answer: str) -> None:
    secret = msgspec.structs.replace(ctx.me.secret, carried=ctx.me.secret.carried | {group.id: answer})
    ctx.save_me(msgspec.structs.replace(ctx.me, secret=secret))
