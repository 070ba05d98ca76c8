"""What those concerned are told when somebody is to host, hosts, or helps to: each a message of its own."""

from __future__ import annotations

from bot.chat.content import Content, Text, small
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.views.common import button, column
from bot.views.hosting import QUESTION, short_name
from bot.views.words import excerpt


def offered(conversation: Conversation, act: Act, host: Participant) -> Content:
    """Ask somebody whether they want to host."""
    return Content.of(
        Text("%(name)s asks whether you want to host a conversation:", {"name": short_name(host)}),
        small(excerpt(conversation.question, QUESTION)),
        Text("A host invites, names moderators, and can end it. %(name)s stays as a co-host.",
             {"name": short_name(host)}),
        choices=column(
            button(Text("Yes, I will host it"), "takeover", conversation.id, act.id, "yes"),
            button(Text("No, thank you"), "takeover", conversation.id, act.id, "no"),
        ),
    )  # fmt: skip


def accepted(conversation: Conversation, heir: Participant) -> Content:
    """Tell the earlier host that there is another one now."""
    return Content.of(
        Text("%(name)s hosts the conversation now. You are a co-host.", {"name": short_name(heir)}),
        small(excerpt(conversation.question, QUESTION)),
    )


def declined(conversation: Conversation, asked: Participant) -> Content:
    """Tell the host that somebody does not want to host."""
    return Content.of(
        Text("%(name)s would rather not host. You are the host as before.", {"name": short_name(asked)}),
        small(excerpt(conversation.question, QUESTION)),
    )


def you_host(conversation: Conversation) -> Content:
    """Tell somebody that they are the host now, as they wished."""
    return Content.of(
        Text("You are the host now. Thank you."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("What can I do?"), "host", conversation.id),
            button(Text("Invite others"), "invite", conversation.id),
        ),
    )


def cohost_now(conversation: Conversation) -> Content:
    """Tell somebody that they are a co-host."""
    return Content.of(
        Text("You are a co-host now: you can do all that the host does, but not hand it over."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(button(Text("What can I do?"), "host", conversation.id)),
    )


def dismissed(conversation: Conversation) -> Content:
    """Tell somebody that they have no role any more."""
    return Content.of(
        Text("You do not help to host this conversation any more. Thank you for what you have done."),
        small(excerpt(conversation.question, QUESTION)),
    )


def moderator_now(conversation: Conversation) -> Content:
    """Tell somebody that they moderate from now on."""
    return Content.of(
        Text("You are a moderator now: you help everybody to be heard here."),
        Text("When somebody says that something is not all right, I tell you in the evening, threats at once. "
             "All that you do can be taken back."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(button(Text("What waits?"), "mod", conversation.id)),
    )  # fmt: skip
