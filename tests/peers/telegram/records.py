"""Settings of the server, and what it notes down: requests, presses, what people could see, the bot's profile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from .state import Message, User
from .updates import Chaos
from .validation import Params

Ephemeral = Literal["refuse", "support", "ignore"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves. Times are seconds."""

    bot_username: str = "example_bot"
    bot_name: str = "Example"
    bot_id: int = 700_000_001
    token: str = ""
    strict: bool = True
    limits: bool = False
    privacy: bool = True
    ephemeral: Ephemeral = "refuse"
    callback_lifetime: float = 15.0
    edit_window: float = 0.0
    """0: a bot may edit its messages for ever, as in reality; above: refused after that time."""
    webhook_backoff: float = 1.0
    webhook_timeout: float = 60.0
    first_update_id: int = 700_000_001
    log_size: int = 10_000
    chaos: Chaos | None = None
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, decoded, and what became of it."""

    method: str
    params: Params
    status: int
    result: Any
    at: float

    @property
    def ok(self) -> bool:
        return self.status == 200

    @property
    def error(self) -> str:
        return "" if self.ok else str(self.result.get("description", ""))


@dataclass(slots=True)
class Callback:
    """A press that waits for its answer."""

    id: str
    user: User
    message: Message
    data: str
    made: float
    answer: dict[str, Any] | None = None


@dataclass(slots=True)
class Event:
    """Something a person can see: a bot's message, an edit, a deletion."""

    kind: Literal["sent", "edited", "deleted", "person"]
    message: Message
    number: int
    body: str = ""
    taken: bool = False


@dataclass(slots=True)
class Profile:
    """What the bot has said about itself, by (scope, language) or language."""

    commands: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)
    rights: dict[str, Any] = field(default_factory=dict)
