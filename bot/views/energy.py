"""Energy as people see it: where hands are, whose they are, and who could take the lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from bot.chat.content import Block, Choice, Content, Text, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.i18n import enumerate_words
from bot.views.common import button, column
from bot.views.words import excerpt

BACK = "back"
"""The argument of the button that takes a hand back."""
IN_TEXT, IN_LIST, NAME, NAMED = 70, 30, 30, 4

HOW = Text("Put a hand on what you want to help with. You have three. All may see whose they are.")
ALL_OUT = Text("All your three hands are out. We choose in private which one moves.")

Names = Mapping[UUID, Sequence[str]]


def mine(
    conversation: Conversation, found: Sequence[Idea], on: Sequence[Idea], names: Names, locale: str, follows: int,
    said: Text | None = None,
) -> Content:  # fmt: skip
    """What one person sees: where hands are, their own, and the ideas to put one on. `follows`: where the rest begins.

    `on` are the ideas with this person's hands; `said` is what became of their last press.
    """
    told: tuple[Words | Block, ...] = (said,) if said is not None else ()
    if not found and not on:
        return Content.of(*told, *_nothing(conversation), choices=_give(conversation))
    own = {idea.id for idea in on}
    return Content.of(
        *told,
        title(Text("Where do you put your energy?")),
        HOW,
        *_where(found, names, locale),
        *((_own(on, locale),) if on else ()),
        small(conversation.question),
        choices=column(
            *(lead(idea) for idea in on if idea.wants_leader),
            *(_take_back(idea) for idea in on),
            *(_put_on(idea) for idea in found if idea.id not in own),
            _more(conversation, follows),
        ),
    )


def ours(conversation: Conversation, found: Sequence[Idea], names: Names, locale: str, follows: int) -> Content:
    """What a group sees: where hands are, and the ideas to put one on."""
    if not found:
        return Content.of(*_nothing(conversation), choices=_give(conversation))
    return Content.of(
        title(Text("Where do we put our energy?")),
        HOW,
        *_where(found, names, locale),
        small(conversation.question),
        choices=column(
            *(_put_on(idea) for idea in found),
            *(lead(idea) for idea in found if idea.wants_leader),
            _more(conversation, follows),
        ),
    )


def _nothing(conversation: Conversation) -> tuple[Words | Block, ...]:
    return Text("There is no idea here yet. When there is, everyone has three hands to help."), small(
        conversation.question
    )


def _give(conversation: Conversation) -> tuple[tuple[Choice, ...], ...]:
    return column(button(Text("Give an idea"), "idea", conversation.id))


def _where(found: Sequence[Idea], names: Names, locale: str) -> list[Words | Block]:
    """Name the ideas on which hands are, each with whose."""
    blocks: list[Words | Block] = []
    for idea in found:
        if idea.hands:
            blocks.append(Text("%(number)d. %(idea)s", {"number": idea.number, "idea": excerpt(idea.text, IN_TEXT)}))
            blocks.append(small(hands(idea, names.get(idea.id, ()), locale)))
    return blocks or [Text("No hand is out yet. Somebody will be the first.")]


def hands(idea: Idea, names: Sequence[str], locale: str) -> Text:
    """Say how many hands are on an idea, and whose, as far as they show a name."""
    known = [excerpt(name, NAME) for name in names if name][:NAMED]
    if not known:
        return Text("%(n)d hand to help.", {"n": idea.hands}, plural="%(n)d hands to help.")
    params: dict[str, str | int] = {"n": idea.hands, "names": enumerate_words(known, locale)}
    if len(known) < idea.hands:
        return Text("%(n)d hands to help: %(names)s, and others.", {**params})
    return Text("%(n)d hand to help: %(names)s.", {**params}, plural="%(n)d hands to help: %(names)s.")


def _own(on: Sequence[Idea], locale: str) -> Text:
    listed = enumerate_words([str(idea.number) for idea in on], locale)
    return Text("Your hand is on idea %(ideas)s.", {"n": len(on), "ideas": listed},
                plural="Your hands are on ideas %(ideas)s.")  # fmt: skip


def _put_on(idea: Idea) -> Choice:
    return button(_short(idea), "hand", idea.conversation_id, idea.id)


def _short(idea: Idea) -> Text:
    return Text("%(number)d. %(idea)s", {"number": idea.number, "idea": excerpt(idea.text, IN_LIST)})


def _take_back(idea: Idea) -> Choice:
    label = Text("Take my hand back from idea %(number)d", {"number": idea.number})
    return button(label, "hand", idea.conversation_id, idea.id, BACK)


def lead(idea: Idea) -> Choice:
    """Offer to take the lead for an idea on which hands are."""
    return button(
        Text("Take the lead for idea %(number)d", {"number": idea.number}), "lead", idea.conversation_id, idea.id
    )


def _more(conversation: Conversation, follows: int) -> Choice | None:
    return button(Text("More ideas"), "energy", conversation.id, arg=str(follows), aside=True) if follows else None


def which(conversation: Conversation, idea: Idea, on: Sequence[Idea]) -> Content:
    """Ask which of three hands moves to an idea."""
    return Content.of(
        Text("All your three hands are out. Which one moves to idea %(number)d: “%(idea)s”?",
             {"number": idea.number, "idea": excerpt(idea.text, IN_TEXT)}),
        choices=column(
            *(
                button(_short(of), "hand", conversation.id, idea.id, str(of.number))
                for of in on
            ),
            button(Text("Leave them as they are"), "energy", conversation.id),
        ),
    )  # fmt: skip


def put(idea: Idea, left: int) -> Text:
    """Tell that a hand is there."""
    if left == 0:
        return Text("Your hand is on idea %(number)d. That was your third. They can be moved.", {"number": idea.number})
    return Text(
        "Your hand is on idea %(number)d. You have %(n)d more.",
        {"number": idea.number, "n": left},
        plural="Your hand is on idea %(number)d. You have %(n)d more.",
    )


def moved(before: Idea, idea: Idea) -> Text:
    """Tell that a hand has moved."""
    return Text(
        "Your hand has moved from idea %(before)d to idea %(number)d.",
        {"before": before.number, "number": idea.number},
    )


def there_already(idea: Idea) -> Text:
    """Tell that the hand is there."""
    return Text("Your hand is on idea %(number)d already.", {"number": idea.number})


def back(idea: Idea) -> Text:
    """Tell that a hand is free again."""
    return Text("Your hand is back from idea %(number)d.", {"number": idea.number})


def not_there(idea: Idea) -> Text:
    """Tell that there is no hand to take back."""
    return Text("Your hand is not on idea %(number)d.", {"number": idea.number})


def and_the_lead(words: Text) -> Text:
    """Add that somebody could take the lead."""
    return Text("%(said)s There are hands enough to begin, and nobody leads yet. Will you?", {"said": words})
