"""Tell what came of it: of which helper group, in which words, and whether under one's name."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Text, quote
from bot.domain.steps import MAX_STORY, TellStory
from bot.flows.parsers import choice, free_text
from bot.flows.questions import Ask, Flow, Option
from bot.flows.words import shorten

ON_BUTTON = 30
QUOTED = 200
LINES = 40


def tell_story(
    conversation_id: UUID, text: str = "", groups: tuple[tuple[UUID, str], ...] = (), group_id: UUID | None = None
) -> Flow[TellStory]:
    """Ask for the words; of which of one's `groups` it tells, if that is not known; and under which name."""
    words: str = yield Ask(
        name="text",
        text=Text("What came of it?"),
        parse=free_text(MAX_STORY, least=3, lines=LINES),
        given=text,
        hint=Text("A few sentences: what you did, how it went, what you learned."),
    )
    body = (quote(shorten(words, QUOTED)),)
    about = group_id
    if about is None and groups:
        about = yield Ask(
            name="about",
            text=Text("Which helper group is it about?"),
            parse=choice({f"g{place}": one for place, (one, _) in enumerate(groups)} | {"all": None}),
            options=(
                *(Option(f"g{place}", shorten(what, ON_BUTTON)) for place, (_, what) in enumerate(groups)),
                Option("all", Text("None of them")),
            ),
            awaits=False,
            body=body,
        )
    named: bool = yield Ask(
        name="named",
        text=Text("Shall your name be shown with it?"),
        parse=choice({"named": True, "unnamed": False}),
        options=(Option("named", Text("Yes, with my name")), Option("unnamed", Text("Without my name"))),
        awaits=False,
        body=body,
    )
    return TellStory(conversation_id, about, words, named)
