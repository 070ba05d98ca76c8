"""Merging: two ideas become one, if those who gave them want it.

Votes stay with the words that they were given for. An idea that is part of another is not weighed any more; its words
can still be read. What was merged can be taken apart: for two weeks by those who gave the ideas, always by moderators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

ANSWER_WITHIN = timedelta(days=7)
APART_WITHIN = timedelta(days=14)
"""Who is told of it once a week has a week left."""
ASK_AGAIN_AFTER = timedelta(days=90)
"""After a no: so long nobody proposes the same two again."""

MergeState = Literal["asked", "done", "refused", "over"]
"""`over`: nobody answered, something came in between, or it was taken apart again."""


class Merge(msgspec.Struct, frozen=True):
    """Somebody proposed that an idea become part of another (`into_id`), whose words stand.

    `yes` are the participants who gave the ideas and want it; `groups` the helper groups that went along.
    """

    conversation_id: UUID
    id: UUID
    idea_id: UUID
    into_id: UUID
    proposed_by: UUID
    created_at: datetime
    state: MergeState = "asked"
    yes: tuple[UUID, ...] = ()
    groups: tuple[UUID, ...] = ()
    decided_at: datetime | None = None

    def within(self, now: datetime) -> bool:
        """Whether those who gave the ideas may still take them apart."""
        return self.state == "done" and self.decided_at is not None and now - self.decided_at < APART_WITHIN


def roots(done: Iterable[Merge]) -> Mapping[UUID, UUID]:
    """Tell of each idea that is part of another of which one in the end: a part of a part is part of the whole."""
    parents = {one.idea_id: one.into_id for one in done}

    def root(idea: UUID) -> UUID:
        seen = {idea}
        while idea in parents and parents[idea] not in seen:
            idea = parents[idea]
            seen.add(idea)
        return idea

    return {idea: root(idea) for idea in parents}
