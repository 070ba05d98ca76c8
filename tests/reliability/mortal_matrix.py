"""`byalag run`, which is killed at a point: ``python -m tests.reliability.mortal_matrix POINT``."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from bot.__main__ import main
from bot.adapters.matrix.crypto import Crypto
from bot.adapters.matrix.keeping import Keeping
from bot.adapters.matrix.receive import Receiving
from bot.adapters.matrix.sending import Sending
from bot.intake import Intake

POINTS: dict[str, tuple[type, str, str]] = {
    "the keys are saved, the events are not": (Intake, "accept", "before"),
    "the events are saved, the token is not": (Intake, "accept", "after"),
    "the token is saved": (Receiving, "_take", "after"),
    "an answer is encrypted, and not sent": (Crypto, "encrypt", "after"),
    "an answer is sent, and not noted": (Sending, "send", "after"),
}

MAKING: dict[str, tuple[type, str, str]] = {
    "nothing is made": (Keeping, "make_room", "before"),
    "the room is created, nobody is invited": (Keeping, "_create", "after"),
    "the room is made, and not noted": (Keeping, "make_room", "after"),
}


def die_at(owner: type, name: str, when: str) -> None:
    """Let the process be killed at the first call of a method."""
    whole = getattr(owner, name)

    async def dying(*given: Any, **named: Any) -> Any:
        if when == "after":
            await whole(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)


if __name__ == "__main__":
    die_at(*(POINTS | MAKING)[sys.argv[1]])
    sys.exit(main(["run"]))
