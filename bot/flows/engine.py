"""Runs a flow over the answers so far.

All that is kept of a dialogue is `Answers`: an ordered tuple of ``(name, kind, value)``. To go on, the flow is run from
its beginning and fed with them by name; the first question without an answer is where the person is. So:

* A flow may be changed while people are in it. New questions are asked, answers to questions that are gone lie unused,
  and an answer that its question no longer takes is asked for again.
* The same answers and the same looks lead to the same question. A look is read afresh every time.
* A question is yielded at most once in a run.

Kinds: ``answer`` and ``skip`` settle a question. ``change`` opens it again, and holds what was written or chosen so
far; the earlier answer stands beside it until there is a new one. `bot.flows.answering` makes new answers of what
people send.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.chat.content import Text
from bot.flows.questions import (
    REQUIRED,
    SKIP,
    Answer,
    Ask,
    Choose,
    Ctx,
    Flow,
    Input,
    Look,
    Meaning,
    Option,
    Summary,
    recorded,
)

T = TypeVar("T")

Answers = tuple[tuple[str, str, str], ...]
"""``(name, kind, value)``, as the store keeps them."""

CONFIRMED = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where the person is.

    options  what can be chosen now: the question's own, or what the last words may have meant; then its changes
    notice   a line to show before the question
    opened   it was opened again, or is half answered; if `settled`, it would not be asked otherwise
    written  the words so far: what the options are about, or the answer before it was opened again
    chosen   where several can be chosen: what is chosen so far
    trail    the answered questions before it, which one can go back to
    """

    ask: Ask | Summary
    options: tuple[Option, ...]
    notice: Text | None = None
    opened: bool = False
    settled: bool = False
    written: str = ""
    chosen: tuple[Input, ...] = ()
    trail: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The question's name."""
        return self.ask.name

    @property
    def awaits(self) -> bool:
        """Whether typed words are an answer."""
        return isinstance(self.ask, Ask) and self.ask.awaits

    @property
    def numbers(self) -> bool:
        """Whether a typed number is an answer, and not the number of a choice."""
        return isinstance(self.ask, Ask) and (self.ask.numbers or self.ask.adds)

    @property
    def multiple(self) -> bool:
        """Whether several can be chosen, until `DONE`."""
        return isinstance(self.ask, Ask) and self.ask.most > 0

    @property
    def can_skip(self) -> bool:
        """Whether it needs no answer."""
        return isinstance(self.ask, Ask) and self.ask.optional

    @property
    def can_close(self) -> bool:
        """Whether taking back what was begun here leads somewhere."""
        return self.opened and (self.settled or bool(self.written or self.chosen))

    @property
    def can_back(self) -> bool:
        """Whether there is anything to go back to."""
        return self.can_close or bool(self.trail)

    def is_chosen(self, option: Option) -> bool:
        """Whether this option is among those chosen so far."""
        return any(item.choice == option.id for item in self.chosen)

    @property
    def own(self) -> tuple[str, ...]:
        """What the person added to the options in their own words."""
        offered = {option.id for option in self.options}
        return tuple(item.text for item in self.chosen if item.text and item.choice not in offered)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """All is answered: this is the command."""

    command: T


class Run(Generic[T]):
    """One run. `step` gives a `Look` until the flow knows all it wants; call it again with what the look found."""

    def __init__(self, make: Callable[[], Flow[T]], answers: Answers, ctx: Ctx) -> None:
        self._flow = make()
        self._answers = answers
        self._ctx = ctx
        self._asked: set[str] = set()
        self._trail: list[str] = []

    def step(self, found: object = None) -> Look | Question | Done[T]:
        """Go on to the next look, the open question, or the end."""
        value = found
        while True:
            try:
                asked = self._flow.send(value)
            except StopIteration as stop:
                return Done(stop.value)
            if isinstance(asked, Look):
                return asked
            if asked.name in self._asked:
                raise ValueError(f"the question {asked.name!r} is asked twice")
            self._asked.add(asked.name)
            outcome = self._ask(asked) if isinstance(asked, Ask) else self._confirm(asked)
            if isinstance(outcome, Question):
                return outcome
            value = outcome.value

    def _confirm(self, summary: Summary) -> Question | Answer:
        if (summary.name, "answer", CONFIRMED) in self._answers:
            return Answer(value=True, given=Input(choice=summary.confirm.id))
        return Question(ask=summary, options=(summary.confirm, *summary.changes), trail=tuple(self._trail))

    def _ask(self, ask: Ask) -> Question | Answer:
        begun = begun_of(self._answers, ask.name)
        answered = self._answered(ask)
        meant: Meaning | None = answered
        if meant is None and ask.given:
            meant = ask.parse(Input(ask.given), self._ctx)
        if meant is None and ask.default is not REQUIRED:
            meant = Answer(ask.default, Input())
        if begun is None and isinstance(meant, Answer):
            if answered is not None and ask.default is REQUIRED and not ask.given:
                self._trail.append(ask.name)
            return meant
        return self._open(ask, begun, meant)

    def _open(self, ask: Ask, begun: str | None, meant: Meaning | None) -> Question:
        """Make the question; `meant` is what it would be without what was begun."""
        written = recorded(begun).text if begun else ask.given
        now = meant
        if begun is not None:
            now = ask.parse(recorded(begun), self._ctx) if begun and not ask.most else None
        chosen = ask.chosen
        if begun is not None and ask.most:
            chosen = tuple(map(recorded, begun.split("\n"))) if begun else ()
        return Question(
            ask=ask,
            options=(*(now.options if isinstance(now, Choose) else ask.options), *ask.changes),
            notice=None if now is None or isinstance(now, Answer) else now.text,
            opened=begun is not None,
            settled=isinstance(meant, Answer),
            written="" if ask.most else written,
            chosen=chosen,
            trail=tuple(self._trail),
        )

    def _answered(self, ask: Ask) -> Answer | None:
        """Give what the person answered, if the question still takes it."""
        for name, kind, record in self._answers:
            if name == ask.name and kind == "skip" and ask.optional:
                return Answer(ask.skipped, Input(choice=SKIP))
            if name == ask.name and kind == "answer":
                if ask.most and not record:
                    return Answer((), Input())
                items = record.split("\n") if ask.most else [record]
                parsed = (ask.parse(recorded(item), self._ctx) for item in items)
                answers = [answer for answer in parsed if isinstance(answer, Answer)]
                if ask.most and answers:
                    return Answer(tuple(answer.value for answer in answers[: ask.most]), Input())
                return answers[0] if answers else None
        return None


def begun_of(answers: Answers, name: str) -> str | None:
    """Give what a question that is open again holds so far; None if it is not open again."""
    return next((value for asked, kind, value in answers if asked == name and kind == "change"), None)


async def resume(
    make: Callable[[], Flow[T]], answers: Answers, ctx: Ctx, look: Callable[[Any], Awaitable[object]]
) -> Question | Done[T]:
    """Run a flow to its open question or its end; `look` resolves each query."""
    run = Run(make, answers, ctx)
    outcome = run.step()
    while isinstance(outcome, Look):
        outcome = run.step(await look(outcome.query))
    return outcome
