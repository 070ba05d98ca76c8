"""What somebody says while the bot listens is nowhere: not on the disk, not in a log, and not sealed either."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest

from bot.crypto import Keyring
from bot.store.records import Listening, Outbox
from tests.story.scenes import begins_a_conversation
from tests.story.terminal import Terminal
from tests.story.world import Town

SAID = (
    "Orrtuppen spelar inte mer",
    "Det gör ont när morkullan tystnar",
    "En trana flög bort",
    "Beckasinen låter ledsen",
    "Sångsvanen kommer inte hem",
    "Rördrommen ropar",
    "Ringa lommen på torsdag",
)
TOLD_LATER = "Skogsduvan får gärna höras"


class Telltale:
    """Remembers all that is sealed, as it was before: the seal hides words from a search of bytes, kept or not."""

    def __init__(self, keys: Keyring) -> None:
        self.told: list[bytes] = []
        self._seal = keys.seal

    def seal(self, plain: bytes, about: bytes) -> bytes:
        self.told.append(plain)
        return self._seal(plain, about)

    def found(self, words: str) -> bool:
        return any(words.encode() in plain for plain in self.told)


def files(*folders: Path) -> bytes:
    """All that lies in some folders, byte by byte."""
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return b"\n".join(path.read_bytes() for path in paths)


async def test_nothing_that_is_said_is_written_anywhere(
    town: Town, log: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    anna, bo = town.neighbour("Anna"), town.neighbour("Bo")
    await begins_a_conversation(anna)
    group = town.group("Grannar", anna, bo)
    await anna.person.add_bot(group)
    told = [_tells(town, monkeypatch)]

    await anna.writes("/lyssna")
    anna.reads("Jag är en dator. Jag frågar, du svarar eller är tyst. Inget sparas.")
    said = await anna.writes(SAID[0])
    await anna.writes(SAID[1])
    # an edit, a picture with words, a command, an older button; and elsewhere all goes on
    await anna.person.edit(said, SAID[2])
    await town.settled()
    await anna.writes(SAID[3], photo=b"picture")
    await anna.writes(f"/ide {SAID[4]}")
    anna.reads("Jag lyssnar nu och sparar inget.")
    await bo.writes("/ide En bänk vid sjön", group)
    assert [one.number for one in await town.kept(Listening)] != []
    assert [one for one in await town.kept(Outbox) if one.state != "parked"] == [], "nothing is said by the outbox"
    # a fall in the middle
    await town.begins_again()
    told.append(_tells(town, monkeypatch))
    await town.settled()
    anna.reads("Jag tappade tråden.")
    await anna.writes(SAID[5])
    await anna.presses("listen", arg=_arg(town, anna.last, "s"))
    await anna.writes(SAID[6])
    assert SAID[6] in anna.last.body, "it can be read where it was said"
    on_disk = files(town.data, temporary)
    await anna.presses("listen", arg="d")
    await anna.presses("listen", arg="o")
    anna.reads("Inget av det du sa är sparat.")
    assert await town.kept(Listening) == []

    # what is said afterwards is kept again, so what is looked for would be found
    await anna.writes(TOLD_LATER)
    assert told[-1].found(TOLD_LATER)
    kept = on_disk + files(town.data, temporary) + log.getvalue().encode()
    assert b"SQLite format 3" in kept
    assert '"event": "ready"' in log.getvalue()
    for words in SAID:
        assert words.encode() not in kept, words
        assert not any(one.found(words) for one in told), words


async def test_a_killed_terminal_has_kept_nothing_and_lost_the_thread(tmp_path: Path) -> None:
    first = Terminal(tmp_path)
    try:
        first.types(":lang sv")
        first.types("/lyssna")
        for words in SAID[:3]:
            assert first.types(words), "it asks on"
    finally:
        first.close()
    second = Terminal(tmp_path)
    try:
        second.types(":lang sv")
        assert second.types(SAID[3])
        assert "Jag tappade tråden." in "\n".join(one.text for one in second.shown)
        [end] = second.types("sluta")
        assert "Inget av det du sa är sparat." in end.text
        assert second.quits() == 0
        assert "Traceback" not in second.errors()
    finally:
        second.close()
    kept = files(tmp_path)
    assert [words for words in SAID if words.encode() in kept] == []


def _tells(town: Town, monkeypatch: pytest.MonkeyPatch) -> Telltale:
    telltale = Telltale(town.bot.keys)
    monkeypatch.setattr(town.bot.keys, "seal", telltale.seal)
    return telltale


def _arg(town: Town, message: object, kind: str) -> str:
    actions = town.actions(message)  # type: ignore[arg-type]
    return next(one.arg for one in actions.values() if one.verb == "listen" and one.arg.startswith(kind))
