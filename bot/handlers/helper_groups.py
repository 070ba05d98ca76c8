"""Helper groups that come of a need: its helpers form one with a press, and join it."""

from __future__ import annotations

import secrets
from uuid import UUID

from bot.chat.content import Action, Text
from bot.domain.conversation import CODE_ALPHABET, CODE_LENGTH, Conversation
from bot.domain.groups import HelperGroup, TakeTheLead
from bot.domain.needs import Help
from bot.domain.people import Participant, ParticipantSecret
from bot.domain.place_names import place
from bot.handlers import groups, helper_rooms, membership
from bot.handlers.context import Context, Sorry
from bot.i18n import render
from bot.views import common
from bot.views import needs as views
from bot.views.words import excerpt

WHAT = 200


async def form_for(ctx: Context, need: Help, offer: Help) -> HelperGroup:
    """Form a helper group for a need, held together by whoever made this offer.

    It is of the need's conversation, or else of one of theirs about the place, or of a new one for those invited. Words
    that were only for a few do not become everybody's: then the group says what its convener offered.
    """
    conversation = await _where(ctx, need)
    await membership.contributor(ctx, conversation)
    what = excerpt(need.text if need.shared else offer.text, WHAT)
    whom = render(views.SUPPORTED, conversation.locale)
    command = TakeTheLead(conversation.id, None, what, whom, room=helper_rooms.made_on(ctx, ctx.room.channel))
    return await groups.form(ctx, command)


async def join_from_need(ctx: Context, conversation_id: UUID, group_id: UUID) -> None:
    """Let a helper, or whoever is helped, into the group, and so into its conversation."""
    conversation = await ctx.uow.need(Conversation, conversation_id)
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    await ctx.join(conversation)
    await groups.join(ctx, Action("joingroup", conversation_id, group_id))
    await groups.card_here(ctx, conversation_id, group_id)


async def _where(ctx: Context, need: Help) -> Conversation:
    of = await ctx.uow.get(Conversation, need.conversation_id) if need.conversation_id else await ctx.conversation()
    if of is not None and of.closed_at is None and (need.conversation_id or _same_place(of, need)):
        if need.conversation_id and await ctx.participant(of.id) is None:
            await ctx.join(of)
        return of
    known = place(need.place_key)
    me = Participant(ctx.new_id(), ctx.new_id(), ctx.now, ParticipantSecret(ctx.my_name), role="host")
    question = ctx.worded(Text("How do we help each other in %(place)s?", {"place": need.place_name}))
    made = Conversation(
        id=me.conversation_id, place_key=need.place_key, place_name=need.place_name, question=question, why="",
        values=(), givens="", lasts="open", findable="invited",
        code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)), locale=ctx.locale,
        zone=known.zone if known else ctx.room.zone, host_id=me.id, created_at=ctx.now,
    )  # fmt: skip
    ctx.uow.add(made)
    ctx.enter(me)
    return made


def _same_place(of: Conversation, need: Help) -> bool:
    return of.place_key == need.place_key and (bool(of.place_key) or of.place_name == need.place_name)
