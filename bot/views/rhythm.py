"""The rhythm between two meetings, as its host sees it: the days beforehand, the page at the end, what comes after."""

from __future__ import annotations

from bot.chat.content import Block, Content, Text, When, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.rhythm import Rhythm, Step
from bot.views import seasons
from bot.views.common import button, column
from bot.views.words import excerpt

QUESTION = 100
STEPS: dict[Step, Text] = {
    "weigh": Text("Weigh the ideas"),
    "unites": Text("See what unites us"),
    "energy": Text("Where is the energy?"),
    "page": Text("A page to print"),
}
STOPPED = Text("The rhythm is over. All can still be done, by hand.")
PAUSED = Text("It is paused. I do nothing by myself until you say so.")
GOES_ON = Text("It goes on.")
NOTHING_LEFT = Text("All steps are done.")
NO_RHYTHM = Text("There is no rhythm here. Say when you meet next, and I make one.")


def plan(conversation: Conversation, rhythm: Rhythm, said: Text | None = None) -> Content:
    """The steps that are still to come, each with its day; and the ways to change that."""
    steps = rhythm.steps
    scope, running = conversation.id, rhythm.state == "running"
    blocks: list[Words | Block] = [said] if said is not None else []
    meeting = {"when": When(rhythm.meeting_at, zone=conversation.zone)}
    blocks += [title(Text("Until our next meeting")), Text("We meet on %(when)s.", {**meeting})]
    if steps:
        blocks.append(seasons.NOW[conversation.season])
    for step, at in steps:
        when = When(at, zone=conversation.zone)
        blocks.append(Text("%(when)s: %(step)s", {"when": when, "step": STEPS[step]}))
    if not steps:
        blocks.append(NOTHING_LEFT)
    if running and steps:
        blocks.append(small(Text("I do this by myself: one message in each group, never two on a day, none at night.")))
    if rhythm.state == "paused":
        blocks.append(PAUSED)
    blocks.append(small(excerpt(conversation.question, QUESTION)))
    return Content.of(
        *blocks,
        choices=column(
            button(Text("Another time for the meeting"), "rhythm", scope, arg="when"),
            button(Text("Take the next step now"), "rhythm", scope, arg="next") if running and steps else None,
            button(Text("Pause it"), "rhythm", scope, arg="pause") if running and steps else None,
            button(Text("Go on with it"), "rhythm", scope, arg="go") if rhythm.state == "paused" else None,
            button(Text("End the rhythm"), "rhythm", scope, arg="end"),
        ),
    )


def none(conversation: Conversation) -> Content:
    """There is no rhythm; one could begin."""
    return Content.of(
        NO_RHYTHM, choices=column(button(Text("Say when we meet"), "rhythm", conversation.id, arg="when"))
    )


def page(conversation: Conversation) -> Content:
    """Tell the host that the page for the meeting can be printed."""
    return Content.of(
        Text("You meet soon. Here is the page to print, with what you have said and what unites you."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("One page to print"), "take", conversation.id, arg="sheet-pdf"),
            button(Text("The harvest"), "harvest", conversation.id),
        ),
    )


def after(conversation: Conversation) -> Content:
    """Ask the host how to go on after the meeting."""
    return Content.of(
        Text("You have met. What came of it? Notes from the meeting can be ideas: one on each line."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Give the notes as ideas"), "idea", conversation.id),
            button(Text("Say when we meet next"), "rhythm", conversation.id, arg="when"),
            button(Text("Choose a season"), "season", conversation.id),
            button(Text("End the conversation"), "close", conversation.id),
        ),
    )


def time_is_up(conversation: Conversation) -> Content:
    """Ask the host whether a conversation whose time is up goes on."""
    was = Text("Your conversation was to last one day. The day has gone.")
    if conversation.lasts != "day":
        was = Text("Your conversation was to last a few weeks. They have gone.")
    return Content.of(
        was,
        Text("Shall it go on? If nobody says anything more, I end it kindly in a week. It can be opened again."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Three more weeks"), "lasts", conversation.id, arg="weeks"),
            button(Text("As long as we like"), "lasts", conversation.id, arg="open"),
            button(Text("End the conversation"), "close", conversation.id),
        ),
    )


def ended_by_itself(conversation: Conversation) -> Content:
    """Tell the host that a conversation has ended, since its time was up and nobody said anything more."""
    return Content.of(
        Text("The conversation has ended, as it was meant to. Thank you for holding it."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("The harvest"), "harvest", conversation.id),
            button(Text("Open it again"), "close", conversation.id, arg="open"),
        ),
    )


def lasts_now(conversation: Conversation) -> Content:
    """Tell the host how long it lasts from now on."""
    if conversation.lasts == "open":
        return Content.of(Text("Good. It goes on as long as you like."))
    return Content.of(Text("Good. It goes on. In three weeks I ask again."))
