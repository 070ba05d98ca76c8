"""Helper groups as people see them: the card, the list, and what a convener is told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.chat.content import Block, Choice, Content, Text, When, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.rooms import Room
from bot.domain.steps import Step
from bot.views.common import Row, button, column
from bot.views.steps import line
from bot.views.words import excerpt

TITLE = 90
FIELD = 160
IN_LIST = 90
NAMED = 4

INVITE = Text("Invite others")
OWN = "own"
"""The argument of the button that asks for the way to link a room of the helpers' own."""
GONE = Text("This helper group is not here any more.")
ENDED = Text("This helper group has ended. Thank you, all who were in it.")
CONVENER_ONLY = Text("Only whoever holds the group together can do that.")
ALREADY_IN = Text("You are in this group already.")
NOT_IN = Text("You are not in this group.")
LEFT = Text("You have left the group. Thank you for what you did in it.")
LEFT_BUT_ROOM = Text(
    "You have left the group. Thank you for what you did in it. Its room you can stay in, or leave yourself."
)
ALONE = Text("You are alone in this group, and hold it together. Invite somebody first, or end it; there is no hurry.")


ROOM_MADE = Text("I am making a room for the group. You get an invitation, and so does everyone who joins in.")


def group_card(
    group: HelperGroup, conversation: Conversation, convener_name: str, idea_text: str | None, room: Room,
    steps: Sequence[tuple[Step, str]] = (),
) -> Content:  # fmt: skip
    """A helper group: what it wants, whom it supports, what it needs, its first step, and who holds it together."""
    blocks: list[Words | Block] = [title(Text("Helper group: %(what)s", {"what": excerpt(group.what, TITLE)}))]
    blocks += _wanted(group)
    blocks += [line(one, name) for one, name in steps[:2]]
    if idea_text and excerpt(idea_text, IN_LIST) != excerpt(group.what, IN_LIST):
        blocks.append(Text("It came from the idea “%(idea)s”", {"idea": excerpt(idea_text, IN_LIST)}))
    if convener_name:
        blocks.append(Text("%(name)s holds it together.", {"name": convener_name}))
    blocks.append(_members(group))
    own = room.group_id == group.id and not room.private
    if group.state != "open":
        blocks.append(ENDED)
    if room.private or own:
        blocks.append(small(excerpt(conversation.question, FIELD)))
    if own:
        blocks.append(small(Text("/help tells what can be done here.")))
    scope, subject = conversation.id, group.id
    ways = (
        button(Text("I join in"), "joingroup", scope, subject),
        button(Text("I leave"), "leavegroup", scope, subject),
    )
    rows = (ways,) if group.state == "open" else ()
    if room.private or own:
        rows = (*rows, *_acts(group))
    return msgspec.structs.replace(Content.of(*blocks, choices=rows), pinned=own)


def _acts(group: HelperGroup) -> tuple[Row, ...]:
    """What a helper group does, for its own room and in private."""
    scope, subject = group.conversation_id, group.id
    more = button(Text("More"), "groupmore", scope, subject)
    if group.state != "open":
        return ((more,),)
    steps, story = (
        button(Text("Next steps"), "step", scope, subject),
        button(Text("What came of it?"), "story", scope, subject),
    )
    return ((steps, story), (button(Text("We meet"), "meet", scope, subject), more))


def help_here(group: HelperGroup, conversation: Conversation) -> Content:
    """What can be done here and now, in a helper group's room."""
    return Content.of(
        Text("This is the room of a helper group:"),
        quote(excerpt(group.what, FIELD)),
        *((ENDED,) if group.state != "open" else ()),
        small(excerpt(conversation.question, FIELD)),
        choices=(*_acts(group), (button(Text("See the group"), "group", group.conversation_id, group.id),)),
    )


def _wanted(group: HelperGroup) -> list[Words | Block]:
    blocks: list[Words | Block] = []
    if len(group.what) > TITLE:
        blocks.append(quote(excerpt(group.what, 2 * FIELD)))
    if group.whom:
        blocks.append(Text("We support: %(whom)s", {"whom": excerpt(group.whom, FIELD)}))
    if group.needs:
        blocks.append(Text("We need: %(needs)s", {"needs": excerpt(group.needs, FIELD)}))
    if group.first_step:
        blocks.append(Text("First step: %(step)s", {"step": excerpt(group.first_step, FIELD)}))
    return blocks


def ways_of_one(group: HelperGroup) -> tuple[tuple[Choice, ...], ...]:
    """What somebody can do who is alone in a group that they hold together."""
    scope, subject = group.conversation_id, group.id
    return column(button(INVITE, "invite", scope, subject), button(Text("End the group"), "groupend", scope, subject))


def formed() -> Content:
    """Thank who took the lead."""
    return Content.of(Text("Thank you for taking the lead. The helper group is there; this is its card."))


def next_steps(group: HelperGroup, *, room_made: bool = False) -> Content:
    """Tell who took the lead what comes next."""
    invite = button(INVITE, "invite", group.conversation_id, group.id)
    told = Text("The card goes to the conversation's rooms too. Anyone can join in with one press.")
    if room_made:
        return Content.of(
            told, ROOM_MADE, Text("Next: who is in it with you?"), choices=column(invite, _own_room(group))
        )
    return Content.of(
        told,
        Text("Next: who is in it with you, and where do you talk?"),
        choices=column(
            invite, button(Text("A room for the group"), "linkroom", group.conversation_id, group.id)
        ),
    )  # fmt: skip


def room_title(group: HelperGroup) -> str:
    """Name the group's room: what it wants to do."""
    return excerpt(group.what, TITLE)


def room_made(group: HelperGroup) -> Content:
    """Tell that the room is on its way."""
    return Content.of(ROOM_MADE, choices=column(_own_room(group)))


def room_refused(group: HelperGroup) -> Content:
    """Tell a convener that no room can be made, and what they can do."""
    return Content.of(
        Text(
            "I could not make a room for “%(what)s”: the server does not let me.",
            {"what": excerpt(group.what, IN_LIST)},
        ),
        Text("You can make one yourself, and I come there."),
        choices=column(_own_room(group)),
    )


def its_rooms(
    group: HelperGroup, ways: Sequence[tuple[str, str]], here: str, *, invited: bool, can_make: bool = False
) -> Content:
    """Tell a member where the group talks: in a room that they are `invited` to, and in others by their addresses.

    The one to which they are invited is `here`, once it is made.
    If there is none where they are, one can be made (`can_make`).
    """
    what = excerpt(group.what, IN_LIST)
    blocks: list[Words | Block] = []
    if invited:
        blocks.append(
            Text("“%(what)s” has a room here, and you are invited: %(link)s", {"what": what, "link": here})
            if here
            else Text("“%(what)s” has a room here. You are invited.", {"what": what})
        )
    for network, link in ways:
        params: dict[str, str | int | When | Text] = {"what": what, "network": network, "link": link}
        first = Text("“%(what)s” has a room on %(network)s: %(link)s", params)
        blocks.append(Text("And on %(network)s: %(link)s", {"network": network, "link": link}) if blocks else first)
    if ways:
        blocks.append(small(Text("With an account there, you can ask to be let in.")))
    if can_make and not ways:
        blocks.append(Text("“%(what)s” has no room yet.", {"what": what}))
    make = button(Text("A room for the group"), "linkroom", group.conversation_id, group.id) if can_make else None
    return Content.of(*blocks, choices=column(make))


def _own_room(group: HelperGroup) -> Choice:
    return button(Text("We have a room already"), "linkroom", group.conversation_id, group.id, OWN)


def room_for(group: HelperGroup, code: str) -> Content:
    """Give the way to add the bot to a group of the helpers' own."""
    return Content.of(
        Text(
            "Have you got a group chat for “%(what)s”, or will you make one? Add me there, and I show its card.",
            {"what": excerpt(group.what, IN_LIST)},
        ),
        small(Text("The button works for a week, for one group chat.")),
        choices=((Choice(Text("Add me to a group"), start=f"g-{code}", group=True),),),
    )


def listing(conversation: Conversation, groups: Sequence[HelperGroup], skip: int, page: int) -> Content:
    """The helper groups and what each needs; a button opens each card."""
    if not groups and not skip:
        return Content.of(
            Text("There is no helper group yet. Anyone can form one, from an idea or from nothing."),
            small(conversation.question),
            choices=column(
                button(Text("Take the lead"), "lead", conversation.id),
                button(Text("Look at the ideas"), "ideas", conversation.id) if conversation.ideas else None,
            ),
        )
    shown = groups[:page]
    blocks: list[Words | Block] = [title(Text("Helper groups"))]
    for number, group in enumerate(shown, skip + 1):
        blocks.append(Text("%(number)d. %(what)s", {"number": number, "what": excerpt(group.what, IN_LIST)}))
        if group.needs:
            blocks.append(small(Text("Needs: %(needs)s", {"needs": excerpt(group.needs, IN_LIST)})))
    blocks.append(small(conversation.question))
    rows = [
        button(
            Text("%(number)d. %(what)s", {"number": number, "what": excerpt(group.what, 28)}),
            "group", conversation.id, group.id,
        )
        for number, group in enumerate(shown, skip + 1)
    ]  # fmt: skip
    last = (
        button(Text("More helper groups"), "groups", conversation.id, arg=str(skip + page))
        if len(groups) > page
        else button(Text("Take the lead"), "lead", conversation.id)
    )
    return Content.of(*blocks, choices=column(*rows, last))


def welcome_in(group: HelperGroup, convener_name: str) -> Text:
    """Tell somebody that they are in."""
    if convener_name:
        return Text(
            "Good to have you. You are %(n)d now, and %(name)s holds it together.",
            {"n": group.members, "name": convener_name},
        )
    return Text("Good to have you. You are %(n)d now.", {"n": group.members})


def hand_over(group: HelperGroup, name: str) -> Content:
    """Ask a convener who wants to leave whether the group may go over to who has been in it longest."""
    heir = name or Text("whoever has been in it longest")
    return Content.of(
        Text("You hold this group together. If you leave, %(name)s takes over from you.", {"name": heir}),
        choices=column(
            button(Text("Leave and hand over"), "leavegroup", group.conversation_id, group.id, "yes"),
            button(Text("Stay"), "group", group.conversation_id, group.id),
        ),
    )


def handed_over(group: HelperGroup, name: str) -> Content:
    """Tell somebody that a group is in their hands now."""
    what = excerpt(group.what, IN_LIST)
    return Content.of(
        Text("%(name)s has left “%(what)s”. You have been in it longest, so you hold it together now.",
             {"name": name or Text("The convener"), "what": what}),
        Text("If that does not suit you, leave the group: then it goes on to the next."),
        choices=column(button(Text("See the group"), "group", group.conversation_id, group.id)),
    )  # fmt: skip


def joined(group: HelperGroup, names: Sequence[str], count: int) -> Content:
    """Tell a convener who has come."""
    what = excerpt(group.what, IN_LIST)
    words = Text("%(n)d has joined “%(what)s”.", {"n": count, "what": what}, plural="%(n)d have joined “%(what)s”.")
    if names and count <= NAMED:
        words = Text("New in “%(what)s”: %(names)s.", {"what": what, "names": ", ".join(names)})
    choice = button(excerpt(group.what, 30), "group", group.conversation_id, group.id)
    return Content.of(words, choices=column(choice))


def _members(group: HelperGroup) -> Text:
    return Text("%(n)d person is in it.", {"n": group.members}, plural="%(n)d people are in it.")
