"""Where we are: how far the account is read, what we know of its rooms, and what could not be decrypted yet.

Rules
-----
* One SQLite file, 0600, beside nio's store. It is written after `accept` returned, in one transaction: the sync's token
  together with what the sync told of rooms. A crash before it makes the same sync come again, and intake passes over
  what it has.
* Nothing here is the only copy: without the file the bot asks the server for the state again, from now on.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot.adapters.matrix.rooms import Room

SCHEMA = """
CREATE TABLE IF NOT EXISTS word (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS room (id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unread (
    id TEXT PRIMARY KEY, room TEXT NOT NULL, since REAL NOT NULL, data BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, sender TEXT NOT NULL, message TEXT NOT NULL, data TEXT NOT NULL
);
"""
MOST_MARKS = 100_000

_encode = msgspec.msgpack.Encoder().encode
_rooms = msgspec.msgpack.Decoder(Room)


class Unread(msgspec.Struct, frozen=True):
    """An event that could not be decrypted, as it came. `since` is when (seconds since 1970)."""

    id: str
    room: str
    since: float
    data: bytes


@dataclass(frozen=True)
class Sketch:
    """What is of interest to who only looks at the file."""

    rooms: list[Room]
    unread: int
    alarm: str


def sketch(path: Path) -> Sketch:
    """Read the file, also while a bot writes to it. Raises `sqlite3.Error`."""
    if not path.exists():
        return Sketch([], 0, "")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        rooms = [_rooms.decode(data) for (data,) in database.execute("SELECT data FROM room")]
        (unread,) = database.execute("SELECT count(*) FROM unread").fetchone()
        words = dict(database.execute("SELECT name, value FROM word WHERE name = 'alarm'").fetchall())
    return Sketch(rooms, int(unread), str(words.get("alarm", "")))


class Mark(msgspec.Struct, frozen=True):
    """A reaction in a group by which somebody chose: the server forgets what it was when it is taken back."""

    id: str
    sender: str
    message: str
    data: str


class Place:
    """The file, and in memory what is in it."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = DELETE")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(SCHEMA)
        self._writing = asyncio.Lock()
        self._open = threading.Lock()
        self._closed = False
        self.rooms: dict[str, Room] = {
            room_id: _rooms.decode(data) for room_id, data in self._database.execute("SELECT id, data FROM room")
        }
        self.unread: dict[str, Unread] = {
            row[0]: Unread(*row) for row in self._database.execute("SELECT id, room, since, data FROM unread")
        }

    def word(self, name: str) -> str:
        """Read a word (``token``, ``starts``)."""
        found = self._database.execute("SELECT value FROM word WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def mark(self, reaction_id: str) -> Mark | None:
        """Find what somebody chose by a reaction."""
        query = "SELECT id, sender, message, data FROM mark WHERE id = ?"
        found = self._database.execute(query, (reaction_id,)).fetchone()
        return Mark(*found) if found else None

    def private_with(self, user: str) -> Room | None:
        """Find the private room with somebody: the one that was found last, if there are several."""
        found = [room for room in self.rooms.values() if room.joined and room.private and room.other == user]
        return found[-1] if found else None

    async def commit(
        self, words: dict[str, str] | None = None, rooms: Iterable[Room] = (), unread: Sequence[Unread] = (),
        read: Sequence[str] = (), marks: Sequence[Mark] = (),
    ) -> None:  # fmt: skip
        """Write words, rooms, reactions, and what could not be read, or need not be any more; all or nothing."""
        self.unread |= {each.id: each for each in unread}
        for each in read:
            self.unread.pop(each, None)
        # Written out here: while the thread writes, the rooms may change on.
        known = [(room.id, _encode(room)) for room in rooms]
        rows = [(each.id, each.room, each.since, each.data) for each in unread]
        chosen = [(each.id, each.sender, each.message, each.data) for each in marks]
        async with self._writing:
            await asyncio.shield(asyncio.to_thread(self._write, list((words or {}).items()), known, rows, read, chosen))

    def _write(
        self, words: Sequence[tuple[str, str]], rooms: Sequence[tuple[str, bytes]],
        unread: Sequence[tuple[str, str, float, bytes]], read: Sequence[str], marks: Sequence[tuple[str, ...]],
    ) -> None:  # fmt: skip
        with self._open:
            if not self._closed:
                self._transact(words, rooms, unread, read, marks)

    def _transact(
        self, words: Sequence[tuple[str, str]], rooms: Sequence[tuple[str, bytes]],
        unread: Sequence[tuple[str, str, float, bytes]], read: Sequence[str], marks: Sequence[tuple[str, ...]],
    ) -> None:  # fmt: skip
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("REPLACE INTO word VALUES (?, ?)", words)
            self._database.executemany("REPLACE INTO room VALUES (?, ?)", rooms)
            self._database.executemany("REPLACE INTO unread VALUES (?, ?, ?, ?)", unread)
            self._database.executemany("DELETE FROM unread WHERE id = ?", [(each,) for each in read])
            self._database.executemany("REPLACE INTO mark (id, sender, message, data) VALUES (?, ?, ?, ?)", marks)
            if marks:
                oldest = "DELETE FROM mark WHERE number <= (SELECT max(number) FROM mark) - ?"
                self._database.execute(oldest, (MOST_MARKS,))

    def close(self) -> None:
        """Close the file, after what is just being written; nothing is written after it."""
        with self._open:
            if not self._closed:
                self._closed = True
                self._database.close()
