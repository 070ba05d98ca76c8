"""The rules of the domain that are no more than a function: quiet hours, paces, codes, hats, sums."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.keys import RoomKey
from bot.domain.ideas import Idea, Sums, Vote, editable, weigh
from bot.domain.invitations import Invitation
from bot.domain.people import Participant, ParticipantSecret, Person, second_tap_counts
from bot.domain.rooms import Room, RoomSecret, next_digest, quiet_until

SOME = UUID(int=1)
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
ROOM = Room(SOME, "telegram", b"", RoomSecret(RoomKey("telegram", "1")), private=False, created_at=NOON)
IDEA = Idea(SOME, SOME, 1, SOME, named=True, text="Fler bänkar", created_at=NOON)


def at(text: str) -> datetime:
    """A moment in Stockholm."""
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Stockholm")).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "from_then"),
    [
        ("2026-03-02T07:59", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "2026-03-02T08:00"),
        ("2026-03-02T19:59", "2026-03-02T19:59"),
        ("2026-03-02T20:00", "2026-03-03T08:00"),
        ("2026-03-28T22:00", "2026-03-29T08:00"),  # the night in which summer time begins
        ("2026-10-24T22:00", "2026-10-25T08:00"),  # and ends
    ],
)
def test_rooms_are_quiet_at_night(now: str, from_then: str) -> None:
    assert quiet_until(ROOM, at(now)) == at(from_then)


def test_the_message_of_the_day_comes_in_the_afternoon() -> None:
    assert next_digest(ROOM, at("2026-03-02T16:59")) == at("2026-03-02T17:00")
    assert next_digest(ROOM, at("2026-03-02T17:00")) == at("2026-03-03T17:00")


@pytest.mark.parametrize(
    ("pace", "members", "at_once"),
    [("", None, True), ("", 30, True), ("", 31, False), ("now", 500, True), ("daily", 3, False)],
)
def test_small_rooms_see_ideas_at_once(pace: str, members: int | None, *, at_once: bool) -> None:
    assert msgspec.structs.replace(ROOM, pace=pace, members=members).at_once is at_once


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([1, 0, -1])), max_size=200))
def test_shown_sums_never_let_a_single_vote_be_told(votes: list[tuple[int, int]]) -> None:
    """What is shown changes only when five more people have voted than when it was last renewed."""
    idea, given_by, shown = IDEA, dict[int, Vote](), [Sums()]
    for who, value in votes:
        vote = Vote(SOME, SOME, UUID(int=who), value, NOON)
        idea = weigh(idea, given_by.get(who), value)
        given_by[who] = vote
        if idea.shown_sums != shown[-1]:
            shown.append(idea.shown_sums)
    assert idea.voters == idea.sums.voters == len(given_by)
    assert idea.sums.agree == sum(vote.value == 1 for vote in given_by.values())
    assert all(later.voters - earlier.voters >= 5 for earlier, later in pairwise(shown))
    assert idea.shown_sums.voters in {0, *range(5, 400)}


def test_words_can_be_changed_until_others_have_weighed_them() -> None:
    assert editable(IDEA, NOON + timedelta(hours=23))
    assert not editable(IDEA, NOON + timedelta(hours=24))
    assert not editable(weigh(IDEA, None, 0), NOON)
    assert not editable(msgspec.structs.replace(IDEA, supporters=1), NOON)
    assert not editable(msgspec.structs.replace(IDEA, state="hidden"), NOON)


def test_a_second_tap_is_a_yes_only_in_its_time() -> None:
    assert not second_tap_counts(None, NOON)
    assert not second_tap_counts(NOON, NOON + timedelta(seconds=2))
    assert second_tap_counts(NOON, NOON + timedelta(seconds=3))
    assert second_tap_counts(NOON, NOON + timedelta(minutes=10))
    assert not second_tap_counts(NOON, NOON + timedelta(minutes=11))


def test_an_invitation_closes_by_time_by_number_and_by_hand() -> None:
    made = Invitation(SOME, SOME, b"", "join", SOME, NOON, limit=2, expires_at=NOON + timedelta(days=1))
    assert made.open(NOON)
    assert not made.open(NOON + timedelta(days=1))
    assert not msgspec.structs.replace(made, used=2).open(NOON)
    assert not msgspec.structs.replace(made, ended_at=NOON).open(NOON)


def test_roles_and_pauses() -> None:
    someone = Participant(SOME, SOME, NOON, ParticipantSecret("Bo"))
    assert not someone.moderates
    assert msgspec.structs.replace(someone, role="moderator").moderates
    assert not msgspec.structs.replace(someone, role="moderator").hosts
    assert not msgspec.structs.replace(someone, role="host", left=True).hosts
    paused = msgspec.structs.replace(someone, muted_until=NOON + timedelta(days=1))
    assert paused.muted(NOON)
    assert not paused.muted(NOON + timedelta(days=1))
    assert not Person(SOME, NOON).consented
