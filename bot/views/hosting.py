"""Hosting as people see it: who helps, naming, handing over, the end; and what those concerned are told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import Block, Choice, Content, Text, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act
from bot.domain.people import HAT_NAMES, Participant
from bot.i18n import enumerate_words, render
from bot.store.overview import Overview
from bot.views.common import ENDED, button, column
from bot.views.invite import NETWORKS
from bot.views.words import excerpt

QUESTION, QUESTIONS = 100, 3
NAME = 20
IN_PROSE = 60
ROLES = {"co": "cohost", "mod": "moderator", "none": ""}
"""The roles as buttons name them."""

HOW = Text(
    "You can write: /host cohost, /host moderator, /host remove (each also as a reply in a group), /host hand over, "
    "/host close, /host open."
)
HOST_ALONE = Text("Only the host can do that, not a co-host.")
IS_HOST = Text("That is the host. Hosting can be handed over, not taken away.")
SAME_ALREADY = Text("It is like that already.")
IS_YOU = Text("That is you.")
OVER = Text("That offer does not stand any more.")
STAYS = Text("Good. You host it as before.")
GOES_ON = Text("Good. It goes on.")
CLOSED_ALREADY = Text("This conversation has ended already.")
OPEN_ALREADY = Text("This conversation is open.")
DECLINED = Text("That is fine. I have told the host.")


def card(
    conversation: Conversation, everyone: Sequence[Participant], seen: Overview | None, locale: str, *, host: bool
) -> Content:
    """The host's card: who helps, who is missing, what waits, and what hosts can do.

    `host`: who looks is the host, not a co-host.
    """
    scope = conversation.id
    if conversation.closed_at is None:
        end = button(Text("End the conversation"), "close", scope)
    else:
        end = button(Text("Open it again"), "close", scope, arg="open")
    return Content.of(
        title(Text("You host this conversation") if host else Text("You are a co-host of this conversation")),
        small(excerpt(conversation.question, QUESTION)),
        *(() if conversation.closed_at is None else (ENDED,)),
        *_who(everyone, locale),
        *(_missing(seen, locale) if seen is not None else ()),
        *(_waits(seen) if seen is not None else ()),
        *(_brought(seen) if seen is not None else ()),
        choices=column(
            *(() if conversation.closed_at is not None else _goes_on(conversation)),
            button(Text("Who helps me"), "host", scope, arg="help"),
            button(Text("Hand it over"), "host", scope, arg="over0") if host else None,
            end,
        ),
    )


def _missing(seen: Overview, locale: str) -> list[Words]:
    """Who is here, and who is not yet: hats from five on, and networks."""
    lines: list[Words] = []
    if seen.hats:
        worn = enumerate_words([f"{_hat(hat, locale)} {count}" for hat, count in seen.hats], locale)
        lines.append(Text("Hats that are worn here: %(hats)s.", {"hats": worn}))
    if seen.hats and seen.missing:  # Where nobody wears any, all are missing, which tells nothing.
        few = enumerate_words([_hat(hat, locale) for hat in seen.missing], locale)
        lines.append(Text("Who is missing? Of these hats there are fewer than five: %(hats)s.", {"hats": few}))
    if networks := [one for one in seen.networks if one in NETWORKS]:
        names = enumerate_words([NETWORKS[one] for one in networks], locale)
        lines.append(Text("No group is linked yet on %(networks)s.", {"networks": names}))
    return lines


def _hat(hat: str, locale: str) -> str:
    return render(Text(HAT_NAMES[hat]), locale)


def _waits(seen: Overview) -> list[Words]:
    """What waits for somebody, a line each."""
    found = (
        (seen.unled, Text("%(n)d idea has hands, and nobody leads it.", {"n": seen.unled},
                          plural="%(n)d ideas have hands, and nobody leads them.")),
        (seen.needs, Text("%(n)d need waits for somebody who can help.", {"n": seen.needs},
                          plural="%(n)d needs wait for somebody who can help.")),
        (seen.reports, Text("%(n)d report waits for a moderator.", {"n": seen.reports},
                            plural="%(n)d reports wait for a moderator.")),
        (seen.paused, Text("%(n)d planned question is paused.", {"n": seen.paused},
                           plural="%(n)d planned questions are paused.")),
    )  # fmt: skip
    return [words for count, words in found if count]


def _brought(seen: Overview) -> list[Words]:
    """Which questions in the groups brought ideas, and how many: the first few, the most first."""
    if not seen.brought:
        return []
    most = sorted(seen.brought, key=lambda one: -one[1])[:QUESTIONS]
    return [
        Text("Questions in the groups that brought ideas:"),
        *(Text("“%(question)s” (%(n)d)", {"question": _question(asked), "n": count}) for asked, count in most),
    ]


def _question(asked: Words) -> Words:
    return excerpt(asked, QUESTION) if isinstance(asked, str) else asked


def _goes_on(conversation: Conversation) -> tuple[Choice | None, ...]:
    """What a host does while it goes on: ask, choose the season, harvest."""
    scope = conversation.id
    return (
        button(Text("Plan questions"), "prompt", scope),
        button(Text("Choose the season"), "season", scope),
        button(Text("Until our next meeting"), "rhythm", scope) if conversation.lasts == "meeting" else None,
        button(Text("The harvest"), "harvest", scope),
    )


def helpers(conversation: Conversation, everyone: Sequence[Participant], locale: str, *, host: bool) -> Content:
    """Who helps, with a button each to end that, and those that name somebody. Co-hosts are the host's to name."""
    scope = conversation.id
    mine = [one for one in everyone if one.role == "moderator" or (host and one.role == "cohost")]
    return Content.of(
        *_who(everyone, locale),
        Text("Moderators look at what is not all right. A co-host can do all that you do, but not hand it over."),
        choices=column(
            button(Text("Name a co-host"), "host", scope, arg="co0") if host else None,
            button(Text("Name a moderator"), "host", scope, arg="mod0"),
            *(
                button(Text("%(number)d. No longer: %(helper)s", {"number": number, "helper": name_of(one)}), "role",
                       scope, one.id, "none")
                for number, one in enumerate(mine, 1)
            ),
            button(Text("Back"), "host", scope),
        ),
    )  # fmt: skip


def whom(conversation: Conversation, found: Sequence[Participant], task: str, skip: int, after: int) -> Content:
    """Ask whom it is to be: `task` is ``co``, ``mod`` or ``over``. More follow `after` so many, if it is not 0."""
    asked, else_ = {
        "co": (
            Text("Who is to be a co-host?"),
            Text("For anybody else: in a group, reply to a message of theirs with /host cohost."),
        ),
        "mod": (
            Text("Who is to be a moderator?"),
            Text("For anybody else: in a group, reply to a message of theirs with /host moderator."),
        ),
        "over": (
            Text("Who is to host from now on?"),
            Text("For anybody else: in a group, reply to a message of theirs with /host hand over."),
        ),
    }[task]
    return Content.of(
        asked,
        *(() if found else (Text("I know of nobody else yet whose name can be seen here."),)),
        small(Text("Here stand those who gave an idea under their name, or hold a helper group together.")),
        small(else_),
        choices=column(
            *(_chosen(conversation, one, task, numbered(number, one)) for number, one in enumerate(found, skip + 1)),
            button(Text("More"), "host", conversation.id, arg=f"{task}{after}") if after else None,
            button(Text("Back"), "host", conversation.id),
        ),
    )


def _chosen(conversation: Conversation, one: Participant, task: str, label: Text) -> Choice:
    if task == "over":
        return button(label, "handover", conversation.id, one.id)
    return button(label, "role", conversation.id, one.id, task)


def done(act: Act, name: Words, *, undo: bool = True) -> Content:
    """Tell a host what was done, and how to take it back."""
    return Content.of(
        what(act, name), choices=column(button(Text("Undo"), "undo", act.conversation_id, act.id) if undo else None)
    )


def what(act: Act, name: Words) -> Text:
    """Say in a sentence what a host did; `name` is whom it is about."""
    params: dict[str, str | int | Text] = {"name": name if isinstance(name, Text) else name or _SOMEBODY}
    match act.kind:
        case "cohost":
            return Text("%(name)s is a co-host of this conversation.", {**params})
        case "moderator":
            return Text("%(name)s is a moderator of this conversation.", {**params})
        case "dismiss":
            return Text("%(name)s helps to host this conversation no longer.", {**params})
        case "offer":
            return Text("%(name)s is asked to host this conversation.", {**params})
        case "host":
            return Text("%(name)s hosts this conversation now.", {**params})
        case "close":
            return Text("The conversation has ended. All can still be read.")
        case "reopen":
            return Text("The conversation is open again.")
        case _:
            raise ValueError(act.kind)


def sure_to_hand_over(conversation: Conversation, to: Participant) -> Content:
    """Ask before somebody is asked to host."""
    params: dict[str, str | int] = {"name": _cut(to)}
    return Content.of(
        Text("Shall I ask %(name)s to host this conversation?", {**params}),
        Text("With their yes they are the host, and you are a co-host. Until then nothing changes."),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Yes, ask"), "handover", conversation.id, to.id, "yes"),
            button(Text("No"), "handover", conversation.id, to.id, "no"),
        ),
    )


def sure_to_close(conversation: Conversation, groups: int) -> Content:
    """Ask before a conversation ends."""
    return Content.of(
        Text("End this conversation?"),
        Text("Then nobody can give ideas or weigh them. All can still be read, and you can open it again."),
        *((Text("Helper groups stay, and can go on."),) if groups else ()),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Yes, end it"), "close", conversation.id, arg="yes"),
            button(Text("No"), "close", conversation.id, arg="no"),
        ),
    )


# -- what others are told -------------------------------------------------------------------------------------


_SOMEBODY = Text("Somebody")


def name_of(one: Participant) -> Words:
    """Give a name that fits a button."""
    return excerpt(one.secret.name, NAME) or _SOMEBODY


def numbered(number: int, one: Participant) -> Text:
    """Give the line of somebody in a list to choose from."""
    return Text("%(number)d. %(name)s", {"number": number, "name": name_of(one)})


def short_name(one: Participant) -> Words:
    """Give the shown name of somebody, short enough for a sentence."""
    return _cut(one) or _SOMEBODY


def _cut(one: Participant) -> str:
    return excerpt(one.secret.name, IN_PROSE)


def _who(everyone: Sequence[Participant], locale: str) -> list[Words | Block]:
    """Name the host, the co-hosts and the moderators, a line each, as far as there are any."""
    found: list[Words | Block] = []
    for role, msgid in (
        ("host", Text("Host: %(names)s")),
        ("cohost", Text("Co-hosts: %(names)s")),
        ("moderator", Text("Moderators: %(names)s")),
    ):
        names = [_cut(one) for one in everyone if one.role == role and one.secret.name]
        if names:
            found.append(Text(msgid.msgid, {"names": enumerate_words(names, locale)}))
    return found
