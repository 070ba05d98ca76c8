"""Moderation as moderators see it: what waits, what can be done about it, what was done, and the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from bot.chat.content import Block, Choice, Content, Text, When, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.moderation import Act, Matter, Subject
from bot.flows.moderating import REASON_WORDS
from bot.store.moderation import Reported
from bot.views import hosting, merging, translations
from bot.views.common import button, column
from bot.views.ideas import by
from bot.views.words import excerpt, shortened

ON_CARD = 500
QUESTION = 100
IN_LINE = 40

THANKS = Text("Thank you for saying so. The moderators look at it. They do not see who said it.")
ALREADY = Text("You have said so already. Thank you. The moderators look at it.")
WHICH = Text("What is it about? Reply to its card with /report, or write /report and the number of an idea.")
NO_WORDS_THERE = Text("I cannot see that message. Write /report and, in a few words, what is not all right.")
GONE = Text("That is not here any more.")
HIDDEN_ALREADY = Text("That is hidden already.")
YOURS = Text("That is your own.")
CHANGED = Text("That has changed since. There is nothing to take back.")
TAKEN_BACK = Text("That was taken back already.")
LATER = Text("Something later builds on that. Take the later one back first.")
THEY_DECIDE = Text("Whoever gave the two ideas can be asked, so they decide.")
TWO_NUMBERS = Text("Which two? Write it in this way: /mod merge 3 7 makes idea 3 part of idea 7.")
NOTHING_DONE = Text("You have done nothing here that could be taken back. /mod log shows what others did.")
OWN_CASE = Text("That is about you. Another moderator decides it.")
NOT_THEM = Text("Only a host can pause a moderator. Nobody can pause a host.")
NOT_IN = Text("They are not in this conversation yet. When they have given an idea or written /join, try again.")
REPLY_TO = Text("Reply with this command to a message of the person you mean.")
HOSTS_ONLY = Text("Only a host of this conversation can do that. Write /help to see what you can do.")
IS_HOST = Text("They are a host, and may do all that a moderator may.")
DAYS = Text("A pause lasts 1, 7 or 30 days.")
OBJECTED = Text("I ask another moderator to look again, this evening. If something changes, I tell you.")
SOMEBODY = Text("a moderator who has left")
HOW = Text(
    "You can write: /mod hide 3, /mod restore 3, /mod mute 3 7 (whoever gave idea 3, for 7 days), /mod unmute 3, "
    "/mod log, /mod undo. Of two ideas: /mod merge 3 7 (idea 3 becomes part of idea 7), /mod apart 3. A reason may "
    "follow. In a group, as a reply: /mod add, /mod remove."
)

NOUNS: Mapping[Subject, Text] = {
    "idea": Text("An idea"), "need": Text("A need"), "offer": Text("An offer"), "story": Text("A story"),
    "step": Text("A next step"), "gathering": Text("A gathering"), "topic": Text("A topic"),
    "group": Text("A helper group"),
}  # fmt: skip


def heading(matter: Matter) -> Text:
    """Name something in a word; an idea by its number."""
    return Text("Idea %(number)d", {"number": matter.number}) if matter.subject == "idea" else NOUNS[matter.subject]


def named(matter: Matter | None) -> Text:
    """Name something within a sentence that begins with it: an idea by its number, all else by its words."""
    if matter is None:
        return Text("Something")
    if matter.subject == "idea" or not matter.text:
        return heading(matter)
    return Text("%(noun)s (“%(words)s”)", {"noun": NOUNS[matter.subject], "words": excerpt(matter.text, IN_LINE)})


def take_back(matter: Matter) -> Choice | None:
    """The button by which whoever said something takes it back; None where it has none."""
    if matter.subject == "idea":
        return button(Text("Take the idea back"), "withdraw", matter.conversation_id, matter.id)
    label = Text("Take it back")
    if matter.subject in {"need", "offer"}:
        return button(label, "aid", subject=matter.id, arg="back")
    if matter.subject == "story":
        return button(label, "tale", matter.conversation_id, matter.id, "back")
    return None


def reason(key: str) -> Words:
    """Give a reason in words; one that was written stays as it is."""
    return REASON_WORDS.get(key, key)


def card(
    conversation: Conversation,
    matter: Matter,
    author: str,
    reported: Reported | None,
    waiting: int,
    *,
    others: bool,
    also: Sequence[Block] = (),
) -> Content:
    """One thing to look at: its words, what was said of it, and what can be done.

    `others`: somebody else moderates. `also` are an idea's words in other languages.
    """
    blocks: list[Words | Block] = []
    if waiting:
        blocks.append(title(Text("%(n)d is waiting", {"n": waiting}, plural="%(n)d are waiting")))
    blocks += [heading(matter), quote(shortened(matter.text, ON_CARD)), *also]
    blocks.append(by(author) if author else Text("Given without a name."))
    if matter.hidden:
        blocks.append(Text("It is hidden."))
    if reported is not None:
        blocks.append(Text("%(n)d person says:", {"n": reported.count}, plural="%(n)d people say:"))
        blocks += [_said(key, count) for key, count in reported.reasons]
        if reported.told:
            why: dict[str, str | int | When | Text] = {"reason": reason(reported.told)}
            blocks.append(small(Text("“Hide it” tells whoever said it: %(reason)s.", why)))
    blocks.append(small(excerpt(conversation.question, QUESTION)))
    scope, subject = conversation.id, matter.id
    hide = (
        button(Text("Show it again"), "restore", scope, subject)
        if matter.hidden
        else button(Text("Hide it"), "hide", scope, subject)
    )
    return Content.of(
        *blocks,
        choices=column(
            button(Text("Leave it as it is"), "leave", scope, subject) if reported is not None else None,
            hide,
            button(Text("Ask another moderator"), "ask_other", scope, subject) if others else None,
            button(Text("More"), "mod", scope, subject, arg="more"),
        ),
    )


def _said(key: str, count: int) -> Words:
    words: dict[str, str | int | When | Text] = {"reason": reason(key), "n": count}
    return reason(key) if count == 1 else Text("%(reason)s (%(n)d)", words)


def more(matter: Matter, idea: Idea | None) -> Content:
    """What else a moderator can do about something; `idea` if it is one."""
    scope, subject = matter.conversation_id, matter.id
    return Content.of(
        Text("More about this:"),
        quote(excerpt(matter.text, 80)),
        choices=column(
            button(Text("Hide it for another reason"), "hide", scope, subject, arg="ask") if matter.readable else None,
            button(Text("Give whoever wrote it a pause"), "mute", scope, subject),
            *(_more_of_an_idea(idea) if idea is not None else ()),
            button(Text("What was done before"), "log", scope),
            button(Text("Back to what waits"), "mod", scope),
        ),
    )


def _more_of_an_idea(idea: Idea) -> tuple[Choice | None, ...]:
    scope, subject = idea.conversation_id, idea.id
    return (
        button(Text("Tags"), "tags", scope, subject) if idea.alive else None,
        *(translations.hide(idea, locale) for locale in idea.translated),
        button(Text("Merge it with another"), "merge", scope, subject) if idea.alive else None,
        button(Text("Let it stand alone again"), "apart", scope, subject, "mod") if idea.state == "merged" else None,
    )


def nothing(conversation: Conversation) -> Content:
    """Tell that nothing waits, and what can be typed."""
    return Content.of(
        title(Text("Nothing is waiting")),
        small(excerpt(conversation.question, QUESTION)),
        small(HOW),
        small(Text("Whoever runs a group or room removes messages there as usual. I never do.")),
        choices=column(button(Text("What was done before"), "log", conversation.id)),
    )


def done(act: Act, matter: Matter | None, waiting: int) -> Content:
    """Tell a moderator what was done, and how to take it back."""
    told = act.kind in {"hide", "restore", "mute", "unmute"}
    return Content.of(
        what(act, matter),
        *((Text("The person concerned is told, with the reason."),) if told else ()),
        choices=column(
            button(Text("Undo"), "undo", act.conversation_id, act.id),
            next_one(act.conversation_id, waiting),
        ),
    )


def asked_others(conversation: Conversation, waiting: int, skip: int) -> Content:
    """Tell a moderator that the others are asked."""
    return Content.of(
        Text("I ask the other moderators to look at it, this evening. It waits until somebody decides."),
        choices=column(next_one(conversation.id, waiting, skip)),
    )


def taken_back(act: Act, matter: Matter | None, waiting: int, whom: Words = "") -> Content:
    """Tell a moderator that it is as it was."""
    return Content.of(
        Text("Taken back. It is as it was before."),
        small(Text("What had been done: %(what)s", {"what": what(act, matter, whom)})),
        choices=column(next_one(act.conversation_id, waiting)),
    )


def next_one(conversation_id: UUID, waiting: int, skip: int = 0) -> Choice | None:
    """Give the button that leads to what waits next, if anything does."""
    if not waiting:
        return None
    label = Text("Next (%(n)d is waiting)", {"n": waiting}, plural="Next (%(n)d are waiting)")
    return button(label, "mod", conversation_id, arg=str(skip) if skip else "")


def what(act: Act, matter: Matter | None, whom: Words = "") -> Text:
    """Say in a sentence what an act did; of a host's, `whom` is the name of whom it is about."""
    idea = matter if matter is not None and matter.subject == "idea" else None
    params: dict[str, str | int | When | Text] = {
        "number": idea.number if idea else 0, "what": named(matter), "reason": reason(act.reason),
    }  # fmt: skip
    match act.kind:
        case "hide":
            return Text("%(what)s is hidden. Reason: %(reason)s.", params)
        case "restore":
            return Text("%(what)s is shown again.", params)
        case "leave":
            return Text("%(what)s was left as it is.", params)
        case "mute" if idea is None:
            return Text("Somebody has a pause. %(reason)s.", params)
        case "mute":
            return Text("Whoever gave idea %(number)d has a pause. %(reason)s.", params)
        case "unmute" if idea is None:
            return Text("Somebody may contribute again.", params)
        case "unmute":
            return Text("Whoever gave idea %(number)d may contribute again.", params)
        case _:
            return merging.decided(act, idea) if act.kind in merging.DECIDED else hosting.what(act, whom)


class Line(msgspec.Struct, frozen=True):
    """A line of the log: the act, what it is about, the moderator's name, and of a host's act whom it is about."""

    act: Act
    matter: Matter | None
    name: str | Text
    whom: Words = ""


IN_LOG = 80
"""Characters of a moderator's own words for a reason."""


def log(conversation: Conversation, lines: Sequence[Line], skip: int, page: int) -> Content:
    """What moderators did, the last first; `lines` may hold one more than a page."""
    shown = lines[:page]
    blocks: list[Words | Block] = [title(Text("What was done"))]
    for number, line in enumerate(shown, skip + 1):
        act = msgspec.structs.replace(line.act, reason=excerpt(line.act.reason, IN_LOG))
        params: dict[str, str | int | When | Text] = {
            "number": number, "what": what(act, line.matter, line.whom),
            "when": When(act.created_at), "name": line.name,
        }  # fmt: skip
        if line.act.undone_at is not None:
            blocks.append(Text("%(number)d. %(what)s (%(name)s, %(when)s; taken back)", params))
        else:
            blocks.append(Text("%(number)d. %(what)s (%(name)s, %(when)s)", params))
    if not shown:
        blocks.append(Text("No moderator has had to do anything."))
    blocks.append(small(excerpt(conversation.question, QUESTION)))
    undo = [
        button(Text("Take back %(number)d", {"number": number}), "undo", conversation.id, line.act.id)
        for number, line in enumerate(shown, skip + 1)
        if line.act.undone_at is None and line.act.kind not in {"offer", "host"}
    ]
    older = button(Text("Earlier"), "log", conversation.id, arg=str(skip + page)) if len(lines) > page else None
    return Content.of(*blocks, choices=column(*undo, older))
