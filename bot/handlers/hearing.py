"""What follows from what somebody says while the bot listens: a question, the numbers to call, the end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from bot.chat.content import Content, Text, When
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageReceived
from bot.crypto import Keyring
from bot.domain.helplines import Helpline
from bot.domain.moments import local_day, moment_of
from bot.domain.rooms import Room
from bot.flows import listening as way
from bot.flows.listening import Talk
from bot.flows.words import is_no, is_yes
from bot.handlers.tables import named
from bot.views import listen as views
from bot.views.buttons import Forged, unseal
from bot.views.localize import typed_words
from bot.views.words import folded

DAYS = {views.TOMORROW: 1, views.WEEK: 7}
MORNING = time(10)
"""When somebody is reminded of their step, some days later."""

STOP = frozenset({"stop", "stopp", "sluta"})
NEXT = frozenset({"next", "nasta", "skip", "hoppa"})
HELP = frozenset({"help", "hjalp", "112"})
AGAIN = frozenset({"listen", "lyssna", "start", "borja"})
KEPT = frozenset({"mydata", "privacy", "forget"})
GIVES = {views.IDEA: "idea", views.LEAD: "lead", views.INVITE: "invite"}
"""The commands by which somebody makes something of their step."""


class Here(msgspec.Struct, frozen=True):
    """Where somebody is listened to, whom they could call there, how many offer to listen, and the moment.

    `joined`: they are in a conversation, to which they could give their step.
    """

    room: Room
    lines: Sequence[Helpline]
    now: datetime
    listeners: int = 0
    joined: bool = False


class Heard(msgspec.Struct, frozen=True):
    """What is remembered of a talk, in memory alone: where it is, and the buttons of what was asked last."""

    talk: Talk = Talk()
    typed: tuple[tuple[str, str], ...] = ()


class Turn(msgspec.Struct, frozen=True):
    """What is said, where the talk is then (None: it ends), and what is done besides.

    A `remind` is a moment to keep, with the step's words if `with_words`. `gives` is the command by which somebody
    makes something of their step.
    """

    says: tuple[Content, ...]
    talk: Talk | None
    remind: datetime | None = None
    with_words: bool = False
    gives: str = ""

    @property
    def busy(self) -> bool:
        """Whether it only says that something else cannot be done now."""
        return self.says == (_BUSY,)


_BUSY = Content.of(views.BUSY)


def busy(talk: Talk) -> Turn:
    """Say that something else has to wait."""
    return Turn((_BUSY,), talk)


def follow(heard: Heard, event: Event, here: Here, keys: Keyring) -> Turn | None:
    """Go on from an event; None if nothing follows."""
    match event:
        case ChoiceMade(data=data):
            try:
                action = unseal(data, here.room.lookup, keys)
            except Forged:
                return busy(heard.talk)
            return _chosen(heard, action.arg, here) if action.verb == "listen" else busy(heard.talk)
        case CommandGiven(name=name):
            return _command(heard, folded(name), here)
        case MessageReceived(text=text) if any(map(str.isalnum, text)):
            return _written(heard, text, here)
        case MessageReceived(kind="text", text=text) if way.says_next(text):
            return _asks(way.next_question(heard.talk), here)
        case MessageReceived():
            return Turn((Content.of(views.NO_WORDS),), heard.talk)
        case _:  # What was changed or taken back was answered already.
            return None


def _command(heard: Heard, name: str, here: Here) -> Turn:
    if name in STOP:
        return _end(heard.talk)
    if name in NEXT:
        return _asks(way.next_question(heard.talk), here)
    if name in HELP:
        return Turn((views.calling(here.lines),), heard.talk)
    if named(name) in KEPT:
        return Turn((views.kept(),), heard.talk)
    return _asks(heard.talk, here) if name in AGAIN else busy(heard.talk)


def _written(heard: Heard, text: str, here: Here) -> Turn | None:
    """Take words: a button's number or name, a wish to stop or go on, or an answer."""
    talk, pressed = heard.talk, _typed(heard, text)
    if pressed is not None:
        return _chosen(heard, pressed, here)
    if way.says_stop(text):
        return _end(heard.talk)
    if talk.number == way.HUMAN:
        asked_again = Turn((views.human(),), talk)
        return _chosen(heard, views.YES if is_yes(text) else views.NO if is_no(text) else "", here) or asked_again
    if talk.number == way.STEP and text.strip().isdecimal():
        return _asks(talk, here)
    if way.says_next(text):
        return _asks(way.next_question(talk), here)
    reply = way.answered(talk, text)
    turn = _asks(reply.talk, here, reply.lead)
    if reply.danger:
        turn = msgspec.structs.replace(turn, says=(views.calling(here.lines, danger=True), *turn.says))
    return turn


def _chosen(heard: Heard, arg: str, here: Here) -> Turn | None:
    """Do what a button says; one of an earlier question does nothing."""
    talk, kind = heard.talk, arg[:1]
    if kind == views.STOP:
        return _end(heard.talk)
    if kind == views.CALL:
        return Turn((views.calling(here.lines),), talk)
    if kind in {views.NEXT, views.ON_TO_STEP}:
        on = way.next_question if kind == views.NEXT else way.to_step
        return _asks(on(talk), here) if arg[1:] == str(talk.number) else None
    if talk.number == way.HUMAN:
        return _by_a_human(kind, talk, here)
    return _made_of_step(heard, arg, here) if talk.number == way.STEP else None


def _by_a_human(kind: str, talk: Talk, here: Here) -> Turn | None:
    if kind == views.YES:
        return Turn((views.people(here.listeners),), talk)
    if kind == views.ASK:
        return Turn((views.asking(),), None, gives="need")
    return _end(talk) if kind == views.NO else None


def _made_of_step(heard: Heard, arg: str, here: Here) -> Turn | None:
    kind = arg[:1]
    talk = heard.talk
    if kind == views.DONE:
        return _asks(way.next_question(talk), here)
    if not talk.step:  # It was named to a process that has gone, or to another one.
        return _lost(talk)
    if kind in DAYS:
        day = local_day(here.now, here.room.zone) + timedelta(days=DAYS[kind])
        at = moment_of(day, MORNING, here.room.zone)
        return Turn((views.reminded(When(at), talk.step, day.toordinal()),), talk, remind=at)
    if kind == views.WORDS:
        at = moment_of(date.fromordinal(int(arg[1:])), MORNING, here.room.zone)
        kept = msgspec.structs.replace(talk, kept=True)
        return Turn((views.words_kept(),), kept, remind=at, with_words=True)
    return Turn((views.given(),), None, gives=GIVES[kind]) if kind in GIVES else None


def _end(talk: Talk) -> Turn:
    return Turn((views.ended(kept=talk.kept),), None)


def _lost(talk: Talk) -> Turn:
    """Ask for the step anew: its words are gone."""
    return Turn((views.lost(way.BEGIN),), msgspec.structs.replace(talk, number=way.BEGIN))


def _asks(talk: Talk, here: Here, lead: Text | None = None) -> Turn:
    if talk.number == way.STEP and not talk.step:
        return _lost(talk)
    return Turn((views.shown(talk.number, talk.step, lead, joined=here.joined),), talk)


def typed(content: Content, locale: str) -> tuple[tuple[str, str], ...]:
    """Give the buttons of what is asked, by their names."""
    return tuple((folded(name), one.action.arg) for name, one in typed_words(content, locale) if one.action)


def _typed(heard: Heard, text: str) -> str | None:
    """Give the button whose number or name was typed."""
    plain = folded(text).strip(" .!")
    if plain.isascii() and plain.isdecimal() and 0 < int(plain[:3]) <= len(heard.typed):
        return heard.typed[int(plain[:3]) - 1][1]
    return next((arg for label, arg in heard.typed if label == plain), None)
