"""Gatherings: list them, plan one, change it, call it off.

Anyone may plan one. What those who come should know (another time, another place, called off) is told to them by
`gathering_times`; whether they come they say in `rsvps`.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation
from bot.domain.gatherings import ChangeGathering, Gathering, GatheringSecret, PlanGathering, Rsvp
from bot.domain.groups import HelperGroup
from bot.domain.people import Participant
from bot.flows.questions import Ctx, Refused
from bot.flows.times import with_time
from bot.handlers import calm, dialogues, doors, gathering_times, membership, open_space, rsvps
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import gatherings as queries
from bot.store import groups as group_queries
from bot.store.records import Card
from bot.views import cards, common
from bot.views import gatherings as views
from bot.views import gatherings_told as told_views

PAGE = 5
FIELDS = {"what", "when", "where", "seats"}
NEW, OPEN = "new", "open"


async def meet(ctx: Context, argument: str) -> None:
    """List the gatherings to come; with words, plan one about them."""
    conversation = await membership.meant(ctx)
    group = await _group(ctx, conversation, ctx.room.group_id)
    if argument:
        await membership.may_contribute(ctx, conversation)

        async def begin() -> None:
            await _begin(ctx, conversation, group, argument)

        if ctx.private or not await doors.begun_in_private(ctx, conversation, begin):
            await begin()
        return
    await _list(ctx, await membership.reader(ctx, conversation.id), group, 0)


async def meet_about(ctx: Context, action: Action) -> None:
    """List the gatherings of a conversation or a helper group, or plan one; the argument says which page, or `new`."""
    if action.scope is None:
        await meet(ctx, "")
        return
    conversation = await membership.reader(ctx, action.scope)
    group = await _group(ctx, conversation, action.subject)
    if action.arg in {NEW, OPEN}:
        await membership.may_contribute(ctx, conversation)
        await _begin(ctx, conversation, group, "", open_space=action.arg == OPEN)
        return
    skip = int(action.arg) if action.arg.isascii() and action.arg.isdecimal() and len(action.arg) < 5 else 0  # noqa: PLR2004 (digits)
    await _list(ctx, conversation, group, skip)


async def _list(ctx: Context, conversation: Conversation, group: HelperGroup | None, skip: int) -> None:
    found = await queries.coming(
        ctx.uow, conversation.id, ctx.now, skip, PAGE + 1, group.id if group is not None else None
    )
    counts = await queries.counts(ctx.uow, conversation.id, [one.id for one in found[:PAGE]])
    ctx.turn(views.listing(conversation, found, counts, group, skip, PAGE))


async def _begin(
    ctx: Context, conversation: Conversation, group: HelperGroup | None, words: str, *, open_space: bool = False
) -> None:
    """Begin the questions, in private."""
    if not ctx.private:
        about = Action("meet", conversation.id, group.id if group else None, OPEN if open_space else NEW)
        await doors.lead_to_private(ctx, about)
        return
    await membership.mean(ctx, conversation.id)
    params = {"conversation": str(conversation.id), "words": words, "zone": conversation.zone}
    if found := with_time(words, Ctx(ctx.now, conversation.zone, ctx.locale)):
        params["words"], at = found
        params["when"] = f"{at.astimezone(ZoneInfo(conversation.zone)):%Y-%m-%d %H:%M}"
    if group is not None:
        params["group"] = str(group.id)
    if open_space:
        params["open"] = "yes"
    await dialogues.begin(ctx, "meet", params)


async def plan(ctx: Context, command: PlanGathering) -> None:
    """Let people meet: the card goes to the rooms, and to those of a helper group a word besides."""
    conversation = await membership.reader(ctx, command.conversation_id)
    convener = await membership.contributor(ctx, conversation)
    if command.at <= ctx.now:
        raise Refused("when", Text("That has passed already. Please write another time."))
    group = await _group(ctx, conversation, command.group_id)
    made = Gathering(
        conversation.id, ctx.new_id(), convener.id, command.what, command.at,
        command.at + timedelta(minutes=command.minutes), conversation.zone, ctx.now, ctx.now,
        GatheringSecret(command.where), group_id=group.id if group else None, seats=command.seats,
        open_space=command.open_space,
    )  # fmt: skip
    ctx.uow.add(made)
    ctx.uow.add(Rsvp(conversation.id, made.id, convener.id, "yes", ctx.now, seat=1))
    await gathering_times.plan(ctx, made)
    ctx.turn(views.planned(made))
    ctx.show_card("gathering", conversation.id, made.id)
    if group is None:
        ctx.publish("gathering", conversation.id, made.id)
    else:
        await _to_group(ctx, made, group, convener)
    if ctx.private:
        await rsvps.give_file(ctx, conversation, made)


async def _to_group(ctx: Context, made: Gathering, group: HelperGroup, convener: Participant) -> None:
    """Have the card come to a helper group's rooms, and its members told."""
    for room in await group_queries.rooms_of(ctx.uow, group):
        if room.id != ctx.room.id:
            ctx.bring_card("gathering", made.conversation_id, made.id, room)
    gathering_times.tell_later(ctx, made, "invite", but=convener.id)


async def show(ctx: Context, action: Action) -> None:
    """Show a gathering's card, or do what the argument says."""
    conversation, one = await rsvps.meant(ctx, action)
    if action.arg == "":
        await _show(ctx, one)
    elif not ctx.private and action.arg != "offyes":
        await doors.lead_to_private(ctx, action)
    elif action.arg == "more":
        await _more(ctx, one)
    else:
        await _change(ctx, conversation, one, action.arg)


async def _show(ctx: Context, one: Gathering) -> None:
    if not ctx.private:
        content = await cards.card_content(ctx.uow, "gathering", one.conversation_id, one.id, ctx.room)
        if content is not None:
            ctx.say(content, only_me=True)
        return
    earlier = await ctx.uow.get(Card, ctx.room.id, "gathering", one.id)
    if earlier is not None:
        ctx.uow.remove(earlier)
    ctx.show_card("gathering", one.conversation_id, one.id)


async def _more(ctx: Context, one: Gathering) -> None:
    me = await ctx.participant(one.conversation_id)
    mine = await ctx.uow.get(Rsvp, one.conversation_id, one.id, me.id) if me else None
    named = mine.named if mine is not None and mine.answer == "yes" else None
    ctx.turn(views.more(one, runs=await rsvps.runs(ctx, one), named=named, over=not one.coming(ctx.now)))


async def _change(ctx: Context, conversation: Conversation, one: Gathering, what: str) -> None:
    """Begin to change a thing, or call it off after a second press."""
    await to_run(ctx, one)
    _still_coming(ctx, one)
    if what == "off":
        ctx.turn(views.call_off_sure(one))
    elif what == "offyes":
        await _call_off(ctx, one)
    elif what in FIELDS:
        params = {"conversation": str(conversation.id), "gathering": str(one.id), "field": what, "zone": one.zone}
        await dialogues.begin(ctx, "gathering", params)
    else:
        raise Sorry(common.STALE)


async def change(ctx: Context, command: ChangeGathering) -> None:
    """Change what a finished flow says, and have those who come told."""
    one = await ctx.uow.get(Gathering, command.conversation_id, command.gathering_id)
    if one is None:
        raise Sorry(views.GONE)
    await to_run(ctx, one)
    _still_coming(ctx, one)
    if command.at is not None:
        if command.at <= ctx.now:
            raise Refused("when", Text("That has passed already. Please write another time."))
        changed, told = one.moved(command.at, ctx.now), "when"
    elif command.where is not None:
        changed, told = one.changed(ctx.now, secret=GatheringSecret(command.where)), "where"
    elif command.seats is not None:
        await queries.locked(ctx.uow, one.conversation_id, one.id)
        counts = (await queries.counts(ctx.uow, one.conversation_id, [one.id]))[one.id]
        if 0 < command.seats < counts.coming:
            raise Refused("seats", views.TOO_FEW)
        changed, told = msgspec.structs.replace(one, seats=command.seats, changed_at=ctx.now), ""
    else:
        changed, told = one.changed(ctx.now, what=command.what or one.what), "what"
    ctx.uow.save(changed)
    if told == "when":
        await gathering_times.plan(ctx, changed)
        await ctx.look_again(changed.id)
        if one.open_space:
            await open_space.move_along(ctx, one, changed)
    if told:
        gathering_times.tell_later(ctx, changed, told, but=(await _me(ctx, one)).id)
    else:
        await rsvps.move_up(ctx, changed)
    ctx.refresh("gathering", one.conversation_id, one.id)
    ctx.turn(Content.of(Text("It is changed. Those who come are told.") if told else Text("It is changed.")))
    await _show(ctx, changed)


async def _call_off(ctx: Context, one: Gathering) -> None:
    off = one.changed(ctx.now, state="off")
    ctx.uow.save(off)
    await gathering_times.drop(ctx, off)
    gathering_times.tell_later(ctx, off, "off", but=(await _me(ctx, one)).id)
    ctx.refresh("gathering", one.conversation_id, one.id)
    ctx.turn(views.is_off(off))


async def _me(ctx: Context, one: Gathering) -> Participant:
    me = await ctx.participant(one.conversation_id)
    if me is None:
        raise Sorry(views.NOT_YOURS)
    return me


def _still_coming(ctx: Context, one: Gathering) -> None:
    if one.state == "off":
        raise Sorry(views.CALLED_OFF)
    if not one.coming(ctx.now):
        raise Sorry(views.OVER)


async def to_run(ctx: Context, one: Gathering) -> None:
    """Raise `Sorry` for who may not change a gathering."""
    if not await rsvps.runs(ctx, one):
        raise Sorry(views.NOT_YOURS)


async def _group(ctx: Context, conversation: Conversation, group_id: UUID | None) -> HelperGroup | None:
    """Give a helper group that is still there."""
    found = await ctx.uow.get(HelperGroup, conversation.id, group_id) if group_id else None
    return found if found is not None and found.state == "open" else None


async def hand_on(means: Means, one: Gathering, heir: Participant | None, *, keep_words: bool) -> None:
    """Let somebody else hold a gathering whose convener is gone; without anybody, it is called off."""
    if heir is not None:
        means.uow.save(msgspec.structs.replace(one, convener_id=heir.id))
        if one.state == "planned":
            await calm.note(means, heir, told_views.yours_now(one), at=means.now)
    else:
        emptied = one if keep_words else msgspec.structs.replace(one, what="", secret=GatheringSecret())
        off = emptied.changed(means.now, state="off") if one.state == "planned" else emptied
        means.uow.save(off)
        await gathering_times.drop(means, off)
    means.refresh("gathering", one.conversation_id, one.id)


PRESSES = {"meet": meet_about, "gathering": show}
