"""What a person is told about what is kept of them, and how they get it or erase it.

The notice is four sentences and a question; whoever changes what is kept changes it too, and `CONSENT_VERSION` with it.
"""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Block, Choice, Content, Text, Words, small, title
from bot.domain.conversation import Conversation
from bot.views.common import button, column
from bot.views.words import excerpt

ALERT = Text(
    "What you choose here is kept, and others can see it. Your votes are secret. "
    "Who and why: /privacy. Erase: /forget. Are you 13 or over and say yes? Tap again."
)
"""The notice where only 200 characters fit, in every language."""

STAYED = Text("Good. Nothing was erased.")
ALL, KEEP, NO = "all", "keep", "no"
"""The answers to whether one wants to be erased."""

_ASK = Text("Are you 13 or over, and is that all right?")


def notice(operator: str) -> Content:
    """Give the notice that is shown once before the first contribution: what, why, who, how to erase; and ask."""
    return Content.of(
        Text("I keep what you give here: your ideas, what you support, how you vote, and the name that you go by."),
        Text("It is kept so that we can find out together what unites us, and do something about it."),
        _who(operator),
        Text("You can erase all that is yours at any time: write /forget."),
        _ASK,
        choices=(*_yes_or_no(), (button(Text("Tell me more"), "privacy"),)),
    )


def privacy(operator: str, network: str, *, ask: bool) -> Content:
    """Tell what is kept and why, and what the network sees; `ask` for the yes that is not given yet."""
    blocks: list[Words | Block] = [
        title(Text("What is kept, and why")),
        Text(
            "Of you: your language, your account here and the name it shows, encrypted and apart from what you write."
        ),
        Text(
            "Of what you do: ideas, support, helper groups and hats. Others see them, and your name where you give it."
        ),
        Text(
            "What you need and can help with is encrypted. Others see only the words, and who you are when you and "
            "they have both said yes."
        ),
        Text(
            "Of your votes: they are secret. Sums show from five people on and change in steps of five, so that nobody "
            "can read a single vote off them."
        ),
        Text("Why: to find out together what unites us, and only after your yes, which you can take back."),
        _operator(operator),
        Text(
            "How long: until you erase it. Half a year after a conversation has ended I forget who was who in it. "
            "What you begin without a yes I keep for a week. "
            "The network you write in (Telegram, say) sees your presses too."
        ),
    ]
    if network == "matrix":
        blocks.append(
            Text(
                "On Matrix the server sees reactions, in encrypted rooms too. Words and numbers it does not see there."
            )
        )
    if ask:
        return Content.of(*blocks, small(Text("Erase: /forget. A file of all that is yours: /mydata.")), _ASK,
                          choices=_yes_or_no())  # fmt: skip
    return Content.of(
        *blocks, choices=column(button(Text("Get all that is mine"), "mydata"), button(Text("Erase me"), "forget"))
    )


def sure(person_id: UUID) -> Content:
    """Ask before somebody is erased."""
    return Content.of(
        title(Text("Erase you?")),
        Text(
            "In all conversations: your name, accounts, votes, support, hats and places in helper groups go from here."
        ),
        Text("Cannot be undone."),
        Text("Where you are host or hold a group together, somebody else who is in it takes over."),
        small(Text("What stands in your app and in groups' own history stays there. Delete it there yourself.")),
        choices=column(
            button(Text("Erase all; my ideas go"), "forget", person_id, arg=ALL),
            button(Text("Erase me; my ideas stay without my name"), "forget", person_id, arg=KEEP),
            button(Text("No, keep me"), "forget", person_id, arg=NO),
        ),
    )


def erased(*, keep_ideas: bool) -> Content:
    """Give the receipt, the last that is written to who was erased."""
    return Content.of(
        Text("You are erased. All that was yours here is gone, in every conversation."),
        Text("Your ideas stay, without your name.") if keep_ideas else Text("Your ideas are gone too."),
        Text("This was the last message. Within a minute I do not know this chat any more."),
        small(Text("If you write to me again, you are new to me, and welcome.")),
    )


def hosting(conversation: Conversation) -> Content:
    """Tell somebody that they are the host now."""
    return Content.of(
        Text(
            "The host of “%(question)s” has left. You are its host now, so that it can go on.",
            {"question": excerpt(conversation.question, 120)},
        ),
        Text("There is nothing you must do. /help tells what you can."),
        choices=column(
            button(Text("What can I do?"), "help"), button(Text("Invite others"), "invite", conversation.id)
        ),
    )


def _who(operator: str) -> Text:
    if operator:
        return Text(
            "Everyone in the conversation sees your ideas and what you support; votes are secret, and only sums from "
            "five people on are shown; the server is run by %(operator)s, who could find out who voted what.",
            {"operator": operator},
        )
    return Text(
        "Everyone in the conversation sees your ideas and what you support; votes are secret, and only sums from "
        "five people on are shown; whoever runs this server could find out who voted what."
    )


def _operator(operator: str) -> Text:
    if operator:
        return Text(
            "Who could look: %(operator)s, who runs this server, could find out who voted what. I show it to nobody.",
            {"operator": operator},
        )
    return Text("Who could look: whoever runs this server could find out who voted what. I show it to nobody.")


def _yes_or_no() -> tuple[tuple[Choice, ...], ...]:
    return ((button(Text("Yes"), "yes"), button(Text("No"), "no")),)
