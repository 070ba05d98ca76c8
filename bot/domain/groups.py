"""Helper groups: people who support somebody or something, held together by a convener who took the lead."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

MAX_FIELD = 500

GroupState = Literal["open", "closed", "ended", "hidden"]
"""`closed`: its convener has ended it, and may open it again. `ended`: whoever held it together alone has erased their
words. `hidden`: a moderator has hidden it."""
THERE = ("open", "closed")
"""The states in which it can be seen."""


class HelperGroup(msgspec.Struct, frozen=True):
    """What the group wants to do, whom or what it supports, what it needs from others, its first step and when.

    `offered_to` is who was asked to hold it together from now on, and has not answered yet.
    """

    conversation_id: UUID
    id: UUID
    convener_id: UUID
    what: str
    whom: str
    needs: str
    first_step: str
    created_at: datetime
    idea_id: UUID | None = None
    members: int = 1
    state: GroupState = "open"
    offered_to: UUID | None = None

    @property
    def there(self) -> bool:
        """Whether it can be seen."""
        return self.state in THERE


class GroupMember(msgspec.Struct, frozen=True):
    """One participant in one helper group."""

    conversation_id: UUID
    group_id: UUID
    participant_id: UUID
    joined_at: datetime


class TakeTheLead(msgspec.Struct, frozen=True):
    """The command that a finished `/lead` gives: form this helper group, with a room made for it if `room`."""

    conversation_id: UUID
    idea_id: UUID | None
    what: str
    whom: str = ""
    needs: str = ""
    first_step: str = ""
    room: bool = False


class ChangeGroup(msgspec.Struct, frozen=True):
    """The command that a finished change gives: let the group's card say this from now on."""

    conversation_id: UUID
    group_id: UUID
    what: str
    whom: str
    needs: str
    first_step: str
