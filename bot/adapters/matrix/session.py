"""Who is logged in: a file, 0600, with the device and its token, so that the password is needed once only."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import msgspec


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """One login. `fresh` says that its keys were not published yet, and its store may still be empty.

    `key` is the device's public key, so that it can be shown while the store is in use.
    """

    homeserver: str
    user: str
    device: str
    token: str
    fresh: bool = False
    key: str = ""


class BrokenSession(Exception):
    """The file is not what we wrote."""


_decoder = msgspec.json.Decoder(Session)


def load(path: Path) -> Session | None:
    """Read the session; None if there is none. Raises `BrokenSession`."""
    try:
        return _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise BrokenSession(str(path)) from None


def save(path: Path, session: Session) -> None:
    """Write the session: all of it or nothing."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(session)))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def pickle_key(secret: bytes, user: str) -> str:
    """Give the key that locks the store: from the bot's own secret, and never the library's default."""
    return hmac.new(secret, b"byalag: matrix store: " + user.encode(), hashlib.sha256).hexdigest()
