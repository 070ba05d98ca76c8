"""Files that take a while to write: made beside all else, and then sent like any other message.

Rules
-----
* A row of the outbox whose file is still to be made is in the state `making`: delivery passes it over, so nothing in
  its room waits for it.
* What stands in a file is read by a transaction that only reads, and written when that has ended: nobody who presses
  something waits meanwhile.
* A row has a lease while its file is made. What a process that died left behind is made by the next one.
* What cannot be made is tried again, and then told.
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
from bot.delivery.printing import printed
from bot.logs import places
from bot.reporting import files
from bot.reporting.pdf import NoPdf
from bot.store import outbox
from bot.store.engine import Database, DatabaseError
from bot.store.harvest import load_harvest
from bot.store.records import Message, Outbox
from bot.store.unit_of_work import Missing, UnitOfWork

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
AGAIN = timedelta(seconds=5)
TRIES = 3
LOOK_AGAIN = 5.0

NO_PDF = Text("I cannot make a PDF here. Open the page in a browser and print it: that gives the same.")
SORRY = Text("I could not make the file. Please ask for it again a little later.")


class Making:
    """Makes what rows of the outbox ask for, one at a time, until stopped. `made` is told after each."""

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime], made: Callable[[], None],
        *, only_process: bool,
    ) -> None:  # fmt: skip
        self.database = database
        self.keys = keys
        self.clock = clock
        self.made = made
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
                self.idle.set()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        await self._wake.wait()

    async def once(self) -> bool:
        """Make the file that has waited longest; tells whether there was one."""
        row = await self._claim()
        if row is None:
            return False
        try:
            content: Content | None = await self._content(row)
        except NoPdf:
            content = Content.of(NO_PDF)
        except Missing:
            content = None  # the conversation has been erased meanwhile
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 (one file that cannot be made must not stop the others)
            log.error("a file could not be made", error=type(error).__name__, exception=places(error))
            if row.attempts < TRIES:
                await self._finish(row, msgspec.structs.replace(row, not_before=self.clock() + AGAIN))
                return True
            content = Content.of(SORRY)
        await self._finish(row, self._ready(row, content) if content else None)
        self.made()
        return True

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
                row = msgspec.structs.replace(row, not_before=now + LEASE, attempts=row.attempts + 1)
                uow.save(row)
                await uow.flush()
        return row

    async def _content(self, row: Outbox) -> Content:
        """Write the message with its file. Raises `NoPdf`, `Missing`, or what went wrong."""
        if row.secret is None or row.secret.file is None or row.conversation_id is None:
            raise ValueError(row.kind)
        attachment = await self._harvest(row.conversation_id, row.secret.file.form, row.secret.locale)
        return _with(row.secret.content, attachment)

    async def _harvest(self, conversation_id: UUID, form: str, locale: str) -> Attachment:
        async with self.database.reading() as connection:
            found = await load_harvest(UnitOfWork(connection, self.keys), conversation_id, self.clock())
        written = await asyncio.to_thread(files.write, found, form, locale)
        if not files.FORMS[form].printed:
            return written
        return msgspec.structs.replace(written, data=await printed(written.data))

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


def _with(content: Content, attachment: Attachment) -> Content:
    """Let a file go with a message; who does not see it is told the message's first words."""
    alt = content.blocks[0].words if content.blocks else ""
    return msgspec.structs.replace(content, attachment=msgspec.structs.replace(attachment, alt=alt))
