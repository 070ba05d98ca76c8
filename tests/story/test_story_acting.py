"""Acting together on both networks: a need, offers, a helper group, its next step, what came of it, and the harvest.

Anna asks in Telegram, in Swedish; Bo helps from Matrix, in English, and Dag from Telegram. Matrix is a real Synapse,
and all rooms there are encrypted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.synapse import Synapse
from tests.peers.telegram import Group
from tests.story import two_networks as story
from tests.story.matrix import BothTown, MatrixRoom, both
from tests.story.one_group import a_word_and_its_reply, asks_to_carry, links_a_group
from tests.story.scenes import newest
from tests.story.two_networks import Cast, gathered
from tests.story.world import Place, said_in

pytestmark = pytest.mark.xdist_group("both")

NEED = "Någon som läser högt för trean på måndagar"
BO_CAN, DAG_CAN = "I like to read aloud to children", "Högläsning på måndagar passar mig"
BO_IS_AT, DAG_IS_AT, ANNA_IS_AT = "Call 070 1", "Ring 070 2", "anna@example.org"
STEP, STORY = "Read the first chapter", "Trean ville höra mer, och vi med"
SOON = "Snart är det dags"


@pytest.fixture
async def town(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    async with both(synapse, tmp_path, monkeypatch) as made:
        yield made


@dataclass
class Helpers:
    """Where those who help are: the room on Matrix that the bot made, and the group in Telegram that Dag links."""

    room: MatrixRoom
    group: Group

    @property
    def places(self) -> list[Place]:
        return [self.room, self.group]


async def test_from_a_need_to_the_harvest_on_two_networks(town: BothTown) -> None:
    cast = await gathered(town)
    await story.anna_begins_in_telegram(cast)
    await story.bo_joins_in_matrix(cast)

    await anna_says_what_she_needs(cast)
    await bo_offers_from_matrix(cast)
    await dag_offers_from_telegram(cast)
    await anna_says_yes_to_both(cast)
    helpers = await bo_holds_it_together(cast)
    await they_talk(cast, helpers)
    await the_next_step(cast, helpers)
    await what_came_of_it(cast, helpers)
    await the_harvest_holds_it(cast)


async def anna_says_what_she_needs(cast: Cast) -> None:
    # in plain words, in private; all in the conversation may read them, without her name
    await cast.anna.writes(NEED)
    await cast.anna.presses("talked", arg="need")
    await cast.anna.picks("all")
    for place in cast.rooms:
        asked = newest(cast.town, place, "offer", NEED)
        assert "Anna" not in asked.body


async def bo_offers_from_matrix(cast: Cast) -> None:
    # on the card in his room; how he can help is asked in private, in English, and is a yes already
    assert cast.room is not None
    bo = cast.bo
    await bo.presses("offer", newest(cast.town, cast.room, "offer", NEED))
    assert "How can you help?" in bo.last.body
    await bo.writes(BO_CAN)
    await bo.writes(BO_IS_AT)
    assert "I ask them, too." in bo.last.body


async def dag_offers_from_telegram(cast: Cast) -> None:
    # without having seen the card; it suits by its words
    dag = cast.dag
    await dag.writes(f"/offer {DAG_CAN}")
    await dag.picks("no")
    assert NEED in dag.last.body
    await dag.presses("match", arg="yes")
    await dag.writes(DAG_IS_AT)


async def anna_says_yes_to_both(cast: Cast) -> None:
    # in the evening she hears of both at once, and of nobody's name
    town, anna, bo, dag = cast.town, cast.anna, cast.bo, cast.dag
    before = anna.last
    await town.later(hours=7)
    [told] = anna.told(since=before)
    assert told.body.count("Den andra har redan sagt ja.") == 2
    assert not any(name in told.body for name in ("Bo", "Dag"))
    # when she says yes to both, she learns who they are
    for number, (name, words, way) in enumerate((("Bo", BO_CAN, BO_IS_AT), ("Dag", DAG_CAN, DAG_IS_AT))):
        assert words in told.body
        await anna._press(told, list(town.actions(told))[number])
        await anna.presses("match", arg="yes")
        await anna.writes(ANNA_IS_AT)
        assert f"Det här är {name}:" in anna.last.body
        assert way in anna.last.body
    # and they learn who she is, each in their language
    await town.later(days=1)
    assert any("This is Anna:" in one.body and ANNA_IS_AT in one.body for one in bo.private.bot_messages)
    assert ANNA_IS_AT in dag.reads("Det här är Anna:").body


async def bo_holds_it_together(cast: Cast) -> Helpers:
    # with one press, which makes a group of those who help, with a room on Matrix
    town, bo, dag = cast.town, cast.bo, cast.dag
    await bo.presses("holds", newest(town, bo.private, "holds"))
    room = await bo.enters(NEED)
    # when Dag would do that, too, he comes into the same group; he links one in Telegram to it
    await dag.presses("holds", newest(town, dag.private, "holds"))
    await dag.writes("/grupper")
    await dag.presses("group")
    group = await links_a_group(town, dag, "Vi som läser")
    for place in (room, group):
        card = newest(town, place, "groupmore").body
        assert "2 personer" in card
        assert "Vi stödjer: den som bad om det" in card
    return Helpers(room, group)


async def they_talk(cast: Cast, helpers: Helpers) -> None:
    # each where they are: what they write is carried, since both say yes to it
    bo, dag, room, group = cast.bo, cast.dag, helpers.room, helpers.group
    group.promote_bot(by=dag.person)
    await asks_to_carry(cast.town, bo, room)
    await dag.writes("Hej", group)
    await dag.presses("carry", arg="yes")
    await bo.writes("Hi", room)
    assert "with your name?" in bo.last.body
    await bo.writes("1")
    await a_word_and_its_reply(dag, bo, group, room, ("Vilken bok tar vi?", "The one about Ronja"))


async def the_next_step(cast: Cast, helpers: Helpers) -> None:
    # Bo says it in his words, with its time, and both rooms see it in theirs
    town, bo, dag = cast.town, cast.bo, cast.dag
    await bo.writes(f"/step {STEP}, Saturday at 10", helpers.room)
    await bo.picks("all", newest(town, bo.private, "pick"))
    for place in helpers.places:
        assert "10:00" in newest(town, place, "stepped", STEP).body
        assert not place.find(SOON)
    # a day before, on Friday at ten, both are reminded
    await town.later(days=2, hours=15, minutes=5)
    for place in helpers.places:
        assert place.find(SOON)
    cast.anna.reads("En stödgrupp har bildats för dig")
    # when Dag says on Saturday that it is done, both know
    await town.later(days=1, hours=2)
    await dag.presses("stepped", newest(town, helpers.group, "stepped", STEP), arg="done")
    for place in helpers.places:
        assert any(STEP in one.body and "Ett steg är gjort" in one.body for one in said_in(place))


async def what_came_of_it(cast: Cast, helpers: Helpers) -> None:
    # it is asked where it was done, and told in private
    dag = cast.dag
    pressed = await dag.presses("story", newest(cast.town, helpers.group, "story"))
    await dag.follows(pressed.url)
    await dag.writes(STORY)
    await dag.picks("named")
    for place in cast.rooms:
        told = place.find(STORY)
        assert told is not None, place.title
        assert "Dag" in told.body


async def the_harvest_holds_it(cast: Cast) -> None:
    # as a file in Anna's chat: the need, the group, the step and the story, and no way to reach anybody
    anna = cast.anna
    await anna.writes("/harvest")
    await anna.presses("take", newest(cast.town, anna.private, "take"), "more")
    await anna.presses("take", arg="md")
    files = [one.media["document"] for one in anna.private.bot_messages if "document" in one.media]
    [page] = [one["file_id"] for one in files if one["file_name"].endswith(".md")]
    written = cast.town.server.core.world.files[page].data.decode()
    parts = dict(part.split("\n", 1) for part in written.split("\n## ")[1:])
    for heading, words in (
        ("Vad vi behöver av varandra", f"> {NEED}"),
        ("Stödgrupper", f"> {NEED}"),
        ("Stödgrupper", "Bo håller ihop gruppen."),
        ("Vad vi gör", f"> {STEP} (stödgrupp 1, 23 maj 2026)"),
        ("Vad det blev", f"> {STORY}"),
        ("Vad det blev", "Från Dag"),
    ):
        assert words in parts[heading]
    for way in (BO_IS_AT, DAG_IS_AT, ANNA_IS_AT):
        assert way not in written
