"""Open Space: a gathering whose topics are brought by whoever comes, who also move between them as they like.

After Harrison Owen, *Open Space Technology: A User's Guide* (1997): four principles, and the law of two feet. The words
for them are our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from bot.domain.gatherings import Gathering

MAX_TITLE = 200
MAX_PLACE = 100
MAX_TOPICS = 200
"""So many topics fit in one Open Space."""
SLOT = timedelta(hours=1)
MOST_SLOTS = 8

TopicState = Literal["shown", "hidden", "withdrawn"]


class TopicSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a topic under encryption: where it is talked about, and when, if that was said in other words."""

    place: str = ""
    slot: str = ""


class Topic(msgspec.Struct, frozen=True):
    """What somebody wants to talk about. `at`: when, as far as it is a time; `visitors`: how many came, in the end."""

    conversation_id: UUID
    id: UUID
    gathering_id: UUID
    number: int
    convener_id: UUID
    title: str
    created_at: datetime
    at: datetime | None = None
    secret: TopicSecret = TopicSecret()
    idea_id: UUID | None = None
    visitors: int = 0
    state: TopicState = "shown"


class Presence(msgspec.Struct, frozen=True):
    """At which topic somebody is now, and at which they have been."""

    conversation_id: UUID
    gathering_id: UUID
    participant_id: UUID
    topic_id: UUID | None
    been: tuple[UUID, ...] = ()


class PostTopic(msgspec.Struct, frozen=True):
    """The command of a posted topic."""

    conversation_id: UUID
    gathering_id: UUID
    title: str
    at: datetime | None = None
    slot: str = ""
    place: str = ""


class ChangeTopic(msgspec.Struct, frozen=True):
    """The command of a topic that is talked about at another time (`at`, or `slot` in words) or in another place."""

    conversation_id: UUID
    topic_id: UUID
    at: datetime | None = None
    slot: str = ""
    place: str = ""


def beside(topic: Topic, others: Iterable[Topic]) -> Topic | None:
    """Give a topic that is talked about in the same place at the same time, as far as both are told."""

    def same(one: Topic) -> bool:
        if topic.at is None or one.at is None:
            return bool(topic.secret.slot) and topic.secret.slot.casefold() == one.secret.slot.casefold()
        return abs(topic.at - one.at) < SLOT

    place = topic.secret.place.casefold()
    return (
        next((one for one in others if one.id != topic.id and one.secret.place.casefold() == place and same(one)), None)
        if place
        else None
    )


def slots(gathering: Gathering) -> tuple[datetime, ...]:
    """Give the times for topics: each hour, with an hour for beginning and one for ending together where it is long."""
    hours = int((gathering.ends_at - gathering.at) / SLOT)
    first, last = (1, hours - 1) if hours > 3 else (0, hours)  # noqa: PLR2004 (a long one has a beginning and an end)
    return tuple(gathering.at + n * SLOT for n in range(first, max(last, first + 1)))[:MOST_SLOTS]
