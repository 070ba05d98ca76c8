"""A conversation: one question about the future of a place, and the values to hold to."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

Season = Literal["inviting", "gathering", "weighing", "acting", "harvest"]
Lasts = Literal["day", "weeks", "meeting", "open"]
Findable = Literal["anyone", "invited"]

MAX_QUESTION = 300
MAX_WHY = 1000
MAX_VALUES = 5
MAX_VALUE = 60
MAX_GIVENS = 1000

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6

SILENT = timedelta(days=14)
RETENTION = timedelta(days=180)
"""So long after a conversation has ended it is still known which persons its participants are."""

_LINK = re.compile(r"(?:[?&]start=|/i/|^)(?:i-)?([\w-]{22})$", re.ASCII)
"""The end of an invitation's link, or its bare code."""


def code_in(written: str) -> str:
    """Find a code in what somebody typed or pasted: a short one, a long one, or a link that ends in one; else empty."""
    words = written.strip().rstrip("/.").split() or [""]
    for candidate in ("".join(words), words[-1].rpartition("/")[2]):
        short = candidate.replace("-", "").upper()
        if len(short) == CODE_LENGTH and set(short) <= set(CODE_ALPHABET):
            return short
    found = _LINK.search(words[-1])
    return found.group(1) if found else ""


class Conversation(msgspec.Struct, frozen=True):
    """What everybody in it shares. `code` is the short one, valid only while anyone may find the conversation.

    `host_seen_at` is the day, near enough, on which its host was last here.
    """

    id: UUID
    place_key: str
    place_name: str
    question: str
    why: str
    values: tuple[str, ...]
    givens: str
    lasts: Lasts
    findable: Findable
    code: str
    locale: str
    zone: str
    host_id: UUID
    created_at: datetime
    season: Season = "gathering"
    ideas: int = 0
    groups: int = 0
    participants: int = 1
    closed_at: datetime | None = None
    host_seen_at: datetime | None = None

    def silent(self, now: datetime) -> bool:
        """Whether its host has not been here for so long that somebody else may host."""
        return now - (self.host_seen_at or self.created_at) >= SILENT


class OpenConversation(msgspec.Struct, frozen=True):
    """The command that a finished `/new` gives: begin this conversation."""

    place_key: str
    place_name: str
    question: str
    why: str = ""
    values: tuple[str, ...] = ()
    givens: str = ""
    lasts: Lasts = "weeks"
    findable: Findable = "invited"
    meeting_at: datetime | None = None
