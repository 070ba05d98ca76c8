"""What typed lines do: they change the world, and become events and notes.

Rules
-----
* What a person could not do on a network (press a button that is not there, change another's message) is a note to
  them and no event.
* Events name the participant of the moment and the room they are in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict, assert_never

from bot.adapters.console import telling
from bot.adapters.console.files import SAMPLES
from bot.adapters.console.lines import (
    As,
    Command,
    Edit,
    Enter,
    Help,
    Lang,
    Leave,
    Line,
    Link,
    Nothing,
    Number,
    Odd,
    People,
    Post,
    Press,
    Private,
    Quit,
    Remove,
    Reply,
    Rooms,
    Topic,
    Words,
    typed,
)
from bot.adapters.console.world import Participant, Said, World
from bot.chat.content import LocalChoice
from bot.chat.events import (
    BotAdded,
    BotRemoved,
    ChoiceMade,
    CommandGiven,
    Event,
    Media,
    MembersChanged,
    MessageEdited,
    MessageKind,
    MessageReceived,
    MessageRemoved,
    Quoted,
    Room,
    Sender,
)
from bot.chat.port import Menu

_MENTION = re.compile(r"@(bot|byalag)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Done:
    """What came of a line: events for the bot, what to show once they are taken, and whether it was the last line."""

    events: tuple[Event, ...] = ()
    said: Said | None = None
    note: str = ""
    over: bool = False


class _Facts(TypedDict):
    id: str
    at: datetime
    room: Room
    sender: Sender


class Hands:
    """The person at the keyboard, as whoever they are now."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.menus: Sequence[Menu] = ()
        self.pressed: dict[str, str] = {}
        """Presses that were not answered yet, and who pressed."""

    @property
    def me(self) -> Participant:
        """Whoever one is now."""
        return self.world.me

    def do(self, line: Line) -> Done:
        """Do what a line says. Whoever blocked the bot lets it back by turning to it again."""
        done = self._do(line)
        if any(not isinstance(event, BotRemoved) for event in done.events):
            self.world.blocked.discard(self.me.here)
        return done

    def _do(self, line: Line) -> Done:  # noqa: C901, PLR0911, PLR0912 (a table: one case for each kind of line)
        match line:
            case Words() | Command():
                return self._speak(line)
            case Number():
                return self._number(line)
            case Press():
                return self._press(line)
            case Reply():
                return self._reply(line)
            case Edit():
                return self._edit(line)
            case Remove():
                return self._remove(line)
            case As():
                self.world.me = self.world.participant(line.name)
                return self._here()
            case Enter():
                return self._enter(line)
            case Private():
                self.me.here = self.me.private
                return self._here()
            case Topic():
                return self._topic(line)
            case Link():
                self.me.here = self.me.private
                return self._speak(Command("start", line.start, f"/start {line.start}"))
            case Post():
                return self._post(line)
            case Leave():
                return self._leave()
            case Lang():
                self.me.locale = line.locale or None
                return Done(note=f"A network would say of {self.me.name}: {line.locale or 'no language'}.")
            case People():
                return Done(note=telling.people(self.world))
            case Rooms():
                return Done(note=telling.rooms(self.world))
            case Help():
                return Done(note=telling.help_text(self.world, self.menus))
            case Odd():
                return Done(note=line.hint)
            case Nothing():
                return Done()
            case Quit():
                return Done(over=True)
            case _:
                assert_never(line)

    # Speaking

    def _speak(self, typed: Words | Command, quoted: Quoted | None = None) -> Done:
        if refused := self._no_bot_here():
            return Done(note=refused)
        match typed:
            case Words():
                return self._message(typed.text, "text", quoted)
            case Command():
                said = self._said(typed.text)
                command = CommandGiven(
                    **self._facts(), message_id=said.id, name=typed.name, argument=typed.argument, reply_to=quoted
                )
                return Done((command,), said)
            case _:
                assert_never(typed)

    def _message(self, text: str, kind: MessageKind, quoted: Quoted | None = None) -> Done:
        if quoted is None and (asked := self.world.awaiting_my_words()):
            quoted = self.world.quoted(asked)
        said = self._said(text if kind == "text" else f"({kind}) {text}".rstrip())
        mentioned = bool(_MENTION.search(text))
        message = MessageReceived(
            **self._facts(),
            message_id=said.id,
            text=text,
            kind=kind,
            reply_to=quoted,
            mentions_bot=mentioned,
            media=_sample(kind),
        )
        return Done((message,), said)

    def _post(self, line: Post) -> Done:
        refused = self._no_bot_here()
        if refused:
            return Done(note=refused)
        below = typed(line.caption)
        if not isinstance(below, Command):
            return self._message(line.caption, line.kind)
        said = self._said(f"({line.kind}) {below.text}")
        command = CommandGiven(
            **self._facts(), message_id=said.id, name=below.name, argument=below.argument, media=_sample(line.kind)
        )
        return Done((command,), said)

    def _reply(self, line: Reply) -> Done:
        said = self._found(line.message)
        return self._speak(line.typed, self.world.quoted(said)) if isinstance(said, Said) else Done(note=said)

    def _edit(self, line: Edit) -> Done:
        said = self._found(line.message)
        if not isinstance(said, Said):
            return Done(note=said)
        if not said.author or said.author.account != self.me.account:
            return Done(note=f"#{said.number} is not yours to change.")
        if refused := self._no_bot_here():
            return Done(note=refused)
        typed = line.typed
        text, name = (typed.argument, typed.name) if isinstance(typed, Command) else (typed.text, "")
        self.world.say(said.id, said.room, typed.text, author=said.author)
        edited = MessageEdited(**self._facts(), message_id=said.id, text=text, name=name)
        return Done((edited,), note=f"#{said.number} is changed.")

    def _remove(self, line: Remove) -> Done:
        said = self._found(line.message)
        if not isinstance(said, Said):
            return Done(note=said)
        if not said.author or said.author.account != self.me.account:
            return Done(note=f"#{said.number} is not yours to remove.")
        if refused := self._no_bot_here():
            return Done(note=refused)
        return Done((MessageRemoved(**self._facts(), message_id=said.id),), note=f"#{said.number} is removed.")

    def _said(self, text: str) -> Said:
        return self.world.say(self.world.message_id(), self.me.here, text, author=self.me.sender)

    # Pressing

    def _number(self, line: Number) -> Done:
        latest = self.world.latest_with_choices()
        if latest and not latest.letters and 1 <= line.number <= len(latest.choices) and not self._no_bot_here():
            return self._choose(latest, latest.choices[line.number - 1])
        return self._speak(Words(line.text))

    def _press(self, line: Press) -> Done:
        said = self._found(line.message) if line.message is not None else self.world.latest_with_choices()
        if not isinstance(said, Said):
            return Done(note=said or "There are no buttons here.")
        if refused := self._no_bot_here():
            return Done(note=refused)
        if not 1 <= line.number <= len(said.choices):
            return Done(note=f"#{said.number} has no button {line.number}.")
        return self._choose(said, said.choices[line.number - 1])

    def _choose(self, said: Said, choice: LocalChoice) -> Done:
        if choice.data:
            self.world.pressed = said.id
            facts = self._facts()
            self.pressed[facts["id"]] = self.me.name
            event = ChoiceMade(**facts, message_id=said.id, data=choice.data, press=facts["id"])
            return Done((event,), note=f"{self.me.name} pressed {choice.label}")
        if choice.start and not choice.group:
            return self.do(Link(choice.start))
        if choice.start:
            return Done(note=f"Type :room, the group's name, and /start {choice.start}")
        return Done(note=f"It leads to {choice.url}")

    # Going about

    def _here(self) -> Done:
        return Done(note=f"You are {self.me.name}, {telling.whereabouts(self.world, self.me)}.")

    def _enter(self, line: Enter) -> Done:
        group, account = self.world.group(line.name), self.me.account
        added, came = group.gone or not group.people, account not in group.people
        group.people.add(account)
        group.gone = False
        self.me.here = group.key
        events: tuple[Event, ...] = ()
        if added:
            events = (BotAdded(**self._facts(), members=len(group.people), admin=True),)
        elif came:
            events = (MembersChanged(**self._facts(), members=len(group.people)),)
        if line.typed is None:
            return Done(events, note=self._here().note)
        then = self._speak(line.typed)
        return Done(events + then.events, then.said, then.note)

    def _topic(self, line: Topic) -> Done:
        group = self.world.groups.get(self.me.here.room)
        if group is None:
            return Done(note="Topics are for group rooms: :room NAME first.")
        self.me.here = self.world.topic(group, line.name) if line.name else group.key
        return self._here()

    def _leave(self) -> Done:
        if refused := self._no_bot_here():
            return Done(note=refused)
        group = self.world.groups.get(self.me.here.room)
        if group is None:
            if self.me.here in self.world.blocked:
                return Done(note="The bot is blocked already.")
            self.world.blocked.add(self.me.here)
            event = BotRemoved(**self._facts())
            return Done((event,), note=f"{self.me.name} blocked the bot. Writing to it again lets it back.")
        self.me.here = group.key
        group.gone = True
        event = BotRemoved(**self._facts())
        return Done((event,), note=f"The bot was removed from [{group.title}]. :room {group.title} adds it again.")

    # Helpers

    def _facts(self) -> _Facts:
        return _Facts(
            id=self.world.event_id(), at=datetime.now(UTC), room=self.world.room(self.me.here), sender=self.me.sender
        )

    def _found(self, number: int) -> Said | str:
        said = self.world.said(number)
        if said is None:
            return f"There is no message #{number} since the start."
        if said.room != self.me.here:
            return f"#{number} was said in [{self.world.label(said.room)}], you are elsewhere."
        return said

    def _no_bot_here(self) -> str:
        group = self.world.groups.get(self.me.here.room)
        return f"The bot is not in this room. :room {group.title} adds it again." if group and group.gone else ""


def _sample(kind: MessageKind) -> Media | None:
    """Give what a posted picture or file is here."""
    if kind == "photo":
        return Media("picture", "picture", "picture.png", "image/png", len(SAMPLES["picture"]))
    if kind == "file":
        return Media("file", "file", "file.txt", "text/plain", len(SAMPLES["file"]))
    return None
