"""Tags as people see them."""

from __future__ import annotations

from bot.chat.content import Content, Text
from bot.domain.ideas import Idea
from bot.domain.moderation import Act
from bot.views.common import button, column
from bot.views.receipts import receipt


def now(idea: Idea) -> Text:
    """Say which tags an idea has."""
    if not idea.tags:
        return Text("Idea %(number)d has no tags now.", {"number": idea.number})
    return Text("Idea %(number)d has these tags: %(tags)s.", {"number": idea.number, "tags": ", ".join(idea.tags)})


def chosen(idea: Idea, act: Act | None) -> Content:
    """Tell who chose them, and a moderator how to take it back."""
    return Content.of(
        now(idea), choices=column(button(Text("Undo"), "undo", act.conversation_id, act.id) if act else None)
    )


def told(idea: Idea) -> Content:
    """Tell whoever gave an idea that a moderator chose its tags."""
    words = (
        Text("A moderator has chosen the words by which your idea is found: %(tags)s.", {"tags": ", ".join(idea.tags)})
        if idea.tags
        else Text("A moderator has taken away the tags of your idea.")
    )
    return receipt(idea, words)
