"""The next step of a helper group: what, when, and who; and another time for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

from bot.chat.content import Text, When, quote, small
from bot.domain.steps import MAX_STEP, MoveStep, TakeAStep
from bot.flows.parsers import choice, free_text
from bot.flows.questions import Answer, Ask, Ctx, Flow, Input, Meaning, Option
from bot.flows.times import when, with_time
from bot.flows.words import shorten

QUOTED = 200
NAMED = 5
"""So many members can be chosen by name."""
_MOMENT = re.compile(r"m\d{1,9}")
_WORDS = free_text(MAX_STEP, least=3)
_WHEN = when()


def next_step(
    conversation_id: UUID, group_id: UUID, text: str = "", members: tuple[tuple[UUID, str], ...] = ()
) -> Flow[TakeAStep]:
    """Ask what is to be done, when (if the words do not tell), and by whom; `members` are those besides who is asked.

    The first of `members` is who is asked.
    """
    said: tuple[str, datetime | None] = yield Ask(
        name="what",
        text=Text("What is the next step?"),
        parse=_what,
        given=text,
        hint=Text("Something small. You can write when, too: “Paint the bench, Saturday at 10”."),
    )
    what, at = said
    if at is None:
        at = yield Ask(
            name="at",
            text=Text("When? You can also skip this."),
            parse=_WHEN,
            adds=True,
            optional=True,
            skipped=None,
            body=(quote(shorten(what, QUOTED)),),
            hint=Text("Such as “Saturday at 10”, or “in two weeks at 18”."),
        )
    doer: UUID | None = members[0][0] if len(members) == 1 else None
    if len(members) > 1:
        others = members[1 : NAMED + 1]
        doer = yield Ask(
            name="who",
            text=Text("Who does it?"),
            parse=choice(
                {"me": members[0][0], "all": None} | {f"p{place}": one for place, (one, _) in enumerate(others)}
            ),
            options=(
                Option("me", Text("I do it")),
                Option("all", Text("All of us")),
                *(Option(f"p{place}", name) for place, (_, name) in enumerate(others)),
            ),
            awaits=False,
            body=(quote(shorten(what, QUOTED)), *((small(Text("When: %(when)s", {"when": When(at)})),) if at else ())),
        )
    return TakeAStep(conversation_id, group_id, what, at, doer)


def move_step(conversation_id: UUID, step_id: UUID, words: str = "") -> Flow[MoveStep]:
    """Ask for another time."""
    at: datetime = yield Ask(
        name="at",
        text=Text("When instead?"),
        parse=_WHEN,
        adds=True,
        body=(quote(shorten(words, QUOTED)),) if words else (),
    )
    return MoveStep(conversation_id, step_id, at)


def _what(sent: Input, ctx: Ctx) -> Meaning:
    """Read what is to be done; a time at its end is kept beside the words, as a moment."""
    plain = _WORDS(Input(sent.text), ctx)
    if not isinstance(plain, Answer):
        return plain
    words = str(plain.value)
    if _MOMENT.fullmatch(sent.choice):
        at = datetime.fromtimestamp(int(sent.choice[1:]) * 60, UTC)
        return Answer((words, at if at > ctx.now else None), sent)
    found = with_time(words, ctx)
    if found is None:
        return Answer((words, None), Input(words))
    what, at = found
    return Answer(found, Input(what, f"m{int(at.timestamp()) // 60}"))
