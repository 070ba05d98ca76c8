"""The map in words: how far up the ladder a conversation is, its groups, what unites them, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from bot.chat.content import Attachment, Block, Choice, Content, Text, When, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Sums
from bot.domain.maps import VOTES_FOR_GROUPS, MapGroup, Place, described, nearest
from bot.i18n import render
from bot.store.seen_map import Seen
from bot.views import energy
from bot.views.common import button, column
from bot.views.ideas import carried
from bot.views.words import excerpt

FEW, SOME = 3, 2
"""How many ideas are quoted of each kind."""
IN_TEXT = 64
QUESTION = 100
HOLDS_IN_ALL = 6
"""So many ideas are quoted of all groups together."""
EVEN = 0.3
"""People differ on an idea where so large a part agrees, and as large a part disagrees."""

Params = dict[str, str | int | When | Text]

TITLE = Text("Where we stand")
NOTHING = Text("There is nothing to post yet. Seven people need to weigh ideas first.")
SEEN = Text("The rooms have seen it already. It can be posted again when it says something else.")
NO_ROOMS = Text("This conversation has no rooms yet. Add me to a group, and it has one.")
COMING = Text(
    "I post it in the rooms, not at night. Where five cards have come today, or where people want one message a day or "
    "a week, it comes in the next one."
)


def mine(
    conversation: Conversation, seen: Seen, here: Place | None, locale: str, *, hosts: bool, ended: bool
) -> Content:
    """What one person sees, with where they stand."""
    own: list[Words | Block] = []
    if seen.findings.groups:
        home = nearest(seen.findings.shapes, here) if here else None
        if home is None:
            own.append(Text("Weigh an idea, and you see where you stand."))
        else:
            own.append(Text("You stand nearest to group %(name)s. Only you see this.", {"name": home.letter}))
    post = button(Text("Post it in the rooms"), "postmap", conversation.id) if hosts and _worth_it(seen) else None
    return Content.of(
        *_told(conversation, seen, locale, own), choices=(*_ways(conversation, seen, ended), *column(post))
    )


def ours(conversation: Conversation, seen: Seen, locale: str, *, ended: bool) -> Content:
    """What a group sees: nobody's place."""
    return Content.of(*_told(conversation, seen, locale, []), choices=_ways(conversation, seen, ended))


def posted(conversation: Conversation, seen: Seen, picture: bytes, locale: str) -> Content:
    """The map as it is posted in a room, in words and as a picture."""
    told = _told(conversation, seen, locale, [])
    choices = _ways(conversation, seen, conversation.closed_at is not None)
    if not picture:
        return Content.of(*told, choices=choices)
    alt = "\n".join(render(line, locale) for line in described(seen.findings.shapes, None))
    drawn = Attachment("picture", "map.png", "image/png", picture, alt)
    return Content(tuple(one if isinstance(one, Block) else Block("text", one) for one in told), choices, drawn)


def _worth_it(seen: Seen) -> bool:
    return seen.findings.rung != "ideas"


def _ways(conversation: Conversation, seen: Seen, ended: bool) -> tuple[tuple[Choice, ...], ...]:  # noqa: FBT001 (a state)
    scope = conversation.id
    if seen.findings.rung == "ideas" and not seen.first and not ended:
        return column(button(Text("Give an idea"), "idea", scope))
    if ended:
        return column(button(Text("Look at the ideas"), "ideas", scope))
    return column(
        button(Text("Weigh the ideas"), "vote", scope),
        button(Text("Look at the ideas"), "ideas", scope),
        button(Text("Put my energy somewhere"), "energy", scope),
    )


def _told(conversation: Conversation, seen: Seen, locale: str, own: Sequence[Words | Block]) -> list[Words | Block]:
    told = {"ideas": _ideas, "sums": _sums, "groups": _groups}[seen.findings.rung](seen, locale)
    return [title(TITLE), *told, *own, small(excerpt(conversation.question, QUESTION))]


# -- the ladder --------------------------------------------------------------------------------------------------------


def _ideas(seen: Seen, locale: str) -> list[Words | Block]:
    """Up to six people: the ideas themselves, and who would lead them."""
    if not seen.first:
        return [Text("There is no idea here yet. Give the first one.")]
    lines: list[Words | Block] = [Text("We are few so far, so here are the ideas themselves.")]
    for idea in seen.first:
        lines.append(_named(idea))
        lines += [small(carried(idea)), small(_led(idea, seen.names, locale))]
    lines.append(
        Text("When %(n)d more person has weighed ideas, we can see what unites us.", {"n": seen.missing},
             plural="When %(n)d more people have weighed ideas, we can see what unites us.")
        if seen.missing else Text("When a few more have weighed, we can see what unites us.")
    )  # fmt: skip
    return lines


def _led(idea: Idea, names: energy.Names, locale: str) -> Text:
    if idea.leads:
        formed: Params = {"n": idea.leads}
        return Text("%(n)d helper group has formed.", formed, plural="%(n)d helper groups have formed.")
    if idea.hands:
        return energy.hands(idea, names.get(idea.id, ()), locale)
    return Text("Nobody leads it yet.")


def _sums(seen: Seen, _locale: str) -> list[Words | Block]:
    """From seven people: sums over all."""
    findings = seen.findings
    people: Params = {"n": findings.people}
    lines: list[Words | Block] = [
        Text("%(n)d person or more has weighed.", people, plural="%(n)d or more people have weighed.")
    ]
    agreed = _found(findings.all_agree, seen)[:FEW]
    refused = _found(findings.all_disagree, seen)[:SOME]
    known = {idea.id for idea in (*agreed, *refused)}
    uneven = sorted(
        (idea for idea in seen.ideas.values() if idea.id not in known and _even(idea.shown_sums) >= EVEN),
        key=lambda idea: (-_even(idea.shown_sums), idea.number),
    )
    if agreed:
        lines += [title(Text("What unites us")), *map(_agreeing, agreed)]
    if refused:
        lines += [title(Text("What most do not want")), *map(_disagreeing, refused)]
    if uneven:
        lines += [title(Text("Where we differ")), *map(_agreeing, uneven[:SOME])]
    if not (agreed or refused or uneven):
        lines.append(Text("Nothing stands out yet. The more is weighed, the more can be seen."))
    lines.append(_to_groups(seen))
    return lines


def _to_groups(seen: Seen) -> Text:
    """Say how far it is to groups."""
    if seen.missing and len(seen.ideas) < VOTES_FOR_GROUPS:
        return Text("When %(n)d more person has weighed all ideas, we can see groups.", {"n": seen.missing},
                    plural="When %(n)d more people have weighed all ideas, we can see groups.")  # fmt: skip
    if seen.missing:
        return Text("When %(n)d more person has weighed seven ideas, we can see groups.", {"n": seen.missing},
                    plural="When %(n)d more people have weighed seven ideas, we can see groups.")  # fmt: skip
    if seen.findings.votes_missing or seen.findings.people_missing:
        return Text("When a few more ideas are weighed, we can see groups.")
    return Text("We do not fall into groups that think differently.")


def _groups(seen: Seen, _locale: str) -> list[Words | Block]:
    """What each group holds, what unites all, and where they differ."""
    findings = seen.findings
    number: Params = {"n": len(findings.groups)}
    lines: list[Words | Block] = [
        Text("%(n)d group weighs alike.", number, plural="We see %(n)d groups. In each, people weigh alike.")
    ]
    quoted = max(HOLDS_IN_ALL // len(findings.groups), 1)
    for group in findings.groups:
        lines += _group(group, seen, quoted)
    united = [idea for idea in _found(findings.unites, seen) if idea.mostly_agreed]
    lines.append(title(Text("What unites us")))
    lines += map(_agreeing, united[:FEW]) if united else (Text("No idea unites all groups yet."),)
    differ = _found(findings.differ, seen)[: SOME if len(findings.groups) <= FEW else 1]
    if differ:
        lines.append(title(Text("Where we differ")))
        for idea in differ:
            lines += _apart(idea, seen)
    return lines


def _group(group: MapGroup, seen: Seen, quoted: int) -> Iterable[Words | Block]:
    params: Params = {"name": group.letter, "n": group.people}
    yield title(Text("Group %(name)s: %(n)d person", params, plural="Group %(name)s: %(n)d people"))
    held = [(seen.ideas[idea], agrees) for idea, agrees in group.holds if idea in seen.ideas][:quoted]
    for idea, agrees in held:
        said: Params = {"number": idea.number, "idea": excerpt(idea.text, IN_TEXT)}
        yield Text("Agrees: %(number)d. %(idea)s", said) if agrees else Text("Disagrees: %(number)d. %(idea)s", said)
    if not held:
        yield Text("Nothing sets this group apart yet.")


def _apart(idea: Idea, seen: Seen) -> Iterable[Words | Block]:
    yield _named(idea)
    known = seen.findings.ideas[idea.id].groups
    for group, sums in zip(seen.findings.groups, known, strict=False):
        if sums:
            params: Params = {"name": group.letter, "agree": sums.agree, "voters": sums.voters}
            yield small(Text("Group %(name)s: %(agree)d of %(voters)d agree.", params))


# -- lines -------------------------------------------------------------------------------------------------------------


def _found(wanted: Iterable[UUID], seen: Seen) -> list[Idea]:
    return [seen.ideas[one] for one in wanted if one in seen.ideas]


def _even(sums: Sums) -> float:
    """Give the smaller part of those who agree and those who disagree."""
    return min(sums.agree, sums.disagree) / sums.voters if sums.voters else 0.0


def _named(idea: Idea) -> Text:
    return Text("%(number)d. %(idea)s", {"number": idea.number, "idea": excerpt(idea.text, IN_TEXT)})


def _agreeing(idea: Idea) -> Text:
    params: Params = {"number": idea.number, "idea": excerpt(idea.text, IN_TEXT)}
    params |= {"agree": idea.shown_sums.agree, "voters": idea.shown_sums.voters}
    return Text("%(number)d. %(idea)s (%(agree)d of %(voters)d agree)", params)


def _disagreeing(idea: Idea) -> Text:
    params: Params = {"number": idea.number, "idea": excerpt(idea.text, IN_TEXT)}
    params |= {"disagree": idea.shown_sums.disagree, "voters": idea.shown_sums.voters}
    return Text("%(number)d. %(idea)s (%(disagree)d of %(voters)d disagree)", params)
