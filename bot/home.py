"""Where one installation keeps its things: the keys, the database, and the lock by which a SQLite file has one process.

Rules
-----
* Nothing is made before everything else fits: new keys are written when the database has been opened, and never where
  it was written with others.
* What is made is for its owner alone.
* Whatever cannot be is told in a sentence that says what to do: `CannotStart`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import structlog

from bot.crypto import KeyFile, Keyring, WrongKeys, make_keys, read_keys, write_keys
from bot.settings import Settings
from bot.store import setup
from bot.store.engine import BadAddress, Database

log = structlog.get_logger()


class CannotStart(Exception):
    """The bot cannot start; the message says why and what to do."""


class Home:
    """The keys and the database of an installation. Making one reads the keys, and touches nothing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        try:
            self.database = Database(settings.database_url)
        except BadAddress:
            raise CannotStart(
                "BYALAG_DATABASE is no address of a database, such as postgresql://name:password@host/database."
            ) from None
        self.keys, self._fresh = self._keys()

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.database.url.database or "")

    @property
    def keyless(self) -> bool:
        """Whether the keys are new, and not kept yet."""
        return self._fresh is not None

    def _keys(self) -> tuple[Keyring, KeyFile | None]:
        """Read the keys; where there are none yet, make some, which are not kept before `open`."""
        given = self.settings.keys.get_secret_value()
        path = self.settings.key_file
        try:
            if given or path.exists():
                return Keyring(read_keys(given.encode() if given else path.read_bytes())), None
        except WrongKeys:
            if given:
                raise CannotStart("BYALAG_KEYS does not hold keys as `byalag keys new` prints them.") from None
            raise CannotStart(
                f"The key file {path} is damaged. Put back the one that was made with this database."
            ) from None
        except OSError as error:
            raise CannotStart(f"The key file {path} cannot be read. Check that it belongs to this account.") from error
        fresh = make_keys()
        return Keyring(fresh), fresh

    async def open(self) -> None:
        """Bring the tables of a SQLite file up to date, check that the keys fit, and keep new ones."""
        try:
            await setup.prepare(self.database, migrate_it=self.database.sqlite)
            await self.check_keys()
            if self._fresh is not None:
                self._keep(self._fresh)
            await setup.check_keys(self.database, self.keys)
        except setup.SchemaError as error:
            raise CannotStart(str(error)) from error

    async def check_keys(self) -> None:
        """Raise `CannotStart` or `SchemaError` where the database was written with other keys than these."""
        if self._fresh is not None and await setup.was_written(self.database):
            raise CannotStart(
                f"The key file {self.settings.key_file} is missing, and the database cannot be read without it. "
                "Put it back from where you keep it. (To begin anew, move the database away.)"
            )
        await setup.check_keys(self.database, self.keys, note=False)

    def _keep(self, keys: KeyFile) -> None:
        path = self.settings.key_file
        try:
            write_keys(path, keys, replace=False)
        except FileExistsError as error:
            raise CannotStart(f"Another process has just made the key file {path}. Start again.") from error
        except OSError as error:
            raise CannotStart(_unwritable(path.parent)) from error
        self._fresh = None
        log.info("made new keys; keep a copy of the key file apart from the database")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """A SQLite file has one process; a lock beside it says so."""
        if not self.database.sqlite:
            yield
            return
        with _open(self.file.with_name(f"{self.file.name}.lock")) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise CannotStart(
                    f"Another Byalag uses {self.file} already. Stop it first, or set BYALAG_DATA to another folder."
                ) from error
            if not self.file.exists():
                _open(self.file).close()
            yield


async def migrate(settings: Settings) -> None:
    """Bring the tables up to date. Raises `CannotStart`."""
    home = Home(settings)
    with home.alone():
        try:
            await setup.prepare(home.database, migrate_it=True)
        except setup.SchemaError as error:
            raise CannotStart(str(error)) from error
        finally:
            await home.database.close()


def can_be_made(folder: Path) -> bool:
    """Whether a folder can be written to, or made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def _open(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "w")
    except OSError as error:
        raise CannotStart(_unwritable(path.parent)) from error


def _unwritable(folder: Path) -> str:
    return f"The folder {folder} cannot be written to. Make it writable, or set BYALAG_DATA to another folder."
