"""Calm: unasked, a person gets one message a day at most, with all that waits for them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from uuid6 import uuid7

from bot.chat.content import Action, Attachment, Choice, Content
from bot.chat.keys import AccountKey, RoomKey
from bot.domain.calm import Calm, Digest, Note, Quiet, digest_at, free_at, quiet_until
from bot.domain.people import Account, Participant, Person
from bot.handlers import calm
from bot.handlers.means import Means
from bot.handlers.waking import Waker
from bot.store.records import Due
from bot.store.unit_of_work import UnitOfWork
from tests.handlers.world import CHANNEL, NOON, Place, Who, World
from tests.store.some import statements

STOCKHOLM = "Europe/Stockholm"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


def means(world: World, uow: UnitOfWork) -> Means:
    return Means(
        now=world.now, uow=uow, keys=world.keys, links={CHANNEL: world.network}, new_id=uuid7, rng=random.Random(1)
    )


async def note(
    world: World, who: Who, words: str, *labels: str, soon: bool = False, once: str = "", at: datetime | None = None
) -> bool:
    """Something is to be told, with things to press."""
    choices = tuple((Choice(label, Action("help")),) for label in labels)
    async with world.work() as uow:
        me = await world.person_of(uow, who)
        content = Content.of(words, choices=choices)
        told = await calm.note(means(world, uow), me, content, soon=soon, once=once, at=at)
    await world.settle()
    return told


async def wants(world: World, who: Who, digest: Digest, quiet: Quiet | None = None) -> None:
    async with world.work() as uow:
        me = await world.person_of(uow, who)
        before = await calm.calm_of(means(world, uow), me.id)
        changed = msgspec.structs.replace(before, digest=digest, secret=quiet)
        await calm.choose(means(world, uow), changed, STOCKHOLM)
    await world.settle()


async def until(world: World, at: datetime) -> None:
    await world.wait(seconds=(at - world.now).total_seconds())


def at(day: int, clock: int) -> datetime:
    """A time in Stockholm, so many days after that Monday."""
    return (datetime(2026, 3, 2, clock, tzinfo=ZoneInfo(STOCKHOLM)) + timedelta(days=day)).astimezone(UTC)


async def test_what_comes_together_is_one_message_in_the_evening(world: World) -> None:
    bo = await world.person("Bo")
    await wants(world, bo, "daily")
    before = len(world.said(bo.room))
    for words, labels in [("Anna has joined.", ["See"]), ("It rains.", []), ("Cia asks.", ["Yes", "No"])]:
        assert await note(world, bo, words, *labels)
    await until(world, at(0, 17))
    assert len(world.said(bo.room)) == before
    await until(world, at(0, 18))
    [told] = world.said(bo.room)[before:]
    assert told.text == "1. Anna has joined.\nIt rains.\n2. Cia asks."
    assert told.labels == ["1. See", "2. Open"]
    # and what holds more than its line is opened, also once more
    for _twice in range(2):
        [whole] = await world.press(bo, bo.room, "2. Open", on=told)
        assert (whole.text, whole.labels) == ("Cia asks.", ["Yes", "No"])
    await until(world, at(3, 18))
    assert world.last(bo.room) is whole, "nothing more waits, so nothing more is said"


async def test_one_a_day_over_a_fortnight_whatever_comes_between(world: World) -> None:
    """Through the change to summer time, restarts, and a clock that is set wrong and right again."""
    bo = await world.person("Bo")
    await wants(world, bo, "daily")
    chance = random.Random(7)
    days: Counter[str] = Counter()
    world.now = at(24, 12)
    heard = len(world.said(bo.room))
    for hour in range(14 * 24):
        world.now += timedelta(hours=1)
        if hour % 50 == 7:
            world.now -= timedelta(hours=1)
        if hour % 50 == 9:
            world.now += timedelta(hours=1)
        if hour % 11 == 0:
            world.waker = Waker(
                world.database, world.keys, {CHANNEL: world.network}, world.clock, lambda: None, random.Random(1)
            )
        if chance.random() < 0.25:
            await note(world, bo, f"News of hour {hour}.", soon=chance.random() < 0.3)
        else:
            await world.settle()
        for _new in world.said(bo.room)[heard:]:
            local = world.now.astimezone(ZoneInfo(STOCKHOLM))
            assert time(18) <= local.time() < time(20)
            days[str(local.date())] += 1
        heard = len(world.said(bo.room))
    assert set(days.values()) == {1}
    assert len(days) == 14
    async with world.work() as uow:
        assert len(await uow.select(Note, lambda query: query)) < 12


@pytest.mark.parametrize(
    ("digest", "soon", "expected"),
    [
        ("now", False, at(0, 12)),
        ("now", True, at(0, 12)),
        ("daily", False, at(0, 18)),
        ("", False, at(6, 18)),
        ("weekly", False, at(6, 18)),
        ("weekly", True, at(0, 18)),
    ],
)
async def test_it_comes_when_they_want_it(world: World, digest: Digest, *, soon: bool, expected: datetime) -> None:
    bo = await world.person("Bo")
    await wants(world, bo, digest)
    await note(world, bo, "The first.", soon=soon)
    if expected > NOON:
        await until(world, expected - timedelta(minutes=1))
        assert world.last(bo.room).text != "The first."
        await until(world, expected)
    assert world.last(bo.room).text == "The first."


async def test_what_comes_soon_takes_along_what_waits_for_sunday(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "An idea.")
    await note(world, bo, "Somebody waits for you.", soon=True)
    await until(world, at(0, 18))
    assert world.last(bo.room).text == "An idea.\nSomebody waits for you."


async def test_at_once_is_once_a_day_and_not_at_night(world: World) -> None:
    bo = await world.person("Bo")
    await wants(world, bo, "now")
    await note(world, bo, "First.")
    await note(world, bo, "Second.")
    await note(world, bo, "Third.")
    assert world.last(bo.room).text == "First."
    await until(world, at(1, 11))
    assert world.last(bo.room).text == "First."
    await until(world, at(1, 12))
    assert world.last(bo.room).text == "Second.\nThird."
    await until(world, at(2, 22))
    await note(world, bo, "Late.")
    assert world.last(bo.room).text == "Second.\nThird."
    await until(world, at(3, 8))
    assert world.last(bo.room).text == "Late."


async def test_a_machine_that_slept_wakes_nobody_at_night(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "It rains.", soon=True)
    world.now += timedelta(days=1, hours=11)
    await world.settle()
    assert world.last(bo.room).text != "It rains."
    await world.wait(hours=9)
    assert world.last(bo.room).text == "It rains."


async def test_of_one_name_the_newest_stays_in_the_place_of_the_first(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "One has joined.", once="joined:a", soon=True)
    await note(world, bo, "It rains.", soon=True)
    await note(world, bo, "Two have joined.", once="joined:a", soon=True)
    await until(world, at(0, 18))
    assert world.last(bo.room).text == "Two have joined.\nIt rains."


async def test_who_wants_nothing_hears_only_what_is_decided_about_them(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "An idea.")
    await wants(world, bo, "never")
    assert not await note(world, bo, "Another.", soon=True)
    await until(world, at(7, 18))
    assert world.last(bo.room).text != "An idea."
    assert await note(world, bo, "You may pause.", at=world.now)
    assert world.last(bo.room).text == "You may pause."


async def test_another_wish_moves_what_waits(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "An idea.")
    await wants(world, bo, "daily", Quiet(time(17), time(19)))
    await until(world, at(0, 18))
    assert world.last(bo.room).text != "An idea."
    await until(world, at(0, 19))
    assert world.last(bo.room).text == "An idea."


async def test_what_does_not_fit_is_behind_a_button_and_comes_with_the_next(world: World) -> None:
    bo = await world.person("Bo")
    await wants(world, bo, "daily")
    for number in range(1, 10):
        await note(world, bo, f"Thing {number}. " + "Words and more words of it. " * 4)
    await until(world, at(0, 18))
    told = world.last(bo.room)
    assert len(told.text) < 1000
    assert told.text.startswith("Thing 1.")
    [label] = told.labels
    shown = told.text.count("Thing")
    assert label == f"{9 - shown} more"
    [rest] = await world.press(bo, bo.room, label)
    assert rest.text.startswith(f"Thing {shown + 1}.")
    await world.press(bo, bo.room, label, on=told)
    assert world.alert == "Nothing waits for you."
    # and what nobody looks at comes the next day
    for number in range(1, 10):
        await note(world, bo, f"New {number}. " + "Words and more words of it. " * 4)
    await until(world, at(1, 18))
    assert world.last(bo.room).text.startswith("New 1.")
    await until(world, at(2, 18))
    assert world.last(bo.room).text.startswith(f"New {shown + 1}.")


async def test_a_picture_among_several_is_opened_by_its_button(world: World) -> None:
    bo = await world.person("Bo")
    picture = Attachment("picture", "map.png", "image/png", b"png", "The map.")
    async with world.work() as uow:
        me = await world.person_of(uow, bo)
        await calm.note(means(world, uow), me, Content(Content.of("Here we stand.").blocks, attachment=picture))
    await note(world, bo, "It rains.", soon=True)
    await until(world, at(0, 18))
    told = world.last(bo.room)
    assert (told.message.attachment, told.labels) == (None, ["1. Open"])
    [whole] = await world.press(bo, bo.room, "1. Open")
    assert whole.message.attachment == picture


async def test_a_reminder_comes_at_its_moment_and_takes_no_day(world: World) -> None:
    bo = await world.person("Bo")
    await wants(world, bo, "daily")
    async with world.work() as uow:
        me = await world.person_of(uow, bo)
        here = means(world, uow)
        await calm.remind(here, me, Content.of("The gathering begins in an hour."), at(0, 21), once="g")
        await calm.remind(here, me, Content.of("The gathering begins soon."), at(0, 22), once="g")
        await calm.remind(here, me, Content.of("Your step."), at(0, 23), quiet=True)
    await note(world, bo, "It rains.")
    await until(world, at(0, 21))
    assert world.last(bo.room).text == "It rains."
    await until(world, at(0, 22))
    assert world.last(bo.room).text == "The gathering begins soon."
    await until(world, at(1, 7))
    assert world.last(bo.room).text == "The gathering begins soon."
    await until(world, at(1, 8))
    assert world.last(bo.room).text == "Your step."


async def test_of_two_networks_the_room_used_last_is_written_to(world: World) -> None:
    bo = await world.person("Bo")
    other = await world.person("Bo2")
    async with world.work() as uow:
        me, gone = await world.person_of(uow, bo), await world.person_of(uow, other)
        second = await uow.by(Account, world.keys.lookup("account", str(other.account)))
        assert second is not None
        uow.save(msgspec.structs.replace(second, person_id=me.id))
        assert gone.id != me.id
    for used, unused in ((bo, other), (other, bo), (bo, other)):
        before = len(world.said(unused.room))
        await world.message(used, used.room, "tack")
        await note(world, bo, "It rains.", soon=True)
        await until(world, world.now + timedelta(days=1))
        assert world.last(used.room).text == "It rains."
        assert len(world.said(unused.room)) == before


async def test_who_is_erased_takes_all_that_waited_along(world: World) -> None:
    bo = await world.person("Bo")
    await wants(world, bo, "daily", Quiet(time(22), time(7)))
    await note(world, bo, "It rains.")
    async with world.work() as uow:
        me = await world.person_of(uow, bo)
        await calm.remind(means(world, uow), me, Content.of("Your step."), at(0, 17))
    [asked] = await world.command(bo, bo.room, "/forget")
    await world.press(bo, bo.room, asked.labels[0])
    async with world.work() as uow:
        for kind in (Note, Calm, Person):
            assert await uow.select(kind, lambda query: query) == []
    await until(world, at(1, 18))
    assert "rains" not in "".join(said.text for said in world.said(bo.room))
    async with world.work() as uow:
        assert await uow.select(Due, lambda query: query) == []


async def test_who_cannot_be_reached_is_not_told(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "It rains.")
    async with world.work() as uow:
        found = await uow.by(Account, world.keys.lookup("account", str(bo.account)))
        assert found is not None
        uow.save(msgspec.structs.replace(found, reachable=False))
    assert not await note(world, bo, "It rains.")
    await until(world, at(6, 19))
    async with world.work() as uow:
        assert await uow.select(Note, lambda query: query) == []


async def test_a_note_is_opened_by_nobody_else(world: World) -> None:
    bo, cia = await world.person("Bo"), await world.person("Cia")
    await note(world, bo, "Cia asks.", "Yes", "No", soon=True)
    await note(world, bo, "It rains.", soon=True)
    await until(world, at(0, 18))
    told = world.last(bo.room)
    await world.press(cia, Place(RoomKey(CHANNEL, bo.room.key.room), private=True), "1. Open", on=told)
    assert world.alert.startswith("That was some time ago.")
    assert AccountKey(CHANNEL, "cia") == cia.account


# -- the clock ------------------------------------------------------------------------------------------------

DAYTIME = Quiet(time(8), time(22))
NONE = Quiet(time(0), time(0))
WEEKEND = Quiet(time(20), time(8), weekend=True)


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        (DAYTIME, at(0, 12), at(0, 22)),
        (DAYTIME, at(0, 23), at(0, 23)),
        (NONE, at(0, 3), at(0, 3)),
        (WEEKEND, at(4, 21), at(7, 8)),
        (WEEKEND, at(6, 12), at(7, 8)),
        (WEEKEND, at(3, 12), at(3, 12)),
        (Quiet(time(2, 30), time(3)), at(27, 1), at(27, 1)),
    ],
)
def test_quiet_hours_end(quiet: Quiet, now: datetime, expected: datetime) -> None:
    assert quiet_until(quiet, STOCKHOLM, now) == expected


def test_a_day_is_free_by_the_clocks_of_the_place() -> None:
    told = Calm(uuid7(), "daily", at(0, 23))
    assert free_at(told, STOCKHOLM, at(0, 23)) == at(2, 8)
    early = Calm(uuid7(), "now", at(0, 9), NONE)
    assert free_at(early, STOCKHOLM, at(0, 10)) == at(1, 10)
    assert free_at(early, "Pacific/Auckland", at(0, 13)) == at(0, 13), "it is the next day there"
    ahead = Calm(uuid7(), "now", at(3, 9), NONE)
    assert free_at(ahead, STOCKHOLM, at(0, 10)) == at(4, 10), "a clock that was set back"
    assert digest_at(Calm(uuid7(), "weekly"), STOCKHOLM, at(6, 19)) == at(13, 18)


async def test_many_are_told_in_as_few_queries_as_two(world: World) -> None:
    people = [await world.person(name) for name in ("Anna", "Bo", "Cia", "Dag", "Eva", "Fia")]
    town = await world.conversation(people[0], *people[1:])
    needed = []
    for some_of_them in (people[:2], people):
        async with world.work() as uow:
            told = [await world.participant(uow, town, who) for who in some_of_them]
        async with world.work() as uow:
            with statements(world.database) as asked:
                using = means(world, uow)
                await using.uow.load(Participant, [(town, one.id) for one in told])
                await calm.meet(using, told, "news")
                for one in told:
                    assert await calm.note(using, one, Content.of("It rains."), soon=True, once="news")
            needed.append(len(asked))
    assert needed[0] == needed[1]
    await world.wait(days=1)
    assert [world.last(who.room).text for who in people] == ["It rains."] * 6
