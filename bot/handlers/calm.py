"""Calm: how people are told what they did not ask for. Whatever the bot says unasked in private goes through here.

Rules
-----
* A person gets at most one such message a day, with all that has come together for them.
* `note` says what may wait; `remind` what somebody wished to be told at a moment.
"""

from __future__ import annotations

from datetime import datetime

from bot.chat.content import Content
from bot.domain.people import Participant
from bot.domain.rooms import next_digest
from bot.handlers import telling
from bot.handlers.means import Means


async def note(
    means: Means,
    participant: Participant,
    content: Content,
    *,
    soon: bool = False,  # noqa: ARG001 (all is daily until digests have paces)
    once: str = "",
) -> bool:
    """Have a participant told something unasked; gives whether they can be reached.

    It comes with the digest that they chose. `soon`: somebody waits for them, so it comes with the next day's
    message, if they have not wished for none. Of notes with the same `once` that wait, the newest stays.
    """
    person = await means.person_of(participant)
    room = await means.private_room_of(person.id) if person else None
    if room is None:
        return False
    return await telling.tell(means, participant, content, next_digest(room, means.now), once)


async def remind(means: Means, participant: Participant, content: Content, at: datetime, *, once: str = "") -> bool:
    """Have a participant told what they wished to be reminded of, at a moment; gives whether they can be reached."""
    return await telling.tell(means, participant, content, at, once)
