"""Change the words of one's idea."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Text, quote
from bot.domain.ideas import MAX_IDEA
from bot.flows.commands import EditIdea
from bot.flows.give_idea import MAX_LINES
from bot.flows.parsers import free_text
from bot.flows.questions import Ask, Flow


def edit_idea(conversation_id: UUID, idea_id: UUID, before: str = "", text: str = "") -> Flow[EditIdea]:
    """Ask for the new words, if `text` are not they already; `before` are the present ones."""
    words: str = yield Ask(
        name="text",
        text=Text("How do you want to put it?"),
        parse=free_text(MAX_IDEA, lines=MAX_LINES),
        given=text,
        hint=Text("Write the whole idea anew."),
        body=(quote(before),) if before else (),
    )
    return EditIdea(conversation_id, idea_id, words)
