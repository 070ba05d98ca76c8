"""When something is not all right: report it, hide it, give somebody a pause. Always with a reason."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Text, quote
from bot.domain.moderation import MUTE_DAYS, REASONS
from bot.flows.commands import HideMatter, MuteParticipant, ReportMatter
from bot.flows.parsers import choice
from bot.flows.questions import Ask, Flow, Option

REASON_WORDS = {
    "threat": Text("It threatens somebody"),
    "hate": Text("It is hateful"),
    "private": Text("It tells of somebody's private life"),
    "false": Text("It is not true"),
    "spam": Text("It is advertising"),
    "other": Text("Something else"),
}


def report(conversation_id: UUID, subject_id: UUID, words: str = "") -> Flow[ReportMatter]:
    """Ask what is not all right about something."""
    reason: str = yield _reason(
        Text("What is not all right?"), Text("Only the moderators are told, and not by whom."), words
    )
    return ReportMatter(conversation_id, subject_id, reason)


def hide(conversation_id: UUID, subject_id: UUID, words: str = "") -> Flow[HideMatter]:
    """Ask a moderator why something is hidden."""
    reason: str = yield _reason(Text("Why do you hide it?"), Text("Whoever wrote it is told. You can undo it."), words)
    return HideMatter(conversation_id, subject_id, reason)


def mute(conversation_id: UUID, participant_id: UUID, words: str = "") -> Flow[MuteParticipant]:
    """Ask a moderator how long somebody may not contribute, and why."""
    days: int = yield Ask(
        name="days",
        text=Text("How long shall the pause be?"),
        parse=choice({f"d{days}": days for days in MUTE_DAYS}),
        options=tuple(Option(f"d{n}", Text("%(n)d day", {"n": n}, plural="%(n)d days")) for n in MUTE_DAYS),
        awaits=False,
        hint=Text("Meanwhile this person can read, but not contribute."),
    )
    reason: str = yield _reason(Text("Why is there a pause?"), Text("The person is told. You can undo it."), words)
    return MuteParticipant(conversation_id, participant_id, days, reason)


def _reason(text: Text, hint: Text, words: str) -> Ask:
    return Ask(
        name="reason",
        text=text,
        parse=choice({reason: reason for reason in REASONS}),
        options=tuple(Option(reason, REASON_WORDS[reason]) for reason in REASONS),
        awaits=False,
        hint=hint,
        body=(quote(words),) if words else (),
    )
