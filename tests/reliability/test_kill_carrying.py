"""kill -9 at random points of the real process while a helper group talks on both networks: carried once, and in order.

Matrix knows idempotency keys: no copy may come twice there. On Telegram each that was on its way at a kill may, and is
counted. What is removed in Matrix is gone from Telegram, but for such a second copy, of which nobody knows.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store.engine import Database
from bot.store.records import Inbox, Outbox
from tests.adapters.contract import eventually
from tests.peers.synapse import Synapse, synapse  # noqa: F401 (a fixture)
from tests.peers.telegram import Group
from tests.reliability.crowd import all_done, kept, words
from tests.reliability.process import BotProcess, killed_again_and_again, where_it_is_noon
from tests.story.matrix import BothTown, MatrixNeighbour, MatrixRoom, networks, on_matrix
from tests.story.scenes import newest
from tests.story.test_carrying import gathered
from tests.story.world import Clock, Neighbour, environment, use

pytestmark = pytest.mark.xdist_group("both")

PAUSE = 0.15


@dataclass
class Talk:
    """Anna in her group and Bo in his room, who write and wait for nobody; now and then Bo takes back what he wrote."""

    anna: Neighbour
    bo: MatrixNeighbour
    group: Group
    room: MatrixRoom
    chance: random.Random
    by_anna: list[str] = field(default_factory=list)
    by_bo: dict[str, str] = field(default_factory=dict)
    """What Bo wrote, and the event of each."""
    taken_back: set[str] = field(default_factory=set)

    async def live(self, until: asyncio.Event) -> None:
        """Go on talking."""
        while not until.is_set():
            said, deed = words(self.chance), self.chance.random()
            if deed < 0.5:
                await self.anna.person.send(self.group, said)
                self.by_anna.append(said)
            elif deed < 0.9 or not self.by_bo:
                self.by_bo[said] = await self.bo.human.send(self.room.id, {"msgtype": "m.text", "body": said})
            else:
                regretted = self.chance.choice(list(self.by_bo))
                if regretted not in self.taken_back:
                    await self.bo.human.client.room_redact(self.room.id, self.by_bo[regretted])
                    self.taken_back.add(regretted)
            await asyncio.sleep(self.chance.expovariate(1 / PAUSE))

    async def read(self, until: asyncio.Event) -> None:
        """Read the room again and again: of what came in a long while, a client shows the end alone."""
        while not until.is_set():
            await self.bo.human.catch_up()
            await asyncio.sleep(0.2)

    def each_word_was_carried(self, before: int, uncertain: int) -> None:
        """Compare what they read with what was said."""
        there = [one.body.removeprefix("Anna\n\n") for one in self.room.bot_messages[before:]]
        assert there == self.by_anna, "on Matrix all came once, in their order, and nothing else did"
        copies = [one for one in self.group.bot_messages if one.body.startswith("Bo\n")]
        assert not [one for one in copies if one.body.removeprefix("Bo\n") not in self.by_bo], "nothing goes round"
        shown = [one.body.removeprefix("Bo\n") for one in copies if not one.deleted]
        stayed = [one for one in self.by_bo if one not in self.taken_back]
        assert [one for one in dict.fromkeys(shown) if one in stayed] == stayed, "all came, in their order"
        second = Counter(shown) - Counter(stayed)
        assert second.total() <= uncertain, second


async def killed_while_they_talk(
    server: Synapse, folder: Path, monkeypatch: pytest.MonkeyPatch, *, seed: int, points: int
) -> None:
    async with networks(server, folder, monkeypatch) as (emulator, driver):
        settings = environment(emulator, folder) | on_matrix(driver) | {"BYALAG_ZONE": where_it_is_noon()}
        use(settings, folder, monkeypatch)
        town = BothTown(emulator, folder, Clock(datetime.now(UTC)), driver=driver)
        await town.begins()
        talk = await carried(town, seed)
        keys, url = town.bot.keys, town.bot.settings.database_url
        await town.ends()
        opened, process = Database(url), BotProcess(emulator, settings, folder / "bot.log")
        before = len(talk.room.bot_messages)
        try:
            # given a talk on both networks
            enough, settled = asyncio.Event(), asyncio.Event()
            living, reading = asyncio.create_task(talk.live(enough)), asyncio.create_task(talk.read(settled))
            # when the bot is killed again and again
            uncertain = await killed_again_and_again(keys, opened, process, random.Random(seed), points)
            # then, once it may work, each has read what the other wrote
            process.begin()
            await process.ready()
            enough.set()
            await living
            await eventually(driver.acknowledged)
            await emulator.wait_until_handled(timeout=60)
            await all_done(opened, keys)
            settled.set()
            await reading
            await talk.bo.human.catch_up()
            assert await process.stop() == 0
            assert "Traceback" not in process.log()
            for record in (Inbox, Outbox):
                assert not [one for one in await kept(opened, keys, record) if one.state == "parked"]
            talk.each_word_was_carried(before, uncertain)
            assert len(talk.by_anna) > points
            assert len(talk.by_bo) > points
        finally:
            process.end()
            await opened.close()


async def carried(town: BothTown, seed: int) -> Talk:
    """A helper group with a room on each network, between which messages are carried, and both said yes."""
    anna, bo, group, room = await gathered(town)
    group.promote_bot(by=anna.person)
    await town.settled()
    await bo.presses("groupmore", newest(town, room, "groupmore"))
    await bo.presses("carry", newest(town, bo.private, "carry"), arg="")
    await bo.presses("carry", newest(town, bo.private, "carry"), arg="on")
    await anna.writes("Hej på er", group)
    await anna.presses("carry", arg="yes")
    await bo.writes("Hej", room)
    await bo.writes("1")
    return Talk(anna, bo, group, room, random.Random(seed))


@pytest.mark.timeout(300)
async def test_killed_while_messages_are_carried(
    synapse: Synapse,  # noqa: F811 (the fixture)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await killed_while_they_talk(synapse, tmp_path, monkeypatch, seed=14, points=4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
async def test_killed_at_two_hundred_random_points_while_messages_are_carried(
    synapse: Synapse,  # noqa: F811 (the fixture)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    await killed_while_they_talk(synapse, tmp_path, monkeypatch, seed=1400 + seed, points=20)
