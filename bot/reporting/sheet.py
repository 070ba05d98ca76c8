"""The harvest on one page of A4, to hang up or to hand out at the next meeting: what counts most, and room to go on.

Whatever was written, it stays one page: of each kind the first few are told, and long words are shortened.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.chat.content import Text
from bot.domain.harvest import Harvest, HarvestIdea
from bot.flows.words import shorten
from bot.reporting.document import OWN_WORDS, dates, saying, title
from bot.reporting.page import written
from bot.reporting.parts import Fact, Item, Say, Section, carried, sums
from bot.reporting.sections.ahead import ahead
from bot.reporting.sections.energy import energy
from bot.reporting.sections.helpers import helpers
from bot.reporting.sections.ideas import ideas
from bot.reporting.sections.opinions import unites

TITLE, QUESTION, WORDS = 70, 130, 85
"""How long words may be: where it is from, the question, and all else (twice as long where there is but one column)."""
MOST, IDEAS = 3, 5
"""So many of each kind are told, and so many ideas in all."""


def sheet(harvest: Harvest, locale: str) -> bytes:
    """Write the page."""
    say = saying(harvest, locale)
    known = {one.number: one for one in harvest.ideas}
    united = [known[number] for number in (harvest.opinions.unites if harvest.opinions else ()) if number in known]
    front = united[:MOST]
    others = [one for one in harvest.ideas if one not in front][: IDEAS - len(front)]
    right = [part for part in (_short(energy(harvest, say)), _short(helpers(harvest, say))) if part.items]
    most = WORDS if right else 2 * WORDS
    left = [_of(unites(harvest, say), front, say, most), _of(ideas(harvest, say), others, say, most)]
    return written(
        "sheet", locale, title=shorten(title(harvest, say), TITLE), question=shorten(harvest.question, QUESTION),
        dates=dates(harvest, say), numbers=_numbers(harvest, say), ahead=_short(ahead(harvest, say)),
        columns=([part for part in left if part.items], right),
        notes=say(Text("What we take along from our meeting")),
        foot=(say(OWN_WORDS), say(Text("Votes are secret. Sums show when five have weighed an idea."))),
    )  # fmt: skip


def _numbers(harvest: Harvest, say: Say) -> tuple[tuple[int, str], ...]:
    """Give what can be counted, and its word."""
    people, given, formed = harvest.people or 0, len(harvest.ideas), len(harvest.groups)
    counted = (
        (people, Text("person took part", {"n": people}, plural="people took part")),
        (given, Text("idea", {"n": given}, plural="ideas")),
        (formed, Text("helper group", {"n": formed}, plural="helper groups")),
    )
    return tuple((number, say(word)) for number, word in counted if number)


def _of(section: Section, some: Iterable[HarvestIdea], say: Say, most: int) -> Section:
    """Give a section with some ideas, each in a few words and a line."""
    return msgspec.structs.replace(section, items=tuple(_idea(one, say, most) for one in some))


def _idea(one: HarvestIdea, say: Say, most: int) -> Item:
    lines = [sums(one.weighed)] if one.weighed else [carried(one)] if one.supporters else []
    return Item("", "", shorten(one.text, most), lines=tuple(map(say, lines)), bar=one.weighed)


def _short(section: Section) -> Section:
    """Give the first few of a section, each in a few words and its last line."""
    facts = [Fact(one.label, tuple(shorten(words, WORDS) for words in one.words[:MOST])) for one in section.facts]
    items = [
        msgspec.structs.replace(
            one, words=shorten(one.words, WORDS), facts=(), lines=tuple(shorten(line, WORDS) for line in one.lines[-1:])
        )
        for one in section.items[:MOST]
    ]
    return msgspec.structs.replace(section, facts=tuple(facts), items=tuple(items))
