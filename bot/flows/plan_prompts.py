"""Plan a question, or several: what is asked, when, and the next times that follow from it, before anybody says yes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from bot.chat.content import Text, When, Words
from bot.domain.prompts import FUTURE, MAX_PROMPT, MOST_QUESTIONS, SERIES, PlanPrompts, Rule
from bot.flows.questions import REQUIRED, Answer, Ask, Ctx, Flow, Input, Look, Meaning, Option, Parse, Retry, Summary
from bot.flows.recurring import rule as when
from bot.flows.rules import told
from bot.flows.words import clean, one_line, shorten

TWELVE = Option(FUTURE, Text("Twelve questions about our future"))
FIRST = 120
IN_THE_MORNING = Text("In the quiet hours of a group I ask nothing. What falls there comes when they are over.")
NEXT = (Text("Next"), Text("Then"), Text("And then"))


class NextTimes(msgspec.Struct, frozen=True):
    """A look: the next times of a rule in a zone, for the rooms where it is asked. Answered by `Coming`s."""

    rule: Rule
    zone: str
    conversation_id: UUID
    group_id: UUID | None


class Coming(msgspec.Struct, frozen=True):
    """A time at which something is due, and the one at which it is asked then: not at night."""

    due: datetime
    asked: datetime


class Kept(msgspec.Struct, frozen=True):
    """What a schedule was before it is changed. `first`: which question comes next, from 0."""

    rule: Rule
    series: str
    questions: tuple[str, ...]
    first: int = 0


def questions(sent: Input, _: Ctx) -> Meaning:
    """Read which questions: the built-in series, or one's own, one a line. The answer is the series and the lines."""
    if sent.choice in SERIES:
        return Answer((sent.choice, ()), Input(choice=sent.choice))
    lines = [one_line(line) for line in clean(sent.text).split("\n") if line.strip()]
    if sent.choice or not any(any(map(str.isalpha, line)) for line in lines):
        return Retry(Text("I saw no words there. Please write a few."))
    if len(lines) > MOST_QUESTIONS:
        return Retry(Text("That is %(n)d questions; at most %(most)d fit.", {"n": len(lines), "most": MOST_QUESTIONS}))
    longest = max(map(len, lines))
    if longest > MAX_PROMPT:
        return Retry(
            Text(
                "That is %(n)d characters; at most %(most)d fit. Please make it shorter.",
                {"n": longest, "most": MAX_PROMPT},
            )
        )
    return Answer(("", tuple(lines)), Input("\n".join(lines)))


def _place(count: int) -> Parse:
    """Read which of so many questions comes first: its number from 1. The answer is its place, from 0."""

    def parse(sent: Input, _: Ctx) -> Meaning:
        number = sent.choice or sent.text.strip(" .")
        if number.isdecimal() and 0 < int(number[:4]) <= count:
            return Answer(int(number) - 1, Input(choice=number))
        return Retry(Text("Write its number, from 1 to %(n)d.", {"n": count}))

    return parse


def plan_prompts(
    conversation_id: UUID, zone: str, *, group_id: UUID | None = None, said: str = "", at: str = "",
    series: str = "", schedule_id: UUID | None = None, kept: Kept | None = None,
) -> Flow[PlanPrompts]:  # fmt: skip
    """Ask what is to be asked, and when.

    A built-in `series`, or what is `said`, and `at` may answer that already; what was `kept` stands till it is changed.
    """
    begun = (series, ()) if series in SERIES else (kept.series, kept.questions) if kept else REQUIRED
    series, lines = yield Ask(
        name="what",
        text=Text("What shall I ask?"),
        parse=questions,
        options=(TWELVE,),
        given=said,
        default=begun,
        hint=Text("Choose the series, or write your own question. One on each line, and I ask one each time."),
        voids=("first",),
    )
    asked: tuple[Words, ...] = tuple(Text(one) for one in SERIES[series]) if series in SERIES else tuple(lines)
    same = kept is not None and (kept.series, kept.questions) == (series, tuple(lines))
    first = 0
    if len(asked) > 1:
        first = yield Ask(
            name="first",
            text=Text("Which one shall come first?"),
            parse=_place(len(asked)),
            options=tuple(Option(str(number), one) for number, one in enumerate(asked, 1)),
            default=kept.first if kept is not None and same and kept.first < len(asked) else 0,
            hint=Text("It goes on from there. Those before it are left out."),
        )
    rule: Rule = yield Ask(
        name="when",
        text=Text("When shall I ask?"),
        parse=when(zone),
        adds=True,
        given=at,
        default=kept.rule if kept else REQUIRED,
        hint=Text("Write it as you say it: “every Monday at 18:00”, “the first Tuesday of the month at 17:00”, "
                  "“on Friday at 12:00”."),
    )  # fmt: skip
    most = min(len(asked) - first, len(NEXT)) if len(asked) > 1 else len(NEXT)
    coming: tuple[Coming, ...] = tuple((yield Look("next", NextTimes(rule, zone, conversation_id, group_id))))[:most]
    yield Summary(
        lines=(
            (Text("I ask"), _what(series, lines)),
            *([(Text("First"), asked[first])] if len(asked) > 1 else []),
            (Text("When"), told(rule)),
            *((NEXT[number], _time(one, zone)) for number, one in enumerate(coming)),
            *([(Text("At night"), IN_THE_MORNING)] if any(one.asked != one.due for one in coming) else []),
        ),
        confirm=Option("yes", Text("Yes, ask then")),
        changes=(
            Option("what", Text("The question")),
            Option("when", Text("The time")),
            *([Option("first", Text("Which one first"))] if len(asked) > 1 else []),
        ),
    )
    return PlanPrompts(conversation_id, rule, series, tuple(lines), group_id, schedule_id, first)


def _time(one: Coming, zone: str) -> Text:
    return Text("%(when)s", {"when": When(one.asked, zone=zone)})


def _what(series: str, lines: tuple[str, ...]) -> Words:
    if series in SERIES:
        return TWELVE.label
    first = shorten(lines[0], FIRST)
    if len(lines) == 1:
        return first
    return Text("%(n)d questions of yours, one each time.", {"n": len(lines)})
