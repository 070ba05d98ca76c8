"""Reads what a batch of events will ask for in a few queries, whoever and however many they are.

What is not guessed here is read by its handler, which costs a query more, and nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.chat.events import ChoiceMade, Event
from bot.crypto import Keyring
from bot.domain.conversation import Conversation
from bot.domain.ideas import Hand, Idea, Support, Vote
from bot.domain.people import Account, Membership, Participant, Person
from bot.domain.rooms import Room
from bot.store.records import Dialogue
from bot.store.unit_of_work import UnitOfWork
from bot.views.buttons import Forged, unseal

VOTING = frozenset({"agree", "disagree", "pass", "ballot"})
SUPPORTING = frozenset({"support"})
HELPING = frozenset({"hand"})


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom and what an event concerns; `membership` is the look-up of whom the person is in the conversation."""

    person_id: UUID
    room_id: UUID
    verb: str
    conversation_id: UUID | None
    subject_id: UUID | None
    membership: bytes


async def preload(uow: UnitOfWork, keys: Keyring, events: Sequence[tuple[Event, bytes]]) -> None:
    """Read what most events (each with its room's look-up) will ask for, kind by kind."""
    lookups = [keys.lookup("account", str(event.sender.account)) for event, _room in events]
    await uow.load_by(Room, [room_lookup for _event, room_lookup in events])
    await uow.load_by(Account, lookups)
    accounts = [await uow.by(Account, lookup) for lookup in lookups]
    await uow.load(Person, [(account.person_id,) for account in accounts if account])
    touched: list[Touched] = []
    for (event, room_lookup), account in zip(events, accounts, strict=True):
        room = await uow.by(Room, room_lookup)
        person = await uow.get(Person, account.person_id) if account else None
        if room is not None and person is not None:
            touched.append(_touched(event, room, person, keys))
    await uow.load(Conversation, [(about.conversation_id,) for about in touched if about.conversation_id])
    await uow.load_by(Membership, [about.membership for about in touched if about.membership])
    members = [await uow.by(Membership, about.membership) if about.membership else None for about in touched]
    await uow.load(Participant, [(member.conversation_id, member.participant_id) for member in members if member])
    await uow.load(Idea, [(about.conversation_id, about.subject_id) for about in touched if about.subject_id])
    for record, verbs in ((Vote, VOTING), (Support, SUPPORTING), (Hand, HELPING)):
        own = [
            (member.conversation_id, about.subject_id, member.participant_id)
            for about, member in zip(touched, members, strict=True)
            if member and about.subject_id and about.verb in verbs
        ]
        await uow.load(record, own)
    await uow.load(Dialogue, [(about.person_id, about.room_id) for about in touched if not about.subject_id])


def _touched(event: Event, room: Room, person: Person, keys: Keyring) -> Touched:
    """Tell what an event will probably concern."""
    conversation_id = person.current_conversation_id if room.private else room.conversation_id
    verb, subject_id = "", None
    if isinstance(event, ChoiceMade):
        with contextlib.suppress(Forged):
            action = unseal(event.data, room.lookup, keys)
            verb = action.verb
            if action.scope and action.subject:
                conversation_id, subject_id = action.scope, action.subject
    lookup = keys.lookup("member", conversation_id.bytes, person.id.bytes) if conversation_id else b""
    return Touched(person.id, room.id, verb, conversation_id, subject_id, lookup)
