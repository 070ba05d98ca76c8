"""Who took part: how many, with which hats, how they came, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from bot.chat.content import Text, When
from bot.domain.harvest import Harvest, Span
from bot.domain.people import HAT_NAMES
from bot.reporting.parts import Bar, Chart, Say, Section


def people(harvest: Harvest, say: Say) -> Section:
    """Tell who took part; nobody by name."""
    return Section(
        "people", say(Text("Who took part")), lines=tuple(map(say, _lines(harvest))), chart=_when(harvest, say)
    )


def _lines(harvest: Harvest) -> Iterator[Text]:
    if harvest.people:
        yield Text("%(n)d person took part.", {"n": harvest.people}, plural="%(n)d people took part.")
    if harvest.authors:
        yield Text("%(n)d gave ideas.", {"n": harvest.authors})
    if harvest.voters:
        yield Text("%(n)d weighed ideas.", {"n": harvest.voters})
    if harvest.spread.came:
        yield Text("%(n)d came because somebody had invited them.", {"n": harvest.spread.came})
    if harvest.spread.inviters:
        yield Text("%(n)d invited others.", {"n": harvest.spread.inviters})
    if harvest.hats:
        yield Text("These hats were shown by five or more:")
    for hat, number in harvest.hats:
        yield Text("%(hat)s: %(n)d", {"hat": Text(HAT_NAMES[hat]), "n": number})


def _when(harvest: Harvest, say: Say) -> Chart | None:
    if not harvest.days:
        return None
    years = harvest.days[0].first.year != harvest.begun_at.year or harvest.days[-1].last.year != harvest.made_at.year
    bars = tuple(Bar(say(_days(span, harvest.zone, "day" if years else "date")), span.people) for span in harvest.days)
    return Chart(say(Text("When we took part, and how many")), bars)


def _days(span: Span, zone: str, style: Literal["date", "day"]) -> Text:
    first, last = (datetime.combine(day, time(12), ZoneInfo(zone)) for day in (span.first, span.last))
    return Text("%(days)s", {"days": When(first, style, zone, last)})
