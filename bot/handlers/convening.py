"""Convening: what whoever holds a helper group together can do, and what its members can see.

Rules
-----
* Only its convener changes, ends and opens a group. All of it is done in private; the card shows what came of it.
* Who is to hold it together is asked first. One offer stands at a time, as long as who made it holds the group.
* Who is in a group is told to who is in it.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Content
from bot.domain.groups import ChangeGroup, GroupMember, HelperGroup
from bot.domain.people import Participant
from bot.handlers import calm, carrying, consent, dialogues, doors, groups, helper_rooms, membership
from bot.handlers.context import Context, Sorry
from bot.store import groups as queries
from bot.views import common
from bot.views import convening as views
from bot.views import groups as group_views

PAGE = 6
TAIL = 6
"""So many of the last hex digits of a group's id stand on buttons that are about somebody."""


async def more(ctx: Context, action: Action) -> None:
    """Show what else there is about a group: to members who is in it, to its convener what they can do."""
    _conversation, group = await groups.meant(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    me = await ctx.participant(group.conversation_id)
    members = await queries.members_of(ctx.uow, group)
    names = await queries.names_of(ctx.uow, members)
    member = me is not None and any(one.participant_id == me.id for one in members)
    convener = me is not None and me.id == group.convener_id
    concerned = member or group.id in ctx.me.secret.carried
    several = concerned and len(await queries.rooms_of(ctx.uow, group)) > 1
    nameless = len(members) - len(names)
    ctx.turn(views.more(group, names, nameless, member=member, convener=convener, several=several))


async def begin_change(ctx: Context, action: Action) -> None:
    """Show what the card says, to change it."""
    conversation, group, _me = await groups.held(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.may_contribute(ctx, conversation)
    said = {"what": group.what, "whom": group.whom, "needs": group.needs, "first_step": group.first_step}
    about = {"conversation": str(conversation.id), "group": str(group.id)}
    await dialogues.let_go(ctx, "group", about, quietly=True)
    await dialogues.begin(ctx, "group", about | said)


async def change(ctx: Context, command: ChangeGroup) -> None:
    """Let the group's card say something else."""
    action = Action("groupedit", command.conversation_id, command.group_id)
    conversation, group, _me = await groups.held(ctx, action)
    await membership.contributor(ctx, conversation)
    ctx.uow.save(
        msgspec.structs.replace(
            group, what=command.what, whom=command.whom, needs=command.needs, first_step=command.first_step
        )
    )
    ctx.refresh("group", conversation.id, group.id)
    ctx.turn(views.changed(group))


async def end(ctx: Context, action: Action) -> None:
    """End a group after a second press, or open it again."""
    conversation, group, _me = await groups.held(ctx, action)
    if action.arg == "no":
        ctx.turn(Content.of(views.GOES_ON))
    elif not ctx.private:
        await doors.lead_to_private(ctx, action)
    elif action.arg == "open":
        if group.state == "open":
            raise Sorry(views.OPEN_ALREADY)
        if conversation.closed_at is not None:
            raise Sorry(common.ENDED)
        await _put(ctx, group, Content.of(views.OPEN_AGAIN), state="open")
    elif group.state != "open":
        raise Sorry(group_views.ENDED)
    elif action.arg == "yes":
        await _put(ctx, group, Content.of(views.HAS_ENDED), state="closed", offered_to=None)
    else:
        ctx.turn(views.sure_to_end(group))


async def over(ctx: Context, action: Action) -> None:
    """Ask whom it is to be; or whoever was asked answers."""
    if action.arg in {"yes", "no"}:
        await _answer(ctx, action)
        return
    _conversation, group, me = await groups.held(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    skip = int(action.arg) if action.arg.isdecimal() else 0
    found = [one for one in await queries.people_in(ctx.uow, group) if one.id != me.id and not one.left]
    if not found:
        raise Sorry(views.NOBODY_ELSE, group_views.ways_of_one(group))
    after = skip + PAGE if len(found) > skip + PAGE else 0
    ctx.turn(views.whom(group, found[skip : skip + PAGE], group.id.hex[-TAIL:], skip, after))


async def heir(ctx: Context, action: Action) -> None:
    """Ask a member to hold the group together."""
    held = await _held_by_me(ctx, action)
    group = next((one for one in held if one.id.hex.endswith(action.arg or "-")), None)
    if group is None:
        raise Sorry(group_views.CONVENER_ONLY)
    to = await ctx.uow.get(Participant, action.scope, action.subject)
    member = await ctx.uow.get(GroupMember, action.scope, group.id, action.subject)
    if to is None or to.left or member is None or to.id == group.convener_id:
        raise Sorry(views.NOT_IN)
    me = await ctx.uow.need(Participant, group.conversation_id, group.convener_id)
    once = f"groupover:{group.id}:{to.id}"
    if not await calm.note(ctx, to, views.offered(group, me), soon=True, once=once):
        raise Sorry(views.UNREACHABLE)
    ctx.uow.save(msgspec.structs.replace(group, offered_to=to.id))
    ctx.turn(Content.of(views.asked(to)))


async def _answer(ctx: Context, action: Action) -> None:
    _conversation, group = await groups.meant(ctx, action)
    me = await ctx.participant(group.conversation_id)
    if me is None or group.offered_to != me.id or group.state != "open":
        raise Sorry(views.OVER)
    before = await ctx.uow.need(Participant, group.conversation_id, group.convener_id)
    if action.arg == "no":
        ctx.uow.save(msgspec.structs.replace(group, offered_to=None))
        await calm.note(ctx, before, views.declined(group, me), soon=True)
        ctx.turn(Content.of(views.DECLINED))
        return
    if await ctx.uow.get(GroupMember, group.conversation_id, group.id, me.id) is None:
        raise Sorry(group_views.NOT_IN)
    consent.require(ctx)
    group = msgspec.structs.replace(group, convener_id=me.id, offered_to=None)
    ctx.uow.save(group)
    ctx.refresh("group", group.conversation_id, group.id)
    await helper_rooms.entrust(ctx, group)
    await calm.note(ctx, before, views.accepted(group, me), soon=True)
    ctx.turn(views.you_hold_it(group))


async def _put(ctx: Context, group: HelperGroup, told: Content, **changes: object) -> None:
    """Save a group as it is now, show it on its cards, and tell its convener and its own rooms."""
    await carrying.end(ctx, group)
    changed = msgspec.structs.replace(group, **changes)
    ctx.uow.save(changed)
    ctx.refresh("group", group.conversation_id, group.id)
    ctx.turn(told)
    for room in await queries.rooms_of(ctx.uow, group):
        words = views.OPEN_AGAIN if changed.state == "open" else group_views.ENDED
        if room.can_write and room.id != ctx.room.id:
            ctx.say_unasked(Content.of(words), room)


async def _held_by_me(ctx: Context, action: Action) -> list[HelperGroup]:
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    me = await ctx.participant(action.scope)
    return [] if me is None else await queries.held_by(ctx.uow, me)


PRESSES = {"groupmore": more, "groupedit": begin_change, "groupend": end, "groupover": over, "groupheir": heir}
