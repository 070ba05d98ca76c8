"""Settings, from the environment (``BYALAG_…``) and a file ``.env``; every one is checked at start.

What belongs to one network alone is in that adapter's folder.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "BYALAG_"
_HELPLINE = re.compile(r"(\S[^=]{0,60}?)\s*=\s*(\+?[0-9][0-9 /()-]{1,24})")
"""Who answers, and the number as one dials it."""


class BadSettings(Exception):
    """A setting is missing or wrong; the message names it and says what is expected."""


class Settings(BaseSettings):
    """What an operator may set. Everything has a default that works on one's own machine."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    data: Path = Field(
        Path("data"), description="folder of the database file, the key file and files sent in the console"
    )
    database: str = Field("", description="postgresql://… to grow; empty: a SQLite file in the data folder")
    keys: SecretStr = Field(SecretStr(""), description="the keys, as the key file has them; empty: the key file")
    operator: str = Field("", description="who runs this server: shown to everybody in the notice and in /privacy")
    zone: str = Field("Europe/Stockholm", description="time zone where nothing else is known")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "text"] = "auto"
    port: int = Field(0, ge=0, le=65535, description="port of the pages and webhooks; 0: none")
    host: str = Field("127.0.0.1", description="address that the pages and webhooks listen on")
    public_url: str = Field("", description="where people reach this server's pages; empty: none are offered")
    channels: str = Field(
        "", description="which networks to run, by name; empty: those that have a token, or the console"
    )

    helplines: Annotated[dict[str, dict[str, str]], NoDecode] = Field(
        {}, description="numbers to call in place of the built-in ones of a country: SE: name = number, …; NO: …"
    )

    @field_validator("helplines", mode="before")
    @classmethod
    def _helplines(cls, value: str | dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """Read countries, with a semicolon between; of each its lines, with commas between."""
        if not isinstance(value, str):
            return value
        found: dict[str, dict[str, str]] = {}
        for part in filter(str.strip, value.split(";")):
            country, _colon, lines = part.partition(":")
            read = [_HELPLINE.fullmatch(line.strip()) for line in lines.split(",")]
            known = [(one[1], one[2]) for one in read if one]
            if not re.fullmatch("[A-Z]{2}", country.strip()) or len(known) < len(read):
                raise ValueError("must be such as: SE: Vårdguiden = 1177, Mind = 90101; NO: Legevakt = 116 117")
            found[country.strip()] = dict(known)
        return found

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone such as Europe/Stockholm")
        return ZoneInfo(value).key

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s?#]+", value):
            raise ValueError("must be an address such as https://byalag.example.org (or be empty)")
        return value.rstrip("/")

    @field_validator("database")
    @classmethod
    def _database(cls, value: str) -> str:
        """Take the addresses that platforms hand out, in the form that our driver reads."""
        for short, full in (("postgres://", "postgresql+asyncpg://"), ("postgresql://", "postgresql+asyncpg://")):
            if value.startswith(short):
                value = full + value.removeprefix(short)
        value = value.replace("sslmode=", "ssl=")
        if value and not value.startswith(("postgresql+asyncpg://", "sqlite+aiosqlite://")):
            raise ValueError("must begin with postgresql:// (or be empty for SQLite)")
        return value

    @property
    def database_url(self) -> str:
        """The address of the database."""
        return self.database or f"sqlite+aiosqlite:///{self.data / 'byalag.db'}"

    @property
    def key_file(self) -> Path:
        """Where the keys are if the environment does not have them."""
        return self.data / "byalag.keys"


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S]) -> S:
    """Read and check settings. Raises `BadSettings` with a line for each that is wrong."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        lines = [
            f"{prefix}{'_'.join(map(str, problem['loc'])).upper()} {_plainly(problem['msg'])}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise BadSettings("\n".join(lines)) from None


def _plainly(message: str) -> str:
    """Give what was expected, as the end of a sentence."""
    return message.removeprefix("Value error, ").replace("Input should be", "must be").partition(", unable to")[0]
