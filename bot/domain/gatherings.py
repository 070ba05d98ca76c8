"""Gatherings: people meet for real, at a time and a place. One of them may be an Open Space, with topics of its own.

Rules
-----
* Whoever comes has a seat with a number, which nobody else has; whoever comes when no seat is free waits for one.
* To come is no contribution: also who has been asked to pause may. To post a topic or to write notes is one.
* A gathering is run by whoever convened it, the convener of its helper group, and the hosts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from bot.domain.groups import HelperGroup
from bot.domain.moments import moment_of
from bot.domain.people import Participant

MAX_WHAT = 300
MAX_WHERE = 300
MAX_SEATS = 10_000
MAX_NOTE = 3000
FURTHEST = 365
"""Days ahead for which one can plan."""
NOTES_AFTER = timedelta(hours=1)
HOUR = timedelta(hours=1)

RsvpAnswer = Literal["yes", "maybe"]
GatheringState = Literal["planned", "off", "held", "hidden"]


class GatheringSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a gathering under encryption: where it is, which may be somebody's home."""

    where: str = ""


class Gathering(msgspec.Struct, frozen=True):
    """People meet. `seats`: so many fit; 0: as many as come. `sequence` counts what calendars should learn of."""

    conversation_id: UUID
    id: UUID
    convener_id: UUID
    what: str
    at: datetime
    ends_at: datetime
    zone: str
    created_at: datetime
    changed_at: datetime
    secret: GatheringSecret = GatheringSecret()
    group_id: UUID | None = None
    seats: int = 0
    open_space: bool = False
    state: GatheringState = "planned"
    sequence: int = 0

    @property
    def there(self) -> bool:
        """Whether it can be seen: neither erased, nor hidden by a moderator."""
        return bool(self.what) and self.state != "hidden"

    @property
    def where(self) -> str:
        """A place, or a link; empty if it is not said yet."""
        return self.secret.where

    @property
    def a_day_before(self) -> datetime:
        """The same time by the clocks there, the day before."""
        local = self.at.astimezone(ZoneInfo(self.zone))
        return moment_of(local.date() - timedelta(days=1), local.time(), self.zone)

    @property
    def an_hour_before(self) -> datetime:
        """An hour before it begins."""
        return self.at - HOUR

    def coming(self, now: datetime) -> bool:
        """Whether one can still answer whether one comes."""
        return self.state == "planned" and now < self.ends_at

    def moved(self, at: datetime, now: datetime) -> Gathering:
        """Give it at another time; it takes as long as before."""
        return msgspec.structs.replace(
            self, at=at, ends_at=at + (self.ends_at - self.at), changed_at=now, sequence=self.sequence + 1
        )

    def held(self) -> Gathering:
        """Give it as one that has been."""
        return msgspec.structs.replace(self, state="held")

    def changed(self, now: datetime, **fields: object) -> Gathering:
        """Give it with other fields."""
        return msgspec.structs.replace(self, changed_at=now, sequence=self.sequence + 1, **fields)


class Rsvp(msgspec.Struct, frozen=True):
    """Whether somebody comes. Who comes and has no `seat` waits for one. `named`: their name is shown among others."""

    conversation_id: UUID
    gathering_id: UUID
    participant_id: UUID
    answer: RsvpAnswer
    created_at: datetime
    seat: int | None = None
    named: bool = True

    @property
    def waits(self) -> bool:
        """Whether they would come, and have no place yet."""
        return self.answer == "yes" and self.seat is None


class Counts(msgspec.Struct, frozen=True):
    """How many have answered what; `names` are of some who come, and show theirs."""

    coming: int = 0
    maybe: int = 0
    waiting: int = 0
    names: tuple[str, ...] = ()


class PlanGathering(msgspec.Struct, frozen=True):
    """The command that a finished `/meet` gives: let people meet."""

    conversation_id: UUID
    group_id: UUID | None
    what: str
    at: datetime
    minutes: int
    where: str = ""
    seats: int = 0
    open_space: bool = False


class ChangeGathering(msgspec.Struct, frozen=True):
    """Change one thing about a gathering; None leaves a thing as it is."""

    conversation_id: UUID
    gathering_id: UUID
    what: str | None = None
    at: datetime | None = None
    where: str | None = None
    seats: int | None = None


class MeetingNote(msgspec.Struct, frozen=True):
    """What somebody wrote down of a gathering, or of one of its topics."""

    conversation_id: UUID
    id: UUID
    gathering_id: UUID
    author_id: UUID
    text: str
    created_at: datetime
    topic_id: UUID | None = None


class WriteNote(msgspec.Struct, frozen=True):
    """The command of finished notes: keep them."""

    conversation_id: UUID
    gathering_id: UUID
    text: str
    topic_id: UUID | None = None


def may_run(gathering: Gathering, me: Participant | None, group: HelperGroup | None) -> bool:
    """Whether somebody may change a gathering, call it off, and write its notes."""
    if me is None or me.left:
        return False
    return me.id == gathering.convener_id or me.hosts or (group is not None and group.convener_id == me.id)
