"""Cross-signing: the account's own word that the bot's device is its own. Without it apps warn, or leave the bot out.

Rules
-----
* The account's three signing keys are derived from the bot's own secret, and kept nowhere: a device that comes later is
  signed by the same ones, and whoever verified the bot need not do so again.
* Keys that somebody made for the account elsewhere are never replaced.
* What is signed is what we have ourselves: a device's keys from the server that are not ours are left alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from enum import Enum

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.adapters.matrix.api import UNAUTHORIZED, Api, Json, Refusal, path_of
from bot.adapters.matrix.settings import MatrixSettings

log = structlog.get_logger()

USAGES = ("master", "self_signing", "user_signing")


class Standing(Enum):
    """What others see of the account's identity."""

    SIGNED = "signed"
    NONE = "none"
    FOREIGN = "foreign"


class SigningKey:
    """One of the account's keys."""

    def __init__(self, secret: bytes, user: str, usage: str) -> None:
        seed = hmac.new(secret, f"byalag: matrix {usage} key: {user}".encode(), hashlib.sha256).digest()
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = _unpadded(self._key.public_key().public_bytes_raw())
        self.unsigned: Json = {"user_id": user, "usage": [usage], "keys": {f"ed25519:{self.public}": self.public}}

    def signed(self, thing: Json, user: str) -> Json:
        """Give a thing with our signature on it."""
        bare = {name: value for name, value in thing.items() if name not in {"signatures", "unsigned"}}
        return bare | {"signatures": {user: {f"ed25519:{self.public}": _unpadded(self._key.sign(canonical(bare)))}}}


class Identity:
    """One account's identity, and what it says of its device."""

    def __init__(self, api: Api, settings: MatrixSettings, secret: bytes) -> None:
        self._api = api
        self._user = settings.user
        self._settings = settings
        self.master, self._own, self._others = (SigningKey(secret, settings.user, usage) for usage in USAGES)

    async def standing(self, device: str) -> Standing:
        """Ask the server what others see. Raises `ApiError`."""
        return self._standing(await self._asked(device), device)

    def _standing(self, found: Json, device: str) -> Standing:
        master = _at(found, "master_keys", self._user, "keys")
        if not isinstance(master, dict):
            return Standing.NONE
        if f"ed25519:{self.master.public}" not in master:
            return Standing.FOREIGN
        signatures = _at(found, "device_keys", self._user, device, "signatures", self._user)
        signed = isinstance(signatures, dict) and f"ed25519:{self._own.public}" in signatures
        return Standing.SIGNED if signed else Standing.NONE

    async def publish(self, device: str, keys: Json) -> None:
        """Let the account say that the device with these public keys is its own. Raises `ApiError`."""
        found = await self._asked(device)
        if self._standing(found, device) is not Standing.NONE:
            return
        theirs = _at(found, "device_keys", self._user, device)
        if not isinstance(theirs, dict) or theirs.get("keys") != keys:
            return
        try:
            if _at(found, "master_keys", self._user) is None:
                await self._upload_keys()
            signed = {self._user: {device: self._own.signed(theirs, self._user)}}
            answer = await self._api.post(path_of("keys", "signatures", "upload"), signed)
        except Refusal as refusal:
            log.warning("the device could not be cross-signed", status=refusal.status)
            return
        if answer.get("failures"):
            log.warning("the device could not be cross-signed")

    async def _upload_keys(self) -> None:
        path = path_of("keys", "device_signing", "upload")
        keys: Json = {"master_key": self.master.unsigned}
        for usage, key in (("self_signing", self._own), ("user_signing", self._others)):
            keys[f"{usage}_key"] = self.master.signed(key.unsigned, self._user)
        try:
            await self._api.post(path, keys)
        except Refusal as refusal:
            password = self._settings.password.get_secret_value()
            if refusal.status != UNAUTHORIZED or not password:
                raise
            who = {"type": "m.id.user", "user": self._user}
            auth = {"type": "m.login.password", "identifier": who, "password": password}
            await self._api.post(path, keys | {"auth": auth})

    async def _asked(self, device: str) -> Json:
        return await self._api.post(path_of("keys", "query"), {"device_keys": {self._user: [device]}})


def canonical(thing: Json) -> bytes:
    """Write JSON in the one form that is signed."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _at(found: object, *names: str) -> object:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
