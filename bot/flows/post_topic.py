"""Bring a topic to an Open Space: what it is about, when, and where."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.chat.content import Text, When
from bot.domain.open_space import MAX_PLACE, MAX_TITLE, PostTopic
from bot.flows.parsers import free_text, suggested
from bot.flows.questions import Answer, Ask, Ctx, Flow, Input, Meaning, Option, Parse
from bot.flows.words import one_line

MAX_SLOT = 60
MOST_PLACES = 6
_CLOCK = re.compile(r"(?:kl\.?\s*|at\s+)?([01]?\d|2[0-3])[:.]([0-5]\d)")


def post_topic(
    conversation_id: UUID, gathering_id: UUID, title: str, slots: tuple[datetime, ...], places: tuple[str, ...],
    zone: str,
) -> Flow[PostTopic]:  # fmt: skip
    """Ask for the topic; when and where are chosen of what there is, or told, or left open."""
    words: str = yield Ask(
        name="title",
        text=Text("What do you want to talk about?"),
        parse=free_text(MAX_TITLE, least=3),
        given=title,
        hint=Text("You open the talk, and write down what was said. You need not know the answer."),
    )
    at, slot = None, ""
    told: datetime | str = yield Ask(
        name="slot",
        text=Text("When do you talk about it?"),
        parse=_slot(slots, zone),
        options=tuple(Option(f"s{n}", Text("%(when)s", {"when": When(one, "clock", zone)}))
                      for n, one in enumerate(slots)),
        optional=True,
        skipped="",
        hint=Text("Choose a time, or write another."),
    )  # fmt: skip
    if isinstance(told, datetime):
        at = told
    else:
        slot = told
    options = tuple(Option(f"p{n}", one) for n, one in enumerate(places[:MOST_PLACES]))
    place: str = yield Ask(
        name="place",
        text=Text("Where do you talk about it?"),
        parse=suggested(options, free_text(MAX_PLACE)),
        options=options,
        optional=True,
        skipped="",
        hint=Text("A room, a table, a tree, a link …"),
    )
    return PostTopic(conversation_id, gathering_id, words, at, slot, place)


def _slot(slots: tuple[datetime, ...], zone: str) -> Parse:
    """Read one of the times, a time of that day, or other words for when."""
    own = free_text(MAX_SLOT)

    def parse(sent: Input, ctx: Ctx) -> Meaning:
        number = sent.choice.removeprefix("s")
        if sent.choice.startswith("s") and number.isdecimal() and int(number) < len(slots):
            return Answer(slots[int(number)], Input(choice=sent.choice))
        found = _CLOCK.fullmatch(one_line(sent.text)) if not sent.choice and slots else None
        if found:
            first = slots[0].astimezone(ZoneInfo(zone))
            at = first.replace(hour=int(found[1]), minute=int(found[2]))
            at = at if at > first - timedelta(hours=12) else at + timedelta(days=1)
            return Answer(at.astimezone(UTC), Input(one_line(sent.text)))
        return own(sent, ctx)

    return parse
