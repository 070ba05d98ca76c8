"""The rhythm between two meetings: it goes from season to season by itself, on the days that its host saw beforehand.

Rules
-----
* One row of `due` wakes it for its next step; the step and what it changes are one transaction. A step that was slept
  through is left out: the latest one alone is taken.
* Rooms are told of a step once, on a day of its own (`seasons.announce`). In private it is said, to each by `calm`,
  when something waits for them: to weigh, and where to put their energy.
* A host can change the meeting, pause, take the next step at once, and end it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation, Season
from bot.domain.people import Participant
from bot.domain.rhythm import STEPS, Rhythm, Step, plan
from bot.flows.meeting import SetMeeting
from bot.flows.questions import Refused
from bot.flows.times import PASSED
from bot.handlers import calm, dialogues, doors, maps, membership, offices, seasons
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import conversations as conversation_queries
from bot.store import people
from bot.store.records import Due
from bot.views import common
from bot.views import rhythm as views
from bot.views import seasons as season_views

RHYTHM, TELLING = "rhythm", "rhythm_tell"
SEASON_OF: dict[Step, Season] = {"weigh": "weighing", "energy": "acting", "page": "harvest"}
TOLD_TO_EACH = ("weigh", "energy")
AFTERWARDS = timedelta(hours=3)
AT_A_TIME = 200


async def begin(ctx: Context, conversation: Conversation, meeting_at: datetime) -> None:
    """Begin with gathering, now; and show the host what follows when."""
    before = await ctx.uow.get(Rhythm, conversation.id)
    fresh = before is None or before.state == "over"
    left = STEPS if before is None or fresh else tuple(step for step, _at in before.steps)
    made = Rhythm(conversation.id, ctx.now, meeting_at, steps=plan(left, ctx.now, meeting_at, conversation.zone))
    (ctx.uow.add if before is None else ctx.uow.save)(made)
    if fresh and conversation.season != "gathering":
        conversation = seasons.move(ctx, conversation, "gathering")
    await _arm(ctx, made)
    ctx.say(views.plan(conversation, made))


async def set_meeting(ctx: Context, command: SetMeeting) -> None:
    """Take another time for the meeting, or the first."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    offices.may_host(await ctx.participant(conversation.id))
    await membership.may_contribute(ctx, conversation)
    if command.at <= ctx.now:
        raise Refused("meeting", PASSED)
    ctx.uow.save(msgspec.structs.replace(conversation, lasts="meeting"))
    await begin(ctx, await ctx.uow.need(Conversation, conversation.id), command.at)


async def pressed(ctx: Context, action: Action) -> None:
    """Show the plan, or change it: the argument says how."""
    if action.scope is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    offices.may_host(await ctx.participant(conversation.id))
    if conversation.closed_at is not None:
        raise Sorry(common.ENDED)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    rhythm = await ctx.uow.get(Rhythm, conversation.id)
    if action.arg == "when":
        await dialogues.begin(ctx, "meeting", {"conversation": str(conversation.id), "zone": conversation.zone})
    elif rhythm is None or rhythm.state == "over":
        ctx.turn(views.none(conversation))
    else:
        await TASKS.get(action.arg, _show)(ctx, conversation, rhythm)


async def due(means: Means, one: Due) -> None:
    """It is time for a step, or the meeting is over."""
    rhythm = await means.uow.get(Rhythm, one.conversation_id)
    conversation = await conversation_queries.locked(means.uow, one.conversation_id)
    if rhythm is None or conversation is None or rhythm.state != "running":
        return
    if conversation.closed_at is not None:  # Where it is opened again, the host says whether the rhythm goes on.
        means.uow.save(msgspec.structs.replace(rhythm, state="paused"))
        return
    if means.now >= rhythm.meeting_at + AFTERWARDS:
        means.uow.save(msgspec.structs.replace(rhythm, state="over"))
        await _tell_host(means, conversation, views.after(conversation))
        return
    passed = [step for step, at in rhythm.steps if at <= means.now]
    if passed:
        rhythm = msgspec.structs.replace(rhythm, steps=rhythm.steps[len(passed) :])
        means.uow.save(rhythm)
        if means.now < rhythm.meeting_at:
            await _take(means, conversation, passed[-1])
    await _arm(means, rhythm)


async def tell(means: Means, one: Due) -> None:
    """Tell some participants, and then the next, what waits for them; each in the message of a day of theirs."""
    conversation = await means.uow.get(Conversation, one.conversation_id)
    given = one.secret or {}
    if conversation is None or conversation.closed_at is not None or conversation.season != given.get("season"):
        return
    after = UUID(given["after"]) if given.get("after") else None
    some = await people.after(means.uow, conversation.id, after, AT_A_TIME)
    content = season_views.announcement(conversation, conversation.season, private=True)
    await calm.meet(means, some, f"season:{conversation.id}")
    for participant in some:
        await calm.note(means, participant, content, soon=True, once=f"season:{conversation.id}")
    if len(some) == AT_A_TIME:
        means.wake_at(TELLING, means.now, conversation_id=conversation.id,
                      secret={"season": conversation.season, "after": str(some[-1].id)})  # fmt: skip


async def _take(means: Means, conversation: Conversation, step: Step) -> Conversation:
    """Take a step."""
    if step == "unites":
        maps.post(means, conversation)
        return conversation
    conversation = seasons.move(means, conversation, SEASON_OF[step])
    await seasons.announce(means, conversation)
    if step in TOLD_TO_EACH:
        means.wake_at(TELLING, means.now, conversation_id=conversation.id, secret={"season": conversation.season})
    if step == "page":
        await _tell_host(means, conversation, views.page(conversation))
    return conversation


async def _arm(means: Means, rhythm: Rhythm) -> None:
    """Have it woken for what comes next."""
    await means.wake_not(_name(rhythm.conversation_id))
    if rhythm.state == "running":
        at = min((*(at for _step, at in rhythm.steps), rhythm.meeting_at + AFTERWARDS))
        means.wake_at(RHYTHM, at, conversation_id=rhythm.conversation_id, once=_name(rhythm.conversation_id))


async def _tell_host(means: Means, conversation: Conversation, content: Content) -> None:
    host = await means.uow.get(Participant, conversation.id, conversation.host_id)
    if host is not None and not host.left:
        await calm.note(means, host, content, at=means.now, once=f"rhythm:{conversation.id}")


async def _show(ctx: Context, conversation: Conversation, rhythm: Rhythm, said: Text | None = None) -> None:
    ctx.turn(views.plan(conversation, rhythm, said))


async def _pause(ctx: Context, conversation: Conversation, rhythm: Rhythm) -> None:
    paused = msgspec.structs.replace(rhythm, state="paused")
    ctx.uow.save(paused)
    await _arm(ctx, paused)
    await _show(ctx, conversation, paused)


async def _go_on(ctx: Context, conversation: Conversation, rhythm: Rhythm) -> None:
    """Go on from now."""
    if rhythm.state != "running":
        rhythm = _spread_again(ctx, conversation, rhythm)
    await _arm(ctx, rhythm)
    await _show(ctx, conversation, rhythm, views.GOES_ON)


async def _next(ctx: Context, conversation: Conversation, rhythm: Rhythm) -> None:
    """Take the next step now."""
    if not rhythm.steps or rhythm.state != "running":
        await _show(ctx, conversation, rhythm)
        return
    step = rhythm.steps[0][0]
    conversation = await _take(ctx, conversation, step)
    rhythm = _spread_again(ctx, conversation, msgspec.structs.replace(rhythm, steps=rhythm.steps[1:]))
    await _arm(ctx, rhythm)
    await _show(ctx, conversation, rhythm, views.STEPS[step])


def _spread_again(ctx: Context, conversation: Conversation, rhythm: Rhythm) -> Rhythm:
    """Spread what is left over the days that are left."""
    left = [step for step, _at in rhythm.steps]
    steps = plan(left, ctx.now, rhythm.meeting_at, conversation.zone) if ctx.now < rhythm.meeting_at else ()
    again = msgspec.structs.replace(rhythm, state="running", begun_at=ctx.now, steps=steps)
    ctx.uow.save(again)
    return again


async def _end(ctx: Context, conversation: Conversation, rhythm: Rhythm) -> None:
    ctx.uow.save(msgspec.structs.replace(rhythm, state="over"))
    await ctx.wake_not(_name(conversation.id))
    ctx.turn(Content.of(views.STOPPED))


def _name(conversation_id: UUID) -> str:
    return f"{RHYTHM}:{conversation_id}"


TASKS: Mapping[str, Callable[[Context, Conversation, Rhythm], Awaitable[None]]] = {
    "pause": _pause, "go": _go_on, "next": _next, "end": _end,
}  # fmt: skip
PRESSES = {"rhythm": pressed}
DUE = {RHYTHM: due, TELLING: tell}
