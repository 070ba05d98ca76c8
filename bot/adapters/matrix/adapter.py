"""Matrix as one of our networks: log in, sync, send, with end-to-end encryption where rooms have it.

Rules
-----
* Nothing is acknowledged before it is stored: the sync's token moves after `accept`.
* The password is used once. From then on a file holds the device and its token, and nio's store its keys; where one of
  them is without the other, the bot does not start, and says what to do. It never goes on without encryption.
* One process holds the keys: a lock beside them says so.
* Only what somebody has to mend stops the start. While the server is not reached `run` goes on trying, and the other
  networks work.
* Neither the token nor what was said is logged.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from bot.adapters.matrix import session as sessions
from bot.adapters.matrix.api import FORBIDDEN, UNAUTHORIZED, Api, ApiError, Json, Refusal, path_of
from bot.adapters.matrix.crypto import Crypto, StoreLostError
from bot.adapters.matrix.memory import Memory
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.receive import LOGGED_OUT, Backoff, Receiving
from bot.adapters.matrix.render import link, render
from bot.adapters.matrix.sending import Pace, Sending
from bot.adapters.matrix.settings import MatrixSettings
from bot.adapters.matrix.translate import Me
from bot.adapters.matrix.words import clean
from bot.chat.content import LocalMessage
from bot.chat.events import Event
from bot.chat.keys import RoomKey
from bot.chat.port import Accept, Later, Limits, Menu, PressAnswer, Refused, StartError

log = structlog.get_logger()

ANSWER_WITHIN = 5.0
WRONG_PASSWORD = "Matrix does not accept BYALAG_MATRIX_USER with BYALAG_MATRIX_PASSWORD. Check both."  # noqa: S105
FIRST_LOGIN = (
    "Set BYALAG_MATRIX_PASSWORD for the bot's first login on Matrix. It is not needed afterwards: the login is kept in "
    "{path}."
)
OTHER_ACCOUNT = (
    "{path} holds the login of another account or server than BYALAG_MATRIX_USER and BYALAG_MATRIX_HOMESERVER name. "
    "Set those back, or another BYALAG_DATA; or remove the file, and the bot logs in anew."
)
BROKEN = "{path} cannot be read. Put it back from a backup, or remove it, and the bot logs in anew."
STORE_LOST = (
    "The bot's encryption keys ({store}) are missing, or are not those of its device. Put the file back from where you "
    "keep a copy. If there is none, remove {path}, set BYALAG_MATRIX_PASSWORD, and start again: the bot comes as a new "
    "device; what was encrypted for the old one and not read yet stays unread."
)
TAKEN = "Another Byalag uses {store} already. Stop it first: with two of them, messages become unreadable."
OLD_STORE = (
    "the encryption keys are from an older copy than the rest of the data: some messages may not be readable at first. "
    "If it does not pass in an hour, log in anew"
)


class MatrixAdapter:
    """One account on Matrix. `folder` is where its files are kept, `secret` what locks the encryption keys in there."""

    idempotent = True
    called = False
    send_timeout = 30.0
    patience = 60.0
    """Seconds to wait for a missing key, before people are told that a message cannot be read."""

    def __init__(self, settings: MatrixSettings, folder: Path, secret: bytes, channel: str = "matrix") -> None:
        self.settings = settings
        self.channel = channel
        self.limits = Limits(settings.rate, burst=settings.burst)
        self._secret = secret
        self._session_file = folder / f"{channel.replace(':', '-')}.session"
        self._store_file = folder / f"{channel.replace(':', '-')}-keys.db"
        self._place_file = folder / f"{channel.replace(':', '-')}.db"
        self._lock_file = folder / f"{channel.replace(':', '-')}.lock"
        self._lock: int | None = None
        self._me = Me(channel, settings.user, settings.name)
        self._api = Api(settings.homeserver, within=self.send_timeout - 1)
        self._pace = Pace(settings.rate, settings.burst)
        self._crypto: Crypto | None = None
        self._place: Place | None = None
        self._receiving: Receiving | None = None
        self._sending: Sending | None = None

    # Starting and ending

    async def start(self, menus: Sequence[Menu]) -> None:  # noqa: ARG002 (Matrix has no menus)
        """Log in, and check that all keys are there. Raises `StartError`."""
        self._api.open()
        try:
            await self._prepare()
        except ApiError as error:
            log.warning("Matrix is not reached yet", channel=self.channel, error=str(error))

    async def _prepare(self) -> None:
        self._alone()
        session = await self._session()
        self._api.token = session.token
        await self._check(session)
        crypto = self._crypto = self._crypto or self._keys(session)
        if not await crypto.announce():
            raise self._store_lost()
        if session.fresh:
            session = sessions.Session(session.homeserver, session.user, session.device, session.token)
            sessions.save(self._session_file, session)
        place = self._place = self._place or Place(self._place_file)
        await self._count(crypto, place)
        await self._name()
        memory = Memory(self._api, crypto)
        sending = Sending(self._api, crypto, place, memory, self._me, self._pace, self.send_timeout - 1)
        self._receiving = Receiving(
            self._api, crypto, place, memory, self._me, sending.say, timeout=self.settings.poll_timeout,
            patience=self.patience,
        )  # fmt: skip
        self._sending = sending

    def _alone(self) -> None:
        """Hold the lock for as long as we live. Raises `StartError`."""
        if self._lock is not None:
            return
        self._lock_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise StartError(TAKEN.format(store=self._store_file)) from None
        self._lock = descriptor

    async def _session(self) -> sessions.Session:
        """Give the login, kept or new."""
        try:
            found = sessions.load(self._session_file)
        except sessions.BrokenSession:
            raise StartError(BROKEN.format(path=self._session_file)) from None
        if found is None:
            return await self._log_in()
        if (found.user, found.homeserver) != (self.settings.user, self.settings.homeserver):
            raise StartError(OTHER_ACCOUNT.format(path=self._session_file))
        return found

    async def _log_in(self) -> sessions.Session:
        password = self.settings.password.get_secret_value()
        if not password:
            raise StartError(FIRST_LOGIN.format(path=self._session_file))
        body: Json = {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": self.settings.user},
            "password": password, "initial_device_display_name": "Byalag",
        }  # fmt: skip
        try:
            answer = await self._api.post(path_of("login"), body)
        except Refusal as refusal:
            if refusal.status in {UNAUTHORIZED, FORBIDDEN} and refusal.code:
                raise StartError(WRONG_PASSWORD) from None
            raise
        session = sessions.Session(
            self.settings.homeserver, self.settings.user, str(answer["device_id"]), str(answer["access_token"]),
            fresh=True,
        )  # fmt: skip
        sessions.save(self._session_file, session)
        return session

    async def _check(self, session: sessions.Session) -> None:
        try:
            answer = await self._api.get(path_of("account", "whoami"))
        except Refusal as refusal:
            if refusal.status == UNAUTHORIZED and refusal.code:
                raise StartError(LOGGED_OUT.format(path=self._session_file)) from None
            raise
        if answer.get("user_id") != session.user or answer.get("device_id", session.device) != session.device:
            raise StartError(OTHER_ACCOUNT.format(path=self._session_file))

    def _keys(self, session: sessions.Session) -> Crypto:
        key = sessions.pickle_key(self._secret, session.user)
        try:
            return Crypto(self._api, session.user, session.device, self._store_file, key, new=session.fresh)
        except StoreLostError:
            raise self._store_lost() from None

    def _store_lost(self) -> StartError:
        log.error("the encryption keys are lost", channel=self.channel)
        return StartError(STORE_LOST.format(store=self._store_file, path=self._session_file))

    async def _count(self, crypto: Crypto, place: Place) -> None:
        """Count the starts on both sides, which tells a store that is older than the rest."""
        starts = int(place.word("starts") or 0)
        if crypto.counter < starts:
            log.error(OLD_STORE, channel=self.channel)
        crypto.counter = starts + 1
        await place.commit({"starts": str(starts + 1)})

    async def _name(self) -> None:
        """Take on the name that people see."""
        if not self.settings.name:
            return
        path = path_of("profile", self._me.id, "displayname")
        try:
            if (await self._api.get(path)).get("displayname") != self.settings.name:
                await self._api.put(path, {"displayname": self.settings.name})
        except Refusal as refusal:
            log.info("the bot's name could not be set", channel=self.channel, status=refusal.status)

    async def run(self, accept: Accept) -> None:
        """Receive until cancelled. Raises `StartError` when the login is not known any more."""
        backoff = Backoff()
        while self._receiving is None:
            await backoff.pause()
            try:
                await self._prepare()
            except ApiError as error:
                log.warning("Matrix is not reached", channel=self.channel, error=str(error))
        try:
            await self._receiving.run(accept)
        except StartError as error:
            raise StartError(str(error).format(path=self._session_file)) from None

    async def stop(self) -> None:
        """Close all connections and files."""
        if self._sending is not None:
            await self._sending.stop()
        await self._api.close()
        if self._crypto is not None:
            self._crypto.close()
        if self._place is not None:
            self._place.close()
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)
            self._lock = None

    # Receiving

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 (the port's)
        """Refuse: Matrix is asked."""
        raise Refused("Matrix has no webhook")

    # Sending

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:
        """Write a message as the content of an event."""
        return render(self._me.id, room, message)

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Send a rendered message and give its id. Raises `DeliveryError`."""
        if self._sending is None:
            raise Later("not logged in yet", 5.0, room_only=False)
        return await self._sending.send(room, rendered, key)

    async def answer(self, press: str, answer: PressAnswer) -> None:
        """Answer a press in private, where that room is known; a failure is only logged."""
        user, _, room = press.partition(" ")
        text = clean(answer.text).strip() or (self.link(answer.start) if answer.start else "")
        if self._sending is None or not room or not text:
            return
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._sending.tell(user, room, text)
        except TimeoutError:
            log.info("a press could not be answered", channel=self.channel)

    def link(self, start: str, *, group: bool = False) -> str:
        """Say where to go, and what to write there: a link on Matrix carries no payload."""
        return link(self._me.id, start, group=group)

    def describe(self) -> str:
        """Say who the bot is, by which device, and how fast it may write."""
        if self._crypto is None or self._sending is None:
            return f"Matrix: {self._me.id}, not reached yet"
        rate = f"{self.settings.rate:g} messages a second" if self.settings.rate else "no limit of its own"
        return (
            f"Matrix: {self._me.id}, end-to-end encrypted as device {self._crypto.device} "
            f"(key {self._crypto.fingerprint}), {rate}"
        )
