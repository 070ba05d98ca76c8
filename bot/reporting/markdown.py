"""The harvest as Markdown: reads well as it is, and turns into a page, a document or a wiki anywhere.

What people wrote is quoted, and whatever would be markup in it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.reporting.parts import Chart, Document, Fact, Item, Picture, Section

_MARKUP = re.compile(r"[\\`*_{}\[\]<>&#|~$]")
_AT_START = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)


def markdown(document: Document) -> bytes:
    """Write the document."""
    return ("\n\n".join(_blocks(document)) + "\n").encode()


def _blocks(document: Document) -> Iterator[str]:
    yield f"# {_line(document.question)}"
    yield _line(document.title)
    yield _line(document.dates)
    for section in document.sections:
        yield from _section(section)
    yield "---"
    yield from map(_line, document.foot)


def _section(section: Section) -> Iterator[str]:
    yield f"## {_line(section.title)}"
    yield from map(_line, section.lines)
    yield from (f"<{link}>" for link in section.links)
    yield from _facts(section.facts)
    if section.chart:
        yield from _chart(section.chart)
    yield from map(_picture, section.pictures)
    for item in section.items:
        yield from _item(item)


def _item(item: Item) -> Iterator[str]:
    yield f"### {_line(item.title)}"
    if item.words:
        yield _quote(item.words)
    if item.picture:
        yield _picture(item.picture)
    yield from _facts(item.facts)
    yield from map(_line, item.lines)


def _facts(facts: tuple[Fact, ...]) -> Iterator[str]:
    for fact in facts:
        yield f"**{_line(fact.label)}**"
        if len(fact.words) == 1:
            yield _quote(fact.words[0])
        else:
            yield "\n".join(f"- {_line(words)}" for words in fact.words)


def _chart(chart: Chart) -> Iterator[str]:
    yield f"**{_line(chart.title)}**"
    yield "\n".join(f"- {_line(bar.label)}: {bar.number}" for bar in chart.bars)


def _picture(picture: Picture) -> str:
    return f"*{_line(picture.alt)}*"


def _quote(words: str) -> str:
    """Quote people's own words, line by line as they stand."""
    lines = escaped(words).split("\n")
    return "\\\n".join(f"> {line.strip()}" for line in lines if line.strip())


def _line(words: str) -> str:
    return escaped(" ".join(words.split()))


def escaped(words: str) -> str:
    """Take from words what would be markup."""
    return _AT_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", words))
