"""Begin a conversation: only place and question are asked; the rest stands in the summary and can be changed there."""

from __future__ import annotations

from datetime import datetime

from bot.chat.content import Text, When, Words
from bot.domain.conversation import (
    MAX_GIVENS,
    MAX_QUESTION,
    MAX_VALUE,
    MAX_VALUES,
    MAX_WHY,
    Findable,
    Lasts,
    OpenConversation,
)
from bot.domain.place_names import place
from bot.domain.places import label
from bot.flows.meeting import meeting
from bot.flows.parsers import Where, choice, free_text, municipality, suggested
from bot.flows.questions import Ask, Flow, Option, Summary

VALUES = (
    Option("trust", Text("Trust")),
    Option("curiosity", Text("Curiosity")),
    Option("equal", Text("Everyone counts as much")),
    Option("open", Text("Openness")),
    Option("courage", Text("Courage")),
    Option("shared", Text("Shared responsibility")),
    Option("listening", Text("Listening")),
    Option("joy", Text("The joy of doing things together")),
)
LASTS: dict[Lasts, Text] = {
    "day": Text("One day"),
    "weeks": Text("A few weeks"),
    "meeting": Text("Until our next meeting"),
    "open": Text("As long as we like"),
}
FINDABLE: dict[Findable, Text] = {
    "anyone": Text("Anyone who looks for this place"),
    "invited": Text("Only those who are invited"),
}
NOTHING_YET = Text("Not said yet")


def new_conversation(places: tuple[str, ...] = (), said: str = "") -> Flow[OpenConversation]:
    """Ask for what it takes to begin a conversation.

    `places` are the keys of places that the person has been in, `said` is what may be the question already.
    """
    where: Where = yield Ask(
        name="place",
        text=Text("Which municipality is it about?"),
        parse=municipality,
        options=tuple(Option(found.key, label(found)) for found in map(place, places) if found),
        hint=Text("Write its name. Any other place will do too."),
    )
    questions = _questions(where.name)
    question: str = yield Ask(
        name="question",
        text=Text("What do you want to ask everyone in %(place)s?", {"place": where.name}),
        parse=suggested(questions, free_text(MAX_QUESTION, least=3)),
        given=said,
        options=questions,
        hint=Text("Choose one, or write your own."),
    )
    why: str = yield _optional(
        "why",
        Text("Why does this matter to you?"),
        Text("A few sentences. Everyone who is invited sees them."),
        MAX_WHY,
    )
    values: tuple[str, ...] = yield Ask(
        name="values",
        text=Text("Which values do we hold to when we talk?"),
        parse=suggested(VALUES, free_text(MAX_VALUE)),
        options=VALUES,
        default=(),
        optional=True,
        skipped=(),
        most=MAX_VALUES,
        hint=Text("Choose up to five, or write your own."),
    )
    lasts: Lasts = yield Ask(
        name="lasts",
        text=Text("How long does the conversation last?"),
        parse=choice({key: key for key in LASTS}),
        options=tuple(Option(key, words) for key, words in LASTS.items()),
        awaits=False,
        default="weeks",
    )
    zone = known.zone if (known := place(where.key)) else ""
    meeting_at: datetime | None = (yield meeting(zone)) if lasts == "meeting" else None
    findable: Findable = yield Ask(
        name="findable",
        text=Text("Who can find the conversation?"),
        parse=choice({key: key for key in FINDABLE}),
        options=tuple(Option(key, words) for key, words in FINDABLE.items()),
        awaits=False,
        default="invited",
    )
    givens: str = yield _optional(
        "givens",
        Text("What is already fixed?"),
        Text("The budget, the law, what has been decided: all that we cannot change here."),
        MAX_GIVENS,
    )
    rest: tuple[tuple[str, Text, Words], ...] = (
        ("place", Text("Place"), where.name),
        ("question", Text("Question"), question),
        ("why", Text("Why"), why or NOTHING_YET),
        ("values", Text("Values"), ", ".join(values) or NOTHING_YET),
        ("lasts", Text("How long"), LASTS[lasts]),
        *(
            [("meeting", Text("Our meeting"), Text("%(when)s", {"when": When(meeting_at, zone=zone)}))]
            if meeting_at
            else []
        ),
        ("findable", Text("Who can find it"), FINDABLE[findable]),
        ("givens", Text("Already fixed"), givens or NOTHING_YET),
    )
    yield Summary(
        lines=tuple((words, value) for _, words, value in rest),
        confirm=Option("yes", Text("Begin the conversation")),
        changes=tuple(Option(name, words) for name, words, _ in rest),
    )
    return OpenConversation(
        place_key=where.key,
        place_name=where.name,
        question=question,
        why=why,
        values=values,
        givens=givens,
        lasts=lasts,
        findable=findable,
        meeting_at=meeting_at,
    )


def _questions(name: str) -> tuple[Option, ...]:
    return (
        Option("future", Text("What do we want %(place)s to be like in ten years?", {"place": name})),
        Option("together", Text("What can we do together in %(place)s that nobody can do alone?", {"place": name})),
        Option("support", Text("Who in %(place)s needs our support to do what they do best?", {"place": name})),
    )


def _optional(name: str, text: Text, hint: Text, most: int) -> Ask:
    return Ask(
        name=name,
        text=text,
        parse=free_text(most, lines=20),
        default="",
        optional=True,
        skipped="",
        hint=hint,
    )
