"""The helper groups: what each wants to do, and who holds it together."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest, HarvestGroup
from bot.reporting.parts import Fact, Item, Say, Section


def helpers(harvest: Harvest, say: Say) -> Section:
    """Tell the helper groups, the oldest first."""
    items = tuple(_helper(number, group, say) for number, group in enumerate(harvest.groups, 1))
    return Section("helpers", say(Text("Helper groups")), items=items)


def _helper(number: int, group: HarvestGroup, say: Say) -> Item:
    found = (
        (Text("Whom or what they support"), group.whom),
        (Text("What they need"), group.needs),
        (Text("First step"), group.first_step),
    )
    lines = []
    if group.idea is not None:
        lines.append(Text("It came from idea %(number)d.", {"number": group.idea}))
    lines.append(Text("%(n)d person is in it.", {"n": group.members}, plural="%(n)d people are in it."))
    if group.convener:
        lines.append(Text("%(name)s holds it together.", {"name": group.convener}))
    facts = tuple(Fact(say(label), (words,)) for label, words in found if words)
    title = say(Text("Helper group %(number)d", {"number": number}))
    return Item(f"helpers-{number}", title, group.what, facts, tuple(map(say, lines)))
