"""What an account keeps in its folder: its login, its keys, how far it has read; and the lock that says whose it is."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


class TakenError(Exception):
    """Another process holds the lock."""


class Files:
    """The paths, of one channel. The folder is made with the first lock."""

    def __init__(self, folder: Path, channel: str) -> None:
        name = channel.replace(":", "-")
        self.folder = folder
        self.session = folder / f"{name}.session"
        self.keys = folder / f"{name}-keys.db"
        self.place = folder / f"{name}.db"
        self._lock_file = folder / f"{name}.lock"
        self._lock: int | None = None

    def lock(self) -> None:
        """Hold the lock until `unlock`. Raises `TakenError`."""
        if self._lock is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise TakenError from None
        self._lock = descriptor

    def unlock(self) -> None:
        """Let go of the lock, if we hold it."""
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)
            self._lock = None
