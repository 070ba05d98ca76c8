"""The composition root: the only file that chooses concrete classes and puts them together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import structlog

from bot import logs
from bot.chat.events import ChoiceMade
from bot.chat.port import ChatAdapter, StartError
from bot.delivery.making import Making
from bot.delivery.presses import Presses
from bot.delivery.worker import Delivery
from bot.domain.helplines import with_own
from bot.handlers.dispatch import Dispatcher
from bot.handlers.tables import menus
from bot.handlers.waking import Waker
from bot.home import CannotStart, Home
from bot.i18n import NoCatalog
from bot.intake import Intake
from bot.listening import Listener, Talking
from bot.reporting import files, notice
from bot.settings import Settings, load
from bot.store import housekeeping, inbox, invitations, outbox
from bot.store.harvest import load_opened
from bot.store.unit_of_work import UnitOfWork
from bot.views import invite

if TYPE_CHECKING:
    from bot.scheduler import Scheduler

log = structlog.get_logger()

Clock = Callable[[], datetime]
PARTS = ("web", "worker")


def _telegram(_bot: Bot) -> ChatAdapter | None:
    from bot.adapters.telegram.settings import TelegramSettings

    settings = load(TelegramSettings)
    if not settings.configured:
        return None
    from bot.adapters.telegram.adapter import TelegramAdapter

    return TelegramAdapter(settings)


def _matrix(bot: Bot) -> ChatAdapter | None:
    from bot.adapters.matrix.settings import MatrixSettings

    settings = load(MatrixSettings)
    if not settings.configured:
        return None
    from bot.adapters.matrix.adapter import MatrixAdapter

    return MatrixAdapter(settings, bot.settings.data / "matrix", bot.keys.secret("matrix"))


def _console(bot: Bot) -> ChatAdapter:
    from bot.adapters.console.adapter import ConsoleAdapter

    return ConsoleAdapter(bot.settings.data / "files", bot.settled)


ADAPTERS: Mapping[str, Callable[[Bot], ChatAdapter | None]] = {
    "telegram": _telegram, "matrix": _matrix, "console": _console
}  # fmt: skip
"""The networks. A new one is a folder and a line here; None says that it is not configured."""

EMBEDDED = "console"
"""The network that needs nothing: it runs where no other is configured."""


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


class Bot:
    """Everything of one process, put together. `parts` are those of `PARTS` that this process runs."""

    def __init__(
        self, settings: Settings, *, clock: Clock = utc_now, rng: Random | None = None, parts: Sequence[str] = PARTS
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.parts = parts
        self._check_parts()
        self.home = Home(settings)
        self.database, self.keys = self.home.database, self.home.keys
        self.adapters = self._adapters()
        self.presses = Presses(self.adapters, clock)
        alone = self.database.sqlite
        self.making = Making(self.database, self.keys, clock, self._made, only_process=alone, adapters=self.adapters)
        self.delivery = Delivery(self.database, self.keys, self.adapters, clock, only_process=alone)
        chance = rng or SystemRandom()
        self.waker = Waker(
            self.database, self.keys, self.adapters, clock, self._done, chance, settings.operator,
            settings.public_url, only_process=alone,
        )  # fmt: skip
        lines = with_own(settings.helplines)
        talking = Talking(self.database, self.keys, self.adapters, clock, self.presses.answer, self.waker.wake, lines)
        called = any(adapter.called for adapter in self.adapters.values())
        self.listener = Listener(self.database, self.keys, clock, talking, alone=alone or not called)
        self.dispatcher = Dispatcher(
            self.database, self.keys, self.adapters, clock, self.presses.answer, self.delivery.wake,
            rng=chance, outgoing=self._outgoing, waken=self.waker.wake, operator=settings.operator,
            web=settings.public_url, zone=settings.zone, only_process=alone, listens=self.listener.among,
            hear=self.listener.hear, helplines=lines,
        )  # fmt: skip
        pressed = self.presses.expect if "worker" in parts else _nobody
        self.intake = Intake(
            self.database, self.keys, clock, self.dispatcher.wake, pressed, self.listener.among, self.listener.hear
        )
        talking.accept = self.intake.accept

    def _check_parts(self) -> None:
        if not self.settings.database.startswith("postgresql") and set(self.parts) != set(PARTS):
            raise CannotStart("A SQLite database has one process: leave out the part, or set BYALAG_DATABASE.")
        if "worker" not in self.parts and not self.settings.port:
            raise CannotStart("The web process needs a port: set BYALAG_PORT.")

    def _adapters(self) -> dict[str, ChatAdapter]:
        wanted = [name.strip() for name in self.settings.channels.split(",") if name.strip()]
        unknown = [name for name in wanted if name not in ADAPTERS]
        if unknown:
            raise CannotStart(f"BYALAG_CHANNELS names {', '.join(unknown)}; there are {', '.join(ADAPTERS)}.")
        made: dict[str, ChatAdapter] = {}
        for name, make in ADAPTERS.items():
            if name in wanted or (not wanted and name != EMBEDDED):
                adapter = make(self)
                if adapter is not None:
                    made[adapter.channel] = adapter
                elif wanted:
                    raise CannotStart(f"BYALAG_CHANNELS names {name}, but it has no account yet. Run `byalag check`.")
        if not made:
            console = _console(self)
            made[console.channel] = console
        return made

    async def settled(self) -> None:
        """Wait until all that came in is handled and all that is due is delivered."""
        parts = (self.dispatcher.idle, self.listener.idle, self.waker.idle, self.making.idle, self.delivery.idle)
        while not all(part.is_set() for part in parts):
            for part in parts:
                await part.wait()

    async def _outgoing(self, uow: UnitOfWork) -> Callable[[], None]:
        """Send and make what is staged, once it is committed."""
        send, make = await self.delivery.claim_fresh(uow), self.making.asked(uow)
        listen = self.listener.begun(uow)

        def begin() -> None:
            send()
            listen()
            if make:
                self.making.wake()

        return begin

    def _made(self) -> None:
        self.delivery.wake()

    def _done(self) -> None:
        """What was due is done: it may have left something to send, or a map to make."""
        self.delivery.wake()
        self.making.wake()

    async def prepare(self) -> None:
        """Check that all fits; open the database: its schema, its keys. Raises `CannotStart`."""
        called = [channel for channel, adapter in self.adapters.items() if adapter.called]
        if called and "web" in self.parts and not self.settings.port:
            raise CannotStart(
                f"{called[0]} calls a webhook, but no port is open. Set BYALAG_PORT, or unset the webhook."
            )
        await self.home.open()

    async def run(self) -> None:
        """Run until cancelled, or until the only network has no more to give. Raises `CannotStart`."""
        with self.home.alone():
            await self.prepare()
            try:
                await self._run()
            finally:
                await self.database.close()

    async def _run(self) -> None:
        async with contextlib.AsyncExitStack() as end:
            works = "worker" in self.parts
            await self._enter_networks(end, works=works)
            scheduler = self._scheduler(works=works)
            scheduler.start()
            end.callback(scheduler.stop)
            end.push_async_callback(self.intake.finish)
            await self.listener.load()
            end.push_async_callback(self.listener.finish)
            await self._serve(end)
            parts = (self.dispatcher, self.waker, self.making, self.delivery) if works else ()
            working = [asyncio.create_task(part.run()) for part in parts]
            coming = [adapter.run(self.intake.accept) for adapter in self.adapters.values()] if works else [_for_ever()]
            receiving = [asyncio.create_task(network) for network in coming]
            end.push_async_callback(_stop, (*receiving, *working))
            log.info("ready", kind=", ".join(self.adapters))
            await self._until_done(receiving, working)

    async def _enter_networks(self, end: contextlib.AsyncExitStack, *, works: bool) -> None:
        """Log in where messages are sent or received here: at all networks, or only where a webhook is called."""
        for adapter in self.adapters.values():
            if not (works or adapter.called):
                continue
            end.push_async_callback(adapter.stop)
            try:
                await adapter.start(menus())
            except (StartError, NoCatalog) as error:
                raise CannotStart(str(error)) from error

    def _scheduler(self, *, works: bool) -> Scheduler:
        from bot.scheduler import Scheduler

        return Scheduler({"housekeeping": (60, self.tidy if works else self.listener.let_go)})

    async def _until_done(self, receiving: list[asyncio.Task[None]], working: list[asyncio.Task[None]]) -> None:
        """Wait for the networks to end; a part that fails ends all."""
        waiting = set(receiving)
        while waiting:
            done, _ = await asyncio.wait((*waiting, *working), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                try:
                    task.result()
                except StartError as error:
                    raise CannotStart(str(error)) from error
                waiting.discard(task)
                if task in working:
                    return
        await self.settled()

    async def _serve(self, end: contextlib.AsyncExitStack) -> None:
        """Open the port, if there is one to open here."""
        if not self.settings.port or "web" not in self.parts:
            return
        from bot.web.metrics import figures
        from bot.web.server import Server

        server = Server(
            self.settings.host, self.settings.port, self.adapters, self.intake.accept, self.ready,
            lambda: figures(self.numbers), self.harvest_page,
            self.invitation_page,
        )  # fmt: skip
        end.push_async_callback(server.stop)
        try:
            await server.start()
        except OSError as error:
            raise CannotStart(
                f"Port {self.settings.port} is taken. Set BYALAG_PORT to another one, or stop what uses it."
            ) from error

    async def ready(self) -> None:
        """Raise if the database does not answer."""
        async with self.database.transaction() as connection:
            await inbox.waiting(connection)

    async def harvest_page(self, code: str, _language: str | None) -> bytes | None:
        """Write the page of a conversation's harvest, in its own language; None unless a host has opened it."""
        async with self.database.reading() as connection:
            found = await load_opened(UnitOfWork(connection, self.keys), code, self.clock())
        if found is None:
            return None
        found = found.reached(adapter.link(f"i-{found.code}") for adapter in self.adapters.values())
        return await asyncio.to_thread(files.write_page, found)

    async def invitation_page(self, code: str, language: str | None) -> bytes | None:
        """Write the page of an invitation, which is not used up by it; None if it opens nothing."""
        async with self.database.reading() as connection:
            found = await invitations.load(UnitOfWork(connection, self.keys), code, self.clock())
        if found is None:
            return None
        invitation, conversation, group = found
        links = {channel: adapter.link(f"i-{code}") for channel, adapter in self.adapters.items()}
        told = invite.page(conversation, group, invitation.for_whom, links, code)
        return notice.landing(told, language or conversation.locale, conversation.zone)

    async def numbers(self) -> Mapping[str, float]:
        """Give the figures that an operator watches."""
        async with self.database.transaction() as connection:
            return {
                "byalag_events_received_total": self.intake.received,
                "byalag_events_handled_total": self.dispatcher.handled,
                "byalag_events_parked_total": self.dispatcher.parked,
                "byalag_events_waiting": await inbox.waiting(connection),
                "byalag_messages_sent_total": self.delivery.counts.sent,
                "byalag_messages_retried_total": self.delivery.counts.retried,
                "byalag_messages_uncertain_total": self.delivery.counts.uncertain,
                "byalag_messages_parked_total": self.delivery.counts.parked,
                "byalag_messages_waiting": await outbox.waiting(connection, self.clock()),
            }

    async def tidy(self) -> None:
        """Drop what need not be kept any longer."""
        await self.listener.tidy()
        async with self.database.transaction() as connection:
            await housekeeping.tidy(connection, self.clock())


async def _for_ever() -> None:
    """Wait until cancelled."""
    await asyncio.Event().wait()


def _nobody(_event: ChoiceMade) -> None:
    """Another process answers presses."""


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let tasks end, and wait for it."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def set_up_logs(settings: Settings, *, terminal: bool, quiet: bool = False) -> None:
    """Configure logging; while people talk in this very terminal (`quiet`), only errors speak."""
    readable = settings.log_format == "text" or (settings.log_format == "auto" and terminal)
    logs.set_up("ERROR" if quiet and settings.log_level == "INFO" else settings.log_level, readable=readable)


async def run(settings: Settings, parts: Sequence[str] = PARTS, *, terminal: bool = False) -> None:
    """Make the bot and run it. Raises `CannotStart`."""
    set_up_logs(settings, terminal=terminal)
    bot = Bot(settings, parts=parts)
    if terminal and EMBEDDED in bot.adapters:
        set_up_logs(settings, terminal=terminal, quiet=True)
    await bot.run()
