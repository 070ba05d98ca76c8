"""A need, two offers, yes and yes, a helper group, its next step, what came of it, and the harvest: in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.terminal import Shown, Terminal, own_lines
from tests.story.tongues import TONGUES

LANGUAGES = {"Anna": "sv", "Bo": "en", "Cia": "sv"}
NEED = "Någon som läser högt för trean på måndagar"
OFFERS = {"Bo": "Jag läser gärna högt för barn", "Cia": "Högläsning på måndagar passar mig"}
STEP, STORY = "Fika i biblioteket", "Trean ville höra mer, och vi med"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    made.close()


async def test_from_a_need_to_the_harvest(terminal: Terminal) -> None:
    await _anna_needs(terminal)
    for name, words in OFFERS.items():
        await _offers(terminal, name, words)
    # Bo says yes first, then Anna to both; so Cia's yes is the second of the helpers'
    await _says_yes(terminal, "Bo", "Ring 070")
    await _says_yes(terminal, "Anna", "anna@example.org")
    await _says_yes(terminal, "Anna", "")
    told = await _says_yes(terminal, "Cia", "")
    assert any("Anna" in one.text and "anna@example.org" not in one.text for one in told)
    assert not any("Bo" in one.text for one in told), "helpers meet in the group"
    formed = await terminal.presses("holds")
    assert any(OFFERS["Cia"] in one.text for one in formed), "what was for few stays with them"
    # the group says its next step, and does it
    terminal.types("/step")
    terminal.types(STEP)
    came = terminal.types("i morgon kl 18")
    assert any(STEP in one.text and "18:00" in one.text for one in came)
    terminal.types("/steg")
    await terminal.presses("stepped", "see")
    await terminal.presses("stepped", "done")
    # and what came of it
    await terminal.presses("story")
    terminal.types(STORY)
    await terminal.presses("pick", "named")
    terminal.types("/harvest")
    await terminal.presses("take", "more")
    await terminal.presses("take", "md")

    [page] = list((terminal.folder / "files").glob("*.md"))
    written = page.read_text()
    for words in (OFFERS["Cia"], STEP, STORY, "Cia"):
        assert words in written
    assert NEED not in written
    assert terminal.quits() == 0
    assert "Traceback" not in terminal.errors()
    _everybody_was_understood(terminal)


async def _anna_needs(terminal: Terminal) -> None:
    terminal.becomes("Anna", LANGUAGES["Anna"])
    terminal.types(NEED)
    await terminal.presses("talked", "need")
    terminal.types("Nora")
    await terminal.presses("yes")


async def _offers(terminal: Terminal, name: str, words: str) -> None:
    terminal.becomes(name, LANGUAGES[name])
    terminal.types(f"/offer {words}")
    terminal.types("Nora")
    await terminal.presses("pick", "no")
    came = await terminal.presses("yes")
    assert not any("Anna" in one.text for one in came)


async def _says_yes(terminal: Terminal, name: str, way: str) -> list[Shown]:
    terminal.becomes(name)
    terminal.types("/need")
    terminal.types("1")
    await terminal.presses("match", "yes")
    return terminal.types(way) if way else await terminal.presses("skip")


def _everybody_was_understood(terminal: Terminal) -> None:
    words = {NEED, STEP, STORY, *OFFERS.values(), *LANGUAGES, "Nora", *terminal.typed}
    words |= {line.partition(" ")[2] for line in terminal.typed}
    for reader, line in own_lines(terminal.shown):
        plain = re.sub(r" \((?:/start|:room).*\)$|^(?:file: |saved as ).*", "", line)
        assert TONGUES.right(plain, LANGUAGES[reader], words), f"to {reader}: {line}"
