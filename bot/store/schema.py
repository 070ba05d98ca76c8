"""All tables. Field names are those of the records; migrations in `migrations/` make exactly this.

Tables of a conversation have ``(conversation_id, id)`` as their key, so that they can be distributed by it later.
Times are microseconds since 1970 in UTC, the same on both engines.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Double,
    ForeignKeyConstraint,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from bot.chat.content import Action
from bot.domain.calm import Quiet
from bot.domain.ideas import HANDS, Sums
from bot.domain.prompts import Rule
from bot.domain.rhythm import Step

REVISION = "0016"
"""The newest migration: what this schema is."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Give the number that the database keeps."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give the moment back, in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


class Packed(TypeDecorator[Any]):
    """A small value of a known shape, kept as JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the value."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the value."""
        return None if value is None else msgspec.json.decode(value, type=self.shape)


def _id(name: str = "id", *, primary: bool = False, null: bool = False) -> Column[Any]:
    return Column(name, Uuid(), primary_key=primary, nullable=null)


def _at(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Moment(), nullable=null)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean(), nullable=False)


def _word(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, String(), nullable=null)


def _number(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Integer(), nullable=null)


def _bytes(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, LargeBinary(), nullable=null)


def _in_conversation(*columns: str, to: str) -> ForeignKeyConstraint:
    names = ["conversation_id", *columns]
    return ForeignKeyConstraint(names, [f"{to}.conversation_id", f"{to}.id"])


meta = Table("meta", metadata, Column("name", String(), primary_key=True), _word("value"))

person = Table(
    "person",
    metadata,
    _id(primary=True),
    _at("created_at"),
    _word("locale"),
    _flag("chosen_locale"),
    _number("consent_version"),
    _at("consent_at", null=True),
    _at("consent_asked_at", null=True),
    _id("room_id", null=True),
    _bytes("secret"),
)

account = Table(
    "account",
    metadata,
    _id(primary=True),
    _id("person_id"),
    _word("channel"),
    _bytes("lookup"),
    _bytes("secret"),
    _id("private_room_id", null=True),
    _flag("reachable"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    UniqueConstraint("lookup"),
    Index(None, "person_id"),
)

room = Table(
    "room",
    metadata,
    _id(primary=True),
    _word("channel"),
    _bytes("lookup"),
    _bytes("secret"),
    _flag("private"),
    _at("created_at"),
    _word("locale"),
    _word("zone"),
    _id("conversation_id", null=True),
    _id("group_id", null=True),
    _word("pace"),
    _number("members", null=True),
    _flag("can_write"),
    _flag("gone"),
    _at("slow_until", null=True),
    Column("quiet", Packed(Quiet | None), nullable=True),
    _flag("hears"),
    _at("carries_since", null=True),
    UniqueConstraint("lookup"),
    Index(None, "conversation_id"),
)

conversation = Table(
    "conversation",
    metadata,
    _id(primary=True),
    _word("place_key"),
    _word("place_name"),
    _word("question"),
    _word("why"),
    Column("values", Packed(tuple[str, ...]), nullable=False),
    _word("givens"),
    _word("lasts"),
    _word("findable"),
    _word("code"),
    _word("locale"),
    _word("zone"),
    _id("host_id"),
    _at("created_at"),
    _word("season"),
    _number("ideas"),
    _number("groups"),
    _number("participants"),
    _at("closed_at", null=True),
    _at("host_seen_at", null=True),
    UniqueConstraint("code"),
    Index(None, "place_key"),
)

participant = Table(
    "participant",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _at("joined_at"),
    _bytes("secret"),
    _word("role"),
    Column("hats", Packed(tuple[str, ...]), nullable=False),
    _flag("hats_shown"),
    _id("invited_by", null=True),
    _at("muted_until", null=True),
    _flag("left"),
    ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
)

membership = Table(
    "membership",
    metadata,
    _id("conversation_id", primary=True),
    _id("participant_id", primary=True),
    _bytes("lookup"),
    _bytes("secret"),
    _in_conversation("participant_id", to="participant"),
    UniqueConstraint("lookup"),
)

idea = Table(
    "idea",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _number("number"),
    _id("author_id"),
    _flag("named"),
    _word("text"),
    _at("created_at"),
    _word("state"),
    _flag("from_meeting"),
    _at("edited_at", null=True),
    _number("supporters"),
    _number("hands"),
    _number("leads"),
    Column("sums", Packed(Sums), nullable=False),
    Column("shown_sums", Packed(Sums), nullable=False),
    _number("voters"),
    Column("turn", Double(), nullable=False),
    Column("extremity", Double(), nullable=False),
    _bytes("source"),
    _id("merged_into", null=True),
    _id("prompt_id", null=True),
    Column("tags", Packed(tuple[str, ...]), nullable=False),
    Column("translated", Packed(tuple[str, ...]), nullable=False),
    _in_conversation("author_id", to="participant"),
    UniqueConstraint("conversation_id", "number"),
    Index(None, "conversation_id", "state", "turn", "number"),
    Index(None, "source"),
)

proposal = Table(
    "proposal",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _at("created_at"),
    _bytes("secret"),
    ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
)

receipt = Table(
    "receipt",
    metadata,
    _id("conversation_id", primary=True),
    _id("idea_id", primary=True),
    Column("about", String(), primary_key=True),
    _at("told_at"),
    _in_conversation("idea_id", to="idea"),
)

translation = Table(
    "translation",
    metadata,
    _id("conversation_id", primary=True),
    _id("idea_id", primary=True),
    Column("locale", String(), primary_key=True),
    _id("translator_id"),
    _word("text"),
    _at("created_at"),
    _flag("hidden"),
    _in_conversation("idea_id", to="idea"),
    _in_conversation("translator_id", to="participant"),
)

merging = Table(
    "merging",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("idea_id"),
    _id("into_id"),
    _id("proposed_by"),
    _at("created_at"),
    _word("state"),
    Column("yes", Packed(tuple[UUID, ...]), nullable=False),
    Column("groups", Packed(tuple[UUID, ...]), nullable=False),
    _at("decided_at", null=True),
    _in_conversation("idea_id", to="idea"),
    _in_conversation("into_id", to="idea"),
    _in_conversation("proposed_by", to="participant"),
)

support = Table(
    "support",
    metadata,
    _id("conversation_id", primary=True),
    _id("idea_id", primary=True),
    _id("participant_id", primary=True),
    _at("created_at"),
    _in_conversation("idea_id", to="idea"),
    _in_conversation("participant_id", to="participant"),
    Index(None, "conversation_id", "participant_id"),
)

hand = Table(
    "hand",
    metadata,
    _id("conversation_id", primary=True),
    _id("idea_id", primary=True),
    _id("participant_id", primary=True),
    _number("place"),
    _at("created_at"),
    _in_conversation("idea_id", to="idea"),
    _in_conversation("participant_id", to="participant"),
    UniqueConstraint("conversation_id", "participant_id", "place"),
    CheckConstraint(f"place between 1 and {HANDS}", name="ck_hand_place"),
)
"""Nobody has more than three hands out, whoever writes it and how many at once."""

vote = Table(
    "vote",
    metadata,
    _id("conversation_id", primary=True),
    _id("idea_id", primary=True),
    _id("participant_id", primary=True),
    _number("value"),
    _at("created_at"),
    _in_conversation("idea_id", to="idea"),
    _in_conversation("participant_id", to="participant"),
    Index(None, "conversation_id", "participant_id"),
)

helper_group = Table(
    "helper_group",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("convener_id"),
    _word("what"),
    _word("whom"),
    _word("needs"),
    _word("first_step"),
    _at("created_at"),
    _id("idea_id", null=True),
    _number("members"),
    _word("state"),
    _id("offered_to", null=True),
    _in_conversation("convener_id", to="participant"),
)

group_member = Table(
    "group_member",
    metadata,
    _id("conversation_id", primary=True),
    _id("group_id", primary=True),
    _id("participant_id", primary=True),
    _at("joined_at"),
    _in_conversation("group_id", to="helper_group"),
    _in_conversation("participant_id", to="participant"),
)

help_ = Table(
    "help",
    metadata,
    _id(primary=True),
    _word("kind"),
    _id("conversation_id", null=True),
    _id("author_id", null=True),
    _bytes("owner"),
    _word("place_key"),
    _word("place_name"),
    _at("created_at"),
    _word("state"),
    _flag("shared"),
    _flag("listens"),
    _number("shown"),
    _id("group_in", null=True),
    _id("group_id", null=True),
    _bytes("secret"),
    _in_conversation("author_id", to="participant"),
    Index(None, "place_key", "kind", "state", "created_at"),
    Index(None, "owner"),
    Index(None, "conversation_id", "author_id"),
)

match = Table(
    "help_match",
    metadata,
    _id(primary=True),
    _id("need_id"),
    _id("offer_id"),
    _at("created_at"),
    _number("need_says"),
    _number("offer_says"),
    _at("introduced_at", null=True),
    _bytes("secret"),
    ForeignKeyConstraint(["need_id"], ["help.id"]),
    ForeignKeyConstraint(["offer_id"], ["help.id"]),
    UniqueConstraint("need_id", "offer_id"),
    Index(None, "offer_id"),
)
"""Nobody is asked twice about the same pair, whoever asks and how many at once."""

help_report = Table(
    "help_report",
    metadata,
    _id("help_id", primary=True),
    Column("reporter", String(), primary_key=True),
    _at("created_at"),
    ForeignKeyConstraint(["help_id"], ["help.id"]),
)

step = Table(
    "step",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("group_id"),
    _word("what"),
    _id("created_by"),
    _at("created_at"),
    _at("at", null=True),
    _id("doer_id", null=True),
    _word("state"),
    _at("done_at", null=True),
    _flag("asked"),
    _in_conversation("group_id", to="helper_group"),
    Index(None, "conversation_id", "group_id", "state"),
)

story = Table(
    "story",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("author_id"),
    _word("text"),
    _at("created_at"),
    _id("group_id", null=True),
    _flag("named"),
    _flag("pictured"),
    _word("state"),
    _in_conversation("author_id", to="participant"),
)

story_picture = Table(
    "story_picture",
    metadata,
    _id("conversation_id", primary=True),
    _id("story_id", primary=True),
    _word("mime"),
    _bytes("secret"),
    _in_conversation("story_id", to="story"),
)

gathering = Table(
    "gathering",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("convener_id"),
    _word("what"),
    _at("at"),
    _at("ends_at"),
    _word("zone"),
    _at("created_at"),
    _at("changed_at"),
    _bytes("secret"),
    _id("group_id", null=True),
    _number("seats"),
    _flag("open_space"),
    _word("state"),
    _number("sequence"),
    _in_conversation("convener_id", to="participant"),
    Index(None, "conversation_id", "ends_at"),
)

rsvp = Table(
    "rsvp",
    metadata,
    _id("conversation_id", primary=True),
    _id("gathering_id", primary=True),
    _id("participant_id", primary=True),
    _word("answer"),
    _at("created_at"),
    _number("seat", null=True),
    _flag("named"),
    _in_conversation("gathering_id", to="gathering"),
    _in_conversation("participant_id", to="participant"),
    UniqueConstraint("conversation_id", "gathering_id", "seat"),
    Index(None, "conversation_id", "participant_id"),
)
"""Nobody has the seat of another, whoever writes it and how many at once."""

topic = Table(
    "topic",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("gathering_id"),
    _number("number"),
    _id("convener_id"),
    _word("title"),
    _at("created_at"),
    _at("at", null=True),
    _bytes("secret"),
    _id("idea_id", null=True),
    _number("visitors"),
    _word("state"),
    _in_conversation("gathering_id", to="gathering"),
    _in_conversation("convener_id", to="participant"),
    UniqueConstraint("conversation_id", "gathering_id", "number"),
)

presence = Table(
    "presence",
    metadata,
    _id("conversation_id", primary=True),
    _id("gathering_id", primary=True),
    _id("participant_id", primary=True),
    _id("topic_id", null=True),
    Column("been", Packed(tuple[UUID, ...]), nullable=False),
    _in_conversation("gathering_id", to="gathering"),
    _in_conversation("participant_id", to="participant"),
    Index(None, "conversation_id", "participant_id"),
)
"""Where people are during an Open Space: at one topic at a time. It is dropped when the day is over."""

meeting_note = Table(
    "meeting_note",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("gathering_id"),
    _id("author_id"),
    _word("text"),
    _at("created_at"),
    _id("topic_id", null=True),
    _in_conversation("gathering_id", to="gathering"),
    _in_conversation("author_id", to="participant"),
    Index(None, "conversation_id", "gathering_id"),
    Index(None, "conversation_id", "author_id"),
)

invitation = Table(
    "invitation",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _bytes("lookup"),
    _word("purpose"),
    _id("created_by"),
    _at("created_at"),
    _word("for_whom"),
    _bytes("name"),
    _id("group_id", null=True),
    _number("limit"),
    _number("used"),
    _at("expires_at", null=True),
    _at("ended_at", null=True),
    _in_conversation("created_by", to="participant"),
    UniqueConstraint("lookup"),
)

report = Table(
    "report",
    metadata,
    _id("conversation_id", primary=True),
    _id("subject_id", primary=True),
    _id("reporter_id", primary=True),
    _bytes("reason"),
    _at("created_at"),
    _at("handled_at", null=True),
)

act = Table(
    "act",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _word("kind"),
    _bytes("reason"),
    _id("moderator_id"),
    _at("created_at"),
    _id("subject_id", null=True),
    _id("participant_id", null=True),
    _word("before"),
    _at("undone_at", null=True),
    _in_conversation("moderator_id", to="participant"),
)

dialogue = Table(
    "dialogue",
    metadata,
    _id("person_id", primary=True),
    _id("room_id", primary=True),
    _bytes("secret"),
    _at("touched_at"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    ForeignKeyConstraint(["room_id"], ["room.id"]),
)

waiting = Table(
    "waiting",
    metadata,
    _id(primary=True),
    _id("person_id"),
    _bytes("payload"),
    _at("created_at"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    Index(None, "person_id"),
)

edition = Table(
    "edition",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _at("made_at"),
    _bytes("secret"),
    ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
)

map_picture = Table(
    "map_picture",
    metadata,
    _id("conversation_id", primary=True),
    _id("edition_id", primary=True),
    Column("locale", String(), primary_key=True),
    _bytes("secret"),
    ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
)

map_kept = Table(
    "map_kept",
    metadata,
    _id("conversation_id", primary=True),
    _number("version"),
    _id("edition_id", null=True),
    _id("posted_id", null=True),
    _at("posted_at", null=True),
    Column("leaving", Packed(tuple[UUID, ...]), nullable=False),
    _bytes("state", null=True),
    ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
)

schedule = Table(
    "schedule",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("created_by"),
    _at("created_at"),
    _at("since"),
    _word("zone"),
    Column("rule", Packed(Rule), nullable=False),
    _word("series"),
    _bytes("secret"),
    _id("group_id", null=True),
    _word("state"),
    _number("asked"),
    _in_conversation("created_by", to="participant"),
)

occurrence = Table(
    "occurrence",
    metadata,
    _id("conversation_id", primary=True),
    _id(primary=True),
    _id("schedule_id"),
    Column("day", Packed(date), nullable=False),
    _at("at"),
    _word("outcome"),
    _number("number"),
    _word("series"),
    _bytes("secret"),
    _in_conversation("schedule_id", to="schedule"),
    UniqueConstraint("conversation_id", "schedule_id", "day"),
)
"""Each day of a schedule comes once, whoever asks."""

rhythm = Table(
    "rhythm",
    metadata,
    _id("conversation_id", primary=True),
    _at("begun_at"),
    _at("meeting_at"),
    _word("state"),
    Column("steps", Packed(tuple[tuple[Step, datetime], ...]), nullable=False),
    ForeignKeyConstraint(["conversation_id"], ["conversation.id"]),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    _word("channel"),
    _word("event_id"),
    _bytes("room_lookup"),
    _bytes("payload", null=True),
    _at("received_at"),
    _word("state"),
    _number("attempts"),
    _word("trace"),
    UniqueConstraint("channel", "event_id"),
    Index(None, "received_at"),
)
IS_NEW = inbox.c.state == literal_column("'new'")
"""Whether events wait; in these very words, so that the index serves."""
Index("ix_inbox_new", inbox.c.seq, sqlite_where=IS_NEW, postgresql_where=IS_NEW)

outbox = Table(
    "outbox",
    metadata,
    _id(primary=True),
    _word("channel"),
    _word("kind"),
    _number("priority"),
    _at("not_before"),
    _id("room_id", null=True),
    _id("conversation_id", null=True),
    _word("subject"),
    _id("subject_id", null=True),
    _id("after", null=True),
    _word("unique_key", null=True),
    _bytes("secret", null=True),
    _word("state"),
    _at("lease_until", null=True),
    _bytes("rendered", null=True),
    _number("attempts"),
    _number("uncertain"),
    _word("error"),
    ForeignKeyConstraint(["room_id"], ["room.id"]),
    UniqueConstraint("unique_key"),
)


def is_open(rows: FromClause) -> ColumnElement[bool]:
    """Whether rows of the outbox wait or are on their way.

    A query must say it in these very words for an engine to see that the indexes below serve it.
    """
    return rows.c.state.in_([literal_column("'waiting'"), literal_column("'sending'")])


_open = is_open(outbox)
Index("ix_outbox_open", outbox.c.priority, outbox.c.id, sqlite_where=_open, postgresql_where=_open)
Index("ix_outbox_not_before", outbox.c.not_before, sqlite_where=_open, postgresql_where=_open)
Index("ix_outbox_room_open", outbox.c.room_id, outbox.c.id, sqlite_where=_open, postgresql_where=_open)


def is_making(rows: FromClause) -> ColumnElement[bool]:
    """Whether the file of a row of the outbox is still to be made; in the very words of its index, too."""
    return rows.c.state == literal_column("'making'")


def is_held(rows: FromClause) -> ColumnElement[bool]:
    """Whether rows of the outbox are cards for a room's next message, or in it on their way; as its index says it."""
    return rows.c.state.in_([literal_column("'held'"), literal_column("'told'")])


_making = is_making(outbox)
_held = is_held(outbox)
Index("ix_outbox_held", outbox.c.room_id, outbox.c.id, sqlite_where=_held, postgresql_where=_held)
Index("ix_outbox_making", outbox.c.id, sqlite_where=_making, postgresql_where=_making)

due = Table(
    "due",
    metadata,
    _id(primary=True),
    _word("kind"),
    _at("at", null=True),
    _id("conversation_id", null=True),
    _id("subject_id", null=True),
    _word("unique_key", null=True),
    _bytes("secret", null=True),
    _number("attempts"),
    UniqueConstraint("unique_key"),
    Index(None, "at"),
)

listening = Table(
    "listening",
    metadata,
    _id("room_id", primary=True),
    _id("person_id"),
    _at("heard_at"),
    _number("number"),
    _number("asked"),
    _number("turn"),
    _flag("waits"),
    _at("over_at", null=True),
    ForeignKeyConstraint(["room_id"], ["room.id"]),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    Index(None, "person_id"),
)

calm = Table(
    "calm",
    metadata,
    _id("person_id", primary=True),
    _word("digest"),
    _at("told_at", null=True),
    _bytes("secret", null=True),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
)

note = Table(
    "note",
    metadata,
    _id(primary=True),
    _id("person_id"),
    _word("kind"),
    _at("at"),
    _at("created_at"),
    _bytes("secret"),
    _word("unique_key", null=True),
    _flag("told"),
    ForeignKeyConstraint(["person_id"], ["person.id"]),
    UniqueConstraint("unique_key"),
    Index(None, "person_id"),
)

card = Table(
    "card",
    metadata,
    _id("room_id", primary=True),
    Column("subject", String(), primary_key=True),
    _id("subject_id", primary=True),
    _id("conversation_id"),
    _at("created_at"),
    _word("message_id"),
    _bytes("shown"),
    ForeignKeyConstraint(["room_id"], ["room.id"]),
    Index(None, "subject_id"),
    Index(None, "room_id", "message_id"),
)

carried = Table(
    "carried",
    metadata,
    _id(primary=True),
    _id("origin_id"),
    _id("room_id"),
    _word("message_id"),
    _bytes("author"),
    _at("created_at"),
    _id("answers_id", null=True),
    ForeignKeyConstraint(["room_id"], ["room.id"]),
    Index(None, "room_id", "message_id"),
    Index(None, "origin_id"),
    Index(None, "author"),
    Index(None, "created_at"),
)

prompted = Table(
    "prompted",
    metadata,
    _id("room_id", primary=True),
    _word("message_id"),
    Column("actions", Packed(tuple[tuple[str, Action], ...]), nullable=False),
    ForeignKeyConstraint(["room_id"], ["room.id"]),
)
