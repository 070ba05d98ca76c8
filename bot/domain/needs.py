"""Needs and offers: “I need support with …”, “I can help with …”, and the two brought together.

One belongs to a conversation, and then to a participant of it; or to none, and then to a person and a place. Who that
is, and the words, are sealed. A need and an offer that are alike are *matched* once; both sides are asked, with the
words alone. Only when both have said yes do they learn each other's names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

HelpKind = Literal["need", "offer"]
HelpState = Literal["open", "resting", "met", "withdrawn", "hidden"]
"""`resting`: nobody came in a month. `hidden`: a moderator found the words not all right; where none is, three people.
"""

MAX_HELP = 1000
MAX_WAY = 200
MATCHES = 3
"""So many are shown at once, the likeliest first."""
AGAIN = (timedelta(days=3), timedelta(days=10), timedelta(days=30))
"""So long after a need was said it is shown again, if nobody has come. After the last time it rests."""
ENOUGH_REPORTS = 3
"""So many people who find words not all right hide them, until who wrote them has changed them."""
ENOUGH_HELPERS = 2
"""So many helpers are asked who holds it together."""

YES, NO = 1, -1
"""What one side of a match said; 0 is nothing yet."""


class HelpSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept under encryption: the words, and whose they are where they belong to no conversation."""

    text: str
    person_id: UUID | None = None


class Help(msgspec.Struct, frozen=True):
    """Help that somebody needs, or offers.

    `owner` is the keyed hash of the person it belongs to, empty in a conversation: there it is the author's. `shared`:
    all in the conversation may read it. `listens`: it is an offer to listen, too. `shown` counts how often it was shown
    again. `group_id` is the helper group that came of it, in the conversation `group_in`.
    """

    id: UUID
    kind: HelpKind
    place_key: str
    place_name: str
    created_at: datetime
    secret: HelpSecret
    conversation_id: UUID | None = None
    author_id: UUID | None = None
    owner: bytes = b""
    state: HelpState = "open"
    shared: bool = False
    listens: bool = False
    shown: int = 0
    group_in: UUID | None = None
    group_id: UUID | None = None

    @property
    def text(self) -> str:
        """The words."""
        return self.secret.text

    @property
    def alive(self) -> bool:
        """Whether somebody may still answer to it."""
        return self.state in {"open", "resting"}

    @property
    def judged(self) -> bool:
        """Whether a moderator has hidden it, so that other words do not bring it back."""
        return self.state == "hidden" and self.conversation_id is not None


class MatchSecret(msgspec.Struct, frozen=True, array_like=True):
    """How either may be reached by the other, once both have said yes."""

    need_way: str = ""
    offer_way: str = ""


class Match(msgspec.Struct, frozen=True):
    """A need and an offer that may suit each other: one for each pair, ever."""

    id: UUID
    need_id: UUID
    offer_id: UUID
    created_at: datetime
    need_says: int = 0
    offer_says: int = 0
    introduced_at: datetime | None = None
    secret: MatchSecret = MatchSecret()

    @property
    def refused(self) -> bool:
        """Whether one of them said no; the other does not hear of it."""
        return NO in {self.need_says, self.offer_says}

    @property
    def both(self) -> bool:
        """Whether both have said yes."""
        return self.need_says == self.offer_says == YES

    def other(self, mine: UUID) -> UUID:
        """Give the other side's need or offer."""
        return self.offer_id if mine == self.need_id else self.need_id

    def said(self, mine: UUID) -> int:
        """Give what the side of this need or offer said."""
        return self.need_says if mine == self.need_id else self.offer_says

    def way(self, mine: UUID) -> str:
        """Give how the side of this need or offer may be reached."""
        return self.secret.need_way if mine == self.need_id else self.secret.offer_way

    def with_answer(self, mine: UUID, says: int, way: str) -> Match:
        """Give it with one side's answer."""
        if mine == self.need_id:
            secret = MatchSecret(way, self.secret.offer_way)
            return msgspec.structs.replace(self, need_says=says, secret=secret)
        return msgspec.structs.replace(self, offer_says=says, secret=MatchSecret(self.secret.need_way, way))


class HelpReport(msgspec.Struct, frozen=True):
    """Somebody (by a keyed hash) said that the words of a need or an offer are not all right."""

    help_id: UUID
    reporter: str
    created_at: datetime


class SayHelp(msgspec.Struct, frozen=True):
    """The command of `/need` and `/offer`. `answers` is the need that an offer is for; `way` how to be reached then."""

    kind: HelpKind
    text: str
    conversation_id: UUID | None = None
    place_key: str = ""
    place_name: str = ""
    shared: bool = False
    listens: bool = False
    answers: UUID | None = None
    way: str = ""


class SayYes(msgspec.Struct, frozen=True):
    """The command that a finished yes gives: it is a yes to a match, and this is how to be reached."""

    match_id: UUID
    way: str = ""


class RewordHelp(msgspec.Struct, frozen=True):
    """Change the words of a need or an offer."""

    help_id: UUID
    text: str


_URGENT = (
    "112", "ambulans", "akut", "blöder", "livsfara", "nödläge", "självmord", "ta livet", "ta mitt liv", "vill dö",
    "att dö", "vill inte leva", "inte leva längre", "skada mig", "skär mig", "slår mig", "hotar mig", "ambulance",
    "emergency", "bleeding", "suicid", "kill myself", "end my life", "want to die", "not want to live",
    "don't want to live", "hurt myself", "harm myself", "hits me", "threatens me",
)  # fmt: skip


def urgent(text: str) -> bool:
    """Whether words may speak of danger to life: then the way to 112 is shown. A wrong guess costs a line."""
    folded = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return any(f" {sign}" in f" {folded}" for sign in _URGENT)


_TEACHING = (
    "lärar", "undervis", "lektion", "elever", "klassen", "teacher", "teaching", "lesson", "pupils", "class ", "klass ",
)  # fmt: skip


def about_teaching(text: str) -> bool:
    """Whether a need speaks of teaching: then it is the teacher whom a helper group frees to teach."""
    folded = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return any(f" {sign}" in f" {folded}" for sign in _TEACHING)


_NEEDING = (
    "jag behöver", "vi behöver", "behöver hjälp", "hjälp med", "hjälp mig", "kan någon", "kan nån", "finns det någon",
    "söker någon", "i need", "we need", "need help", "help me", "help with", "can somebody", "can someone",
    "could somebody", "could someone", "is there anybody", "looking for somebody",
)  # fmt: skip
_OFFERING = (
    "jag kan hjälpa", "jag hjälper", "vi kan hjälpa", "jag kan erbjuda", "jag erbjuder", "jag ställer upp",
    "jag kan ställa upp", "jag hjälper gärna", "jag kan lyssna", "i can help", "we can help", "i offer", "i can offer",
    "happy to help", "glad to help", "i can lend", "i can listen",
)  # fmt: skip


def may_be(text: str) -> HelpKind | None:
    """Tell whether plain words sound like an offer, like a need, or like neither."""
    folded = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if any(sign in folded for sign in _OFFERING):
        return "offer"
    return "need" if any(sign in folded for sign in _NEEDING) else None


def not_matched(others: Iterable[Help], matches: Iterable[Match], mine: UUID) -> list[Help]:
    """Give those that were never matched with one's own."""
    known = {one.other(mine) for one in matches}
    return [one for one in others if one.id not in known]
