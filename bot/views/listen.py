"""Being listened to: what the bot asks, and what it says around it. Of a person's words only their step is shown."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import Block, Choice, Content, Text, When, Words, quote, small
from bot.domain.helplines import Helpline
from bot.flows.listening import HUMAN, MIND, QUESTIONS, STEP
from bot.views.common import LISTEN, Row, button, column

NEXT, ON_TO_STEP, STOP, CALL = "n", "s", "x", "h"
TOMORROW, WEEK, WORDS, IDEA, LEAD, INVITE, DONE, YES, NO, ASK = "t", "w", "k", "i", "l", "v", "d", "y", "o", "a"
"""What the buttons say. The first two, and the answers, carry the number of their question."""

FIRST = Text("I am a computer. I ask, you answer or stay silent. Nothing is kept.")
HUMAN_ASKED = Text("Would you like a person to listen?")
BUSY = Text("I am listening now, and keep nothing. Stop first, then do that again.")
NO_WORDS = Text("Write a few words and I'll understand.")
AS_ALWAYS = Text("From now on it is as always again: of what you write to me, I keep what is needed.")
WISH = Text("Somebody who listens to me")
"""What is wished for, in the words of a need."""
OVER = Text("That is over. I am not listening any more.")


def first() -> Content:
    """Say what this is, and ask the first question."""
    return Content.of(
        FIRST,
        small(Text("Write as you like, or press Next. You can stop at any time.")),
        QUESTIONS[MIND],
        choices=_ways(MIND),
    )


def lost(place: int) -> Content:
    """Say that what was said is gone, also for the bot, and go on from where it was."""
    asked = QUESTIONS.get(place, HUMAN_ASKED)
    choices = _ways(place) if place in QUESTIONS else _yes_or_no()
    return Content.of(
        Text("I lost the thread."),
        Text("What you said is gone, also for me. If you like, we go on from here:"),
        asked,
        choices=choices,
    )


def calling(lines: Sequence[Helpline], *, danger: bool = False) -> Content:
    """Give the numbers to call, that of emergencies first."""
    words: list[Words | Block] = []
    if danger:
        words.append(Text("That sounds heavy. You need not be alone with it. These people listen:"))
    else:
        words.append(Text("These people listen, and know more than a computer:"))
    words += [Text("In danger: call %(number)s.", {"number": one.number}) for one in lines[:1]]
    words += [Text("%(name)s: %(number)s", {"name": one.name, "number": one.number}) for one in lines[1:]]
    words += [small(Text("Not all of them answer at night. %(number)s always does.", {"number": one.number}))
              for one in lines[:1] if len(lines) > 1]  # fmt: skip
    return Content.of(*words)


def step(words: str, *, joined: bool) -> Content:
    """Show the step that somebody named, and what can become of it: more, where they are in a conversation."""
    idea = button(Text("Give it as an idea"), "listen", arg=IDEA)
    lead = button(Text("Take the lead"), "listen", arg=LEAD)
    stays = button(Text("It stays with me"), "listen", arg=DONE)
    return Content.of(
        Text("Your next step:"),
        quote(words),
        small(Text("I keep it only while we talk. What shall become of it?")),
        choices=(
            (button(Text("Remind me tomorrow"), "listen", arg=TOMORROW), button(Text("In a week"), "listen", arg=WEEK)),
            *(((idea, lead), (button(Text("Invite others"), "listen", arg=INVITE), stays)) if joined else ((stays,),)),
            (_call(),),
        ),
    )


def reminded(at: When, step: str, day: int) -> Content:
    """Say when (on which `day`, counted) the reminder comes, and that only its time is kept."""
    return Content.of(
        Text("I will remind you on %(when)s. I have kept only that time, not what you want to do:", {"when": at}),
        quote(step),
        choices=column(
            button(Text("Keep my words with it"), "listen", arg=f"{WORDS}{day}"),
            button(Text("That is fine as it is"), "listen", arg=DONE),
        ),
    )


def words_kept() -> Content:
    """Say that the words of the step are kept now, since somebody asked for it."""
    return Content.of(
        Text("I have kept the words of your step with the reminder, sealed. When I have reminded you, they are gone."),
        choices=column(button(Text("That is fine as it is"), "listen", arg=DONE)),
    )


def reminder(words: str = "") -> Content:
    """Remind somebody of the step that they named."""
    said: list[Words | Block] = [Text("You wanted me to remind you of your next step.")]
    if words:
        said.append(quote(words))
    return Content.of(*said, choices=column(button(LISTEN, "listen")))


def human() -> Content:
    """Ask the last question."""
    return Content.of(HUMAN_ASKED, choices=_yes_or_no())


def people(offered: int) -> Content:
    """Say how many have offered to listen here, and that one can ask for one of them; or wish for somebody."""
    told = (
        Text(
            "%(n)d person here has offered to listen.",
            {"n": offered},
            plural="%(n)d people here have offered to listen.",
        )
        if offered
        else Text("Nobody here has offered to listen yet. You can wish for somebody, and I look for them.")
    )
    return Content.of(
        told,
        small(Text("Neither of you learns who the other is before both have said yes.")),
        choices=(
            (
                button(Text("Ask for somebody"), "listen", arg=ASK),
                button(Text("No, thank you"), "listen", arg=NO),
            ),
            (_call(),),
        ),
    )


def asking() -> Content:
    """Say that the listening is over, and that a person is asked for."""
    return Content.of(
        Text("Then I stop listening, and ask for a person. That you wish for one is kept, and what you answer now.")
    )


def ended(*, kept: bool = False) -> Content:
    """Say that it is over, and that nothing is `kept`, or nothing but what somebody asked for."""
    return Content.of(_nothing(kept=kept), small(AS_ALWAYS))


def _nothing(*, kept: bool) -> Text:
    if kept:
        return Text("Thank you. I have kept the words of your step, as you wished, and nothing else of what you said.")
    return Text("Thank you. Nothing of what you said is kept.")


def given() -> Content:
    """Say that it is over, and that the step is kept from now on: somebody asked for it."""
    return Content.of(Text("Your step is kept from now on, like all that you give. Nothing else of what you said is."))


def silent(*, kept: bool = False) -> Content:
    """Say that it is over since it has been silent for long."""
    return Content.of(
        Text("It has been silent for a while, so I stop listening now."),
        _nothing(kept=kept),
        small(AS_ALWAYS),
        choices=column(button(Text("Begin again"), "listen")),
    )


def over() -> Content:
    """Say that what was pressed belongs to a talk that has ended."""
    return Content.of(OVER, choices=column(button(Text("Begin again"), "listen")))


def late() -> Content:
    """Say that what comes only now was said while the bot listened, and is not kept."""
    return Content.of(Text("That came late: you wrote it while I listened, so I keep none of it. "
                           "If it is meant for me now, write it once more."))  # fmt: skip


def kept() -> Content:
    """Say what is kept of a talk."""
    return Content.of(
        Text("While I listen I keep that I do so, when, and which questions I have asked. Of your words, nothing."),
        small(Text("Stop first. Then I show you all that I keep of you, or erase it.")),
    )


def _ways(number: int) -> tuple[Row, ...]:
    """The ways on from a question."""
    on = button(Text("My next step"), "listen", arg=f"{ON_TO_STEP}{number}")
    ways = (
        button(Text("Next"), "listen", arg=f"{NEXT}{number}"),
        button(Text("Stop", context="listening"), "listen", arg=STOP),
    )
    return (ways, (on, _call()))


def _call() -> Choice:
    return button(Text("Somebody to call"), "listen", arg=CALL)


def _yes_or_no() -> tuple[Row, ...]:
    return (
        (button(Text("Yes, please"), "listen", arg=YES), button(Text("No, thank you"), "listen", arg=NO)),
        (_call(),),
    )


def shown(place: int, step_words: str, lead: Text | None = None, *, joined: bool = False) -> Content:
    """Give what stands at a place of the talk: a question, or what comes after all of them."""
    if place == STEP:
        return step(step_words, joined=joined)
    if place == HUMAN:
        return human()
    words: list[Words | Block] = [lead] if lead is not None else []
    return Content.of(*words, QUESTIONS[place], choices=_ways(place))
