"""Which conversation is meant, and who may contribute to it: one rule for all that changes something."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Text, When
from bot.domain.conversation import Conversation
from bot.domain.people import Participant
from bot.handlers import consent
from bot.handlers.context import Context, NotNow, Sorry
from bot.views import common


async def meant(ctx: Context) -> Conversation:
    """Give the conversation that is meant here. Raises `Sorry` with ways into one."""
    conversation = await ctx.conversation()
    if conversation is None and ctx.private:
        raise Sorry(common.NO_CONVERSATION, common.begin_or_join())
    if conversation is None:
        raise Sorry(common.NO_ROOM, common.begin_or_link())
    return conversation


async def may_enter(ctx: Context, conversation: Conversation) -> bool:
    """Whether this person may take part without a code: they do already, stand in one of its rooms, or anyone may."""
    if conversation.findable == "anyone" or await ctx.participant(conversation.id) is not None:
        return True
    return not ctx.private and await ctx.conversation() == conversation


async def reader(ctx: Context, conversation_id: UUID) -> Conversation:
    """Give a conversation that this person may read. Raises `Sorry`."""
    conversation = await ctx.uow.get(Conversation, conversation_id)
    if conversation is None or not await may_enter(ctx, conversation):
        raise Sorry(Text("This conversation is for those who were invited. Ask somebody in it for an invitation."))
    return conversation


async def mean(ctx: Context, conversation_id: UUID) -> None:
    """A button of a conversation was pressed: in private, that one is meant from now on. Raises `Sorry`."""
    if ctx.private and ctx.me.current_conversation_id != conversation_id:
        conversation = await reader(ctx, conversation_id)
        await ctx.join(conversation)


async def voter(ctx: Context, conversation: Conversation, *, stands_in_it: bool = False) -> Participant:
    """Give this person as a participant who may vote, joining if need be. `stands_in_it`: it is known that they may.

    Raises `ConsentNeeded` before the first contribution, `Sorry` for who is not invited or comes too late.
    Call it before anything is staged.
    """
    if not (stands_in_it or await may_enter(ctx, conversation)):
        raise Sorry(Text("This conversation is for those who were invited. Ask somebody in it for an invitation."))
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    consent.require(ctx)
    return await ctx.participant(conversation.id) or await ctx.join(conversation)


async def contributor(ctx: Context, conversation: Conversation, *, stands_in_it: bool = False) -> Participant:
    """Give this person as a `voter` who may also say something. Raises `Sorry` for who is muted."""
    participant = await voter(ctx, conversation, stands_in_it=stands_in_it)
    _not_paused(ctx, participant)
    return participant


async def may_contribute(ctx: Context, conversation: Conversation) -> None:
    """Raise `Sorry` at once where `contributor` would at the end: before somebody answers questions for nothing."""
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    participant = await ctx.participant(conversation.id)
    if participant is not None:
        _not_paused(ctx, participant)


def _not_paused(ctx: Context, participant: Participant) -> None:
    if participant.muted(ctx.now) and participant.muted_until is not None:
        until = When(participant.muted_until)
        raise NotNow(
            Text(
                "A moderator has asked you to pause until %(until)s. You can read and vote meanwhile.", {"until": until}
            )
        )


async def moderator(ctx: Context, conversation: Conversation) -> Participant:
    """Give this person as somebody who may moderate. Raises `Sorry`."""
    participant = await ctx.participant(conversation.id)
    if participant is None or not participant.moderates:
        raise Sorry(common.NOT_HERE)
    return participant
