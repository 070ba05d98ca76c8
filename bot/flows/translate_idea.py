"""Put an idea into another language."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from bot.chat.content import Text, quote
from bot.domain.ideas import MAX_IDEA
from bot.flows.commands import AddTranslation
from bot.flows.give_idea import MAX_LINES
from bot.flows.parsers import choice, free_text
from bot.flows.questions import Ask, Flow, Option
from bot.flows.words import shorten

QUOTED = 1000


def translate_idea(
    conversation_id: UUID, idea_id: UUID, idea: str, languages: Mapping[str, str]
) -> Flow[AddTranslation]:
    """Ask into which language, of some by their own names, and for the words."""
    body = (quote(shorten(idea, QUOTED)),) if idea else ()
    locale: str = yield Ask(
        name="language",
        text=Text("Which language do you translate it into?"),
        parse=choice({one: one for one in languages}),
        options=tuple(Option(one, name) for one, name in languages.items()),
        awaits=False,
        body=body,
    )
    text: str = yield Ask(
        name="text",
        text=Text("How do you say the same in that language?"),
        parse=free_text(MAX_IDEA, lines=MAX_LINES),
        hint=Text("All who read in that language see your words below the idea, with your name."),
        body=body,
    )
    return AddTranslation(conversation_id, idea_id, locale, text)
