"""Plain talk: what a message may mean, as buttons."""

from __future__ import annotations

from bot.chat.content import Block, Content, Text, quote, small
from bot.domain.conversation import Conversation
from bot.domain.needs import urgent
from bot.views.common import LISTEN, button, column
from bot.views.needs import EMERGENCY
from bot.views.words import excerpt

NO_WORDS = Text("Write a few words and I'll understand.")
GLADLY = Text("Gladly. Write an idea whenever you have one. /help tells what else can be done.")


def meaning(text: str, conversation: Conversation | None, *, angry: bool, likely: str = "") -> Content:
    """Ask what somebody's words are to be; what they are `likely` (`need`, `offer`, `story`) comes first.

    Where there may be danger, that is being listened to.
    """
    danger = urgent(text)
    said = [
        quote(excerpt(text, 200)),
        *([Block("text", Text("What would you rather see? What do you dare begin?"))] if angry else []),
        *([Block("text", EMERGENCY)] if danger else []),
    ]
    ways = {
        "need": button(Text("It is something I need"), "talked", arg="need"),
        "offer": button(Text("It is something I can help with"), "talked", arg="offer"),
        "listen": button(LISTEN, "listen"),
    }
    likely = "listen" if danger else likely
    nothing = button(Text("Nothing, thank you"), "nothing")
    if conversation is None or conversation.closed_at is not None:
        begin = button(Text("Begin a conversation with it"), "new", arg="talk")
        first = ways.pop(likely, None)
        return Content.of(
            *said,
            Text("What is it to be?")
            if danger
            else Text("This could be the beginning of something. What shall I do with it?"),
            choices=column(first, begin, button(Text("Join one"), "join"), *ways.values(), nothing),
        )
    if likely == "story":
        ways = {"story": button(Text("It is what came of something"), "talked", arg="story"), **ways}
    first = ways.pop(likely, None)
    idea = Text("Give it as an idea") if first else Text("Yes, as an idea")
    return Content.of(
        *said,
        Text("What is it to be?") if first else Text("Shall I give this as an idea?"),
        small(conversation.question),
        choices=column(first, button(idea, "talked", conversation.id), *ways.values(), nothing),
    )
