"""Moderation: afterwards, always with a reason and a log line, and undoable."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec

from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.needs import Help
from bot.domain.open_space import Topic
from bot.domain.steps import Step, Story

REASONS = ("threat", "hate", "private", "false", "spam", "other")
"""Why something is not all right: a threat, hatred, private matters, a falsehood, advertising, something else."""

JudgingKind = Literal["hide", "restore", "leave", "mute", "unmute", "merge", "apart", "tags", "untranslate"]
"""`merge`: two ideas, in the place of who cannot be asked any more; `apart`: takes two that became one apart."""
HostingKind = Literal["cohost", "moderator", "dismiss", "offer", "host", "close", "reopen"]
"""Of hosts alone: somebody gets a role or has none any more, is asked to host, hosts from now on; it ends, goes on."""
ActKind = JudgingKind | HostingKind
MUTE_DAYS = (1, 7, 30)


Subject = Literal["idea", "need", "offer", "story", "step", "gathering", "topic", "group"]
"""What moderators decide about, besides people."""
GONE = frozenset({"withdrawn", "dropped", "ended"})
"""States of what is not there any more, whichever it is."""
HIDDEN = "hidden"

Record = Idea | Help | Story | Step | Gathering | Topic | HelperGroup


class Matter(msgspec.Struct, frozen=True):
    """What somebody said where others see it, whichever it is: as those see it who moderate.

    `author_id` is who is told of it, and does not decide about it; only what is `named` shows them the name. `number`
    is that of an idea or a topic.
    """

    subject: Subject
    conversation_id: UUID
    id: UUID
    author_id: UUID
    text: str
    state: str
    number: int = 0
    named: bool = True

    @property
    def hidden(self) -> bool:
        """Whether a moderator has hidden it."""
        return self.state == HIDDEN

    @property
    def gone(self) -> bool:
        """Whether it is not there any more."""
        return self.state in GONE or not self.text

    @property
    def readable(self) -> bool:
        """Whether others can read it."""
        return not self.hidden and not self.gone


def matter_of(record: Record) -> Matter | None:
    """Give what moderating sees of a record; None where it belongs to no conversation."""
    match record:
        case Idea(number=number, named=named):
            return _matter("idea", record, record.author_id, record.text, number, named=named)
        case Help(conversation_id=scope, author_id=author) if scope is not None and author is not None:
            return Matter(record.kind, scope, record.id, author, record.text, record.state, named=False)
        case Help():
            return None
        case Story(named=named):
            return _matter("story", record, record.author_id, record.text, named=named)
        case Step():
            return _matter("step", record, record.created_by, record.what)
        case Gathering():
            return _matter("gathering", record, record.convener_id, record.what)
        case Topic(number=number):
            return _matter("topic", record, record.convener_id, record.title, number)
        case HelperGroup():
            return _matter("group", record, record.convener_id, record.what)
        case _:
            assert_never(record)


def _matter(
    subject: Subject, record: Idea | Story | Step | Gathering | Topic | HelperGroup, author_id: UUID, text: str,
    number: int = 0, *, named: bool = True,
) -> Matter:  # fmt: skip
    return Matter(subject, record.conversation_id, record.id, author_id, text, record.state, number, named)


class Report(msgspec.Struct, frozen=True):
    """Somebody said of a matter: this is not all right. One person reports one matter once.

    `reporter_id` is a participant; of a need that somebody outside of the conversation was asked about, a keyed hash.
    """

    conversation_id: UUID
    subject_id: UUID
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
    subject_id: UUID | None = None
    participant_id: UUID | None = None
    before: str = ""
    undone_at: datetime | None = None
