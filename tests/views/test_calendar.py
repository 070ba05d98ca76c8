"""The calendar file: read again by a calendar's library, and looked at byte by byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from icalendar import Calendar

from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, GatheringSecret
from bot.views.calendar import calendar_file

ID, NOW = UUID(int=7), datetime(2026, 3, 2, 11, tzinfo=UTC)
WHAT = "Fika, prat; och\nhopp 🎉 för alla i byn, ung som gammal, med fiol och dragspel och en sång om våren 👩‍👩‍👧‍👦"
WHERE = 'Biblioteket, "stora salen"; C:\\sal\\2'
TALK = Conversation(
    ID, "", "Nora", "Hur vill vi ha det?", "", (), "", "weeks", "anyone", "", "sv", "Europe/Stockholm", ID, NOW
)  # fmt: skip


def gathering(at: datetime, zone: str = "Europe/Stockholm") -> Gathering:
    """A gathering of two hours."""
    return Gathering(ID, ID, ID, WHAT, at, at + timedelta(hours=2), zone, NOW, NOW, GatheringSecret(WHERE))


def written(one: Gathering, now: datetime = NOW) -> bytes:
    return calendar_file(one, TALK, now).data


def test_it_says_what_when_and_where_and_has_all_that_is_required() -> None:
    one = gathering(datetime(2026, 6, 4, 16, tzinfo=UTC))
    made = Calendar.from_ical(written(one))
    assert (made["VERSION"], made["METHOD"], made["CALSCALE"]) == ("2.0", "PUBLISH", "GREGORIAN")
    assert made["PRODID"]
    [event] = made.walk("VEVENT")
    for needed in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "SEQUENCE", "LAST-MODIFIED", "STATUS"):
        assert needed in event
    assert event["SUMMARY"] == WHAT
    assert event["LOCATION"] == WHERE
    assert event["DTSTART"].dt == datetime(2026, 6, 4, 18, tzinfo=ZoneInfo("Europe/Stockholm"))
    assert event["DTSTART"].params["TZID"] == "Europe/Stockholm"
    assert [zone["TZID"] for zone in made.walk("VTIMEZONE")] == ["Europe/Stockholm"]


def test_signs_are_escaped_and_lines_folded_between_letters() -> None:
    data = written(gathering(NOW))
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    assert all(line.decode("utf-8") for line in lines[:-1]), "no letter is cut in two"
    unfolded = data.replace(b"\r\n ", b"").decode()
    assert "SUMMARY:Fika\\, prat\\; och\\nhopp 🎉" in unfolded
    assert 'LOCATION:Biblioteket\\, "stora salen"\\; C:\\\\sal\\\\2' in unfolded


def test_a_newer_file_takes_the_place_of_an_older_one() -> None:
    one = gathering(NOW + timedelta(days=9))
    later = NOW + timedelta(days=1)
    moved = one.moved(one.at + timedelta(days=1), later)
    off = moved.changed(later, state="off")
    events = [Calendar.from_ical(written(each, later)).walk("VEVENT")[0] for each in (one, moved, off)]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[1]["LAST-MODIFIED"].dt == later


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "UTC", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_the_clocks_of_the_file_are_those_of_the_place(zone: str) -> None:
    """What the file says of the clocks gives the same moments, whatever the calendar knows of zones itself."""
    made = Calendar.from_ical(written(gathering(NOW, zone)))
    rules = [
        (rule["DTSTART"].dt, rule["TZOFFSETFROM"].td, rule["TZOFFSETTO"].td)
        for found in made.walk("VTIMEZONE")
        for rule in found.subcomponents
    ]
    for days in range(-300, 300, 3):
        at = NOW + timedelta(days=days, hours=days % 24)
        past = [offset for local, before, offset in rules if (local - before).replace(tzinfo=UTC) <= at]
        assert past[-1] == at.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("hour", [0, 1])
def test_an_hour_that_comes_twice_is_told_without_doubt(hour: int) -> None:
    at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    one = msgspec.structs.replace(gathering(at), ends_at=at + timedelta(hours=5))
    [event] = Calendar.from_ical(written(one)).walk("VEVENT")
    assert event["DTSTART"].dt.astimezone(UTC) == at
    assert event["DTEND"].dt.astimezone(UTC) == one.ends_at
