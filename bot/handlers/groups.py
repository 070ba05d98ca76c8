"""Helper groups: taking the lead, joining in, leaving, handing over.

Nobody approves a group, and nobody who carries an idea is written to because somebody took the lead for it. A convener
hears of those who join once a day. A group never loses its convener without a next one.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Action
from bot.domain.conversation import Conversation
from bot.domain.groups import GroupMember, HelperGroup, TakeTheLead
from bot.domain.ideas import Idea
from bot.domain.people import Participant
from bot.handlers import calm, dialogues, doors, finding, helper_rooms, membership, receipts, stepping
from bot.handlers.context import Context, Sorry
from bot.store import groups as queries
from bot.store import invitations
from bot.store.records import Card
from bot.views import common
from bot.views import groups as views

PAGE = 4
HEIRS = 10
"""So many are looked at to find one who can be told that the group is in their hands."""


async def groups(ctx: Context, _argument: str) -> None:
    """List the helper groups."""
    await listed(ctx, Action("groups"))


async def listed(ctx: Context, action: Action) -> None:
    """List the helper groups, by a button; the argument is how many to pass over."""
    if action.scope is not None:
        await membership.mean(ctx, action.scope)
    conversation = await membership.meant(ctx)
    skip = int(action.arg or 0)
    found = await queries.groups_of(ctx.uow, conversation.id, skip, PAGE + 1)
    ctx.turn(views.listing(conversation, found, skip, PAGE))


async def lead(ctx: Context, argument: str) -> None:
    """Take the lead, from nothing or for the idea whose number is said; what one wants to do may be said at once."""
    conversation = await membership.meant(ctx)
    idea = await finding.numbered(ctx, conversation, argument)
    if idea is not None:
        await lead_idea(ctx, Action("lead", conversation.id, idea.id))
        return
    await membership.may_contribute(ctx, conversation)

    async def begin() -> None:
        await _begin(ctx, Action("lead", conversation.id), conversation, argument)

    if not (argument and not ctx.private and await doors.begun_in_private(ctx, conversation, begin)):
        await begin()


async def lead_idea(ctx: Context, action: Action) -> None:
    """Take the lead for an idea, or for nothing yet."""
    if action.scope is None:
        await lead(ctx, "")
        return
    conversation = await membership.reader(ctx, action.scope)
    idea: Idea | None = None
    if action.subject is not None:
        idea = await finding.alive(ctx, action)
    await membership.may_contribute(ctx, conversation)
    await _begin(ctx, action, conversation, "", idea)


async def unled(ctx: Context, action: Action) -> None:
    """The sign of taking the lead was taken back: what was begun to be asked about it stops."""
    room = await ctx.private_room_of(ctx.me.id)
    if room is not None and action.subject is not None:
        ctx.room = room
        await dialogues.let_go(ctx, "lead", {"idea": str(action.subject)})


async def _begin(
    ctx: Context, action: Action, conversation: Conversation, words: str, idea: Idea | None = None
) -> None:
    """Begin the questions: in private, where there is time to think."""
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    params = {"conversation": str(conversation.id), "words": words}
    if helper_rooms.made_on(ctx, ctx.room.channel):
        params["room"] = "yes"
    if idea is not None:
        params |= {"idea": str(idea.id), "words": idea.text}
    await dialogues.begin(ctx, "lead", params)


async def take_the_lead(ctx: Context, command: TakeTheLead) -> None:
    """Form a helper group that somebody has described."""
    await form(ctx, command)


async def form(ctx: Context, command: TakeTheLead) -> HelperGroup:
    """Form a helper group, show its card in the rooms, and tell its convener what comes next."""
    conversation = await membership.reader(ctx, command.conversation_id)
    convener = await membership.contributor(ctx, conversation)
    idea = await ctx.uow.get(Idea, conversation.id, command.idea_id) if command.idea_id else None
    if idea is not None and idea.state == "merged" and idea.merged_into is not None:  # It became so meanwhile.
        idea = await ctx.uow.get(Idea, conversation.id, idea.merged_into)
    group = HelperGroup(
        conversation.id, ctx.new_id(), convener.id, command.what, command.whom, command.needs, command.first_step,
        ctx.now, idea_id=idea.id if idea else None,
    )  # fmt: skip
    ctx.uow.add(group)
    ctx.uow.add(GroupMember(conversation.id, group.id, convener.id, ctx.now))
    latest = await ctx.uow.need(Conversation, conversation.id)
    ctx.uow.save(msgspec.structs.replace(latest, groups=latest.groups + 1))
    if idea is not None:
        ctx.uow.save(msgspec.structs.replace(idea, leads=idea.leads + 1))
        ctx.refresh("idea", conversation.id, idea.id)
        await receipts.led(ctx, idea, group, convener)
    ctx.publish("group", conversation.id, group.id)
    ctx.turn(views.formed())
    if ctx.private:
        ctx.show_card("group", conversation.id, group.id)
    made = command.room and await helper_rooms.make(ctx, conversation, group) is not None
    ctx.say(views.next_steps(group, room_made=made), only_me=True)
    await stepping.first_step(ctx, group, conversation.zone, ctx.locale)
    return group


async def show(ctx: Context, action: Action) -> None:
    """Show a helper group's card: in private as a new message, in a group to this person alone."""
    conversation, group = await meant(ctx, action)
    if not ctx.private:
        read = await queries.load_group(ctx.uow, conversation.id, group.id)
        if read is not None:
            content = views.group_card(group, conversation, read.convener_name, read.idea_text, ctx.room, read.steps)
            ctx.say(content, only_me=True)
        return
    await card_here(ctx, conversation.id, group.id)
    me = await ctx.participant(conversation.id)
    if me is not None and await ctx.uow.get(GroupMember, conversation.id, group.id, me.id) is not None:
        await helper_rooms.tell(ctx, group)


async def card_here(ctx: Context, conversation_id: UUID, group_id: UUID) -> None:
    """Show a helper group's card in this room as a new message; an earlier one follows it no longer."""
    earlier = await ctx.uow.get(Card, ctx.room.id, "group", group_id)
    if earlier is not None:
        ctx.uow.remove(earlier)
    ctx.show_card("group", conversation_id, group_id)


async def join(ctx: Context, action: Action) -> None:
    """Join in; again, it says that one is in."""
    conversation, group = await meant(ctx, action)
    if group.state != "open":
        raise Sorry(views.ENDED)
    me = await membership.contributor(ctx, conversation)
    if await ctx.uow.get(GroupMember, conversation.id, group.id, me.id) is not None:
        ctx.tell(views.ALREADY_IN)
        return
    ctx.uow.add(GroupMember(conversation.id, group.id, me.id, ctx.now))
    if group.members == 0:
        group = msgspec.structs.replace(group, convener_id=me.id)
    group = _count(ctx, group, 1)
    convener = await ctx.uow.need(Participant, conversation.id, group.convener_id)
    ctx.tell(views.welcome_in(group, convener.secret.name))
    await helper_rooms.let_in(ctx, group, me.id)
    await helper_rooms.tell(ctx, group)
    await _tell_convener(ctx, group, convener)


async def leave(ctx: Context, action: Action) -> None:
    """Leave; a convener hands the group over to who has been in it longest, after being asked."""
    conversation, group = await meant(ctx, action)
    me = await ctx.participant(conversation.id)
    mine = await ctx.uow.get(GroupMember, conversation.id, group.id, me.id) if me else None
    if me is None or mine is None:
        raise Sorry(views.NOT_IN)
    before = group.convener_id
    if before == me.id:
        heir = await _heir(ctx, group, me)
        if heir is None:
            raise Sorry(views.ALONE, views.ways_of_one(group))
        if action.arg != "yes":
            content = views.hand_over(group, heir.secret.name)
            ctx.reply(*content.blocks, choices=content.choices)
            return
        group = msgspec.structs.replace(group, convener_id=heir.id, offered_to=None)
        await calm.note(ctx, heir, views.handed_over(group, me.secret.name), at=ctx.now)
    ctx.uow.remove(mine)
    await stepping.let_go(ctx, group, me.id)
    group = _count(ctx, group, -1)
    if group.convener_id != before:
        await helper_rooms.entrust(ctx, group)
    ctx.tell(views.LEFT_BUT_ROOM if await helper_rooms.invited_to(ctx, group) else views.LEFT)


async def room(ctx: Context, action: Action) -> None:
    """Give a member a room for the helper group: made here where that can be, else the way to add the bot to theirs."""
    conversation, group = await meant(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is None or await ctx.uow.get(GroupMember, conversation.id, group.id, me.id) is None:
        raise Sorry(views.NOT_IN)
    if conversation.closed_at is not None or group.state != "open":
        raise Sorry(common.ENDED if conversation.closed_at is not None else views.ENDED)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    if action.arg != views.OWN and helper_rooms.made_on(ctx, ctx.room.channel):
        if await helper_rooms.make(ctx, conversation, group) is not None:
            ctx.say(views.room_made(group))
        else:
            await helper_rooms.let_in(ctx, group, me.id)
            await helper_rooms.tell(ctx, group)
        return
    _made, code = invitations.make(ctx.uow, conversation, me, "group", ctx.now, ctx.new_id, group_id=group.id, limit=1)
    await helper_rooms.tell(ctx, group)
    ctx.say(views.room_for(group, code))


async def meant(ctx: Context, action: Action) -> tuple[Conversation, HelperGroup]:
    """Give a button's conversation and helper group. Raises `Sorry`."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    group = await ctx.uow.get(HelperGroup, conversation.id, action.subject)
    if group is None or not group.there:
        raise Sorry(views.GONE)
    return conversation, group


async def held(ctx: Context, action: Action) -> tuple[Conversation, HelperGroup, Participant]:
    """Give a button's group, and this person as who holds it together. Raises `Sorry`."""
    conversation, group = await meant(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is None or me.id != group.convener_id:
        raise Sorry(views.CONVENER_ONLY)
    return conversation, group, me


def _count(ctx: Context, group: HelperGroup, more: int) -> HelperGroup:
    counted = msgspec.structs.replace(group, members=group.members + more)
    ctx.uow.save(counted)
    ctx.refresh("group", group.conversation_id, group.id)
    return counted


async def _heir(ctx: Context, group: HelperGroup, leaving: Participant) -> Participant | None:
    """Give who has been in the group longest and can be told of it; where nobody can, who has been in it longest.

    Who leaves it, or has left the conversation, is not meant.
    """
    people = [one for one in await queries.people_in(ctx.uow, group) if one.id != leaving.id and not one.left]
    for one in people[:HEIRS]:
        person = await ctx.person_of(one)
        if person is not None and await ctx.private_room_of(person.id) is not None:
            return one
    return people[0] if people else None


async def _tell_convener(ctx: Context, group: HelperGroup, convener: Participant) -> None:
    """Tell the convener who has come since they were told last, with the day's message."""
    once = f"joined:{group.id}"
    waits = await calm.waiting(ctx, convener, once)
    since = waits.created_at if waits else ctx.now
    new = [
        member
        for member in await queries.members_of(ctx.uow, group)
        if member.joined_at >= since and member.participant_id != convener.id
    ]
    content = views.joined(group, await queries.names_of(ctx.uow, new), len(new))
    await calm.note(ctx, convener, content, soon=True, once=once)


UNDONE = {"lead": unled, "joingroup": leave}
PRESSES = {
    "groups": listed, "lead": lead_idea, "group": show, "joingroup": join, "leavegroup": leave, "linkroom": room,
}  # fmt: skip
