"""Asks what is planned: in each room by its own clock, each day of a schedule once.

Rules
-----
* The schedule is the truth: its rule, and up to which moment all was done (`since`). Its row in `due` only wakes us.
  Both change in one transaction, and a day of a schedule has one row: so restarts, several workers, and a clock that is
  set back or forward ask nothing twice.
* What comes late is asked if that is still sensible (`STILL_SENSIBLE`), the latest alone; the rest is noted as left
  out. There is never a burst.
* A room gets one question a day, and none at night: what falls there comes in the morning.
* Nobody's question goes on without somebody to hold it: without a host (or a convener) it pauses.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.moments import local_day
from bot.domain.people import Participant
from bot.domain.prompts import STILL_SENSIBLE, Occurrence, Outcome, Schedule
from bot.domain.rooms import Room, quiet_until
from bot.handlers import calendar, calm
from bot.handlers.means import Means
from bot.store import prompts as queries
from bot.store.prompts import PROMPT
from bot.store.records import FANOUT, Due
from bot.views import prompts as views

A_DAY = timedelta(days=1)
MORE = "prompt more"
CHUNK = 100
"""In so many rooms something is asked in one transaction: what a press may have to wait for."""
SHORTLY = timedelta(days=2)
"""Longer ago than this nothing in a room says what may be asked there today."""


def arm(means: Means, schedule: Schedule, at: Iterable[datetime]) -> None:
    """Have a schedule woken for the first of these moments, if there is one."""
    first = min(at, default=None)
    if first is not None and schedule.state == "running":
        means.wake_at(
            PROMPT, first, conversation_id=schedule.conversation_id, subject_id=schedule.id, once=_name(schedule)
        )


async def begin(means: Means, schedule: Schedule) -> None:
    """Have a schedule asked from now on, in the place of what was known of it."""
    await means.wake_not(_name(schedule))
    found = [_next(schedule, zone) for zone in await _zones(means, schedule)]
    arm(means, schedule, [at for at in found if at is not None])


async def still(means: Means, schedule: Schedule) -> None:
    """Let a schedule rest: nothing of it is asked, also nothing that is on its way into the morning."""
    await means.wake_not(_name(schedule))
    await queries.drop_waiting(means.uow, schedule)


async def forget(means: Means, schedule: Schedule) -> None:
    """Let somebody's own questions go, those that were asked too; a built-in series goes on without them."""
    if not schedule.secret:
        return
    await still(means, schedule)
    means.uow.save(msgspec.structs.replace(schedule, secret=(), state="ended"))
    for one in await queries.occurrences(means.uow, schedule):
        means.uow.save(msgspec.structs.replace(one, secret=""))
        means.refresh(PROMPT, schedule.conversation_id, one.id)


async def open_again(means: Means, conversation: Conversation) -> None:
    """Go on with what is planned in a conversation that is open again: from now on."""
    for schedule in await queries.of(means.uow, conversation.id):
        fresh = msgspec.structs.replace(schedule, since=means.now)
        means.uow.save(fresh)
        await begin(means, fresh)


async def due(means: Means, one: Due) -> None:
    """It is time for a schedule, somewhere."""
    schedule = await means.uow.get(Schedule, one.conversation_id, one.subject_id)
    conversation = await means.uow.get(Conversation, one.conversation_id)
    if schedule is None or conversation is None or schedule.state != "running" or conversation.closed_at is not None:
        return
    if not await _held(means, conversation, schedule):
        means.uow.save(msgspec.structs.replace(schedule, state="paused"))
        return
    rooms = await queries.rooms_for(means.uow, conversation.id, schedule.group_id, most=CHUNK)
    passed: dict[date, list[tuple[datetime, str, bool]]] = {}
    ahead: list[datetime] = []
    for zone in await _zones(means, schedule):
        latest: list[tuple[datetime, date]] = []
        for day, at in calendar.times(schedule.rule, zone, schedule.since):
            if at > means.now:
                ahead.append(at)
                break
            latest.append((at, day))
        for at, day in latest:
            passed.setdefault(day, []).append((at, zone, (at, day) == latest[-1]))
    schedule = msgspec.structs.replace(schedule, since=max(means.now, schedule.since))
    busy = await taken(means, rooms)
    for day, times in sorted(passed.items()):
        schedule = await _day(means, schedule, day, times, rooms, busy)
    if not ahead or (schedule.over and not _elsewhere_later(ahead, passed)):
        schedule = msgspec.structs.replace(schedule, state="ended")
        await _tell_over(means, schedule)
    means.uow.save(schedule)
    arm(means, schedule, ahead)


def _elsewhere_later(ahead: list[datetime], passed: dict[date, list[tuple[datetime, str, bool]]]) -> bool:
    """Whether the day that was just asked is still to come in another zone."""
    latest = [at for times in passed.values() for at, _zone, _last in times]
    return bool(latest and ahead) and min(ahead) - max(latest) < A_DAY


async def _day(
    means: Means, schedule: Schedule, day: date, times: list[tuple[datetime, str, bool]], rooms: list[Room],
    busy: dict[UUID, set[date]],
) -> Schedule:  # fmt: skip
    """Ask what belongs to a day, in the zones where it is time; or note that it is left out."""
    before = await queries.on_day(means.uow, schedule, day)
    if before is None and schedule.over:
        return schedule
    late = all(not last or means.now - at > STILL_SENSIBLE for at, _zone, last in times)
    zones = {zone for at, zone, last in times if last and means.now - at <= STILL_SENSIBLE}
    where = [room for room in rooms if room.zone in zones and _day_of(means, room) not in busy.get(room.id, ())]
    outcome: Outcome = "late" if late else "asked" if where else "nowhere"
    if before is None:
        number = schedule.asked % schedule.length
        own = schedule.secret[number] if schedule.secret else ""
        made = Occurrence(
            schedule.conversation_id, means.new_id(), schedule.id, day, means.now, outcome, number, schedule.series, own
        )
        means.uow.add(made)
        if outcome == "asked":
            schedule = msgspec.structs.replace(schedule, asked=schedule.asked + 1)
    else:
        made = before
        if before.outcome != "asked" and outcome == "asked":
            schedule = msgspec.structs.replace(schedule, asked=schedule.asked + 1)
            means.uow.save(msgspec.structs.replace(before, outcome="asked"))
    _ask(means, made, where, busy)
    if zones and len(rooms) == CHUNK:
        _go_on_after(means, made, zones, rooms)
    return schedule


def _ask(means: Means, made: Occurrence, where: list[Room], busy: dict[UUID, set[date]]) -> None:
    for room in where:
        busy.setdefault(room.id, set()).add(_day_of(means, room))
        at = quiet_until(room, means.now)
        means.put_card(PROMPT, made.conversation_id, made.id, room, FANOUT, at)


def _go_on_after(means: Means, made: Occurrence, zones: Iterable[str], rooms: list[Room]) -> None:
    means.wake_at(
        MORE, means.now, conversation_id=made.conversation_id, subject_id=made.id,
        secret={"zones": " ".join(sorted(zones)), "after": str(rooms[-1].id)},
    )  # fmt: skip


async def go_on(means: Means, due: Due) -> None:
    """Ask in the next rooms of many."""
    made = await means.uow.get(Occurrence, due.conversation_id, due.subject_id)
    schedule = await means.uow.get(Schedule, due.conversation_id, made.schedule_id) if made else None
    conversation = await means.uow.get(Conversation, due.conversation_id)
    over = conversation is None or conversation.closed_at is not None
    if made is None or schedule is None or over or schedule.state == "paused" or not made.question:
        return
    notes = due.secret or {}
    zones = notes["zones"].split()
    rooms = await queries.rooms_for(
        means.uow, made.conversation_id, schedule.group_id, UUID(notes["after"]), most=CHUNK
    )
    busy = await taken(means, rooms)
    where = [room for room in rooms if room.zone in zones and _day_of(means, room) not in busy.get(room.id, ())]
    _ask(means, made, where, busy)
    if where and made.outcome == "nowhere":
        means.uow.save(msgspec.structs.replace(made, outcome="asked"))
        means.uow.save(msgspec.structs.replace(schedule, asked=schedule.asked + 1))
    if len(rooms) == CHUNK:
        _go_on_after(means, made, zones, rooms)


def _day_of(means: Means, room: Room) -> date:
    """Give the room's day on which something would be asked that is asked now."""
    return local_day(quiet_until(room, means.now), room.zone)


async def taken(means: Means, rooms: list[Room]) -> dict[UUID, set[date]]:
    """Give for each room the days on which something was asked there, or will be."""
    zones = {room.id: room.zone for room in rooms}
    found: dict[UUID, set[date]] = {}
    for room_id, at in await queries.asked_in(means.uow, list(zones), means.now - SHORTLY):
        found.setdefault(room_id, set()).add(local_day(at, zones[room_id]))
    return found


async def _held(means: Means, conversation: Conversation, schedule: Schedule) -> bool:
    """Whether somebody still holds it: the conversation has a host, the helper group a convener."""
    holder = conversation.host_id
    if schedule.group_id is not None:
        group = await means.uow.get(HelperGroup, conversation.id, schedule.group_id)
        if group is None or not group.there:
            return False
        holder = group.convener_id
    found = await means.uow.get(Participant, conversation.id, holder)
    return found is not None and not found.left and await means.person_of(found) is not None


async def _tell_over(means: Means, schedule: Schedule) -> None:
    """Tell who planned it that all is asked, where it was more than one question."""
    planner = await means.uow.get(Participant, schedule.conversation_id, schedule.created_by)
    if planner is not None and not planner.left and schedule.length > 1 and schedule.rule.every != "once":
        await calm.note(means, planner, views.all_asked(schedule), soon=True, once=f"asked:{schedule.id}")


async def _zones(means: Means, schedule: Schedule) -> list[str]:
    return await queries.zones_for(means.uow, schedule.conversation_id, schedule.group_id) or [schedule.zone]


def _next(schedule: Schedule, zone: str) -> datetime | None:
    return next((at for _day, at in calendar.times(schedule.rule, zone, schedule.since)), None)


def _name(schedule: Schedule) -> str:
    return f"{PROMPT}:{schedule.id}"


DUE = {PROMPT: due, MORE: go_on}
