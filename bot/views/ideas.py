"""Ideas as people see them: the card, the whole text, the questions around giving one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.chat.content import Action, Block, Choice, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Proposal, Sums
from bot.views.common import button, column, not_all_right
from bot.views.merging import part_of
from bot.views.receipts import see
from bot.views.translations import take_back
from bot.views.words import excerpt, shortened

ON_CARD = 700
BESIDE = 400
"""So much of an idea is seen on its card, and where it stands in two languages."""
PAGE = 3000
PARTS = 4
"""So many ideas that became part of another one are led to."""

OPENLY = Text(
    "All here see 🤝 and ✋. What you think of it stays secret: answer with /vote, and I write to you in private."
)


def heading(idea: Idea) -> Text:
    """Name an idea by its number."""
    return Text("Idea %(number)d", {"number": idea.number})


def by(author: str, hats: Words = "") -> Text:
    """Say who gave an idea."""
    return (
        Text("From %(name)s (%(hats)s)", {"name": author, "hats": hats})
        if hats
        else Text("From %(name)s", {"name": author})
    )


def carried(idea: Idea) -> Text:
    """Say how many carry an idea."""
    if idea.supporters == 0:
        return Text("Nobody carries it yet.")
    return Text("%(n)d carries it.", {"n": idea.supporters}, plural="%(n)d carry it.")


def weighed(idea: Idea) -> Text:
    """Say how many have weighed an idea; never how."""
    if idea.voters == 0:
        return Text("Nobody has weighed it yet.")
    return Text("%(n)d has weighed it.", {"n": idea.voters}, plural="%(n)d have weighed it.")


def sums(shown: Sums) -> Text:
    """Say how people weighed: only sums that may be shown."""
    if shown.voters == 0:
        return Text("The sums show when five have weighed it.")
    return Text(
        "When %(voters)d had weighed it: %(agree)d agreed, %(disagree)d disagreed, %(passed)d passed.",
        {"voters": shown.voters, "agree": shown.agree, "disagree": shown.disagree, "passed": shown.passed},
    )


def card(
    idea: Idea,
    conversation: Conversation,
    author: str,
    hats: Words,
    *,
    private: bool,
    hands: Words = "",
    whole: Idea | None = None,
    also: Sequence[Block] = (),
) -> Content:
    """An idea as a card: its words, who gave it, what is open (also whose `hands` are on it), three things to do.

    `whole` is the idea that it is part of now; `also` are its words in the language of the room.
    """
    if idea.state == "hidden":
        return Content.of(title(heading(idea)), Text("A moderator has hidden this idea."))
    if idea.state == "withdrawn":
        return Content.of(title(heading(idea)), Text("This idea was taken back by whoever gave it."))
    blocks: list[Words | Block] = [
        title(heading(idea)),
        quote(shortened(idea.text, BESIDE if also else ON_CARD)),
        *also,
    ]
    if author:
        blocks.append(by(author, hats))
    if idea.from_meeting:
        blocks.append(Text("From the meeting."))
    if idea.state == "merged" and whole is not None:
        blocks += [part_of(idea, whole), small(Text("Who carried it and weighed it did so with these words."))]
        return Content.of(
            *blocks, choices=((see(whole), button(Text("More"), "more", idea.conversation_id, idea.id, aside=True)),)
        )
    blocks.append(carried(idea))
    if hands:
        blocks.append(hands)
    blocks.append(weighed(idea))
    if idea.tags:
        blocks.append(small(" · ".join(idea.tags)))
    if idea.leads:
        blocks.append(
            Text("%(n)d helper group has formed.", {"n": idea.leads}, plural="%(n)d helper groups have formed.")
        )
    if private:
        blocks.append(small(conversation.question))
    return msgspec.structs.replace(Content.of(*blocks, choices=card_choices(idea, private=private)), openly=OPENLY)


def card_choices(idea: Idea, *, private: bool = False) -> tuple[tuple[Choice, ...], ...]:
    """The three buttons of a card, and more."""
    weigh = Text("Weigh it") if private else Text("Weigh it in private")
    return (
        (
            button(Text("🤝 I carry it (%(n)d)", {"n": idea.supporters}), "support", idea.conversation_id, idea.id),
            button(Text("✋ I take the lead"), "lead", idea.conversation_id, idea.id),
        ),
        (
            button(weigh, "ballot", idea.conversation_id, idea.id, aside=True),
            button(Text("More"), "more", idea.conversation_id, idea.id, aside=True),
        ),
    )


def more(
    idea: Idea,
    *,
    mine: bool,
    editable: bool,
    hand: bool = False,
    apart: bool = False,
    parts: Sequence[Idea] = (),
    translated: Sequence[str] = (),
) -> Content:
    """What else can be done with an idea.

    `hand`: a hand of this person is on it. `apart`: they may take it out of the idea that it is part of. `parts` are
    the ideas that are part of it. `translated`: into these languages, by somebody whose translation they may take back.
    """
    long = len(idea.text) > ON_CARD or bool(idea.translated)
    if idea.state == "merged":
        return Content.of(
            Text("More about idea %(number)d: “%(idea)s”", {"number": idea.number, "idea": excerpt(idea.text, 80)}),
            choices=column(
                button(Text("Read all of it"), "read", idea.conversation_id, idea.id) if long else None,
                button(Text("Let it stand alone again"), "apart", idea.conversation_id, idea.id) if apart else None,
                button(Text("Take the idea back"), "withdraw", idea.conversation_id, idea.id) if mine else None,
                not_all_right(idea.conversation_id, idea.id) if not mine else None,
            ),
        )
    return Content.of(
        Text("More about idea %(number)d: “%(idea)s”", {"number": idea.number, "idea": excerpt(idea.text, 80)}),
        *((Text("Other ideas have become part of it."),) if parts else ()),
        choices=column(
            button(Text("Read all of it"), "read", idea.conversation_id, idea.id) if long else None,
            button(Text("Take my hand back"), "hand", idea.conversation_id, idea.id, "back")
            if hand
            else button(Text("Put a hand on it"), "hand", idea.conversation_id, idea.id),
            button(Text("Change the words"), "edit", idea.conversation_id, idea.id) if mine and editable else None,
            button(Text("Tags"), "tags", idea.conversation_id, idea.id) if mine else None,
            button(Text("Merge it with another"), "merge", idea.conversation_id, idea.id),
            button(Text("Translate it"), "translate", idea.conversation_id, idea.id),
            *(take_back(idea, locale) for locale in translated),
            *(see(part) for part in parts[:PARTS]),
            button(Text("Take the idea back"), "withdraw", idea.conversation_id, idea.id) if mine else None,
            not_all_right(idea.conversation_id, idea.id) if not mine else None,
        ),
    )


def whole(idea: Idea) -> list[Content]:
    """All words of an idea, in as many messages as they need."""
    parts = [idea.text[start : start + PAGE] for start in range(0, len(idea.text), PAGE)]
    return [Content.of(title(heading(idea)), quote(part)) for part in parts]


def thanks(idea: Idea, conversation: Conversation) -> Content:
    """Tell somebody in a group that the idea is taken down."""
    return Content.of(
        Text("Thank you. This is idea %(number)d in “%(question)s”.",
             {"number": idea.number, "question": excerpt(conversation.question, 80)}),
    )  # fmt: skip


def given(count: int, conversation: Conversation) -> Content:
    """Tell somebody in private that ideas are given, and what comes next."""
    return Content.of(
        Text("Thank you. Your idea is given to the conversation.", {"n": count},
             plural="Thank you. Your %(n)d ideas are given to the conversation."),
        small(conversation.question),
        choices=column(
            button(Text("Weigh the ideas"), "vote", conversation.id),
            button(Text("Give another idea"), "idea", conversation.id),
            button(Text("Invite others"), "invite", conversation.id),
        ),
    )  # fmt: skip


def asked_tomorrow() -> Content:
    """Tell somebody who sleeps on an idea that they are asked again."""
    return Content.of(Text("Sleep well. I keep it, and ask you tomorrow morning. With /idea you go on before that."))


def slept_on(words: list[str]) -> Content:
    """Ask again about what somebody has slept on."""
    return Content.of(
        Text("Good morning. You wanted to sleep on this. Shall I give it as an idea?"),
        *(quote(excerpt(one, 200)) for one in words[:3] if one),
        choices=column(Choice(Text("Go on with it"), Action("resume"))),
    )


def proposed(proposal: Proposal, proposer: str) -> Content:
    """Ask an author whether their message may become an idea."""
    return Content.of(
        Text("%(name)s thinks that this is an idea for the conversation:", {"name": proposer}),
        quote(shortened(proposal.secret.text, ON_CARD)),
        Text("You wrote it. May it be an idea, with your name?"),
        choices=(
            (
                button(Text("Yes, give it"), "author_yes", proposal.conversation_id, proposal.id),
                button(Text("No"), "author_no", proposal.conversation_id, proposal.id),
            ),
        ),
    )


def withdraw_sure(idea: Idea) -> Content:
    """Ask before an idea is taken back."""
    return Content.of(
        Text("Take back idea %(number)d? Its card will say so. The support it has goes too.", {"number": idea.number}),
        choices=(
            (
                button(Text("Yes, take it back"), "withdraw", idea.conversation_id, idea.id, arg="yes"),
                button(Text("No, leave it"), "withdraw", idea.conversation_id, idea.id, arg="no"),
            ),
        ),
    )
