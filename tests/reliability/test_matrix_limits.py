"""Synapse's own limits: a bot may send ten events, then one in five seconds. Cards to many rooms wait for it."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import utc_now
from tests.adapters.matrix_driver import PASSWORD, MatrixDriver
from tests.peers.synapse import Synapse
from tests.peers.synapse import running as server_with
from tests.reliability.process import where_it_is_noon
from tests.story.matrix import BothTown, MatrixNeighbour, MatrixRoom, networks
from tests.story.scenes import says_yes
from tests.story.world import Clock

pytestmark = pytest.mark.xdist_group("both")

PER_SECOND, BURST = 0.2, 10
"""Synapse's defaults for messages."""
IDEAS = ("En brygga att bada från", "Kaffe på torget om lördagar", "Lån av verktyg")
FEW = 0.1
"""What part of all that the bot sends may be refused for coming too early."""


class RealTime(Clock):
    """Goes as clocks go: what waits here waits for a server."""

    def __call__(self) -> datetime:
        return utc_now()


@asynccontextmanager
async def rooms_of_one_conversation(
    server: Synapse, folder: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> AsyncIterator[tuple[BothTown, MatrixNeighbour, list[MatrixRoom]]]:
    """A conversation with so many rooms, made while the bot had no limit; from now on it has."""
    async with networks(server, folder, monkeypatch) as (emulator, driver):
        monkeypatch.setenv("BYALAG_ZONE", where_it_is_noon())
        lift(server, driver)
        town = BothTown(emulator, folder, RealTime(datetime.now(UTC)), driver=driver)
        await town.begins()
        try:
            anna = await town.matrix_neighbour("Anna")
            await says_yes(anna)
            await anna.writes("/new")
            await anna.writes("Lillköping bortom skogen")
            await anna.picks("aswritten")
            await anna.writes("Vad vill vi?")
            await anna.picks("yes")
            rooms = [await town.matrix_room(f"Grannar {number}", anna) for number in range(1, count + 1)]
            await town.ends()
            monkeypatch.delenv("BYALAG_MATRIX_RATE")
            lift(server, driver, again=False)
            await town.begins()
            yield town, anna, rooms
        finally:
            await town.ends()


def lift(server: Synapse, driver: MatrixDriver, *, again: bool = True) -> None:
    """Lift the bot's limits, as the server's operator can, or take that back."""
    admin = server.register(f"admin-{driver.mark}-{again}", PASSWORD, admin=True)
    body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": admin}, "password": PASSWORD}
    token = driver._ask("POST", "login", "", body)["access_token"]
    request = urllib.request.Request(  # noqa: S310 (our own server)
        f"{server.url}/_synapse/admin/v1/users/{driver.bot}/override_ratelimit",
        json.dumps({"messages_per_second": 0, "burst_count": 0}).encode(),
        {"Authorization": f"Bearer {token}"},
        method="POST" if again else "DELETE",
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 (the same)
        pass


async def cards_to_many_rooms(folder: Path, monkeypatch: pytest.MonkeyPatch, rooms: int) -> dict[str, float]:
    with server_with(rc_message={"per_second": PER_SECOND, "burst_count": BURST}) as server:
        async with rooms_of_one_conversation(server, folder, monkeypatch, rooms) as (town, anna, places):
            gate, loop = town.matrix.gate, asyncio.get_running_loop()
            gate.seen.clear()
            began = loop.time()
            # when three ideas are given at once
            await anna.human.send(anna.private.id, said("!idea\n" + "\n".join(IDEAS)))
            await chosen(town, anna, "all")
            await chosen(town, anna, "named")
            # then each comes to each room, once, in the order given
            async with asyncio.timeout(60 + 10 * len(IDEAS) * rooms):
                while not all(len(cards(town, place)) >= len(IDEAS) for place in places):
                    await asyncio.sleep(0.5)
                    await anna.human.catch_up()
            took = loop.time() - began
            for place in places:
                assert cards(town, place) == list(IDEAS)
            sent = [status for method, path, status in gate.seen if method == "PUT" and "/send/" in path]
            refused = sent.count(429)
            assert refused <= max(2, FEW * len(sent)), f"{refused} of {len(sent)}"
            return {"cards": len(IDEAS) * rooms, "seconds": took, "sent": len(sent), "refused": refused}


def said(words: str) -> dict[str, object]:
    return {"msgtype": "m.text", "body": words, "m.mentions": {}}


async def chosen(town: BothTown, who: MatrixNeighbour, option: str) -> None:
    """Wait until something is offered, and choose it."""
    async with asyncio.timeout(60):
        while True:
            await who.human.catch_up()
            message = who.private.last
            picks = [one.arg[4:] for one in town.actions(message).values() if one.verb == "pick"]
            if option in picks:
                break
            await asyncio.sleep(0.1)
    number = [one.arg[4:] for one in town.actions(message).values()].index(option) + 1
    await who.human.send(who.private.id, said(str(number)))


def cards(town: BothTown, place: MatrixRoom) -> list[str]:
    """Give the ideas whose cards stand in a room, in their order."""
    return [found[1] for one in place.bot_messages if (found := re.search("“(.+)”", one.body)) and found[1] in IDEAS]


@pytest.mark.timeout(300)
async def test_cards_wait_for_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await cards_to_many_rooms(tmp_path, monkeypatch, 3)


@pytest.mark.soak
async def test_sixty_cards_to_twenty_rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    print(await cards_to_many_rooms(tmp_path, monkeypatch, 20))  # noqa: T201 (figures to look at)
