"""Moderation: afterwards, always with a reason and a log line, and undoable."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

REASONS = ("threat", "hate", "private", "false", "spam", "other")
"""Why something is not all right: a threat, hatred, private matters, a falsehood, advertising, something else."""

JudgingKind = Literal["hide", "restore", "leave", "mute", "unmute", "merge", "apart", "tags", "untranslate"]
"""`merge`: two ideas, in the place of who cannot be asked any more; `apart`: takes two that became one apart."""
HostingKind = Literal["cohost", "moderator", "dismiss", "offer", "host", "close", "reopen"]
"""Of hosts alone: somebody gets a role or has none any more, is asked to host, hosts from now on; it ends, goes on."""
ActKind = JudgingKind | HostingKind
MUTE_DAYS = (1, 7, 30)


class Report(msgspec.Struct, frozen=True):
    """Somebody said of an idea: this is not all right. One participant reports one idea once."""

    conversation_id: UUID
    idea_id: UUID
    reporter_id: UUID
    reason: str
    created_at: datetime
    handled_at: datetime | None = None


class Act(msgspec.Struct, frozen=True):
    """A line of the moderation log. `before` is what undo restores (a state, an ISO time, or which merge)."""

    conversation_id: UUID
    id: UUID
    kind: ActKind
    reason: str
    moderator_id: UUID
    created_at: datetime
    idea_id: UUID | None = None
    participant_id: UUID | None = None
    before: str = ""
    undone_at: datetime | None = None
