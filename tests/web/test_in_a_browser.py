"""The pages as a real browser shows them: on a phone and on a large screen, light and dark, for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from bot.crypto import Keyring
from bot.domain.harvest import Harvest
from bot.reporting import files
from bot.reporting.document import document
from bot.reporting.notice import gone, landing, poster
from bot.reporting.page import page
from bot.store.engine import Database
from bot.views import invite
from tests.peers import axe
from tests.peers.browser import DESKTOP, PHONE, Browser, browser, command
from tests.reporting.published import harvest_of
from tests.reporting.town import EMPTY, NORA, hostile
from tests.store import some
from tests.there import missing

NARROW = (320, 600)
"""As narrow as a page may have to be (WCAG 1.4.10)."""

ARABIC = "نريد مكانًا نجلس فيه معًا ونتحدث عن مستقبل بلدتنا"
LINKS = {"telegram": f"https://t.me/x_bot?start=i-{'x' * 22}", "matrix": "https://matrix.to/#/@b:example.org"}
INVITATION = invite.page(some.conversation(why="I live here."), None, "young", LINKS, "x" * 22)
PAGES = {
    "a harvest": page(document(NORA, "sv")),
    "a harvest with nothing in it": page(document(EMPTY, "en")),
    "a harvest in Arabic": page(msgspec.structs.replace(document(hostile(ARABIC), "en"), locale="ar")),
    "a sheet": files.write(NORA, "sheet", "sv").data,
    "a page of an invitation": landing(INVITATION, "sv"),
    "a poster": poster(INVITATION, "https://byalag.example/i/x", "sv", "Europe/Stockholm"),
    "a page that is not there": gone("en"),
}
ENDLESS = {
    "a harvest": page(document(hostile("W" * 300), "en")),
    "a sheet": files.write(hostile("W" * 300), "sheet", "sv").data,
}


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if not command():
        missing("There is no Chromium. On Debian: apt install chromium")
    async with browser() as one:
        yield one


@pytest.fixture
async def brexit(tmp_path: Path, sqlite_with_tables: Path, keys: Keyring) -> Harvest:
    """The harvest of a real conversation, with its map."""
    path = tmp_path / "town.db"
    path.write_bytes(await asyncio.to_thread(sqlite_with_tables.read_bytes))
    database = Database(f"sqlite+aiosqlite:///{path}")
    found = await harvest_of("brexit-consensus", database, keys)
    await database.close()
    return found


async def test_nothing_keeps_anybody_from_a_page(chromium: Browser, brexit: Harvest) -> None:
    assert brexit.opinions is not None
    assert len(brexit.opinions.groups) > 1
    real = {
        "a real harvest": files.write(brexit, "html", "en").data, "its sheet": files.write(brexit, "sheet", "en").data
    }  # fmt: skip
    assert b'<img src="data:image/png;base64,' in real["a real harvest"]
    script = await asyncio.to_thread(axe.script)
    shown = [(one, size, dark) for one in PAGES.items() for size, dark in ((PHONE, False), (DESKTOP, True))]
    found = {}
    for (name, written), size, dark in (*shown, *((one, PHONE, False) for one in real.items())):
        await chromium.show(written, size, dark=dark)
        found[name, size] = await axe.faults(chromium, script)
    assert {where: faults for where, faults in found.items() if faults} == {}


async def test_nobody_has_to_scroll_sideways(chromium: Browser) -> None:
    wide = {}
    for name, written in (*PAGES.items(), *ENDLESS.items()):
        await chromium.show(written, NARROW)
        wide[name] = await chromium.find("document.documentElement.scrollWidth")
    assert {name: width for name, width in wide.items() if width > NARROW[0]} == {}


async def test_what_keeps_people_from_a_page_is_found(chromium: Browser) -> None:
    await chromium.show(b"<html><title>x</title><p style='color: #999; background: #aaa'>Hello</p><img src='data:,'>")
    faults = await axe.faults(chromium, await asyncio.to_thread(axe.script))
    assert {fault.partition(":")[0] for fault in faults} >= {"html-has-lang", "color-contrast", "image-alt"}
