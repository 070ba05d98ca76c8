"""When somebody, or a group, is not to be disturbed, and how often news comes: how it is, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from uuid import UUID

from bot.chat.content import N_, Choice, Content, Text, small, title
from bot.domain.calm import Calm, Quiet
from bot.domain.conversation import Conversation
from bot.domain.rooms import Room
from bot.views.common import Row, button
from bot.views.rooms import PACES

HOW = Text("I did not understand that. Write for instance /quiet 22–07, /quiet weekends or /quiet daily.")
AT_ITS_TIME = Text("What a host has planned, and what happens soon, comes at its time.")

DIGESTS = {
    "now": Text("News comes as soon as there is any, and what comes after it the next day."),
    "daily": Text("News comes in one message a day, in the evening."),
    "weekly": Text("News comes on Sunday evening. If somebody waits for you, it comes the same day."),
    "never": Text("No news comes. You still hear what is decided about you, and what you asked for."),
}
LABELS = {"now": N_("At once"), "daily": N_("Once a day"), "weekly": N_("Once a week"), "never": N_("Never")}
WEEKENDS, WEEKDAYS = "we", "wd"
"""What buttons say of quiet weekends, and of weekends like other days."""
OFFERED = (Quiet(time(22), time(7)), Quiet(time(20), time(8)), Quiet(time(18), time(8)))


def mine(calm: Calm, waiting: int) -> Content:
    """How somebody has it, and the ways to have it otherwise."""
    now = calm.digest or "weekly"
    others = [button(Text(label), "quiet", arg=name) for name, label in LABELS.items() if name != now]
    see = Text("See what waits (%(n)d)", {"n": waiting})
    return Content.of(
        title(Text("Not to be disturbed")),
        Text("Unasked, I write to you once a day at most."),
        DIGESTS[now],
        hours(calm.quiet),
        small(Text("You can also write it, such as /quiet 22–07.")),
        choices=(
            tuple(others),
            *_hours_rows(calm.quiet, None, None),
            *(((button(see, "notes"),),) if waiting else ()),
        ),
    )


def here(conversation: Conversation, room: Room, quiet: Quiet, linker: UUID | None) -> Content:
    """How a group has it, and the ways to have it otherwise."""
    others = [button(Text(label), "quiet", conversation.id, linker, name) for name, label in LABELS.items()
              if name != room.often]  # fmt: skip
    return Content.of(
        title(Text("Not to be disturbed")),
        PACES[room.often],
        *((AT_ITS_TIME,) if room.often in {"daily", "weekly"} else ()),
        hours(quiet),
        small(Text("The host, a moderator, or whoever linked this group can change it.")),
        choices=(
            tuple(others),
            *_hours_rows(quiet, conversation.id, linker),
        ),
    )


def hours(quiet: Quiet) -> Text:
    """Tell the quiet hours."""
    if quiet.start == quiet.until:
        return Text("It is quiet on weekends.") if quiet.weekend else Text("There are no quiet hours.")
    params = {"start": _clock(quiet.start), "until": _clock(quiet.until)}
    if quiet.weekend:
        return Text("It is quiet from %(start)s to %(until)s, and on weekends.", dict(params))
    return Text("It is quiet from %(start)s to %(until)s.", dict(params))


def _hours_rows(quiet: Quiet, scope: UUID | None, linker: UUID | None) -> Sequence[Row]:
    """The quiet hours to choose from; they leave the weekends as they are."""
    choices: list[Choice] = []
    for one in OFFERED:
        if (one.start, one.until) != (quiet.start, quiet.until):
            label = Text("Quiet %(start)s–%(until)s", {"start": _clock(one.start), "until": _clock(one.until)})
            choices.append(button(label, "quiet", scope, linker, f"{one.start:%H}-{one.until:%H}"))
    weekend = (
        button(Text("Weekends like other days"), "quiet", scope, linker, WEEKDAYS)
        if quiet.weekend
        else button(Text("Quiet on weekends"), "quiet", scope, linker, WEEKENDS)
    )
    return (tuple(choices[:2]), (weekend,))


def _clock(at: time) -> str:
    return f"{at:%H}" if at.minute == 0 else f"{at:%H:%M}"
