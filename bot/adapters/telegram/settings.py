"""Telegram's settings: ``BYALAG_TELEGRAM_…`` in the environment or ``.env``. The token alone is enough."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

API = "https://api.telegram.org"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class TelegramSettings(BaseSettings):
    """What an operator may set. Without a token there is no Telegram; with it, everything else has a default."""

    model_config = SettingsConfigDict(
        env_prefix="BYALAG_TELEGRAM_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    token: SecretStr = Field(SecretStr(""), description="the bot's token, from @BotFather; empty: no Telegram")
    username: str = Field("", description="the bot's name; needed only where links are made before Telegram answers")
    webhook_url: str = Field("", description="public address (https://…) of this bot's pages; empty: it asks Telegram")
    webhook_secret: SecretStr = Field(SecretStr(""), description="proves that it is Telegram; empty: made of the token")
    api_base: str = Field(API, description="address of the Bot API server, if it is one's own")
    proxy: str = Field("", description="HTTP proxy to reach Telegram through")
    rate: float = Field(30.0, ge=0, description="messages a second in all; 0: no limit")
    rate_room: float = Field(1.0, ge=0, description="messages a second to one chat; 0: no limit")
    rate_group: float = Field(20.0, ge=0, description="messages a minute to one group; 0: no limit")
    poll_timeout: int = Field(30, ge=0, le=50, description="seconds that Telegram may hold back an empty answer")
    connections: int = Field(40, ge=1, le=100, description="connections at a time, each way")

    @field_validator("token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if token and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{30,}", token):
            raise ValueError("is not a bot's token, such as 123456:AbC…; copy the whole of it from @BotFather")
        return SecretStr(token)

    @field_validator("username")
    @classmethod
    def _username(cls, value: str) -> str:
        name = value.strip().removeprefix("@")
        if name and not re.fullmatch(r"[A-Za-z]\w{3,31}", name, re.ASCII):
            raise ValueError("is not the name of a bot, such as byalag_bot")
        return name

    @field_validator("webhook_url")
    @classmethod
    def _webhook_url(cls, value: str) -> str:
        url = value.strip().rstrip("/")
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if url and not local and not (parts.scheme == "https" and parts.hostname):
            raise ValueError("must begin with https://, since Telegram calls nothing else")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
            raise ValueError("may have at most 256 letters (a-z), figures, - and _")
        return value

    @field_validator("api_base", "proxy")
    @classmethod
    def _address(cls, value: str) -> str:
        url = value.strip().rstrip("/")
        if url and not (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname):
            raise ValueError("must be an address that begins with http:// or https://")
        return url

    @property
    def configured(self) -> bool:
        """Whether there is a token."""
        return bool(self.token.get_secret_value())

    @property
    def bot_id(self) -> int:
        """The bot's own account: what stands before the token's colon."""
        return int(self.token.get_secret_value().partition(":")[0] or 0)

    @property
    def secret(self) -> str:
        """What Telegram sends along with each webhook call: the same on every replica and after every restart."""
        given = self.webhook_secret.get_secret_value()
        token = self.token.get_secret_value().encode()
        return given or hmac.new(token, b"byalag: telegram webhook", hashlib.sha256).hexdigest()
