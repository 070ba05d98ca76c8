"""A gathering as a file that every calendar takes (RFC 5545, published as in RFC 5546).

Its UID stays the same whatever becomes of it, and its SEQUENCE grows: so a newer file takes the place of an older one
in a calendar, and one that is called off takes it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from bot.chat.content import Attachment, Text
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering

NAME = "gathering.ics"
MIME = "text/calendar"
ORGANIZER = "mailto:nobody@byalag.invalid"
"""A published event has to name an organizer, and nobody here has an address to give away."""


YEAR, DAY, MINUTE = timedelta(days=366), timedelta(days=1), timedelta(minutes=1)


def calendar_file(one: Gathering, conversation: Conversation, now: datetime) -> Attachment:
    """Write a gathering as a calendar file."""
    zone = ZoneInfo(one.zone)
    event = Event()
    event.add("uid", f"{one.id}@byalag.invalid")
    event.add("sequence", one.sequence)
    event.add("dtstamp", now)
    event.add("created", one.created_at)
    event.add("last-modified", one.changed_at)
    event.add("dtstart", _local(one.at, zone))
    event.add("dtend", _local(one.ends_at, zone))
    event.add("summary", one.what)
    event.add("description", conversation.question)
    if one.where:
        event.add("location", one.where)
    event.add("status", "CANCELLED" if one.state == "off" else "CONFIRMED")
    organizer = vCalAddress(ORGANIZER)
    organizer.params["CN"] = vText("Byalag")
    event.add("organizer", organizer, encode=False)
    made = Calendar()
    made.add("prodid", "-//Byalag//Gatherings//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add_component(_zone(zone, one.at, one.ends_at))
    made.add_component(event)
    return Attachment("file", NAME, MIME, made.to_ical(), Text("The gathering as a file for your calendar."))


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """Give a moment by the clocks there; by UTC where they show that time once more, which no file can say."""
    local = at.astimezone(zone)
    return at if local.fold else local


def _zone(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """Describe the clocks there from a year before until a year after: each change of theirs by itself."""
    begins = (first - YEAR).replace(minute=0, second=0, microsecond=0)
    made = Timezone()
    made.add("tzid", zone.key)
    for at, before in ((begins, begins.astimezone(zone)), *_changes(zone, begins, last + YEAR)):
        after = at.astimezone(zone)
        rule = TimezoneDaylight() if after.dst() else TimezoneStandard()
        rule.add("dtstart", (at + (before.utcoffset() or timedelta())).replace(tzinfo=None))
        rule.add("tzoffsetfrom", before.utcoffset())
        rule.add("tzoffsetto", after.utcoffset())
        rule.add("tzname", after.tzname() or zone.key)
        made.add_component(rule)
    return made


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Give the moments at which the clocks are changed, each with the local time just before it."""
    at = begins.astimezone(UTC)
    while at < ends:
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            low, high = at, at + DAY
            while high - low > MINUTE:
                middle = low + (high - low) / 2
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            change = (high + MINUTE / 2).replace(second=0, microsecond=0)
            yield change, low.astimezone(zone)
        at += DAY
