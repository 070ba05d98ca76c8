"""Next steps as people see them: the card, the reminder, the gentle question, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import Block, Choice, Content, Text, When, Words, quote, small, title
from bot.domain.groups import HelperGroup
from bot.domain.steps import Step
from bot.views.common import NOT_ALL_RIGHT, button, column
from bot.views.words import excerpt

WHAT = 300
IN_LINE = 90
NAME = 40

GONE = Text("This step is not here any more.")
HIDDEN = Text("A moderator has hidden this step.")
OVER = Text("This step is done already, or not wanted any more.")
IN_NO_GROUP = Text("You are in no helper group yet. Join one, or take the lead for something.")
MEMBERS = Text("Those who are in the group can do that. Join in first.")
NO_TIME_YET = Text("No time yet.")
MINE = Text("Thank you. It is yours now.")
DROPPED = Text("That is fine. It is not among the next steps any more.")


def card(step: Step, group: HelperGroup, doer: str) -> Content:
    """A next step: what, who, when; one press when it is done."""
    if step.state == "hidden" or not step.what:
        return Content.of(HIDDEN if step.what else GONE)
    blocks: list[Words | Block] = [title(heading(step)), quote(excerpt(step.what, WHAT))]
    if step.state == "open":
        blocks.append(who(step, doer))
        blocks.append(Text("When: %(when)s", {"when": When(step.at)}) if step.at else NO_TIME_YET)
    blocks.append(small(excerpt(group.what, IN_LINE)))
    bad = button(NOT_ALL_RIGHT, "report", step.conversation_id, step.id, aside=True)
    return Content.of(*blocks, choices=(*(ways(step) if step.state == "open" else ()), (bad,)))


def heading(step: Step) -> Text:
    """Name a step by how far it is."""
    if step.state == "done":
        return Text("A step is done")
    return Text("Next step") if step.state == "open" else Text("This step is not wanted any more.")


def who(step: Step, doer: str) -> Text:
    """Say who takes it."""
    if step.doer_id is None:
        return Text("All of us do it together.")
    return Text("%(name)s does it.", {"name": excerpt(doer, NAME) or Text("Somebody in the group")})


def ways(step: Step) -> tuple[tuple[Choice, ...], ...]:
    """What one can do with an open step."""
    scope, subject = step.conversation_id, step.id
    return (
        (button(Text("Done"), "stepped", scope, subject, "done"), button(Text("Move it"), "stepped", scope, subject)),
        (button(Text("Not any more"), "stepped", scope, subject, "not"), *_mine(step)),
    )


def _mine(step: Step) -> tuple[Choice, ...]:
    if step.doer_id is not None:
        return ()
    return (button(Text("I do it"), "stepped", step.conversation_id, step.id, "mine"),)


def which(groups: Sequence[HelperGroup], verb: str) -> Content:
    """Ask of which helper group it is."""
    return Content.of(
        Text("Which helper group is it about?"),
        choices=column(
            *(button(excerpt(one.what, 30), verb, one.conversation_id, one.id) for one in groups[:8]),
        ),
    )


def taken(step: Step) -> Content:
    """Say that it stands there now."""
    if step.at is None:
        return Content.of(Text("Good. That is the next step. When you know the time, press “Move it”."))
    return Content.of(Text("Good. That is the next step. I send a reminder before it is time."))


def moved(step: Step) -> Content:
    """Say that it is at another time."""
    see = button(Text("See the step"), "stepped", step.conversation_id, step.id, "see")
    return Content.of(Text("Moved. I remind you before it."), choices=column(see))


def coming(group: HelperGroup, steps: Sequence[tuple[Step, str]]) -> Content:
    """The next steps of a group; a button opens each."""
    shown = steps[:6]
    return Content.of(
        title(Text("Next steps")),
        *(line(one, name) for one, name in shown),
        small(excerpt(group.what, IN_LINE)),
        choices=column(
            *(button(excerpt(one.what, 30), "stepped", one.conversation_id, one.id, "see") for one, _name in shown),
            button(Text("A new step"), "step", group.conversation_id, group.id, "new"),
        ),
    )


def named(step: Step, group: HelperGroup, by: str) -> Content:
    """Tell somebody that others count on them for a step."""
    told: dict[str, str | int | When | Text] = {"name": excerpt(by, NAME) or Text("Somebody in the group")}
    return Content.of(
        Text("%(name)s has written you down for a next step:", told),
        quote(excerpt(step.what, WHAT)),
        *((Text("When: %(when)s", {"when": When(step.at)}),) if step.at else ()),
        small(excerpt(group.what, IN_LINE)),
        choices=ways(step),
    )


def soon(step: Step, group: HelperGroup, doer: str) -> Content:
    """Remind of a step before its time."""
    assert step.at is not None  # noqa: S101 (reminded of only when it has a time)
    return Content.of(
        Text("Soon it is time: %(when)s", {"when": When(step.at)}),
        quote(excerpt(step.what, WHAT)),
        who(step, doer),
        small(excerpt(group.what, IN_LINE)),
        choices=ways(step),
    )


def how_did_it_go(step: Step, group: HelperGroup) -> Content:
    """Ask gently, once, after its time."""
    return Content.of(
        Text("How did it go?"), quote(excerpt(step.what, WHAT)), small(excerpt(group.what, IN_LINE)),
        choices=ways(step),
    )  # fmt: skip


def done(step: Step, group: HelperGroup) -> Content:
    """Thank, and ask what comes next."""
    scope, subject = step.conversation_id, group.id
    return Content.of(
        Text("Done: %(what)s", {"what": excerpt(step.what, IN_LINE)}),
        Text("Thank you. What comes next?"),
        choices=column(
            button(Text("A next step"), "step", scope, subject, "new"),
            button(Text("Tell what came of it"), "story", scope, subject),
        ),
    )


def receipt(step: Step) -> Text:
    """Tell whoever gave the idea that something was done for it."""
    return Text("Something has been done for your idea: “%(what)s”.", {"what": excerpt(step.what, IN_LINE)})


def line(step: Step, doer: str) -> Text:
    """Tell a next step on its group's card."""
    params: dict[str, str | int | When | Text] = {"what": excerpt(step.what, IN_LINE)}
    name = excerpt(doer, NAME)
    if step.at is not None and name:
        return Text("Next step: %(what)s (%(name)s, %(when)s)", params | {"name": name, "when": When(step.at)})
    if step.at is not None:
        return Text("Next step: %(what)s (%(when)s)", params | {"when": When(step.at)})
    if name:
        return Text("Next step: %(what)s (%(name)s)", params | {"name": name})
    return Text("Next step: %(what)s", params)
