"""Prompts as people see them: the question in a room, what is planned and when it comes next, the built-in series."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.chat.content import Block, Content, Text, When, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Proposal
from bot.domain.prompts import FUTURE, SERIES, Occurrence, Schedule
from bot.flows.plan_prompts import IN_THE_MORNING, TWELVE, Coming
from bot.flows.rules import told
from bot.views.common import button, column
from bot.views.words import excerpt

IN_LIST, IN_BUTTON, QUESTION, GROUP, ON_CARD = 90, 24, 100, 40, 600

PLANNERS_ONLY = Text("The host plans questions for the groups. In a helper group, whoever holds it together does.")
TOO_MANY = Text("There are five already. End one, then there is room for another.")
GONE_WORDS = Text("This question is not here any more.")
GONE = Text("This question is not planned any more.")
ENDED_NOW = Text("It is ended. I ask it no more.")
TOO_LONG = Text("That message is too long for an idea.")


class Planned(msgspec.Struct, frozen=True):
    """A schedule with all that is told of it: its next times, its rooms, and what came of it last.

    `clashes`: on some days another question comes first.
    """

    schedule: Schedule
    coming: tuple[Coming, ...]
    rooms: int
    last: Occurrence | None = None
    clashes: bool = False


def card(asked: Occurrence, conversation: Conversation) -> Content:
    """A question as a room sees it; its words may be gone with who wrote them."""
    if not asked.question:
        return Content.of(GONE_WORDS)
    return Content.of(
        title(Text("A question for all of us")),
        quote(asked.question),
        small(Text("Reply to this message. Then I ask you whether it is to be an idea.")),
        choices=column(
            button(Text("Answer in private"), "prompt", conversation.id, asked.id, "answer"),
            button(Text("Look at the ideas"), "ideas", conversation.id) if conversation.ideas else None,
        ),
    )


def in_private(asked: Occurrence) -> Content:
    """The question again, for who answers in private."""
    return Content.of(Text("The question was:"), quote(asked.question))


def as_idea(proposal: Proposal, conversation: Conversation) -> Content:
    """Ask somebody who answered a question whether it is an idea; only they see it."""
    return Content.of(
        quote(excerpt(proposal.secret.text, ON_CARD)),
        Text("Shall I give this as an idea?"),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Yes, as an idea"), "author_yes", proposal.conversation_id, proposal.id),
            button(Text("No"), "author_no", proposal.conversation_id, proposal.id),
        ),
    )


def listing(
    conversation: Conversation, planned: Sequence[Planned], groups: Sequence[HelperGroup], *, hosts: bool
) -> Content:
    """What is planned, and the ways to plan more: for hosts in the conversation's rooms, or in one's groups."""
    known = {group.id: group for group in groups}
    blocks: list[Words | Block] = [title(Text("Questions for the groups"))]
    if not planned:
        blocks.append(Text("Nothing is planned yet. I can ask a question in your groups, once or again and again."))
        blocks.append(Text("Whoever replies is asked whether it is to be an idea."))
    for number, one in enumerate(planned, 1):
        blocks.append(Text("%(number)d. %(what)s", {"number": number, "what": _what(one.schedule)}))
        blocks.append(small(_when(one, known.get(one.schedule.group_id) if one.schedule.group_id else None)))
    blocks.append(small(excerpt(conversation.question, QUESTION)))
    return Content.of(
        *blocks,
        choices=column(
            *(
                button(Text("%(number)d. Look at it", {"number": number}), "prompt", conversation.id, one.schedule.id)
                for number, one in enumerate(planned, 1)
            ),
            button(Text("Plan a question"), "prompt", conversation.id, arg="new") if hosts else None,
            *(
                button(Text("Plan one: %(what)s", {"what": excerpt(group.what, IN_BUTTON)}), "prompt",
                       conversation.id, group.id, "new")
                for group in groups
            ),
            button(Text("See the twelve questions"), "prompt", conversation.id, arg="series"),
        ),
    )  # fmt: skip


def one_of_them(conversation: Conversation, planned: Planned, *, said: Text | None = None) -> Content:
    """One schedule: what, when, the next three times, and what can be done. `said` is what was just done."""
    schedule = planned.schedule
    blocks: list[Words | Block] = [said] if said is not None else []
    blocks += [
        title(_what(schedule)),
        Text("When: %(when)s", {"when": told(schedule.rule)}),
        *_state(planned),
        *_left(schedule),
        _where(planned.rooms),
        *([_last(planned.last)] if planned.last is not None and planned.last.outcome != "asked" else []),
    ]
    if planned.clashes:
        blocks.append(small(Text("On some of these days another question comes first. Then this one is left out.")))
    if any(one.due != one.asked for one in planned.coming):
        blocks.append(small(IN_THE_MORNING))
    scope, subject = conversation.id, schedule.id
    running = schedule.state == "running"
    return Content.of(
        *blocks,
        choices=column(
            button(Text("Leave this one out"), "prompt", scope, subject, "leave") if _can_leave(schedule) else None,
            button(Text("Pause it"), "prompt", scope, subject, "pause") if running else None,
            button(Text("Go on with it"), "prompt", scope, subject, "go") if schedule.state == "paused" else None,
            button(Text("Change it"), "prompt", scope, subject, "edit"),
            button(Text("End it"), "prompt", scope, subject, "end"),
            button(Text("All that is planned"), "prompt", scope),
        ),
    )


def sure_to_end(conversation: Conversation, schedule: Schedule) -> Content:
    """Ask before a schedule ends."""
    return Content.of(
        Text("End this? I will not ask it again. What came of it stays."),
        quote(_what(schedule)),
        choices=column(
            button(Text("Yes, end it"), "prompt", conversation.id, schedule.id, "endyes"),
            button(Text("No"), "prompt", conversation.id, schedule.id),
        ),
    )


def series(conversation: Conversation) -> Content:
    """The built-in series, to read before one plans it."""
    return Content.of(
        title(TWELVE.label),
        *(
            Text("%(number)d. %(what)s", {"number": number, "what": Text(question)})
            for number, question in enumerate(SERIES[FUTURE], 1)
        ),
        choices=column(
            button(Text("Plan these"), "prompt", conversation.id, arg="twelve"),
            button(Text("All that is planned"), "prompt", conversation.id),
        ),
    )


def all_asked(schedule: Schedule) -> Content:
    """Tell who planned a series that it has come to its end."""
    return Content.of(
        Text("The last question of your series has been asked. Thank you."),
        choices=column(button(Text("Plan a question"), "prompt", schedule.conversation_id, arg="new")),
    )


def _what(schedule: Schedule) -> Words:
    if schedule.series in SERIES:
        return TWELVE.label
    first = excerpt(schedule.secret[0], IN_LIST) if schedule.secret else ""
    if schedule.length < 2:  # noqa: PLR2004 (one question is itself)
        return first
    return Text("%(question)s (and %(n)d more)", {"question": first, "n": schedule.length - 1})


def _when(one: Planned, group: HelperGroup | None) -> Text:
    params: dict[str, str | int | When | Text] = {"when": told(one.schedule.rule)}
    if one.schedule.state == "paused":
        words = Text("%(when)s. Paused.", {**params})
    elif one.coming:
        params["next"] = When(one.coming[0].asked, zone=one.schedule.zone)
        words = Text("%(when)s. Next: %(next)s.", {**params})
    else:
        words = Text("%(when)s.", {**params})
    if group is None:
        return words
    return Text("In “%(group)s”: %(rest)s", {"group": excerpt(group.what, GROUP), "rest": words})


def _state(planned: Planned) -> list[Words]:
    if planned.schedule.state == "paused":
        return [Text("It is paused. Nothing is asked meanwhile.")]
    if planned.schedule.state == "ended" or not planned.coming:
        return [Text("It has come to its end.")]
    at = [When(one.asked, zone=planned.schedule.zone) for one in planned.coming]
    names = ("first", "second", "third")
    params: dict[str, str | int | When | Text] = dict(zip(names, at, strict=False))
    match len(at):
        case 1:
            return [Text("Next: %(first)s.", {**params})]
        case 2:
            return [Text("Next: %(first)s, then %(second)s.", {**params})]
        case _:
            return [Text("Next: %(first)s, then %(second)s and %(third)s.", {**params})]


def _left(schedule: Schedule) -> list[Words]:
    if schedule.repeats or schedule.state == "ended":
        return []
    if schedule.rule.every == "once":
        return [quote_words(schedule.question(schedule.asked))]
    of = {"n": min(schedule.asked + 1, schedule.length), "all": schedule.length}
    return [
        Text("Question %(n)d of %(all)d comes next:", {**of}),
        quote_words(schedule.question(schedule.asked)),
    ]


def _can_leave(schedule: Schedule) -> bool:
    return schedule.more_than_one_left and schedule.rule.every != "once" and schedule.state != "ended"


def quote_words(words: Words) -> Words:
    """Give a question in quotation marks."""
    return Text("“%(question)s”", {"question": words})


def _where(rooms: int) -> Text:
    if rooms == 0:
        return Text("No group is linked yet. As soon as one is, I ask there.")
    return Text("I ask in %(n)d group.", {"n": rooms}, plural="I ask in %(n)d groups.")


def _last(last: Occurrence) -> Text:
    at = {"when": When(last.at, "date")}
    if last.outcome == "late":
        return Text("The one of %(when)s was left out: I was not awake when it was time.", {**at})
    return Text("The one of %(when)s was left out: there was no group to ask in that day.", {**at})
