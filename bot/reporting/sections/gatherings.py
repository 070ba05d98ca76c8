"""The gatherings that were held, and the books of proceedings of those that were an Open Space."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from bot.chat.content import Text, When
from bot.domain.harvest import Harvest, HarvestGathering, HarvestTopic
from bot.reporting.parts import Fact, Item, Say, Section


def gatherings(harvest: Harvest, say: Say) -> Section:
    """Tell what people met about, the first first; under an Open Space stand its topics."""
    held = harvest.gatherings
    lines = (
        (say(Text("%(n)d gathering was held.", {"n": len(held)}, plural="%(n)d gatherings were held.")),)
        if held
        else ()
    )
    items = [item for number, one in enumerate(held, 1) for item in _items(number, one, say)]
    return Section("gatherings", say(Text("Gatherings")), lines=lines, items=tuple(items))


def _items(number: int, one: HarvestGathering, say: Say) -> Iterator[Item]:
    noon = When(datetime.combine(one.held_on, time(12), UTC), "day", "UTC")
    told = Text("Open Space, %(day)s", {"day": noon}) if one.open_space else Text("Gathering, %(day)s", {"day": noon})
    came = Text("%(n)d had said that they come.", {"n": one.people}) if one.people is not None else None
    yield Item(
        f"gathering-{number}", say(told), one.what, _notes(one.notes, say), (say(came),) if came is not None else ()
    )  # fmt: skip
    for topic in one.topics:
        yield _topic(number, topic, say)


def _topic(number: int, one: HarvestTopic, say: Say) -> Item:
    lines = []
    if one.people is not None:
        lines.append(Text("%(n)d have been there.", {"n": one.people}))
    if one.idea is not None:
        lines.append(Text("It is idea %(number)d now.", {"number": one.idea}))
    title = say(Text("Topic %(number)d", {"number": one.number}))
    return Item(
        f"gathering-{number}-{one.number}", title, one.title, _notes(one.notes, say), tuple(map(say, lines))
    )  # fmt: skip


def _notes(notes: tuple[str, ...], say: Say) -> tuple[Fact, ...]:
    return (Fact(say(Text("What was said")), notes),) if notes else ()
