"""Invitations: a secret code that leads into a conversation, or links a group room to it.

Codes have 128 random bits and are stored only as keyed hashes; each serves one purpose, and may be limited or ended.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

FOR_WHOM = ("neighbours", "employee", "elected", "association", "young")
Purpose = Literal["join", "room", "group", "resume", "host", "page"]
"""`join`: become a participant; `room`: link a group room to the conversation; `group`: link it to a helper group;
`host`: become the host of a conversation that came from elsewhere; `page`: read its harvest on the web."""


class Invitation(msgspec.Struct, frozen=True):
    """One code. `lookup` is its keyed hash; `limit` 0 is no limit."""

    conversation_id: UUID
    id: UUID
    lookup: bytes
    purpose: Purpose
    created_by: UUID
    created_at: datetime
    for_whom: str = "neighbours"
    name: str = ""
    group_id: UUID | None = None
    limit: int = 0
    used: int = 0
    expires_at: datetime | None = None
    ended_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Whether the code still opens the door."""
        return (
            self.ended_at is None
            and (self.expires_at is None or now < self.expires_at)
            and (self.limit == 0 or self.used < self.limit)
        )
