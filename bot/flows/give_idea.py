"""Give an idea, or several at once: one question in a group, two in private, and one more if others had it before."""

from __future__ import annotations

import re
from uuid import UUID

import msgspec

from bot.chat.content import Block, Text, quote, small
from bot.domain.ideas import MAX_IDEA
from bot.flows.commands import AskTomorrow, GiveIdeas, SupportInstead
from bot.flows.parsers import choice, free_text
from bot.flows.questions import Ask, Ctx, Flow, Input, Look, Meaning, Option
from bot.flows.words import is_no, is_yes, one_line, shorten

MAX_LINES = 60
SHOWN = 5
QUOTED = 300

_BULLET = re.compile(r"^(?:[-–—*•·◦▪‣]+|\(?\d{1,2}[.)])\s+")
_NAMED = choice({"named": True, "unnamed": False, "tomorrow": None})
CHANGE_WORDS = Option("text", Text("Change the words"))


class SimilarIdeas(msgspec.Struct, frozen=True):
    """A look: the ideas of the conversation that may say the same, the most alike first. Answered by `Similar`s."""

    conversation_id: UUID
    text: str


class Similar(msgspec.Struct, frozen=True):
    """An idea that may say the same; not `alike` is one that is only told of."""

    idea_id: UUID
    number: int
    text: str
    alike: bool = True


def give_idea(
    conversation_id: UUID, text: str = "", *, private: bool = True, meeting: bool = False
) -> Flow[GiveIdeas | SupportInstead | AskTomorrow]:
    """Ask for an idea, if `text` is not one already. Only in private may it be given without one's name.

    `meeting`: what is given comes from a meeting, however many they are.
    """
    words: str = yield Ask(
        name="text",
        text=Text("What is your idea?"),
        parse=free_text(MAX_IDEA, lines=MAX_LINES),
        given=text,
        hint=Text("A sentence or two is enough. Several ideas? Write one on each line."),
        voids=("list", "similar"),
    )
    listed = items(words)
    how = "one"
    if len(listed) > 1:
        how = yield Ask(
            name="list",
            text=Text("Is this %(n)d idea?", {"n": len(listed)}, plural="Are these %(n)d ideas?"),
            parse=choice({"all": "all", "meeting": "meeting", "one": "one"}),
            options=(
                Option("all", Text("Yes, give them all")),
                *(() if meeting else (Option("meeting", Text("Yes, and they are from the meeting")),)),
                Option("one", Text("No, it is one idea")),
            ),
            awaits=False,
            body=_shown(listed),
            changes=(CHANGE_WORDS,),
        )
    texts = (words,) if how == "one" else listed
    if how == "one":
        found: tuple[Similar, ...] = tuple((yield Look("similar", SimilarIdeas(conversation_id, words))))
        if found:
            chosen: UUID | None = yield _similar(found)
            if chosen is not None:
                return SupportInstead(conversation_id, chosen)
    named: bool | None = True
    if private:
        named = yield Ask(
            name="name",
            text=Text(
                "Do you want to give it under your name?",
                {"n": len(texts)},
                plural="Do you want to give them under your name?",
            ),
            parse=_under_name,
            options=(
                Option("named", Text("Give it with my name", {"n": len(texts)}, plural="Give them with my name")),
                Option(
                    "unnamed", Text("Give it without my name", {"n": len(texts)}, plural="Give them without my name")
                ),
                Option("tomorrow", Text("Ask me tomorrow.")),
            ),
            awaits=False,
            body=_shown(texts),
            changes=(CHANGE_WORDS,),
        )
    if named is None:
        return AskTomorrow(conversation_id)
    return GiveIdeas(conversation_id, texts, named=named, from_meeting=meeting or how == "meeting")


def items(text: str) -> tuple[str, ...]:
    """Give the lines that have words, without their bullets and numbers, each once."""
    lines = (one_line(_BULLET.sub("", line.strip())) for line in text.split("\n"))
    return tuple(dict.fromkeys(line for line in lines if any(map(str.isalnum, line))))


def _under_name(sent: Input, ctx: Ctx) -> Meaning:
    """Read whether it is given under one's name: by the options, or a yes or no."""
    said = "named" if is_yes(sent.text) else "unnamed" if is_no(sent.text) else sent.choice
    return _NAMED(Input(choice=said), ctx)


def _similar(found: tuple[Similar, ...]) -> Ask:
    values: dict[str, UUID | None] = {f"n{one.number}": one.idea_id for one in found}
    support = (
        Option(
            f"n{one.number}",
            Text("I carry idea %(number)d", {"number": one.number}),
        )
        for one in found
    )
    return Ask(
        name="similar",
        text=Text("Is it one of these?"),
        parse=choice({**values, "keep": None}),
        options=(*support, Option("keep", Text("No, mine is another"))),
        awaits=False,
        body=tuple(quote(f"{one.number}. {shorten(one.text, QUOTED // 2)}") for one in found),
        hint=Text("Everyone sees who supports an idea."),
        changes=(CHANGE_WORDS,),
    )


def _shown(texts: tuple[str, ...]) -> tuple[Block, ...]:
    """Quote the first few, and say how many more there are; a message fits the screen of a phone."""
    left = len(texts) - SHOWN
    most = QUOTED if len(texts) == 1 else QUOTED // 3
    quoted = (quote(text if len(text) <= most else shorten(text, most)) for text in texts[:SHOWN])
    more = (small(Text("… and %(n)d more", {"n": left}, plural="… and %(n)d more")),) if left > 0 else ()
    return (*quoted, *more)
