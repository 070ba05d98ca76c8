"""Who comes: coming, maybe, not coming; the waiting list; one's name among the others; the calendar file.

Who comes gets the seat that is free next, or waits. A seat that somebody gives back goes to who has waited longest.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Attachment
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, Rsvp, may_run
from bot.domain.groups import HelperGroup
from bot.domain.people import Participant
from bot.handlers import calm, doors, membership
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import gatherings as queries
from bot.views import common
from bot.views import gatherings as views
from bot.views import gatherings_told as told_views


async def meant(ctx: Context, action: Action) -> tuple[Conversation, Gathering]:
    """Give a button's conversation and gathering. Raises `Sorry`."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    one = await ctx.uow.get(Gathering, conversation.id, action.subject)
    if one is None or not one.there:
        raise Sorry(views.GONE)
    return conversation, one


async def answer(ctx: Context, action: Action) -> None:
    """Do what an answer's button says: `yes`, `maybe`, `no`, `cal`, or whether one's name is shown."""
    conversation, one = await meant(ctx, action)
    if action.arg == "cal":
        await _file(ctx, action, conversation, one)
    elif action.arg in {"hide", "name"}:
        await _show_name(ctx, one, named=action.arg == "name")
    elif one.state == "off":
        raise Sorry(views.CALLED_OFF)
    elif not one.coming(ctx.now):
        raise Sorry(views.OVER)
    elif action.arg == "no":
        await _not_coming(ctx, conversation, one)
    elif action.arg in {"yes", "maybe"}:
        await _answer(ctx, conversation, one, coming=action.arg == "yes")
    else:
        raise Sorry(common.STALE)


async def taken_back(ctx: Context, action: Action) -> None:
    """The sign of an answer was taken back, where it stays to be seen: then nothing is answered."""
    me = await ctx.participant(action.scope) if action.scope else None
    one = await ctx.uow.get(Gathering, action.scope, action.subject) if action.scope and action.subject else None
    if me is None or one is None or action.arg not in {"yes", "maybe", "no"}:
        return
    before = await ctx.uow.get(Rsvp, one.conversation_id, one.id, me.id)
    if before is not None and before.answer == action.arg:
        await withdraw(ctx, one, before)
        ctx.tell(views.GOOD_TO_KNOW)


async def _answer(ctx: Context, conversation: Conversation, one: Gathering, *, coming: bool) -> None:
    me = await membership.voter(ctx, conversation)
    await queries.locked(ctx.uow, one.conversation_id, one.id)
    before = await ctx.uow.get(Rsvp, one.conversation_id, one.id, me.id)
    if coming and before is not None and before.answer == "yes":
        if before.waits:
            ctx.tell(views.WAITING_ALREADY)
        else:
            ctx.tell(views.COMING_ALREADY)
        return
    seat = await queries.free_seat(ctx.uow, one) if coming else None
    made = Rsvp(
        one.conversation_id, one.id, me.id, "yes" if coming else "maybe", ctx.now, seat,
        named=before.named if before else True,
    )  # fmt: skip
    if before is None:
        ctx.uow.add(made)
    else:
        ctx.uow.save(made)
    if before is not None and before.seat is not None:
        await move_up(ctx, one)
    ctx.refresh("gathering", one.conversation_id, one.id)
    if not coming:
        ctx.tell(views.MAYBE)
    elif seat is None:
        ctx.tell(told_views.full(one))
    else:
        await _welcome(ctx, conversation, one, made)


async def _welcome(ctx: Context, conversation: Conversation, one: Gathering, made: Rsvp) -> None:
    """Tell who comes, with the calendar file in private."""
    private = ctx.room if ctx.private else await ctx.private_room_of(ctx.me.id)
    receipt = told_views.receipt(one, _file_of(ctx, conversation, one), named=made.named)
    if ctx.manner.opens and not ctx.private:
        ctx.say(receipt, only_me=True)
    elif private is None:
        ctx.tell(views.IN_PRIVATE)
    else:
        ctx.say(receipt, private, once=f"coming:{one.id}")
        if not ctx.private:
            ctx.tell(told_views.sent_file(one))


async def _not_coming(ctx: Context, conversation: Conversation, one: Gathering) -> None:
    """Somebody cannot come: that is noted of who is in the conversation, paused or not, and also when it has ended."""
    me = await ctx.participant(conversation.id)
    await queries.locked(ctx.uow, one.conversation_id, one.id)
    before = await ctx.uow.get(Rsvp, one.conversation_id, one.id, me.id) if me else None
    if me is None or before is None:
        ctx.tell(views.GOOD_TO_KNOW)
        return
    await withdraw(ctx, one, before)
    ctx.tell(views.NOT_COMING)


async def withdraw(means: Means, one: Gathering, before: Rsvp) -> None:
    """Take back what somebody answered; their seat goes to who waits."""
    means.uow.remove(before)
    if before.seat is not None and one.coming(means.now):
        await move_up(means, one)
    means.refresh("gathering", one.conversation_id, one.id)


async def move_up(means: Means, one: Gathering) -> None:
    """Give free seats to who has waited longest, and have them told."""
    while (waits := await queries.first_waiting(means.uow, one)) is not None:
        seat = await queries.free_seat(means.uow, one)
        if seat is None:
            return
        means.uow.save(msgspec.structs.replace(waits, seat=seat))
        who = await means.uow.need(Participant, waits.conversation_id, waits.participant_id)
        await calm.answer(means, who, told_views.moved_up(one))


async def runs(ctx: Context, one: Gathering) -> bool:
    """Whether this person may change a gathering."""
    group = await ctx.uow.get(HelperGroup, one.conversation_id, one.group_id) if one.group_id else None
    return may_run(one, await ctx.participant(one.conversation_id), group)


async def _show_name(ctx: Context, one: Gathering, *, named: bool) -> None:
    me = await ctx.participant(one.conversation_id)
    mine = await ctx.uow.get(Rsvp, one.conversation_id, one.id, me.id) if me else None
    if mine is None:
        raise Sorry(views.NO_ANSWER)
    ctx.uow.save(msgspec.structs.replace(mine, named=named))
    ctx.refresh("gathering", one.conversation_id, one.id)
    if named:
        ctx.tell(views.SHOWN)
    else:
        ctx.tell(views.NOT_SHOWN)


async def _file(ctx: Context, action: Action, conversation: Conversation, one: Gathering) -> None:
    if ctx.private:
        await give_file(ctx, conversation, one)
    else:
        await doors.lead_to_private(ctx, action)


async def give_file(ctx: Context, conversation: Conversation, one: Gathering) -> None:
    """Give the calendar file here."""
    ctx.say(told_views.calendar_file(one, _file_of(ctx, conversation, one)))


def _file_of(ctx: Context, conversation: Conversation, one: Gathering) -> Attachment:
    from bot.views.calendar import calendar_file  # noqa: PLC0415 (a tenth of a second, for those who meet)

    return calendar_file(one, conversation, ctx.now)


UNDONE = {"rsvp": taken_back}
PRESSES = {"rsvp": answer}
