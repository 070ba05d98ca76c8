"""What a person is told unasked: the day's one message, of all that waited for them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bot.chat.content import Block, Choice, Content, Text
from bot.i18n import render
from bot.views.common import Row, button, column

MOST = 8
SCREEN = 900
"""So many characters fit on a phone without scrolling far."""

GONE = Text("That was some time ago. Write /help to see how things stand now.")
NOTHING = Text("Nothing waits for you.")


def digest(notes: Sequence[tuple[UUID, Content]], locale: str) -> tuple[Content, int]:
    """Give one message of what waits, the first first, and how many of it that are.

    One alone is said as it is. Of several, those with something to press are numbered; one with several things to
    press, or with a picture, is opened by its button.
    """
    count = _fitting([content for _id, content in notes], locale)
    if len(notes) == 1:
        return notes[0][1], 1
    blocks: list[Block] = []
    rows: list[Row] = []
    for note_id, content in notes[:count]:
        choice = _only(note_id, content)
        if choice is None:
            blocks += _plain(content.blocks)
            continue
        number = len(rows) + 1
        first, *more = _plain(content.blocks)
        blocks += [Block(first.kind, Text("%(number)d. %(what)s", {"number": number, "what": first.words})), *more]
        rows.append((_numbered(number, choice),))
    rest = len(notes) - count
    if rest:
        label = Text("%(n)d more", {"n": rest}, plural="%(n)d more")
        rows += column(button(label, "notes"))
    return Content(tuple(blocks), tuple(rows)), count


def opened_alone(content: Content) -> bool:
    """Whether a note holds more than its lines and one thing to press."""
    return content.attachment is not None or sum(map(len, content.choices)) > 1


def _only(note_id: UUID, content: Content) -> Choice | None:
    """Give what is to be pressed for a note."""
    if opened_alone(content):
        return button(Text("Open"), "note", subject=note_id)
    return next((choice for row in content.choices for choice in row), None)


def _numbered(number: int, choice: Choice) -> Choice:
    label = Text("%(number)d. %(what)s", {"number": number, "what": choice.label})
    return Choice(label, choice.action, choice.url, choice.start, choice.group)


def _plain(blocks: Sequence[Block]) -> list[Block]:
    """Give the paragraphs without headings: of several notes none stands above the others."""
    return [Block("text" if block.kind == "title" else block.kind, block.words) for block in blocks]


def _fitting(contents: Sequence[Content], locale: str) -> int:
    """Count how many fit, at least one."""
    left = SCREEN
    for count, content in enumerate(contents):
        left -= sum(len(render(block.words, locale)) for block in content.blocks)
        if count and (left < 0 or count == MOST):
            return count
    return len(contents)
