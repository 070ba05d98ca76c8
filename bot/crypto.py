"""Keys, ciphers, keyed hashes and signatures: the only file that holds secrets.

* *Sealing* is AES-256-GCM; sealed bytes begin with their key's id, so keys can be rotated: the newest seals, all open.
* *Look-up hashes* are HMAC-SHA256 under a key of their own: equal things can be found again without being readable.
* *Signatures* on buttons are 8 bytes of HMAC-SHA256, bound to a room: enough against guessing at a chat's pace.
* Codes have 128 random bits.
* Where a library locks files of its own, its key is derived (HKDF-SHA256) from the key for hashes, which never changes.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import tempfile
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
MAC_BYTES = 8


class WrongKeys(Exception):
    """The keys are missing, malformed, or not the ones this database was written with. The message says what to do."""


class KeyFile(msgspec.Struct, frozen=True):
    """What the key file holds: base64 keys. `ciphers` newest first, each with its id."""

    ciphers: dict[str, str]
    hashing: str
    signing: str


class Keyring:
    """The keys of one installation. Cheap to use, safe to share between tasks."""

    def __init__(self, keys: KeyFile) -> None:
        try:
            self._ciphers = {bytes([int(name)]): AESGCM(_unpack(key)) for name, key in keys.ciphers.items()}
            self._newest = next(iter(self._ciphers))
            self._hashing = _unpack(keys.hashing)
            self._signing = _unpack(keys.signing)
        except (ValueError, StopIteration) as error:
            raise WrongKeys("The key file is damaged. Put back the one that was made with this database.") from error

    def seal(self, plain: bytes, about: bytes) -> bytes:
        """Encrypt. `about` says what the bytes belong to; they open only as that."""
        nonce = os.urandom(NONCE_BYTES)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Decrypt what `seal` made. Raises `WrongKeys` where the key is another or the bytes were changed."""
        cipher = self._ciphers.get(sealed[:1])
        if cipher is None:
            raise WrongKeys("This was encrypted with a key that the key file does not have.")
        try:
            return cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], about)
        except (InvalidTag, ValueError) as error:  # ValueError: too short to be anything
            raise WrongKeys("This was encrypted with another key, or has been changed.") from error

    def lookup(self, *parts: str | bytes) -> bytes:
        """Give the 16-byte keyed hash under which something is found again."""
        framed = bytearray()
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            framed += len(data).to_bytes(4, "big") + data
        return hmac.digest(self._hashing, framed, "sha256")[:16]

    def sign(self, data: bytes, context: bytes) -> bytes:
        """Give the 8-byte signature of `data` in a context (a room)."""
        return hmac.digest(self._signing, len(context).to_bytes(2, "big") + context + data, "sha256")[:MAC_BYTES]

    def signed(self, data: bytes, signature: bytes, context: bytes) -> bool:
        """Whether `signature` is ours, compared in constant time."""
        return hmac.compare_digest(self.sign(data, context), signature)

    def secret(self, purpose: str) -> bytes:
        """Give 32 bytes that are this installation's own, for one purpose alone; they stay when keys are rotated."""
        return HKDF(SHA256(), KEY_BYTES, None, f"byalag: {purpose}".encode()).derive(self._hashing)

    @property
    def fingerprint(self) -> str:
        """A public mark of the hashing key, kept in the database to notice a lost key file."""
        return self.lookup("fingerprint").hex()


def new_code() -> str:
    """Make a secret code: 128 random bits in 22 characters of the URL-safe alphabet."""
    return secrets.token_urlsafe(16)


def make_keys() -> KeyFile:
    """Make fresh keys."""
    return KeyFile({"1": _pack(secrets.token_bytes(KEY_BYTES))}, *(_pack(secrets.token_bytes(KEY_BYTES)) for _ in "ab"))


def rotated(keys: KeyFile) -> KeyFile:
    """Add a new cipher key in front; what the older ones sealed can still be opened."""
    newest = str(max(int(name) for name in keys.ciphers) + 1)
    return KeyFile({newest: _pack(secrets.token_bytes(KEY_BYTES)), **keys.ciphers}, keys.hashing, keys.signing)


def read_keys(text: bytes) -> KeyFile:
    """Read the JSON of a key file (or of the environment variable that replaces it)."""
    try:
        return msgspec.json.decode(text, type=KeyFile)
    except msgspec.MsgspecError as error:
        raise WrongKeys("The keys are not in the form that `byalag keys` writes.") from error


def write_keys(path: Path, keys: KeyFile, *, replace: bool = True) -> None:
    """Write the key file, readable by nobody but its owner, in one step.

    Unless it may `replace` one, it raises `FileExistsError` where there is one already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: of two processes that make keys at once neither takes the other's for its own.
    descriptor, fresh = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(keys)))
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(fresh).replace(path)
        else:
            os.link(fresh, path)
    finally:
        Path(fresh).unlink(missing_ok=True)


def _pack(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _unpack(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(text)
    return key
