"""A year of planned questions in Stockholm, each day of each schedule once, and asked at its time.

Both changes of the clocks, three workers that end at any moment, a machine that sleeps for a day. The clock goes from
one moment at which something is due to the next.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid6 import uuid7

from bot.crypto import Keyring
from bot.domain.calm import Quiet
from bot.domain.prompts import FUTURE, Occurrence, Rule, Schedule
from bot.handlers import asking, calendar
from bot.handlers.means import Means
from bot.handlers.waking import Waker
from bot.store import due
from bot.store.engine import Database
from bot.store.records import Due, Outbox
from tests.store.some import conversation, membership, participant, person, room, work

ZONE = "Europe/Stockholm"
HERE = ZoneInfo(ZONE)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=HERE).astimezone(UTC)
END = datetime(2027, 1, 1, tzinfo=HERE).astimezone(UTC)
SLEEP = (datetime(2026, 6, 8, 6, tzinfo=UTC), datetime(2026, 6, 9, 8, tzinfo=UTC))
"""From a Monday morning for 26 hours nobody is awake."""
ALWAYS_AWAKE = Quiet(time(0), time(0))
FIRST = date(2026, 1, 1)

SHORT = {
    "every Sunday night, when the clocks are changed": Rule("weeks", time(2, 30), FIRST, weekdays=(6,)),
    "every Monday evening": Rule("weeks", time(18), FIRST, weekdays=(0,)),
    "every other Thursday": Rule("weeks", time(19), FIRST, 2, (3,)),
    "the first Tuesday of the month": Rule("months", time(17), FIRST, weekdays=(1,), nth=1),
    "the last day of the month": Rule("months", time(12), FIRST, day=-1),
    "each five days": Rule("days", time(9), FIRST, 5),
}
LONG = SHORT | {
    "every night, when the clocks are changed": Rule("days", time(2, 30), FIRST),
    "every weekday": Rule("weeks", time(8, 30), FIRST, weekdays=(0, 1, 2, 3, 4)),
}


def belongs(rule: Rule, day: date) -> bool:
    """Whether a day is one of a rule's, said in another way than the bot does."""
    match rule.every:
        case "days":
            return (day - rule.first).days % rule.interval == 0
        case "weeks":
            weeks = ((day - timedelta(days=day.weekday())) - (FIRST - timedelta(days=FIRST.weekday()))).days // 7
            return day.weekday() in rule.weekdays and weeks % rule.interval == 0
        case _ if rule.nth:
            return day.weekday() == rule.weekdays[0] and (day.day - 1) // 7 + 1 == rule.nth
        case _:
            return (day + timedelta(days=1)).day == 1


def expected(rule: Rule) -> dict[date, datetime]:
    """Each day of the year on which it is to be asked, and when."""
    all_days = [FIRST + timedelta(days=number) for number in range(365)]
    days = [day for day in all_days if belongs(rule, day)]
    return {day: datetime.combine(day, rule.clock, HERE).astimezone(UTC) for day in days}


class Year:
    """A database, a clock, a schedule in a conversation of its own for each rule, and workers."""

    def __init__(self, database: Database, keyring: Keyring, rules: dict[str, Rule]) -> None:
        self.database, self.keys, self.now = database, keyring, NEW_YEAR - timedelta(seconds=1)
        self.rules = rules
        self.schedules: dict[str, Schedule] = {}
        self.chance = random.Random(7)

    async def begin(self) -> None:
        async with work(self.database, self.keys) as uow:
            means = Means(now=self.now, uow=uow, keys=self.keys, links={}, new_id=uuid7, rng=self.chance)
            for name, rule in self.rules.items():
                who, talk = person(), conversation()
                host = participant(talk, role="host")
                here = msgspec.structs.replace(room(), conversation_id=talk.id, quiet=ALWAYS_AWAKE)
                made = Schedule(talk.id, uuid7(), host.id, self.now, self.now, ZONE, rule, secret=("What now?",))
                for record in (
                    who, msgspec.structs.replace(talk, host_id=host.id), host, membership(host, who, self.keys), here,
                    made,
                ):  # fmt: skip
                    uow.add(record)
                self.schedules[name] = made
                await asking.begin(means, made)

    def worker(self) -> Waker:
        return Waker(self.database, self.keys, {}, lambda: self.now, lambda: None, random.Random(1), only_process=False)

    async def goes_by(self) -> None:
        """Let the year go by; now and then a worker ends in the middle of what it does, and another begins."""
        workers = [self.worker() for _ in range(3)]
        while True:
            async with work(self.database, self.keys) as uow:
                following = await due.next_due(uow)
            if following is None or following >= END:
                return
            self.now = max(self.now, SLEEP[1] if SLEEP[0] <= following < SLEEP[1] else following)
            if self.chance.random() < 0.1:
                torn = asyncio.create_task(self.worker().once())
                await asyncio.sleep(self.chance.random() * 0.01)
                torn.cancel()
                await asyncio.gather(torn, return_exceptions=True)
                workers[self.chance.randrange(3)] = self.worker()
            while any(await asyncio.gather(*(one.once() for one in workers))):
                assert not any(one.parked for one in workers)

    async def kept(self, record: type) -> list:
        async with work(self.database, self.keys) as uow:
            return await uow.select(record, lambda query: query)


async def passes(year: Year) -> None:
    """Let the year pass, and look at what was asked."""
    await year.begin()
    await year.goes_by()

    came = await year.kept(Occurrence)
    said = {(one.subject_id): one for one in await year.kept(Outbox)}
    assert len(said) == len(await year.kept(Outbox)), "each once"
    for name, schedule in year.schedules.items():
        mine = {one.day: one for one in came if one.schedule_id == schedule.id}
        assert list(Counter(one.day for one in came if one.schedule_id == schedule.id).values()) == [1] * len(mine)
        wanted = expected(schedule.rule)
        assert set(mine) == set(wanted), name
        for day, at in wanted.items():
            awake = not SLEEP[0] <= at < SLEEP[1]
            assert mine[day].outcome == ("asked" if awake or SLEEP[1] - at <= timedelta(hours=15) else "late"), day
            if mine[day].outcome == "asked":
                assert said[mine[day].id].not_before == (at if awake else SLEEP[1]), (name, day)
            else:
                assert mine[day].id not in said
    assert len(await year.kept(Due)) == len(year.rules), "each waits for its next day"


async def test_a_year_in_stockholm(postgresql_database: Database, keys: Keyring) -> None:
    await passes(Year(postgresql_database, keys, SHORT))


@pytest.mark.soak
async def test_a_year_in_stockholm_with_every_night_and_every_weekday(
    postgresql_database: Database,
    keys: Keyring,
) -> None:
    await passes(Year(postgresql_database, keys, LONG))


async def test_two_zones_are_asked_by_their_own_clocks(postgresql_database: Database, keys: Keyring) -> None:
    year = Year(postgresql_database, keys, {"weekly": Rule("weeks", time(18), FIRST, weekdays=(0,))})
    await year.begin()
    [schedule] = year.schedules.values()
    async with work(year.database, keys) as uow:
        there = msgspec.structs.replace(room(), conversation_id=schedule.conversation_id, zone="Europe/Helsinki")
        uow.add(there)
        uow.save(msgspec.structs.replace(schedule, secret=(), series=FUTURE))
        means = Means(now=year.now, uow=uow, keys=keys, links={}, new_id=uuid7, rng=random.Random(1))
        await asking.begin(means, schedule)
    await year.goes_by()
    hours = Counter((one.room_id == there.id, one.not_before.astimezone(HERE).hour) for one in await year.kept(Outbox))
    assert hours == {(True, 17): 12, (False, 18): 12}
    assert Counter(one.outcome for one in await year.kept(Occurrence)) == {"asked": 12}
    [ended] = await year.kept(Schedule)
    assert (ended.state, ended.asked) == ("ended", 12)


RULES = st.one_of(
    st.builds(Rule, st.just("days"), st.times(), st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(1, 31)),
    st.builds(
        Rule, st.just("weeks"), st.times(), st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(1, 12),
        st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(RULES, st.sampled_from([ZONE, "Europe/Helsinki", "America/New_York", "UTC"]))
def test_days_come_in_order_each_once_at_the_time_that_was_said(rule: Rule, zone: str) -> None:
    rule = msgspec.structs.replace(rule, clock=rule.clock.replace(second=0, microsecond=0))
    found = list(islice(calendar.times(rule, zone, NEW_YEAR), 40))
    assert [day for day, _at in found] == sorted({day for day, _at in found})
    assert [at for _day, at in found] == sorted(at for _day, at in found)
    shown = [at.astimezone(ZoneInfo(zone)).time() for _day, at in found]
    assert sum(one != rule.clock for one in shown) <= 4, "only where the clocks skip that time"
    day, _at = found[-1]
    assert next(calendar.days(rule, day)) == day, "whenever one begins to count"
