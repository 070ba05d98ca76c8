"""Prompts: what is planned to be asked in the groups.

Rules
-----
* Hosts plan for the rooms of the conversation, and who holds a helper group together for its rooms. In private.
* Whatever is planned or changed is shown with its next three times.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.prompts import FUTURE, MOST_SCHEDULES, PlanPrompts, Schedule
from bot.flows import times
from bot.flows.questions import Ctx, Input, Refused, Retry
from bot.flows.recurring import HOW, rule
from bot.handlers import asking, calendar, dialogues, doors, membership, replies
from bot.handlers.context import Context, Sorry
from bot.store import groups as group_queries
from bot.store import prompts as queries
from bot.views import common
from bot.views import prompts as views

AHEAD = 60
"""So many times ahead it is looked whether two schedules fall on the same day."""

PLANNED = Text("It is planned.")
CHANGED = Text("It is changed.")
LEFT_OUT = Text("That one is left out.")
GOES_ON = Text("It goes on.")


async def prompt(ctx: Context, argument: str) -> None:
    """Show what is planned; with words, plan that: a time or a question."""
    conversation = await membership.meant(ctx)
    group = await _group_here(ctx, conversation)
    hosts, mine = await _may_plan(ctx, conversation)
    if group is not None and group.id not in {one.id for one in mine}:
        group = None
    if not (hosts or mine):
        raise Sorry(views.PLANNERS_ONLY)
    if not ctx.private:
        subject = group.id if group is not None else None
        await doors.lead_to_private(ctx, Action("prompt", conversation.id, subject, "group" if group else ""))
    elif argument:
        await _begin(ctx, conversation, None if hosts else mine[0], argument)
    else:
        await _list(ctx, conversation)


async def pressed(ctx: Context, action: Action) -> None:
    """Do what a button says: the argument names it; without one, show a schedule, or all."""
    if action.scope is None:
        await prompt(ctx, "")
        return
    if action.arg == "answer":
        await replies.answer(ctx, action)
        return
    conversation = await membership.reader(ctx, action.scope)
    hosts, mine = await _may_plan(ctx, conversation)
    if not (hosts or mine):
        raise Sorry(views.PLANNERS_ONLY)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    if action.arg in {"new", "twelve"}:
        group = next((one for one in mine if one.id == action.subject), None)
        if group is None and not hosts:
            raise Sorry(views.PLANNERS_ONLY)
        await _begin(ctx, conversation, group, "", series=action.arg == "twelve")
    elif action.arg == "series":
        ctx.turn(views.series(conversation))
    elif action.subject is None or action.arg == "group":
        await _list(ctx, conversation)
    else:
        schedule = await _of(ctx, conversation, action.subject, hosts=hosts, mine=mine)
        await TASKS.get(action.arg, _show)(ctx, conversation, schedule)


async def plan(ctx: Context, command: PlanPrompts) -> None:
    """Plan what a finished flow asks for, or change what was planned."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    me = await membership.contributor(ctx, conversation)
    group = await ctx.uow.get(HelperGroup, conversation.id, command.group_id) if command.group_id else None
    if not (me.hosts if command.group_id is None else group is not None and group.convener_id == me.id):
        raise Sorry(views.PLANNERS_ONLY)
    if not calendar.coming(command.rule, conversation.zone, ctx.now, 1):
        raise Refused("when", times.PASSED)
    before = await ctx.uow.get(Schedule, conversation.id, command.schedule_id) if command.schedule_id else None
    if before is not None and before.state == "ended":
        before = None
    if before is None:
        await _room_for_more(ctx, conversation, command.group_id)
        schedule = Schedule(
            conversation.id, ctx.new_id(), me.id, ctx.now, ctx.now, conversation.zone, command.rule, command.series,
            command.questions, command.group_id, asked=command.first,
        )  # fmt: skip
        ctx.uow.add(schedule)
    else:
        schedule = msgspec.structs.replace(
            before, rule=command.rule, series=command.series, secret=command.questions, since=ctx.now,
            state="running", asked=command.first,
        )  # fmt: skip
        await asking.still(ctx, before)
        ctx.uow.save(schedule)
    await asking.begin(ctx, schedule)
    await _show(ctx, conversation, schedule, CHANGED if before is not None else PLANNED)


# -- what can be done with what is planned --------------------------------------------------------------------


async def _show(ctx: Context, conversation: Conversation, schedule: Schedule, said: Text | None = None) -> None:
    ctx.turn(views.one_of_them(conversation, await _planned(ctx, schedule), said=said))


async def _pause(ctx: Context, conversation: Conversation, schedule: Schedule) -> None:
    paused = msgspec.structs.replace(schedule, state="paused")
    ctx.uow.save(paused)
    await asking.still(ctx, paused)
    await _show(ctx, conversation, paused)


async def _go_on(ctx: Context, conversation: Conversation, schedule: Schedule) -> None:
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    going = schedule
    if schedule.state != "running":
        going = msgspec.structs.replace(schedule, state="running", since=ctx.now)
        ctx.uow.save(going)
    await asking.begin(ctx, going)
    await _show(ctx, conversation, going, GOES_ON)


async def _leave_out(ctx: Context, conversation: Conversation, schedule: Schedule) -> None:
    """Leave out the question that comes next; there is always one behind it."""
    if not schedule.more_than_one_left:
        raise Sorry(common.STALE)
    fresh = msgspec.structs.replace(schedule, asked=schedule.asked + 1)
    ctx.uow.save(fresh)
    await _show(ctx, conversation, fresh, LEFT_OUT)


async def _edit(ctx: Context, conversation: Conversation, schedule: Schedule) -> None:
    await membership.may_contribute(ctx, conversation)
    group = await ctx.uow.get(HelperGroup, conversation.id, schedule.group_id) if schedule.group_id else None
    await _begin(ctx, conversation, group, "", schedule=schedule)


async def _end(ctx: Context, conversation: Conversation, schedule: Schedule) -> None:
    ctx.turn(views.sure_to_end(conversation, schedule))


async def _end_now(ctx: Context, _conversation: Conversation, schedule: Schedule) -> None:
    ended = msgspec.structs.replace(schedule, state="ended")
    ctx.uow.save(ended)
    await asking.still(ctx, ended)
    ctx.turn(Content.of(views.ENDED_NOW))


TASKS: Mapping[str, Callable[[Context, Conversation, Schedule], Awaitable[None]]] = {
    "pause": _pause, "go": _go_on, "leave": _leave_out, "edit": _edit, "end": _end, "endyes": _end_now,
}  # fmt: skip
PRESSES = {"prompt": pressed}


# -- small helpers --------------------------------------------------------------------------------------------


async def _list(ctx: Context, conversation: Conversation) -> None:
    hosts, mine = await _may_plan(ctx, conversation)
    groups = {one.id for one in mine}
    found = await queries.of(ctx.uow, conversation.id)
    seen = [one for one in found if (hosts if one.group_id is None else one.group_id in groups)]
    planned = [views.Planned(one, calendar.coming(one.rule, one.zone, ctx.now, 1), 0) for one in seen]
    ctx.turn(views.listing(conversation, planned, mine, hosts=hosts))


async def _planned(ctx: Context, schedule: Schedule) -> views.Planned:
    rooms, quiet = await queries.reach(ctx.uow, schedule.conversation_id, schedule.group_id)
    running = schedule.state == "running"
    left = schedule.length - schedule.asked
    most = 3 if schedule.repeats else min(3, left)
    soon = calendar.coming(schedule.rule, schedule.zone, ctx.now, most, quiet) if running else ()
    others = [one for one in await queries.of(ctx.uow, schedule.conversation_id) if one.state == "running"]
    others = [one for one in others if one.id < schedule.id and one.group_id == schedule.group_id]
    days = calendar.days_ahead(schedule.rule, schedule.zone, ctx.now, AHEAD, quiet)
    clashes = running and any(days & calendar.days_ahead(one.rule, one.zone, ctx.now, AHEAD, quiet) for one in others)
    return views.Planned(schedule, soon, rooms, await queries.last_of(ctx.uow, schedule), clashes)


async def _begin(
    ctx: Context, conversation: Conversation, group: HelperGroup | None, said: str, *,
    schedule: Schedule | None = None, series: bool = False,
) -> None:  # fmt: skip
    await membership.may_contribute(ctx, conversation)
    params = {"conversation": str(conversation.id), "zone": conversation.zone}
    if group is not None:
        params["group"] = str(group.id)
    if schedule is not None:
        params |= {
            "schedule": str(schedule.id), "rule": msgspec.json.encode(schedule.rule).decode(),
            "series": schedule.series, "questions": "\n".join(schedule.secret), "first": str(schedule.asked),
        }  # fmt: skip
    else:
        await _room_for_more(ctx, conversation, group.id if group else None)
    if series:
        params["what"] = FUTURE
    elif said:
        params |= _typed(ctx, conversation, said)
    await dialogues.begin(ctx, "prompt", params)


def _typed(ctx: Context, conversation: Conversation, said: str) -> dict[str, str]:
    """Read what was typed: a time, a question, or a time, a colon and a question."""

    def is_time(words: str) -> bool:
        read = rule(conversation.zone)(Input(words), Ctx(ctx.now, conversation.zone, ctx.locale, ctx.worded))
        return not (isinstance(read, Retry) and read.text == HOW)

    time, _colon, question = said.partition(": ")
    if question.strip() and is_time(time):
        return {"at": time, "said": question}
    return {"at" if is_time(said) else "said": said}


async def _room_for_more(ctx: Context, conversation: Conversation, group_id: UUID | None) -> None:
    found = [one for one in await queries.of(ctx.uow, conversation.id) if one.group_id == group_id]
    if len(found) >= MOST_SCHEDULES:
        raise Sorry(views.TOO_MANY)


async def _may_plan(ctx: Context, conversation: Conversation) -> tuple[bool, list[HelperGroup]]:
    """Tell whether this person hosts, and which helper groups they hold together."""
    me = await ctx.participant(conversation.id)
    if me is None:
        return False, []
    return me.hosts, await group_queries.held_by(ctx.uow, me)


async def _group_here(ctx: Context, conversation: Conversation) -> HelperGroup | None:
    if ctx.private or ctx.room.group_id is None:
        return None
    return await ctx.uow.get(HelperGroup, conversation.id, ctx.room.group_id)


async def _of(
    ctx: Context, conversation: Conversation, schedule_id: UUID, *, hosts: bool, mine: list[HelperGroup]
) -> Schedule:
    """Give a schedule that this person may do something with. Raises `Sorry`."""
    found = await ctx.uow.get(Schedule, conversation.id, schedule_id)
    if found is None or found.state == "ended":
        raise Sorry(views.GONE)
    if not (hosts if found.group_id is None else any(one.id == found.group_id for one in mine)):
        raise Sorry(views.PLANNERS_ONLY)
    return found
