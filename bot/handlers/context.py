"""What a handler of an event works with: who acted, where, and the ways to answer them.

Nothing here reaches a network: `say`, `answer` and the rest stage rows in the unit of work, or note what a press is to
be answered with after the commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from bot.chat.content import Action, Block, Choice, Content, Words
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageReceived
from bot.chat.port import Manner, PressAnswer
from bot.domain.conversation import Conversation
from bot.domain.helplines import Helpline
from bot.domain.people import (
    Account,
    Membership,
    MembershipSecret,
    Participant,
    ParticipantSecret,
    Person,
)
from bot.domain.rooms import Room
from bot.handlers.means import Means
from bot.i18n import render
from bot.store.records import ANSWER, CARD, Card, Draft, FileToMake, Message, Outbox, Prompted
from bot.views.buttons import seal

Rows = tuple[tuple[Choice, ...], ...]


class Sorry(Exception):
    """What was asked cannot be; `words` say so kindly to the person, and nothing is changed."""

    def __init__(self, words: Words, choices: Rows = ()) -> None:
        super().__init__()
        self.words = words
        self.choices = choices


class NotNow(Sorry):
    """It can be done later: a draft that it would have finished is kept."""


class ConsentNeeded(Exception):
    """The person has not said yes to the notice yet; the event waits for it."""


@dataclass(slots=True, kw_only=True)
class Context(Means):
    """One event's surroundings. `me` is who acted, `room` where.

    `complete` does what a finished flow asks for; `finishing` is its draft meanwhile. `order` is the event's place in
    its batch: all of a batch happens at one moment.
    """

    event: Event
    me: Person
    account: Account
    room: Room
    complete: Callable[[Context, Any], Awaitable[None]]
    helplines: Mapping[str, tuple[Helpline, ...]]
    answered: PressAnswer | None = None
    finishing: Draft | None = None
    order: int = 0

    @property
    def private(self) -> bool:
        """Whether only this person and the bot are here."""
        return self.room.private

    @property
    def locale(self) -> str:
        """The language to speak with this person alone."""
        return self.me.locale

    @property
    def my_name(self) -> str:
        """The name that the network shows for this person."""
        return self.event.sender.name

    @property
    def manner(self) -> Manner:
        """How one speaks with the bot on this network."""
        return self.links[self.room.channel].manner

    def worded(self, words: Words) -> str:
        """Write words for this person alone."""
        return render(words, self.locale, self.room.zone, self.manner.sign)

    # -- saying -----------------------------------------------------------------------------------------------

    def say(
        self, content: Content, room: Room | None = None, *, replaces: str = "", only_me: bool = False,
        quoting: bool = False, reply_to: str = "", once: str = "", row_id: UUID | None = None,
    ) -> None:  # fmt: skip
        """Stage a message to a room (this one if not told); `once`: not again while one of this name waits there.

        `quoting` answers the message that is handled, `reply_to` another one. A room's messages go out in the order of
        their ids.
        """
        to = room or self.room
        quotes = quoting and isinstance(self.event, MessageReceived | CommandGiven)
        message = Message(
            content,
            replaces=replaces,
            reply_to=self.event.message_id if quotes else reply_to,  # type: ignore[union-attr]
            only_for=self.event.sender.account.id if only_me and not to.private else "",
            locale=self.locale if only_me else "",
        )
        self._stage(message, to, once, row_id)

    def send_file(self, content: Content, file: FileToMake, conversation_id: UUID) -> None:
        """Stage a message whose file is made afterwards, in the language spoken here; not again while it waits."""
        name = self._file_name(file.form, conversation_id)
        message = Message(content, locale=self.locale if self.private else self.room.locale, file=file)
        self.uow.add(
            Outbox(
                self.new_id(), self.room.channel, "say", ANSWER, self.now, room_id=self.room.id, unique_key=name,
                conversation_id=conversation_id, secret=message, state="making",
            )
        )  # fmt: skip

    async def making_file(self, form: str, conversation_id: UUID) -> bool:
        """Tell whether such a file is on its way to this room."""
        found = await self.uow.by(Outbox, self._file_name(form, conversation_id))
        return found is not None and found.state in {"making", "waiting", "sending"}

    def _file_name(self, form: str, conversation_id: UUID) -> str:
        return f"file:{form}:{self.room.id}:{conversation_id}"

    def reply(self, *words: Words | Block, choices: Rows = (), awaits: bool = False) -> None:
        """Answer where the person acted: in private a message, in a group one for this person as far as possible."""
        content = Content.of(*words, choices=choices, awaits=awaits)
        self.say(content, only_me=not self.private, quoting=not self.private)

    def turn(self, content: Content, row_id: UUID | None = None) -> None:
        """Answer a press in private by changing the pressed message; anything else by a new message.

        So is a press that stays to be seen at its message: it would stand at what comes next, and not be heard of.
        """
        if self.private and isinstance(self.event, ChoiceMade) and not self.manner.before_all:
            self.say(content, replaces=self.event.message_id, row_id=row_id)
        else:
            self.say(content, only_me=not self.private, quoting=not self.private, row_id=row_id)

    def tell(self, words: Words, *, alert: bool = False, start: str = "") -> None:
        """Tell this person alone: a press by its answer, anything else by `reply`."""
        if isinstance(self.event, ChoiceMade) and self.event.press:
            self.answered = PressAnswer(self.worded(words), alert=alert, start=start)
        else:
            self.reply(words)

    def means(self, action: Action) -> None:
        """What was typed stands for this press: if it has to wait for a yes, that is what waits."""
        event = self.event
        data = seal(action, self.room.lookup, self.keys)
        self.event = ChoiceMade(
            id=event.id, at=event.at, room=event.room, sender=event.sender, message_id="", data=data
        )

    def open_private(self, start: str, words: Words = "") -> None:
        """Lead a person who pressed in a group into the private room with a payload."""
        self.answered = PressAnswer(self.worded(words), start=start)

    def link(self, start: str, *, channel: str = "", group: bool = False) -> str:
        """Give the address for a payload on a channel (this one if not told)."""
        return self.links[channel or self.room.channel].link(start, group=group)

    # -- cards ------------------------------------------------------------------------------------------------

    def show_card(self, subject: str, conversation_id: UUID, subject_id: UUID, room: Room | None = None) -> None:
        """Stage a card in one room; one that is there already is brought up to date."""
        self._card(subject, conversation_id, subject_id, room or self.room, CARD if room else ANSWER)

    # -- people -----------------------------------------------------------------------------------------------

    def membership_lookup(self, conversation_id: UUID, person_id: UUID | None = None) -> bytes:
        """Give the keyed hash under which a person's membership is found."""
        return self.lookup_of(conversation_id, person_id or self.me.id)

    async def participant(self, conversation_id: UUID) -> Participant | None:
        """Give who this person is in a conversation, or None if they have not joined (or have left)."""
        return await self.participant_of(conversation_id, self.me.id)

    async def join(self, conversation: Conversation, *, invited_by: UUID | None = None) -> Participant:
        """Make this person a participant (once), and the conversation their current one."""
        found = await self.participant(conversation.id)
        if found is None:
            membership = await self.uow.by(Membership, self.membership_lookup(conversation.id))
            if membership is not None:
                left = await self.uow.need(Participant, conversation.id, membership.participant_id)
                found = msgspec.structs.replace(left, left=False)
                self.uow.save(found)
            else:
                found = Participant(
                    conversation.id, self.new_id(), self.now, ParticipantSecret(self.my_name), invited_by=invited_by
                )
                self.enter(found)
            latest = await self.uow.get(Conversation, conversation.id) or conversation
            self.uow.save(msgspec.structs.replace(latest, participants=latest.participants + 1))
        if self.private or self.me.current_conversation_id is None:
            self.make_current(conversation.id)
        return found

    def enter(self, made: Participant) -> None:
        """Let this person be a participant."""
        self.uow.add(made)
        lookup = self.membership_lookup(made.conversation_id)
        self.uow.add(Membership(made.conversation_id, made.id, lookup, MembershipSecret(self.me.id)))
        self.make_current(made.conversation_id)

    def make_current(self, conversation_id: UUID | None) -> None:
        """Make a conversation the one that this person's private messages are about."""
        before = self.me.secret
        joined = before.joined
        if conversation_id is not None and conversation_id not in joined:
            joined = (*joined, conversation_id)
        secret = msgspec.structs.replace(before, joined=joined, current=conversation_id)
        if secret != before:
            self.save_me(msgspec.structs.replace(self.me, secret=secret))

    def save_me(self, me: Person) -> None:
        """Stage a change of this person."""
        self.me = me
        self.uow.save(me)

    async def conversation(self) -> Conversation | None:
        """Give the conversation that is meant here: the room's, or in private the person's current one."""
        conversation_id = self.me.current_conversation_id if self.private else await self._room_conversation()
        return None if conversation_id is None else await self.uow.get(Conversation, conversation_id)

    async def _room_conversation(self) -> UUID | None:
        if self.room.conversation_id is None and self.room.key.thread:
            whole = await self.uow.by(Room, self.room_lookup(self.room.key.whole))
            return whole.conversation_id if whole else None
        return self.room.conversation_id

    async def prompted(self) -> Prompted | None:
        """Give the latest message with choices in this room."""
        return await self.uow.get(Prompted, self.room.id)

    async def card_at(self, message_id: str) -> Card | None:
        """Give the card that a message of this room is, if it is one."""
        found = await self.uow.select(
            Card,
            lambda query: query.where(
                query.selected_columns.room_id == self.room.id, query.selected_columns.message_id == message_id
            ),
        )
        return found[0] if found else None
