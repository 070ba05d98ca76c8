"""End-to-end encryption: matrix-nio's Olm machine and store, fed by our own requests.

Rules
-----
* All keys are in nio's store, one SQLite file (0600) locked with a key of ours. Nothing is sent, and no sync's token
  moves, before what it changed is saved there; so a crash can repeat a step, but not lose a key.
* Every device of everybody in a room gets the room's keys, verified or not; `docs/adr/0010…` says why.
* What a hostile or broken client sends can fail alone; it never stops what comes after it.
* A message that was encrypted with the key of somebody else's device than its sender's is nobody's.
"""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog
from nio.crypto import Olm
from nio.event_builders import ToDeviceMessage
from nio.events.room_events import Event as NioEvent
from nio.events.room_events import MegolmEvent
from nio.events.to_device import RoomKeyEvent, ToDeviceEvent
from nio.exceptions import EncryptionError
from nio.responses import KeysClaimResponse, KeysQueryResponse, KeysUploadResponse, ToDeviceResponse
from nio.store import SqliteStore

from bot.adapters.matrix import verification
from bot.adapters.matrix.api import Api, ApiError, Json, Refusal, path_of
from bot.adapters.matrix.fingerprint import grouped, published_key

log = structlog.get_logger()
# It would log who writes to whom, and whole events where they are odd.
logging.getLogger("nio").setLevel(logging.CRITICAL)

MEGOLM = "m.megolm.v1.aes-sha2"
QUERY_WITHIN = 20.0
MOST_DECLINED = 50
CONFLICT = (400, "M_UNKNOWN")
_objects = msgspec.json.Decoder(Json)


class StoreLostError(Exception):
    """The store has no account of this device, or cannot be read with our key."""


class Crypto:
    """One device's keys. `counter` is a number kept in the store, which tells an old copy of it."""

    def __init__(self, api: Api, user: str, device: str, path: Path, pickle_key: str, *, new: bool) -> None:
        self._api = api
        self.user = user
        self.device = device
        if not new and not path.exists():
            raise StoreLostError("missing")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._store, self._olm = _opened(user, device, path, pickle_key, new=new)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stale: set[str] = set()
        self._asking = asyncio.Lock()
        self.outdated = False
        """Whether the server has one-time keys that this store does not know of: it is an older copy."""

    @property
    def public(self) -> str:
        """The device's public key."""
        return str(self._olm.account.identity_keys["ed25519"])

    @property
    def keys(self) -> Json:
        """The device's public keys, by their names."""
        return {f"{kind}:{self.device}": str(key) for kind, key in self._olm.account.identity_keys.items()}

    @property
    def fingerprint(self) -> str:
        """The device's public key, as clients show it."""
        return grouped(self.public)

    @property
    def counter(self) -> int:
        """A count that grows with each start and hour (`age`)."""
        found = self._store.load_sync_token() or ""
        return int(found) if found.isdecimal() else 0

    @counter.setter
    def counter(self, value: int) -> None:
        self._store.save_sync_token(str(value))

    def close(self) -> None:
        """Close the store."""
        self._store.database.close()

    # Starting

    async def announce(self) -> bool:
        """Publish the device's keys, once; False if others were published for this device. Raises `ApiError`."""
        published = await published_key(self._api, self.user, self.device)
        if published is not None and published != self.public:
            return False
        if not self._olm.account.shared:
            await self._upload()
        return True

    async def _upload(self) -> None:
        keys = self._olm.share_keys()
        # Saved first: a key that the server gives out must be one that we have.
        self._olm.save_account()
        answer = await self._api.post(path_of("keys", "upload"), keys)
        counts = answer.get("one_time_key_counts", {})
        self._olm.handle_response(
            KeysUploadResponse(counts.get("curve25519", 0), int(counts.get("signed_curve25519", 0)))
        )

    # Receiving

    def receive(self, sync: Json) -> set[str]:
        """Take in what a sync brings of keys; gives the ids of the sessions that can be read from now on."""
        new: set[str] = set()
        for event in _list(sync.get("to_device"), "events"):
            try:
                if event.get("type") in verification.BEGINNINGS:
                    self._decline(event)
                    continue
                parsed = ToDeviceEvent.parse_event(event)
                found = self._olm.handle_to_device_event(parsed) if parsed is not None else None
            except Exception as error:  # noqa: BLE001 (whatever somebody sends us, the next one may be a key)
                log.info("a key message could not be read", error=type(error).__name__)
                continue
            if isinstance(found, RoomKeyEvent):
                new.add(found.session_id)
        self._olm.received_key_requests.clear()
        counts = sync.get("device_one_time_keys_count")
        count = counts.get("signed_curve25519", 0) if isinstance(counts, dict) else None
        if isinstance(count, int):
            self._olm.uploaded_key_count = count
        for user in _list(sync.get("device_lists"), "changed"):
            if user in self._olm.tracked_users:
                self._olm.users_for_key_query.add(user)
        for user in _list(sync.get("device_lists"), "left"):
            self._olm.tracked_users.discard(user)
            self._olm.users_for_key_query.discard(user)
        return new

    def _decline(self, event: Json) -> None:
        to = verification.declined(event)
        if to is not None and len(self._olm.outgoing_to_device_messages) < MOST_DECLINED:
            user, device, content = to
            message = ToDeviceMessage(verification.CANCEL, user, device, content)
            self._olm.outgoing_to_device_messages.append(message)

    async def upkeep(self) -> None:
        """Do what keys need besides: refill one-time keys, learn of changed devices, mend broken sessions."""
        try:
            if self._olm.should_upload_keys:
                await self._upload()
            await self._query()
            if self._olm.wedged_devices:
                await self._claim(self._olm.get_users_for_key_claiming())
            for message in list(self._olm.outgoing_to_device_messages):
                await self._to_device(message.type, message.as_dict()["messages"])
                self._olm.handle_response(ToDeviceResponse(message))
        except Refusal as refusal:
            # So a server says that it has other keys under the names of these.
            self.outdated = self.outdated or (refusal.status, refusal.code) == CONFLICT
            log.warning("keys could not be exchanged", error=str(refusal))
        except ApiError as error:
            log.warning("keys could not be exchanged", error=str(error))
        except Exception as error:  # noqa: BLE001 (an odd answer must not end the receiving)
            log.error("keys could not be exchanged", error=type(error).__name__)

    def decrypt(self, room_id: str, event: Json) -> Json | None:
        """Give an encrypted event in the clear; None if it cannot be read (yet)."""
        try:
            return self._decrypt(room_id, event)
        except Exception as error:  # noqa: BLE001 (ciphertexts are hostile)
            log.info("a message could not be decrypted", error=type(error).__name__)
            return None

    def _decrypt(self, room_id: str, event: Json) -> Json | None:
        parsed = self._parsed(room_id, event)
        if parsed is None:
            return None
        session = self._olm.inbound_group_store.get(room_id, parsed.sender_key, parsed.session_id)
        if session is None:
            self._olm.check_if_wedged(parsed)
            return None
        if not self._is_theirs(parsed.sender, parsed.sender_key):
            log.warning("a message was not encrypted by its sender")
            return None
        plaintext, index = session.decrypt(parsed.ciphertext)
        if not self._olm.message_index_ok(index, parsed):
            raise EncryptionError("replayed")
        payload = _objects.decode(plaintext if isinstance(plaintext, bytes) else plaintext.encode())
        content = payload["content"]
        if payload.get("room_id") != room_id or not isinstance(content, dict):
            raise EncryptionError("of another room")
        outside = event["content"].get("m.relates_to")
        if "m.relates_to" not in content and isinstance(outside, dict):
            content["m.relates_to"] = outside
        return event | {"type": payload["type"], "content": content}

    def _parsed(self, room_id: str, event: Json) -> MegolmEvent | None:
        content = dict(event["content"])
        if content.get("algorithm") != MEGOLM:
            return None
        if "sender_key" not in content:  # newer clients leave it out, and the device too
            content["sender_key"] = next(
                (
                    key
                    for key, known in self._olm.inbound_group_store[room_id].items()
                    if content["session_id"] in known
                ),
                "",
            )
        content.setdefault("device_id", "")
        parsed = NioEvent.parse_encrypted_event(event | {"content": content})
        if not isinstance(parsed, MegolmEvent) or not parsed.sender_key:
            return None
        parsed.room_id = room_id
        return parsed

    def _is_theirs(self, sender: str, sender_key: str) -> bool:
        """Tell whether a key is of one of the sender's devices, as far as devices are known."""
        devices = self._olm.device_store
        if sender == self.user and sender_key == self._olm.account.identity_keys["curve25519"]:
            return True
        if devices.device_from_sender_key(sender, sender_key) is not None:
            return True
        return not any(device.curve25519 == sender_key for device in devices)

    async def ask_for_key(self, room_id: str, event: Json) -> None:
        """Ask the sender's devices, and our own others, for the key to an event."""
        with suppress(Exception):
            parsed = self._parsed(room_id, event)
            if parsed is None:
                return
            request = parsed.as_key_request(parsed.sender, self.device)
            wanted = {parsed.sender: {"*": request.content}, self.user: {"*": request.content}}
            await self._to_device(request.type, wanted)

    async def freshen(self) -> None:
        """Begin new sessions with all known devices: those of an older copy had other messages. Raises `ApiError`."""
        self._olm.wedged_devices.extend(
            device
            for device in self._olm.device_store
            if not device.deleted and device not in self._olm.wedged_devices
            and self._olm.session_store.get(device.curve25519) is not None
        )  # fmt: skip
        if self._olm.wedged_devices:
            await self._claim(self._olm.get_users_for_key_claiming())

    # Sending

    def renew(self, room_id: str) -> None:
        """Begin a new session with the next message: somebody came or left."""
        self._stale.add(room_id)

    async def encrypt(self, room_id: str, users: Iterable[str], kind: str, content: Json) -> Json:
        """Write an event's content for these people's devices alone, who get the key first. Raises `ApiError`."""
        async with self._locks[room_id]:
            people = sorted(users)
            self._olm.users_for_key_query.update(user for user in people if user not in self._olm.tracked_users)
            await self._query()
            if room_id in self._stale:
                self._stale.discard(room_id)
                self._olm.outbound_group_sessions.pop(room_id, None)
            if self._olm.should_share_group_session(room_id):
                await self._share(room_id, people)
            encrypted: Json = self._olm.group_encrypt(room_id, {"type": kind, "content": content})
        if "m.relates_to" in content:
            encrypted["m.relates_to"] = content["m.relates_to"]
        return encrypted

    async def _share(self, room_id: str, people: list[str]) -> None:
        missing = self._olm.get_missing_sessions(people)
        if missing:
            await self._claim(missing)
        for _, messages in self._olm.share_group_session_parallel(room_id, people, ignore_unverified_devices=True):
            await self._to_device("m.room.encrypted", messages["messages"])
        self._olm.outbound_group_sessions[room_id].shared = True

    async def _query(self) -> None:
        """Ask for the devices of those whose devices we do not know."""
        async with self._asking:
            asked = set(self._olm.users_for_key_query)
            if not asked:
                return
            body: Json = {"device_keys": {user: [] for user in asked}, "timeout": 10_000}
            answer = await self._api.post(path_of("keys", "query"), body, within=QUERY_WITHIN)
            self._olm.users_for_key_query -= asked
            for user, devices in _dict(answer.get("device_keys")).items():
                response = KeysQueryResponse({user: devices}, {})
                try:
                    self._olm.handle_response(response)
                except Exception as error:  # noqa: BLE001 (one person's odd device must not silence the others')
                    log.warning("somebody's devices could not be read", error=type(error).__name__)
                if response.changed:
                    # Whoever has a new device reads from here on, and a device that is gone no more.
                    self._stale.update(self._olm.outbound_group_sessions)

    async def _claim(self, missing: dict[str, list[str]]) -> None:
        wanted = {user: dict.fromkeys(devices, "signed_curve25519") for user, devices in missing.items()}
        body: Json = {"one_time_keys": wanted, "timeout": 10_000}
        answer = await self._api.post(path_of("keys", "claim"), body, within=QUERY_WITHIN)
        for user, devices in _dict(answer.get("one_time_keys")).items():
            for device, key in _dict(devices).items():
                try:
                    self._olm.handle_response(KeysClaimResponse({user: {device: key}}, {}))
                except Exception as error:  # noqa: BLE001 (as above)
                    log.warning("a device's one-time key could not be used", error=type(error).__name__)

    async def _to_device(self, kind: str, messages: Json) -> None:
        await self._api.put(path_of("sendToDevice", kind, uuid.uuid4().hex), {"messages": messages})


def _opened(user: str, device: str, path: Path, pickle_key: str, *, new: bool) -> tuple[SqliteStore, Olm]:
    try:
        store = SqliteStore(user, device, str(path.parent), pickle_key, path.name)
        account = store.load_account()
        olm = Olm(user, device, store) if account is not None or new else None
    except Exception as error:  # noqa: BLE001 (a wrong key, another file, an empty one: none can be read)
        raise StoreLostError(type(error).__name__) from None
    if olm is None:
        raise StoreLostError("empty")
    return store, olm


def _dict(found: object) -> Json:
    return found if isinstance(found, dict) else {}


def _list(found: object, name: str) -> list[Json]:
    events = found.get(name) if isinstance(found, dict) else None
    return events if isinstance(events, list) else []
