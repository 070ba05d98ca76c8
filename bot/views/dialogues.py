"""An open question of a flow: what stands before it, the question, its options, and the ways back, on and out."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID
from zlib import crc32

import msgspec

from bot.chat.content import Action, Block, Choice, Content, Text, Words, small, typed_as
from bot.flows.engine import Question
from bot.flows.questions import Option, Summary
from bot.views.common import column
from bot.views.words import excerpt

LONG_LABEL = 34
ROW_LABELS = 26
IN_SUMMARY = 160
"""Labels that fit a button on a phone, how much of them fits a row, and how much of an answer is seen in a summary."""


def tag(flow: str, begun_with: Mapping[str, str], question: str) -> str:
    """Give four characters that mark a question of a draft, so that a button of an earlier one is noticed."""
    about = "/".join((flow, *(begun_with[name] for name in sorted(begun_with)), question))
    return f"{crc32(about.encode()) & 0xFFFF:04x}"


def asking(
    flow: str, begun_with: Mapping[str, str], question: Question, notice: Text | None, person_id: UUID,
    *, private: bool, about: str = "",
) -> Content:  # fmt: skip
    """Show a question; `about` is the question of the conversation that it belongs to, if that has to be told."""
    mark = tag(flow, begun_with, question.name)
    blocks: list[Words | Block] = [line for line in (notice, question.notice) if line is not None]
    ask = question.ask
    if isinstance(ask, Summary):
        blocks += [
            Text(
                "%(name)s: %(value)s",
                {"name": name, "value": excerpt(value, IN_SUMMARY) if isinstance(value, str) else value},
            )
            for name, value in ask.lines
        ]
        blocks.append(ask.text)
    else:
        blocks += [*ask.body, ask.text]
        if question.own:
            blocks.append(f"✓ {', '.join(question.own)}")
        if ask.hint is not None:
            blocks.append(small(ask.hint))
    if about:
        blocks.append(small(about))
    long = any(_length(option.label) > LONG_LABEL for option in question.options)
    if long:
        blocks += [
            Text("%(number)s. %(label)s", {"number": typed_as(number, letters=question.numbers), "label": option.label})
            for number, option in enumerate(question.options, 1)
        ]
    choices = [
        Choice(_label(question, option, number, long=long), Action("pick", person_id, arg=mark + option.id))
        for number, option in enumerate(question.options, 1)
    ]
    rows = _rows(choices) if long or isinstance(ask, Summary) or question.multiple else column(*choices)
    if question.multiple:
        rows = (*rows, (Choice(Text("Done"), Action("done", person_id, arg=mark)),))
    asked = Content.of(
        *blocks, choices=(*rows, _ways(question, mark, person_id)), awaits=question.awaits and not private
    )
    return msgspec.structs.replace(asked, letters=question.numbers)


def _label(question: Question, option: Option, number: int, *, long: bool) -> Words:
    label: Words = typed_as(number, letters=question.numbers) if long else option.label
    return Text("✓ %(label)s", {"label": label}) if question.multiple and question.is_chosen(option) else label


def _ways(question: Question, mark: str, person_id: UUID) -> tuple[Choice, ...]:
    ways = []
    if question.can_back:
        ways.append(Choice(Text("Back"), Action("back", person_id, arg=mark)))
    if question.can_skip:
        ways.append(Choice(Text("Skip"), Action("skip", person_id, arg=mark)))
    ways.append(Choice(Text("Stop"), Action("stop", person_id, arg=mark)))
    return tuple(ways)


def _rows(choices: list[Choice]) -> tuple[tuple[Choice, ...], ...]:
    """Put short labels beside each other, at most three a row."""
    rows: list[tuple[Choice, ...]] = []
    room = 0
    for choice in choices:
        needs = max(_length(choice.label), 6)
        if rows and len(rows[-1]) < 3 and room >= needs:  # noqa: PLR2004 (three fit a phone)
            rows[-1] = (*rows[-1], choice)
        else:
            rows.append((choice,))
            room = ROW_LABELS
        room -= needs
    return tuple(rows)


def _length(words: Words) -> int:
    """How long words are, near enough in any language."""
    if isinstance(words, str):
        return len(words)
    inner = sum(_length(value) for value in words.params.values() if isinstance(value, Text | str))
    return len(words.msgid) + inner - 8 * len(words.params)
