"""What stands behind a helper group's card: who is in it, and what whoever holds it together can do."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import Block, Content, Text, Words, small, title
from bot.domain.groups import HelperGroup
from bot.domain.people import Participant
from bot.views.common import button, column, not_all_right
from bot.views.groups import ENDED, INVITE
from bot.views.hosting import name_of, numbered
from bot.views.words import excerpt

TITLE = 90
NAME = 40
MOST_NAMES = 20
NOT_IN = Text("They are not in the group any more.")
OVER = Text("That offer does not stand any more.")
GOES_ON = Text("Good. The group goes on.")
OPEN_ALREADY = Text("The group is open.")
OPEN_AGAIN = Text("The group is open again. Anyone can join in.")
DECLINED = Text("That is fine. I have told who asked.")
NOBODY_ELSE = Text("Nobody else is in the group yet. Invite somebody first.")
HAS_ENDED = Text("The group has ended. Its card stays, and you can open it again.")
UNREACHABLE = Text("I cannot write to them in private. Ask them to write to me once, then try again.")


def more(
    group: HelperGroup, names: Sequence[str], nameless: int, *, member: bool, convener: bool, several: bool
) -> Content:  # fmt: skip
    """What else there is about a helper group. Who is in it is told to members alone.

    `several`: it has rooms between which messages can be carried, and that concerns whoever looks.
    """
    scope, subject = group.conversation_id, group.id
    blocks: list[Words | Block] = [title(excerpt(group.what, TITLE) or Text("Helper group"))]
    if group.state != "open":
        blocks.append(ENDED)
    if member:
        blocks += _members(names, nameless)
    else:
        blocks.append(Text("%(n)d person is in it.", {"n": group.members}, plural="%(n)d people are in it."))
    if convener:
        blocks.append(small(Text("You hold it together. What its card says can be changed at any time.")))
    if group.state != "open":
        again = button(Text("Open the group again"), "groupend", scope, subject, "open") if convener else None
        return Content.of(*blocks, choices=column(again))
    choices = column(
        button(Text("Change the card"), "groupedit", scope, subject) if convener else None,
        button(INVITE, "invite", scope, subject) if member else None,
        button(Text("A room for the group"), "linkroom", scope, subject) if member else None,
        button(Text("Between our rooms"), "carry", scope, subject) if several else None,
        button(Text("Hand the group over"), "groupover", scope, subject) if convener else None,
        button(Text("End the group"), "groupend", scope, subject) if convener else None,
        button(Text("I leave"), "leavegroup", scope, subject)
        if member
        else button(Text("I join in"), "joingroup", scope, subject),
        not_all_right(scope, subject) if not convener else None,
    )
    return Content.of(*blocks, choices=choices)


def _members(names: Sequence[str], nameless: int) -> list[Text]:
    told = [excerpt(name, NAME) for name in names[:MOST_NAMES]]
    others = nameless + max(len(names) - MOST_NAMES, 0)
    if not told:
        return [Text("%(n)d person is in it.", {"n": others}, plural="%(n)d people are in it.")]
    if not others:
        return [Text("In it: %(names)s.", {"names": ", ".join(told)})]
    return [
        Text(
            "In it: %(names)s, and %(n)d more.", {"names": ", ".join(told), "n": others},
            plural="In it: %(names)s, and %(n)d more.",
        )
    ]  # fmt: skip


def changed(group: HelperGroup) -> Content:
    """Tell that the card is changed."""
    see = button(Text("See the group"), "group", group.conversation_id, group.id)
    return Content.of(Text("The card says so now, everywhere."), choices=column(see))


def whom(group: HelperGroup, found: Sequence[Participant], tail: str, skip: int, after: int) -> Content:
    """Ask who is to hold the group together from now on; `tail` names the group on the buttons."""
    scope = group.conversation_id
    return Content.of(
        Text("Who is to hold the group together from now on? I ask them first, and until their yes nothing changes."),
        choices=column(
            *(
                button(numbered(number, one), "groupheir", scope, one.id, tail)
                for number, one in enumerate(found, skip + 1)
            ),
            button(Text("More members"), "groupover", scope, group.id, str(after)) if after else None,
            button(Text("Back"), "groupmore", scope, group.id),
        ),
    )  # fmt: skip


def asked(to: Participant) -> Text:
    """Tell a convener that somebody is asked."""
    return Text("I have asked %(name)s. You will hear from me when they have answered.", {"name": name_of(to)})


def offered(group: HelperGroup, convener: Participant) -> Content:
    """Ask a member whether they want to hold the group together."""
    scope, subject = group.conversation_id, group.id
    return Content.of(
        Text(
            "%(name)s asks whether you want to hold “%(what)s” together from now on.",
            {"name": name_of(convener), "what": excerpt(group.what, TITLE)},
        ),
        Text("Whoever does says what the card shows, and hears who joins in. %(name)s stays in the group.",
             {"name": name_of(convener)}),
        choices=column(
            button(Text("Yes, I will"), "groupover", scope, subject, "yes"),
            button(Text("No, thank you"), "groupover", scope, subject, "no"),
        ),
    )  # fmt: skip


def accepted(group: HelperGroup, heir: Participant) -> Content:
    """Tell who held the group together that another one does now."""
    return Content.of(
        Text(
            "%(name)s holds “%(what)s” together now. Thank you for what you did.",
            {"name": name_of(heir), "what": excerpt(group.what, TITLE)},
        )
    )


def declined(group: HelperGroup, member: Participant) -> Content:
    """Tell a convener that somebody would rather not."""
    return Content.of(
        Text(
            "%(name)s would rather not hold “%(what)s” together now. You still do.",
            {"name": name_of(member), "what": excerpt(group.what, TITLE)},
        ),
        choices=column(button(Text("Ask somebody else"), "groupover", group.conversation_id, group.id)),
    )


def you_hold_it(group: HelperGroup) -> Content:
    """Tell who said yes what they can do now."""
    return Content.of(
        Text("Thank you. You hold “%(what)s” together now.", {"what": excerpt(group.what, TITLE)}),
        choices=column(button(Text("What I can do"), "groupmore", group.conversation_id, group.id)),
    )


def sure_to_end(group: HelperGroup) -> Content:
    """Ask before a helper group ends."""
    scope, subject = group.conversation_id, group.id
    return Content.of(
        Text("End “%(what)s”?", {"what": excerpt(group.what, TITLE)}),
        Text("Then nobody can join in, and its card says thank you. Nothing is lost, and you can open it again."),
        choices=column(
            button(Text("Yes, end the group"), "groupend", scope, subject, "yes"),
            button(Text("No"), "groupend", scope, subject, "no"),
        ),
    )
