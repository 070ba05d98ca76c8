"""What finished flows ask for, besides the commands that stand with their nouns in the domain."""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.domain.conversation import OpenConversation
from bot.domain.gatherings import ChangeGathering, PlanGathering, WriteNote
from bot.domain.groups import ChangeGroup, TakeTheLead
from bot.domain.needs import RewordHelp, SayHelp, SayYes
from bot.domain.open_space import ChangeTopic, PostTopic
from bot.domain.prompts import PlanPrompts
from bot.domain.steps import MoveStep, TakeAStep, TellStory
from bot.flows.meeting import SetMeeting


class GiveIdeas(msgspec.Struct, frozen=True):
    """Give these ideas. `named`: under one's name; `from_meeting`: they were written on paper at a meeting."""

    conversation_id: UUID
    texts: tuple[str, ...]
    named: bool = True
    from_meeting: bool = False


class AskTomorrow(msgspec.Struct, frozen=True):
    """Let them sleep on it: nothing is given yet."""

    conversation_id: UUID


class SupportInstead(msgspec.Struct, frozen=True):
    """Support an idea that says the same already."""

    conversation_id: UUID
    idea_id: UUID


class EditIdea(msgspec.Struct, frozen=True):
    """Change the words of one's idea."""

    conversation_id: UUID
    idea_id: UUID
    text: str


class ProposeMerge(msgspec.Struct, frozen=True):
    """Propose that an idea become part of another, whose words stand."""

    conversation_id: UUID
    idea_id: UUID
    into_id: UUID


class AddTranslation(msgspec.Struct, frozen=True):
    """Put an idea into another language."""

    conversation_id: UUID
    idea_id: UUID
    locale: str
    text: str


class SetTags(msgspec.Struct, frozen=True):
    """Let an idea have these tags, and no others."""

    conversation_id: UUID
    idea_id: UUID
    tags: tuple[str, ...]


class ReportMatter(msgspec.Struct, frozen=True):
    """Say that something is not all right; `reason` is one of `bot.domain.moderation.REASONS`."""

    conversation_id: UUID
    subject_id: UUID
    reason: str


class HideMatter(msgspec.Struct, frozen=True):
    """Hide something, for one of the `REASONS`."""

    conversation_id: UUID
    subject_id: UUID
    reason: str


class MuteParticipant(msgspec.Struct, frozen=True):
    """Let a participant contribute nothing for some days (one of `MUTE_DAYS`), for one of the `REASONS`."""

    conversation_id: UUID
    participant_id: UUID
    days: int
    reason: str


Command = (
    OpenConversation
    | GiveIdeas
    | SupportInstead
    | AskTomorrow
    | EditIdea
    | AddTranslation
    | TakeTheLead
    | ChangeGroup
    | ReportMatter
    | HideMatter
    | MuteParticipant
    | PlanPrompts
    | ProposeMerge
    | SayHelp
    | SayYes
    | RewordHelp
    | PlanGathering
    | ChangeGathering
    | WriteNote
    | PostTopic
    | ChangeTopic
    | TakeAStep
    | MoveStep
    | SetTags
    | SetMeeting
    | TellStory
)
