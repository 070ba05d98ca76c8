"""Bring a topic to an Open Space: what it is about, when, and where; and say anew when or where."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.chat.content import Block, Text, When, quote
from bot.domain.open_space import MAX_PLACE, MAX_TITLE, ChangeTopic, PostTopic
from bot.flows.parsers import free_text, suggested
from bot.flows.questions import Answer, Ask, Ctx, Flow, Input, Meaning, Option, Parse
from bot.flows.words import one_line

MAX_SLOT = 60
MOST_PLACES = 6
_CLOCK = re.compile(r"(kl\.?\s*|at\s+)?([01]?\d|2[0-3])(?:[:.]([0-5]\d))?", re.IGNORECASE)


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
    about = (quote(words),)
    at, slot = _told((yield _when(slots, zone, optional=True, body=about)))
    place: str = yield _where(places, optional=True, body=about)
    return PostTopic(conversation_id, gathering_id, words, at, slot, place)


def change_topic(
    conversation_id: UUID, topic_id: UUID, field: str, slots: tuple[datetime, ...], places: tuple[str, ...], zone: str
) -> Flow[ChangeTopic]:
    """Ask anew when, or where."""
    if field == "when":
        at, slot = _told((yield _when(slots, zone, optional=False)))
        return ChangeTopic(conversation_id, topic_id, at, slot)
    place: str = yield _where(places, optional=False)
    return ChangeTopic(conversation_id, topic_id, place=place)


def _when(slots: tuple[datetime, ...], zone: str, *, optional: bool, body: tuple[Block, ...] = ()) -> Ask:
    hours = (Text("%(when)s", {"when": When(one, "clock", zone)}) for one in slots)
    return Ask(
        name="slot", text=Text("When do you talk about it?"), parse=_slot(slots, zone),
        options=tuple(Option(f"s{n}", words) for n, words in enumerate(hours)), optional=optional, skipped="",
        hint=Text("Choose a time, or write another."), body=body,
    )  # fmt: skip


def _told(slot: datetime | str) -> tuple[datetime | None, str]:
    """Give a time as a moment, or as the words for it."""
    return (slot, "") if isinstance(slot, datetime) else (None, slot)


def _where(places: tuple[str, ...], *, optional: bool, body: tuple[Block, ...] = ()) -> Ask:
    options = tuple(Option(f"p{n}", one) for n, one in enumerate(places[:MOST_PLACES]))
    return Ask(
        name="place", text=Text("Where do you talk about it?"), parse=suggested(options, free_text(MAX_PLACE)),
        options=options, optional=optional, skipped="", hint=Text("A room, a table, a tree, a link …"),
        body=body,
    )  # fmt: skip


def _slot(slots: tuple[datetime, ...], zone: str) -> Parse:
    """Read one of the times, a time of that day, or other words for when."""
    own = free_text(MAX_SLOT)

    def parse(sent: Input, ctx: Ctx) -> Meaning:
        number = sent.choice.removeprefix("s")
        if sent.choice.startswith("s") and number.isdecimal() and int(number) < len(slots):
            return Answer(slots[int(number)], Input(choice=sent.choice))
        found = _CLOCK.fullmatch(one_line(sent.text)) if not sent.choice and slots else None
        if found and (found[1] or found[3]):
            first = slots[0].astimezone(ZoneInfo(zone))
            at = first.replace(hour=int(found[2]), minute=int(found[3] or 0))
            at = at if at > first - timedelta(hours=12) else at + timedelta(days=1)
            return Answer(at.astimezone(UTC), Input(one_line(sent.text)))
        return own(sent, ctx)

    return parse
