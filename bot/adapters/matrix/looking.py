"""What `byalag check` tells of Matrix. It changes nothing, and works beside a bot that runs with the same files."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from bot.adapters.matrix.age import alarm
from bot.adapters.matrix.api import Api
from bot.adapters.matrix.crypto import Crypto, StoreLostError
from bot.adapters.matrix.files import Files, TakenError
from bot.adapters.matrix.fingerprint import grouped, published_key
from bot.adapters.matrix.identity import Identity, Standing
from bot.adapters.matrix.login import Login
from bot.adapters.matrix.place import Sketch, sketch
from bot.adapters.matrix.session import Session, pickle_key
from bot.adapters.matrix.settings import MatrixSettings
from bot.chat.port import Finding, StartError

DEFAULT_RATE = 0.2
STORE_LOST = (
    "The bot's encryption keys ({store}) are missing, or are not those of its device. Put the file back from where you "
    "keep a copy. If there is none, run `byalag matrix reset`, set BYALAG_MATRIX_PASSWORD, and start again: the bot "
    "comes as a new device; what was encrypted for the old one and not read yet stays unread."
)
IDENTITY = {
    Standing.SIGNED: Finding("Its account says on Matrix that the device is its own (cross-signing)."),
    Standing.NONE: Finding(
        "Its account does not say on Matrix that the device is its own (cross-signing), so apps may warn of it. Set "
        "BYALAG_MATRIX_PASSWORD for one start.", "could",
    ),
    Standing.FOREIGN: Finding(
        "Its account has cross-signing keys that were made in an app, so apps may warn of the bot's device. Verify its "
        "session in that app.", "could",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Looking:
    """What there is to look at. Raises `ApiError` where the server is not reached, `StartError` as a start would."""

    api: Api
    login: Login
    files: Files
    settings: MatrixSettings
    secret: bytes

    async def findings(self) -> list[Finding]:
        """Look at the login, the keys, the rooms and the limits."""
        session = self.login.kept()
        if session is None:
            await self.login.begin()
            await self.login.end()
            return [
                Finding(f"Matrix: {self.settings.user} can log in; the first start does, and keeps it."),
                self._pace(),
            ]
        await self.login.check(session)
        identity = await Identity(self.api, self.settings, self.secret).standing(session.device)
        return [
            *await self._keys(session), IDENTITY[identity], *self._password(), *self._place(session), self._pace()
        ]  # fmt: skip

    def _password(self) -> list[Finding]:
        if not self.settings.password.get_secret_value():
            return []
        said = "The login on Matrix is kept: BYALAG_MATRIX_PASSWORD is not needed any more, and can be taken away."
        return [Finding(said, "could")]

    async def _keys(self, session: Session) -> list[Finding]:
        try:
            self.files.lock()
        except TakenError:
            now, key = " A bot runs with this login now.", session.key
        else:
            try:
                now, key = "", self._own_key(session)
            finally:
                self.files.unlock()
        if key and await published_key(self.api, session.user, session.device) not in {key, None}:
            raise StartError(STORE_LOST.format(store=self.files.keys))
        shown = f" Its key is {grouped(key)}: see `byalag matrix verify`." if key else ""
        return [Finding(f"Matrix: {session.user}, end-to-end encrypted as device {session.device}.{now}{shown}")]

    def _own_key(self, session: Session) -> str:
        if session.fresh:
            return ""
        locked_with = pickle_key(self.secret, session.user)
        try:
            crypto = Crypto(self.api, session.user, session.device, self.files.keys, locked_with, new=False)
        except StoreLostError:
            raise StartError(STORE_LOST.format(store=self.files.keys)) from None
        crypto.close()
        return crypto.public

    def _place(self, session: Session) -> list[Finding]:
        try:
            found = sketch(self.files.place)
        except sqlite3.Error:
            return [Finding(f"{self.files.place} cannot be read.", "bad")]
        lines = [self._rooms(found, session)]
        raised = alarm(found.alarm, session.device, time.time())
        if raised:
            day = time.strftime("%Y-%m-%d", time.gmtime(raised))
            lines.append(
                Finding(
                    f"Since {day} Matrix works with an older copy of the encryption keys. If people's messages cannot "
                    "be read, or they cannot read the bot's, run `byalag matrix reset`.", "bad",
                )
            )  # fmt: skip
        if found.unread:
            lines.append(Finding(f"Messages on Matrix that wait for their key: {found.unread}.", "could"))
        return lines

    @staticmethod
    def _rooms(found: Sketch, session: Session) -> Finding:
        joined = [room for room in found.rooms if room.joined]
        silent = sum(not room.can_write(session.user) for room in joined)
        said = f"Rooms on Matrix: {len(joined)}, encrypted: {sum(room.encrypted for room in joined)}."
        if silent:
            return Finding(f"{said} Rooms where the bot may not write: {silent}. Their admins can let it.", "could")
        return Finding(said)

    def _pace(self) -> Finding:
        rate, burst = self.settings.rate, self.settings.burst
        if not rate:
            return Finding("Matrix: the bot writes as fast as the server takes it.")
        said = f"Matrix: the bot writes {burst} messages at once, then one in {1 / rate:g} seconds."
        if rate > DEFAULT_RATE:
            return Finding(said)
        return Finding(
            f"{said} The server's operator can lift that: see “How fast it may write” in operate.md.", "could"
        )
