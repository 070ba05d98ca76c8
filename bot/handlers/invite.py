"""Inviting: a text to send on, a picture of the same link, and one's links, which can be limited, named and ended.

Into a helper group one is invited by a button or in its own room; whoever comes by it is shown the group's card, too.

The code is in the message alone: what is kept is its keyed hash. So a text cannot be made again, only a new one.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.invitations import FOR_WHOM, Invitation
from bot.domain.people import Participant
from bot.flows.words import clean, one_line
from bot.handlers import doors, membership
from bot.handlers.context import Context, Sorry
from bot.store import invitations
from bot.store.records import PosterFile
from bot.views import common
from bot.views import groups as group_views
from bot.views import harvest as harvest_views
from bot.views import invite as views
from bot.views.words import excerpt

A_DAY = 20
"""Invitations that one participant may make in a day."""

POSTER = Text("on the wall", context="link")
"""What a poster's link is called."""

MAX_LIMIT = 9999
MAX_NAME = 40
LISTED = 6


async def invite(ctx: Context, argument: str) -> None:
    """Make an invitation. ``/invite 10``: for ten people; ``/invite NAME``: a link with a name of its own."""
    conversation = await membership.meant(ctx)
    inviter = await _inviter(ctx, conversation)
    limit, name = _asked(argument)
    group = await _group(ctx, conversation, ctx.room.group_id)
    if not ctx.private:
        await _give_in_group(ctx, conversation, inviter, limit, name, group)
    elif name:
        await _give(ctx, conversation, inviter, FOR_WHOM[0], limit, name)
    else:
        ctx.say(views.for_whom(conversation, limit))


async def pressed(ctx: Context, action: Action) -> None:
    """Invite to the conversation, or into the helper group that the button names."""
    if action.scope is not None:
        await membership.mean(ctx, action.scope)
    if action.subject is None:
        await invite(ctx, action.arg)
        return
    conversation = await _scope(ctx, action)
    group = await _group(ctx, conversation, action.subject)
    if group is None:
        raise Sorry(group_views.GONE)
    inviter = await _inviter(ctx, conversation)
    if ctx.private:
        await _give(ctx, conversation, inviter, FOR_WHOM[0], 0, group=group)
    else:
        await _give_in_group(ctx, conversation, inviter, 0, "", group)


async def chosen(ctx: Context, action: Action) -> None:
    """For whom it is has been chosen: give the text and the picture."""
    conversation = await _scope(ctx, action)
    inviter = await _inviter(ctx, conversation)
    whom, limit = views.meant_for(action.arg)
    await _give(ctx, conversation, inviter, whom, limit)


async def poster(ctx: Context, action: Action) -> None:
    """Make a poster for a wall, with a link of its own; while one is being made, not another."""
    conversation = await _scope(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    inviter = await _inviter(ctx, conversation)
    ctx.say(harvest_views.coming())
    if await ctx.making_file("poster", conversation.id):
        return
    group = await _group(ctx, conversation, action.subject)
    whom, _limit = views.meant_for(action.arg)
    made, links, code = await _make(ctx, conversation, inviter, whom, 0, ctx.worded(POSTER), group)
    link, _told = _camera(ctx, links, code)
    wall = views.for_a_wall(conversation, group, whom, links, code)
    ctx.send_file(views.poster(made), PosterFile(wall, link), conversation.id)


async def my_links(ctx: Context, action: Action) -> None:
    """Show one's open links."""
    conversation = await _scope(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    participant = await _inviter(ctx, conversation)
    ctx.say(await _links(ctx, conversation, participant))


async def end_link(ctx: Context, action: Action) -> None:
    """End one of one's links; a host may end anybody's."""
    conversation = await _scope(ctx, action)
    participant = await _inviter(ctx, conversation)
    found = await ctx.uow.get(Invitation, conversation.id, action.subject)
    if found is None or not (found.created_by == participant.id or participant.hosts):
        raise Sorry(common.STALE)
    invitations.end(ctx.uow, found, ctx.now)
    ctx.turn(await _links(ctx, conversation, participant))


async def _scope(ctx: Context, action: Action) -> Conversation:
    if action.scope is None:
        raise Sorry(common.STALE)
    return await membership.reader(ctx, action.scope)


async def _inviter(ctx: Context, conversation: Conversation) -> Participant:
    """Give this person as a participant. Raises `Sorry` when the conversation has ended, or they are not in it."""
    if conversation.closed_at is not None:
        raise Sorry(Text("This conversation has ended. What was said can still be read."))
    return await ctx.participant(conversation.id) or await membership.contributor(ctx, conversation)


async def _group(ctx: Context, conversation: Conversation, group_id: UUID | None) -> HelperGroup | None:
    """Give a helper group that goes on."""
    found = await ctx.uow.get(HelperGroup, conversation.id, group_id) if group_id else None
    return found if found is not None and found.there else None


def _asked(argument: str) -> tuple[int, str]:
    """Give the limit (0: none) and the name that were asked for."""
    words = one_line(clean(argument)).split()
    limit = 0
    if words and words[0].isascii() and words[0].isdecimal():
        limit = min(int(words.pop(0)[:6]), MAX_LIMIT)
    return limit, excerpt(" ".join(words), MAX_NAME)


async def _make(
    ctx: Context,
    conversation: Conversation,
    inviter: Participant,
    whom: str,
    limit: int,
    name: str,
    group: HelperGroup | None,
) -> tuple[Invitation, dict[str, str], str]:
    """Make an invitation, if it is not too many; gives it with its links, a channel each, and its code."""
    today = await invitations.made_since(ctx.uow, conversation.id, inviter.id, ctx.now - timedelta(days=1))
    if today >= A_DAY:
        raise Sorry(
            Text("That is many invitations in a day. Those that you have still work: send one of them to more people."),
            common.column(common.button(Text("My links"), "links", conversation.id)),
        )
    made, code = invitations.make(
        ctx.uow, conversation, inviter, "join", ctx.now, ctx.new_id, for_whom=whom, limit=limit, name=name,
        group_id=group.id if group else None,
    )  # fmt: skip
    here_first = sorted(ctx.links, key=lambda channel: channel != ctx.room.channel)
    return made, {channel: ctx.links[channel].link(f"i-{code}") for channel in here_first}, code


async def _give(
    ctx: Context, conversation: Conversation, inviter: Participant, whom: str, limit: int, name: str = "",
    group: HelperGroup | None = None,
) -> None:  # fmt: skip
    """Give an invitation in private: the text to send on by itself, then the picture with what else can be done."""
    made, links, code = await _make(ctx, conversation, inviter, whom, limit, name, group)
    _room, room_code = invitations.make(ctx.uow, conversation, inviter, "room", ctx.now, ctx.new_id, limit=1)
    ctx.turn(
        views.to_forward(conversation, whom, links, code)
        if group is None
        else views.to_help(conversation, group, links, code)
    )
    ctx.say(views.picture(made, *_camera(ctx, links, code), room_code))


def _camera(ctx: Context, links: dict[str, str], code: str) -> tuple[str, Text]:
    """Give where a QR code leads, and its words: to our page, which has all networks, or else to one of them."""
    if ctx.web:
        return f"{ctx.web}/i/{code}", views.TO_ALL
    link, channel = views.best_link(links, ctx.room.channel)
    return link, views.to_one(link, channel, code)


async def _give_in_group(
    ctx: Context, conversation: Conversation, inviter: Participant, limit: int, name: str, group: HelperGroup | None
) -> None:
    """Give a short invitation where everybody sees it."""
    _made, links, code = await _make(ctx, conversation, inviter, FOR_WHOM[0], limit, name, group)
    start = doors.payload(ctx, Action("invite", conversation.id, group.id if group else None))
    ctx.say(views.short(conversation, group, links, code, start), quoting=True)


async def _links(ctx: Context, conversation: Conversation, participant: Participant) -> Content:
    links, total = await invitations.open_links(ctx.uow, conversation.id, participant.id, ctx.now, LISTED)
    spread = await invitations.spread(ctx.uow, conversation.id) if participant.hosts else None
    return views.my_links(conversation, links, total, spread)


PRESSES = {"invite": pressed, "poster": poster, "forwhom": chosen, "links": my_links, "endlink": end_link}
