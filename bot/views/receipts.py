"""What whoever gave an idea is told of what became of it."""

from __future__ import annotations

from bot.chat.content import Choice, Content, Text, Words, quote
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.views.common import button, column
from bot.views.words import excerpt

IN_RECEIPT = 120


def receipt(idea: Idea, words: Words, choice: Choice | None = None) -> Content:
    """Tell what became of an idea, with its words."""
    return Content.of(words, quote(excerpt(idea.text, IN_RECEIPT)), choices=column(choice or see(idea)))


def see(idea: Idea) -> Choice:
    """The way to an idea's card."""
    return button(Text("See idea %(number)d", {"number": idea.number}), "show", idea.conversation_id, idea.id)


def supported(idea: Idea) -> Content:
    """Somebody carries it: the first one."""
    return receipt(idea, Text("Somebody carries your idea now."))


def unites(idea: Idea, *, groups: bool) -> Content:
    """It unites people: across groups of opinion, or nearly all where there are no groups."""
    return receipt(
        idea,
        Text("People who otherwise think differently agree with your idea. It is one of those that unite us.")
        if groups
        else Text("Nearly everybody who has weighed it agrees with your idea."),
    )


def led(idea: Idea, group: HelperGroup, convener: str) -> Content:
    """Somebody took the lead for it."""
    words = (
        Text("%(name)s has taken the lead for your idea. A helper group has formed.", {"name": convener})
        if convener
        else Text("Somebody has taken the lead for your idea. A helper group has formed.")
    )
    return receipt(idea, words, button(Text("See the group"), "group", group.conversation_id, group.id))
