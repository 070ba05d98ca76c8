"""Take the pictures: ``make pictures``. The story of two networks is played, and Bo's client shows his rooms."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest

from tests.adapters.matrix_driver import PASSWORD
from tests.peers.browser import browser
from tests.peers.synapse import Synapse, running
from tests.pictures import picture
from tests.pictures.browser import Client, served
from tests.story.matrix import Said, both
from tests.story.scenes import gives, newest
from tests.story.two_networks import (
    ACTS,
    BENCH,
    BUS,
    Cast,
    bo_takes_the_lead,
    gathered,
    ideas_come_from_both_sides,
    they_weigh_in_secret,
)

MORE = (
    "Låna ut skolans slöjdsal om kvällarna", "En gemensam odling bakom skolan", "Samåkning till stan varje morgon",
    "Läxhjälp av dem som gått i pension", "En cykelväg till badet",
)  # fmt: skip


async def take(synapse: Synapse, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Play, and look."""
    async with both(synapse, folder, monkeypatch) as town, served() as page, browser(Client) as bos:
        cast = await gathered(town)
        await bos.log_in(page, synapse.url, cast.bo.human.client.user_id, PASSWORD)
        for act in ACTS:
            await act(cast)
            if act is ideas_come_from_both_sides and cast.room is not None:
                await bos.photograph(cast.room.id, BUS, picture("matrix-group"))
            if act is they_weigh_in_secret:
                words = first_words(cast.bo.private.last)
                await bos.photograph(cast.bo.private.id, words, picture("matrix-private"))
            if act is bo_takes_the_lead and cast.workshop is not None:
                words = first_words(cast.workshop.last)
                await bos.photograph(cast.workshop.id, words, picture("matrix-helper-group"))
        assert cast.room is not None
        await a_gathering(cast)
        await bos.photograph(cast.room.id, first_words(cast.room.last), picture("matrix-gathering"), since="Träff: ")
        bo = cast.bo
        # more ideas in a day than a room shows at once; one is hidden, and one is taken back
        for words in MORE:
            await gives(cast.anna, words)
        await cast.anna.writes("/mod hide 3 It names somebody")
        await bo.writes("/ideas 2")
        await bo.presses("more", newest(town, bo.private, "more", BENCH))
        await bo.presses("withdraw", newest(town, bo.private, "withdraw"))
        await bo.presses("withdraw", newest(town, bo.private, "withdraw"), arg="yes")
        await bo.writes("/ideas 2")
        await bo.writes("/ideas 3")
        await town.later(days=1)
        words = first_words(cast.room.last)
        await bos.photograph(cast.room.id, words, picture("matrix-digest"), since=MORE[0])
        await bo.writes("/help")
        await bo.writes("/ideas")
        await bo.presses("show", newest(town, bo.private, "show"))
        await bo.presses("more", newest(town, bo.private, "more", "“"))
        await bo.writes("/hats")
        await bo.writes("/groups")
        await bo.writes("/invite")
        await bo.presses("forwhom", newest(town, bo.private, "forwhom"))
        await bo.writes("It is cold here, and nobody listens")
        words = first_words(bo.private.last)
        await bos.photograph(
            bo.private.id, words, picture("matrix-private-more"), since="Thank you for taking the lead"
        )


async def a_gathering(cast: Cast) -> None:
    """Anna asks all to meet."""
    await cast.anna.writes("/traff Röja upp på skolgården")
    await cast.anna.writes("lördag kl 10")
    await cast.anna.writes("Vid gamla gymnastiksalen")
    await cast.anna.picks("yes")


def first_words(message: Said) -> str:
    """Give what tells that a message is shown."""
    return message.body.split("\n")[0].strip("“”")


def main() -> None:
    """Take all of them."""
    with running() as synapse, tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        asyncio.run(take(synapse, Path(folder), monkeypatch))


if __name__ == "__main__":
    main()
