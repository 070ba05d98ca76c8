"""When somebody, or a group, is not to be disturbed, and how often news comes; what waits, before its time."""

from __future__ import annotations

import msgspec

from bot.chat.content import Action
from bot.domain.calm import NIGHT, Note
from bot.domain.rooms import AT_ITS_TIME, Room, next_digest, quiet_until
from bot.flows.quiet_words import Wish, read
from bot.handlers import calm, doors, rooms
from bot.handlers.context import Context, Sorry
from bot.store import calm as queries
from bot.store import outbox
from bot.views import calm as note_views
from bot.views import common
from bot.views import quiet as views
from bot.views import rooms as room_views


async def quiet(ctx: Context, argument: str) -> None:
    """Show or choose when not to be disturbed, and how often news comes: in private mine, in a group the group's."""
    wish = read(argument) if argument else Wish()
    if wish is None:
        raise Sorry(views.HOW)
    if ctx.private:
        await _mine(ctx, wish)
        return
    conversation = await ctx.conversation()
    if conversation is None:
        raise Sorry(common.NO_ROOM)
    await _here(ctx, Action("quiet", conversation.id), wish)


async def pressed(ctx: Context, action: Action) -> None:
    """A button of these was pressed."""
    weekend = {views.WEEKENDS: True, views.WEEKDAYS: False}.get(action.arg)
    wish = read(action.arg) if action.arg and weekend is None else Wish(weekend=weekend)
    if wish is None:
        raise Sorry(common.STALE)
    if ctx.private:
        await _mine(ctx, wish)
    elif action.scope is None:
        await quiet(ctx, action.arg)
    else:
        await _here(ctx, action, wish)


async def _mine(ctx: Context, wish: Wish) -> None:
    before = await calm.calm_of(ctx, ctx.me.id)
    changed = msgspec.structs.replace(
        before,
        digest=wish.digest or before.digest,
        secret=wish.quiet(before.quiet) if wish.about_quiet else before.secret,
    )
    if changed != before:
        await calm.choose(ctx, changed, ctx.room.zone)
    ctx.turn(views.mine(changed, len(await queries.waiting(ctx.uow, ctx.me.id))))


async def _here(ctx: Context, action: Action, wish: Wish) -> None:
    conversation, room = await rooms.linked(ctx, action)
    if wish != Wish():
        await rooms.responsible(ctx, conversation, action.subject)
        quiet = wish.quiet(room.quiet or NIGHT) if wish.about_quiet else room.quiet
        room = await _keep(ctx, room, msgspec.structs.replace(room, pace=wish.digest or room.pace, quiet=quiet))
    ctx.turn(views.here(conversation, room, room.quiet or NIGHT, action.subject))


async def pace(ctx: Context, action: Action) -> None:
    """Choose how often a group is told what is new."""
    conversation, room = await rooms.linked(ctx, action)
    await rooms.responsible(ctx, conversation, action.subject)
    wish = read(action.arg)
    if wish is None or not wish.digest:
        raise Sorry(common.STALE)
    ctx.tell(room_views.PACES[(await _keep(ctx, room, msgspec.structs.replace(room, pace=wish.digest))).often])


async def _keep(ctx: Context, before: Room, room: Room) -> Room:
    """Let a room have it so from now on; what waits for it comes as it is wanted now."""
    ctx.uow.save(room)
    at = quiet_until(room, ctx.now)
    digest = at if room.at_once and not before.at_once else next_digest(room, ctx.now)
    await outbox.wait_anew(ctx.uow, room.id, AT_ITS_TIME, ctx.now, cards=at, digest=digest)
    if room.often == "never":
        await outbox.drop_held(ctx.uow.connection, room.id)
    return room


async def notes(ctx: Context, _action: Action) -> None:
    """Tell somebody what waits for them: they asked, so no day is taken by it."""
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("notes"))
        return
    waits = await queries.waiting(ctx.uow, ctx.me.id)
    if not waits:
        ctx.tell(note_views.NOTHING)
        return
    content, _rest = calm.take(ctx, waits, ctx.room)
    ctx.say(content)


async def opened(ctx: Context, action: Action) -> None:
    """Open one note of which the digest said a line."""
    found = await ctx.uow.get(Note, action.subject) if action.subject else None
    if found is None or found.person_id != ctx.me.id:
        raise Sorry(note_views.GONE)
    ctx.say(found.secret)


PRESSES = {"quiet": pressed, "pace": pace, "notes": notes, "note": opened}
