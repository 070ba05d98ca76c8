"""Propose that two ideas become one: which other one says the same, and whose words stand."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec

from bot.chat.content import Text, quote
from bot.domain.likeness import similar
from bot.flows.commands import ProposeMerge
from bot.flows.give_idea import Similar
from bot.flows.parsers import CHOOSE_ONE, choice
from bot.flows.questions import Answer, Ask, Choose, Ctx, Flow, Input, Look, Meaning, Option, Parse, Retry
from bot.flows.words import fold, one_line, shorten

OFFERED = 4
IN_OPTION = 30
QUOTED = 200
NUMBER = re.compile(r"^(?:[^\W\d]{2,6}\.?)?\s*#?(\d{1,6})$")
OPTION = re.compile(r"^n(\d{1,6})$")


class OtherIdeas(msgspec.Struct, frozen=True):
    """A look: all other ideas that can be seen, those that may say the same as `text` first. Answered by `Similar`s."""

    conversation_id: UUID
    idea_id: UUID
    text: str


def merge_ideas(conversation_id: UUID, idea_id: UUID, number: int, text: str) -> Flow[ProposeMerge]:
    """Ask which other idea says the same as this one, and whose words stand."""
    others: dict[int, Similar] = {
        one.number: one for one in (yield Look("others", OtherIdeas(conversation_id, idea_id, text)))
    }
    alike = [one for one in others.values() if one.alike][:OFFERED]
    chosen: int = yield Ask(
        name="other",
        text=Text("Which idea says the same?"),
        parse=_which(number, others),
        options=_options(alike),
        hint=Text("Choose one. Or write a few words of it, or its number in this way: idea 12."),
        body=(quote(f"{number}. {shorten(one_line(text), QUOTED)}"),),
        voids=("words",),
    )
    other = others[chosen]
    mine: bool = yield Ask(
        name="words",
        text=Text("Whose words shall stand?"),
        parse=choice({"mine": True, "other": False}),
        options=(
            Option("other", Text("Those of idea %(number)d", {"number": other.number})),
            Option("mine", Text("Those of idea %(number)d", {"number": number})),
        ),
        awaits=False,
        hint=Text("I ask whoever gave the two. Votes stay with the words that they were given for."),
        body=tuple(
            quote(f"{place}. {shorten(one_line(words), QUOTED)}")
            for place, words in ((number, text), (other.number, other.text))
        ),
    )
    absorbed, stands = (other.idea_id, idea_id) if mine else (idea_id, other.idea_id)
    return ProposeMerge(conversation_id, absorbed, stands)


def _options(ideas: list[Similar]) -> tuple[Option, ...]:
    return tuple(Option(f"n{one.number}", f"{one.number}. {shorten(one_line(one.text), IN_OPTION)}") for one in ideas)


def _which(own: int, others: dict[int, Similar]) -> Parse:
    """Read an option, a number, or some words of an idea: then those that have them are offered."""

    def parse(sent: Input, _: Ctx) -> Meaning:
        words = one_line(sent.text[:QUOTED])
        number = OPTION.match(sent.choice) if sent.choice else NUMBER.match(words)
        if number:
            meant = int(number[1])
            if meant == own:
                return Retry(Text("That is the same idea. Choose another one."))
            if meant not in others:
                return Retry(Text("There is no idea %(number)s that it could be merged with.", {"number": meant}))
            return Answer(meant, Input(choice=f"n{meant}"))
        if sent.choice or not words:
            return Retry(CHOOSE_ONE)
        wanted = fold(words)
        found = [one for one in others.values() if wanted in fold(one.text)]
        found += similar(words, [(one, one.text) for one in others.values() if one not in found])
        if not found:
            return Retry(NOT_FOUND)
        return Choose(Text("Is it one of these?"), _options(found[:OFFERED]))

    return parse


NOT_FOUND: Text = Text("I find no idea with these words. Write others, or its number in this way: idea 12.")
