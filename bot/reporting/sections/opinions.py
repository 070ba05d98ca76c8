"""What the votes say: what unites people, and where they stand."""

from __future__ import annotations

from bot.chat.content import Text, When
from bot.domain.harvest import Harvest, HarvestIdea, Opinions
from bot.domain.maps import Shape, described
from bot.flows.words import shorten
from bot.reporting import map_picture
from bot.reporting.parts import SHORT, Fact, Item, Picture, Say, Section, told

SOME = 3
"""So many ideas are told on which groups differ, and that most do not want."""
Params = dict[str, str | int | When | Text]


def unites(harvest: Harvest, say: Say) -> Section:
    """Tell what unites people across all groups of opinion."""
    return _ideas("unites", Text("What unites us"), _found(harvest)[0].unites, harvest, say)


def stand(harvest: Harvest, say: Say) -> Section:
    """Tell which groups of opinion there are, and what each holds."""
    opinions, ideas = _found(harvest)
    items = []
    for group in opinions.groups:
        held = [(ideas[number], agrees) for number, agrees in group.holds if number in ideas]
        facts = [
            Fact(say(label), tuple(shorten(idea.text, SHORT) for idea, agrees in held if agrees is side))
            for label, side in ((Text("They agree:"), True), (Text("They disagree:"), False))
        ]
        params: Params = {"name": group.name, "n": group.people}
        title = say(Text("Group %(name)s: %(n)d person", params, plural="Group %(name)s: %(n)d people"))
        items.append(Item(f"group-{group.name}", title, "", tuple(fact for fact in facts if fact.words)))
    return Section("opinions", say(Text("Where we stand")), pictures=_drawn(opinions, say), items=tuple(items))


def differ(harvest: Harvest, say: Say) -> Section:
    """Tell on which ideas the groups differ most."""
    return _ideas("differ", Text("Where we differ"), _found(harvest)[0].differ[:SOME], harvest, say)


def refused(harvest: Harvest, say: Say) -> Section:
    """Tell what nearly all disagree with: that unites people, too."""
    return _ideas("refused", Text("What most do not want"), _found(harvest)[0].refused[:SOME], harvest, say)


def _ideas(key: str, title: Text, numbers: tuple[int, ...], harvest: Harvest, say: Say) -> Section:
    """Tell some ideas, each with how the groups weighed it."""
    opinions, ideas = _found(harvest)
    items = tuple(
        told(ideas[number], say, key, *_by_group(ideas[number], opinions, say)) for number in numbers if number in ideas
    )
    return Section(key, say(title), items=items)


def _drawn(opinions: Opinions, say: Say) -> tuple[Picture, ...]:
    """Draw the map; in words it is said beside it, too."""
    if not opinions.groups:
        return ()
    shapes = tuple(Shape(one.name, one.people, one.area) for one in opinions.groups)
    drawn = map_picture.draw(shapes, map_picture.labels(shapes, say))
    return (Picture("image/png", drawn, " ".join(map(say, described(shapes, None)))),)


def _found(harvest: Harvest) -> tuple[Opinions, dict[int, HarvestIdea]]:
    return harvest.opinions or Opinions((), ()), {idea.number: idea for idea in harvest.ideas}


def _by_group(idea: HarvestIdea, opinions: Opinions, say: Say) -> tuple[str, ...]:
    """Tell in a line how each group has weighed it."""
    told = []
    for group, sums in zip(opinions.groups, idea.by_group, strict=False):
        if sums is not None:
            params: Params = {"name": group.name, "agree": sums.agree, "voters": sums.voters}
            told.append(say(Text("In group %(name)s, %(agree)d of %(voters)d agreed.", params)))
    return (" ".join(told),) if told else ()
