"""Take the lead, from an idea or from nothing: what we want to do, for whom, what we need, and the first step."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Text, Words, quote
from bot.domain.groups import MAX_FIELD, TakeTheLead
from bot.flows.parsers import choice, free_text
from bot.flows.questions import REQUIRED, Ask, Flow, Option, Summary
from bot.flows.words import clean, shorten

FROM_IDEA = 200
NOT_YET = Text("Not said yet")


ROOM = {"yes": Text("I make one and invite who joins in"), "no": Text("No room")}


def take_lead(
    conversation_id: UUID, idea_id: UUID | None = None, words: str = "", *, can_make_room: bool = False
) -> Flow[TakeTheLead]:
    """Ask for what makes a helper group. The words of an idea are what it wants to do, as are words told already.

    Where the bot can make a room it does, unless it is told not to.
    """
    what: str = yield Ask(
        name="what",
        text=Text("What do you want to do together with others?"),
        parse=free_text(MAX_FIELD, least=3),
        default=shorten(clean(words), FROM_IDEA) if idea_id else REQUIRED,
        given="" if idea_id else words,
        hint=Text("One sentence is enough."),
    )
    whom: str = yield _skippable(
        "whom", what, Text("Whom or what do you want to support?"), Text("A teacher, a path, a library …")
    )
    needs: str = yield _skippable(
        "needs", what, Text("What do you need from others?"), Text("Hands, time, a room, a tool …")
    )
    first_step: str = yield _skippable(
        "first_step", what, Text("What is the first step, and when?"), Text("Something small that can be done soon.")
    )
    room: str = "no"
    if can_make_room:
        room = yield Ask(
            name="room",
            text=Text("Shall I make a room for the group?"),
            parse=choice({key: key for key in ROOM}),
            options=tuple(Option(key, words) for key, words in ROOM.items()),
            awaits=False,
            default="yes",
        )
    rest: tuple[tuple[str, Text, Words], ...] = (
        ("what", Text("What we want to do"), what),
        ("whom", Text("Whom we support"), whom or NOT_YET),
        ("needs", Text("What we need"), needs or NOT_YET),
        ("first_step", Text("First step"), first_step or NOT_YET),
        *([("room", Text("A room for the group"), ROOM[room])] if can_make_room else []),
    )
    yield Summary(
        lines=tuple((words, value) for _, words, value in rest),
        confirm=Option("yes", Text("Take the lead")),
        changes=tuple(Option(name, words) for name, words, _ in rest),
    )
    return TakeTheLead(
        conversation_id, idea_id, what=what, whom=whom, needs=needs, first_step=first_step, room=room == "yes"
    )


def _skippable(name: str, what: str, text: Text, hint: Text) -> Ask:
    """Ask for what may be left out; above it stands what the group wants to do."""
    words = free_text(MAX_FIELD, lines=5)
    return Ask(name=name, text=text, parse=words, optional=True, skipped="", hint=hint, body=(quote(what),))
