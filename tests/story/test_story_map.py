"""A conversation that is weighed on both networks, and whose map is posted in both: in words and as a picture.

What the neighbourhood had weighed on paper is there already; with the five who weigh here the map changes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from uuid6 import uuid7

from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Vote, weigh
from bot.domain.maps import Edition
from bot.domain.people import Participant, ParticipantSecret
from bot.store import maps
from bot.store.unit_of_work import UnitOfWork
from tests.peers.synapse import Synapse
from tests.story.matrix import BothTown, both
from tests.story.scenes import begins_a_conversation, invites, joins, newest, says_yes
from tests.story.world import Neighbour, said_in

pytestmark = pytest.mark.xdist_group("both")

QUESTION = "Vad gör vi med torget?"
IDEAS = (
    "Träd på torget", "Bänkar i solen", "Bilar får parkera", "Ingen trafik alls", "Loppis om lördagarna",
    "Fler bussar dit", "Scen för musik",
)  # fmt: skip
BOTH_WANT = 2
ON_PAPER = 10


@pytest.fixture
async def town(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    async with both(synapse, tmp_path, monkeypatch) as made:
        yield made


async def test_a_map_of_votes_on_two_networks_is_posted_in_both(town: BothTown) -> None:
    # Given a conversation with a room on each network, and what ten have weighed on paper
    anna, dag, eva = (town.neighbour(name) for name in ("Anna", "Dag", "Eva"))
    bo, cilla = await town.matrix_neighbour("Bo"), await town.matrix_neighbour("Cilla")
    square = town.group("Vid torget", anna, dag, eva)
    await begins_a_conversation(anna, question=QUESTION)
    invitation = await invites(anna)
    await anna.follows(invitation.group_link, group=square)
    for one in (dag, eva):
        await joins(one, invitation)
        await says_yes(one)
    for one in (bo, cilla):
        await one.follows(invitation.text.body)
        await says_yes(one)
    water = await town.matrix_room("Vid vattnet", bo, cilla)
    await anna.writes("/idea " + "\n".join(IDEAS))
    await anna.picks("all")
    await anna.picks("named")
    await paper_is_counted(town)
    assert await counted(town) == [ON_PAPER] * len(IDEAS)

    # When five more weigh one of the ideas, on both networks
    for number, one in enumerate((anna, bo, dag, cilla, eva)):
        await weighs_the_third(town, one, "agree" if number % 2 else "disagree")

    # Then the map counts them, and each sees in private where they stand
    assert sorted(await counted(town)) == [ON_PAPER] * (len(IDEAS) - 1) + [ON_PAPER + 5]
    for one in (anna, bo):
        await one.writes("/karta")
        assert one.private.find("Du står närmast grupp ")
        assert "Du är här: närmast grupp " in said_in(one.private)[-1].body

    # And once the host has said so, on a day with fewer than five cards, it stands in both rooms, nobody's place in it
    await town.next_morning()
    await anna.presses("postmap", newest(town, anna.private, "postmap"))
    for place in (square, water):
        told = "\n".join(one.body for one in said_in(place)[-2:])
        assert "Vi ser 2 grupper." in told
        assert "Det som förenar oss" in told
        assert "På kartan: 2 grupper." in told
        assert "Du " not in told
    assert any("photo" in one.media for one in square.bot_messages)
    [drawn] = [one for one in water.bot_messages if one.content.get("msgtype") == "m.image"]
    assert drawn.content["info"]["mimetype"] == "image/png"


async def paper_is_counted(town: BothTown) -> None:
    """Two camps that agree on the first two ideas."""
    [conversation] = await town.kept(Conversation)
    ideas = await town.kept(Idea)
    at = town.clock.now - timedelta(hours=1)
    async with town.bot.database.transaction() as connection:
        uow = UnitOfWork(connection, town.bot.keys)
        for number in range(ON_PAPER):
            who = Participant(conversation.id, uuid7(), at, ParticipantSecret(), left=True)
            uow.add(who)
            for place, idea in enumerate(ideas):
                at += timedelta(seconds=1)
                value = 1 if place < BOTH_WANT or number % 2 else -1
                uow.save(weigh(await uow.need(Idea, conversation.id, idea.id), None, value))
                uow.add(Vote(conversation.id, idea.id, who.id, value, at))
        uow.add(maps.to_renew(conversation, town.clock.now, uuid7()))
        await uow.flush()
    town.bot.making.wake()
    await town.settled()


async def counted(town: BothTown) -> list[int]:
    """How many votes the map counts, by idea."""
    found = await town.kept(Edition)
    return [one.counted for one in found[-1].secret.ideas.values()] if found else []


async def weighs_the_third(town: BothTown, one: Neighbour, how: str) -> None:
    """Look for it in the list, and weigh it in private."""
    await one.writes("/ideer 3")
    await one.presses("ballot", newest(town, one.private, "ballot"))
    await one.presses(how, newest(town, one.private, how))
