"""The network that the console is: participants, rooms and what was said, in memory, gone with the process.

Rules
-----
* A participant *is* their name, whatever its case, and so is a room: typed again after a restart, they are the same.
* Ids of events and messages carry the session's own random part, so a restart repeats none. What people see is ``#12``.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field

from bot.chat.content import LocalChoice, LocalMessage
from bot.chat.events import Quoted, Room, Sender
from bot.chat.keys import AccountKey, RoomKey

GROUP, PRIVATE = "group:", "private:"
_PLAIN = LocalMessage(())


def identity(name: str) -> str:
    """Give the id that a name stands for."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@dataclass(slots=True)
class Participant:
    """Somebody the person at the keyboard can be, and where they are."""

    account: AccountKey
    name: str
    here: RoomKey
    locale: str | None = None

    @property
    def sender(self) -> Sender:
        """How events name them."""
        return Sender(self.account, self.name, self.locale)

    @property
    def private(self) -> RoomKey:
        """Their room with the bot."""
        return RoomKey(self.account.channel, PRIVATE + self.account.id)


@dataclass(slots=True)
class Group:
    """A group room. `gone` says that the bot was removed."""

    key: RoomKey
    title: str
    people: set[AccountKey] = field(default_factory=set)
    topics: dict[str, str] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A message, by its number; `place` tells what came last. Without an author it is the bot's."""

    id: str
    number: int
    place: int
    room: RoomKey
    text: str
    author: Sender | None = None
    choices: tuple[LocalChoice, ...] = ()
    awaits: bool = False
    only_for: str = ""
    answers: Sender | None = None
    """Whose message it replies to."""
    letters: bool = False
    """A number is an answer to it, and presses no button."""

    def concerns(self, participant: Participant) -> bool:
        """Tell whether this participant sees it."""
        return self.only_for in ("", participant.account.id)

    def asks(self, participant: Participant) -> bool:
        """Tell whether it wants words from this participant."""
        return self.awaits and (self.answers is None or self.answers.account == participant.account)


class World:
    """Everything that a network would know."""

    def __init__(self, channel: str, name: str, locale: str | None) -> None:
        self.channel = channel
        self.locale = locale
        self.people: dict[str, Participant] = {}
        self.groups: dict[str, Group] = {}
        self.blocked: set[RoomKey] = set()
        self.bot = Sender(AccountKey(channel, "bot"), "Byalag", bot=True)
        self.session = secrets.token_hex(6)
        self._events = self._places = 0
        self.pressed = ""
        """The message whose button was pressed last."""
        self._numbers: dict[str, int] = {}
        self._said: dict[str, Said] = {}
        self.me = self.participant(name)

    # Ids and numbers

    def event_id(self) -> str:
        """Make the id of a new event."""
        self._events += 1
        return f"{self.session}.{self._events}"

    def message_id(self) -> str:
        """Make the id of a new message, the next number in it."""
        number = len(self._numbers) + 1
        self._numbers[message_id := f"{self.session}-{number}"] = number
        return message_id

    def said(self, number: int) -> Said | None:
        """Find a message by the number that people see."""
        return next((said for said in self._said.values() if said.number == number), None)

    def by_id(self, message_id: str) -> Said | None:
        """Find a message by its id, if it was said since the start."""
        return self._said.get(message_id)

    def say(
        self,
        message_id: str,
        room: RoomKey,
        text: str,
        *,
        author: Sender | None = None,
        message: LocalMessage = _PLAIN,
    ) -> Said:
        """Remember a message (of the bot's, how it was shown), or what it has become.

        One from before the start gets a number now.

        A message that changes stays where it is, as on a network; that whose button was pressed last comes to the end.
        """
        number = self._numbers.setdefault(message_id, len(self._numbers) + 1)
        before = self._said.get(message_id)
        if before is None or message_id == self.pressed:
            self._places += 1
        place = before.place if before and message_id != self.pressed else self._places
        answered = self._said.get(message.reply_to)
        said = Said(
            message_id, number, place, room, text, author,
            tuple(choice for row in message.choices for choice in row), message.awaits, message.only_for,
            answered.author if answered else None, message.letters,
        )  # fmt: skip
        self._said[message_id] = said
        return said

    def remove(self, message_id: str) -> Said | None:
        """Forget what a message said; its number stays taken."""
        return self._said.pop(message_id, None)

    # People and rooms

    def participant(self, name: str) -> Participant:
        """Find or make a participant, who begins in their private room."""
        account = AccountKey(self.channel, identity(name))
        if account.id not in self.people:
            private = RoomKey(self.channel, PRIVATE + account.id)
            self.people[account.id] = Participant(account, name, private, self.locale)
        return self.people[account.id]

    def group(self, title: str) -> Group:
        """Find or make a group room."""
        key = RoomKey(self.channel, GROUP + identity(title))
        return self.groups.setdefault(key.room, Group(key, title))

    def topic(self, group: Group, name: str) -> RoomKey:
        """Find or make a thread of a group."""
        thread = identity(name)
        group.topics.setdefault(thread, name)
        return RoomKey(self.channel, group.key.room, thread)

    def room(self, key: RoomKey) -> Room:
        """How events name a room."""
        private = key.room.startswith(PRIVATE)
        return Room(key, private, "" if private else self._title(key))

    def reachable(self, key: RoomKey) -> bool:
        """Tell whether the bot may write there. What was before the start is taken to be as it was."""
        group = self.groups.get(key.room)
        return key not in self.blocked and not (group and group.gone)

    def label(self, key: RoomKey, *, to_bot: bool = False) -> str:
        """Name a room for people."""
        if key.room.startswith(PRIVATE):
            account = key.room.removeprefix(PRIVATE)
            known = self.people.get(account)
            return f"{known.name if known else account} {'→' if to_bot else '←'} bot"
        group = self.groups.get(key.room)
        topic = group.topics.get(key.thread, key.thread) if group else key.thread
        return f"{self._title(key)} / {topic}" if topic else self._title(key)

    def _title(self, key: RoomKey) -> str:
        group = self.groups.get(key.room)
        return group.title if group else key.room.removeprefix(GROUP)

    # What a line refers to

    def quoted(self, said: Said) -> Quoted:
        """How events tell what a message replies to."""
        return Quoted(said.id, said.text, said.author or self.bot)

    def latest_with_choices(self) -> Said | None:
        """Give the message whose buttons a plain number presses; none while the latest one awaits words."""
        seen = self._seen_here()
        if seen and seen[-1].awaits and not seen[-1].choices:
            return None
        return next((said for said in reversed(seen) if said.choices), None)

    def awaiting_my_words(self) -> Said | None:
        """Give the message to which plain words in a group are a reply, as a forced reply makes them elsewhere.

        It was asked of me, or of everybody, and I have said nothing here since.
        """
        me, here = self.me, self.me.here
        if here.room.startswith(PRIVATE):
            return None
        mine = (
            said
            for said in self._said.values()
            if said.room == here and said.author and said.author.account == me.account
        )
        since = max((said.place for said in mine), default=0)
        return next((said for said in reversed(self._seen_here()) if said.place > since and said.asks(me)), None)

    def _seen_here(self) -> list[Said]:
        """Give the bot's messages that I see here, the latest last."""
        me = self.me
        here = (said for said in self._said.values() if said.room == me.here and not said.author and said.concerns(me))
        return sorted(here, key=lambda said: said.place)
