"""What a refusal means: what delivery is to do about a request that brought no result."""

from __future__ import annotations

import structlog

from bot.adapters.matrix.api import (
    FORBIDDEN,
    NOT_FOUND,
    SERVER_ERRORS,
    TOO_MANY,
    UNAUTHORIZED,
    ApiError,
    NotSentError,
    Refusal,
)
from bot.adapters.matrix.rooms import Room
from bot.chat.port import NO_RIGHTS, DeliveryError, Later, Uncertain, Unreachable

log = structlog.get_logger()

AGAIN = 5.0
"""Seconds to wait for a server that is down, or a room that is being joined."""
CONNECT_AGAIN = 1.0
BUSY_AGAIN = 5.0
TOKEN_AGAIN = 300.0
"""Seconds to wait where the login is refused: somebody has to do something."""
GATEWAY = frozenset({502, 504})


def told(error: ApiError, room: Room, channel: str) -> DeliveryError:  # noqa: PLR0911 (a return a reason)
    """Give what delivery is to do about an error."""
    if isinstance(error, NotSentError):
        return Later("down", CONNECT_AGAIN, room_only=False)
    if not isinstance(error, Refusal):
        return Uncertain("lost")
    if error.status == TOO_MANY:
        return Later("busy", error.retry_after or BUSY_AGAIN, room_only=False)
    if error.status in GATEWAY:
        return Uncertain("lost")
    # Without a code it is a proxy's page or the like: not the word of a homeserver.
    if error.status in SERVER_ERRORS or not error.code:
        return Later("down", error.retry_after or AGAIN, room_only=False)
    if error.status == UNAUTHORIZED:
        return Later("token", TOKEN_AGAIN, room_only=False)
    if error.status == FORBIDDEN:
        # Who is in a room and may not write lacks the right; who is not, the room.
        return Unreachable(NO_RIGHTS) if room.joined else Unreachable("gone", dead=True)
    if error.status == NOT_FOUND:
        return Unreachable("gone", dead=True)
    log.error("Matrix refused a message", channel=channel, status=error.status, reason=error.code)
    return Unreachable("refused")
