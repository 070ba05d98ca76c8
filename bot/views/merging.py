"""Merging as people see it: the question to whoever gave the ideas, what became of it, and who carries it from now."""

from __future__ import annotations

import msgspec

from bot.chat.content import Block, Choice, Content, Text, When, quote, small
from bot.domain.ideas import Idea
from bot.domain.merging import Merge
from bot.domain.moderation import Act, Matter
from bot.views.common import button, column
from bot.views.receipts import see
from bot.views.words import excerpt

QUOTED = 200

OVER = Text("This has been answered already, or it is too late for it.")
NOT_YOURS = Text("Only whoever gave one of the two ideas can answer that.")
SAME = Text("That is the same idea. Choose another one.")
ASKED_ALREADY = Text("That has been proposed already. Whoever gave the two ideas is being asked.")
ALREADY = Text("Somebody has proposed that already, in this way:")
REFUSED = Text("They have been asked, and want these to stay two ideas.")
ENOUGH = Text("Five of your proposals wait for an answer. When one of them is answered, you can make another.")
ONLY_ONE = Text("There is no other idea here yet.")
TOO_LATE = Text("Whoever gave an idea can take it apart for two weeks. Now only a moderator can.")
NOT_MERGED = Text("That idea is not part of another one.")


def part_of(idea: Idea, whole: Idea) -> Text:
    """Say that an idea is part of another one."""
    return Text("Idea %(number)d is part of idea %(whole)d now.", {"number": idea.number, "whole": whole.number})


def proposed(idea: Idea, into: Idea, *, mine: bool) -> Content:
    """Tell whoever proposed it what happens now; `mine`: they gave one of the two."""
    return Content.of(
        Text("Thank you. I ask whoever gave the other idea. If they do not answer within a week, the two stay two.")
        if mine
        else Text("Thank you. I ask whoever gave ideas %(number)d and %(whole)d. Unless all say yes within a week, "
             "they stay two.", _two(idea, into))
    )  # fmt: skip


def not_reached(merge: Merge, idea: Idea, into: Idea, *, decides: bool) -> Content:
    """Tell who proposed it, or a moderator, that somebody who gave one of the ideas cannot be asked."""
    words = (
        Text("Somebody proposes to merge ideas %(number)d and %(whole)d. Whoever gave one of them cannot be asked any "
             "more. A moderator can decide in their place; it can be undone.", _two(idea, into))
        if decides
        else Text("Thank you. Whoever gave one of the ideas %(number)d and %(whole)d cannot be asked any more. So I "
                  "ask a moderator.", _two(idea, into))
    )  # fmt: skip
    decide = button(Text("Decide in their place"), "decide", merge.conversation_id, merge.id)
    return Content.of(words, *(_both(idea, into) if decides else ()), choices=column(decide if decides else None))


def asking(merge: Merge, idea: Idea, into: Idea) -> Content:
    """Let somebody know that there is something to answer."""
    return Content.of(
        Text("Somebody thinks that your idea and another one say the same. Shall they become one?"),
        *_both(idea, into),
        choices=column(button(Text("Look and answer"), "merging", merge.conversation_id, merge.id)),
    )


def question(merge: Merge, idea: Idea, into: Idea) -> Content:
    """Ask whoever gave one of the ideas."""
    scope = merge.conversation_id
    return Content.of(
        Text("Shall idea %(number)d become part of idea %(whole)d?", _two(idea, into)),
        *_both(idea, into),
        Text("The words of idea %(whole)d stand. Those of idea %(number)d can still be read.", _two(idea, into)),
        small(Text("Votes stay with the words that they were given for. Whoever carries idea %(number)d is asked "
                   "whether they carry idea %(whole)d.", _two(idea, into))),
        small(Text("It needs a yes of all who gave them. It can be undone for two weeks.")),
        choices=(
            (
                button(Text("Yes, merge them"), "merging", scope, merge.id, "yes"),
                button(Text("No, keep both"), "merging", scope, merge.id, "no"),
            ),
        ),
    )  # fmt: skip


def proposed_already(merge: Merge, idea: Idea, into: Idea) -> Content:
    """Ask whoever gave one of the ideas and proposes what somebody else has, perhaps with the other's words."""
    asked = question(merge, idea, into)
    return msgspec.structs.replace(asked, blocks=(Block("text", ALREADY), *asked.blocks))


def _both(idea: Idea, into: Idea) -> tuple[Block, Block]:
    """Quote the two ideas."""
    return _quoted(idea), _quoted(into)


def waiting(idea: Idea, into: Idea) -> Content:
    """One said yes; another is still asked."""
    return Content.of(
        Text("Thank you. Ideas %(number)d and %(whole)d become one when whoever gave the other says yes, too.",
             _two(idea, into))
    )  # fmt: skip


def kept(idea: Idea, into: Idea) -> Content:
    """It was a no."""
    return Content.of(Text("Good. Ideas %(number)d and %(whole)d stay two.", _two(idea, into)))


def merged(idea: Idea, into: Idea) -> Content:
    """They are one."""
    return Content.of(
        part_of(idea, into),
        small(Text("It can be undone for two weeks: open idea %(number)d, and then More.", _two(idea, into))),
        choices=column(see(into)),
    )


def stay_two(idea: Idea, into: Idea, *, answered: bool) -> Content:
    """Tell whoever proposed it that they stay two."""
    words = (
        Text("Ideas %(number)d and %(whole)d stay two: somebody who gave one of them wants it so.", _two(idea, into))
        if answered
        else Text("Not everybody has answered whether ideas %(number)d and %(whole)d shall become one. So they "
                  "stay two.", _two(idea, into))
    )  # fmt: skip
    return Content.of(words)


def two_again(idea: Idea, whole: Idea) -> Text:
    """Say that they are two again."""
    return Text("Ideas %(number)d and %(whole)d are two again. All is as it was before.", _two(idea, whole))


def apart(idea: Idea, whole: Idea) -> Content:
    """They are two again."""
    return Content.of(two_again(idea, whole), choices=column(see(idea)))


def for_itself(idea: Idea) -> Text:
    """Tell whoever gave an idea that it stands for itself again."""
    return Text("Your idea %(number)d is no part of another one any more. It stands for itself again.",
                {"number": idea.number})  # fmt: skip


def carry_on(idea: Idea, whole: Idea, *, carried: bool, hand: bool) -> Content:
    """Ask who carried an idea, or had a hand on it, about the one that it is part of now."""
    scope = whole.conversation_id
    choice: Choice = (
        button(Text("I carry idea %(number)d", {"number": whole.number}), "support", scope, whole.id, "carry")
        if carried
        else button(Text("Put a hand on it"), "hand", scope, whole.id)
    )
    return Content.of(
        part_of(idea, whole),
        quote(excerpt(whole.text, QUOTED)),
        *(
            (Text("You carried idea %(number)d. Do you carry this one, too?", {"number": idea.number}),)
            if carried
            else ()
        ),
        *((Text("Your hand on idea %(number)d is free again.", {"number": idea.number}),) if hand else ()),
        choices=column(choice),
    )


DECIDED = frozenset({"merge", "apart", "tags", "untranslate"})


def decided(act: Act, idea: Matter | None) -> Text:
    """Say in a sentence what a moderator decided."""
    number = {"number": idea.number if idea else 0}
    if act.kind == "untranslate":
        return Text("A translation of idea %(number)d is hidden.", {**number})
    if act.kind == "tags":
        return Text("Idea %(number)d got other tags.", {**number})
    if act.kind == "merge":
        return Text("A yes was given for idea %(number)d to be merged, for who could not be asked.", {**number})
    return Text("Idea %(number)d is no part of another one any more.", {**number})


def _two(idea: Idea, into: Idea) -> dict[str, str | int | When | Text]:
    return {"number": idea.number, "whole": into.number}


def _quoted(idea: Idea) -> Block:
    return quote(Text("Idea %(number)d: %(idea)s", {"number": idea.number, "idea": excerpt(idea.text, QUOTED)}))
