"""What those who come, or run a gathering, are told of it: each a message of its own, before and after."""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Attachment, Content, Text, When, quote, small
from bot.domain.gatherings import Gathering, MeetingNote
from bot.domain.groups import HelperGroup
from bot.views.common import button, column
from bot.views.gatherings import FIELD, TITLE, Params, answers, cannot, moment, when_and_where
from bot.views.words import excerpt

NOTED = Text("Thank you. The notes are kept, and go into the harvest.")


def receipt(one: Gathering, file: Attachment, *, named: bool) -> Content:
    """Tell who comes, with the calendar file."""
    hide = button(Text("Do not show my name"), "rsvp", one.conversation_id, one.id, "hide")
    told = Content.of(
        Text("You are coming: %(what)s", {"what": excerpt(one.what, TITLE)}),
        *when_and_where(one),
        small(Text("I remind you a day and an hour before.")),
        choices=column(hide if named else None),
    )
    return msgspec.structs.replace(told, attachment=file)


def sent_file(one: Gathering) -> Text:
    """Tell who pressed in a group that they come."""
    when = When(one.at, zone=one.zone)
    return Text("You are coming: %(when)s. I have written to you in private.", {"when": when})


def calendar_file(one: Gathering, file: Attachment) -> Content:
    """Give the calendar file."""
    return msgspec.structs.replace(Content.of(quote(excerpt(one.what, TITLE))), attachment=file)


def full(one: Gathering) -> Text:
    """Tell somebody that all places are taken."""
    return Text(
        "All %(n)d places are taken. You are on the waiting list, and will hear from me when there is a place for you.",
        {"n": one.seats},
    )


def moved_up(one: Gathering) -> Content:
    """Tell somebody who waited that they have a place."""
    return Content.of(
        Text("There is a place for you now: %(what)s", {"what": excerpt(one.what, TITLE)}),
        *when_and_where(one),
        small(Text("If you cannot come after all, say so, and the next in line gets it.")),
        choices=((cannot(one), button(Text("Calendar file"), "rsvp", one.conversation_id, one.id, "cal")),),
    )


def invited(one: Gathering, group: HelperGroup, name: str) -> Content:
    """Tell a member of a helper group that it meets."""
    told = (
        Text("%(name)s asks you to meet with “%(group)s”.", {"name": name, "group": excerpt(group.what, TITLE)})
        if name
        else Text("“%(group)s” is going to meet.", {"group": excerpt(group.what, TITLE)})
    )
    return Content.of(told, quote(excerpt(one.what, FIELD)), *when_and_where(one), choices=(answers(one),))


def changed(one: Gathering, what: Text) -> Content:
    """Tell who comes what has changed."""
    return Content.of(
        what, quote(excerpt(one.what, FIELD)), *when_and_where(one),
        choices=((cannot(one), button(Text("Calendar file"), "rsvp", one.conversation_id, one.id, "cal")),),
    )  # fmt: skip


def called_off(one: Gathering) -> Content:
    """Tell who comes that it does not happen."""
    return Content.of(
        Text("Called off: %(what)s", {"what": excerpt(one.what, TITLE)}),
        *when_and_where(one),
        choices=column(
            button(Text("Take it out of my calendar"), "rsvp", one.conversation_id, one.id, "cal"),
        ),
    )


def hidden(one: Gathering) -> Content:
    """Tell who answered that it is hidden; not in its words."""
    when: Params = {"when": moment(one)}
    return Content.of(
        Text(
            "A moderator has hidden a gathering that you answered: %(when)s. If it is shown again, you hear of it.",
            when,
        ),
        choices=column(button(Text("All gatherings"), "meet", one.conversation_id)),
    )


def reminder(one: Gathering, *, hour: bool) -> Content:
    """Remind who comes."""
    what: Params = {"what": excerpt(one.what, TITLE)}
    return Content.of(
        Text("In an hour: %(what)s", what) if hour else Text("Soon: %(what)s", what),
        *when_and_where(one),
        choices=((cannot(one),),),
    )


def ask_for_notes(one: Gathering) -> Content:
    """Ask whoever convened it what came of it."""
    return Content.of(
        Text("You have met: %(what)s", {"what": excerpt(one.what, TITLE)}),
        Text("What came of it? A few lines are enough, so that others can read it too."),
        choices=column(
            button(Text("Write notes"), "meetnote", one.conversation_id, one.id),
            button(Text("Give ideas from the meeting"), "meetnote", one.conversation_id, one.id, "ideas"),
            button(Text("A next step"), "step", one.conversation_id, one.group_id, "new") if one.group_id else None,
        ),
    )


def noted(note: MeetingNote, group_id: UUID | None) -> Content:
    """Thank for notes, and offer to make ideas of their lines, or to say a next step where a helper group has met."""
    about = note.topic_id or note.gathering_id
    return Content.of(
        NOTED,
        choices=column(
            button(Text("Give its lines as ideas"), "noteideas", note.conversation_id, note.id),
            button(Text("A next step"), "step", note.conversation_id, group_id, "new") if group_id else None,
            button(Text("Write more"), "meetnote", note.conversation_id, about, "topic" if note.topic_id else ""),
        ),
    )


def yours_now(one: Gathering) -> Content:
    """Tell somebody that a gathering is in their hands now."""
    return Content.of(
        Text("Whoever arranged “%(what)s” has left. It is in your hands now.", {"what": excerpt(one.what, TITLE)}),
        *when_and_where(one),
        choices=column(button(Text("See the gathering"), "gathering", one.conversation_id, one.id)),
    )
