"""Records that are no business of the domain: events come in, messages going out, cards shown, dialogues open."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content
from bot.chat.events import Media

InboxState = Literal["new", "done", "parked"]
OutboxKind = Literal["say", "card", "refresh", "fanout", "digest", "make", "admit", "map", "carry", "retract"]
OutboxState = Literal["making", "held", "told", "waiting", "sending", "sent", "parked"]

ANSWER, CARD, FANOUT = 0, 1, 2
"""Priorities of delivery: an answer to somebody waits for nothing else."""


class Inbox(msgspec.Struct, frozen=True):
    """An event as intake stored it. `payload` is encrypted, and null once handled."""

    seq: int
    channel: str
    event_id: str
    room_lookup: bytes
    payload: bytes | None
    received_at: datetime
    state: InboxState = "new"
    attempts: int = 0
    trace: str = ""


class HarvestFile(msgspec.Struct, frozen=True, tag="harvest"):
    """A file to be made: the harvest of the row's conversation, in one of `reporting.files.FORMS`."""

    form: str


class MapFile(msgspec.Struct, frozen=True, tag="map"):
    """A file to be made: the picture of the conversation's latest map, with the place of a participant if told so."""

    participant_id: UUID | None = None
    form: str = "map"


class PosterFile(msgspec.Struct, frozen=True, tag="poster"):
    """A file to be made: an invitation for a wall, with what stands on it and the link that its QR code leads to."""

    content: Content
    link: str
    form: str = "poster"


class StoryPictureFile(msgspec.Struct, frozen=True, tag="story"):
    """A picture to be brought from a network (`channel`, by its own reference) and kept with a story.

    `told`: whoever sent it is told.
    """

    story_id: UUID
    channel: str
    ref: str
    told: bool = True
    form: str = "story"


FileToMake = HarvestFile | MapFile | PosterFile | StoryPictureFile


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an outbox row of kind `say` or `carry` holds under encryption. `file` is still to be made, to go with it.

    `media` is to be fetched from a channel (`source`) when it is sent; where that cannot be, it says `instead`.
    """

    content: Content
    replaces: str = ""
    reply_to: str = ""
    only_for: str = ""
    locale: str = ""
    file: FileToMake | None = None
    media: Media | None = None
    source: str = ""
    instead: Content | None = None


class Outbox(msgspec.Struct, frozen=True):
    """A message to send. Its id is the idempotency key.

    `say` carries its words; `card` and `refresh` say which card; `fanout` a card to all rooms of a conversation;
    `digest` a room's message of all that is new. `make` has the room of a helper group made; `admit` lets somebody in.
    `map` has the map of a conversation renewed, and posted if that is its subject; it is never sent.
    `carry` says in a room what was said in another one of its helper group; `retract` removes that again, or
    a card, if it says which: in one room, or in all.
    A fan-out that is half expanded goes on `after` a room. Rows of one `unique_key` that still wait are one row.
    A card that is `held` waits for the room's `digest`; it is `told` in the one that it names in `after`.
    One that is `making` has a file that is still to be made, and holds nothing up; it then waits like the others.
    """

    id: UUID
    channel: str
    kind: OutboxKind
    priority: int
    not_before: datetime
    room_id: UUID | None = None
    conversation_id: UUID | None = None
    subject: str = ""
    subject_id: UUID | None = None
    after: UUID | None = None
    unique_key: str | None = None
    secret: Message | None = None
    state: OutboxState = "waiting"
    lease_until: datetime | None = None
    rendered: bytes | None = None
    attempts: int = 0
    uncertain: int = 0
    error: str = ""


class Due(msgspec.Struct, frozen=True):
    """What is to happen `at` a moment: `handlers.tables.DUE` names the function of its `kind`.

    Of rows with one `unique_key` there is one. One that failed three times is parked: `at` is None then.
    """

    id: UUID
    kind: str
    at: datetime | None
    conversation_id: UUID | None = None
    subject_id: UUID | None = None
    unique_key: str | None = None
    secret: dict[str, str] | None = None
    attempts: int = 0


MAPPED = "mapped"
"""What is due when there is a new map: who gave what unites people is told so."""


class Listening(msgspec.Struct, frozen=True):
    """A private room where somebody is listened to: whose it is, where the talk is, and since when; no words.

    `asked` has a bit for each question that was asked, `turn` counts what was answered. `waits`: something was said
    that is not answered yet. While the end is being said the number is `ENDING`; then `over_at` tells for a week until
    when it was, for what comes late was said to somebody who keeps nothing.
    """

    room_id: UUID
    person_id: UUID
    heard_at: datetime
    number: int = 1
    asked: int = 2
    turn: int = 0
    waits: bool = True
    over_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether somebody is listened to there just now."""
        return self.over_at is None


ENDING = 0
"""The number of a talk whose end is being said."""


class Card(msgspec.Struct, frozen=True):
    """A card as it stands in a room: which subject, which message. `shown` is the digest of what it shows."""

    room_id: UUID
    subject: str
    subject_id: UUID
    conversation_id: UUID
    created_at: datetime
    message_id: str = ""
    shown: bytes = b""


class Carried(msgspec.Struct, frozen=True):
    """A message that is carried between a helper group's rooms, as it stands in one of them.

    The `origin_id` is the id of the one that somebody wrote; the others are its copies. A copy without a `message_id`
    is on its way. `answers_id` is what it replies to in its own room. `author` is a keyed hash of person and group.
    """

    id: UUID
    origin_id: UUID
    room_id: UUID
    message_id: str
    author: bytes
    created_at: datetime
    answers_id: UUID | None = None

    @property
    def original(self) -> bool:
        """Whether somebody wrote this one."""
        return self.id == self.origin_id


class Prompted(msgspec.Struct, frozen=True):
    """The latest message with choices in a room: what a typed number or word means there."""

    room_id: UUID
    message_id: str
    actions: tuple[tuple[str, Action], ...]


class Draft(msgspec.Struct, frozen=True, array_like=True):
    """A flow under way: its name, what it was begun with, and the answers so far (name, kind, value)."""

    flow: str
    params: dict[str, str] = {}
    answers: tuple[tuple[str, str, str], ...] = ()


class Dialogue(msgspec.Struct, frozen=True):
    """What a person and the bot talk about in a room: the drafts under encryption, the last one being talked about.

    A flow that is begun while another is open lies on top of it; that one goes on afterwards.
    """

    person_id: UUID
    room_id: UUID
    secret: tuple[Draft, ...]
    touched_at: datetime


class Waiting(msgspec.Struct, frozen=True):
    """A contribution that waits for the yes of consent: the event, encrypted, for a day."""

    id: UUID
    person_id: UUID
    payload: bytes
    created_at: datetime


class MapKept(msgspec.Struct, frozen=True):
    """From what the map of a conversation is kept up: the votes that were counted, and who was in which group.

    It stands in the database as openly as the votes themselves.
    `edition_id` is the latest map, `posted_id` the one that was posted in the rooms last. `leaving` are participants
    whose votes are to go from the state before anything else is done with it. Each change is a new `version`.
    """

    conversation_id: UUID
    version: int = 0
    edition_id: UUID | None = None
    posted_id: UUID | None = None
    posted_at: datetime | None = None
    leaving: tuple[UUID, ...] = ()
    state: bytes | None = None


class MapPicture(msgspec.Struct, frozen=True):
    """A map as it was drawn for rooms of one language (PNG)."""

    conversation_id: UUID
    edition_id: UUID
    locale: str
    secret: bytes
