"""What holds for every dialogue, whatever people send."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.flows
from bot.flows.answering import receive
from bot.flows.engine import Answers, Done, Question
from bot.flows.give_idea import Similar
from bot.flows.plan_prompts import Coming, NextTimes
from bot.flows.questions import BACK, DONE, SKIP, STOP, Flow, Input
from bot.flows.table import FLOWS
from tests.flows.transcript import CTX, Play

TOWN = str(UUID(int=1))
PARAMS = {
    "places": "SE-0881 SE-0821", "conversation": TOWN, "idea": TOWN, "subject": TOWN, "participant": TOWN,
    "private": "yes",
    "gathering": TOWN, "field": "seats", "topic": TOWN, "slots": "1772442000 1772445600", "spots": "Here\nThere",
    "words": "A bench\nby the river", "before": "A bench", "number": "3",
    "match": TOWN, "help": TOWN, "step": TOWN, "ids": f"{TOWN} {TOWN}", "names": "\nBo",
    "group": TOWN, "what": "A bench", "zone": "Europe/Stockholm",
}  # fmt: skip
SIMILAR = (Similar(UUID(int=5), 1, "A bench"), Similar(UUID(int=6), 123456, "x" * 4000))


def found(query: object) -> object:
    """What is found by a look."""
    return (Coming(CTX.now, CTX.now),) if isinstance(query, NextTimes) else SIMILAR


TYPED = st.sampled_from(
    ["1", "2", "3", "9", "0", "1 2 3", "back", "skip", "done", "ja", "Nybro", "Lund", "Hogsbi", "nowhere at all",
     "A bench", "- one\n- two", "K7M2QX", "Trust, own", "x" * 10_000, "", "\u200b", "\x00", "=", "#yes=", "text"]
) | st.text(max_size=40)  # fmt: skip
KINDS = st.sampled_from(["text", "text", "text", "photo", "voice", "sticker", "file", "other"])
WORDS = {"prompt": "every Monday at 18:00", "meeting": "3 April 18:30"}
"""What is understood where not any words will do."""
CHOICES = st.sampled_from(
    [BACK, SKIP, STOP, DONE, "yes", "no", "aswritten", "SE-0821", "SE-9999", "why", "values", "place", "text", "keep",
     "all", "one", "named", "what", "whom", "trust", "day", "hate", "d7", "n1", "gone"]
)  # fmt: skip
INPUTS = st.lists(
    st.builds(Input, TYPED, st.just("") | CHOICES, KINDS) | st.builds(Input, st.just(""), CHOICES), max_size=14
)


def flow_of(name: str) -> Callable[[], Flow[object]]:
    def make() -> Flow[object]:
        return FLOWS[name].begin(PARAMS)

    return make


def answered(answers: Answers) -> dict[str, tuple[str, str]]:
    return {name: (kind, value) for name, kind, value in answers if kind != "change" and name != "confirm"}


@pytest.mark.parametrize("name", FLOWS)
@settings(max_examples=60, deadline=None)
@given(inputs=INPUTS)
def test_nothing_raises_and_no_earlier_answer_is_lost(name: str, inputs: list[Input]) -> None:
    told = Play(flow_of(name), found)
    for sent in inputs:
        outcome = told.outcome
        if isinstance(outcome, Done):
            break
        before = answered(told.answers)
        received = receive(outcome, sent, told.answers, CTX)
        after = answered(received.answers)
        ask = outcome.ask
        free = {outcome.name, *(ask.voids if hasattr(ask, "voids") else ())}
        lost = {one for one in before if before[one] != after.get(one)} - free
        leads_back = sent.choice == BACK or (not sent.choice and sent.text.strip().casefold() == "back")
        assert lost <= (set(outcome.trail[-1:]) if leads_back else set())
        told.answers = received.answers
        again = Play(flow_of(name), found, answers=told.answers)
        assert shape(again.outcome) == shape(told.outcome)
        assert len({entry[:2] for entry in told.answers}) == len(told.answers)


def shape(outcome: Question | Done[object]) -> object:
    """A question's parser is a new one each run; all else is the same."""
    if isinstance(outcome, Done):
        return outcome.command
    return (outcome.name, outcome.options, outcome.notice, outcome.chosen, outcome.written, outcome.trail)


@pytest.mark.parametrize("name", FLOWS)
@settings(max_examples=60, deadline=None)
@given(
    answers=st.lists(
        st.tuples(
            st.sampled_from(["place", "question", "values", "text", "list", "name", "reason", "confirm", "gone"]),
            st.sampled_from(["answer", "skip", "change", "other"]),
            st.sampled_from(["", "ok", "#yes=", "#trust=\n=x", "=A bench", "#SE-0821=", "nonsense"])
            | st.text(max_size=9),
        ),
        max_size=6,
    )
)
def test_whatever_was_kept_there_is_a_question_or_a_command(name: str, answers: list[tuple[str, str, str]]) -> None:
    assert isinstance(Play(flow_of(name), found, answers=tuple(answers)).outcome, Question | Done)


@pytest.mark.parametrize("name", FLOWS)
def test_there_is_a_way_to_the_end_and_from_each_question_a_way_back_to_the_first(name: str) -> None:
    told = Play(flow_of(name), found)
    for _ in range(10):
        outcome = told.outcome
        if isinstance(outcome, Done):
            return
        backwards = Play(flow_of(name), found, answers=told.answers)
        for _ in range(10):
            if not backwards.question.can_back:
                break
            backwards.send("back")
        assert not backwards.question.can_back
        assert backwards.question.name == Play(flow_of(name), found).question.name
        told.send(f"@{outcome.options[0].id}" if outcome.options else WORDS.get(name, "Tomorrow at 18:00"))
        if isinstance(told.outcome, Question) and told.outcome.multiple:
            told.send("@done")
    pytest.fail(told.transcript)


@pytest.mark.parametrize("path", sorted(Path(bot.flows.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_flows_are_pure(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {name for name in imported if name.startswith("bot.")}
    assert all(f"{name}.".startswith(("bot.flows.", "bot.domain.", "bot.chat.")) for name in ours)
    standard = {name.partition(".")[0] for name in imported - ours} - {"msgspec", "dateparser"}
    assert standard <= {
        "__future__", "collections", "dataclasses", "datetime", "functools", "re", "typing", "unicodedata", "uuid",
        "zoneinfo",
    }  # fmt: skip
    assert standard <= sys.stdlib_module_names
