"""What all that the bot does works with, whether somebody acted or a moment has come: time, chance, and ways to tell.

Nothing here reaches a network: what is staged goes out after the commit.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from bot.chat.content import Content
from bot.chat.keys import RoomKey
from bot.chat.port import Manner, RoomKeeper
from bot.crypto import Keyring
from bot.domain.people import Membership, Participant, Person
from bot.domain.rooms import Room, quiet_until
from bot.store import outbox
from bot.store.records import ANSWER, CARD, FANOUT, Due, Message, Outbox
from bot.store.rooms import private_room_of, private_rooms_of
from bot.store.unit_of_work import UnitOfWork


class Linker(Protocol):
    """Addresses that lead to the bot, and how one speaks with it there."""

    manner: Manner

    @property
    def keeper(self) -> RoomKeeper | None:
        """Who makes rooms there."""

    def link(self, start: str, *, group: bool = False) -> str:
        """Give the network's address for a payload."""

    def address(self, room: RoomKey) -> str:
        """Give the address of a group for who is let in; empty if there is none."""


Ending = Callable[[UnitOfWork, "Sequence[tuple[Any, Any]]"], Awaitable[None]]
"""What is done once for all contexts of a batch that ask for it; it reads for all of them in one query."""


@dataclass(slots=True, kw_only=True)
class Means:
    """What a handler has that nobody called: only the moment came. `web` is the address of our pages (empty: none)."""

    now: datetime
    uow: UnitOfWork
    keys: Keyring
    links: Mapping[str, Linker]
    new_id: Callable[[], UUID]
    rng: random.Random
    operator: str = ""
    web: str = ""
    at_end: list[tuple[Ending, Any]] = field(default_factory=list)
    rooms_of: dict[UUID, Room | None] = field(default_factory=dict)

    def soon(self, **delta: float) -> datetime:
        """Give a moment from now."""
        return self.now + timedelta(**delta)

    # -- what is to happen later ------------------------------------------------------------------------------

    def wake_at(
        self, kind: str, at: datetime, *, conversation_id: UUID | None = None, subject_id: UUID | None = None,
        secret: Mapping[str, str] | None = None, once: str = "",
    ) -> None:  # fmt: skip
        """Stage that the function of this kind in `tables.DUE` is called at a moment, once; at once if it is past.

        Of several with the same `once` the first stays, until it was called. `secret` is kept sealed; ids of people
        belong there.
        """
        notes = None if secret is None else dict(secret)
        self.uow.add(Due(self.new_id(), kind, at, conversation_id, subject_id, once or None, notes))

    async def wake_not(self, once: str) -> Due | None:
        """Drop what was to happen under this name; gives what it was."""
        found = await self.uow.by(Due, once)
        if found is not None:
            self.uow.remove(found)
        return found

    async def wake_instead(
        self, kind: str, at: datetime, *, conversation_id: UUID | None = None, subject_id: UUID | None = None,
        secret: Mapping[str, str] | None = None, once: str,
    ) -> None:  # fmt: skip
        """Stage what `wake_at` does, in the place of what waits under this name."""
        await self.wake_not(once)
        self.wake_at(kind, at, conversation_id=conversation_id, subject_id=subject_id, secret=secret, once=once)

    # -- saying -----------------------------------------------------------------------------------------------

    def say(self, content: Content, room: Room, *, once: str = "", row_id: UUID | None = None) -> None:
        """Stage a message to a room; `once`: not again while one of this name waits there.

        A room's messages go out in the order of their ids.
        """
        self._stage(Message(content), room, once, row_id)

    def say_unasked(self, content: Content, room: Room, happens_at: datetime | None = None) -> None:
        """Stage a message to a room for when it is not quiet there, or at once where that is too late."""
        at = quiet_until(room, self.now)
        self._stage(Message(content), room, "", None, self.now if happens_at and happens_at <= at else at)

    def replace(self, message_id: str, content: Content, room: Room) -> None:
        """Stage that a message of ours in a room says something else from now on."""
        self._stage(Message(content, replaces=message_id), room, "", None)

    def _stage(self, message: Message, to: Room, once: str, row_id: UUID | None, at: datetime | None = None) -> None:
        if to.gone:
            return
        key = f"{once}:{to.id}" if once else None
        identity = row_id or self.new_id()
        self.uow.add(
            Outbox(identity, to.channel, "say", ANSWER, at or self.now, room_id=to.id, unique_key=key, secret=message)
        )

    def link(self, start: str, *, channel: str, group: bool = False) -> str:
        """Give the address for a payload on a channel."""
        return self.links[channel].link(start, group=group)

    # -- cards ------------------------------------------------------------------------------------------------

    def show_card(self, subject: str, conversation_id: UUID, subject_id: UUID, room: Room) -> None:
        """Stage a card in one room; one that is there already is brought up to date."""
        self._card(subject, conversation_id, subject_id, room, CARD)

    def bring_card(self, subject: str, conversation_id: UUID, subject_id: UUID, to: Room) -> None:
        """Stage a card that nobody in the room asked for, as calm as the room wants it (`domain.rooms.way_of`)."""
        self.uow.add(
            Outbox(
                self.new_id(), to.channel, "card", FANOUT, self.now, room_id=to.id, conversation_id=conversation_id,
                subject=subject, subject_id=subject_id, unique_key=f"unasked:{to.id}:{subject_id}",
            )
        )  # fmt: skip

    async def look_again(self, subject_id: UUID) -> None:
        """Something happens at another time: its cards that are held may have to come before a room's next message."""
        await outbox.look_again(self.uow, subject_id, self.now)

    def put_card(
        self, subject: str, conversation_id: UUID, subject_id: UUID, to: Room, priority: int, at: datetime
    ) -> None:
        """Stage a card in one room for a moment."""
        self._card(subject, conversation_id, subject_id, to, priority, at)

    def _card(
        self, subject: str, conversation_id: UUID, subject_id: UUID, to: Room, priority: int,
        at: datetime | None = None,
    ) -> None:  # fmt: skip
        self.uow.add(
            Outbox(
                self.new_id(), to.channel, "card", priority, at or self.now, room_id=to.id,
                conversation_id=conversation_id, subject=subject, subject_id=subject_id,
                unique_key=f"card:{to.id}:{subject_id}",
            )
        )  # fmt: skip

    def publish(self, subject: str, conversation_id: UUID, subject_id: UUID) -> None:
        """Stage a card for every room of the conversation, as calm as each wants it."""
        self._fan_out("fanout", subject, conversation_id, subject_id)

    def refresh(self, subject: str, conversation_id: UUID, subject_id: UUID) -> None:
        """Bring all cards of a subject up to date; many changes in a short time are one edit."""
        self._fan_out("refresh", subject, conversation_id, subject_id)

    def retract(self, subject: str, conversation_id: UUID, subject_id: UUID) -> None:
        """Remove the cards of a subject from all rooms, as far as the networks let: what they show must not stay."""
        self._fan_out("retract", subject, conversation_id, subject_id)

    def _fan_out(self, kind: str, subject: str, conversation_id: UUID, subject_id: UUID) -> None:
        self.uow.add(
            Outbox(
                self.new_id(), "", kind, FANOUT if kind == "fanout" else CARD, self.now,  # type: ignore[arg-type]
                conversation_id=conversation_id, subject=subject, subject_id=subject_id,
                room_id=None, unique_key=f"{kind}:{subject_id}",
            )
        )  # fmt: skip

    # -- people -----------------------------------------------------------------------------------------------

    def lookup_of(self, conversation_id: UUID, person_id: UUID) -> bytes:
        """Give the keyed hash under which a person's membership is found."""
        return self.keys.lookup("member", conversation_id.bytes, person_id.bytes)

    async def participant_of(self, conversation_id: UUID, person_id: UUID) -> Participant | None:
        """Give who a person is in a conversation, or None if they have not joined (or have left)."""
        membership = await self.uow.by(Membership, self.lookup_of(conversation_id, person_id))
        if membership is None:
            return None
        found = await self.uow.get(Participant, conversation_id, membership.participant_id)
        return None if found is None or found.left else found

    def room_lookup(self, key: RoomKey) -> bytes:
        """Give the keyed hash under which a room is found."""
        return self.keys.lookup("room", str(key))

    async def private_room_of(self, person_id: UUID) -> Room | None:
        """Give a private room where a person can be reached, or None: the one used last."""
        known = person_id in self.rooms_of
        return self.rooms_of[person_id] if known else await private_room_of(self.uow, person_id)

    async def meet(self, people: Iterable[Participant]) -> list[UUID]:
        """Read who is behind participants, and where to reach them, in a few queries for all; gives the people."""
        keys = [(one.conversation_id, one.id) for one in people]
        await self.uow.load(Membership, keys)
        found = [membership for key in keys if (membership := await self.uow.get(Membership, *key)) is not None]
        ids = [one.secret.person_id for one in found]
        self.rooms_of |= await private_rooms_of(self.uow, ids)
        return ids

    async def person_of(self, participant: Participant) -> Person | None:
        """Give the person behind a participant, to write to them; for nothing else."""
        membership = await self.uow.get(Membership, participant.conversation_id, participant.id)
        return None if membership is None else await self.uow.get(Person, membership.secret.person_id)
