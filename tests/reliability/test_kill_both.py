"""kill on two networks: at every commit of their story, and at random points of the real process.

Matrix knows idempotency keys: no message may come twice there, whenever the bot dies. All its rooms are encrypted, so
the keys must live through it too.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from bot.chat.keys import RoomKey
from bot.domain.ideas import Idea
from bot.store.engine import Database
from tests.adapters.contract import eventually
from tests.peers.synapse import Synapse
from tests.reliability.crowd import WEIGHTS, Crowd, Elsewhere, words
from tests.reliability.evening import said, state, surplus
from tests.reliability.mortal import Fate, MortalTown, When
from tests.reliability.process import BotProcess, killed_again_and_again, where_it_is_noon
from tests.story.matrix import CHANNEL, BothTown, MatrixNeighbour, MatrixRoom, Said, networks, on_matrix
from tests.story.scenes import invites, newest, says_yes
from tests.story.two_networks import the_story
from tests.story.world import Clock, environment, use

pytestmark = pytest.mark.xdist_group("both")


@dataclass
class MortalBothTown(BothTown, MortalTown):
    """A town on two networks whose bot dies."""

    answers: bool = False

    def doubled(self, plain: dict[str, list[str]], *, told: str) -> int:
        """Tell how many messages came twice on Telegram; on Matrix none may. Each room reads as it did."""
        on_matrix = {one.title for one in (*self.rooms, *(each.private for each in self.on_matrix))}
        doubled = 0
        for room, messages in said(self).items():
            more = surplus(plain[room], messages)
            assert more is not None, f"{told}: {room} reads otherwise: {set(messages) ^ set(plain[room])}"
            assert not (more and room in on_matrix), f"{told}: {room} has messages twice"
            doubled += more
        return doubled


@asynccontextmanager
async def played(
    server: Synapse, folder: Path, monkeypatch: pytest.MonkeyPatch, fate: Fate
) -> AsyncIterator[MortalBothTown]:
    """Play the story with this fate."""
    folder.mkdir()  # noqa: ASYNC240 (once, before anything runs)
    async with networks(server, folder, monkeypatch) as (emulator, driver):
        emulator.fault("getChatMemberCount", times=None)
        town = MortalBothTown(emulator, folder, Clock(), fate=fate, driver=driver)
        await town.begins()
        fate.next_deed()
        try:
            await the_story(town)
            yield town
        finally:
            await town.ends()


async def killed_at_every_commit(server: Synapse, folder: Path, monkeypatch: pytest.MonkeyPatch, when: When) -> None:
    async with played(server, folder / "plain", monkeypatch, fate := Fate()) as town:
        kept, plain = await state(town), dict(said(town))
    assert kept["inbox"] == ["done"]
    for commit in range(1, 10 * fate.most):
        mine, told = Fate(commit, when), f"{when} commit {commit}"
        async with played(server, folder / str(commit), monkeypatch, mine) as town:
            assert await state(town) == kept, f"{told}, in deeds {mine.deaths}"
            assert town.doubled(plain, told=told) <= town.uncertain
        if not mine.deaths:
            assert commit > 5
            return
    raise AssertionError("it never came to an end")


# Who is killed closes nothing.
unclosed = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@unclosed
@pytest.mark.timeout(600)
async def test_killed_at_every_commit(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await killed_at_every_commit(synapse, tmp_path, monkeypatch, "either")


@unclosed
@pytest.mark.soak
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_on_both_sides_of_every_commit(
    synapse: Synapse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: When,
) -> None:
    await killed_at_every_commit(synapse, tmp_path, monkeypatch, when)


# -- the real process -------------------------------------------------------------------------------------------

PAUSE = 0.5
CARDS, BALLOTS = 3, 4


@dataclass
class MatrixCrowd:
    """Two on Matrix who go on giving ideas and carrying some in their room, and weighing them in private.

    They wait for nobody: each reacts to cards and ballots that came before the bot first died. A reaction that stands
    already cannot be put there again, so who carried an idea takes that back next, and each ballot gets each vote once.
    """

    town: BothTown
    people: list[MatrixNeighbour]
    room: MatrixRoom
    done: list[Elsewhere]
    cards: list[tuple[int, Said, str]]
    """The cards in the room: an idea's place among the first, the message, and the sign that carries it."""
    ballots: list[list[tuple[int, Said, str, int]]]
    """What each may still vote: an idea's place, the message, the sign, and what it says."""
    chance: random.Random
    given: list[str] = field(default_factory=list)
    carrying: dict[tuple[int, int], str] = field(default_factory=dict)
    """The sign that one of them has put to one of the cards."""
    deeds: int = 0

    @classmethod
    async def gathered(cls, town: BothTown, crowd: Crowd, seed: int) -> MatrixCrowd:
        """Join the crowd's conversation from Matrix, and look once at all there is to press."""
        host = next(iter(town.neighbours.values()))
        invitation = await invites(host)
        people = [await town.matrix_neighbour(name) for name in ("Bo", "Cilla")]
        for one in people:
            await one.follows(invitation.text.body)
            await says_yes(one)
        room = await town.matrix_room("Bryggan", *people)
        texts = [words(crowd.chance) for _ in range(CARDS)]
        for text in texts:
            await people[0].writes(f"/idea {text}", room)
        crowd.ideas = sorted(await town.kept(Idea), key=lambda idea: idea.number)
        place = {idea.id: number for number, idea in enumerate(crowd.ideas)}
        cards = [
            (place[action.subject], message, message.choices[data])
            for message in (newest(town, room, "support", text) for text in texts)
            for data, action in town.actions(message).items()
            if action.verb == "support" and action.subject is not None
        ]
        done = [Elsewhere(one.name) for one in people]
        ballots = [await cls._weighed(town, one, each, place) for one, each in zip(people, done, strict=True)]
        crowd.elsewhere = done
        return cls(town, people, room, done, cards, ballots, random.Random(seed + 1))

    @classmethod
    async def _weighed(
        cls, town: BothTown, one: MatrixNeighbour, done: Elsewhere, place: Mapping[UUID, int]
    ) -> list[tuple[int, Said, str, int]]:
        """Pass over some ideas; gives what else can be said of them later, on the same ballots."""
        found: list[tuple[int, Said, str, int]] = []
        for _ in range(BALLOTS):
            await one.writes("/vote")
            ballot = newest(town, one.private, "pass")
            for data, action in town.actions(ballot).items():
                if action.verb in WEIGHTS and action.subject is not None:
                    done.votes[place[action.subject]] = 0
                    found.append((place[action.subject], ballot, ballot.choices[data], WEIGHTS[action.verb]))
            await one.presses("pass", ballot)
        return found

    async def live(self, until: asyncio.Event) -> None:
        """Do one thing after the other."""
        while not until.is_set():
            self.deeds += 1
            who = self.chance.randrange(len(self.people))
            match self.chance.choices(("give", "carry", "weigh"), (2, 2, 3 if self.ballots[who] else 0))[0]:
                case "give":
                    await self._gives(who)
                case "carry":
                    await self._carries(who, self.chance.randrange(len(self.cards)))
                case _:
                    await self._weighs(who)
            await asyncio.sleep(self.chance.expovariate(1 / PAUSE))

    async def _gives(self, who: int) -> None:
        idea = words(self.chance)
        await self.people[who].human.send(self.room.id, {"msgtype": "m.text", "body": f"!idea {idea}"})
        self.done[who].given.append(idea)
        self.given.append(idea)

    async def _carries(self, who: int, which: int) -> None:
        """Carry an idea, or take that back."""
        human, (place, card, sign) = self.people[who].human, self.cards[which]
        before = self.carrying.pop((who, which), None)
        if before is None:
            self.carrying[who, which] = await self._reacts(who, card, sign)
        else:
            await human.client.room_redact(self.room.id, before)
        self.done[who].presses[place] += 1

    async def _weighs(self, who: int) -> None:
        place, ballot, sign, vote = self.ballots[who].pop(self.chance.randrange(len(self.ballots[who])))
        await self._reacts(who, ballot, sign)
        self.done[who].votes[place] = vote

    async def _reacts(self, who: int, message: Said, sign: str) -> str:
        return await self.town.matrix.react(self.people[who].human, RoomKey(CHANNEL, message.room), message.id, sign)

    async def read(self, until: asyncio.Event) -> None:
        """Read the room again and again: of what came in a long while, a client shows the end alone."""
        while not until.is_set():
            await self.people[0].human.catch_up()
            await asyncio.sleep(0.2)

    async def each_card_came_once_and_in_order(self) -> None:
        """Read the room."""
        await eventually(self.town.matrix.acknowledged)
        human = self.people[0].human
        await human.catch_up()
        shown = [found[1] for one in self.room.bot_messages if (found := re.search("“(.+)”", one.body))]
        assert len(shown) == len(set(shown)), "a card came twice"
        given = set(self.given)
        assert [one for one in shown if one in given] == self.given
        assert not human.locked, "something cannot be read"


async def killed_at_random(
    server: Synapse, folder: Path, monkeypatch: pytest.MonkeyPatch, *, seed: int, points: int
) -> None:
    async with networks(server, folder, monkeypatch) as (emulator, driver):
        settings = environment(emulator, folder) | on_matrix(driver) | {"BYALAG_ZONE": where_it_is_noon()}
        use(settings, folder, monkeypatch)
        town = BothTown(emulator, folder, Clock(datetime.now(UTC)), driver=driver)
        await town.begins()
        crowd = await Crowd.gathered(town, seed)
        on_the_pier = await MatrixCrowd.gathered(town, crowd, seed)
        url = town.bot.settings.database_url
        await town.ends()
        opened, process = Database(url), BotProcess(emulator, settings, folder / "bot.log")
        try:
            # given two crowds that do not wait for anybody
            enough = asyncio.Event()
            living = asyncio.gather(crowd.live(enough, PAUSE), on_the_pier.live(enough))
            settled = asyncio.Event()
            reading = asyncio.create_task(on_the_pier.read(settled))
            # when the bot is killed again and again
            uncertain = await killed_again_and_again(crowd.keys, opened, process, random.Random(seed), points)
            # then, once it may work, everything is there, once
            process.begin()
            await process.ready()
            enough.set()
            await living
            await eventually(driver.acknowledged)
            await crowd.settled(opened)
            settled.set()
            await reading
            await on_the_pier.each_card_came_once_and_in_order()
            assert await process.stop() == 0
            await crowd.nothing_is_lost_or_doubled(opened)
            await crowd.the_group_saw_them_in_order(opened, uncertain)
            assert "Traceback" not in process.log()
            assert on_the_pier.deeds > points
        finally:
            process.end()
            await opened.close()


@pytest.mark.timeout(600)
async def test_killed_at_twenty_random_points(
    synapse: Synapse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await killed_at_random(synapse, tmp_path, monkeypatch, seed=20, points=20)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(15))
async def test_killed_at_three_hundred_random_points(
    synapse: Synapse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    await killed_at_random(synapse, tmp_path, monkeypatch, seed=3000 + seed, points=20)
