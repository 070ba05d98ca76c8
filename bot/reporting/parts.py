"""What the harvest is made of, once it is in somebody's language: sections of sentences and of people's own words.

What participants wrote (`words`) is kept apart from what we say of it, so that each form can quote it. A picture tells
nothing that the words beside it do not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from bot.chat.content import Text, When
from bot.domain.harvest import HarvestIdea, HarvestStep, Weighed

SHORT = 90

Say = Callable[[Text], str]
"""Writes a sentence in the reader's language."""


class Fact(msgspec.Struct, frozen=True):
    """A label of ours, and people's own words to it; several are a list."""

    label: str
    words: tuple[str, ...]


class Picture(msgspec.Struct, frozen=True):
    """A picture, and its words for who does not see it."""

    mime: Literal["image/png", "image/jpeg"]
    data: bytes
    alt: str


class Item(msgspec.Struct, frozen=True):
    """One idea or helper group: a title of ours, its own words, facts, sentences, and a bar that says no more."""

    key: str
    title: str
    words: str
    facts: tuple[Fact, ...] = ()
    lines: tuple[str, ...] = ()
    bar: Weighed | None = None
    picture: Picture | None = None


class Bar(msgspec.Struct, frozen=True):
    """A number with its label."""

    label: str
    number: int


class Chart(msgspec.Struct, frozen=True):
    """Numbers to compare: each is written, and drawn as a bar as well."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def most(self) -> int:
        """The largest of them."""
        return max(bar.number for bar in self.bars)


class Section(msgspec.Struct, frozen=True):
    """A part with a heading. `key` names it within a page; `links` are web addresses."""

    key: str
    title: str
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    chart: Chart | None = None
    pictures: tuple[Picture, ...] = ()
    items: tuple[Item, ...] = ()
    links: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.lines or self.facts or self.chart or self.pictures or self.items)


class Document(msgspec.Struct, frozen=True):
    """The whole. `question` is people's own words; `title` tells where it is from.

    `spoken` is the language in which people wrote, where it is not that of the reader: a screen reader changes its
    voice for it.
    """

    locale: str
    spoken: str
    title: str
    question: str
    dates: str
    contents: str
    sections: tuple[Section, ...]
    foot: tuple[str, ...]


def told(idea: HarvestIdea, say: Say, key: str, *more: str) -> Item:
    """Tell an idea: its words, what came of it, and its sums, as a bar too; then what more there is to say."""
    lines = []
    if idea.from_meeting:
        lines.append(Text("From the meeting."))
    if idea.supporters:
        lines.append(carried(idea))
    if idea.helper_groups:
        formed = {"n": idea.helper_groups}
        lines.append(Text("%(n)d helper group has formed.", {**formed}, plural="%(n)d helper groups have formed."))
    if idea.weighed is not None:
        lines.append(sums(idea.weighed))
    title = say(Text("Idea %(number)d", {"number": idea.number}))
    return Item(
        f"{key}-{idea.number}", title, idea.text, lines=(*map(say, lines), *more), bar=idea.weighed
    )  # fmt: skip


def carried(idea: HarvestIdea) -> Text:
    """Tell how many carry an idea."""
    return Text("%(n)d carries it.", {"n": idea.supporters}, plural="%(n)d carry it.")


def sums(weighed: Weighed) -> Text:
    """Tell how an idea was weighed."""
    return Text(
        "When %(voters)d had weighed it: %(agree)d agreed, %(disagree)d disagreed, %(passed)d passed.",
        {"voters": weighed.voters, "agree": weighed.agree, "disagree": weighed.disagree, "passed": weighed.passed},
    )


def step(one: HarvestStep, say: Say) -> str:
    """Tell a step of a helper group, and its day, if it has one."""
    params: dict[str, str | int | When | Text] = {"what": one.what, "number": one.group}
    if one.at is not None:
        return say(Text("%(what)s (helper group %(number)d, %(day)s)", params | {"day": When(one.at, "day")}))
    return say(Text("%(what)s (helper group %(number)d)", params))
