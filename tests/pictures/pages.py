"""Take the pictures of the pages, on the screen and on paper: the harvest of a real conversation, and an invitation."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from pathlib import Path

from bot.crypto import Keyring, make_keys
from bot.reporting import files
from bot.reporting.notice import landing, poster
from bot.reporting.pdf import pdf
from bot.store.engine import Database
from bot.store.schema import metadata
from bot.views import invite
from tests.peers.browser import DESKTOP, PHONE, browser
from tests.pictures import picture
from tests.reporting.published import harvest_of
from tests.store import some

CODE = "AbCdEfGhIjKlMnOpQrStUv"
LINKS = {"telegram": f"https://t.me/example_bot?start=i-{CODE}", "matrix": "https://matrix.to/#/@byalag:example.org"}
TOWN = some.conversation(
    question="Vilka i Nora behöver vårt stöd för att få göra det de är bäst på?", lasts="meeting",
    why="Lärarna bär för mycket ensamma, och vi är många som vill hjälpa till.",
)  # fmt: skip
HIGH = 2600
"""So much of a long page is shown, in points."""


async def take(folder: Path) -> None:
    """Look at each."""
    keys, database = Keyring(make_keys()), Database(f"sqlite+aiosqlite:///{folder / 'town.db'}")
    async with database.transaction() as connection:
        await connection.run_sync(metadata.create_all)
    harvested = await harvest_of("brexit-consensus", database, keys)
    await database.close()
    page = files.write(harvested, "html", "en").data
    wall = invite.for_a_wall(TOWN, None, "neighbours", LINKS, CODE)
    door = landing(invite.page(TOWN, None, "neighbours", LINKS, CODE), "sv")
    async with browser() as eyes:
        for name, shown, size, dark in (
            ("harvest-phone", page, PHONE, False), ("harvest-phone-dark", page, PHONE, True),
            ("harvest-desktop", page, DESKTOP, False), ("harvest-desktop-dark", page, DESKTOP, True),
            ("invitation", door, PHONE, False),
        ):  # fmt: skip
            await eyes.show(shown, size, dark=dark)
            await eyes.look(picture(name), high=HIGH)
    print_one("harvest-sheet", files.write(harvested, "sheet-pdf", "en").data, folder)
    print_one("poster", poster(wall, f"https://byalag.example/i/{CODE}", "sv", TOWN.zone), folder)


def print_one(name: str, page: bytes, folder: Path) -> None:
    """Print a page and look at the paper, with poppler's own eyes (``apt install poppler-utils``)."""
    (folder / "paper.pdf").write_bytes(pdf(page))
    subprocess.run(
        ["pdftoppm", "-r", "80", "-png", "-singlefile", folder / "paper.pdf", picture(name).with_suffix("")],  # noqa: S607 (the system's)
        check=True,
    )  # fmt: skip


def main() -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(Path(folder)))


if __name__ == "__main__":
    main()
