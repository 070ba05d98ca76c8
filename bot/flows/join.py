"""Join a conversation by its code."""

from __future__ import annotations

from bot.chat.content import Text
from bot.flows.commands import JoinByCode
from bot.flows.parsers import code
from bot.flows.questions import Ask, Flow


def join(given: str = "") -> Flow[JoinByCode]:
    """Ask for the code, if `given` is not one already."""
    found: str = yield Ask(
        name="code",
        text=Text("Which code did you get?"),
        parse=code,
        given=given,
        hint=Text("Write the code, or send the link that you got."),
    )
    return JoinByCode(found)
