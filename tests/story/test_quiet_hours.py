"""Rooms sleep at night: what nobody there asked for waits until the morning, by the clock of the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.scenes import begins_a_conversation, gives
from tests.story.world import Town
from tests.story.world import town as founded

SLEDGE = "En kälkbacke vid den gamla skolan"


async def test_a_card_that_comes_at_night_waits_until_eight(town: Town) -> None:
    # given an evening at ten
    anna = town.neighbour("Anna")
    await begins_a_conversation(anna)
    group = town.group("Grannar", anna)
    await anna.person.add_bot(group)
    await town.later(hours=10)
    # when Anna gives an idea in private, she is answered at once, and the group sleeps
    await gives(anna, SLEDGE)
    assert not town.cards(group, SLEDGE)
    await town.later(hours=9, minutes=50)
    assert not town.cards(group, SLEDGE)
    # in the morning it is there
    await town.later(minutes=20)
    town.card(group, SLEDGE)


async def test_who_asks_at_night_is_answered_at_night(town: Town) -> None:
    anna = town.neighbour("Anna")
    await begins_a_conversation(anna)
    group = town.group("Grannar", anna)
    await anna.person.add_bot(group)
    await town.later(hours=12)
    await anna.writes(f"/idea {SLEDGE}", group)
    town.card(group, SLEDGE)


async def test_a_place_of_ones_own_goes_by_the_servers_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a server on the other side of the earth, where it is night now
    async with founded(tmp_path, monkeypatch, {"BYALAG_ZONE": "Pacific/Auckland"}) as town:
        anna = town.neighbour("Anna")
        await anna.writes("/new")
        await anna.writes("Lillköping bortom skogen")
        await anna.picks("aswritten")
        await anna.writes("Vad vill vi?")
        await anna.picks("yes")
        await anna.agrees_to_the_notice()
        group = town.group("Grannar", anna)
        await anna.person.add_bot(group)
        await gives(anna, SLEDGE)
        assert not town.cards(group, SLEDGE)
        await town.later(hours=10, minutes=30)
        town.card(group, SLEDGE)
