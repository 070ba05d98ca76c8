"""What takes a while: files and maps, made beside all else; a file is then sent like any other message.

Rules
-----
* A row of the outbox whose file is still to be made is in the state `making`: delivery passes it over, so nothing in
  its room waits for it.
* What stands in a file is read by a transaction that only reads, and written when that has ended: nobody who presses
  something waits meanwhile.
* A row has a lease while its file is made. What a process that died left behind is made by the next one.
* What cannot be made is tried again, and then told. A map that cannot be made is made with the next votes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from bot.chat.content import Attachment, Content, Text
from bot.crypto import Keyring
from bot.delivery.mapping import Mapping, Overtaken
from bot.delivery.picturing import Adapters, bring
from bot.delivery.printing import printed
from bot.domain.conversation import Conversation
from bot.domain.maps import described
from bot.i18n import render
from bot.logs import places
from bot.reporting import files
from bot.reporting.pdf import NoPdf
from bot.store import outbox
from bot.store.engine import Database, DatabaseError
from bot.store.harvest import load_harvest
from bot.store.records import HarvestFile, MapFile, Message, Outbox, PosterFile, StoryPictureFile
from bot.store.unit_of_work import Missing, UnitOfWork

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
AGAIN = timedelta(seconds=5)
TRIES = 3
LOOK_AGAIN = 5.0
AT_LEAST = 0.05
"""Seconds to wait where another process makes what is due."""

NO_PDF = Text("I cannot make a PDF here. Open this page in a browser and print it: that gives the same.")
SORRY = Text("I could not make the file. Please ask for it again a little later.")


class Making:
    """Makes what rows of the outbox ask for, one at a time, until stopped. `made` is told after each."""

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime], made: Callable[[], None],
        *, only_process: bool, adapters: Adapters | None = None,
    ) -> None:  # fmt: skip
        self.database = database
        self.keys = keys
        self.clock = clock
        self.made = made
        self.mapping = Mapping(database, keys, clock)
        self.adapters = adapters or {}
        self.idle = asyncio.Event()
        self._wake = asyncio.Event()
        self._takes_back = only_process

    def wake(self) -> None:
        """Say that there is something to make."""
        self.idle.clear()
        self._wake.set()

    def asked(self, uow: UnitOfWork) -> bool:
        """Tell whether a unit of work has staged something to make."""
        return any(row.state == "making" for row in uow.met(Outbox))

    async def run(self) -> None:
        """Make files until cancelled."""
        while True:
            self._wake.clear()
            try:
                if await self.once():
                    continue
            except DatabaseError as error:
                log.error("the database does not answer", error=type(error).__name__)
            if not self._wake.is_set():
                pause = await self._pause()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()

    async def _pause(self) -> float:
        """How long to wait for the next, if nothing wakes us."""
        async with self.database.reading() as connection:
            later = await outbox.next_to_make(connection)
        soon = LOOK_AGAIN if later is None else (later - self.clock()).total_seconds()
        if soon >= LOOK_AGAIN and not self._wake.is_set():
            self.idle.set()
        return min(max(soon, AT_LEAST), LOOK_AGAIN)

    async def once(self) -> bool:
        """Make what has waited longest; tells whether there was anything."""
        row = await self._claim()
        if row is None:
            return False
        try:
            made = await self._made_of(row)
        except Missing:
            made = None  # the conversation has been erased meanwhile
        except Overtaken:
            made = msgspec.structs.replace(row, not_before=self.clock())
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 (one that cannot be made must not stop the others)
            log.error("a file could not be made", error=type(error).__name__, kind=row.kind, exception=places(error))
            made = self._after_failure(row)
        await self._finish(row, made)
        self.made()
        return True

    async def _made_of(self, row: Outbox) -> Outbox | None:
        """Make it; gives the row as it is to wait now, or None if it has done its work. Raises what went wrong."""
        if row.conversation_id is None:
            raise ValueError(row.kind)
        if row.kind == "map":
            await self.mapping.renew(row.conversation_id)
            if row.subject == "post":
                await self.mapping.post(row.conversation_id)
            return None
        file = row.secret.file if row.secret is not None else None
        if isinstance(file, StoryPictureFile):
            said = await bring(self.database, self.keys, self.adapters, row.conversation_id, file, self.clock())
            return self._ready(row, Content.of(said)) if file.told else None
        return self._ready(row, await self._content(row, row.conversation_id))

    def _after_failure(self, row: Outbox) -> Outbox | None:
        if row.attempts < TRIES:
            return msgspec.structs.replace(row, not_before=self.clock() + AGAIN)
        return None if row.secret is None else self._ready(row, Content.of(SORRY))

    async def _claim(self) -> Outbox | None:
        """Take the next row, and keep others from it for the time of a lease."""
        now = self.clock()
        if self._takes_back:
            async with self.database.transaction() as connection:
                await outbox.make_again(connection, now)
            self._takes_back = False
        async with self.database.reading() as connection:
            if self.database.sqlite and await outbox.to_make(UnitOfWork(connection, self.keys), now) is None:
                return None
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            row = await outbox.to_make(uow, now)
            if row is not None:
                # A map gives up its name: votes that come while it is made ask for another one.
                name = None if row.kind == "map" else row.unique_key
                row = msgspec.structs.replace(row, not_before=now + LEASE, attempts=row.attempts + 1, unique_key=name)
                uow.save(row)
                await uow.flush()
        return row

    async def _content(self, row: Outbox, conversation_id: UUID) -> Content:
        """Write the message with its file. Raises `Missing`, or what went wrong."""
        if row.secret is None or row.secret.file is None:
            raise ValueError(row.kind)
        file, locale = row.secret.file, row.secret.locale
        if isinstance(file, HarvestFile):
            return await _printed(row.secret.content, await self._harvest(conversation_id, file.form, locale))
        if isinstance(file, PosterFile):
            return await _printed(row.secret.content, await self._poster(conversation_id, file, locale))
        if not isinstance(file, MapFile):
            raise TypeError(file)
        findings, here, drawn = await self.mapping.picture(conversation_id, file.participant_id, locale)
        if not drawn:
            raise Missing("map", conversation_id)
        words = "\n".join(render(line, locale) for line in described(findings.shapes, here))
        return _with(Content.of(words), Attachment("picture", "map.png", "image/png", drawn))

    async def _harvest(self, conversation_id: UUID, form: str, locale: str) -> Attachment:
        async with self.database.reading() as connection:
            found = await load_harvest(UnitOfWork(connection, self.keys), conversation_id, self.clock())
        found = found.reached(adapter.link(f"i-{found.code}") for adapter in self.adapters.values())
        return await asyncio.to_thread(files.write, found, form, locale)

    async def _poster(self, conversation_id: UUID, file: PosterFile, locale: str) -> Attachment:
        async with self.database.reading() as connection:
            about = await UnitOfWork(connection, self.keys).need(Conversation, conversation_id)
        return files.poster(file.content, file.link, locale, about.zone)

    def _ready(self, row: Outbox, content: Content) -> Outbox:
        """Give the row as a message that waits."""
        message = Message(content, locale=row.secret.locale if row.secret else "")
        return msgspec.structs.replace(row, state="waiting", not_before=self.clock(), attempts=0, secret=message)

    async def _finish(self, claimed: Outbox, then: Outbox | None) -> None:
        """Keep what became of a row, unless it was taken by another, or is gone; None removes it."""
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            found = await outbox.locked(uow, [claimed.id])
            if not found or found[0].state != "making" or found[0].not_before != claimed.not_before:
                return
            if then is None:
                uow.remove(found[0])
            else:
                uow.save(msgspec.structs.replace(then, room_id=found[0].room_id))
            await uow.flush()


async def _printed(content: Content, written: Attachment) -> Content:
    """Let a file go with a message, printed if it is a PDF; where none can be made the page goes, and that is told."""
    if written.mime != files.PDF:
        return _with(content, written)
    try:
        return _with(content, msgspec.structs.replace(written, data=await printed(written.data)))
    except NoPdf:
        return _with(Content.of(NO_PDF), files.unprinted(written))


def _with(content: Content, attachment: Attachment) -> Content:
    """Let a file go with a message; who does not see it is told the message's first words."""
    alt = content.blocks[0].words if content.blocks else ""
    return msgspec.structs.replace(content, attachment=msgspec.structs.replace(attachment, alt=alt))
