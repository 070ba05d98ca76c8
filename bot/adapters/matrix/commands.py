"""`byalag matrix …`: show by which key the bot's device is known, or let it come as a new one."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.matrix import session as sessions
from bot.adapters.matrix.api import Api, ApiError
from bot.adapters.matrix.files import Files, TakenError
from bot.adapters.matrix.fingerprint import grouped, published_key
from bot.adapters.matrix.login import Login
from bot.adapters.matrix.settings import MatrixSettings
from bot.chat.port import StartError

NOT_SET_UP = "Matrix is not set up: BYALAG_MATRIX_USER and BYALAG_MATRIX_HOMESERVER are missing."
NO_LOGIN = "The bot has not logged in on Matrix yet. Start it once."
NOT_REACHED = "{homeserver} is not reached, so it cannot be seen which key it tells people. Try again later."
OTHER_KEY = (
    "The server tells people another key for the bot's device than the bot has. Do not trust it: ask the server's "
    "operator, or run `byalag matrix reset`."
)
VERIFY = """\
The bot on Matrix is {user}.

  Session ID (device):   {device}
  Session key (ed25519): {key}

The server tells people the same key. To verify it, open the bot's profile in your Matrix app, choose its session, and
verify it manually, by text: the session key there must be this one. If it is, confirm.
The account says itself that this session is its own (cross-signing), so apps do not warn of it. The bot takes no part
in comparing emoji: an app that knows no other way goes on showing the account as not verified, and works all the
same."""
RUNNING = "The bot is running. Stop it first."
RESET = """\
The bot is logged out on Matrix.{aside}
Set BYALAG_MATRIX_PASSWORD, and start it: it comes as a new device, in the same rooms. What was encrypted for the old
one and not read yet stays unread."""
STILL_THERE = """
The server was not reached or did not know the login: if the old device ({device}) is still in the account's list of
sessions, remove it there."""


class Commands:
    """What an operator may do with the account. Gives what is to be told. Raises `StartError`."""

    def __init__(self, settings: MatrixSettings, folder: Path, channel: str = "matrix") -> None:
        self._settings = settings
        self._files = Files(folder, channel)
        self._api = Api(settings.homeserver)
        self._login = Login(self._api, settings, self._files.session)

    async def verify(self) -> str:
        """Tell the key of the bot's device, if the server tells the same; also while the bot runs."""
        self._set_up()
        session = self._login.kept()
        if session is None or not session.key:
            raise StartError(NO_LOGIN)
        self._api.open()
        try:
            await self._login.check(session)
            published = await published_key(self._api, session.user, session.device)
        except ApiError:
            raise StartError(NOT_REACHED.format(homeserver=session.homeserver)) from None
        finally:
            await self._api.close()
        if published != session.key:
            raise StartError(OTHER_KEY)
        return VERIFY.format(user=session.user, device=session.device, key=grouped(session.key))

    async def reset(self) -> str:
        """Log out, and put the keys aside: the next start comes as a new device. Where the bot has read to stays."""
        self._set_up()
        if not self._files.folder.exists():
            raise StartError(NO_LOGIN)
        try:
            self._files.lock()
        except TakenError:
            raise StartError(RUNNING) from None
        try:
            return await self._reset()
        finally:
            self._files.unlock()

    async def _reset(self) -> str:
        session = self._kept_in_any_case()
        if session is None and not self._files.session.exists() and not self._files.keys.exists():
            raise StartError(NO_LOGIN)
        logged_out = session is None or await self._logged_out(session)
        # The login first: without it, a crash in between ends where this was going.
        self._files.session.unlink(missing_ok=True)
        aside = self._files.keys.with_suffix(".old")
        kept = self._files.keys.exists()
        if kept:
            self._files.keys.replace(aside)
        told = RESET.format(aside=f" Its keys are put aside: {aside}." if kept else "")
        return told if logged_out or session is None else told + STILL_THERE.format(device=session.device)

    def _kept_in_any_case(self) -> sessions.Session | None:
        """Give the login, whichever account it is for; None if it cannot be read."""
        try:
            return sessions.load(self._files.session)
        except sessions.BrokenSession:
            return None

    @staticmethod
    async def _logged_out(session: sessions.Session) -> bool:
        api = Api(session.homeserver)
        api.token = session.token
        api.open()
        try:
            await api.post("/_matrix/client/v3/logout")
        except ApiError:
            return False
        finally:
            await api.close()
        return True

    def _set_up(self) -> None:
        if not self._settings.configured:
            raise StartError(NOT_SET_UP)
