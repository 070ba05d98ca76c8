"""Plain talk: what a message may mean, as buttons."""

from __future__ import annotations

from bot.chat.content import Content, Text, quote, small
from bot.domain.conversation import Conversation
from bot.domain.needs import urgent
from bot.views.common import LISTEN, button, column
from bot.views.needs import EMERGENCY
from bot.views.words import excerpt

NO_WORDS = Text("Write a few words and I'll understand.")
GLADLY = Text("Gladly. Write an idea whenever you have one. /help tells what else can be done.")


def meaning(text: str, conversation: Conversation | None, *, angry: bool, likely: str = "") -> Content:
    """Ask what somebody's words are to be; what they are `likely` (`need`, `offer`) comes first."""
    need = button(Text("It is something I need"), "talked", arg="need")
    offer = button(Text("It is something I can help with"), "talked", arg="offer")
    first, second = (offer, need) if likely == "offer" else (need, offer)
    urgent_line = [EMERGENCY] if urgent(text) else []
    blocks = [quote(excerpt(text, 200))]
    words = [Text("What would you rather see? What do you dare begin?")] if angry else []
    if conversation is None or conversation.closed_at is not None:
        return Content.of(
            *blocks,
            *words,
            *urgent_line,
            Text("This could be the beginning of something. What shall I do with it?"),
            choices=column(
                first if likely else None,
                button(Text("Begin a conversation with it"), "new", arg="talk"),
                button(Text("Join one"), "join"),
                None if likely else first,
                second,
                button(LISTEN, "listen"),
                button(Text("Nothing, thank you"), "nothing"),
            ),
        )
    return Content.of(
        *blocks,
        *words,
        *urgent_line,
        Text("What is it to be?") if likely else Text("Shall I give this as an idea?"),
        small(conversation.question),
        choices=column(
            first if likely else None,
            button(Text("Give it as an idea") if likely else Text("Yes, as an idea"), "talked", conversation.id),
            None if likely else first,
            second,
            button(LISTEN, "listen"),
            button(Text("Nothing, thank you"), "nothing"),
        ),
    )
