"""Plain talk: what a message may mean, as buttons."""

from __future__ import annotations

from bot.chat.content import Content, Text, quote, small
from bot.domain.conversation import Conversation
from bot.views.common import button, column
from bot.views.words import excerpt

NO_WORDS = Text("Write a few words and I'll understand.")
GLADLY = Text("Gladly. Write an idea whenever you have one. /help tells what else can be done.")


def meaning(text: str, conversation: Conversation | None, *, angry: bool) -> Content:
    """Ask what somebody's words are to be."""
    blocks = [quote(excerpt(text, 200))]
    words = [Text("What would you rather see? What do you dare begin?")] if angry else []
    if conversation is None or conversation.closed_at is not None:
        return Content.of(
            *blocks,
            *words,
            Text("This could be the beginning of something. What shall I do with it?"),
            choices=column(
                button(Text("Begin a conversation with it"), "new", arg="talk"),
                button(Text("Join one"), "join"),
                button(Text("Nothing, thank you"), "nothing"),
            ),
        )
    return Content.of(
        *blocks,
        *words,
        Text("Shall I give this as an idea?"),
        small(conversation.question),
        choices=column(
            button(Text("Yes, as an idea"), "talked", conversation.id),
            button(Text("See what can be done"), "help"),
            button(Text("Nothing, thank you"), "nothing"),
        ),
    )
