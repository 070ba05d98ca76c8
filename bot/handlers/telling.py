"""Writing in private to those who moderate a conversation."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from bot.chat.content import Content
from bot.domain.calm import evening
from bot.domain.conversation import Conversation
from bot.handlers import calm
from bot.handlers.means import Means
from bot.store import moderation as queries


async def tell_moderators(
    means: Means,
    conversation: Conversation,
    content: Content,
    *,
    once: str,
    urgent: bool = False,
    but: Collection[UUID] = (),
) -> bool:
    """Have those who moderate told something: in the evening, or at once; gives whether anybody can be reached.

    `but` leaves some out; if nobody else moderates, the host is told after all.
    """
    everyone = await queries.moderators(means.uow, conversation.id)
    meant = [one for one in everyone if one.id not in but] or [
        one for one in everyone if one.id == conversation.host_id
    ]
    if urgent:  # Somebody may be in danger: this waits for no day, and no night.
        return any([await calm.remind(means, one, content, means.now, once=once) for one in meant])
    at = evening(conversation.zone, means.now)
    return any([await calm.note(means, one, content, once=once, at=at) for one in meant])
