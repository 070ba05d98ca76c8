"""Carrying messages between the rooms of a helper group, as people are told of it and asked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.chat.content import Block, Choice, Content, Text, Words, small, title
from bot.chat.keys import network_of
from bot.domain.groups import HelperGroup
from bot.domain.rooms import Room
from bot.views.common import button, column
from bot.views.invite import NETWORKS
from bot.views.words import divided, excerpt

WHAT = 90
NAME = 60
CAPTION, TEXT, MOST = 850, 3500, 6
"""Words below a picture and in a message, in UTF-16 units, which every network shows in one; and how many messages."""

SOMEBODY = Text("Somebody")
TWO_ROOMS = Text("The group has one room. With a second one I can carry messages between them.")
ALREADY_ON = Text("Messages are carried already.")
ALREADY_OFF = Text("Nothing is carried now.")
NOT_CARRIED = Text("I have carried nothing of that message, or it is more than a month ago.")
REPLY_TO = Text("Reply with /remove to the message that should no longer be seen in other rooms.")
NOT_YOURS = Text("Whoever wrote it can do that, the one who holds the group together, or a moderator.")
REMOVED = Text(
    "What I carried of it goes. A network that lets me remove nothing so old keeps it. "
    "The message itself stays where it was written, until it is deleted there."
)
NO_OTHER = Text("There is no other room any more, so nothing is carried from here now.")
DEAF = Text(
    "I cannot read along here any more, so nothing from here is carried. "
    "Make me an admin of this group again, and it goes on."
)
YES = Text("Thank you. What you write from now on is shown in the group's other rooms, with your name.")
NO = Text("Good. Nothing of yours is carried from now on.")
WIPED = Text("What I had carried of yours goes, but for what a network keeps because it is old.")
ENDED = Text("Messages are no longer carried between this group's rooms. What was carried stays.")
PICTURE = Text("A picture")
FILE = Text("A file")


def _seen(here: Room, others: Sequence[Room], elsewhere: Text, next_door: Text) -> list[Text]:
    """Say where else what is written in a room can be seen, a sentence each network; here too, if there is a room."""
    networks = dict.fromkeys(network_of(room.channel) for room in others)
    return [
        next_door
        if name == network_of(here.channel)
        else msgspec.structs.replace(elsewhere, params={"network": _network(name)})
        for name in networks
    ]


def begun(group: HelperGroup, here: Room, others: Sequence[Room]) -> Content:
    """Tell a room that messages are carried from now on."""
    return Content.of(
        Text("From now on I carry messages between this group's rooms."),
        *_seen(
            here,
            others,
            Text("This is also seen in %(network)s, without end-to-end encryption."),
            Text("This is also seen in another room of the group, without end-to-end encryption."),
        ),
        small(Text("I first ask whoever writes here. Only what those write who say yes is carried.")),
        small(Text("To take a message away there again, reply to it with /remove.")),
        choices=_more(group),
    )


def ended(group: HelperGroup) -> Content:
    """Tell a room that nothing is carried any more."""
    return Content.of(ENDED, choices=_more(group))


def ask(group: HelperGroup, here: Room, others: Sequence[Room]) -> Content:
    """Ask whoever writes in a room whether it may be carried."""
    return Content.of(
        Text(
            "“%(what)s” talks in several rooms. Shall what you write there be shown in the others too, with your name?",
            {"what": excerpt(group.what, WHAT)},
        ),
        *_seen(
            here,
            others,
            Text("What you write is then also seen in %(network)s, without end-to-end encryption."),
            Text("What you write is then also seen in another room of the group, without end-to-end encryption."),
        ),
        small(Text("It begins with your next message, and you can change it at any time: More, on the group's card.")),
        choices=_answers(group),
    )


def state(
    group: HelperGroup, networks: Sequence[str], answer: str, *, on: bool, convener: bool, several: bool
) -> Content:
    """Tell what is carried, and whether one's own is; a convener can begin and end it."""
    scope, subject = group.conversation_id, group.id
    begin = convener and several
    blocks: list[Words | Block] = [title(Text("Between the group's rooms"))]
    if on:
        blocks.append(
            Text(
                "Messages are carried between its rooms: %(networks)s.",
                {"networks": ", ".join(map(_network, networks))},
            )
        )
        blocks.append(Text("Yours are carried, with your name.") if answer == "yes" else Text("Yours are not carried."))
    else:
        blocks.append(ALREADY_OFF)
        blocks.append(
            Text(
                "What is written in one room can be shown in the others too. "
                "I tell the rooms, and ask each of you first."
            )
            if begin
            else Text("Whoever holds the group together can begin it. Then I ask each of you first.")
        )
    choices = column(
        button(Text("Carry messages"), "carry", scope, subject, "on") if begin and not on else None,
        button(Text("Stop carrying"), "carry", scope, subject, "off") if convener and on else None,
        button(Text("Carry mine"), "carry", scope, subject, "yes") if on and answer != "yes" else None,
        button(Text("Do not carry mine"), "carry", scope, subject, "no") if answer == "yes" else None,
        button(Text("Remove what was carried of mine"), "carry", scope, subject, "wipe") if answer else None,
        button(Text("Back"), "groupmore", scope, subject),
    )
    return Content.of(*blocks, choices=choices)


def switched_on(group: HelperGroup, missing: Sequence[Room]) -> Content:
    """Tell a convener that it has begun, and which rooms are left out."""
    told = Text("It has begun, and the rooms are told.")
    return Content.of(told, *(_missing(room) for room in missing), choices=_more(group))


def cannot(group: HelperGroup, missing: Sequence[Room]) -> Content:
    """Tell a convener which right is missing, and let them try again."""
    again = button(Text("Carry messages"), "carry", group.conversation_id, group.id, "on")
    return Content.of(*(_missing(room) for room in missing), Text("Then press here again."), choices=column(again))


def no_more(group: HelperGroup) -> Content:
    """Tell somebody that nothing of theirs is carried any more."""
    wipe = button(Text("Remove what was carried of mine"), "carry", group.conversation_id, group.id, "wipe")
    return Content.of(NO, choices=column(wipe))


# -- what is carried ------------------------------------------------------------------------------------------


def carried(name: str, text: str, *, media: str = "") -> Content:
    """A message as the other rooms see it: who wrote it, and their words; `media` is what comes with them."""
    if media and not text:
        return Content.of(title(_who(name)), small(PICTURE if media == "picture" else FILE))
    return Content.of(title(_who(name)), text)


def pieces(name: str, text: str, source: Room, *, below: bool) -> tuple[str, list[Content]]:
    """Divide what somebody said: the words of the first message (`below` a picture), and those that follow."""
    first, *rest = divided(text, CAPTION if below else TEXT, TEXT)
    following = [carried(name, f"… {piece}") for piece in rest[: MOST - 1]]
    if len(rest) >= MOST:
        rest_is = Text("The rest can be read in %(network)s.", {"network": _network(network_of(source.channel))})
        following.append(Content.of(title(_who(name)), small(rest_is)))
    return first, following


def left_out(name: str, text: str, source: Room, *, media: str = "", large: bool = True) -> Content:
    """Tell the other rooms that something came which I cannot carry, and where it can be seen.

    Not `large`: nobody knows yet why it did not come along.
    """
    params: dict[str, str | int | Text] = {"network": _network(network_of(source.channel))}
    if media and not large:
        why = Text(
            "Here came a picture or a file that I could not bring along. It can be seen in %(network)s.", {**params}
        )
    elif media == "picture":
        why = Text("Here came a picture that is too big for me to carry. It can be seen in %(network)s.", {**params})
    elif media:
        why = Text("Here came a file that is too big for me to carry. It can be seen in %(network)s.", {**params})
    else:
        why = Text("Here came something that I cannot carry, such as a voice message or a sticker. "
                   "It can be found in %(network)s.", {**params})  # fmt: skip
    return Content.of(title(_who(name)), *((text,) if text else ()), small(why))


def _who(name: str) -> Words:
    return excerpt(name, NAME) or SOMEBODY


def _network(name: str) -> str:
    return NETWORKS.get(name, name)


def _missing(room: Room) -> Text:
    params: dict[str, str | int | Text] = {"network": _network(network_of(room.channel))}
    if not room.can_write:
        return Text("I may not write in the group's room in %(network)s. Whoever manages it can allow it.", {**params})
    return Text(
        "I cannot read along in the group's room in %(network)s. "
        "Make me an admin of it there, without any other right.", {**params}
    )  # fmt: skip


def _answers(group: HelperGroup) -> tuple[tuple[Choice, ...], ...]:
    scope, subject = group.conversation_id, group.id
    return column(
        button(Text("Yes, show it"), "carry", scope, subject, "yes"),
        button(Text("No, keep it there"), "carry", scope, subject, "no"),
    )


def _more(group: HelperGroup) -> tuple[tuple[Choice, ...], ...]:
    return column(button(Text("More"), "carry", group.conversation_id, group.id))
