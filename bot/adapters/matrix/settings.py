"""Matrix's settings: ``BYALAG_MATRIX_…`` in the environment or ``.env``. Server, account and password are enough."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PICTURES = (b"\x89PNG", b"\xff\xd8\xff")


class MatrixSettings(BaseSettings):
    """What an operator may set. Without an account there is no Matrix; the password is needed for the first login only.

    The rates are Synapse's own defaults (`rc_message`: one event in five seconds, ten at a time). Where the server's
    operator lifts them for the bot, they are lifted here too.
    """

    model_config = SettingsConfigDict(
        env_prefix="BYALAG_MATRIX_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    homeserver: str = Field("", description="address of the bot's homeserver, such as https://matrix.example.org")
    user: str = Field(
        "", description="the bot's account, such as @byalag:example.org; empty: no Matrix", validate_default=True
    )
    password: SecretStr = Field(SecretStr(""), description="the account's password, for the first login only")
    name: str = Field("Byalag", description="the name that people see; empty: as it is")
    picture: str = Field("", description="file of the picture that people see (PNG or JPEG); empty: as it is")
    rate: float = Field(0.2, ge=0, description="events a second in all that the server lets the bot send; 0: no limit")
    burst: int = Field(9, ge=1, description="events that the server takes at once")
    poll_timeout: int = Field(30, ge=0, le=300, description="seconds that the server may hold back an empty answer")

    @field_validator("homeserver")
    @classmethod
    def _homeserver(cls, value: str) -> str:
        url = value.strip().rstrip("/")
        if url and not (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname):
            raise ValueError("must be an address that begins with https://, such as https://matrix.example.org")
        return url

    @field_validator("user")
    @classmethod
    def _user(cls, value: str, others: ValidationInfo) -> str:
        user, homeserver = value.strip(), others.data.get("homeserver")
        if user and not re.fullmatch(r"@[^\s:/\\]+:[^\s/\\]+", user):
            raise ValueError("is not an account on Matrix, such as @byalag:example.org")
        if user and homeserver == "":
            raise ValueError("is set, but not BYALAG_MATRIX_HOMESERVER: the address of the account's server")
        if homeserver and not user:
            raise ValueError("is missing, while BYALAG_MATRIX_HOMESERVER is set: the bot's account on that server")
        return user

    @field_validator("picture")
    @classmethod
    def _picture(cls, value: str) -> str:
        name = value.strip()
        try:
            with Path(name or os.devnull).open("rb") as file:
                begin = file.read(4)
        except OSError:
            begin = b""
        if name and not begin.startswith(PICTURES):
            raise ValueError("is not the file of a picture, PNG or JPEG, that can be read")
        return name

    @property
    def configured(self) -> bool:
        """Whether there is an account and a server."""
        return bool(self.user and self.homeserver)
