"""Weighing: one idea at a time, and never a sum before one's own vote."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.content import Block, Content, Text, Words, quote, small, title
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Vote
from bot.views.common import button, column
from bot.views.ideas import BESIDE, ON_CARD, heading, sums
from bot.views.words import shortened

VALUES = {1: Text("You agree."), -1: Text("You disagree."), 0: Text("You passed.")}


def ballot(
    conversation: Conversation,
    idea: Idea,
    left: int,
    own: Vote | None,
    before: tuple[Idea, Vote] | None,
    *,
    also: Sequence[Block] = (),
) -> Content:
    """One idea to weigh; above it what became of the one before. `also` are its words in the person's language."""
    blocks: list[Words | Block] = []
    if before is not None:
        blocks.append(small(outcome(*before)))
    blocks += [title(heading(idea)), quote(shortened(idea.text, BESIDE if also else ON_CARD)), *also]
    if own is not None:
        blocks += [VALUES[own.value], sums(idea.shown_sums)]
    else:
        blocks.append(Text("%(n)d idea left to weigh.", {"n": left}, plural="%(n)d ideas left to weigh."))
    blocks.append(small(Text("Your vote is secret. %(question)s", {"question": conversation.question})))
    scope, subject = conversation.id, idea.id
    if conversation.closed_at is not None:
        return Content.of(*blocks, choices=column(button(Text("Look at the ideas"), "ideas", scope)))
    return Content.of(
        *blocks,
        choices=(
            (
                button(Text("👍 Agree"), "agree", scope, subject),
                button(Text("👎 Disagree"), "disagree", scope, subject),
                button(Text("🤷 Pass"), "pass", scope, subject),
            ),
            (
                button(Text("🤝 I carry it"), "support", scope, subject),
                button(Text("More"), "more", scope, subject),
            ),
            (button(Text("Give an idea of my own"), "idea", scope),),
        ),
    )


def outcome(idea: Idea, vote: Vote) -> Text:
    """Tell what one's own vote was, and the sums as far as they may be shown."""
    params: dict[str, int | Text | str] = {
        "number": idea.number,
        "own": VALUES[vote.value],
        "sums": sums(idea.shown_sums),
    }
    return Text("Idea %(number)d: %(own)s %(sums)s", {**params})


def pause(conversation: Conversation, before: tuple[Idea, Vote], left: int) -> Content:
    """Five are weighed, and there are more."""
    return Content.of(
        small(outcome(*before)),
        Text(
            "Five weighed, thank you. %(n)d idea is left, for whenever you like.",
            {"n": left},
            plural="Five weighed, thank you. %(n)d ideas are left, for whenever you like.",
        ),
        small(conversation.question),
        choices=column(
            button(Text("Go on weighing"), "vote", conversation.id),
            button(Text("See where we stand"), "map", conversation.id),
            button(Text("Look at the ideas"), "ideas", conversation.id),
        ),
    )


def finished(conversation: Conversation, before: tuple[Idea, Vote] | None, given: int) -> Content:
    """Nothing is left to weigh."""
    blocks: list[Words | Block] = []
    if before is not None:
        blocks.append(small(outcome(*before)))
    if given:
        blocks.append(Text("You have weighed all ideas there are. Thank you."))
        blocks.append(Text("You can change a vote: choose the idea from the list and weigh it again."))
    else:
        blocks.append(Text("There is nothing to weigh yet. Give the first idea."))
    return Content.of(
        *blocks,
        small(conversation.question),
        choices=column(
            button(Text("Put my energy somewhere"), "energy", conversation.id) if given else None,
            button(Text("See where we stand"), "map", conversation.id) if given else None,
            button(Text("Give an idea"), "idea", conversation.id),
            button(Text("Look at the ideas"), "ideas", conversation.id),
            button(Text("Invite others"), "invite", conversation.id),
        ),
    )
