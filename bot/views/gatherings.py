"""Gatherings as people see them: the card, the list, and what else can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from bot.chat.content import Block, Choice, Content, Text, When, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Counts, Gathering
from bot.domain.groups import HelperGroup
from bot.domain.open_space import Topic
from bot.i18n import enumerate_words
from bot.views import open_space
from bot.views.common import Row, button, column, not_all_right
from bot.views.words import excerpt

TITLE = 90
FIELD = 160
IN_LIST = 60
NAMED = 8
FAR = timedelta(days=270)

Params = dict[str, str | int | When | Text]

PLAN_OPEN = Text("Plan an Open Space")
GONE = Text("This gathering is not here any more.")
CALLED_OFF = Text("This gathering is called off.")
OVER = Text("This gathering is over.")
NOT_YOURS = Text("Only whoever arranges the gathering can do that, and the hosts.")
COMING_ALREADY = Text("You have said that you are coming. Thank you.")
WAITING_ALREADY = Text("You are on the waiting list. You will hear from me when there is a place for you.")
MAYBE = Text("I have noted that you may come.")
NOT_COMING = Text("I have noted that you cannot come. Thank you for saying so.")
GOOD_TO_KNOW = Text("Thank you for saying so.")
SHOWN = Text("Your name is shown among those who come.")
NOT_SHOWN = Text("You are counted, and your name is not shown.")
NO_ANSWER = Text("Answer first whether you come.")
TOO_FEW = Text("More than that are coming already. Write a larger number, or leave it as it is.")
STAYS = Text("Good. It stays as it is.")
IN_PRIVATE = Text("You are coming. Write to me in private, and I remind you and send the calendar file.")
NOT_YOUR_NOTE = Text("Only whoever wrote these notes can do that.")


def card(
    one: Gathering, conversation: Conversation, counts: Counts, group: HelperGroup | None,
    convener: str, locale: str, *, private: bool, topics: Sequence[Topic] = (),
) -> Content:  # fmt: skip
    """A gathering: what, when, where, who comes; three answers."""
    blocks: list[Words | Block] = [title(heading(one))]
    if len(one.what) > TITLE and not topics:
        blocks.append(quote(one.what))
    blocks += when_and_where(one)
    if one.state == "off":
        return Content.of(*blocks)
    if one.seats and one.state == "planned":
        blocks.append(
            Text("There is room for %(n)d person.", {"n": one.seats}, plural="There is room for %(n)d people.")
        )
    blocks += answered(one, counts, locale)
    if one.open_space and one.state == "planned":
        blocks += open_space.wall(one, topics)
    if group is not None:
        blocks.append(Text("The helper group “%(what)s” meets.", {"what": excerpt(group.what, TITLE)}))
    if convener:
        blocks.append(small(Text("%(name)s arranges it.", {"name": convener})))
    if private:
        blocks.append(small(excerpt(conversation.question, TITLE)))
    last = (
        button(Text("Calendar file"), "rsvp", conversation.id, one.id, "cal"),
        button(Text("More"), "gathering", conversation.id, one.id, "more"),
    )
    market = ((open_space.market_button(one),),) if one.open_space else ()
    if one.state == "held":
        return Content.of(*blocks, choices=(*market, last[1:]))
    return Content.of(*blocks, choices=(answers(one), *market, last))


def answered(one: Gathering, counts: Counts, locale: str) -> list[Words]:
    """Say who comes, by name as far as they show it."""
    lines: list[Words] = []
    if one.state == "held":
        return lines
    if not counts.coming and not counts.maybe:
        return [Text("Nobody has said yet that they come.")]
    if counts.coming:
        n: Params = {"n": counts.coming}
        if counts.names and counts.coming <= NAMED:
            others = max(counts.coming - len(counts.names), 0)
            who: Params = {**n, "names": enumerate_words(counts.names, locale), "others": others}
            lines.append(
                Text("%(n)d is coming: %(names)s.", who, plural="%(n)d are coming: %(names)s.")
                if not others
                else Text("%(n)d are coming: %(names)s, and %(others)d more.", who)
            )
        else:
            lines.append(Text("%(n)d is coming.", n, plural="%(n)d are coming."))
    if counts.maybe:
        lines.append(Text("%(n)d may come.", {"n": counts.maybe}, plural="%(n)d may come."))
    if counts.waiting:
        lines.append(Text("%(n)d is waiting for a place.", {"n": counts.waiting},
                          plural="%(n)d are waiting for a place."))  # fmt: skip
    return lines


def listing(
    conversation: Conversation, found: Sequence[Gathering], counts: Mapping[UUID, Counts], group: HelperGroup | None,
    skip: int, page: int,
) -> Content:  # fmt: skip
    """The gatherings to come, a button each, and the way to a new one."""
    group_id = group.id if group else None
    new = button(Text("Plan a gathering"), "meet", conversation.id, group_id, "new")
    wide = button(PLAN_OPEN, "meet", conversation.id, group_id, "open")
    if not found and not skip:
        return Content.of(
            Text("No gathering is planned yet. Anyone can plan one."),
            small(excerpt(group.what if group else conversation.question, FIELD)),
            choices=column(new, wide),
        )
    blocks: list[Words | Block] = [title(Text("Gatherings to come"))]
    for number, one in enumerate(found[:page], skip + 1):
        words: Params = {"number": number, "what": excerpt(one.what, IN_LIST)}
        blocks.append(Text("%(number)d. %(what)s", words))
        n = counts.get(one.id, Counts()).coming
        blocks.append(
            small(Text("%(when)s. %(n)d is coming.", {"when": moment(one), "n": n},
                       plural="%(when)s. %(n)d are coming."))
        )  # fmt: skip
    rows = [
        button(Text("%(number)d. %(what)s", {"number": number, "what": excerpt(one.what, 24)}), "gathering",
               conversation.id, one.id)
        for number, one in enumerate(found[:page], skip + 1)
    ]  # fmt: skip
    more = (
        button(Text("More gatherings"), "meet", conversation.id, group_id, str(skip + page))
        if len(found) > page
        else None
    )
    return Content.of(*blocks, choices=column(*rows, more, new, wide))


def planned(one: Gathering) -> Content:
    """Tell who planned a gathering what happens now."""
    told = (
        Text("It is planned. Its card goes to the group, and you can change it or call it off under “More”.")
        if one.group_id
        else Text("It is planned. Its card goes to the rooms, and you can change it or call it off under “More”.")
    )
    return Content.of(told, Text("I remind those who come a day and an hour before."))


def more(one: Gathering, *, runs: bool, named: bool | None, over: bool) -> Content:
    """What else can be done: for everybody their name; for whoever runs it changes, and notes."""
    scope, subject = one.conversation_id, one.id

    def change(label: Text, field: str) -> Choice:
        return button(label, "gathering", scope, subject, field)

    rows: list[Row] = []
    if runs and not over:
        rows += [
            (change(Text("Change the time"), "when"), change(Text("Change the place"), "where")),
            (change(Text("Change the words"), "what"), change(Text("Change the size"), "seats")),
            (change(Text("Call it off"), "off"),),
        ]
    if runs and one.state != "off":
        rows.append((button(Text("Write notes"), "meetnote", scope, subject),))
    if named is not None and not over:
        hide = button(Text("Do not show my name"), "rsvp", scope, subject, "hide")
        rows.append((hide if named else button(Text("Show my name"), "rsvp", scope, subject, "name"),))
    rows.append((button(Text("All gatherings"), "meet", scope),))
    if not runs:
        rows.append((not_all_right(scope, subject),))
    return Content.of(title(heading(one)), *when_and_where(one), choices=tuple(rows))


def call_off_sure(one: Gathering) -> Content:
    """Ask once more before a gathering is called off."""
    return Content.of(
        Text("Call off “%(what)s”? Those who come are told.", {"what": excerpt(one.what, TITLE)}),
        choices=column(
            button(Text("Call it off"), "gathering", one.conversation_id, one.id, "offyes"),
            button(Text("Keep it"), "gathering", one.conversation_id, one.id, "more"),
        ),
    )


def is_off(one: Gathering) -> Content:
    """Tell who called a gathering off that it is."""
    scope = one.conversation_id
    return Content.of(
        Text("It is called off. Those who come are told."),
        choices=column(
            button(Text("Take it out of my calendar"), "rsvp", scope, one.id, "cal"),
            button(Text("All gatherings"), "meet", scope),
        ),
    )


def moment(one: Gathering) -> Text:
    """Say when it begins, by the clocks where it is; with the year when that is not soon."""
    if one.at - one.changed_at > FAR:
        day, clock = When(one.at, "day", one.zone), When(one.at, "clock", one.zone)
        return Text("%(day)s at %(time)s", {"day": day, "time": clock})
    return Text("%(when)s", {"when": When(one.at, zone=one.zone)})


def heading(one: Gathering) -> Text:
    """Name it by what it is."""
    what: Params = {"what": excerpt(one.what, TITLE)}
    if one.state == "off":
        return Text("Called off: %(what)s", what)
    if one.open_space:
        return Text("Open Space: %(what)s", what)
    return Text("Gathering: %(what)s", what)


def when_and_where(one: Gathering) -> list[Words]:
    """Say from when to when it is, and where."""
    until = When(one.ends_at, "clock" if _same_day(one) else "datetime", one.zone)
    lines: list[Words] = [Text("When: %(when)s to %(until)s", {"when": moment(one), "until": until})]
    if one.where:
        lines.append(Text("Where: %(where)s", {"where": excerpt(one.where, FIELD)}))
    return lines


def _same_day(one: Gathering) -> bool:
    return one.ends_at - one.at < timedelta(hours=20)


def answers(one: Gathering) -> Row:
    """Give the three answers to whether one comes."""
    scope, subject = one.conversation_id, one.id
    return (
        button(Text("👍 I am coming"), "rsvp", scope, subject, "yes"),
        button(Text("🤷 Maybe"), "rsvp", scope, subject, "maybe"),
        cannot(one),
    )


def cannot(one: Gathering) -> Choice:
    """Give the answer of who cannot come."""
    return button(Text("👎 I cannot come"), "rsvp", one.conversation_id, one.id, "no")
