"""The questions that are asked of somebody who wants to be listened to, and the way between them.

Rules
-----
* A question is open: it judges nothing, and gives no advice. Each is asked once.
* Which comes next follows from little: how long the answer is, a yes or a no, anger, tiredness; never from what it is
  about. *Next* and silence are answers as good as any.
* Of all that is said only the step that somebody wants to take is remembered, in memory, until they are done.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Text
from bot.domain.needs import urgent
from bot.flows import feelings
from bot.flows.words import fold, is_no, is_yes, word_of

MIND, MORE, FEEL, MATTERS, INSTEAD, OTHERS, BETTER, HANDS, WITH, HOLDS, BEGIN, EASIER = range(1, 13)
STEP, HUMAN = 13, 14
"""Behind the questions: the step is named; would they like a person to listen?"""

QUESTIONS = {
    MIND: Text("What is on your mind?"),
    MORE: Text("Would you like to tell a little more?"),
    FEEL: Text("What is that like for you, right now?"),
    MATTERS: Text("What matters most to you in this?"),
    INSTEAD: Text("What would you rather see? What do you dare begin?"),
    OTHERS: Text("Who else does it touch, and what do you think they would say?"),
    BETTER: Text("When has it been a little better, and what was different then?"),
    HANDS: Text("Which part of it is in your own hands?"),
    WITH: Text("Whom would you like to have with you?"),
    HOLDS: Text("What holds you back, and what would you need for it to let go?"),
    BEGIN: Text("What is the smallest step that you could take next?"),
    EASIER: Text("What would make today a little easier?"),
}

WAY = (MIND, FEEL, MATTERS, OTHERS, BETTER, INSTEAD, HANDS, WITH, HOLDS, BEGIN)
"""The way where nothing leads off it."""

SHORT, LONG = 30, 400
THANKS = Text("Thank you for telling it.")
NO_HURRY = Text("Take the time you need. I am here.")

_NEXT = frozenset({"next", "nasta", "vidare", "go on", "fortsatt", "skip", "hoppa", "hoppa over", "vet inte", "-", "…"})
_STOP = frozenset({"sluta", "slut", "nog", "det racker", "hej da", "quit", "end", "enough", "bye", "goodbye", "/stop"})


class Talk(msgspec.Struct, frozen=True):
    """Where somebody is: the question that was asked last, those that were asked, and the step that they named.

    `kept`: they asked that the step's words be kept for a reminder.
    """

    number: int = MIND
    asked: frozenset[int] = frozenset({MIND})
    step: str = ""
    kept: bool = False

    @property
    def bits(self) -> int:
        """The questions that were asked, and (no question is 0) whether words are kept, as one number."""
        return sum(1 << number for number in self.asked) + self.kept

    @classmethod
    def at(cls, number: int, bits: int) -> Talk:
        """Give where somebody is, by what is kept of it."""
        return cls(number, frozenset(one for one in QUESTIONS if bits >> one & 1), kept=bool(bits & 1))


class Reply(msgspec.Struct, frozen=True):
    """What follows from an answer: where somebody is now, a line before the question, and whether numbers to call."""

    talk: Talk
    lead: Text | None = None
    danger: bool = False


def says_next(words: str) -> bool:
    """Tell whether somebody asks for the next question, and no more."""
    plain = fold(words).strip(" .!")
    return not plain or plain in _NEXT or word_of(words) == "skip"


def says_stop(words: str) -> bool:
    """Tell whether somebody wants to stop."""
    return fold(words).strip(" .!") in _STOP or word_of(words) == "stop"


def answered(talk: Talk, words: str) -> Reply:
    """Go on from an answer."""
    danger = urgent(words)
    if talk.number in {BEGIN, STEP}:  # A yes to the step that was named says that it is good so; danger is no step.
        if danger or is_no(words) or (talk.number == STEP and is_yes(words)):
            return Reply(msgspec.structs.replace(talk, number=HUMAN, step=""), danger=danger)
        return Reply(msgspec.structs.replace(talk, number=STEP, step=words), danger=danger)
    if talk.number == MORE and is_yes(words):
        return Reply(talk, NO_HURRY)
    lead = THANKS if len(words) > LONG else None
    return Reply(_ask(talk, _after(talk, words)), lead, danger)


def next_question(talk: Talk) -> Talk:
    """Go on without an answer."""
    if talk.number >= STEP or talk.number == BEGIN:
        return msgspec.structs.replace(talk, number=HUMAN)
    return _ask(talk, _along(talk))


def to_step(talk: Talk) -> Talk:
    """Go to the next step at once."""
    return _ask(talk, BEGIN)


def _after(talk: Talk, words: str) -> int:
    if feelings.angry(words) and INSTEAD not in talk.asked:
        return INSTEAD
    if feelings.tired(words) and EASIER not in talk.asked:
        return EASIER
    if is_yes(words) or is_no(words):
        return _along(talk)
    if len(words) < SHORT and talk.number in {MIND, FEEL, MATTERS} and MORE not in talk.asked:
        return MORE
    if len(words) > LONG and MATTERS not in talk.asked:
        return MATTERS
    return _along(talk)


def _along(talk: Talk) -> int:
    return next((number for number in WAY if number not in talk.asked), BEGIN)


def _ask(talk: Talk, number: int) -> Talk:
    return msgspec.structs.replace(talk, number=number, asked=talk.asked | {number})
