"""People: a person, their accounts on the networks, and who they are in a conversation.

A *person* is a random id with a language and a consent. An *account* joins a person to a network's id, which is kept
encrypted and found by keyed hash. In each conversation a person is a *participant* of another random id; everything
somebody contributes hangs on the participant. Only a *membership*, found by keyed hash, tells who that is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from bot.chat.content import N_
from bot.chat.keys import AccountKey

CONSENT_VERSION = 1
SECOND_TAP_AFTER = timedelta(seconds=3)
SECOND_TAP_WITHIN = timedelta(minutes=10)

HAT_NAMES = {
    "resident": N_("resident"),
    "employee": N_("employee"),
    "elected": N_("elected"),
    "association": N_("association"),
    "business": N_("business"),
    "young": N_("young person"),
}
"""The hats to choose from, several at once, and what each is called. A hat never changes what one may do or what one's
vote weighs."""

HATS = tuple(HAT_NAMES)


class PersonSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a person under encryption: the conversations joined, and the current one.

    `carried` tells, for each helper group that carries messages between its rooms, whether theirs may be: ``yes``,
    ``no``, or ``asked`` as long as they have not answered.
    """

    joined: tuple[UUID, ...] = ()
    current: UUID | None = None
    carried: dict[UUID, str] = {}


class Person(msgspec.Struct, frozen=True):
    """Somebody, on whatever networks. `chosen_locale` says that they chose their language themselves.

    `room_id` is the private room that they used last.
    """

    id: UUID
    created_at: datetime
    locale: str = ""
    chosen_locale: bool = False
    consent_version: int = 0
    consent_at: datetime | None = None
    consent_asked_at: datetime | None = None
    room_id: UUID | None = None
    secret: PersonSecret = PersonSecret()

    @property
    def consented(self) -> bool:
        """Whether the person said yes to the present notice."""
        return self.consent_version >= CONSENT_VERSION

    @property
    def current_conversation_id(self) -> UUID | None:
        """The conversation that private messages are about."""
        return self.secret.current


class AccountSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of an account under encryption."""

    key: AccountKey
    name: str


class Account(msgspec.Struct, frozen=True):
    """One account of a person on one channel. `lookup` is the keyed hash of its key."""

    id: UUID
    person_id: UUID
    channel: str
    lookup: bytes
    secret: AccountSecret
    private_room_id: UUID | None = None
    reachable: bool = True


class ParticipantSecret(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a participant under encryption: the shown name."""

    name: str = ""


class Participant(msgspec.Struct, frozen=True):
    """Somebody in one conversation. `role` is host, cohost, moderator, or empty."""

    conversation_id: UUID
    id: UUID
    joined_at: datetime
    secret: ParticipantSecret
    role: str = ""
    hats: tuple[str, ...] = ()
    hats_shown: bool = False
    invited_by: UUID | None = None
    muted_until: datetime | None = None
    left: bool = False

    @property
    def hosts(self) -> bool:
        """Whether this participant may do what a host may."""
        return self.role in {"host", "cohost"} and not self.left

    @property
    def moderates(self) -> bool:
        """Whether this participant may moderate the conversation."""
        return self.role in {"host", "cohost", "moderator"} and not self.left

    def muted(self, now: datetime) -> bool:
        """Whether this participant may not contribute for now."""
        return self.muted_until is not None and now < self.muted_until


class MembershipSecret(msgspec.Struct, frozen=True, array_like=True):
    """Who a participant is."""

    person_id: UUID


class Membership(msgspec.Struct, frozen=True):
    """Ties a participant to a person. `lookup` is the keyed hash of person and conversation."""

    conversation_id: UUID
    participant_id: UUID
    lookup: bytes
    secret: MembershipSecret


def second_tap_counts(asked_at: datetime | None, now: datetime) -> bool:
    """Whether a tap is the yes to the notice that was shown at `asked_at`."""
    return asked_at is not None and SECOND_TAP_AFTER <= now - asked_at <= SECOND_TAP_WITHIN
