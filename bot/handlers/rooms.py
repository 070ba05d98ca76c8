"""Rooms: the bot comes into a group and leaves it, and a group is linked to a conversation or a helper group.

Rules
-----
* Adding the bot is the whole set-up: where whoever adds it is in a conversation, the group is linked to that one.
* A group gets one greeting. One that is still on its way is replaced, not followed, by what is known better.
* A group that belongs to a conversation is parted from it by its hosts and moderators, or by who linked it.
* No member is welcomed, and who leaves is let go without a word.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content, Text
from bot.chat.events import BotAdded, BotRemoved, MembersChanged, RoomMoved
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.invitations import Invitation
from bot.domain.rooms import Room
from bot.handlers.context import Context, Sorry
from bot.store import invitations
from bot.store.records import ANSWER, Message, Outbox
from bot.store.rooms import move_room
from bot.views import common
from bot.views import rooms as views
from bot.views.carrying import DEAF

JUST_NOW = timedelta(minutes=1)
NEW_FOR = timedelta(minutes=10)
"""How long after the bot came a group may be linked anew by anyone: the right link may come after the guess."""


async def changed(ctx: Context) -> None:
    """Something happened to a room: the bot came or went, it moved, or its members changed."""
    match ctx.event:
        case BotAdded():
            await _added(ctx, ctx.event)
        case BotRemoved():
            _removed(ctx)
        case RoomMoved(to=key):
            ctx.room = await move_room(ctx.uow, ctx.room, key)
            if not _menus(ctx, ctx.room) and not ctx.private and ctx.room.conversation_id is not None:
                await _greet_again(ctx)  # The new room is empty, and its card is what tells what can be done.
        case MembersChanged(members=members):
            if members is not None:
                _save(ctx, members=members)
        case _:
            raise TypeError(type(ctx.event))


async def link_room(ctx: Context, code: str) -> None:
    """Link this group by ``/start r-CODE`` (to a conversation) or ``/start g-CODE`` (to a helper group)."""
    if ctx.private:
        raise Sorry(views.NOT_A_GROUP)
    purpose = {"r": "room", "g": "group"}.get(code.partition("-")[0])
    found = await invitations.known(ctx.uow, code.partition("-")[2])
    if found is None or found.purpose != purpose:
        raise Sorry(views.USED_UP)
    if (ctx.room.conversation_id, ctx.room.group_id) == (found.conversation_id, found.group_id):
        if found.open(ctx.now):
            invitations.redeem(ctx.uow, found)
        if not await _greeted_just_now(ctx):
            ctx.reply(views.ALREADY)
        return
    if not found.open(ctx.now):
        raise Sorry(views.USED_UP)
    conversation = await ctx.uow.need(Conversation, found.conversation_id)
    await _may_relink(ctx, conversation)
    invitations.redeem(ctx.uow, found)
    if found.group_id is None:
        await _link(ctx, ctx.room, conversation, found.created_by)
    else:
        await _link_to_group(ctx, conversation, found)


async def link_to(ctx: Context, conversation: Conversation) -> None:
    """Link this group, or this topic of it, to a conversation: ``/join`` in a group. Raises `Sorry`."""
    if ctx.private:
        raise Sorry(views.NOT_A_GROUP)
    if await ctx.conversation() == conversation:
        raise Sorry(views.ALREADY)
    await _may_relink(ctx, conversation)
    me = await ctx.participant(conversation.id)
    await _link(ctx, ctx.room, conversation, me.id if me else None)


async def link_other(ctx: Context, room_id: UUID, conversation: Conversation) -> None:
    """Link the group in which somebody asked for a conversation to the one that they then began in private.

    A group that is gone, or belongs to another conversation meanwhile, is left as it is.
    """
    room = await ctx.uow.get(Room, room_id)
    if room is not None and not room.private and not room.gone and room.conversation_id is None:
        await _link(ctx, room, conversation, conversation.host_id)


async def more(ctx: Context, action: Action) -> None:
    """Show what else there is about this room."""
    conversation, room = await linked(ctx, action)
    ctx.turn(views.more(conversation, room, action.subject))


async def unlink(ctx: Context, action: Action) -> None:
    """Part this group from its conversation. Nothing is lost."""
    conversation, room = await linked(ctx, action)
    await responsible(ctx, conversation, action.subject)
    ctx.uow.save(msgspec.structs.replace(room, conversation_id=None, group_id=None, carries_since=None))
    ctx.say(views.unlinked())


async def _added(ctx: Context, event: BotAdded) -> None:
    before = ctx.room
    came = before.gone or before.created_at == ctx.now
    members = before.members if event.members is None else event.members
    _save(ctx, gone=False, can_write=event.can_write, members=members, hears=event.hears)
    if ctx.private:
        return
    if before.carries_since is not None and before.hears and not event.hears:
        ctx.say(Content.of(DEAF))
    if came and await ctx.conversation() is None:
        await _guess(ctx)
    if not event.can_write:
        if before.can_write:
            await _tell_adder(ctx)
    elif came or not before.can_write:
        await _greet_again(ctx)
        if not event.can_pin and ctx.room.conversation_id is not None and not _menus(ctx, ctx.room):
            await _tell_of_pinning(ctx)


async def _guess(ctx: Context) -> None:
    """Link the group to the conversation in which whoever added the bot is, if there is one."""
    current = ctx.me.current_conversation_id
    conversation = await ctx.uow.get(Conversation, current) if current else None
    if conversation is not None and conversation.closed_at is None and await ctx.participant(conversation.id):
        _join(ctx, ctx.room, conversation)


async def _greet_again(ctx: Context) -> None:
    """Greet a group as what it is linked to now."""
    conversation = await ctx.conversation()
    if conversation is None:
        await _greet(ctx, ctx.room, views.greeting())
    elif ctx.room.group_id is not None:
        ctx.show_card("group", conversation.id, ctx.room.group_id)
    else:
        me = await ctx.participant(conversation.id)
        await _greet(
            ctx, ctx.room, views.welcome(conversation, me.id if me else None, guessed=True, menus=_menus(ctx, ctx.room))
        )


async def _tell_adder(ctx: Context) -> None:
    """Tell whoever added the bot, in private, that it may not write."""
    room = await ctx.private_room_of(ctx.me.id)
    content = views.cannot_write(ctx.room.secret.title)
    if room is not None:
        ctx.say(content, room)
    elif ctx.links[ctx.room.channel].manner.opens:
        ctx.say(content, only_me=True)


async def _tell_of_pinning(ctx: Context) -> None:
    """Tell whoever added the bot that it may not pin, where there is a private room already: it does no harm."""
    room = await ctx.private_room_of(ctx.me.id)
    if room is not None:
        ctx.say(views.cannot_pin(ctx.room.secret.title), room)


def _menus(ctx: Context, room: Room) -> bool:
    return ctx.links[room.channel].manner.menus


def _removed(ctx: Context) -> None:
    """A group let the bot go, or a person blocked it: nothing more is sent there, and nothing is lost."""
    if ctx.private:
        ctx.account = msgspec.structs.replace(ctx.account, reachable=False)
        ctx.uow.save(ctx.account)
        _save(ctx, gone=True)
    else:
        _save(ctx, gone=True, conversation_id=None, group_id=None, carries_since=None)


async def _may_relink(ctx: Context, to: Conversation) -> None:
    """Raises `Sorry` where the group belongs to another conversation, unless it is new or they moderate that."""
    if to.closed_at is not None:
        raise Sorry(Text("This conversation has ended. What was said can still be read."))
    linked = ctx.room.conversation_id
    if linked is None or linked == to.id or ctx.now - ctx.room.created_at < NEW_FOR:
        return
    other = await ctx.uow.get(Conversation, linked)
    me = await ctx.participant(linked)
    if other is not None and not (me is not None and me.moderates):
        raise Sorry(views.taken(other))


async def _link(ctx: Context, room: Room, conversation: Conversation, linker: UUID | None) -> None:
    room = _join(ctx, room, conversation)
    await _greet(ctx, room, views.welcome(conversation, linker, guessed=False, menus=_menus(ctx, room)))


async def _link_to_group(ctx: Context, conversation: Conversation, found: Invitation) -> None:
    """Link the group to a helper group: its card is the whole greeting."""
    group = await ctx.uow.need(HelperGroup, conversation.id, found.group_id)
    _join(ctx, ctx.room, conversation, group.id)
    waiting = await ctx.uow.by(Outbox, _greeting_key(ctx.room))
    if waiting is not None:
        ctx.uow.remove(waiting)
    if ctx.room.can_write:
        ctx.show_card("group", conversation.id, group.id)


def _join(ctx: Context, room: Room, conversation: Conversation, group_id: UUID | None = None) -> Room:
    """Let a room belong to a conversation; a new one takes its language too."""
    locale = conversation.locale if ctx.now - room.created_at < NEW_FOR else room.locale
    joined = msgspec.structs.replace(
        room,
        conversation_id=conversation.id,
        group_id=group_id,
        zone=conversation.zone,
        locale=locale,
        carries_since=None,
    )
    ctx.uow.save(joined)
    if joined.id == ctx.room.id:
        ctx.room = joined
    return joined


def _save(ctx: Context, **changes: object) -> None:
    ctx.room = msgspec.structs.replace(ctx.room, **changes)
    ctx.uow.save(ctx.room)


def _greeting_key(room: Room) -> str:
    return f"greeting:{room.id}"


async def _greeted_just_now(ctx: Context) -> bool:
    """Whether the greeting has not left yet, or the bot came a moment ago."""
    waiting = await ctx.uow.by(Outbox, _greeting_key(ctx.room))
    return waiting is not None or ctx.now - ctx.room.created_at < JUST_NOW


async def _greet(ctx: Context, room: Room, content: Content) -> None:
    """Stage the greeting, if one may write; one that has not left yet is replaced."""
    if not room.can_write:
        return
    key = _greeting_key(room)
    waiting = await ctx.uow.by(Outbox, key)
    if waiting is not None:
        ctx.uow.save(msgspec.structs.replace(waiting, secret=Message(content)))
        return
    ctx.uow.add(
        Outbox(
            ctx.new_id(), room.channel, "say", ANSWER, ctx.now, room_id=room.id, unique_key=key, secret=Message(content)
        )
    )


async def linked(ctx: Context, action: Action) -> tuple[Conversation, Room]:
    """Give the conversation of a button, and the room that belongs to it: this one, or the one that this is a topic of.

    Raises `Sorry` where none does any more.
    """
    whole = await ctx.uow.by(Room, ctx.room_lookup(ctx.room.key.whole))
    linked = next((room for room in (ctx.room, whole) if room is not None and room.conversation_id is not None), None)
    if linked is None or linked.conversation_id != action.scope:
        raise Sorry(common.STALE)
    return await ctx.uow.need(Conversation, action.scope), linked


async def responsible(ctx: Context, conversation: Conversation, linker: UUID | None) -> None:
    """Raises `Sorry` for everybody but hosts, moderators, and who linked the room."""
    me = await ctx.participant(conversation.id)
    if me is None or not (me.moderates or me.id == linker):
        raise Sorry(Text("The host, a moderator, or whoever linked this group can do that."))


PRESSES = {"room": more, "unlink": unlink}
