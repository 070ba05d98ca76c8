"""How two are brought together: what may suit, who the other is, who holds it together when there are several."""

from __future__ import annotations

from bot.chat.content import Block, Choice, Content, Text, Words, quote, small
from bot.domain.needs import Help, Match, about_teaching
from bot.views.common import button, column
from bot.views.needs import IN_LIST, IN_MATCH
from bot.views.words import excerpt

ANSWERED = Text("You have answered that already. Thank you.")
HOLD = Text("I hold it together")
HOLD_FOR_ANYBODY = Text("Who holds the group together, so that whoever asked for support can do their part?")
HOLD_FOR_A_TEACHER = Text("Who holds the group together, so that the teacher can teach?")
NOT_NOW = Text("That is fine. I do not ask about this one again, and nobody hears of it.")


def may_suit(one: Help, other: Help, found: Match, *, theirs_waits: bool = False) -> Content:
    """Ask one side about a match: their own words, and the other's; never a name. `theirs_waits`: they said yes."""
    asks = (
        Text("Somebody can help you, if you want:")
        if one.kind == "need"
        else Text("Somebody needs support, and you may be able to help:")
    )
    own = (
        Text("You said that you need: %(what)s", {"what": excerpt(one.text, IN_LIST)})
        if one.kind == "need"
        else Text("You said that you can help: %(what)s", {"what": excerpt(one.text, IN_LIST)})
    )
    return Content.of(
        asks,
        quote(excerpt(other.text, IN_MATCH)),
        own,
        *((Text("They have said yes already."),) if theirs_waits else ()),
        small(Text("They do not know who you are. A no is quite all right, and nobody hears of it.")),
        choices=(
            (
                button(Text("Yes, gladly"), "match", subject=found.id, arg="yes"),
                button(Text("No, not this"), "match", subject=found.id, arg="no"),
            ),
            (button(Text("This is not all right"), "badhelp", subject=other.id),),
        ),
    )


def introduction(name: Words, other: Help, way: str) -> tuple[Words | Block, ...]:
    """Say who the other side is, and how they may be reached."""
    who = name or Text("Somebody without a name")
    return (
        Text("You have both said yes. This is %(name)s:", {"name": who}),
        quote(excerpt(other.text, IN_MATCH)),
        Text("Reach them here: %(way)s", {"way": way}) if way else Text("They have left no way to be reached yet."),
    )


def say_how(found: Match) -> Choice:
    """The button that tells the other side how one may be reached."""
    return button(Text("Say how to reach me"), "match", subject=found.id, arg="way")


def introduced(name: Words, other: Help, found: Match, *, apart: bool) -> Content:
    """Bring two together: tell one of them who the other is.

    Who are `apart`, on different networks, may also meet in a helper group, which whoever helps makes.
    """
    own_way = found.way(found.other(other.id))
    mine: list[Words] = []
    if own_way:
        mine = [Text("They are told how to reach you: %(way)s", {"way": own_way})]
    elif not found.way(other.id):
        mine = [Text("You have left no way to be reached yet, either.")]
    group = apart and other.kind == "need"
    return Content.of(
        *introduction(name, other, found.way(other.id)),
        *mine,
        *((small(Text("You use different apps. A helper group can have a room in each.")),) if apart else ()),
        choices=column(
            None if own_way else say_how(found),
            button(Text("Make a helper group"), "holds", subject=other.id) if group else None,
        ),
    )


def new_way(name: Words, other: Help, way: str) -> Content:
    """Tell the other side how somebody may be reached now."""
    return Content.of(*introduction(name, other, way))


def who_holds(need: Help, helpers: int) -> Content:
    """Ask a helper whether they hold it together; never the one in need."""
    return Content.of(
        Text("%(n)d of you help with this now:", {"n": helpers}),
        quote(excerpt(need.text, IN_MATCH)),
        HOLD_FOR_A_TEACHER if about_teaching(need.text) else HOLD_FOR_ANYBODY,
        small(Text("Somebody who keeps an eye on who does what and when. One press makes a helper group.")),
        choices=column(button(HOLD, "holds", subject=need.id)),
    )


def group_formed(need: Help, what: str, *, in_need: bool) -> Content:
    """Tell the other helpers, and the one in need, that there is a helper group now."""
    return Content.of(
        Text("A helper group has formed for you: “%(what)s”", {"what": excerpt(what, IN_LIST)})
        if in_need
        else _formed(what),
        quote(excerpt(need.text, IN_LIST)),
        choices=column(button(Text("I join in"), "holds", subject=need.id, arg="join")),
    )


def _formed(what: str) -> Text:
    return Text("A helper group has formed: “%(what)s”", {"what": excerpt(what, IN_LIST)})
