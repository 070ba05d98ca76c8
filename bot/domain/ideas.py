"""Ideas, the support that carries them, the hands that help with them, and the votes that weigh them.

Support is open, and so are hands: a hand is a promise to do, not an opinion. Everyone has three, one an idea; a hand on
an idea that is not there any more is free again. A vote is secret: +1 agree, -1 disagree, 0 pass; the last one counts.
Sums are shown from five voters on and renewed in steps of five, so that no single vote can be read off a difference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID
from zlib import crc32

import msgspec

from bot.chat.keys import AccountKey

MAX_IDEA = 4000
EDIT_WITHIN = timedelta(hours=24)
SUM_STEP = 5
TAGS, MAX_TAG = 3, 24
"""So many tags an idea has at most, of so many letters."""
HANDS = 3
"""So many hands everyone has, at any size of conversation."""
ENOUGH_HANDS = 2
"""So many hands on an idea could be a helper group."""

IdeaState = Literal["shown", "hidden", "withdrawn", "merged"]
"""`merged`: part of another idea; its words can be read, and what was said of them stays with them."""


class Sums(msgspec.Struct, frozen=True, array_like=True):
    """How many agree, disagree and pass."""

    agree: int = 0
    disagree: int = 0
    passed: int = 0

    @property
    def voters(self) -> int:
        """How many have voted."""
        return self.agree + self.disagree + self.passed

    def with_vote(self, value: int, count: int = 1) -> Sums:
        """Add `count` votes of this value (negative: take away)."""
        return Sums(
            self.agree + count * (value > 0), self.disagree + count * (value < 0), self.passed + count * (value == 0)
        )


class Idea(msgspec.Struct, frozen=True):
    """One idea. `number` counts within the conversation; `sums` is the truth, `shown_sums` what people may see.

    `turn` says when it comes to be weighed, the smaller the sooner; `extremity` how far it alone moves somebody in the
    last map. `source` is the keyed hash of the message that gave it, so that an edit of that message finds it.
    `merged_into` is the idea that it is part of now, never one that is itself part of another. `translated` are the
    languages into which somebody has put it. `prompt_id` is the question in the groups that it answers (`Occurrence`).
    """

    conversation_id: UUID
    id: UUID
    number: int
    author_id: UUID
    named: bool
    text: str
    created_at: datetime
    state: IdeaState = "shown"
    from_meeting: bool = False
    edited_at: datetime | None = None
    supporters: int = 0
    hands: int = 0
    leads: int = 0
    sums: Sums = Sums()
    shown_sums: Sums = Sums()
    voters: int = 0
    turn: float = 0.0
    extremity: float = 0.0
    source: bytes = b""
    merged_into: UUID | None = None
    tags: tuple[str, ...] = ()
    translated: tuple[str, ...] = ()
    prompt_id: UUID | None = None

    @property
    def alive(self) -> bool:
        """Whether people can see, support and weigh it."""
        return self.state == "shown"

    @property
    def readable(self) -> bool:
        """Whether people can see its words."""
        return self.state in {"shown", "merged"}

    @property
    def mostly_agreed(self) -> bool:
        """Whether more than half agree, as far as that is told."""
        return 2 * self.shown_sums.agree > self.shown_sums.voters

    @property
    def wants_leader(self) -> bool:
        """Whether there are hands for a helper group, and nobody who leads it."""
        return self.alive and self.hands >= ENOUGH_HANDS and not self.leads


class Receipt(msgspec.Struct, frozen=True):
    """Whoever gave an idea was told what became of it: `about` which of the things that may be."""

    conversation_id: UUID
    idea_id: UUID
    about: str
    told_at: datetime


class Translation(msgspec.Struct, frozen=True):
    """An idea in another language, put so by a participant."""

    conversation_id: UUID
    idea_id: UUID
    locale: str
    translator_id: UUID
    text: str
    created_at: datetime
    hidden: bool = False


class ProposalSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a proposal under encryption: the words, who wrote them, and which question they answer."""

    text: str
    author: AccountKey
    prompt_id: UUID | None = None


class Proposal(msgspec.Struct, frozen=True):
    """Somebody thinks that another's message is an idea; it becomes one if its author agrees."""

    conversation_id: UUID
    id: UUID
    created_at: datetime
    secret: ProposalSecret


class Support(msgspec.Struct, frozen=True):
    """One participant carries one idea."""

    conversation_id: UUID
    idea_id: UUID
    participant_id: UUID
    created_at: datetime


class Hand(msgspec.Struct, frozen=True):
    """One participant promises to help with one idea. `place` says which of their hands it is, from 1 to `HANDS`."""

    conversation_id: UUID
    idea_id: UUID
    participant_id: UUID
    place: int
    created_at: datetime


class Vote(msgspec.Struct, frozen=True):
    """One participant's vote on one idea: +1, 0 or -1."""

    conversation_id: UUID
    idea_id: UUID
    participant_id: UUID
    value: int
    created_at: datetime


def tags_of(text: str) -> tuple[str, ...]:
    """Read tags, with commas between: plain small letters, each once, at most so many as an idea may have."""
    words = ("".join(sign if sign.isalnum() or sign == "-" else " " for sign in one) for one in text[:500].split(","))
    plain = (" ".join(unicodedata.normalize("NFC", one).casefold().split())[:MAX_TAG].strip(" -") for one in words)
    return tuple(dict.fromkeys(one for one in plain if any(map(str.isalpha, one))))[:TAGS]


def tag_key(tag: str) -> str:
    """Give a short name for a tag that a button can hold."""
    return f"{crc32(tag.encode()):08x}"


def weigh(idea: Idea, before: Vote | None, value: int) -> Idea:
    """Count a vote, or its change; renew the shown sums when another five have voted."""
    sums = idea.sums.with_vote(before.value, -1) if before else idea.sums
    sums = sums.with_vote(value)
    return msgspec.structs.replace(idea, sums=sums, voters=sums.voters, shown_sums=publishable(sums, idea.shown_sums))


def publishable(sums: Sums, shown: Sums) -> Sums:
    """Give the sums that may be shown: renewed only once at least five more have voted than when last renewed."""
    return sums if sums.voters >= shown.voters + SUM_STEP else shown


def free_place(hands: Iterable[Hand]) -> int | None:
    """Give the first place where somebody has a hand free, None if all are out."""
    taken = {hand.place for hand in hands}
    return next((place for place in range(1, HANDS + 1) if place not in taken), None)


def editable(idea: Idea, now: datetime) -> bool:
    """Whether the author may still change the words: for a day, and until others have carried or weighed it."""
    return idea.alive and now - idea.created_at < EDIT_WITHIN and idea.supporters == 0 and idea.sums.voters == 0
