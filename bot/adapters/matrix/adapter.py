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
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import structlog

from bot.adapters.matrix import session as sessions
from bot.adapters.matrix.age import Age
from bot.adapters.matrix.api import Api, ApiError, Refusal
from bot.adapters.matrix.crypto import Crypto, StoreLostError
from bot.adapters.matrix.fetching import fetch
from bot.adapters.matrix.files import Files, TakenError
from bot.adapters.matrix.identity import Identity
from bot.adapters.matrix.keeping import Keeping
from bot.adapters.matrix.login import Login
from bot.adapters.matrix.looking import STORE_LOST, Looking
from bot.adapters.matrix.memory import Memory
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.profile import Profile
from bot.adapters.matrix.reacting import Pace
from bot.adapters.matrix.receive import Receiving
from bot.adapters.matrix.removing import remove
from bot.adapters.matrix.render import address, link, render
from bot.adapters.matrix.sending import Sending
from bot.adapters.matrix.settings import MatrixSettings
from bot.adapters.matrix.translate import Me
from bot.adapters.offering import Backoff
from bot.chat.content import LocalMessage
from bot.chat.events import Event
from bot.chat.keys import RoomKey
from bot.chat.port import (
    Accept,
    Finding,
    Guest,
    Later,
    Limits,
    Manner,
    Menu,
    NewRoom,
    PressAnswer,
    Refused,
    RoomKeeper,
    StartError,
)

log = structlog.get_logger()

ANSWER_WITHIN = 5.0
TAKEN = "Another Byalag uses {store} already. Stop it first: with two of them, messages become unreadable."


class MatrixAdapter:
    """One account on Matrix. `folder` is where its files are kept, `secret` what locks the encryption keys in there."""

    idempotent = True
    called = False
    manner = Manner("!", opens=True, before_all=True, menus=False, numbers=True)
    send_timeout = 30.0
    patience = 60.0
    """Seconds to wait for a missing key, before people are told that a message cannot be read."""

    def __init__(self, settings: MatrixSettings, folder: Path, secret: bytes, channel: str = "matrix") -> None:
        self.settings = settings
        self.channel = channel
        self.limits = Limits(settings.rate, burst=settings.burst)
        self._secret = secret
        self._files = Files(folder, channel)
        self._me = Me(channel, settings.user, settings.name)
        self._api = Api(settings.homeserver, within=self.send_timeout - 1)
        self._login = Login(self._api, settings, self._files.session)
        self._pace = Pace(settings.rate, settings.burst)
        self._crypto: Crypto | None = None
        self._place: Place | None = None
        self._wait = 0.0
        """Seconds that the server wants us to wait, before we knock again."""
        self._age: Age | None = None
        self._receiving: Receiving | None = None
        self._sending: Sending | None = None
        self._keeping: Keeping | None = None

    # Starting and ending

    async def start(self, menus: Sequence[Menu]) -> None:  # noqa: ARG002 (Matrix has no menus)
        """Log in, and check that all keys are there. Raises `StartError`."""
        self._api.open()
        try:
            await self._prepare()
        except ApiError as error:
            self._wait = error.retry_after if isinstance(error, Refusal) else 0.0
            log.warning("Matrix is not reached yet", channel=self.channel, error=str(error))

    async def _prepare(self) -> None:
        self._alone()
        session = await self._login.session()
        await self._login.check(session)
        crypto = self._crypto = self._crypto or self._keys(session)
        if not await crypto.announce():
            raise self._store_lost()
        if session.fresh or session.key != crypto.public:
            session = msgspec.structs.replace(session, fresh=False, key=crypto.public)
            sessions.save(self._files.session, session)
        await Identity(self._api, self.settings, self._secret).publish(session.device, crypto.keys)
        place = self._place = self._place or Place(self._files.place)
        self._age = Age(self._api, crypto, place, self.channel)
        await self._age.begin()
        await Profile(self._api, place, self.settings, self.channel).take_on()
        memory = Memory(self._api, crypto)
        sending = Sending(self._api, crypto, place, memory, self._me, self._pace, self.send_timeout - 1)
        self._receiving = Receiving(
            self._api, crypto, place, memory, self._me, sending, timeout=self.settings.poll_timeout,
            patience=self.patience,
        )  # fmt: skip
        self._keeping = Keeping(self._api, place, self._me, self.send_timeout - 1)
        self._sending = sending

    def _alone(self) -> None:
        """Hold the lock for as long as we live. Raises `StartError`."""
        try:
            self._files.lock()
        except TakenError:
            raise StartError(TAKEN.format(store=self._files.keys)) from None

    def _keys(self, session: sessions.Session) -> Crypto:
        key = sessions.pickle_key(self._secret, session.user)
        try:
            return Crypto(self._api, session.user, session.device, self._files.keys, key, new=session.fresh)
        except StoreLostError:
            raise self._store_lost() from None

    def _store_lost(self) -> StartError:
        log.error("the encryption keys are lost", channel=self.channel)
        return StartError(STORE_LOST.format(store=self._files.keys))

    async def look(self) -> Sequence[Finding]:
        """Tell what there is, without changing it. Raises `StartError`."""
        self._api.open()
        # With files of its own: the lock that we may hold is not its to let go of.
        looking = Looking(self._api, self._login, Files(self._files.folder, self.channel), self.settings, self._secret)
        try:
            return await looking.findings()
        except Refusal as refusal:
            return [Finding(f"Matrix: {self.settings.homeserver} does not let the bot in now ({refusal}).", "bad")]
        except ApiError:
            return [Finding(f"Matrix: {self.settings.homeserver} is not reached.", "bad")]

    async def run(self, accept: Accept) -> None:
        """Receive until cancelled. Raises `StartError` when the login is not known any more."""
        backoff = Backoff()
        while self._receiving is None:
            await backoff.pause(self._wait)
            try:
                await self._prepare()
            except ApiError as error:
                self._wait = error.retry_after if isinstance(error, Refusal) else 0.0
                log.warning("Matrix is not reached", channel=self.channel, error=str(error))
        counting = asyncio.create_task(self._age.run()) if self._age is not None else None
        if self._sending is not None:
            self._sending.accept = accept
        try:
            await self._receiving.run(accept)
        finally:
            if counting is not None:
                counting.cancel()
                await asyncio.wait([counting])

    async def stop(self) -> None:
        """Close all connections and files."""
        if self._sending is not None:
            await self._sending.stop()
        await self._api.close()
        if self._crypto is not None:
            self._crypto.close()
        if self._place is not None:
            self._place.close()
        self._files.unlock()

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
            raise _not_yet()
        return await self._sending.send(room, rendered, key)

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:
        """Remove a message of the bot's. Raises `DeliveryError`."""
        if self._sending is None:
            raise _not_yet()
        within = self.send_timeout - 1
        await remove(
            self._api, self._sending, self._pace, room, message_id, key, within=within, channel=self.channel
        )  # fmt: skip

    async def fetch_media(self, ref: str, most: int) -> bytes:
        """Bring a picture or file. Raises `DeliveryError`."""
        return await fetch(self._api, ref, most, self.channel)

    @property
    def keeper(self) -> RoomKeeper:
        """It makes rooms by itself."""
        return self

    async def make_room(self, wanted: NewRoom, key: str) -> RoomKey:
        """Make an encrypted room and invite. Raises `DeliveryError`."""
        if self._keeping is None:
            raise _not_yet()
        return await self._keeping.make_room(wanted, key)

    async def admit(self, room: RoomKey, guest: Guest) -> None:
        """Invite somebody into a room that the bot made. Raises `DeliveryError`."""
        if self._keeping is None:
            raise _not_yet()
        await self._keeping.admit(room, guest)

    async def answer(self, press: str, answer: PressAnswer) -> None:
        """Answer a press in private; a failure is only logged."""
        user, room, event_id = (*press.split(" "), "", "", "")[:3]
        if self._sending is None or not event_id:
            return
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._sending.tell(user, room, answer, f"answer-{event_id}")
        except (ApiError, TimeoutError) as error:
            log.info("a press could not be answered", channel=self.channel, error=type(error).__name__)

    def link(self, start: str, *, group: bool = False) -> str:
        """Say where to go, and what to write there: a link on Matrix carries no payload."""
        return link(self._me.id, start, group=group)

    def address(self, room: RoomKey) -> str:
        """Give the web address of a room."""
        return address(self._me.id, room.room)

    def describe(self) -> str:
        """Say who the bot is, by which device, and how fast it may write."""
        if self._crypto is None or self._sending is None:
            return f"Matrix: {self._me.id}, not reached yet"
        rate = f"{self.settings.rate:g} messages a second" if self.settings.rate else "no limit of its own"
        return (
            f"Matrix: {self._me.id}, end-to-end encrypted as device {self._crypto.device} "
            f"(key {self._crypto.fingerprint}), {rate}"
        )


def _not_yet() -> Later:
    return Later("not logged in yet", 5.0, room_only=False)
