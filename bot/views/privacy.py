"""What a person is told about what is kept of them, and how they get it or erase it.

The notice is four sentences and a question; whoever changes what is kept changes it too, and `CONSENT_VERSION` with it.
"""

from __future__ import annotations

from bot.chat.content import Content, Text
from bot.views.common import button, column

ALERT = Text(
    "Your vote shows what you think. It is kept secret; only sums from five are shown. "
    "Who and why: /privacy. Erase: /forget. Are you 13 or over and say yes? Tap again."
)
"""The notice where only 200 characters fit, in every language."""


def notice(operator: str) -> Content:
    """Give the notice that is shown once before the first contribution: what, why, who, how to erase; and the question."""
    return Content.of(
        Text("I keep what you give here: your ideas, what you support, how you vote, and the name that you go by."),
        Text("It is kept so that we can find out together what unites us, and do something about it."),
        _who(operator),
        Text("You can erase all that is yours at any time: write /forget."),
        Text("Are you 13 or over, and is that all right?"),
        choices=column(button(Text("Yes"), "yes"), button(Text("No"), "no"), button(Text("Tell me more"), "privacy")),
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
