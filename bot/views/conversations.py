"""The conversation: its welcome, its card, its place in a list."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import N_, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.needs import Help
from bot.views import seasons
from bot.views.common import ENDED, button, column
from bot.views.words import excerpt

WHY, GIVENS = 250, 200
OF_PLACE = 90
PLACE, IN_LINE = 16, 32
"""How much of a place's name fits a button, and of it and the question together."""

LASTS = {
    "day": N_("one day"),
    "weeks": N_("some weeks"),
    "meeting": N_("until our next meeting"),
    "open": N_("open-ended"),
}


def about(conversation: Conversation) -> tuple[Words, ...]:
    """Give the values and what is fixed already, a line each, as far as there are any."""
    lines: list[Words] = []
    if conversation.values:
        lines.append(Text("We hold to: %(values)s", {"values": ", ".join(conversation.values)}))
    if conversation.givens:
        lines.append(Text("Already fixed: %(givens)s", {"givens": excerpt(conversation.givens, GIVENS)}))
    return tuple(lines)


def so_far(conversation: Conversation) -> Text:
    """Tell how much has been said."""
    if conversation.ideas == 0:
        return Text("Nobody has given an idea yet. Yours can be the first.")
    return Text("%(n)d idea so far.", {"n": conversation.ideas}, plural="%(n)d ideas so far.")


def welcome(conversation: Conversation, newest: Idea | None) -> Content:
    """Welcome somebody: the question, the values, what was said so far, one thing to do now."""
    blocks = [
        title(Text("Welcome to a conversation about %(place)s", {"place": conversation.place_name})),
        quote(conversation.question),
        *(
            [conversation.why and Text("Why: %(why)s", {"why": excerpt(conversation.why, WHY)})]
            if conversation.why
            else []
        ),
        *about(conversation),
        so_far(conversation),
    ]
    if newest is not None:
        blocks.append(small(Text("The newest: “%(idea)s”", {"idea": excerpt(newest.text, 120)})))
    blocks += seasons.said(conversation)
    if conversation.season != "gathering":
        return Content.of(*blocks, choices=column(*seasons.ways(conversation, ("invite",), private=True, most=3)))
    next_step = (
        button(Text("Weigh the ideas"), "vote", conversation.id)
        if conversation.ideas
        else button(Text("Give an idea"), "idea", conversation.id)
    )
    second = button(Text("Give an idea"), "idea", conversation.id) if conversation.ideas else None
    return Content.of(
        *blocks, choices=column(next_step, second, button(Text("Invite others"), "invite", conversation.id))
    )


def begun(conversation: Conversation) -> Content:
    """Tell the host that it has begun, and ask who is missing."""
    open_to_all = conversation.findable == "anyone"
    return Content.of(
        title(Text("Your conversation about %(place)s has begun", {"place": conversation.place_name})),
        quote(conversation.question),
        Text("Who is missing in the room? Invite a few, and give a first idea yourself."),
        *([Text("Anyone can also join with /join %(code)s", {"code": conversation.code})] if open_to_all else []),
        choices=column(
            button(Text("Invite others"), "invite", conversation.id),
            button(Text("Give an idea"), "idea", conversation.id),
            button(Text("Which hats do I wear?"), "hats", conversation.id),
        ),
    )


def card(conversation: Conversation) -> Content:
    """The conversation as a room sees it."""
    if conversation.closed_at is not None:
        return Content.of(
            title(Text("A conversation about %(place)s", {"place": conversation.place_name})),
            quote(conversation.question),
            ENDED,
            choices=column(
                button(Text("Look at the ideas"), "ideas", conversation.id),
                button(Text("Helper groups"), "groups", conversation.id) if conversation.groups else None,
            ),
        )
    return Content.of(
        title(Text("A conversation about %(place)s", {"place": conversation.place_name})),
        quote(conversation.question),
        *about(conversation),
        *seasons.said(conversation),
        so_far(conversation),
        choices=column(*seasons.ways(conversation, ("idea", "ideas", "vote"), private=False, most=3)),
    )


def now_current(conversation: Conversation) -> Content:
    """Tell which conversation a person's private messages are about from now on."""
    return Content.of(
        Text("Now we talk about %(place)s:", {"place": conversation.place_name}),
        quote(conversation.question),
        so_far(conversation),
        choices=column(
            button(Text("Give an idea"), "idea", conversation.id),
            button(Text("Weigh the ideas"), "vote", conversation.id),
        ),
    )


def to_join(
    mine: list[Conversation], others: list[Conversation], current: Conversation | None, asked: str = "",
    *, groups: Sequence[HelperGroup] = (), needs: Sequence[Help] = (),
) -> Content:  # fmt: skip
    """List the conversations one is in and those one may join; `asked` are the words after the command.

    With them stands what else there is in the place: helper groups, and what people need.
    """
    rows = [
        button(_line(one, here=current is not None and one.id == current.id), "current", one.id) for one in mine[:5]
    ]
    rows += [button(_line(one, here=False), "joinopen", one.id) for one in others[:5]]
    blocks: list[Words] = []
    if mine:
        blocks.append(Text("You can move between your conversations here."))
    if others:
        blocks.append(Text("These are open for everybody."))
    elif asked:
        blocks.append(Text("I find no open conversation for “%(words)s”.", {"words": excerpt(asked, 60)}))
    elif not mine:
        blocks.append(Text("I know of no open conversation now."))
    if groups:
        blocks.append(Text("Helper groups here:"))
        blocks += [Text("• %(what)s", {"what": excerpt(one.what, OF_PLACE)}) for one in groups]
        rows += [button(excerpt(one.what, IN_LINE), "group", one.conversation_id, one.id) for one in groups]
    if needs:
        blocks.append(Text("Needed here now:"))
        blocks += [Text("• %(what)s", {"what": excerpt(one.text, OF_PLACE)}) for one in needs]
        rows += [
            button(Text("I help: %(what)s", {"what": excerpt(one.text, 24)}), "offer", one.conversation_id, one.id)
            for one in needs
        ]
    blocks.append(Text("Have you got a code or a link? Then write /join and the code."))
    return Content.of(*blocks, choices=column(*rows, button(Text("Begin a conversation"), "new")))


def _line(conversation: Conversation, *, here: bool) -> Text:
    place = excerpt(conversation.place_name, PLACE)
    params: dict[str, str | int] = {"place": place, "question": excerpt(conversation.question, IN_LINE - len(place))}
    return Text("%(place)s: %(question)s (now)", {**params}) if here else Text("%(place)s: %(question)s", {**params})
