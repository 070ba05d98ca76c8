"""What is said where a host has been silent for long: to whoever would host instead, and to the host."""

from __future__ import annotations

from datetime import datetime

from bot.chat.content import Content, Text, When, small
from bot.domain.conversation import Conversation
from bot.domain.people import Participant
from bot.views.common import button, column
from bot.views.hosting import name_of
from bot.views.words import excerpt

QUESTION = 100
NOT_SILENT = Text("The host was here in the last two weeks. While that is so, hosting can only be handed over.")
NOT_THE_HOST = Text("You are not its host now.")
GOOD = Text("Good that you are here. You host it as before.")


def may_take_over(conversation: Conversation) -> Content:
    """Offer somebody to host."""
    return Content.of(
        Text("The host has not been here for two weeks. You can take over, so that it goes on."),
        Text("I tell the host, who has a week to come back. Then you are the host."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(button(Text("Yes, I will host it"), "takeover", conversation.id, arg="sure")),
    )


def will_take_over(conversation: Conversation, at: datetime) -> Content:
    """Tell whoever asked when they are the host."""
    return Content.of(
        Text("Thank you. I have told the host. If they do not come back, you are the host from %(when)s.",
             {"when": When(at, "date", conversation.zone)}),
        small(excerpt(conversation.question, QUESTION)),
    )  # fmt: skip


def asked_already(at: datetime) -> Text:
    """Tell a second one that somebody has asked."""
    return Text("Somebody has said already that they will host, from %(when)s.", {"when": When(at, "date")})


def asked_by_me(at: datetime) -> Text:
    """Tell somebody that they have asked already."""
    return Text("You have said so already. If the host does not come back, you are the host from %(when)s.",
                {"when": When(at, "date")})  # fmt: skip


def to_the_host(conversation: Conversation, who: Participant, at: datetime) -> Content:
    """Tell a silent host that somebody will host instead."""
    return Content.of(
        Text("You have been away for two weeks, so %(name)s will host your conversation from %(when)s. Are you here? "
             "Then you host it as before.", {"name": name_of(who), "when": When(at, "date", conversation.zone)}),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(button(Text("I am here"), "takeover", conversation.id, arg="here")),
    )  # fmt: skip


def host_is_back(conversation: Conversation) -> Content:
    """Tell whoever asked that the host is here again."""
    return Content.of(
        Text("The host is here again, and hosts as before. Thank you for being ready."),
        small(excerpt(conversation.question, QUESTION)),
    )
