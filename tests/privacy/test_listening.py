"""What somebody says while the bot listens is nowhere: not on the disk, not in a log, and not sealed either."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession, web

from bot.app import Bot
from bot.crypto import Keyring, make_keys
from bot.settings import Settings
from bot.store import setup
from bot.store.engine import Database
from bot.store.records import Listening, Outbox
from tests.peers.postgres import PostgreSQL, postgresql, postgresql_url  # noqa: F401 (fixtures)
from tests.peers.telegram import TelegramEmulator
from tests.reliability.process import free_port
from tests.story.scenes import begins_a_conversation
from tests.story.terminal import Terminal
from tests.story.world import Clock, Even, Town, environment, use

SAID = (
    "Orrtuppen spelar inte mer",
    "Det gör ont när morkullan tystnar",
    "En trana flög bort",
    "Beckasinen låter ledsen",
    "Sångsvanen kommer inte hem",
    "Rördrommen ropar",
    "Ringa lommen på torsdag",
)
CHANGED_LATER = "Gråsparven ändrade sig"
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
    await anna.writes(SAID[5])
    await anna.presses("listen", arg=_arg(town, anna.last, "s"))
    await anna.writes(SAID[6])
    assert SAID[6] in anna.last.body, "it can be read where it was said"
    on_disk = files(town.data, temporary)
    await anna.presses("listen", arg="d")
    await anna.presses("listen", arg="o")
    anna.reads("Inget av det du sa är sparat.")
    assert not any(one.open for one in await town.kept(Listening))
    # and a change of what was said is not kept either
    await anna.person.edit(said, CHANGED_LATER)
    await town.settled()

    # what is said afterwards is kept again, so what is looked for would be found
    await anna.writes(TOLD_LATER)
    assert told[-1].found(TOLD_LATER)
    kept = on_disk + files(town.data, temporary) + log.getvalue().encode()
    assert b"SQLite format 3" in kept
    assert '"event": "ready"' in log.getvalue()
    for words in (*SAID, CHANGED_LATER):
        assert words.encode() not in kept, words
        assert not any(one.found(words) for one in told), words


@dataclass
class Replicas(Town):
    """A town whose bot is a worker and two web processes on PostgreSQL; what people do comes to the one and the other.

    Now and then it comes to both, as from a network that was not answered in time.
    """

    webs: list[Bot] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    calls: int = 0

    async def begins(self) -> None:
        self._bot = Bot(Settings(), clock=self.clock, rng=Even(), parts=("worker",))
        self._task = asyncio.create_task(self._bot.run())
        self.webs = [Bot(Settings(port=free_port()), clock=self.clock, rng=Even(), parts=("web",)) for _ in range(2)]
        self.tasks = [asyncio.create_task(web.run()) for web in self.webs]
        async with asyncio.timeout(30):
            while not all([await self._answers(web.settings.port) for web in self.webs]):  # noqa: ASYNC110 (the kernel does it)
                await asyncio.sleep(0.02)

    async def _answers(self, port: int) -> bool:
        for one in (self._task, *self.tasks):
            assert one is not None
            if one.done():
                one.result()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    async def called(self, request: web.Request) -> web.Response:
        """Pass on what the network tells: to one process, to the other one, to both."""
        self.calls += 1
        whom = self.webs if self.calls % 3 == 0 else [self.webs[self.calls % 2]]
        body, status = await request.read(), 200
        for one in whom:
            address = f"http://127.0.0.1:{one.settings.port}{request.path}"
            async with ClientSession() as client, client.post(address, data=body, headers=request.headers) as answer:
                status = answer.status
        return web.Response(status=status)

    async def settled(self) -> None:
        """Wait until all is handled, here and there."""
        while True:
            await self.server.wait_until_handled(timeout=20)
            for one in self.webs:
                await one.listener.idle.wait()
            self._pass()  # The worker looks for itself, but not at once.
            await self.bot.settled()
            if not self.server.pending_updates:
                return

    async def ends(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await super().ends()


@pytest.fixture
async def replicas(
    log: io.StringIO,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgresql_url: str,  # noqa: F811 (the fixture)
) -> AsyncIterator[Replicas]:
    async with TelegramEmulator() as server:
        town = Replicas(server, tmp_path, Clock())
        balancer = web.Application()
        balancer.router.add_post("/webhook/telegram", town.called)
        runner = web.AppRunner(balancer, access_log=None)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        settings = environment(server, tmp_path) | {"BYALAG_DATABASE": postgresql_url, "BYALAG_LOG_LEVEL": "DEBUG"}
        settings |= {
            "BYALAG_KEYS": msgspec.json.encode(make_keys()).decode(),
            "BYALAG_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        }
        use(settings, tmp_path, monkeypatch)
        opened = Database(Settings().database_url)
        await setup.migrate(opened)
        await opened.close()
        try:
            await town.begins()
            yield town
            town.everybody_was_understood()
        finally:
            await town.ends()
            await runner.cleanup()


async def test_two_processes_hear_and_keep_nothing(
    replicas: Replicas,
    log: io.StringIO,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgresql: PostgreSQL,  # noqa: F811 (the fixture)
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    town = replicas
    told = [_seals(one, monkeypatch) for one in (town.bot, *town.webs)]
    anna = town.neighbour("Anna")
    await begins_a_conversation(anna)
    await anna.writes("/lyssna")
    anna.reads("Jag är en dator. Jag frågar, du svarar eller är tyst. Inget sparas.")
    said = await anna.writes(SAID[0])
    for words in SAID[1:6]:
        await anna.writes(words)
    asked = [one.body.splitlines()[-1] for one in anna.private.bot_messages if one.body.endswith("?")]
    assert len(asked) == len(set(asked)) > 6, "each question once, whoever asks"
    # the step is named to one process, and its buttons are pressed at the other
    await anna.presses("listen", arg=_arg(town, anna.last, "s"))
    await anna.writes(SAID[6])
    assert SAID[6] in anna.last.body
    for wish in ("t", "d"):
        knows = [any(one.heard.talk.step for one in each.listener.sessions.values()) for each in town.webs]
        town.calls = 3 if knows[0] else 1
        await anna.presses("listen", arg=_arg(town, anna.last, wish))
    anna.reads("Jag har bara sparat den tiden, inte vad du vill göra:")
    assert not anna.private.find("Jag tappade tråden.")
    await anna.presses("listen", arg="o")
    anna.reads("Inget av det du sa är sparat.")
    # what is said afterwards is kept again, but no change of what was said before
    await anna.person.edit(said, CHANGED_LATER)
    await anna.writes(TOLD_LATER)
    assert any(one.found(TOLD_LATER) for one in told)
    await town.ends()
    await postgresql.execute("CHECKPOINT")
    kept = files(postgresql.data, tmp_path) + log.getvalue().encode()
    assert b"said:" in kept, "ids are found, so words would be"
    for words in (*SAID, CHANGED_LATER):
        assert words.encode() not in kept, words
        assert not any(one.found(words) for one in told), words


async def test_a_killed_terminal_has_kept_nothing_and_goes_on(tmp_path: Path) -> None:
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
        assert second.types(SAID[3]), "it asks on"
        [end] = second.types("sluta")
        assert "Inget av det du sa är sparat." in end.text
        assert second.quits() == 0
        assert "Traceback" not in second.errors()
    finally:
        second.close()
    kept = files(tmp_path)
    assert [words for words in SAID if words.encode() in kept] == []


def _tells(town: Town, monkeypatch: pytest.MonkeyPatch) -> Telltale:
    return _seals(town.bot, monkeypatch)


def _seals(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Telltale:
    telltale = Telltale(bot.keys)
    monkeypatch.setattr(bot.keys, "seal", telltale.seal)
    return telltale


def _arg(town: Town, message: object, kind: str) -> str:
    actions = town.actions(message)  # type: ignore[arg-type]
    return next(one.arg for one in actions.values() if one.verb == "listen" and one.arg.startswith(kind))
