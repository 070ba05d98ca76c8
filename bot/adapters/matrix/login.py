"""Logging in: by password once, then with the device and token that are kept. Every obstacle is told in a sentence."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from bot.adapters.matrix import session as sessions
from bot.adapters.matrix.api import FORBIDDEN, UNAUTHORIZED, Api, ApiError, Json, Refusal, path_of
from bot.adapters.matrix.asking import LOGGED_OUT
from bot.adapters.matrix.settings import MatrixSettings
from bot.chat.port import StartError

WRONG_PASSWORD = "Matrix does not accept BYALAG_MATRIX_USER with BYALAG_MATRIX_PASSWORD. Check both."  # noqa: S105
FIRST_LOGIN = (
    "Set BYALAG_MATRIX_PASSWORD for the bot's first login on Matrix. It is not needed afterwards: the login is kept in "
    "{path}."
)
WRONG_SERVER = (
    "{homeserver} does not answer as a Matrix server does. Set BYALAG_MATRIX_HOMESERVER to the address that apps talk "
    "to{hint}."
)
ELSEWHERE = frozenset({301, 302, 307, 308, 404, 405})
"""How an address answers that is a web page's, if it does so without a homeserver's own words."""
OTHER_ACCOUNT = (
    "{path} holds the login of another account or server than BYALAG_MATRIX_USER and BYALAG_MATRIX_HOMESERVER name. "
    "Set those back, or another BYALAG_DATA; or run `byalag matrix reset`, and the bot logs in anew."
)
BROKEN = "{path} cannot be read. Put it back from a backup, or run `byalag matrix reset`, and the bot logs in anew."


class Login:
    """The login of one account, kept in a file. Raises `StartError` where somebody has to do something."""

    def __init__(self, api: Api, settings: MatrixSettings, file: Path) -> None:
        self._api = api
        self._settings = settings
        self._file = file

    def kept(self) -> sessions.Session | None:
        """Give the login that is kept; None if there is none."""
        try:
            found = sessions.load(self._file)
        except sessions.BrokenSession:
            raise StartError(BROKEN.format(path=self._file)) from None
        if found is None:
            return None
        if (found.user, found.homeserver) != (self._settings.user, self._settings.homeserver):
            raise StartError(OTHER_ACCOUNT.format(path=self._file))
        self._api.token = found.token
        return found

    async def begin(self) -> sessions.Session:
        """Log in by password. What it gives is not kept yet."""
        password = self._settings.password.get_secret_value()
        if not password:
            raise StartError(FIRST_LOGIN.format(path=self._file))
        body: Json = {
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": self._settings.user},
            "password": password, "initial_device_display_name": "Byalag",
        }  # fmt: skip
        try:
            answer = await self._api.post(path_of("login"), body)
        except Refusal as refusal:
            await self._is_elsewhere(refusal)
            if refusal.status in {UNAUTHORIZED, FORBIDDEN} and refusal.code:
                raise StartError(WRONG_PASSWORD) from None
            raise
        session = sessions.Session(
            self._settings.homeserver, self._settings.user, str(answer["device_id"]), str(answer["access_token"]),
            fresh=True,
        )  # fmt: skip
        self._api.token = session.token
        return session

    async def session(self) -> sessions.Session:
        """Give the login, kept or new; a new one is kept."""
        found = self.kept()
        if found is None:
            found = await self.begin()
            sessions.save(self._file, found)
        return found

    async def check(self, session: sessions.Session) -> None:
        """Ask the server whether it knows the login."""
        try:
            answer = await self._api.get(path_of("account", "whoami"))
        except Refusal as refusal:
            if refusal.status == UNAUTHORIZED and refusal.code:
                raise StartError(LOGGED_OUT) from None
            raise
        if answer.get("user_id") != session.user or answer.get("device_id", session.device) != session.device:
            raise StartError(OTHER_ACCOUNT.format(path=self._file))

    async def _is_elsewhere(self, refusal: Refusal) -> None:
        """Raise `StartError` where the address is not that of a homeserver, with the right one if it tells it.

        Only before the first login: later it is a proxy's page, and passes.
        """
        if refusal.code or refusal.status not in ELSEWHERE:
            return
        found: object = None
        with suppress(ApiError):
            found = await self._api.get("/.well-known/matrix/client")
        for name in ("m.homeserver", "base_url"):
            found = found.get(name) if isinstance(found, dict) else None
        sound = isinstance(found, str) and re.fullmatch(r"https?://[\w.:/-]{1,200}", found)
        hint = f", perhaps {found}".rstrip("/") if sound else ""
        raise StartError(WRONG_SERVER.format(homeserver=self._settings.homeserver, hint=hint))

    async def end(self) -> None:
        """Log out: the server forgets the device."""
        await self._api.post(path_of("logout"))
        self._api.token = ""
