"""Some of everything that is kept: records to fill a database with. What is not said is made up, and always valid."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event
from uuid6 import uuid7

from bot.chat.content import Action, Content
from bot.chat.events import MessageReceived, Sender
from bot.chat.events import Room as Place
from bot.chat.keys import AccountKey, RoomKey
from bot.crypto import Keyring
from bot.domain.calm import Calm, Note, Quiet
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, GatheringSecret, MeetingNote, Rsvp
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Hand, Idea, Proposal, ProposalSecret, Receipt, Sums, Support, Translation, Vote
from bot.domain.invitations import Invitation
from bot.domain.maps import Area, Edition, Findings, MapGroup
from bot.domain.merging import Merge
from bot.domain.moderation import Act, Report
from bot.domain.needs import Help, HelpReport, HelpSecret, Match, MatchSecret
from bot.domain.open_space import Presence, Topic, TopicSecret
from bot.domain.people import (
    Account,
    AccountSecret,
    Membership,
    MembershipSecret,
    Participant,
    ParticipantSecret,
    Person,
    PersonSecret,
)
from bot.domain.prompts import Occurrence, Rule, Schedule
from bot.domain.rhythm import Rhythm
from bot.domain.rooms import Room, RoomSecret
from bot.domain.steps import Step, Story, StoryPicture
from bot.store.engine import Database
from bot.store.records import (
    Card,
    Carried,
    Dialogue,
    Draft,
    Due,
    Listening,
    MapKept,
    MapPicture,
    Message,
    Outbox,
    Prompted,
    Waiting,
)
from bot.store.unit_of_work import UnitOfWork

NOW = datetime(2026, 3, 2, 11, tzinfo=UTC)
"""A Monday at noon in Stockholm."""

CHANNEL = "memory"


@asynccontextmanager
async def work(database: Database, keys: Keyring) -> AsyncIterator[UnitOfWork]:
    """One transaction: flushed and committed at the end of the block."""
    async with database.transaction() as connection:
        uow = UnitOfWork(connection, keys)
        yield uow
        await uow.flush()


async def keep(database: Database, keys: Keyring, *records: Any) -> None:
    """Keep records."""
    async with work(database, keys) as uow:
        for record in records:
            uow.add(record)


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, bool]]]:
    """Note each statement that goes to the database, and whether it went with many rows at once."""
    noted: list[tuple[str, bool]] = []

    def note(_conn: Any, _cursor: Any, statement: str, _params: Any, _context: Any, executemany: bool) -> None:  # noqa: FBT001 (SQLAlchemy's signature)
        if not statement.startswith("BEGIN"):
            noted.append((statement, executemany))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield noted
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def room(name: str = "", *, channel: str = CHANNEL, private: bool = False, **more: Any) -> Room:
    """A room. Its look-up is no keyed hash here: give one where it matters."""
    made = uuid7()
    key = RoomKey(channel, name or f"room-{made}")
    return Room(made, channel, made.bytes, RoomSecret(key, "Our street"), private, NOW, locale="en", **more)


def person(**more: Any) -> Person:
    """Somebody."""
    return Person(uuid7(), NOW, locale="en", **more)


def account(of: Person, key: AccountKey, keys: Keyring, name: str = "Alva") -> Account:
    """An account of somebody."""
    return Account(uuid7(), of.id, key.channel, keys.lookup("account", str(key)), AccountSecret(key, name))


def conversation(**more: Any) -> Conversation:
    """A conversation."""
    made = uuid7()
    given = {
        "place_key": "SE-1884", "place_name": "Nora", "question": "What do we want?", "why": "", "values": ("Trust",),
        "givens": "", "lasts": "weeks", "findable": "anyone", "code": made.hex[-8:].upper(), "locale": "en",
        "zone": "Europe/Stockholm", "host_id": uuid7(), "created_at": NOW,
    }  # fmt: skip
    return Conversation(made, **given | more)


def participant(of: Conversation, name: str = "Alva", **more: Any) -> Participant:
    """Somebody in a conversation."""
    return Participant(of.id, uuid7(), NOW, ParticipantSecret(name), **more)


def membership(of: Participant, who: Person, keys: Keyring) -> Membership:
    """Who that is."""
    lookup = keys.lookup("member", of.conversation_id.bytes, who.id.bytes)
    return Membership(of.conversation_id, of.id, lookup, MembershipSecret(who.id))


def idea(by: Participant, number: int = 1, text: str = "A bench by the lake", **more: Any) -> Idea:
    """An idea of somebody."""
    return Idea(by.conversation_id, uuid7(), number, by.id, named=True, text=text, created_at=NOW, **more)


def say(to: Room, text: str = "Hello", **more: Any) -> Outbox:
    """A message to a room."""
    given: dict[str, Any] = {"priority": 0, "not_before": NOW, "secret": Message(Content.of(text))}
    return Outbox(uuid7(), to.channel, "say", room_id=to.id, **given | more)


def card_for(to: Room, of: Idea, **more: Any) -> Outbox:
    """A card on its way to a room."""
    given: dict[str, Any] = {
        "priority": 1, "not_before": NOW, "conversation_id": of.conversation_id, "subject": "idea", "subject_id": of.id,
        "unique_key": f"card:{to.id}:{of.id}",
    }  # fmt: skip
    return Outbox(uuid7(), to.channel, "card", room_id=to.id, **given | more)


def fan_out(of: Idea, kind: str = "fanout") -> Outbox:
    """A card of an idea for all rooms, or an edit of all its cards."""
    return Outbox(
        uuid7(), "", kind, 2, NOW, conversation_id=of.conversation_id, subject="idea", subject_id=of.id,
        unique_key=f"{kind}:{of.id}",
    )  # type: ignore[arg-type]  # fmt: skip


def card(at: Room, of: Idea, message_id: str = "m1", **more: Any) -> Card:
    """A card that stands in a room."""
    return Card(at.id, "idea", of.id, of.conversation_id, **{"created_at": NOW} | more, message_id=message_id)


def message(number: int, text: str = "Hello", at: RoomKey | None = None) -> MessageReceived:
    """Somebody wrote something."""
    key = at or RoomKey(CHANNEL, "private-alva")
    return MessageReceived(
        id=f"e{number}", at=NOW, room=Place(key, private=True), sender=Sender(AccountKey(CHANNEL, "alva"), "Alva"),
        message_id=f"m{number}", text=text,
    )  # fmt: skip


def one_of_each(keys: Keyring) -> list[Any]:
    """One record of every kind that the unit of work keeps, in the order in which they refer to each other."""
    alva, talk, here = (
        person(secret=PersonSecret((), uuid7()), consent_version=1, consent_at=NOW),
        conversation(),
        room(),
    )
    me = participant(talk, hats=("resident", "elected"), hats_shown=True, muted_until=NOW)
    bench = idea(me, sums=Sums(3, 2, 1), shown_sums=Sums(2, 2, 1), voters=6, source=b"source")
    boat = idea(me, 2, "A boat", state="merged", merged_into=bench.id, tags=("water",), translated=("sv",))
    helpers = HelperGroup(talk.id, uuid7(), me.id, "Build it", "the teacher", "hands", "Friday", NOW, idea_id=bench.id)
    rule = Rule("weeks", time(18), NOW.date(), weekdays=(0,))
    weekly = Schedule(talk.id, uuid7(), me.id, NOW, NOW, "Europe/Stockholm", rule, secret=("What now?",))
    ladder = Help(uuid7(), "need", "SE-1884", "Nora", NOW, HelpSecret("A ladder"), talk.id, me.id, shared=True)
    mine = Help(uuid7(), "offer", "", "Nora", NOW, HelpSecret("My ladder", alva.id), owner=b"alva", listens=True)
    told = Story(talk.id, uuid7(), me.id, "It is painted", NOW, helpers.id, pictured=True)
    drafts = (Draft("give_idea", {"conversation": str(talk.id)}, (("text", "text", "A bench"),)),)
    fika = Gathering(
        talk.id, uuid7(), me.id, "Fika", NOW, NOW + timedelta(hours=2), talk.zone, NOW, NOW, GatheringSecret("Here"),
        group_id=helpers.id, seats=12, open_space=True, sequence=3,
    )  # fmt: skip
    lamps = Topic(talk.id, uuid7(), fika.id, 1, me.id, "Lamps", NOW, NOW, TopicSecret("The stage", "noon"), bench.id, 7)
    return [
        alva, account(alva, AccountKey(CHANNEL, "alva"), keys), talk, me, membership(me, alva, keys), bench, boat,
        Receipt(talk.id, bench.id, "support", NOW), Translation(talk.id, boat.id, "sv", me.id, "En båt", NOW),
        Merge(talk.id, uuid7(), boat.id, bench.id, me.id, NOW, "done", (me.id,), (helpers.id,), NOW),
        Proposal(talk.id, uuid7(), NOW, ProposalSecret("A bench", AccountKey(CHANNEL, "bo"))),
        Support(talk.id, bench.id, me.id, NOW), Hand(talk.id, bench.id, me.id, 3, NOW),
        Vote(talk.id, bench.id, me.id, -1, NOW), helpers,
        GroupMember(talk.id, helpers.id, me.id, NOW),
        ladder, mine, Match(uuid7(), ladder.id, mine.id, NOW, 1, -1, NOW, MatchSecret("Ring 0123")),
        HelpReport(ladder.id, "ab12", NOW),
        Step(talk.id, uuid7(), helpers.id, "Paint it", me.id, NOW, NOW, me.id), told,
        StoryPicture(talk.id, told.id, "image/jpeg", b"picture"),
        fika, Rsvp(talk.id, fika.id, me.id, "yes", NOW, 1, named=False), lamps,
        Presence(talk.id, fika.id, me.id, lamps.id, (lamps.id,)),
        MeetingNote(talk.id, uuid7(), fika.id, me.id, "More light", NOW, lamps.id),
        Invitation(talk.id, uuid7(), b"code", "join", me.id, NOW, name="Notice board", limit=5, expires_at=NOW),
        Report(talk.id, bench.id, me.id, "spam", NOW), Act(talk.id, uuid7(), "hide", "spam", me.id, NOW, bench.id),
        here, Dialogue(alva.id, here.id, drafts, NOW), Waiting(uuid7(), alva.id, b"sealed", NOW),
        say(here, lease_until=NOW + timedelta(seconds=25), rendered=b"rendered"), card(here, bench),
        Due(uuid7(), "remind", NOW, talk.id, helpers.id, f"remind:{helpers.id}", {"person": str(alva.id)}),
        Listening(here.id, alva.id, NOW, 3), Calm(alva.id, "daily", NOW, Quiet(time(22), time(7), weekend=True)),
        Note(uuid7(), alva.id, "soon", NOW, NOW, Content.of("Bo has joined in."), f"joined:{alva.id}"),
        Edition(talk.id, uuid7(), NOW, Findings(groups=(MapGroup(0, 5, ((bench.id, True),), Area()),))),
        MapKept(talk.id, 1, uuid7(), uuid7(), NOW, (me.id,), b"state"), MapPicture(talk.id, uuid7(), "sv", b"picture"),
        weekly, Occurrence(talk.id, uuid7(), weekly.id, NOW.date(), NOW, "asked", secret="What now?"),
        Rhythm(talk.id, NOW, NOW + timedelta(days=9), steps=(("page", NOW),)),
        Carried(uuid7(), uuid7(), here.id, "m1", b"author", NOW, uuid7()),
        Prompted(here.id, "m1", (("yes", Action("yes", talk.id, bench.id, "1")), ("no", Action("no")))),
    ]  # fmt: skip


def ids(records: list[Any]) -> list[UUID]:
    """The ids of records."""
    return [record.id for record in records]
