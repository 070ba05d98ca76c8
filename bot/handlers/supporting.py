"""Support: an idea is carried openly. A second press lets go of it, where a press can be seen as taken back."""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Support
from bot.domain.people import Participant
from bot.flows.commands import SupportInstead
from bot.flows.questions import Refused
from bot.handlers import finding, membership, receipts
from bot.handlers.context import Context
from bot.views import common


async def support(ctx: Context, action: Action) -> None:
    """Carry an idea, or stop carrying it: open to all. The argument `carry` never stops it."""
    conversation, found = await finding.seen(ctx, action)
    await finding.still_alive(ctx, found)
    participant = await membership.contributor(ctx, conversation)
    stays = action.arg == "carry" or (ctx.manner.before_all and not ctx.private)
    if await _carry(ctx, participant, found) or stays:
        ctx.tell(Text("You carry idea %(number)d.", {"number": found.number}))
    else:
        await _let_go(ctx, participant, found)


async def unsupported(ctx: Context, action: Action) -> None:
    """The sign of carrying an idea was taken back: then it is carried no more."""
    conversation, found = await finding.seen(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is not None:
        await _let_go(ctx, me, found)


async def support_instead(ctx: Context, command: SupportInstead) -> None:
    """Somebody had the same idea before: carry that one."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    participant = await membership.contributor(ctx, conversation)
    found = await ctx.uow.get(Idea, command.conversation_id, command.idea_id)
    if found is None or not found.alive:
        raise Refused("similar", common.GONE)
    await _carry(ctx, participant, found)
    ctx.turn(Content.of(Text("You carry idea %(number)d now. Thank you.", {"number": found.number})))


async def _carry(ctx: Context, participant: Participant, found: Idea) -> bool:
    """Whether the participant did not carry it before; then they do now."""
    if await ctx.uow.get(Support, found.conversation_id, found.id, participant.id):
        return False
    ctx.uow.add(Support(found.conversation_id, found.id, participant.id, ctx.now))
    ctx.uow.save(msgspec.structs.replace(found, supporters=found.supporters + 1))
    ctx.refresh("idea", found.conversation_id, found.id)
    if found.supporters == 0:
        await receipts.supported(ctx, found, participant.id)
    return True


async def _let_go(ctx: Context, participant: Participant, found: Idea) -> None:
    """Let a participant carry an idea no more."""
    before = await ctx.uow.get(Support, found.conversation_id, found.id, participant.id)
    if before is None:
        return
    ctx.uow.remove(before)
    ctx.uow.save(msgspec.structs.replace(found, supporters=found.supporters - 1))
    ctx.refresh("idea", found.conversation_id, found.id)
    ctx.tell(Text("You do not carry idea %(number)d any more.", {"number": found.number}))


UNDONE = {"support": unsupported}
PRESSES = {"support": support}
