"""What moderators and those concerned are told of moderation, each in a message of its own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat.content import Content, Text, When, Words, quote, small
from bot.domain.conversation import Conversation
from bot.domain.moderation import Act, Matter, Subject
from bot.views.common import button, column
from bot.views.ideas import by
from bot.views.moderation import ON_CARD, QUESTION, named, reason, what
from bot.views.words import excerpt, shortened

SOMETHING = Text("something")
OWN: Mapping[Subject, Text] = {
    "idea": Text("your idea"), "need": Text("what you said you need"), "offer": Text("what you offered"),
    "story": Text("your story"), "step": Text("your next step"), "gathering": Text("your gathering"),
    "topic": Text("your topic"), "group": Text("your helper group"),
}  # fmt: skip
"""How whoever is behind it hears of it."""


def something_waits(conversation: Conversation, *, urgent: bool) -> Content:
    """Tell a moderator that something waits."""
    words = Text("Somebody speaks of a threat. Please look now.") if urgent else Text("Something waits for you: /mod")
    return Content.of(
        words,
        small(excerpt(conversation.question, QUESTION)),
        choices=column(button(Text("Look at it"), "mod", conversation.id)),
    )


def message_reported(conversation: Conversation, text: str, author: str, said: Words) -> Content:
    """Show a moderator a message in a group of which somebody says that it is not all right."""
    return Content.of(
        Text("Somebody says that this message in a group is not all right:"),
        quote(shortened(text, ON_CARD)),
        *((by(author),) if author else ()),
        *((Text("Why: %(reason)s", {"reason": said}),) if said else ()),
        small(Text("I cannot remove it. Who runs the group can. It is kept nowhere but in this message.")),
        small(excerpt(conversation.question, QUESTION)),
    )


def ask_again(conversation: Conversation, act: Act, matter: Matter | None, name: str | Text) -> Content:
    """Ask a moderator to look again: at an act that somebody objects to."""
    return Content.of(
        Text("The person concerned asks that another moderator look again at this:"),
        what(act, matter),
        *((quote(shortened(matter.text, ON_CARD)),) if matter is not None else ()),
        small(Text("It was done by %(name)s.", {"name": name})),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(
            button(Text("Undo"), "undo", conversation.id, act.id),
            button(Text("Look at it"), "mod", conversation.id, matter.id) if matter is not None else None,
        ),
    )


def ask_for_eyes(conversation: Conversation, matter: Matter, name: str) -> Content:
    """Ask a moderator, for another one, what they think of something."""
    return Content.of(
        Text("%(name)s asks you to look at this: %(what)s.", {"name": name, "what": named(matter)}),
        small(excerpt(conversation.question, QUESTION)),
        choices=column(button(Text("Look at it"), "mod", conversation.id, matter.id)),
    )


def concerned(conversation: Conversation, act: Act, matter: Matter | None, *, until: When | None = None) -> Content:
    """Tell the person concerned what was done, why, and how to object."""
    place = small(excerpt(conversation.question, QUESTION))
    own = (quote(excerpt(matter.text, 200)),) if matter is not None and matter.text else ()
    yours: dict[str, str | int | When | Text] = {"what": OWN[matter.subject] if matter is not None else SOMETHING}
    why = Text("Why: %(reason)s", {"reason": reason(act.reason)})
    object_ = column(button(Text("Ask another moderator to look"), "ask_other", act.conversation_id, act.id))
    match act.kind:
        case "hide":
            told = Text("A moderator has hidden %(what)s. A person decided that, no machine. Nothing is lost.", yours)
            return Content.of(told, *own, why, place, choices=object_)
        case "mute" if until is not None:
            told = Text(
                "A moderator asks you to pause until %(until)s. You can read and vote meanwhile.", {"until": until}
            )
            return Content.of(told, why, small(Text("A person decided that, no machine.")), place, choices=object_)
        case "restore":
            return Content.of(Text("A moderator shows %(what)s again.", yours), *own, place)
        case "untranslate":
            told = Text("A moderator has hidden your translation of an idea. A person decided that, no machine.")
            return Content.of(told, *own, place, choices=object_)
        case _:
            return Content.of(Text("Your pause is over. You can contribute again."), place)
