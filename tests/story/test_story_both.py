"""The whole story on both networks: begun in Telegram in Swedish, joined in Matrix in English, one conversation.

Matrix is a real Synapse, and all rooms there are encrypted.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.peers.synapse import Synapse
from tests.story import two_networks as story
from tests.story.matrix import BothTown, both
from tests.story.two_networks import BENCH, BUS, QUESTION, SLEDGE, gathered
from tests.story.world import Place, said_in

pytestmark = pytest.mark.xdist_group("both")


@pytest.fixture
async def town(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    async with both(synapse, tmp_path, monkeypatch) as made:
        yield made


async def test_one_conversation_on_two_networks(town: BothTown) -> None:
    cast = await gathered(town)

    await story.anna_begins_in_telegram(cast)
    assert cast.invitation is not None
    # the text to send on leads to both networks, each in its own way
    assert cast.invitation.link in cast.invitation.text.body
    assert f"https://matrix.to/#/{town.matrix.bot} → !start i-" in cast.invitation.text.body

    await story.bo_joins_in_matrix(cast)
    assert QUESTION in cast.bo.private.bot_messages[0].body
    assert cast.room is not None
    assert len(said_in(cast.room)) == 1, "a room gets one greeting"
    assert QUESTION in cast.room.last.body

    await story.ideas_come_from_both_sides(cast)
    for place in cast.rooms:
        for words, name in ((SLEDGE, "Anna"), (BENCH, "Bo")):
            assert name in town.card(place, words).body
        assert "Cilla" not in town.card(place, BUS).body, "she gave it without her name"
    assert not any(town.cards(one.private, SLEDGE) for one in (cast.anna, cast.dag, cast.bo, cast.cilla))

    await story.both_sides_carry_one(cast)
    for place in cast.rooms:
        assert carried(town, place, SLEDGE) == 3
        assert carried(town, place, BENCH) == 1

    before = {place: len(said_in(place)) for place in cast.rooms}
    await story.they_weigh_in_secret(cast)
    for place in cast.rooms:
        assert len(said_in(place)) == before[place]
        assert sum(weighed(town, place, words) for words in (SLEDGE, BENCH, BUS)) == 4

    await story.bo_takes_the_lead(cast)
    assert cast.workshop is not None
    for place in [*cast.rooms, cast.workshop]:
        assert members(group_card(town, place)) == 3
    # the room is for those who are in the group; Anna, who has no account there, is told where it is
    there = await cast.bo.human.client.joined_members(cast.workshop.id)
    accounts = [town.matrix.bot, cast.bo.human.client.user_id, cast.cilla.human.client.user_id]
    assert {one.user_id for one in there.members} == set(accounts)
    assert cast.anna.reads(cast.workshop.id)


# -- what the acts look at -------------------------------------------------------------------------------------


def carried(town: BothTown, place: Place, words: str) -> int:
    return number_in(town.card(place, words).body, r"\b(\d+) bär den")


def weighed(town: BothTown, place: Place, words: str) -> int:
    return number_in(town.card(place, words).body, r"\b(\d+) har vägt den")


def members(body: str) -> int:
    return number_in(body, r"\b(\d+) personer")


def number_in(body: str, pattern: str) -> int:
    found = re.search(pattern, body)
    return int(found[1]) if found else 0


def group_card(town: BothTown, place: Place) -> str:
    """Give the one card of the helper group in a room."""
    found = [one for one in said_in(place) if "joingroup" in {each.verb for each in town.actions(one).values()}]
    assert len(found) == 1
    return found[0].body
