"""Plan a gathering, change one, and write down what came of it."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from bot.chat.content import N_, Text, When, Words
from bot.domain.gatherings import (
    FURTHEST,
    MAX_NOTE,
    MAX_SEATS,
    MAX_WHAT,
    MAX_WHERE,
    ChangeGathering,
    PlanGathering,
    WriteNote,
)
from bot.flows import times
from bot.flows.parsers import choice, free_text
from bot.flows.questions import REQUIRED, Answer, Ask, Ctx, Flow, Input, Meaning, Option, Retry, Summary
from bot.flows.words import clean, one_line

LONG = {"m60": 60, "m120": 120, "m180": 180, "m240": 240, "m480": 480}
HOURS = {
    "m60": Text("One hour"), "m120": Text("Two hours"), "m180": Text("Three hours"), "m240": Text("Half a day"),
    "m480": Text("A whole day"),
}  # fmt: skip
FORMS = {"plain": N_("We meet"), "open": N_("Open Space")}
ANY = "any"
AS_MANY = Text("As many as come")
A_NUMBER = Text("Please write a number, such as 12.")
NOT_YET = Text("Not said yet")
LINES = 60

_BETWEEN = re.compile(r"[\s.,'’]+")
_AROUND = re.compile(r"^\D{1,20}(?=\d)|(?<=\d)\s*[^\d\s.,'’][^\d]{0,20}$")
_MOST_DIGITS = 7


def plan_gathering(
    conversation_id: UUID,
    group_id: UUID | None = None,
    what: str = "",
    when: str = "",
    *,
    zone: str = "",
    open_space: bool = False,
) -> Flow[PlanGathering]:
    """Ask what and when, if it was not said; where may be skipped, and the rest stands in the summary."""
    words: str = yield Ask(
        name="what",
        text=Text("What is the question of the day?") if open_space else Text("What will you meet about?"),
        parse=free_text(MAX_WHAT, least=3),
        given=what,
        hint=Text("One sentence is enough."),
    )
    at: datetime = yield _when(zone, when)
    where: str = yield _where(optional=True)
    form: str = yield Ask(
        name="form",
        text=Text("In which form do you meet?"),
        parse=choice({key: key for key in FORMS}),
        options=tuple(Option(key, Text(words)) for key, words in FORMS.items()),
        awaits=False,
        default="open" if open_space else "plain",
        hint=Text("In an Open Space, those who come bring the topics."),
    )
    minutes: int = yield Ask(
        name="long",
        text=Text("How long do you meet?"),
        parse=choice(LONG),
        options=tuple(Option(key, words) for key, words in HOURS.items()),
        awaits=False,
        default=LONG["m480" if form == "open" else "m120"],
    )
    seats: int = yield _seats(0)
    lines: tuple[tuple[str, Text, Words], ...] = (
        ("what", Text("What"), words),
        ("when", Text("When"), _told(at, zone)),
        ("where", Text("Where"), where or NOT_YET),
        ("long", Text("How long"), next(HOURS[key] for key, long in LONG.items() if long == minutes)),
        ("seats", Text("How many fit"), _fit(seats)),
        ("form", Text("The form"), Text(FORMS[form])),
    )
    yield Summary(
        lines=tuple((name, value) for _, name, value in lines),
        confirm=Option("yes", Text("Plan it")),
        changes=tuple(Option(key, name) for key, name, _ in lines),
    )
    return PlanGathering(conversation_id, group_id, words, at, minutes, where, seats, form == "open")


def change_gathering(conversation_id: UUID, gathering_id: UUID, field: str, *, zone: str = "") -> Flow[ChangeGathering]:
    """Ask for one thing anew."""
    if field == "when":
        at: datetime = yield _when(zone)
        return ChangeGathering(conversation_id, gathering_id, at=at)
    if field == "where":
        where: str = yield _where(optional=False)
        return ChangeGathering(conversation_id, gathering_id, where=where)
    if field == "seats":
        seats: int = yield _seats(REQUIRED)
        return ChangeGathering(conversation_id, gathering_id, seats=seats)
    what: str = yield Ask(
        name="what", text=Text("What will you meet about?"), parse=free_text(MAX_WHAT, least=3),
        hint=Text("One sentence is enough."),
    )  # fmt: skip
    return ChangeGathering(conversation_id, gathering_id, what=what)


def write_note(conversation_id: UUID, gathering_id: UUID, topic_id: UUID | None, title: str) -> Flow[WriteNote]:
    """Ask for what was said and decided."""
    text: str = yield Ask(
        name="text",
        text=Text("What did you say and decide? “%(title)s”", {"title": title}),
        parse=free_text(MAX_NOTE, lines=LINES),
        hint=Text("A line for each thing is best. You can write more than once."),
    )
    return WriteNote(conversation_id, gathering_id, text, topic_id)


def how_many(sent: Input, _: Ctx) -> Meaning:
    """Read how many fit; 0 is as many as come."""
    if sent.choice == ANY:
        return Answer(0, Input(choice=ANY))
    digits = _BETWEEN.sub("", _AROUND.sub("", one_line(clean(sent.text)), count=2))
    if not sent.choice and digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS:
        if 1 < int(digits) <= MAX_SEATS:
            return Answer(int(digits), Input(digits))
        return Retry(Text("Write a number from 2 to %(most)d, or choose “As many as come”.", {"most": MAX_SEATS}))
    return Retry(Text("I saw no number there."))


def _when(zone: str, given: str = "") -> Ask:
    return Ask(
        name="when", text=Text("When do you meet?"), parse=times.when(zone=zone, furthest=FURTHEST), adds=True,
        given=given, hint=Text("A day and a time, such as “Thursday 18:30”."),
    )  # fmt: skip


def _where(*, optional: bool) -> Ask:
    return Ask(
        name="where", text=Text("Where do you meet?"), parse=free_text(MAX_WHERE), optional=optional, skipped="",
        hint=Text("A place, or a link if you meet online. Everybody in the conversation can read it."),
    )  # fmt: skip


def _seats(default: object) -> Ask:
    return Ask(
        name="seats", text=Text("How many fit?"), parse=how_many, options=(Option(ANY, AS_MANY),), default=default,
        numbers=True, hint=A_NUMBER,
    )  # fmt: skip


def _fit(seats: int) -> Words:
    return Text("%(n)d person", {"n": seats}, plural="%(n)d people") if seats else AS_MANY


def _told(at: datetime, zone: str) -> Text:
    return Text("%(when)s", {"when": When(at, zone=zone)})
