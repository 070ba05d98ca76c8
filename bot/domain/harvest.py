"""The harvest's read model: what a conversation said and did, as anybody may see it.

Rules
-----
* Sums of votes are those that may be shown (`Idea.shown_sums`): of five or more, renewed in steps of five; else None.
* Counts of people are of five or more, else None; hats are counted only of those who show them.
* Support, hands and helper groups are open by nature, and count from one.
* An idea carries no name, a participant no vote. A convener goes by the name that stands on the helper group's card.
* Hidden ideas, and those taken back, are not in it. Those that became part of another one stand with it.

Every form of the harvest is written from this, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import msgspec

from bot.domain.conversation import Season
from bot.domain.ideas import SUM_STEP
from bot.domain.maps import Area

FEW = SUM_STEP
"""Below this many people, a count could point at somebody."""
MOST_SPANS = 12
"""So many spans of time are told apart."""


class Weighed(msgspec.Struct, frozen=True):
    """How five people or more have weighed an idea."""

    agree: int
    disagree: int
    passed: int

    @property
    def voters(self) -> int:
        """How many there were."""
        return self.agree + self.disagree + self.passed


class HarvestPart(msgspec.Struct, frozen=True):
    """An idea that became part of another one, with how it was weighed before that.

    `agreed`: all who gave the two said yes themselves. Otherwise a moderator did for who could not be asked any more.
    """

    number: int
    text: str
    given_on: date
    from_meeting: bool
    weighed: Weighed | None
    agreed: bool


class HarvestIdea(msgspec.Struct, frozen=True):
    """An idea in the words it was given. `weighed` is None while fewer than five have weighed it.

    `by_group` are the sums of each group of opinion, in their order; None where they are secret. `parts` are the ideas
    that became part of it, the oldest first.
    """

    number: int
    text: str
    given_on: date
    supporters: int
    helper_groups: int
    from_meeting: bool
    weighed: Weighed | None
    by_group: tuple[Weighed | None, ...] = ()
    parts: tuple[HarvestPart, ...] = ()


class HarvestGroup(msgspec.Struct, frozen=True):
    """A helper group. `idea` is the number of the idea it came from; texts are empty where nothing was said."""

    what: str
    whom: str
    needs: str
    first_step: str
    convener: str
    members: int
    idea: int | None


class HarvestStep(msgspec.Struct, frozen=True):
    """A next step of a helper group, by its place among them. Who takes it stands on the group's card, and not here."""

    what: str
    group: int
    done: bool
    at: datetime | None = None


class HarvestStory(msgspec.Struct, frozen=True):
    """What came of it, in somebody's words; `group` is the helper group it tells of, by its place among them.

    `picture` is a JPEG, or empty; only the newest have theirs.
    """

    text: str
    told_on: date
    by: str = ""
    group: int | None = None
    picture: bytes = b""


class HarvestTopic(msgspec.Struct, frozen=True):
    """A topic of an Open Space. `people`: how many have been there, None below five; `notes` as they were written."""

    number: int
    title: str
    people: int | None
    notes: tuple[str, ...]
    idea: int | None = None


class HarvestGathering(msgspec.Struct, frozen=True):
    """A gathering that was held. `people`: how many had said that they come, None below five."""

    what: str
    held_on: date
    open_space: bool
    people: int | None
    notes: tuple[str, ...]
    topics: tuple[HarvestTopic, ...] = ()


class HarvestQuestion(msgspec.Struct, frozen=True):
    """A question that was asked in the groups, and how many ideas answered it.

    One of a built-in `series` has its place there as its `number`, from 1, and its words in English.
    """

    text: str
    ideas: int
    series: str = ""
    number: int = 0


class Energy(msgspec.Struct, frozen=True):
    """How many want to help with an idea, by its number: each with a hand of theirs, where all could see it."""

    idea: int
    hands: int


class OpinionGroup(msgspec.Struct, frozen=True):
    """People who weighed alike, five or more; `holds` are the ideas that tell it apart, and whether it agrees.

    `area` is where it is in the map.
    """

    name: str
    people: int
    holds: tuple[tuple[int, bool], ...]
    area: Area = Area()


class Opinions(msgspec.Struct, frozen=True):
    """Where people stand, as the latest map has it; ideas by number, at most five of each.

    `unites` are those that unite all groups, or all people where there are no groups, the most uniting first; `differ`
    those on which groups differ most, and `refused` those that nearly all disagree with.
    """

    unites: tuple[int, ...]
    groups: tuple[OpinionGroup, ...]
    differ: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()


class Spread(msgspec.Struct, frozen=True):
    """How the invitation has spread: how many came by one, and how many had invited them; None below five."""

    came: int | None = None
    inviters: int | None = None


class Span(msgspec.Struct, frozen=True):
    """Some days, often a single one, and how many people took part in them: five or more."""

    first: date
    last: date
    people: int


class Harvest(msgspec.Struct, frozen=True):
    """A conversation at a moment. Ideas stand by support, then by the share that agrees; helper groups by age.

    `people`, `voters` and `authors` are None below five; `code` is empty unless anyone may join; `opinions` is None
    until a map was made of enough votes. `energy` is of the ideas on which hands are, the most first. `days` tell
    when people took part, the first first. `needs` are those that all may read and nobody has met, in their words;
    `needs_met` counts those that somebody has. `steps` stand by age, `stories` the newest first; `questions`
    are those that brought ideas, in the order in which they were first asked. `ways` are web addresses at which one
    meets the bot, one a network, the one that joins by itself first; none where an invitation is needed.
    """

    place: str
    question: str
    why: str
    values: tuple[str, ...]
    givens: str
    season: Season
    begun_at: datetime
    made_at: datetime
    ended: bool
    locale: str
    zone: str
    code: str
    people: int | None
    voters: int | None
    authors: int | None
    hats: tuple[tuple[str, int], ...]
    ideas: tuple[HarvestIdea, ...]
    groups: tuple[HarvestGroup, ...]
    opinions: Opinions | None = None
    energy: tuple[Energy, ...] = ()
    spread: Spread = Spread()
    days: tuple[Span, ...] = ()
    needs: tuple[str, ...] = ()
    needs_met: int = 0
    steps: tuple[HarvestStep, ...] = ()
    stories: tuple[HarvestStory, ...] = ()
    gatherings: tuple[HarvestGathering, ...] = ()
    questions: tuple[HarvestQuestion, ...] = ()
    ways: tuple[str, ...] = ()

    def reached(self, links: Iterable[str]) -> Harvest:
        """Tell where the bot is met, by its links with the code; what a phone cannot open is left out."""
        addresses = [link.partition(" ")[0] for link in links if self.code and link.startswith("https://")]
        return msgspec.structs.replace(self, ways=tuple(sorted(addresses, key=lambda one: self.code not in one)))

    @property
    def coming(self) -> tuple[HarvestStep, ...]:
        """The steps that are still to come; of a group that has not written down any, the first that it spoke of."""
        begun = {one.group for one in self.steps}
        first = [
            HarvestStep(group.first_step, number, done=False)
            for number, group in enumerate(self.groups, 1)
            if group.first_step and number not in begun
        ]
        return (*(one for one in self.steps if not one.done), *first)


def enough(people: int) -> int | None:
    """Give a number of people as it is told; None where they are too few."""
    return people if people >= FEW else None


def spans(active: Mapping[date, Collection[UUID]]) -> tuple[Span, ...]:
    """Tell when people took part: by days, weeks, months or years, whichever are few enough to be seen at a glance.

    Fewer than five are told together with those who come next; so the last few are not told yet.
    """
    found: tuple[Span, ...] = ()
    for unit in (_day, _week, _month, _year):
        found = tuple(_merged(active, unit))
        if len(found) <= MOST_SPANS:
            break
    return found


def _merged(active: Mapping[date, Collection[UUID]], unit: Callable[[date], Hashable]) -> Iterator[Span]:
    begun, people = None, set[UUID]()
    for _unit, together in groupby(sorted(active), key=unit):
        days = list(together)
        begun = begun or days[0]
        people.update(*(active[day] for day in days))
        if len(people) >= FEW:
            yield Span(begun, days[-1], len(people))
            begun, people = None, set()


def _day(day: date) -> Hashable:
    return day


def _week(day: date) -> Hashable:
    return day.isocalendar()[:2]


def _month(day: date) -> Hashable:
    return day.year, day.month


def _year(day: date) -> Hashable:
    return day.year
