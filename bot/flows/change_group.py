"""Change what a helper group's card says: what stands there is shown, and each line of it can be put otherwise."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Text, Words
from bot.domain.groups import MAX_FIELD, ChangeGroup
from bot.flows.parsers import free_text
from bot.flows.questions import Ask, Flow, Option, Summary
from bot.flows.take_lead import NOT_YET


def change_group(
    conversation_id: UUID, group_id: UUID, *, what: str, whom: str, needs: str, first_step: str
) -> Flow[ChangeGroup]:
    """Show what the card says now, and ask for what is to be otherwise."""
    what = yield Ask(
        name="what", text=Text("What do you want to do together with others?"), parse=free_text(MAX_FIELD, least=3),
        default=what, hint=Text("One sentence is enough."),
    )  # fmt: skip
    whom = yield _skippable("whom", Text("Whom or what do you want to support?"), whom)
    needs = yield _skippable("needs", Text("What do you need from others?"), needs)
    first_step = yield _skippable("first_step", Text("What is the first step, and when?"), first_step)
    lines: tuple[tuple[str, Text, Words], ...] = (
        ("what", Text("What we want to do"), what),
        ("whom", Text("Whom we support"), whom or NOT_YET),
        ("needs", Text("What we need"), needs or NOT_YET),
        ("first_step", Text("First step"), first_step or NOT_YET),
    )
    yield Summary(
        lines=tuple((words, value) for _, words, value in lines),
        confirm=Option("yes", Text("Yes, show it so")),
        changes=tuple(Option(name, words) for name, words, _ in lines),
    )
    return ChangeGroup(conversation_id, group_id, what, whom, needs, first_step)


def _skippable(name: str, text: Text, now: str) -> Ask:
    return Ask(name=name, text=text, parse=free_text(MAX_FIELD, lines=5), default=now, optional=True, skipped="")
