"""Invitations: whom to invite, a text ready to forward, the same as a picture, and one's links."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import segno

from bot.chat.content import N_, Attachment, Block, Choice, Content, Text, When, Words, quote, small, title
from bot.chat.keys import network_of
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.invitations import FOR_WHOM, Invitation
from bot.views.common import Row, button, column
from bot.views.words import excerpt

NETWORKS = {"telegram": "Telegram", "matrix": "Matrix"}
"""The networks by the names that people know."""

Page = Content
"""What is no message, but a page or a paper."""

PICTURE_SIDE = 500
QUIET_ZONE = 4
WHY_AT_MOST = 250

LABELS = {
    "neighbours": N_("Neighbours"),
    "employee": N_("Somebody who is employed here"),
    "elected": N_("Somebody who was elected"),
    "association": N_("An association"),
    "young": N_("Young people"),
}
HOPED_FOR = {
    "neighbours": N_("We hope for you who live here: you know things about this place that nobody else knows."),
    "employee": N_("We hope for you who work here: you see what others do not see. You come as yourself."),
    "elected": N_("We hope for you who were elected: here you are one of us, and come to listen and think along."),
    "association": N_("We hope for your association: you know what people can do together."),
    "young": N_("We hope for you who are young: you will live longest with what we decide."),
}
LASTS = {
    "day": N_("It goes on for a day. It takes ten minutes now and then, in the chat."),
    "weeks": N_("It goes on for some weeks. It takes ten minutes now and then, in the chat."),
    "meeting": N_("It goes on until our next meeting. It takes ten minutes now and then, in the chat."),
    "open": N_("It has no end date. It takes ten minutes now and then, in the chat."),
}


def for_whom(conversation: Conversation, limit: int) -> Content:
    """Ask whom the invitation is for: its words change with the answer."""
    rows = [
        button(Text(LABELS[key]), "forwhom", conversation.id, arg=f"{number}.{limit}" if limit else str(number))
        for number, key in enumerate(FOR_WHOM)
    ]
    return Content.of(
        Text("Whom do you want to invite? I write a text that you can send on."),
        small(conversation.question),
        choices=column(*rows),
    )


def meant_for(arg: str) -> tuple[str, int]:
    """Read what a button of `for_whom` says: for whom, and for how many (0: for all)."""
    number, _, limit = arg.partition(".")
    known = number.isdecimal() and int(number) < len(FOR_WHOM)
    return FOR_WHOM[int(number)] if known else FOR_WHOM[0], int(limit) if limit.isdecimal() else 0


def to_forward(conversation: Conversation, whom: str, links: Mapping[str, str], code: str) -> Content:
    """The invitation itself: the question, why, who is hoped for, how long, what it costs in time, and the way in."""
    blocks: list[Words | Block] = [
        Text("We talk about the future of %(place)s, and you are invited.", {"place": conversation.place_name}),
        quote(conversation.question),
    ]
    if conversation.why:
        blocks.append(Text("Why: %(why)s", {"why": excerpt(conversation.why, WHY_AT_MOST)}))
    blocks += [Text(HOPED_FOR.get(whom, HOPED_FOR["neighbours"])), Text(LASTS[conversation.lasts])]
    return Content.of(*blocks, *ways_in(links, code))


def to_help(conversation: Conversation, group: HelperGroup, links: Mapping[str, str], code: str) -> Content:
    """An invitation into a helper group: what it wants to do, for whom, what it needs, and the way in."""
    blocks: list[Words | Block] = [
        Text("We are doing something in %(place)s, and you can help.", {"place": conversation.place_name}),
        quote(excerpt(group.what, WHY_AT_MOST)),
    ]
    if group.whom:
        blocks.append(Text("We support: %(whom)s", {"whom": excerpt(group.whom, WHY_AT_MOST)}))
    if group.needs:
        blocks.append(Text("We need: %(needs)s", {"needs": excerpt(group.needs, WHY_AT_MOST)}))
    return Content.of(*blocks, Text("You give the time you have, and leave when you like."), *ways_in(links, code))


def short(
    conversation: Conversation, group: HelperGroup | None, links: Mapping[str, str], code: str, private_start: str
) -> Content:
    """An invitation in a group, where a line is enough; the longer one is made in private."""
    place: dict[str, str | int | When | Text] = {"place": conversation.place_name}
    return Content.of(
        Text("Send this to somebody who is missing here:"),
        quote(excerpt(group.what, WHY_AT_MOST) if group else conversation.question),
        Text("We are doing something in %(place)s, and you can help.", place)
        if group
        else Text("We talk about the future of %(place)s, and you are invited.", place),
        *ways_in(links, code),
        choices=((Choice(Text("A longer text and a picture"), start=private_start),),),
    )


def for_a_wall(
    conversation: Conversation, group: HelperGroup | None, whom: str, links: Mapping[str, str], code: str
) -> Page:
    """What stands on a poster: the same as in the text to send on."""
    to_all = to_forward(conversation, whom, links, code) if group is None else to_help(conversation, group, links, code)
    (_kind, invited), *others = ((block.kind, block.words) for block in to_all.blocks)
    ways = len(ways_in(links, code))
    told = [Block(kind, words) for kind, words in others[: len(others) - ways]]
    return Content.of(title(invited), *told, *(small(words) for _kind, words in others[len(others) - ways :]))


def page(conversation: Conversation, group: HelperGroup | None, whom: str, links: Mapping[str, str], code: str) -> Page:
    """The page that an invitation's link opens on the web: the same again, and a button for each network."""
    wall = for_a_wall(conversation, group, whom, links, code)
    there = {channel: link for channel, link in links.items() if link.startswith("http")}
    ways = [
        Choice(Text("Go on in %(network)s", {"network": _named(network_of(channel))}), url=link.partition(" ")[0])
        for channel, link in there.items()
    ]
    said = [block for block in wall.blocks if block.kind != "small"]
    written = [
        small(Text("%(network)s: write there: join %(code)s", {"network": _named(network_of(channel)), "code": code}))
        for channel, link in there.items()
        if code not in link.partition(" ")[0]
    ]
    elsewhere = {channel: link for channel, link in links.items() if channel not in there}
    return Content.of(*said, *written, *map(small, ways_in(elsewhere, code)), choices=column(*ways))


def poster(made: Invitation) -> Content:
    """Go with the poster."""
    return Content.of(
        Text("A poster for the wall: print it, and hang it where people pass by."),
        small(
            Text(
                "It has a link of its own, “%(name)s”: under My links you see how many came by it.", {"name": made.name}
            )
        ),
    )


def ways_in(links: Mapping[str, str], code: str) -> list[Words]:
    """Give a line for each network: where to go, and what to write there if the link does not say it by itself."""
    lines: dict[str, Words] = {}
    for channel, link in links.items():
        network = network_of(channel)
        if network in lines:
            continue
        if network == "console":
            lines[network] = Text("Here in the terminal: %(link)s", {"link": link})
        elif code in link:
            lines[network] = Text("%(network)s: %(link)s", {"network": _named(network), "link": link})
        else:
            lines[network] = Text(
                "%(network)s: %(link)s, and write there: join %(code)s",
                {"network": _named(network), "link": link, "code": code},
            )
    return list(lines.values())


def best_link(links: Mapping[str, str], channel: str) -> tuple[str, str]:
    """Give the link for a picture, and its channel: this one if a phone can open it, else any that it can.

    Where a network's link carries no code, what is to be written there follows after a blank: it is left out.
    """
    opens = [(link.partition(" ")[0], one) for one, link in links.items() if link.startswith("http")]
    return next((found for found in sorted(opens, key=lambda one: one[1] != channel)), (links[channel], channel))


TO_ALL = Text("Whoever points a phone at it comes to a page with a way in for each network.")


def to_one(link: str, channel: str, code: str) -> Text:
    """Say to which network a picture leads, and what to write there if the link does not say it by itself."""
    network = network_of(channel)
    if network not in NETWORKS:
        return Text("It leads here.")
    if code in link:
        return Text("It leads to %(network)s.", {"network": NETWORKS[network]})
    return Text(
        "It leads to %(network)s. There one writes: join %(code)s", {"network": NETWORKS[network], "code": code}
    )


def picture(made: Invitation, link: str, leads: Text, room_code: str) -> Content:
    """The same invitation as a picture that `leads` somewhere, with what else can be done."""
    blocks: list[Block] = [Block("text", Text("And the same as a picture, to show or to print.")), small(leads)]
    if made.limit:
        blocks.append(
            small(Text("%(n)d person can join by it.", {"n": made.limit}, plural="%(n)d people can join by it."))
        )
    if made.expires_at is not None:
        until = When(made.expires_at, "date")
        blocks.append(small(Text("It works until %(date)s, or until you end it.", {"date": until})))
    scope = made.conversation_id
    return Content(
        tuple(blocks),
        choices=column(
            button(Text("Invite somebody else"), "invite", scope),
            button(Text("A poster to print"), "poster", scope, made.group_id, arg=str(FOR_WHOM.index(made.for_whom))),
            Choice(Text("Add me to a group"), start=f"r-{room_code}", group=True),
            button(Text("My links"), "links", scope),
        ),
        attachment=Attachment(
            "picture", "invitation.png", "image/png", qr(link), Text("A QR code that leads to %(link)s", {"link": link})
        ),
    )


def qr(link: str) -> bytes:
    """Draw a link as a QR picture (PNG) of about 500 pixels; a phone reads it where a part is dirty or torn."""
    code = segno.make(link, error="m", micro=False)
    side, _height = code.symbol_size(border=QUIET_ZONE)
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=max(1, round(PICTURE_SIDE / side)), border=QUIET_ZONE)
    return drawn.getvalue()


def my_links(
    conversation: Conversation, links: Sequence[Invitation], total: int, spread: tuple[int, ...] | None
) -> Content:
    """One's links that are open, how many came by each, and a button to end it; for the host, how it has spread."""
    blocks: list[Words | Block] = [title(Text("My links"))]
    if not links:
        blocks.append(Text("You have no open link now."))
    blocks += [
        Text("%(number)d. %(link)s", {"number": number, "link": _line(link)}) for number, link in enumerate(links, 1)
    ]
    if total > len(links):
        more = total - len(links)
        blocks.append(small(Text("And %(n)d older one.", {"n": more}, plural="And %(n)d older ones.")))
    blocks += _spread(spread)
    blocks.append(small(Text("/invite 10 makes a link for ten people. /invite and a word names it, for you alone.")))
    rows: list[Row] = []
    ends = [
        button(Text("End %(number)d", {"number": number}), "endlink", conversation.id, link.id)
        for number, link in enumerate(links, 1)
    ]
    rows += [tuple(ends[start : start + 3]) for start in range(0, len(ends), 3)]
    rows.append((button(Text("Invite somebody else"), "invite", conversation.id),))
    return Content.of(*blocks, choices=tuple(rows))


def _line(link: Invitation) -> Text:
    named = Text("“%(name)s”", {"name": link.name})
    label = named if link.name else Text(LABELS.get(link.for_whom, LABELS["neighbours"]))
    params: dict[str, str | int | When | Text] = {
        "label": label, "date": When(link.created_at, "date"), "n": link.used, "limit": link.limit,
    }  # fmt: skip
    if link.limit:
        return Text("%(label)s, %(date)s: %(n)d of %(limit)d have come", params)
    return Text("%(label)s, %(date)s: %(n)d has come", params, plural="%(label)s, %(date)s: %(n)d have come")


def _spread(counts: tuple[int, ...] | None) -> list[Text]:
    """Tell the host how the invitation has spread, in numbers only."""
    if counts is None:
        return []
    if not counts:
        return [Text("Nobody has come by an invitation yet.")]
    each = ", ".join(str(count) for count in counts[:10]) + (" …" if counts[10:] else "")
    return [
        Text(
            "One person has come by invitation.", {"n": sum(counts)},
            plural="%(n)d people have come by invitation.",
        ),
        Text(
            "%(n)d person has invited others: %(each)s.", {"n": len(counts), "each": each},
            plural="%(n)d people have invited others (how many each: %(each)s).",
        ),
    ]  # fmt: skip


def _named(network: str) -> str:
    return NETWORKS.get(network, network.capitalize())
