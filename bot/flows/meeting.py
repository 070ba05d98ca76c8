"""When the next meeting is: one question."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from bot.chat.content import Text
from bot.flows.questions import Ask, Flow
from bot.flows.times import when

FURTHEST = 365
ASKED = Text("When do you meet next?")
HINT = Text("Write a day and a time, such as “Thursday 18:30” or “3 December 18:30”.")


class SetMeeting(msgspec.Struct, frozen=True):
    """The command that the question gives: a rhythm until this meeting."""

    conversation_id: UUID
    at: datetime


def meeting(zone: str) -> Ask:
    """Ask when it is."""
    return Ask(name="meeting", text=ASKED, parse=when(zone=zone, furthest=FURTHEST), adds=True, hint=HINT)


def set_meeting(conversation_id: UUID, zone: str) -> Flow[SetMeeting]:
    """Ask when it is, and no more."""
    at: datetime = yield meeting(zone)
    return SetMeeting(conversation_id, at)
