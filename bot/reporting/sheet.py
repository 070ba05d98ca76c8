"""The harvest on one page of A4, to hang up or to hand out at the next meeting: what counts most, and room to go on.

Whatever was written, it stays one page: of each kind the first few are told, and long words are shortened. Where there
is room it is in large print, to be read from where people stand.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bot.chat.content import Text, When
from bot.domain.harvest import Harvest, HarvestGroup, HarvestIdea, HarvestStep, Weighed
from bot.flows.words import shorten
from bot.reporting.document import OWN_WORDS, dates, saying, spoken, title
from bot.reporting.page import qr_code, written
from bot.reporting.parts import Fact, Item, Say, Section, carried
from bot.reporting.sections.ahead import ahead
from bot.reporting.sections.energy import energy
from bot.reporting.sections.helpers import helpers
from bot.reporting.sections.ideas import ideas
from bot.reporting.sections.opinions import unites

TITLE, QUESTION, WORDS, LINE = 70, 130, 85, 35
"""How long words may be: where it is from, the question, all else (twice as long where there is but one column), and
what has to fit on a line beside words of ours.
"""
MOST, IDEAS = 3, 5
"""So many of each kind are told, and so many ideas in all."""
COLUMN, ROOM = 36, 33
"""So many letters of large print are a line of a column, and so many lines leave room for what the meeting adds."""


def sheet(harvest: Harvest, locale: str) -> bytes:
    """Write the page."""
    say = saying(harvest, locale)
    known = {one.number: one for one in harvest.ideas}
    united = [known[number] for number in (harvest.opinions.unites if harvest.opinions else ()) if number in known]
    front = united[:MOST]
    others = [one for one in harvest.ideas if one not in front][: IDEAS - len(front)]
    groups = tuple(_group(number, one, harvest, say) for number, one in enumerate(harvest.groups[:MOST], 1))
    formed = msgspec.structs.replace(helpers(harvest, say), items=groups)
    right = [part for part in (formed, _short(energy(_unled(harvest), say))) if part.items]
    most = WORDS if right else 2 * WORDS
    left = [_of(unites(harvest, say), front, say, most), _of(ideas(harvest, say), others, say, most)]
    left = [part for part in left if part.items]
    coming = _short(ahead(msgspec.structs.replace(harvest, groups=(), steps=()), say))
    code, alt = qr_code(coming.links[0]) if coming.links else ("", Text(""))
    return written(
        "sheet", locale, spoken=spoken(harvest, locale), title=shorten(title(harvest, say), TITLE),
        question=shorten(harvest.question, QUESTION),
        dates=dates(harvest, say), numbers=_numbers(harvest, say), columns=(left, right), ahead=coming,
        code=code, alt=say(alt),
        large=2 * _rows(harvest.question) + max(map(_lines, (left, right))) + _lines([coming]) <= ROOM,
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
    lines = [_sums(one.weighed)] if one.weighed else [carried(one)] if one.supporters else []
    return Item("", "", shorten(one.text, most), lines=tuple(map(say, lines)), bar=one.weighed)


def _sums(weighed: Weighed) -> Text:
    return Text(
        "%(agree)d agreed, %(disagree)d disagreed, %(passed)d passed.",
        {"agree": weighed.agree, "disagree": weighed.disagree, "passed": weighed.passed},
    )


def _unled(harvest: Harvest) -> Harvest:
    """Leave out the hands on ideas that a helper group has formed around: it stands there itself."""
    led = {one.idea for one in harvest.groups}
    return msgspec.structs.replace(harvest, energy=tuple(one for one in harvest.energy if one.idea not in led))


def _group(number: int, one: HarvestGroup, harvest: Harvest, say: Say) -> Item:
    """Tell a helper group: what it wants to do, what it needs, its next step, and whom to ask."""
    lines = []
    if one.needs:
        lines.append(Text("We need: %(needs)s", {"needs": shorten(one.needs, LINE)}))
    lines += [_next(step) for step in harvest.coming if step.group == number][:1]
    if one.convener:
        lines.append(Text("%(name)s holds it together.", {"name": shorten(one.convener, LINE)}))
    return Item("", "", shorten(one.what, WORDS), lines=tuple(map(say, lines)))


def _next(step: HarvestStep) -> Text:
    what = shorten(step.what, LINE)
    if step.at is None:
        return Text("Next step: %(what)s", {"what": what})
    return Text("Next step: %(what)s, %(day)s", {"what": what, "day": When(step.at, "day")})


def _lines(sections: list[Section]) -> int:
    """Estimate how many lines some sections take, one below the other, in large print."""
    said = [words for part in sections for words in (*part.lines, *part.links)]
    said += [words for part in sections for one in part.items for words in (one.words, *one.lines)]
    said += [words for part in sections for one in part.facts for words in (one.label, *one.words)]
    bars = sum(one.bar is not None for part in sections for one in part.items)
    return 2 * len(sections) + bars + sum(map(_rows, said))


def _rows(words: str) -> int:
    return 1 + len(words) // COLUMN


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
