"""Writing in private to others than who acts: to a participant, or to those who moderate a conversation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.chat.content import Content
from bot.domain.conversation import Conversation
from bot.domain.people import Participant
from bot.domain.rooms import quiet_until
from bot.handlers.means import Means
from bot.store import moderation as queries
from bot.store.records import CARD, Message, Outbox

EVENING = time(18)


async def tell(
    means: Means, participant: Participant, content: Content, at: datetime | None = None, once: str = ""
) -> bool:
    """Stage a message to a participant: at a moment, or when it is not night there; gives whether they can be reached.

    Of messages with the same `once` only one waits for each person.
    """
    person = await means.person_of(participant)
    room = await means.private_room_of(person.id) if person else None
    if room is None:
        return False
    means.uow.add(
        Outbox(
            means.new_id(), room.channel, "say", CARD, at or quiet_until(room, means.now), room_id=room.id,
            unique_key=f"{once}:{room.id}" if once else None, secret=Message(content),
        )
    )  # fmt: skip
    return True


async def tell_moderators(
    means: Means,
    conversation: Conversation,
    content: Content,
    *,
    once: str,
    urgent: bool = False,
    but: Collection[UUID] = (),
) -> bool:
    """Stage a message to those who moderate: in the evening, or at once; gives whether anybody can be reached.

    `but` leaves some out; if nobody else moderates, the host is told after all.
    """
    everyone = await queries.moderators(means.uow, conversation.id)
    meant = [one for one in everyone if one.id not in but] or [
        one for one in everyone if one.id == conversation.host_id
    ]
    at = means.now if urgent else evening(conversation, means.now)
    return any([await tell(means, one, content, at, once) for one in meant])


def evening(conversation: Conversation, now: datetime) -> datetime:
    """Give the next evening in the conversation's zone (UTC)."""
    zone = ZoneInfo(conversation.zone)
    local = now.astimezone(zone)
    day = local.date() if local.time() < EVENING else local.date() + timedelta(days=1)
    return datetime.combine(day, EVENING, zone).astimezone(now.tzinfo)
