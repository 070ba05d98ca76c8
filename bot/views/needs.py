"""Needs and offers as people see them: the card, and one's own with what may suit it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from bot.chat.content import N_, Block, Choice, Content, Text, When, Words, quote, small, title
from bot.domain.needs import MATCHES, Help, Match
from bot.views.common import LISTEN, button, column
from bot.views.words import excerpt

ON_CARD = 700
IN_MATCH = 240
IN_LIST = 90
IN_LINE = 60
ON_BUTTON = 24

GONE = Text("This is not here any more. Whoever said it has taken it back, or it is met.")
JUDGED = Text("A moderator has hidden it.")
ASKED = Text("Thank you. I ask them, too. If they say yes, you will both hear who the other is.")
YOURS = Text("That is your own.")
THANKS = Text("Thank you for saying so.")
ALREADY_SAID = Text("You have said so already. Thank you.")
FURTHER_DOWN = Text("Somebody still needs support. You find it further down.")
EMERGENCY = Text("Is somebody in danger now? Call 112. They answer day and night, and it costs nothing.")
SUPPORTED = Text("whoever asked for it")

STATES = {
    "open": N_("It waits for somebody."),
    "resting": N_("It rests."),
    "met": N_("It is met."),
    "hidden": N_("Some people thought that its words were not all right."),
}


def card(need: Help, group_what: str = "") -> Content:
    """A need as all in a conversation see it: its words, never a name; what one can do."""
    heading = title(Text("Somebody needs support"))
    if need.state == "met":
        return Content.of(heading, Text("This need is met. Thank you, whoever helped."))
    if need.state == "withdrawn":
        return Content.of(heading, Text("This need was taken back."))
    if need.state == "hidden":
        return Content.of(heading, Text("A moderator has hidden this need."))
    return Content.of(
        heading,
        quote(excerpt(need.text, ON_CARD)),
        *(
            [Text("A helper group has formed: “%(what)s”", {"what": excerpt(group_what, IN_LIST)})]
            if group_what
            else []
        ),
        choices=(
            (
                button(Text("I can help"), "offer", need.conversation_id, need.id),
                button(Text("Helper groups"), "groups", need.conversation_id),
            ),
            (button(Text("This is not all right"), "badhelp", subject=need.id, aside=True),),
        ),
    )


def said(one: Help, *, urgent: bool = False) -> tuple[Text, ...]:
    """Thank somebody for what they said."""
    thanks = (
        Text("Thank you for saying what you need.")
        if one.kind == "need"
        else Text("Thank you. It is good to know that.")
    )
    return (thanks, *((EMERGENCY,) if urgent else ()))


def mine(
    one: Help, open_ones: Sequence[tuple[Match, Help]], met: Sequence[tuple[Words, Help, str]],
    before: Sequence[Words] = (), *, asked: bool = False, urgent: bool = False,
) -> Content:  # fmt: skip
    """One's own need or offer: what may suit it and waits for an answer, and who was introduced (name, words, way).

    `asked`: one has said yes to somebody who has not answered yet. `urgent`: there may be danger.
    """
    if one.state == "met":
        open_ones, asked = (), False
    blocks: list[Words | Block] = [*before, quote(excerpt(one.text, IN_LIST))]
    if one.state != "open" or not (met or open_ones or asked):
        blocks.append(small(_state(one)))
    rows: list[tuple[Choice, ...]] = []
    blocks += [_known(name, other, way) for name, other, way in met[:MATCHES]]
    if open_ones:
        blocks.append(
            Text("This may suit. Whom shall I ask? They see only your words, and you theirs.")
            if one.kind == "need"
            else Text("Somebody needs this. Can you help? They see only your words, and you theirs.")
        )
    for number, (found, other) in enumerate(open_ones[:MATCHES], 1):
        blocks.append(Text("%(number)d. %(what)s", {"number": number, "what": excerpt(other.text, IN_LIST)}))
        rows.append(
            (
                button(Text("Yes to %(number)d", {"number": number}), "match", subject=found.id, arg="yes"),
                button(Text("No to %(number)d", {"number": number}), "match", subject=found.id, arg="no"),
            )
        )
    if asked and not open_ones:
        blocks.append(Text("Somebody you said yes to has not answered yet."))
    elif not open_ones and not met and one.state == "open":
        blocks.append(_nobody_yet(one))
    if urgent:
        rows = [(button(LISTEN, "listen"),), *rows]
    if one.state == "met":
        return Content.of(*blocks, choices=(*rows, *column(_again(one), _to_list())))
    if one.judged:
        return Content.of(*blocks, choices=column(_take_back(one), _to_list()))
    return Content.of(
        *blocks,
        choices=(
            *rows,
            *column(_again(one) if one.state == "resting" else None),
            (_met(one), _take_back(one)),
            (button(Text("Change the words"), "aid", subject=one.id, arg="words"), _to_list()),
        ),
    )  # fmt: skip


def _state(one: Help) -> Text:
    if one.judged:
        return JUDGED
    return Text(STATES.get(one.state, STATES["met"]))


def _nobody_yet(one: Help) -> Text:
    if one.kind == "need":
        return Text("Nobody has offered just that yet. When somebody does, I ask you both. I remind others of it, too.")
    return Text("Nobody has asked for just that yet. When somebody does, I ask you both.")


def _met(one: Help) -> Choice:
    label = Text("It is met") if one.kind == "need" else Text("I have enough to do")
    return button(label, "aid", subject=one.id, arg="met")


def _take_back(one: Help) -> Choice:
    return button(Text("Take it back"), "aid", subject=one.id, arg="back")


def _again(one: Help) -> Choice:
    return button(Text("Say it again"), "aid", subject=one.id, arg="again")


def _to_list() -> Choice:
    return button(Text("All of mine"), "aid")


def listing(own: Sequence[Help], waits: Collection[UUID], asked: str = "") -> Content:
    """One's needs and offers; a button opens each, and something may suit those in `waits`.

    `asked`: whether a need or an offer was to be said just now.
    """
    shown = own[:8]
    blocks: list[Words | Block] = [title(Text("What you need, and what you can help with"))]
    for number, one in enumerate(shown, 1):
        params: dict[str, str | int] = {"number": number, "what": excerpt(one.text, IN_LIST)}
        blocks.append(
            Text("%(number)d. I need: %(what)s", {**params})
            if one.kind == "need"
            else Text("%(number)d. I can help: %(what)s", {**params})
        )
        blocks.append(small(Text("Something may suit it.") if one.id in waits else _state(one)))
    if not shown:
        blocks.append(Text("You have said nothing yet. Both are welcome."))
    rows = [
        button(
            Text("%(number)d. %(what)s", {"number": number, "what": excerpt(one.text, ON_BUTTON)}), "aid",
            subject=one.id,
        )
        for number, one in enumerate(shown, 1)
    ]  # fmt: skip
    new = (
        button(Text("I need support"), "need", arg="new"),
        button(Text("I can help"), "offer", arg="new"),
    )
    if asked == "offer":
        new = new[::-1]
    return Content.of(*blocks, choices=(*column(*rows), new))


def _known(name: Words, other: Help, way: str) -> Text:
    """Say in a line who was introduced."""
    who = excerpt(name, 30) if isinstance(name, str) and name else Text("Somebody without a name")
    params: dict[str, str | int | When | Text] = {"name": who, "what": excerpt(other.text, IN_LINE)}
    if way:
        return Text("You know each other: %(name)s (“%(what)s”). %(way)s", params | {"way": excerpt(way, IN_LIST)})
    return Text("You know each other: %(name)s (“%(what)s”).", params)


def rests(need: Help) -> Content:
    """Tell somebody that nobody has come, and what they can do."""
    return Content.of(
        Text("Nobody has come for this yet:"),
        quote(excerpt(need.text, IN_MATCH)),
        Text("It rests now. You can say it again, in other words or the same, whenever you like."),
        choices=column(
            _again(need),
            button(Text("Change the words"), "aid", subject=need.id, arg="words"),
            _take_back(need),
        ),
    )


def hidden(one: Help) -> Content:
    """Tell somebody that their words rest, and why."""
    return Content.of(
        Text("Some people thought that these words of yours were not all right:"),
        quote(excerpt(one.text, IN_MATCH)),
        Text("They rest now, and nobody is shown them. Say it in other words, and it is there again."),
        choices=column(
            button(Text("Change the words"), "aid", subject=one.id, arg="words"),
            _take_back(one),
        ),
    )
