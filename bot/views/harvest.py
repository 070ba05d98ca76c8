"""The harvest in short, as a message; what each of its files is for."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat.content import N_, Block, Choice, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.store.short_harvest import ShortHarvest, ShortIdea
from bot.views.common import button, column
from bot.views.words import excerpt

QUESTION = 300
IN_LIST = 90
OPEN = "open"

USES = {
    "html": N_("The harvest as a page: open it in a browser, print it, send it on."),
    "md": N_("The same as text, to edit or to put on a page of your own (Markdown)."),
    "csv": N_("The ideas and their sums as tables (CSV)."),
    "json": N_("The same for other programs (JSON)."),
    "pdf": N_("The harvest as a PDF, to print or to keep."),
    "sheet-pdf": N_("The harvest on one page: print it and hang it up, or take it along to your next meeting."),
}
"""What each form is for."""
PRINTED = {"sheet-pdf": N_("One page to print"), "pdf": N_("As a PDF")}
"""The forms that are printed, which takes a while, and what the button says."""
OTHERS = {"md": N_("As text"), "csv": N_("As tables"), "json": N_("For other programs")}
"""The forms for who wants to go on working with it."""
MORE = "more"


def in_private(conversation: Conversation, harvest: ShortHarvest, page: bool | None) -> Content:  # noqa: FBT001 (a state)
    """Tell the harvest in short; its page follows. `page`: whether it is on the web, for who may change that."""
    if not harvest.anything:
        give = button(Text("Give an idea"), "idea", conversation.id)
        ended = conversation.closed_at is not None
        return Content.of(*_in_short(conversation, harvest), choices=() if ended else column(give))
    follow = small(Text("All of it follows as a page: for you to read, print and send on."))
    ways = [*_forms(conversation, PRINTED), button(Text("Other forms"), "take", conversation.id, arg=MORE)]
    if page is not None:
        ways.append(_close(conversation) if page else _open(conversation))
    return Content.of(*_in_short(conversation, harvest), follow, choices=column(*ways))


def more(conversation: Conversation) -> Content:
    """Offer the other forms."""
    return Content.of(
        Text("The harvest also comes as text (Markdown), as tables (CSV), and for other programs (JSON)."),
        choices=column(*_forms(conversation, OTHERS)),
    )


def coming() -> Content:
    """Say that a file is being made."""
    return Content.of(Text("I am making it. It takes a moment."))


def page_open(conversation: Conversation, link: str) -> Content:
    """Give the link to the harvest on the web."""
    return Content.of(
        Text("The harvest is on the web now. Whoever has this link can read it there, also without being in it:"),
        link,
        Text("It names nobody but those who hold a helper group together, and those who told a story with their name."),
        small(Text("It goes along with the conversation. Keep the link: I do not know it afterwards.")),
        choices=column(_close(conversation)),
    )


def page_closed(conversation: Conversation) -> Content:
    """Say that the harvest is on the web no more."""
    return Content.of(
        Text("The page is closed. Its link leads nowhere, in a minute at the latest."),
        choices=column(_open(conversation)),
    )


def _forms(conversation: Conversation, forms: Mapping[str, str]) -> list[Choice]:
    return [button(Text(label), "take", conversation.id, arg=form) for form, label in forms.items()]


def _open(conversation: Conversation) -> Choice:
    return button(Text("Show it on the web"), "page", conversation.id, arg=OPEN)


def _close(conversation: Conversation) -> Choice:
    return button(Text("Close the page on the web"), "page", conversation.id, arg="close")


def in_group(conversation: Conversation, harvest: ShortHarvest, private_start: str) -> Content:
    """Tell the harvest in short where everybody sees it, with the way to its files."""
    way = Choice(Text("Get all of it in private"), start=private_start)
    return Content.of(*_in_short(conversation, harvest), choices=((way,),) if harvest.anything else ())


def file(use: Text) -> Content:
    """What one of the files is for; the file goes with it."""
    return Content.of(use)


def _in_short(conversation: Conversation, harvest: ShortHarvest) -> list[Words | Block]:
    blocks: list[Words | Block] = [
        title(Text("The harvest so far")),
        quote(excerpt(conversation.question, QUESTION)),
    ]
    if not harvest.anything:
        return [*blocks, Text("There is nothing to harvest yet. It grows with each idea.")]
    if harvest.people:
        people = {"n": harvest.people}
        blocks.append(Text("%(n)d person took part.", {**people}, plural="%(n)d people took part."))
    if harvest.ideas:
        blocks.append(Text("%(n)d idea so far.", {"n": harvest.ideas}, plural="%(n)d ideas so far."))
    blocks += map(_line, harvest.first_ideas)
    blocks += [Text("This unites us: %(idea)s", {"idea": excerpt(idea, IN_LIST)}) for idea in harvest.unites]
    if harvest.hands:
        idea, hands = harvest.hands
        helped: dict[str, str | int] = {"idea": excerpt(idea, IN_LIST), "n": hands}
        blocks.append(
            Text(
                "Most hands: %(idea)s (%(n)d hand to help)", {**helped},
                plural="Most hands: %(idea)s (%(n)d hands to help)",
            )
        )  # fmt: skip
    if harvest.groups:
        formed = {"n": harvest.groups}
        blocks.append(Text("%(n)d helper group has formed.", {**formed}, plural="%(n)d helper groups have formed."))
    blocks += [Text("They want: %(what)s", {"what": excerpt(what, IN_LIST)}) for what in harvest.first_groups]
    return [*blocks, *_counted(harvest)]


def _counted(harvest: ShortHarvest) -> list[Words]:
    """Say how much of the rest there is."""
    lines = (
        (harvest.needs, Text("%(n)d need waits for help.", {"n": harvest.needs}, plural="%(n)d needs wait for help.")),
        (harvest.gatherings, Text("We have met once.", {"n": harvest.gatherings}, plural="We have met %(n)d times.")),
        (harvest.stories, Text("%(n)d story tells what came of it.", {"n": harvest.stories},
                               plural="%(n)d stories tell what came of it.")),
    )  # fmt: skip
    return [words for n, words in lines if n]


def _line(idea: ShortIdea) -> Text:
    line: dict[str, str | int] = {"number": idea.number, "idea": excerpt(idea.text, IN_LIST), "n": idea.supporters}
    if idea.supporters:
        return Text("%(number)d. %(idea)s (%(n)d carries it)", {**line}, plural="%(number)d. %(idea)s (%(n)d carry it)")
    if idea.weighed is not None:
        line |= {"agree": idea.weighed.agree, "voters": idea.weighed.voters}
        return Text("%(number)d. %(idea)s (%(agree)d of %(voters)d agree)", {**line})
    return Text("%(number)d. %(idea)s", {**line})
