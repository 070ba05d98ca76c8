"""Words and buttons that many views share."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action, Choice, Text, Words

Row = tuple[Choice, ...]

STALE = Text("That button is from before. Write /help to see how things stand now.")
NO_CONVERSATION = Text("You are in no conversation yet. Begin one, or join one that others began.")
NO_ROOM = Text("This room belongs to no conversation yet. Begin one, or link the room to the one you are in.")
ENDED = Text("This conversation has ended. What was said can still be read.")
NOT_YOURS = Text("That button is for somebody else. Write the command yourself, and you get your own.")
NOT_HERE = Text("Only this conversation's host and moderators can do that.")
NOT_YOUR_IDEA = Text("Only whoever gave this idea can do that.")
LISTEN = Text("Be listened to")
NOT_ALL_RIGHT = Text("This is not all right")
GONE = Text("This idea is not here any more.")


def button(
    label: Words,
    verb: str,
    scope: UUID | None = None,
    subject: UUID | None = None,
    arg: str = "",
    *,
    aside: bool = False,
) -> Choice:
    """Make a button."""
    return Choice(label, Action(verb, scope, subject, arg), aside=aside)


def column(*choices: Choice | None) -> tuple[Row, ...]:
    """Put buttons under each other, leaving out those that are None."""
    return tuple((choice,) for choice in choices if choice is not None)


def begin_or_join() -> tuple[Row, ...]:
    """The two ways into a conversation."""
    return column(button(Text("Begin a conversation"), "new"), button(Text("Join one"), "join"))


def begin_or_link() -> tuple[Row, ...]:
    """The two ways for a room that belongs to no conversation."""
    return column(button(Text("Begin a conversation"), "new"), button(Text("Link it to mine"), "join"))


def not_all_right(conversation_id: UUID, subject_id: UUID) -> Choice:
    """The button by which anyone says that something is not all right."""
    return button(NOT_ALL_RIGHT, "report", conversation_id, subject_id)
