"""What is staged around a gathering: reminders, what those who come must know, and the question for notes.

What then happens is in `gathering_moments`.
"""

from __future__ import annotations

from uuid import UUID

from bot.domain.gatherings import NOTES_AFTER, Gathering
from bot.handlers import calm
from bot.handlers.means import Means

DAY, HOUR, AFTER, TELL = "meet_day", "meet_hour", "meet_after", "meet_tell"
HIDDEN, SHOWN = "hidden", "shown"


async def plan(means: Means, one: Gathering) -> None:
    """Stage the reminders and the question for notes, in the place of those that wait."""
    await calm.drop(means, f"meet:{one.id}")
    for kind, at in ((DAY, one.a_day_before), (HOUR, one.an_hour_before), (AFTER, one.ends_at + NOTES_AFTER)):
        await means.wake_not(f"{kind}:{one.id}")
        if at > means.now:
            means.wake_at(kind, at, conversation_id=one.conversation_id, subject_id=one.id, once=f"{kind}:{one.id}")


async def drop(means: Means, one: Gathering) -> None:
    """Drop what was staged: it does not happen."""
    for kind in (DAY, HOUR, AFTER):
        await means.wake_not(f"{kind}:{one.id}")
    await calm.drop(means, f"meet:{one.id}")


def tell_later(means: Means, one: Gathering, what: str, *, but: UUID) -> None:
    """Have those who come told `what` is new (or a helper group that it meets), but for who did it."""
    means.wake_at(
        TELL, means.now, conversation_id=one.conversation_id, subject_id=one.id,
        secret={"what": what, "but": str(but)},
    )  # fmt: skip
