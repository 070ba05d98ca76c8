"""The harvest in short, as a message; what each of its files is for."""

from __future__ import annotations

import msgspec

from bot.chat.content import N_, Attachment, Block, Choice, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.store.harvest import Harvest, HarvestIdea
from bot.views.common import button, column
from bot.views.words import excerpt

QUESTION = 300
NAMED = 3
IN_LIST = 90
OPEN = "open"

USES = {
    "text/html": N_("The harvest as a page: open it in a browser, print it, send it on."),
    "text/markdown": N_("The same as text, to edit or to put on a page of your own (Markdown)."),
    "application/zip": N_("The ideas and their sums as tables (CSV)."),
    "application/json": N_("The same for other programs (JSON)."),
}


def anything(harvest: Harvest) -> bool:
    """Whether there is something to harvest."""
    return bool(harvest.ideas or harvest.groups)


def in_private(conversation: Conversation, harvest: Harvest, page: bool | None) -> Content:  # noqa: FBT001 (a state)
    """Tell the harvest in short; its files follow. `page`: whether it is on the web, for who may change that."""
    if not anything(harvest):
        give = button(Text("Give an idea"), "idea", conversation.id)
        return Content.of(*_in_short(conversation, harvest), choices=() if harvest.ended else column(give))
    follow = small(Text("All of it follows as files: for you to read, print and send on."))
    ways = () if page is None else column(_close(conversation) if page else _open(conversation))
    return Content.of(*_in_short(conversation, harvest), follow, choices=ways)


def page_open(conversation: Conversation, link: str) -> Content:
    """Give the link to the harvest on the web."""
    return Content.of(
        Text("The harvest is on the web now. Whoever has this link can read it there, also without being in it:"),
        link,
        Text("It names nobody but those who hold a helper group together."),
        small(Text("It goes along with the conversation. Keep the link: I do not know it afterwards.")),
        choices=column(_close(conversation)),
    )


def page_closed(conversation: Conversation) -> Content:
    """Say that the harvest is on the web no more."""
    return Content.of(
        Text("The page is closed. Its link leads nowhere, in a minute at the latest."),
        choices=column(_open(conversation)),
    )


def _open(conversation: Conversation) -> Choice:
    return button(Text("Show it on the web"), "page", conversation.id, arg=OPEN)


def _close(conversation: Conversation) -> Choice:
    return button(Text("Close the page on the web"), "page", conversation.id, arg="close")


def in_group(conversation: Conversation, harvest: Harvest, private_start: str) -> Content:
    """Tell the harvest in short where everybody sees it, with the way to its files."""
    way = Choice(Text("Get all of it in private"), start=private_start)
    return Content.of(*_in_short(conversation, harvest), choices=((way,),) if anything(harvest) else ())


def file(one: Attachment) -> Content:
    """One of the files, with what it is for."""
    use = Text(USES[one.mime])
    return Content(Content.of(use).blocks, attachment=msgspec.structs.replace(one, alt=use))


def _in_short(conversation: Conversation, harvest: Harvest) -> list[Words | Block]:
    blocks: list[Words | Block] = [
        title(Text("The harvest so far")),
        quote(excerpt(conversation.question, QUESTION)),
    ]
    if not anything(harvest):
        return [*blocks, Text("There is nothing to harvest yet. It grows with each idea.")]
    if harvest.people:
        people = {"n": harvest.people}
        blocks.append(Text("%(n)d person took part.", {**people}, plural="%(n)d people took part."))
    ideas, groups = len(harvest.ideas), len(harvest.groups)
    if ideas:
        blocks.append(Text("%(n)d idea so far.", {"n": ideas}, plural="%(n)d ideas so far."))
    blocks += map(_line, harvest.ideas[:NAMED])
    if groups:
        blocks.append(Text("%(n)d helper group has formed.", {"n": groups}, plural="%(n)d helper groups have formed."))
    blocks += [Text("They want: %(what)s", {"what": excerpt(group.what, IN_LIST)}) for group in harvest.groups[:NAMED]]
    return blocks


def _line(idea: HarvestIdea) -> Text:
    line: dict[str, str | int] = {"number": idea.number, "idea": excerpt(idea.text, IN_LIST), "n": idea.supporters}
    if idea.supporters:
        return Text("%(number)d. %(idea)s (%(n)d carries it)", {**line}, plural="%(number)d. %(idea)s (%(n)d carry it)")
    if idea.weighed is not None:
        line |= {"agree": idea.weighed.agree, "voters": idea.weighed.voters}
        return Text("%(number)d. %(idea)s (%(agree)d of %(voters)d agree)", {**line})
    return Text("%(number)d. %(idea)s", {**line})
