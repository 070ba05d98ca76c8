"""The harvest in somebody's language, before it is a page or Markdown: sections of sentences and of people's own words.

What participants wrote (`Words`) is kept apart from what we say of it (plain `str`), so that each form can quote it.
A section with nothing in it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
from babel import Locale

from bot.chat.content import Text, When
from bot.domain.people import HAT_NAMES
from bot.flows.words import shorten
from bot.i18n import render
from bot.store.harvest import Harvest, HarvestGroup, HarvestIdea, Opinions, Weighed

SHORT = 90
WAITING = 5
"""How many ideas without a leader are named as waiting for one."""


class Fact(msgspec.Struct, frozen=True):
    """A label of ours, and people's own words to it; several are a list."""

    label: str
    words: tuple[str, ...]


class Item(msgspec.Struct, frozen=True):
    """One idea or helper group: a title of ours, its own words, facts, sentences, and a bar that says no more."""

    key: str
    title: str
    words: str
    facts: tuple[Fact, ...] = ()
    lines: tuple[str, ...] = ()
    bar: Weighed | None = None


class Section(msgspec.Struct, frozen=True):
    """A part with a heading. `key` names it within a page."""

    key: str
    title: str
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    items: tuple[Item, ...] = ()

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.lines or self.facts or self.items)


class Document(msgspec.Struct, frozen=True):
    """The whole. `question` is people's own words; `place` and `title` tell where it is from."""

    locale: str
    direction: Literal["ltr", "rtl"]
    title: str
    question: str
    dates: str
    contents: str
    sections: tuple[Section, ...]
    foot: tuple[str, ...]


def document(harvest: Harvest, locale: str) -> Document:
    """Put the harvest into words."""
    return _Writer(harvest, locale).document()


class _Writer:
    """Writes in one language."""

    def __init__(self, harvest: Harvest, locale: str) -> None:
        self.harvest = harvest
        self.locale = locale
        self.ideas = {idea.number: idea for idea in harvest.ideas}

    def say(self, msgid: Text) -> str:
        """Write a sentence."""
        return render(msgid, self.locale, self.harvest.zone)

    def document(self) -> Document:
        harvest = self.harvest
        begun, made = When(harvest.begun_at, "day"), When(harvest.made_at, "day")
        sections = (self._about(), self._people(), self._unites(), self._groups_of_opinion(), self._ideas(),
                    self._helpers(), self._next())  # fmt: skip
        return Document(
            locale=self.locale,
            direction="rtl" if Locale.parse(self.locale).text_direction == "rtl" else "ltr",
            title=self.say(Text("Harvest from %(place)s", {"place": harvest.place})),
            question=harvest.question,
            dates=self.say(
                Text("We began on %(begun)s. This is how things stood on %(made)s.", {"begun": begun, "made": made})
            ),
            contents=self.say(Text("What is here")),
            sections=tuple(section for section in sections if section),
            foot=(
                self.say(Text("What people wrote stands here in their own words.")),
                self.say(
                    Text(
                        "Votes are secret. Sums show when five have weighed an idea, and change in steps of five. "
                        "A number of people shows from five on."
                    )
                ),
                self.say(Text("Support is open, and so is who holds a helper group together.")),
            ),
        )

    def _about(self) -> Section:
        harvest = self.harvest
        found = (
            (Text("Why"), (harvest.why,)),
            (Text("What we hold to"), harvest.values),
            (Text("What is fixed already"), (harvest.givens,)),
        )
        facts = tuple(Fact(self.say(label), words) for label, words in found if any(words))
        return Section("about", self.say(Text("What it is about")), facts=facts)

    def _people(self) -> Section:
        harvest = self.harvest
        lines = []
        if harvest.people:
            params: dict[str, int | str | When | Text] = {"n": harvest.people}
            lines.append(self.say(Text("%(n)d person took part.", params, plural="%(n)d people took part.")))
        if harvest.hats:
            lines.append(self.say(Text("These hats were shown by five or more:")))
            named = [(Text(HAT_NAMES[hat]), number) for hat, number in harvest.hats]
            lines += [self.say(Text("%(hat)s: %(n)d", {"hat": hat, "n": number})) for hat, number in named]
        return Section("people", self.say(Text("Who took part")), lines=tuple(lines))

    def _unites(self) -> Section:
        opinions = self.harvest.opinions or Opinions((), ())
        items = tuple(self._idea(self.ideas[number], "unites") for number in opinions.unites if number in self.ideas)
        return Section("unites", self.say(Text("What unites us")), items=items)

    def _groups_of_opinion(self) -> Section:
        opinions = self.harvest.opinions or Opinions((), ())
        items = []
        for group in opinions.groups:
            held = [(self.ideas[number], agrees) for number, agrees in group.holds if number in self.ideas]
            facts = [
                Fact(self.say(label), tuple(shorten(idea.text, SHORT) for idea, agrees in held if agrees is side))
                for label, side in ((Text("They agree:"), True), (Text("They disagree:"), False))
            ]
            params: dict[str, int | str | When | Text] = {"name": group.name, "n": group.people}
            title = self.say(Text("Group %(name)s: %(n)d person", params, plural="Group %(name)s: %(n)d people"))
            items.append(Item(f"group-{group.name}", title, "", tuple(fact for fact in facts if fact.words)))
        return Section("opinions", self.say(Text("Where we stand")), items=tuple(items))

    def _ideas(self) -> Section:
        items = tuple(self._idea(idea, "idea") for idea in self.harvest.ideas)
        return Section("ideas", self.say(Text("Our ideas")), items=items)

    def _idea(self, idea: HarvestIdea, key: str) -> Item:
        lines = []
        if idea.from_meeting:
            lines.append(Text("From the meeting."))
        if idea.supporters:
            lines.append(Text("%(n)d carries it.", {"n": idea.supporters}, plural="%(n)d carry it."))
        if idea.helper_groups:
            formed = {"n": idea.helper_groups}
            lines.append(Text("%(n)d helper group has formed.", {**formed}, plural="%(n)d helper groups have formed."))
        if idea.weighed is not None:
            lines.append(_sums(idea.weighed))
        title = self.say(Text("Idea %(number)d", {"number": idea.number}))
        return Item(
            f"{key}-{idea.number}", title, idea.text, lines=tuple(map(self.say, lines)), bar=idea.weighed
        )  # fmt: skip

    def _helpers(self) -> Section:
        items = tuple(self._helper(number, group) for number, group in enumerate(self.harvest.groups, 1))
        return Section("helpers", self.say(Text("Helper groups")), items=items)

    def _helper(self, number: int, group: HarvestGroup) -> Item:
        found = (
            (Text("Whom or what they support"), group.whom),
            (Text("What they need"), group.needs),
            (Text("First step"), group.first_step),
        )
        lines = []
        if group.idea is not None:
            lines.append(Text("It came from idea %(number)d.", {"number": group.idea}))
        if group.convener:
            lines.append(Text("%(name)s holds it together.", {"name": group.convener}))
        lines.append(Text("%(n)d person is in it.", {"n": group.members}, plural="%(n)d people are in it."))
        facts = tuple(Fact(self.say(label), (words,)) for label, words in found if words)
        title = self.say(Text("Helper group %(number)d", {"number": number}))
        return Item(f"helpers-{number}", title, group.what, facts, tuple(map(self.say, lines)))

    def _next(self) -> Section:
        return Section("next", self.say(Text("What comes next")), tuple(self._ways_on()), tuple(self._waiting()))

    def _waiting(self) -> Iterator[Fact]:
        steps = tuple(group.first_step for group in self.harvest.groups if group.first_step)
        if steps:
            yield Fact(self.say(Text("First steps")), steps)
        waiting = [shorten(idea.text, SHORT) for idea in self.harvest.ideas if not idea.helper_groups][:WAITING]
        if waiting and not self.harvest.ended:
            yield Fact(self.say(Text("These ideas wait for somebody who takes the lead")), tuple(waiting))

    def _ways_on(self) -> Iterator[str]:
        if self.harvest.ended:
            yield self.say(Text("This conversation has ended. Anyone can begin a new one."))
        elif self.harvest.code:
            yield self.say(Text("Anyone can join. Write to the bot: join %(code)s", {"code": self.harvest.code}))
        else:
            yield self.say(Text("You can join by an invitation: ask somebody who is in it."))


def _sums(weighed: Weighed) -> Text:
    return Text(
        "When %(voters)d had weighed it: %(agree)d agreed, %(disagree)d disagreed, %(passed)d passed.",
        {"voters": weighed.voters, "agree": weighed.agree, "disagree": weighed.disagree, "passed": weighed.passed},
    )
