"""Plays a flow with typed lines, and writes down what both sides said.

A line is what a person types: words, a number, an option's label. ``@id`` is a pressed button with that id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.chat.content import Words
from bot.flows.answering import receive
from bot.flows.engine import Answers, Done, Question, Run
from bot.flows.questions import Ctx, Flow, Input, Look, Summary
from bot.flows.words import plain

CTX = Ctx(datetime(2026, 3, 2, 9, tzinfo=UTC), "Europe/Stockholm", "en")


@dataclass
class Play:
    """One dialogue. `found` is what every look finds, or gives it of its query; `asked` names the questions."""

    make: Callable[[], Flow[object]]
    found: object = ()
    ctx: Ctx = CTX
    answers: Answers = ()
    lines: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    stopped: bool = False

    def __post_init__(self) -> None:
        self.say()

    @property
    def outcome(self) -> Question | Done[object]:
        """Where the person is, run anew from what is kept."""
        run = Run(self.make, self.answers, self.ctx)
        outcome = run.step()
        while isinstance(outcome, Look):
            outcome = run.step(self.found(outcome.query) if callable(self.found) else self.found)
        return outcome

    @property
    def question(self) -> Question:
        outcome = self.outcome
        assert isinstance(outcome, Question), outcome
        return outcome

    @property
    def command(self) -> object:
        outcome = self.outcome
        assert isinstance(outcome, Done), outcome
        return outcome.command

    @property
    def transcript(self) -> str:
        return "\n".join(self.lines)

    @property
    def last(self) -> str:
        """What was said since the last answer."""
        start = max((number for number, line in enumerate(self.lines) if line.startswith("> ")), default=-1)
        return "\n".join(self.lines[start + 1 :])

    def send(self, *inputs: str | Input) -> Play:
        for line in inputs:
            sent = line if isinstance(line, Input) else Input(choice=line[1:]) if line.startswith("@") else Input(line)
            self.lines.append(f"> {line}")
            received = receive(self.question, sent, self.answers, self.ctx)
            self.answers, self.stopped = received.answers, received.stopped
            self.say(received.notice)
        return self

    def say(self, notice: Words | None = None) -> None:
        """Write down what the bot says now."""
        outcome = self.outcome
        if notice is not None:
            self.lines.append(f"! {plain(notice)}")
        if isinstance(outcome, Done):
            self.lines.append(f"= {type(outcome.command).__name__}")
            return
        self.asked.append(outcome.name)
        self.lines.extend(described(outcome))


def described(question: Question) -> Iterable[str]:
    """Write a question as plain lines."""
    ask = question.ask
    if question.notice:
        yield f"! {plain(question.notice)}"
    if isinstance(ask, Summary):
        yield from (f"{plain(name)}: {plain(value)}" for name, value in ask.lines)
    else:
        yield from (f"« {plain(block.words)}" for block in ask.body)
    yield plain(ask.text)
    for number, option in enumerate(question.options, 1):
        yield f"{number}{'*' if question.is_chosen(option) else '.'} {plain(option.label)}"
    yield from (f"+ {own}" for own in question.own)


def play(make: Callable[[], Flow[object]], *inputs: str | Input, found: object = ()) -> Play:
    """Begin a dialogue and send these lines."""
    return Play(make, found).send(*inputs)
