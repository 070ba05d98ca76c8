"""A season, a question, ideas, gatherings and an Open Space on both networks, until the rooms are gone.

Anna hosts in Telegram, in Swedish; Bo convenes from Matrix, in English. Matrix is a real Synapse, and all rooms there
are encrypted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from bot.chat.keys import RoomKey
from bot.domain.gatherings import Rsvp
from bot.domain.ideas import Idea
from tests.adapters.matrix_driver import CHANNEL
from tests.peers.synapse import Synapse
from tests.story import two_networks as story
from tests.story.matrix import BothTown, MatrixNeighbour, both
from tests.story.scenes import newest
from tests.story.two_networks import Cast, gathered
from tests.story.world import Neighbour, said_in

pytestmark = [pytest.mark.xdist_group("both"), pytest.mark.timeout(600)]

ASKED = "Vad saknas här?"
BENCH, BENK = "A bench by the water", "En bänk vid vattnet"
FENCE, BOATHOUSE, SUMMER = "Paint the fence", "Down by the boathouse", "Vad gör vi i sommar?"
BOAT, MUSIC, JETTY = "En båt för alla", "Who plays music?", "Bryggan"
NOTES, MORE_NOTES = "Dag ringer båtklubben", "Bo brings his drum"


@pytest.fixture
async def town(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    async with both(synapse, tmp_path, monkeypatch) as made:
        yield made


async def test_from_a_question_to_the_book_of_the_day_on_two_networks(town: BothTown) -> None:
    cast = await gathered(town)
    await story.anna_begins_in_telegram(cast)
    await story.bo_joins_in_matrix(cast)

    await anna_tells_the_season_and_plans_a_question(cast)
    await what_they_reply_becomes_ideas(cast)
    await two_ideas_become_one(cast)
    await bo_plans_a_gathering(cast)
    waits = await two_want_the_last_place(cast)
    await it_is_moved(cast, waits)
    await they_have_met(cast)
    await an_open_space(cast)
    await the_harvest_holds_it(cast)
    await the_rooms_are_gone(cast)


async def anna_tells_the_season_and_plans_a_question(cast: Cast) -> None:
    town, anna = cast.town, cast.anna
    await anna.writes("/arstid bjuda")
    await anna.presses("season", arg="tell")
    for place in cast.rooms:
        assert newest(town, place, "invite", "vem saknas i rummet?")
    # what is asked, and when, is read before it is said yes to; what is not understood is asked again
    await anna.writes(f"/fraga {ASKED}")
    await anna.writes("i övermorgon kväll kanske")
    assert "Det förstår jag inte." in anna.last.body
    await anna.writes("varje tisdag kl 18")
    await anna.writes("tillbaka")
    await anna.writes("varje tisdag kl 18:00")
    assert "Nästa: tisdag 19 maj 18:00" in anna.last.body
    await anna.picks("yes")
    await anna.presses("prompt", arg="pause")
    assert "Så länge frågar jag inget." in anna.last.body
    await anna.presses("prompt", arg="go")
    assert "Jag frågar i 2 grupper." in anna.last.body


async def what_they_reply_becomes_ideas(cast: Cast) -> None:
    # on Tuesday at six, in both rooms; each reply is asked about where its author is
    town, dag, bo, cilla, room = cast.town, cast.dag, cast.bo, cast.cilla, cast.room
    assert room is not None
    await town.later(days=1, hours=5, minutes=59)
    assert not any(place.find(ASKED) for place in cast.rooms)
    await town.later(minutes=1)
    asked, there = (newest(town, place, "prompt", ASKED) for place in cast.rooms)
    await dag.writes(BENK, cast.group, reply_to=asked)
    await dag.presses("author_yes", newest(town, cast.group, "author_yes"))
    before = len(said_in(room))
    await bo.writes(BENCH, room, reply_to=there.id)
    assert "Shall I give this as an idea?" in bo.last.body
    await bo.writes("1")
    assert bo.last.body == "Thank you. It is idea 2 now."
    assert len(said_in(room)) == before + 1, "the room sees the idea's card, and no thanks"
    # Cilla would rather answer in private, and leaves it
    await cilla.presses("prompt", there)
    assert cilla.private.find(ASKED)
    await cilla.writes("Vet inte")
    await cilla.writes("stopp")
    assert len(await town.kept(Idea)) == 2


async def two_ideas_become_one(cast: Cast) -> None:
    # Cilla thinks that they say the same; Dag and Bo gave them, and both say yes
    town, dag, bo, cilla = cast.town, cast.dag, cast.bo, cast.cilla
    await cilla.writes("/ideer 2")
    await cilla.writes("mer")
    await cilla.presses("merge", newest(town, cilla.private, "merge"))
    await cilla.writes("idé 1")
    await cilla.writes("1")
    assert "Jag frågar dem som gav idé 2 och 1." in cilla.last.body
    await town.later(days=1)
    await dag.presses("merging", newest(town, dag.private, "merging"))
    await dag.presses("merging", arg="yes")
    await bo.presses("merging", newest(town, bo.private, "merging"))
    await bo.writes("1")
    assert "Idea 2 is part of idea 1 now." in bo.last.body
    for place in cast.rooms:
        assert place.find("Idé 2 är nu en del av idé 1.")


async def bo_plans_a_gathering(cast: Cast) -> None:
    # begun in the room, gone on with in private; the bot is started anew in the middle of it
    town, bo, room = cast.town, cast.bo, cast.room
    await bo.writes(f"/meet {FENCE}", room)
    await bo.writes("yesterday")
    assert "That has passed already." in bo.last.body
    await town.begins_again()
    await bo.writes("Saturday 12:00")
    await bo.writes("back")
    await bo.writes("Saturday 12:00")
    await bo.writes(BOATHOUSE)
    await bo.writes("6")
    await bo.writes("lots")
    assert "Please write a number" in bo.last.body
    await bo.writes("2")
    assert "How many fit: 2 people" in bo.last.body
    await bo.writes("1")
    for place in cast.rooms:
        card = newest(town, place, "rsvp", FENCE).body
        assert "När: lördag 23 maj 12:00 till 14:00" in card
        assert "1 kommer: Bo." in card
    assert (await files(cast, bo))[-1].sequence == 0


async def two_want_the_last_place(cast: Cast) -> Neighbour:
    # at once, one on each network: one of them gets it, the other waits. Gives who waits.
    town, dag, cilla, room = cast.town, cast.dag, cast.cilla, cast.room
    assert room is not None
    here, there = newest(town, cast.group, "rsvp", FENCE), newest(town, room, "rsvp", FENCE)
    sign = there.choices[cilla.button("rsvp", there, "yes")]
    await asyncio.gather(
        dag.person.press_data(here, dag.button("rsvp", here, "yes"), wait=False),
        town.matrix.react(cilla.human, RoomKey(CHANNEL, room.id), there.id, sign),
    )
    await town.settled()
    found = await town.kept(Rsvp)
    assert sorted(one.seat or 0 for one in found) == [0, 1, 2]
    for place in cast.rooms:
        card = newest(town, place, "rsvp", FENCE).body
        assert "2 kommer: Bo och " in card
        assert "1 väntar på en plats." in card
    return dag if "Cilla" in newest(town, room, "rsvp", FENCE).body else cilla


async def it_is_moved(cast: Cast, waits: Neighbour) -> None:
    # who has a place gives it back, and whoever waits hears of it, in private
    town, bo = cast.town, cast.bo
    group, room = cast.rooms
    comes, place = (cast.cilla, room) if waits is cast.dag else (cast.dag, group)
    await comes.presses("rsvp", newest(town, place, "rsvp", FENCE), arg="no")
    assert "Nu finns det en plats åt dig" in waits.last.body
    await waits.presses("rsvp", arg="cal")
    [first] = await files(cast, waits)
    assert (first.where, first.begins.isoformat()) == (BOATHOUSE, "2026-05-23T12:00:00+02:00")
    # Bo moves it to Sunday: both rooms see that at once, and whoever comes is told with the day's message
    await bo.writes("/meet")
    await bo.writes("1")
    await bo.writes("5")
    await bo.writes("1")
    await bo.writes("Sunday 12:00")
    for place in cast.rooms:
        assert "söndag 24 maj 12:00" in newest(town, place, "rsvp", FENCE).body
    await town.later(days=1)
    assert "Det här har fått en ny tid" in waits.last.body
    if "note" in waits.offered():  # beside something else
        await waits.presses("note")
    await waits.presses("rsvp", arg="cal")
    await bo.writes("/meet")
    await bo.writes("1")
    await bo.writes("4")
    for one in (waits, bo):
        newer = (await files(cast, one))[-1]
        assert (newer.uid, newer.sequence) == (first.uid, 1)
        assert newer.begins.isoformat() == "2026-05-24T12:00:00+02:00"


async def they_have_met(cast: Cast) -> None:
    # a day before, and an hour before, whoever comes is reminded; afterwards Bo is asked what came of it
    town, bo, now = cast.town, cast.bo, cast.town.clock.now
    await town.later(seconds=(now.replace(day=23, hour=10, minute=1) - now).total_seconds())
    assert f"Soon: {FENCE}" in bo.last.body
    await town.later(hours=23)
    assert f"In an hour: {FENCE}" in bo.last.body
    await town.later(hours=4)
    assert f"You have met: {FENCE}" in bo.last.body
    for place in cast.rooms:
        assert not any("rsvp" in {one.verb for one in town.actions(card).values()} for card in said_in(place))
    # what he writes down is an idea, too
    await bo.writes("1")
    await bo.writes("The fence is blue now")
    await bo.writes("1")
    await bo.writes("1")
    assert any("The fence is blue" in one.text and one.from_meeting for one in await town.kept(Idea))


async def an_open_space(cast: Cast) -> None:
    # Anna plans it for Thursday; topics come from both networks, their times and places by words and by numbers
    town, anna, dag, bo, cilla, room = cast.town, cast.anna, cast.dag, cast.bo, cast.cilla, cast.room
    assert room is not None
    await anna.writes("/traff")
    await anna.presses("meet", arg="open")
    await anna.writes(SUMMER)
    await anna.writes("torsdag kl 9")
    await anna.writes("hoppa")
    assert "Var: Inte sagt än" in anna.last.body
    await anna.picks("yes")
    await dag.writes(f"/amne {BOAT}")
    await dag.writes("13:00")
    await dag.writes(JETTY)
    await bo.writes(f"/topic {MUSIC}", room)
    await bo.writes("4")
    await bo.writes("1")
    for place in cast.rooms:
        wall = newest(town, place, "market", SUMMER).body
        assert f"1. {BOAT} (13:00, {JETTY})" in wall
        assert f"2. {MUSIC} (13:00, {JETTY})" in wall
    # on the day Cilla says by numbers where she is, and goes on; Dag by a button
    now = town.clock.now
    await town.later(seconds=(now.replace(day=28, hour=11) - now).total_seconds())
    await cilla.presses("market", newest(town, room, "market", SUMMER))
    await cilla.writes("3")
    assert "Du är på ämne 1." in cilla.last.body
    pressed = await dag.presses("here", newest(town, dag.private, "here"))
    assert pressed.text == "Du är på ämne 1. Ni är 2 där nu."
    await cilla.writes("4")
    assert "Du är på ämne 2." in cilla.last.body
    # in the evening both rooms have the book of the day, and it grows with the notes
    await town.later(hours=6)
    await dag.presses("topic", newest(town, dag.private, "topic", BOAT), arg="more")
    await dag.presses("meetnote")
    await dag.writes(NOTES)
    await bo.presses("market", newest(town, room, "market", "Dagens bok"))
    await bo.writes("2")
    await bo.writes("1")
    await bo.writes("1")
    await bo.writes(MORE_NOTES)
    for place in cast.rooms:
        book = newest(town, place, "market", "Dagens bok").body
        assert NOTES in book
        assert MORE_NOTES in book


async def the_harvest_holds_it(cast: Cast) -> None:
    anna = cast.anna
    await anna.writes("/skord")
    assert "Vi har träffats 2 gånger." in anna.reads("Skörden hittills").body
    sent = [one.media["document"] for one in anna.private.bot_messages if "document" in one.media]
    [page] = [one["file_id"] for one in sent if one["file_name"].endswith(".html")]
    written = cast.town.server.core.world.files[page].data.decode()
    for words in (BENCH, BENK, FENCE, SUMMER, BOAT, MUSIC, NOTES, MORE_NOTES):
        assert words in written


async def the_rooms_are_gone(cast: Cast) -> None:
    # with a question and a gathering still to come: the question is asked nowhere, and whoever comes is reminded
    town, anna, dag, bo, room = cast.town, cast.anna, cast.dag, cast.bo, cast.room
    assert room is not None
    await bo.writes(f"/meet {MUSIC}")
    await bo.writes("2 June 20:00")
    await bo.writes("skip")
    await bo.writes("yes")
    await dag.presses("rsvp", newest(town, cast.group, "rsvp", MUSIC), arg="yes")
    cast.group.remove_bot(by=anna.person)
    await bo.human.client.room_kick(room.id, town.matrix.bot)
    await town.settled()
    now = town.clock.now
    await town.later(seconds=(now.replace(month=6, day=2, hour=16, minute=30) - now).total_seconds())
    await anna.writes("/fraga")
    await anna.presses("prompt")
    assert "Ingen grupp är kopplad än." in anna.last.body
    assert "ingen grupp att fråga i" in anna.last.body
    await town.later(hours=1)
    assert dag.reads(f"Om en timme: {MUSIC}")
    assert f"In an hour: {MUSIC}" in bo.last.body


# -- what the acts look at -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InCalendar:
    """What somebody's calendar makes of a file."""

    uid: str
    sequence: int
    begins: object
    where: str


async def files(cast: Cast, one: Neighbour) -> list[InCalendar]:
    """Give the calendar files that somebody got, opened on their device."""
    town = cast.town
    if isinstance(one, MatrixNeighbour):
        sent = [said.content for said in one.private.bot_messages if said.content.get("filename") == "gathering.ics"]
        data = [(await town.matrix._file(one.human, dict(content))).data for content in sent]
    else:
        sent = [said.media["document"] for said in one.private.bot_messages if "document" in said.media]
        ids = [each["file_id"] for each in sent if each["file_name"] == "gathering.ics"]
        data = [town.server.core.world.files[each].data for each in ids]
    return [in_calendar(each) for each in data]


def in_calendar(data: bytes) -> InCalendar:
    [event] = [part for part in Calendar.from_ical(data).walk() if isinstance(part, Event)]
    return InCalendar(str(event["uid"]), int(event["sequence"]), event["dtstart"].dt, str(event["location"]))
