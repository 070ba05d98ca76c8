"""Prompts: questions that are asked in the rooms of a conversation, once or again and again, at each room's own clock.

A *schedule* says what is asked, and by which *rule*. The rule is a time of day and days of the calendar; it knows no
moment. Which moment that is, is told by each room's zone, also where the clocks are changed. What came of each of its
days is an *occurrence*: asked, or left out and why. There is one for each day of a schedule.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from bot.chat.content import N_, Text, Words

MOST_QUESTIONS = 20
MAX_PROMPT = 300
MOST_SCHEDULES = 5
"""So many may run at a time in one conversation, or in one helper group."""
STILL_SENSIBLE = timedelta(hours=15)
"""So much later a question may still be asked: what was to come in the evening comes the next morning, not at noon."""

Every = Literal["once", "days", "weeks", "months"]
ScheduleState = Literal["running", "paused", "ended"]
Outcome = Literal["asked", "late", "nowhere"]
"""`late`: nobody was awake when it was its time. `nowhere`: there was no room, or each had a question that day."""

FUTURE = "future"
SERIES: dict[str, tuple[str, ...]] = {
    FUTURE: (
        N_("What do you like so much here that it should still be here in ten years?"),
        N_("Think of a good day here in ten years. What do you do that day, and with whom?"),
        N_("Who here does something important that few people see? What would help them?"),
        N_("A teacher, a nurse, a bus driver: what could others take on, so that they can do what they do best?"),
        N_("What can you do that a neighbour may need?"),
        N_("Who is missing when we talk about our future? How do we invite them?"),
        N_("What do you think a ten-year-old here would change first?"),
        N_("When did you last talk with somebody here whom you did not know? Where could we meet more often?"),
        N_("Which rule or habit stands in the way of something good? What could we try instead, for a month?"),
        N_("What have you seen in another place that we could try here?"),
        N_("What would you begin if you knew that five others would help?"),
        N_("What have we done together that we can be glad of? And what is the next step?"),
    ),
}
"""The built-in series, in the order in which they are asked."""


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """When: a time of day, and days from `first` on.

    `once` is the day `first`; `days` each so many; `weeks` on `weekdays` (Monday is 0) of each so many weeks, that of
    `first` being one; `months` on the `nth` of one weekday (1 to 4, or -1, the last), or on a `day` (-1: the last).
    """

    every: Every
    clock: time
    first: date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int = 0
    day: int = 0


class Schedule(msgspec.Struct, frozen=True):
    """What is asked, and when. All that was due until `since` is done. `asked` says which question comes next.

    `zone` is where it was planned. `secret` are one's own questions, where it is no built-in `series`. With a
    `group_id` it is for the rooms of that helper group, and else for those of the conversation.
    """

    conversation_id: UUID
    id: UUID
    created_by: UUID
    created_at: datetime
    since: datetime
    zone: str
    rule: Rule
    series: str = ""
    secret: tuple[str, ...] = ()
    group_id: UUID | None = None
    state: ScheduleState = "running"
    asked: int = 0

    @property
    def length(self) -> int:
        """How many questions it has."""
        return len(SERIES[self.series]) if self.series in SERIES else len(self.secret)

    @property
    def repeats(self) -> bool:
        """Whether one question is asked again and again."""
        return self.length == 1

    @property
    def more_than_one_left(self) -> bool:
        """Whether the question that comes next can be left out, and there is still one to ask."""
        return not self.repeats and self.asked + 1 < self.length

    @property
    def over(self) -> bool:
        """Whether all is asked. What is asked once is over when its day is, whatever comes next."""
        return not self.repeats and self.asked >= self.length

    def question(self, number: int) -> Words:
        """Give the question with a number, counted from 0."""
        if self.series in SERIES:
            return Text(SERIES[self.series][number % self.length])
        return self.secret[number % len(self.secret)] if self.secret else ""


class Occurrence(msgspec.Struct, frozen=True):
    """What came of a `day` of a schedule; the question is of a `series`, or one's own (`secret`)."""

    conversation_id: UUID
    id: UUID
    schedule_id: UUID
    day: date
    at: datetime
    outcome: Outcome
    number: int = 0
    series: str = ""
    secret: str = ""

    @property
    def question(self) -> Words:
        """What was asked."""
        return Text(self.words) if self.series in SERIES else self.words

    @property
    def words(self) -> str:
        """What was asked, in English where it is of a built-in series; empty where it went with who wrote it."""
        known = SERIES.get(self.series, ())
        return known[self.number] if self.number < len(known) else self.secret


class Brought(msgspec.Struct, frozen=True):
    """What a question brought: how many ideas, of all the days on which it was asked. `asked` is the first of these."""

    asked: Occurrence
    ideas: int


class PlanPrompts(msgspec.Struct, frozen=True):
    """The command that a finished `/prompt` gives: ask these questions by this rule. `schedule_id`: instead of that.

    `first` is the place of the question that comes next, from 0; those before it are left out.
    """

    conversation_id: UUID
    rule: Rule
    series: str = ""
    questions: tuple[str, ...] = ()
    group_id: UUID | None = None
    schedule_id: UUID | None = None
    first: int = 0
