"""What a group sees when the bot comes, is linked to a conversation, or parted from it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Content, Text, small
from bot.domain.conversation import Conversation
from bot.domain.rooms import Room
from bot.views import conversations, seasons
from bot.views.common import begin_or_join, button, column
from bot.views.words import excerpt

ALREADY = Text("This group belongs to that conversation already.")
NOT_A_GROUP = Text("This works in a group. Add me to one, and write it there.")
USED_UP = Text("This link has been used, or is too old. /invite makes a new one.")
COMMANDS = Text("Write here: /idea and what you think of, /vote to weigh in private, /help for all else.")
PACES = {
    "now": Text("Here I show what is new at once, five cards a day at most. The rest comes in one message."),
    "daily": Text("Here I tell once a day, in one message, what is new."),
    "weekly": Text("Here I tell on Sundays, in one message, what is new."),
    "never": Text("Here I tell only what a host has planned. You find what is new with /ideas and /groups."),
}


def greeting() -> Content:
    """What a group sees that belongs to no conversation: what this is, in two sentences, and the two ways in."""
    return Content.of(
        Text("I am Byalag. I help people talk about the future of their municipality, and do something together."),
        Text("Whoever wants can begin a conversation here, or link this group to one."),
        choices=begin_or_join(),
    )


def welcome(conversation: Conversation, linker: UUID | None, *, guessed: bool, menus: bool = True) -> Content:
    """What a group sees that was linked: what this is, the question, what to do. `guessed`: nobody said which one.

    Where there are no `menus` it is pinned: it names the commands, and says nothing that is true for a day only.
    """
    card = conversations.card(msgspec.structs.replace(conversation, season="gathering"))
    shown = card.blocks[1:] if menus else (*card.blocks[1:-1], small(COMMANDS))
    what = Text("I am Byalag. I gather your ideas, show what unites us, and help whoever wants to do something.")
    third = (
        button(Text("Not this conversation"), "unlink", conversation.id, linker)
        if guessed or not conversation.ideas
        else button(Text("Look at the ideas"), "ideas", conversation.id)
    )
    also: tuple[seasons.Way, ...] = ("vote",) if conversation.ideas else ()
    first = seasons.ways(conversation, also, private=False, most=2)
    return msgspec.structs.replace(
        card,
        blocks=(card.blocks[0], *Content.of(what).blocks, *shown),
        pinned=not menus,
        choices=(
            *column(*first, third),
            (button(Text("More"), "room", conversation.id, linker),),
        ),
    )


def more(conversation: Conversation, room: Room, linker: UUID | None) -> Content:
    """What else there is about a room: the ideas, how often they show, and the way out."""
    other = "daily" if room.at_once else "now"
    label = Text("Tell once a day what is new") if room.at_once else Text("Show at once what is new")
    return Content.of(
        Text("This group is linked to “%(question)s”.", {"question": excerpt(conversation.question, 120)}),
        PACES[room.often],
        choices=column(
            button(Text("Look at the ideas"), "ideas", conversation.id),
            button(label, "pace", conversation.id, linker, other),
            button(Text("Quiet hours"), "quiet", conversation.id, linker),
            button(Text("Not this conversation"), "unlink", conversation.id, linker),
        ),
    )


def unlinked() -> Content:
    """Say that a group belongs to the conversation no more."""
    return Content.of(
        Text("This group is no longer linked to the conversation. Nothing that was said there is lost."),
        choices=begin_or_join(),
    )


def taken(other: Conversation) -> Text:
    """Say that a group belongs to another conversation."""
    return Text(
        "This group is linked to “%(question)s”. A host or moderator of it can part them first.",
        {"question": excerpt(other.question, 90)},
    )


def cannot_write(group: str) -> Content:
    """Tell whoever added the bot which right is missing, and what to do."""
    where = (
        Text("I am in “%(group)s” now, but I may not write there.", {"group": excerpt(group, 60)})
        if group
        else Text("I am in your group now, but I may not write there.")
    )
    return Content.of(
        where,
        Text("Whoever manages the group can allow it: let me send messages. I need no other right."),
    )


def cannot_pin(group: str) -> Content:
    """Tell whoever added the bot that its card cannot be pinned, and that this is no harm."""
    what = Text("I am in “%(group)s” now, but I may not pin my card there.", {"group": excerpt(group, 60)})
    return Content.of(what, Text("All works without it. Whoever manages the room can pin it, or let me do it."))
