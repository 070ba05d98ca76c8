"""Conversations: begin one, join one, and which one is meant."""

from __future__ import annotations

import secrets
from uuid import UUID

import msgspec

from bot.chat.content import Action, Text
from bot.domain.conversation import CODE_ALPHABET, CODE_LENGTH, Conversation, OpenConversation, code_in
from bot.domain.invitations import Invitation
from bot.domain.people import Participant, ParticipantSecret
from bot.domain.place_names import place
from bot.domain.places import find_places
from bot.handlers import consent, dialogues, doors, lasting, membership, pile, rhythm, rooms
from bot.handlers.context import Context, Sorry
from bot.store import conversations as queries
from bot.store import ideas as idea_queries
from bot.store import invitations, privacy
from bot.views import conversations as views
from bot.views import start as start_views

LISTED = 5
OF_PLACE = 2
"""So many helper groups and needs of a place are told with its conversations."""
OPENING = ("join", "host")
"""The purposes of invitations that let a person in."""
FROM_TALK = "talk"
YOU_ARE_IN = Text("You are in. Give your ideas here, and weigh those of others in private.")
NOTHING_TO_LINK = Text(
    "You are in no conversation that this room could belong to. Begin one, or write /join and a code."
)
NO_DOOR = Text("This code opens no conversation. It may have ended, or a letter is wrong. Ask for a new one.")


async def new(ctx: Context, _argument: str) -> None:
    """Begin a conversation: in private, also when asked for in a group; one that is free is linked to it then."""
    if not ctx.private and await ctx.conversation() is not None:
        await doors.lead_to_private(ctx, Action("new"))
        return
    if not ctx.private:
        await doors.lead_to_private(
            ctx, Action("new", subject=ctx.room.id), Text("Let us begin it in private. Then this room is linked to it.")
        )
        return
    if not await dialogues.offer_draft(ctx, "new"):
        current = await ctx.conversation()
        await dialogues.begin(ctx, "new", {"places": current.place_key if current else ""})


async def new_for_room(ctx: Context, action: Action) -> None:
    """Begin a conversation for the room from which one came, or with what was just said as its question."""
    if not ctx.private or (action.subject is None and action.arg != FROM_TALK):
        await new(ctx, "")
        return
    question = await pile.talk(ctx) if action.arg == FROM_TALK else ""
    room = {"room": str(action.subject)} if action.subject else {}
    await dialogues.begin(ctx, "new", {"question": question, **room})


async def open_conversation(ctx: Context, command: OpenConversation) -> None:
    """Begin the conversation that a flow has described. The question is the host's first contribution."""
    consent.require(ctx)
    params = await dialogues.begun_with(ctx, "new")
    known = place(command.place_key)
    me = Participant(ctx.new_id(), ctx.new_id(), ctx.now, ParticipantSecret(ctx.my_name), role="host")
    conversation = Conversation(
        id=me.conversation_id, place_key=command.place_key, place_name=command.place_name, question=command.question,
        why=command.why, values=command.values, givens=command.givens, lasts=command.lasts, findable=command.findable,
        code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)), locale=ctx.locale,
        zone=known.zone if known else ctx.room.zone, host_id=me.id, created_at=ctx.now,
    )  # fmt: skip
    ctx.uow.add(conversation)
    ctx.enter(me)
    ctx.turn(views.begun(conversation))
    if command.meeting_at is not None and command.meeting_at > ctx.now:
        await rhythm.begin(ctx, conversation, command.meeting_at)
    else:
        await lasting.begin(ctx, conversation)
    if params.get("room"):
        await rooms.link_other(ctx, UUID(params["room"]), conversation)


async def join(ctx: Context, argument: str) -> None:
    """Join by a code or link; without one, show what there is. In a group, link the room."""
    code = code_in(argument)
    if not ctx.private:
        await _join_here(ctx, code)
        return
    if code and not await _is_rather_a_place(ctx, code, argument):
        await _join_by_code(ctx, code)
        return
    current = await ctx.conversation()
    key = name = ""
    if argument:
        match = find_places(argument)
        key, name = (match.sure.key, match.sure.name) if match.sure else ("", argument)
    elif current is not None:
        key, name = current.place_key, current.place_name
    mine = await mine_of(ctx)
    found = await queries.open_ones(ctx.uow, key, name, LISTED + len(mine))
    if not found and not argument:
        found = await queries.open_ones(ctx.uow, "", "", LISTED + len(mine))
    ids = {one.id for one in mine}
    near = key or name
    groups = await queries.groups_of_place(ctx.uow, key, name, OF_PLACE) if near else []
    needed = await queries.needs_of_place(ctx.uow, key, name, OF_PLACE) if near else []
    others = [one for one in found if one.id not in ids]
    ctx.turn(views.to_join(mine, others, current, argument, groups=groups, needs=needed))


async def _is_rather_a_place(ctx: Context, code: str, argument: str) -> bool:
    """Whether no conversation has this code, but a place has this name: Kalmar."""
    return find_places(argument).sure is not None and (await _by_code(ctx, code))[0] is None


async def _join_here(ctx: Context, code: str) -> None:
    """Without a code, join this group's conversation. Link a group that has none (or one that ended) to one's own.

    With a code, the group is linked to the code's conversation.
    """
    here = await ctx.conversation()
    if here is not None and not code and (here.closed_at is None or ctx.me.current_conversation_id == here.id):
        await ctx.join(here)
        ctx.make_current(here.id)
        await _welcome(ctx, here)
        return
    conversation, invitation = await _by_code(ctx, code) if code else (None, None)
    if invitation is not None and not invitation.open(ctx.now):
        conversation = None
    mine = ctx.me.current_conversation_id
    if not code and mine:
        conversation = await ctx.uow.get(Conversation, mine)
    if conversation is None:
        raise Sorry(NO_DOOR if code else NOTHING_TO_LINK)
    await rooms.link_to(ctx, conversation)


async def _join_by_code(ctx: Context, code: str) -> None:
    """Join the conversation that a code leads to; for who is in it, a closed code will do."""
    conversation, invitation = await _by_code(ctx, code)
    if conversation is None:
        raise Sorry(NO_DOOR)
    hosts = invitation is not None and invitation.purpose == "host"
    if hosts or await ctx.participant(conversation.id) is None:
        if conversation.closed_at is not None:
            raise Sorry(NO_DOOR)
        if invitation is not None:
            if not invitation.open(ctx.now):
                raise Sorry(NO_DOOR)
            invitations.redeem(ctx.uow, invitation)
    me = await ctx.join(conversation, invited_by=invitation.created_by if invitation and not hosts else None)
    if hosts:
        latest = await ctx.uow.need(Conversation, conversation.id)
        ctx.uow.save(msgspec.structs.replace(latest, host_id=me.id))
        ctx.uow.save(msgspec.structs.replace(me, role="host"))
    await _welcome(ctx, conversation)
    if invitation is not None and invitation.group_id is not None and ctx.private:
        ctx.show_card("group", conversation.id, invitation.group_id)


async def _by_code(ctx: Context, code: str) -> tuple[Conversation | None, Invitation | None]:
    """Give the open conversation of a short code, or that of an invitation to join (which may be closed)."""
    if len(code) == CODE_LENGTH:
        found = await ctx.uow.by(Conversation, code.upper())
        return (found if found is not None and found.findable == "anyone" else None), None
    invitation = await invitations.known(ctx.uow, code)
    if invitation is None or invitation.purpose not in OPENING:
        return None, None
    return await ctx.uow.get(Conversation, invitation.conversation_id), invitation


async def join_open(ctx: Context, action: Action) -> None:
    """Join a conversation that anyone may join."""
    conversation = await membership.reader(ctx, _scope(action))
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await ctx.join(conversation)
    await _welcome(ctx, conversation)


async def current(ctx: Context, action: Action) -> None:
    """Make one of my conversations the current one."""
    conversation = await membership.reader(ctx, _scope(action))
    ctx.make_current(conversation.id)
    ctx.turn(views.now_current(conversation) if conversation.closed_at is None else start_views.ended(conversation))


async def mine_of(ctx: Context) -> list[Conversation]:
    """Give the conversations that this person is in, the newest first."""
    joined = ctx.me.secret.joined
    await ctx.uow.load(Conversation, [(one,) for one in joined])
    members = await privacy.memberships(ctx.uow, [ctx.membership_lookup(one) for one in joined])
    await ctx.uow.load(Participant, [(one.conversation_id, one.participant_id) for one in members])
    found = [await ctx.uow.get(Conversation, one) for one in reversed(ctx.me.secret.joined)]
    return [one for one in found if one is not None and await ctx.participant(one.id)]


async def _welcome(ctx: Context, conversation: Conversation) -> None:
    latest = await ctx.uow.get(Conversation, conversation.id) or conversation
    if latest.closed_at is not None:
        ctx.turn(start_views.ended(latest))
    elif ctx.private:
        ctx.turn(views.welcome(latest, await idea_queries.newest(ctx.uow, conversation.id)))
    else:
        ctx.reply(YOU_ARE_IN)


def _scope(action: Action) -> UUID:
    if action.scope is None:
        raise Sorry(NO_DOOR)
    return action.scope


PRESSES = {"new": new_for_room, "joinopen": join_open, "current": current}
