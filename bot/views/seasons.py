"""Seasons: the one place that says what each of them suggests. All else can be done at any time, too.

`ways` is asked by whatever tells somebody what comes next: the conversation's card, `/help`, the welcome, the day's
message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from bot.chat.content import Block, Choice, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation, Season
from bot.views.common import button, column
from bot.views.words import excerpt

QUESTION = 200
Way = Literal["invite", "idea", "vote", "ideas", "map", "energy", "lead", "groups", "harvest", "sheet"]

NAMES: dict[Season, Text] = {
    "inviting": Text("Invite"),
    "gathering": Text("Gather ideas"),
    "weighing": Text("Weigh"),
    "acting": Text("Do something"),
    "harvest": Text("Harvest"),
}
NOW: dict[Season, Text] = {
    "inviting": Text("Now we ask: who is missing in the room?"),
    "gathering": Text("Now we gather ideas."),
    "weighing": Text("Now we weigh the ideas."),
    "acting": Text("Now we do something about it."),
    "harvest": Text("Now we harvest."),
}
_HOW: dict[Season, Text] = {
    "inviting": Text("Bring somebody along whose voice we have not heard yet."),
    "gathering": Text("Say it as you would to a neighbour. A sentence is enough."),
    "weighing": Text("In secret: agree, disagree or pass. So we see what unites us."),
    "acting": Text(
        "Everyone has three hands, to put on what they want to help with. Where two meet, a group can form."
    ),
    "harvest": Text("What we have said, what we have done, what we have learned: take it along, and print it."),
}
_WAYS: dict[Season, tuple[Way, ...]] = {
    "inviting": ("invite", "idea"),
    "gathering": ("idea",),
    "weighing": ("vote", "map"),
    "acting": ("energy", "groups"),
    "harvest": ("harvest", "sheet"),
}
"""What each season suggests, the first first."""


def ways(conversation: Conversation, also: Iterable[Way] = (), *, private: bool, most: int = 8) -> list[Choice]:
    """Give the buttons of what the season suggests, and then of what else there is; none twice."""
    wanted = dict.fromkeys((*_WAYS[conversation.season], *also))
    return anytime(conversation, wanted, private=private)[:most]


def anytime(conversation: Conversation, wanted: Iterable[Way], *, private: bool) -> list[Choice]:
    """Give the buttons of some ways, whatever the season: of those that there is anything for yet."""
    return [_way(conversation, way, private=private) for way in wanted if _fits(conversation, way)]


def _fits(conversation: Conversation, way: Way) -> bool:
    """Whether there is anything yet that it is about."""
    return way not in {"map", "energy", "sheet"} or conversation.ideas > 0


_LABELS: dict[Way, Text] = {
    "invite": Text("Invite others"),
    "idea": Text("Give an idea"),
    "vote": Text("Weigh the ideas"),
    "ideas": Text("Look at the ideas"),
    "map": Text("Where we stand"),
    "energy": Text("Choose what to help with"),
    "lead": Text("Take the lead"),
    "groups": Text("Helper groups"),
    "harvest": Text("The harvest"),
}


def _way(conversation: Conversation, way: Way, *, private: bool) -> Choice:
    if way == "sheet":
        return button(Text("One page to print"), "take", conversation.id, arg="sheet-pdf")
    if way == "vote" and not private:
        return button(Text("Weigh in private"), "ballot", conversation.id)
    return button(_LABELS[way], way, conversation.id)


def said(conversation: Conversation) -> list[Words | Block]:
    """Give a line that tells which season it is; none while ideas are gathered, which is how it begins."""
    return [] if conversation.season == "gathering" else [small(NOW[conversation.season])]


def announcement(conversation: Conversation, season: Season, *, private: bool = False) -> Content:
    """Tell a room, or a person, that a season has begun, and what to do in it."""
    now = _in(conversation, season)
    return Content.of(
        title(NOW[season]),
        quote(excerpt(conversation.question, QUESTION)),
        _HOW[season],
        choices=column(*ways(now, ("ideas",) if season == "gathering" else (), private=private)),
    )


def card(conversation: Conversation, *, tell: bool, moved: Text | None = None) -> Content:
    """The seasons, with the one that it is now. `tell`: the groups can be told of it; `moved`: what was just done."""
    blocks: list[Words | Block] = [moved] if moved is not None else []
    return Content.of(
        *blocks,
        title(NOW[conversation.season]),
        Text("A season changes only what I suggest next. Everything can be done at any time."),
        *([_CARRIED] if moved is not None and moved == ANEW else []),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Tell the groups"), "season", conversation.id, arg="tell") if tell else None,
            *(
                button(_label(season, conversation), "season", conversation.id, arg=season)
                for season in NAMES
                if season != conversation.season
            ),
            *(ways(conversation, private=True, most=2) if conversation.season == "harvest" else ()),
        ),
    )


def _label(season: Season, conversation: Conversation) -> Text:
    if conversation.season == "harvest":
        return Text("A new round: %(season)s", {"season": NAMES[season]})
    return NAMES[season]


def _in(conversation: Conversation, season: Season) -> Conversation:
    return msgspec.structs.replace(conversation, season=season)


MOVED = Text("All right.")
ANEW = Text("A new round begins.")
_CARRIED = Text(
    "All of it comes along: the people, the ideas with their numbers, votes and hands, the helper groups. "
    "The harvest grows on."
)
TOLD = Text("I tell the groups, once each, and not at night.")
NO_GROUPS = Text("No group is linked yet, so there is nobody to tell.")
SAME = Text("That is the season now.")
