"""How answers are read: words of a certain length, one of several options, a yes or no, a place, a code."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bot.chat.content import Text
from bot.domain.place_names import Place, place
from bot.domain.places import find_places, label
from bot.flows.questions import Answer, Choose, Ctx, Input, Meaning, Option, Parse, Retry
from bot.flows.words import clean, is_refusal, one_line

CHOOSE_ONE = Text("Please choose one of these.")
IN_WORDS = Text("I saw no words there. Please write a few.")
NEEDED = Text("This question needs an answer. If you would rather not, choose “Stop”.")

AS_WRITTEN = "aswritten"
MAX_PLACE = 80

# The last part of an address, or of its query: what an invitation's link ends with.


class Where(msgspec.Struct, frozen=True):
    """A municipality by its key, or (with no key) any other place by its name as somebody wrote it."""

    key: str
    name: str


def free_text(most: int, *, least: int = 1, lines: int = 1) -> Parse:
    """Read words: `least` to `most` characters, not signs alone; on one line, or on at most so many `lines`."""

    def parse(sent: Input, _: Ctx) -> Meaning:
        text = clean(sent.text)
        text = one_line(text) if lines == 1 else text
        if sent.choice or not any(map(str.isalnum, text)):
            return Retry(IN_WORDS)
        if is_refusal(text):
            return Retry(NEEDED)
        if len(text) > most:
            return Retry(
                Text(
                    "That is %(n)d characters; at most %(most)d fit. Please make it shorter.",
                    {"n": len(text), "most": most},
                )
            )
        if len(text) < least:
            return Retry(Text("That is very short. Please write a little more."))
        if (n := text.count("\n") + 1) > lines:
            return Retry(Text("That is %(n)d lines; at most %(most)d fit. Please use fewer.", {"n": n, "most": lines}))
        return Answer(text, Input(text))

    return parse


def choice(values: Mapping[str, object]) -> Parse:
    """Read one of the options, by its id; the answer is its value."""

    def parse(sent: Input, _: Ctx) -> Meaning:
        return Answer(values[sent.choice], Input(choice=sent.choice)) if sent.choice in values else Retry(CHOOSE_ONE)

    return parse


def suggested(options: tuple[Option, ...], own: Parse) -> Parse:
    """Read a suggestion (the answer is its label, in the person's language) or own words."""
    labels = {option.id: option.label for option in options}

    def parse(sent: Input, ctx: Ctx) -> Meaning:
        if sent.choice in labels:
            return Answer(ctx.say(labels[sent.choice]), Input(choice=sent.choice))
        return own(sent, ctx)

    return parse


def municipality(sent: Input, ctx: Ctx) -> Meaning:
    """Read a place: a municipality by its name, however spelled; after asking, any other place as it was written."""
    name = one_line(clean(sent.text))
    if sent.choice == AS_WRITTEN and 0 < len(name) <= MAX_PLACE:
        return Answer(Where("", name), Input(name, AS_WRITTEN))
    if sent.choice:
        return _known(place(sent.choice))
    if not name:
        return Retry(IN_WORDS)
    if is_refusal(name):
        return Retry(NEEDED)
    if len(name) > MAX_PLACE:
        return Retry(Text("That is long for the name of a place. Please write only its name."))
    found = find_places(name, _country(ctx))
    if found.sure is not None:
        return _known(found.sure)
    as_written = Option(AS_WRITTEN, Text("Use “%(place)s”, as I wrote it", {"place": name}))
    if found.near:
        near = (Option(one.key, label(one)) for one in found.near)
        return Choose(Text("Which one do you mean? You can also write it again."), (*near, as_written))
    asks = Text("I know no municipality called “%(place)s”. Use it, or write it again.", {"place": name})
    return Choose(asks, (as_written,))


def _known(found: Place | None) -> Meaning:
    return Answer(Where(found.key, found.name), Input(choice=found.key)) if found else Retry(CHOOSE_ONE)


_BY_LOCALE = {"da": "DK", "nb": "NO", "nn": "NO", "no": "NO", "fi": "FI"}
_BY_ZONE = {
    "Europe/Stockholm": "SE",
    "Europe/Copenhagen": "DK",
    "Europe/Oslo": "NO",
    "Europe/Helsinki": "FI",
    "Europe/Mariehamn": "FI",
}


def _country(ctx: Ctx) -> str | None:
    """Give the country that the person is likely to mean."""
    return _BY_LOCALE.get(ctx.locale.partition("-")[0]) or _BY_ZONE.get(ctx.zone)
