"""Next steps of a helper group: what, who, and when; and stories: what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

StepState = Literal["open", "done", "dropped", "hidden"]

MAX_STEP = 300
MAX_STORY = 3000
MAX_PICTURE = 8_000_000
"""Bytes of a picture as it comes; what is kept is smaller."""
DAY_BEFORE = timedelta(hours=36)
HOUR_BEFORE = timedelta(hours=2)
SILENT = timedelta(hours=20)
"""So long after its time a step that nobody has spoken of is asked about, once."""


class Step(msgspec.Struct, frozen=True):
    """What is to be done next in a helper group, by whom (None: all in it), and when (None: not said yet)."""

    conversation_id: UUID
    id: UUID
    group_id: UUID
    what: str
    created_by: UUID
    created_at: datetime
    at: datetime | None = None
    doer_id: UUID | None = None
    state: StepState = "open"
    done_at: datetime | None = None
    asked: bool = False


class TakeAStep(msgspec.Struct, frozen=True):
    """The command of `/step`: this is to be done next."""

    conversation_id: UUID
    group_id: UUID
    what: str
    at: datetime | None
    doer_id: UUID | None = None


class MoveStep(msgspec.Struct, frozen=True):
    """Do a step at another time."""

    conversation_id: UUID
    step_id: UUID
    at: datetime


class Story(msgspec.Struct, frozen=True):
    """What came of it, in somebody's words. `pictured`: a picture goes with it."""

    conversation_id: UUID
    id: UUID
    author_id: UUID
    text: str
    created_at: datetime
    group_id: UUID | None = None
    named: bool = True
    pictured: bool = False
    state: Literal["shown", "hidden", "withdrawn"] = "shown"


def picture_card(story_id: UUID) -> UUID:
    """Give the id under which a story's picture has a card of its own; of that id, the story's."""
    return UUID(int=story_id.int ^ 1)


class StoryPicture(msgspec.Struct, frozen=True):
    """The picture of a story, without what a camera notes in it."""

    conversation_id: UUID
    story_id: UUID
    mime: str
    secret: bytes


class TellStory(msgspec.Struct, frozen=True):
    """The command of `/story`: tell this."""

    conversation_id: UUID
    group_id: UUID | None
    text: str
    named: bool = True


def remind_at(step_at: datetime, now: datetime) -> datetime | None:
    """Give when to remind of a step: a day before, an hour before, or not at all, by how far off it is."""
    if step_at - now > DAY_BEFORE:
        return step_at - timedelta(days=1)
    return step_at - timedelta(hours=1) if step_at - now > HOUR_BEFORE else None
