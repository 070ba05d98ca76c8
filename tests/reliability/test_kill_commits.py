"""kill at every commit of an evening, just before it and right after it: nothing lost, nothing doubled, in order.

The evening is played once undisturbed. Then it is played again and again: the first time each deed's first commit is
the end of a life, then its second, and so on, until no deed has so many. After each kill a new life begins on the same
file, with the same network; the people notice nothing but a pause.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.peers.telegram import TelegramEmulator
from tests.reliability.evening import evening, said, state, surplus
from tests.reliability.mortal import Fate, MortalTown, When
from tests.story.world import Clock, environment, use

FEWEST = 5
"""Commits that the longest deed has at the least: the test looks at something."""


@asynccontextmanager
async def played(folder: Path, monkeypatch: pytest.MonkeyPatch, fate: Fate) -> AsyncIterator[MortalTown]:
    """Play the evening with this fate."""
    folder.mkdir()  # noqa: ASYNC240 (once, before anything runs)
    async with TelegramEmulator() as server:
        # Counting a group is a help that comes by itself, later or not at all: here it does not.
        server.fault("getChatMemberCount", times=None)
        use(environment(server, folder), folder, monkeypatch)
        town = MortalTown(server, folder, Clock(), fate=fate)
        await town.begins()
        fate.next_deed()
        try:
            await evening(town)
            yield town
        finally:
            await town.ends()


# Who is killed closes nothing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_every_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: When) -> None:
    async with played(tmp_path / "plain", monkeypatch, fate := Fate()) as town:
        kept, plain = await state(town), said(town)
    assert kept["outbox"] == []
    assert kept["notes"], "something is told another day"
    assert kept["inbox"] == ["done"]
    assert fate.most >= FEWEST
    deaths = 0
    for commit in range(1, 10 * fate.most):
        mine = Fate(commit, when)
        async with played(tmp_path / str(commit), monkeypatch, mine) as town:
            assert await state(town) == kept, f"{when} commit {commit}, in deeds {mine.deaths}"
            doubled = 0
            for room, messages in said(town).items():
                more = surplus(plain[room], messages)
                assert more is not None, f"{when} commit {commit}: {room} reads otherwise"
                doubled += more
        assert doubled <= town.uncertain, f"{doubled} messages came twice, {town.uncertain} were counted"
        deaths += len(mine.deaths)
        if not mine.deaths:
            break
    else:
        raise AssertionError("it never came to an end")
    assert deaths > commit
