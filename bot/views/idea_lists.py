"""The lists of ideas: in several orders, by a tag, page by page."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat.content import Block, Choice, Content, Text, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, tag_key
from bot.views.common import button, column
from bot.views.words import excerpt

IN_LIST = 34

ORDERS: dict[str, Text] = {
    "new": Text("Newest"),
    "most": Text("Most carried"),
    "unites": Text("Uniting"),
    "free": Text("Without a leader"),
}


def listed(
    conversation: Conversation,
    found: list[Idea],
    order: str,
    page: int,
    *,
    more_follow: bool,
    tag: str = "",
    tags: bool = False,
) -> Content:
    """A page of the ideas, each a button; and the other orders. `tag`: only of these; `tags`: there are some."""
    key = f".{tag_key(tag)}" if tag else ""
    if not found and page == 0 and not tag and (order not in NONE_YET or not conversation.ideas):
        return Content.of(
            Text("There is no idea here yet."),
            small(conversation.question),
            choices=column(button(Text("Give an idea"), "idea", conversation.id)),
        )
    rows: list[tuple[Choice, ...]] = [(_in_list(idea),) for idea in found]
    if more_follow:
        rows.append((button(Text("More ideas"), "filter", conversation.id, arg=f"{order}{page + 1}{key}"),))
    others = [
        button(label, "filter", conversation.id, arg=f"{name}0{key}") for name, label in ORDERS.items() if name != order
    ]
    if tag:
        others.append(button(Text("All ideas"), "filter", conversation.id, arg=f"{order}0"))
    elif tags:
        others.append(button(Text("By a tag"), "filter", conversation.id, arg="tags"))
    rows += [tuple(others[place : place + 2]) for place in range(0, len(others), 2)]
    blocks: list[Words | Block] = [title(ORDERS[order])]
    if tag:
        blocks.append(Text("With the tag “%(tag)s”.", {"tag": tag}))
    if not found:
        blocks.append(NONE_YET.get(order, LAST) if page == 0 else LAST)
    return Content.of(*blocks, small(conversation.question), choices=tuple(rows))


LAST = Text("Those were all.")
NONE_YET = {
    "unites": Text("What unites us shows here. So far there is nothing."),
    "free": Text("No idea waits for somebody to lead it now."),
}
IN_TAGS = 12


def tag_rows(conversation: Conversation, known: Mapping[str, int]) -> tuple[tuple[Choice, ...], ...]:
    """The tags, each a button."""
    return column(
        *(
            button(f"{tag} ({count})", "filter", conversation.id, arg=f"new0.{tag_key(tag)}")
            for tag, count in list(known.items())[:IN_TAGS]
        )
    )


def tag_list(conversation: Conversation, known: Mapping[str, int]) -> Content:
    """Choose a tag."""
    return Content.of(
        title(Text("Tags")),
        *((Text("No idea has a tag yet."),) if not known else ()),
        small(conversation.question),
        choices=(*tag_rows(conversation, known), *way_to_all(conversation)),
    )


def way_to_all(conversation: Conversation) -> tuple[tuple[Choice, ...], ...]:
    """The button that lists the ideas."""
    return column(button(Text("All ideas"), "ideas", conversation.id))


def _in_list(idea: Idea) -> Choice:
    label = Text("%(number)d. %(idea)s", {"number": idea.number, "idea": excerpt(idea.text, IN_LIST)})
    return button(label, "show", idea.conversation_id, idea.id)
