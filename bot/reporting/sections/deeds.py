"""What is needed, what is done next, and what came of it."""

from __future__ import annotations

from bot.chat.content import Text
from bot.domain.harvest import Harvest, HarvestStory
from bot.reporting.parts import Fact, Item, Picture, Say, Section, step


def needed(harvest: Harvest, say: Say) -> Section:
    """Tell what people need, in their words and without their names."""
    lines = []
    if harvest.needs_met:
        met = {"n": harvest.needs_met}
        lines.append(say(Text("%(n)d need has been met.", {**met}, plural="%(n)d needs have been met.")))
    facts = (Fact(say(Text("Somebody needs support with")), harvest.needs),) if harvest.needs else ()
    return Section("needs", say(Text("What we need from each other")), tuple(lines), facts)


def steps(harvest: Harvest, say: Say) -> Section:
    """Tell the steps of the helper groups: what is done, and what comes next."""
    found = (
        (Text("Done"), [one for one in harvest.steps if one.done]),
        (Text("Still to come"), [one for one in harvest.steps if not one.done]),
    )
    facts = tuple(Fact(say(label), tuple(step(one, say) for one in some)) for label, some in found if some)
    return Section("steps", say(Text("What we do")), facts=facts)


def stories(harvest: Harvest, say: Say) -> Section:
    """Tell what came of it."""
    items = tuple(_story(number, one, say) for number, one in enumerate(harvest.stories, 1))
    return Section("stories", say(Text("What came of it")), items=items)


def _story(number: int, one: HarvestStory, say: Say) -> Item:
    lines = []
    if one.by:
        lines.append(say(Text("From %(name)s", {"name": one.by})))
    if one.group is not None:
        lines.append(say(Text("It tells of helper group %(number)d.", {"number": one.group})))
    alt = say(Text("A picture to story %(number)d", {"number": number}))
    return Item(
        f"story-{number}", say(Text("Story %(number)d", {"number": number})), one.text, lines=tuple(lines),
        picture=Picture("image/jpeg", one.picture, alt) if one.picture else None,
    )  # fmt: skip
