"""Sleeping on an idea: its draft is kept aside until the next morning, when the bot asks again.

Rules
-----
* What sleeps is no open dialogue: whatever somebody writes meanwhile is no answer to it. It is kept sealed with what is
  due, so it survives a restart, and goes with the person.
* There is one morning for all that somebody sleeps on. Who goes on or stops before is not asked again.
"""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bot.chat.content import Content
from bot.domain.moments import local_day, moment_of
from bot.domain.people import Person
from bot.handlers import calm
from bot.handlers.context import Context
from bot.handlers.means import Means
from bot.store.records import Dialogue, Draft, Due
from bot.views import ideas as views

SLEEP = "sleep"
MORNING = time(9)
STILL_UP = time(4)
"""Until then it is the evening before."""
DAY = timedelta(days=1)


async def put(ctx: Context, draft: Draft) -> Content:
    """Keep a draft aside, and ask again in the morning; gives what to tell."""
    drafts = [*await woken(ctx), draft]
    zone, now = ctx.room.zone, ctx.now.astimezone(ZoneInfo(ctx.room.zone))
    day = local_day(ctx.now, zone) + (timedelta() if now.time() < STILL_UP else DAY)
    ctx.wake_at(
        SLEEP, moment_of(day, MORNING, zone), once=name(ctx, ctx.me.id),
        secret={"person": str(ctx.me.id), "drafts": msgspec.json.encode(drafts).decode()},
    )  # fmt: skip
    return views.asked_tomorrow()


async def woken(ctx: Context) -> list[Draft]:
    """Give what somebody sleeps on, to go on with it now: they are not asked in the morning any more."""
    due = await ctx.wake_not(name(ctx, ctx.me.id))
    return _drafts(due) if due is not None else []


async def ask(means: Means, due: Due) -> None:
    """It is morning: what somebody slept on is an open dialogue again, and they are asked."""
    person = await means.uow.get(Person, UUID((due.secret or {})["person"]))
    room = await means.private_room_of(person.id) if person else None
    if person is None or room is None:
        return
    slept = _drafts(due)
    before = await means.uow.get(Dialogue, person.id, room.id)
    pile = Dialogue(person.id, room.id, (*(before.secret if before else ()), *slept), means.now)
    if before is None:
        means.uow.add(pile)
    else:
        means.uow.save(pile)
    words = [draft.params.get("text") or _written(draft) for draft in slept]
    await calm.remind(means, person, views.slept_on(words), means.now, once=SLEEP, quiet=True)


def name(means: Means, person_id: UUID) -> str:
    """Give the name under which somebody's morning waits; it tells of nobody."""
    return f"{SLEEP}:{means.keys.lookup(SLEEP, person_id.bytes).hex()}"


def _drafts(due: Due) -> list[Draft]:
    return msgspec.json.decode((due.secret or {})["drafts"], type=list[Draft])


def _written(draft: Draft) -> str:
    return next((value.partition("=")[2] for asked, _kind, value in draft.answers if asked == "text"), "")


DUE = {SLEEP: ask}
