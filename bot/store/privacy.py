"""Queries about one person: all that is theirs, and what goes when they are erased.

A private room is erased last: its receipt must still reach the person. `leave_rooms` marks the rooms (in ``meta``), and
`sweep_rooms` removes each once nothing is on its way there any more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, and_, delete, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.keys import AccountKey
from bot.crypto import WrongKeys
from bot.domain.calm import Note
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, MeetingNote, Rsvp
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Hand, Idea, Proposal, Support, Translation, Vote
from bot.domain.invitations import Invitation
from bot.domain.merging import Merge
from bot.domain.moderation import Act, Matter, Report
from bot.domain.needs import Help
from bot.domain.open_space import Presence, Topic
from bot.domain.people import Account, Membership, Participant
from bot.domain.prompts import Schedule
from bot.domain.rooms import Room
from bot.domain.steps import Step, Story
from bot.store import calm, inbox, moderation
from bot.store import listening as listening_queries
from bot.store import steps as step_queries
from bot.store.records import Card, Dialogue, Listening, Prompted, Waiting
from bot.store.schema import (
    account,
    act,
    card,
    dialogue,
    gathering,
    group_member,
    hand,
    help_,
    helper_group,
    idea,
    invitation,
    listening,
    meeting_note,
    merging,
    meta,
    outbox,
    presence,
    prompted,
    report,
    room,
    rsvp,
    schedule,
    support,
    topic,
    translation,
    vote,
    waiting,
)
from bot.store.schema import inbox as events
from bot.store.unit_of_work import UnitOfWork

MARK = "erase:"
AT_ONCE = 500


class Mine(msgspec.Struct, frozen=True):
    """All that one person has in one conversation. `known` are the ideas that the rest names.

    `acts` are moderators' about them and what they said, and `matters` what these and the `reports` are about.
    """

    conversation: Conversation
    membership: Membership
    participant: Participant
    ideas: Sequence[Idea]
    supports: Sequence[Support]
    hands: Sequence[Hand]
    votes: Sequence[Vote]
    members: Sequence[GroupMember]
    groups: dict[UUID, HelperGroup]
    reports: Sequence[Report]
    invitations: Sequence[Invitation]
    acts: Sequence[Act]
    matters: dict[UUID, Matter]
    schedules: Sequence[Schedule]
    merges: Sequence[Merge]
    translations: Sequence[Translation]
    known: dict[UUID, Idea]
    steps: Sequence[Step]
    stories: Sequence[Story]
    gatherings: dict[UUID, Gathering]
    rsvps: Sequence[Rsvp]
    topics: Sequence[Topic]
    presences: Sequence[Presence]
    notes: Sequence[MeetingNote]


async def memberships(uow: UnitOfWork, lookups: Sequence[bytes]) -> list[Membership]:
    """Give memberships by their keyed hashes."""
    await uow.load_by(Membership, lookups)
    found = [await uow.by(Membership, lookup) for lookup in lookups]
    return [one for one in found if one is not None]


async def mine(uow: UnitOfWork, membership: Membership) -> Mine:
    """Give all that a person has in one conversation."""
    scope, me = membership.conversation_id, membership.participant_id
    ideas = await uow.select(Idea, _own(idea, "author_id", scope, me))
    supports = await uow.select(Support, _own(support, "participant_id", scope, me))
    hands = await uow.select(Hand, _own(hand, "participant_id", scope, me))
    votes = await uow.select(Vote, _own(vote, "participant_id", scope, me))
    reports = await uow.select(Report, _own(report, "reporter_id", scope, me))
    members = await uow.select(GroupMember, _own(group_member, "participant_id", scope, me))
    groups = {one.id: one for one in await uow.select(HelperGroup, _own(helper_group, "convener_id", scope, me))}
    await uow.load(HelperGroup, [(scope, member.group_id) for member in members])
    for member in members:
        groups[member.group_id] = await uow.need(HelperGroup, scope, member.group_id)
    merges = await uow.select(Merge, _own(merging, "proposed_by", scope, me))
    rsvps = await uow.select(Rsvp, _own(rsvp, "participant_id", scope, me))
    topics = await uow.select(Topic, _own(topic, "convener_id", scope, me))
    notes = await uow.select(MeetingNote, _own(meeting_note, "author_id", scope, me))
    presences = await uow.select(Presence, _own(presence, "participant_id", scope, me))
    convened = await uow.select(Gathering, _own(gathering, "convener_id", scope, me))
    gatherings = {one.id: one for one in convened}
    about = {
        *(one.gathering_id for one in rsvps),
        *(one.gathering_id for one in topics),
        *(one.gathering_id for one in notes),
    }
    await uow.load(Gathering, [(scope, one) for one in about])
    for one in about:
        gatherings[one] = await uow.need(Gathering, scope, one)
    translations = await uow.select(Translation, _own(translation, "translator_id", scope, me))
    named = {one.idea_id for kind in (supports, hands, votes, merges, translations) for one in kind}
    named |= {one.into_id for one in merges}
    await uow.load(Idea, [(scope, one) for one in named])
    known = {one: await uow.need(Idea, scope, one) for one in named} | {one.id: one for one in ideas}
    participant = await uow.need(Participant, scope, me)
    steps = await step_queries.done_by(uow, participant)
    stories = await step_queries.told_by(uow, participant)
    helps = await uow.select(Help, _own(help_, "author_id", scope, me))
    said = {one.id for kind in (ideas, helps, stories, topics, convened, steps) for one in kind}
    said |= {one.id for one in groups.values() if one.convener_id == me}
    concerned = or_(act.c.participant_id == me, act.c.subject_id.in_(said))
    acts = await uow.select(Act, lambda query: query.where(act.c.conversation_id == scope, concerned))
    judged = {one.subject_id for kind in (reports, acts) for one in kind if one.subject_id is not None}
    return Mine(
        conversation=await uow.need(Conversation, scope),
        membership=membership,
        participant=participant,
        ideas=ideas,
        supports=supports,
        hands=hands,
        votes=votes,
        members=members,
        groups=groups,
        reports=reports,
        invitations=await uow.select(Invitation, _own(invitation, "created_by", scope, me)),
        acts=acts,
        matters=await moderation.find_all(uow, scope, judged),
        merges=merges,
        translations=translations,
        known=known,
        steps=steps,
        stories=stories,
        schedules=await uow.select(Schedule, _own(schedule, "created_by", scope, me)),
        gatherings=gatherings,
        rsvps=rsvps,
        topics=topics,
        presences=presences,
        notes=notes,
    )


async def accounts(uow: UnitOfWork, person_id: UUID) -> list[Account]:
    """Give a person's accounts."""
    return await uow.select(Account, lambda query: query.where(account.c.person_id == person_id))


async def open_talk(uow: UnitOfWork, person_id: UUID) -> list[Dialogue | Waiting | Listening]:
    """Give what a person is in the middle of, in whatever room."""
    dialogues = await uow.select(Dialogue, lambda query: query.where(dialogue.c.person_id == person_id))
    waits = await uow.select(Waiting, lambda query: query.where(waiting.c.person_id == person_id))
    return [*dialogues, *waits, *await listening_queries.of_person(uow, person_id)]


async def proposals(uow: UnitOfWork, mine: Collection[AccountKey]) -> list[Proposal]:
    """Give the messages of these accounts that somebody proposed as ideas and that nobody has answered for."""
    return [one for one in await uow.select(Proposal, lambda query: query) if one.secret.author in mine]


async def first_member(uow: UnitOfWork, group: HelperGroup, leaving: UUID) -> Participant | None:
    """Give who has been in a helper group for longest, besides who leaves it."""
    condition = and_(
        group_member.c.conversation_id == group.conversation_id,
        group_member.c.group_id == group.id,
        group_member.c.participant_id != leaving,
    )
    found = await uow.select(
        GroupMember,
        lambda query: query.where(condition).order_by(group_member.c.joined_at, group_member.c.participant_id).limit(1),
    )
    return await uow.get(Participant, group.conversation_id, found[0].participant_id) if found else None


async def news_of(uow: UnitOfWork, names: Collection[str]) -> list[Note]:
    """Give what waits to tell conveners of these names among those who joined."""
    waits = await calm.under(uow, "joined:")
    return [one for one in waits if any(name and name in _words(one) for name in names)]


async def linked_rooms(uow: UnitOfWork, conversation_id: UUID) -> list[Room]:
    """Give the group rooms of a conversation."""
    return await uow.select(Room, lambda query: query.where(room.c.conversation_id == conversation_id))


async def leave_rooms(uow: UnitOfWork, rooms: Sequence[Room]) -> None:
    """Drop what waits for private rooms and what stands there, and mark the rooms to be swept."""
    ids = [one.id for one in rooms]
    for shown in (
        *await uow.select(Card, lambda query: query.where(card.c.room_id.in_(ids))),
        *await uow.select(Prompted, lambda query: query.where(prompted.c.room_id.in_(ids))),
    ):
        uow.remove(shown)
    await uow.flush()
    # What is being sent just now stays until it is: its sender comes back to its row.
    await uow.connection.execute(delete(outbox).where(outbox.c.room_id.in_(ids), outbox.c.state != "sending"))
    marks = [{"name": f"{MARK}{one}", "value": ""} for one in ids]
    await uow.connection.execute(delete(meta).where(meta.c.name.in_([mark["name"] for mark in marks])))
    await uow.connection.execute(insert(meta), marks)


async def drop_parked(uow: UnitOfWork, mine: Collection[AccountKey], rooms: Sequence[Room]) -> None:
    """Drop the events of these accounts that could not be handled; those of others stay for whoever mends the fault."""
    lookups = {one.lookup for one in rooms}
    parked = select(events.c.seq, events.c.room_lookup, events.c.payload).where(events.c.state == "parked")
    gone = [
        seq for seq, lookup, payload in await uow.rows(parked) if lookup in lookups or _sent_by(payload, mine, uow)
    ]  # fmt: skip
    await uow.connection.execute(delete(events).where(events.c.seq.in_(gone)))


async def sweep_rooms(connection: AsyncConnection) -> int:
    """Remove the private rooms of the erased to which nothing is on its way any more; gives how many.

    A room to which the person came back, as somebody new, stays theirs.
    """
    marks = (await connection.execute(select(meta.c.name).where(meta.c.name.startswith(MARK)).limit(AT_ONCE))).scalars()
    marked = [UUID(name.removeprefix(MARK)) for name in marks]
    if not marked:
        return 0
    used = exists().where(account.c.private_room_id == room.c.id)
    query = select(room.c.id, used).where(room.c.id.in_(marked))
    theirs = {row[0]: bool(row[1]) for row in await connection.execute(query)}
    query = select(outbox.c.room_id).where(outbox.c.room_id.in_(marked), outbox.c.state != "parked")
    busy = set((await connection.execute(query)).scalars())
    gone = [one for one in marked if one not in busy and not theirs.get(one, False)]
    for table in (outbox, card, prompted, dialogue, listening):
        await connection.execute(delete(table).where(table.c.room_id.in_(gone)))
    await connection.execute(delete(room).where(room.c.id.in_(gone)))
    done = [f"{MARK}{one}" for one in marked if one in gone or theirs.get(one, False)]
    await connection.execute(delete(meta).where(meta.c.name.in_(done)))
    return len(gone)


def _words(note: Note) -> str:
    return msgspec.json.encode(note.secret).decode()


def _own(table: Table, column: str, conversation_id: UUID, participant_id: UUID) -> Any:
    condition = and_(table.c.conversation_id == conversation_id, table.c[column] == participant_id)
    return lambda query: query.where(condition)


def _sent_by(payload: bytes | None, mine: Collection[AccountKey], uow: UnitOfWork) -> bool:
    if payload is None:
        return False
    try:
        return inbox.opened(payload, uow.keys).sender.account in mine
    except (WrongKeys, msgspec.MsgspecError):
        return False
