"""What a refused or broken-off request means for delivery, by the server's own words.

The reasons are ours and short, for they go to the log: ``blocked``, ``gone`` (a dead room, or a message that cannot be
edited any more), ``rights``, ``moved``, ``busy`` (429), ``down``, ``token``, ``refused``.
"""

from __future__ import annotations

import re

from bot.adapters.telegram.api import Refusal
from bot.adapters.telegram.request import NotSentError
from bot.chat.keys import RoomKey
from bot.chat.port import NO_RIGHTS, DeliveryError, Later, Uncertain, Unreachable

AGAIN = 5.0
"""Seconds to wait for a server that is down."""
CONNECT_AGAIN = 1.0
"""Seconds to wait where there was no connection."""
TOKEN_AGAIN = 300.0
"""Seconds to wait where the token is refused: somebody has to do something."""

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 403, 404, 429
SERVER_ERRORS = range(500, 600)

_SAME = "message is not modified"
_NO_PICTURE = re.compile(r"PHOTO_|IMAGE_PROCESS_FAILED|file is too big", re.IGNORECASE)
_RIGHTS = re.compile(
    r"not enough rights|no rights|administrator rights|CHAT_\w*(WRITE|SEND|ADMIN|RESTRICTED)", re.IGNORECASE
)
_DEAD = re.compile(
    r"chat not found|user not found|peer_id_invalid|chat_id is empty|group chat was deleted|group is deactivated"
    r"|thread not found|TOPIC_CLOSED|TOPIC_DELETED",
    re.IGNORECASE,
)
_UNEDITABLE = re.compile(
    r"to edit|can't be edited|MESSAGE_ID_INVALID|message not found|no text in the message", re.IGNORECASE
)


def is_same(refusal: Refusal) -> bool:
    """Tell whether an edit was refused because it would change nothing: it is as it should be."""
    return _SAME in refusal.text


def is_gone(refusal: Refusal) -> bool:
    """Tell whether a message could not be removed since it is not there."""
    return "message to delete not found" in refusal.text


def is_lasting(refusal: Refusal) -> bool:
    """Tell whether a message could not be removed since it is older than two days."""
    return "message can't be deleted" in refusal.text


def is_no_picture(refusal: Refusal) -> bool:
    """Tell whether a picture was refused for what it is: as a file it may go through."""
    return bool(_NO_PICTURE.search(refusal.text))


def lacks_rights(refusal: Refusal) -> bool:
    """Tell whether the bot may not do this in the group."""
    return bool(_RIGHTS.search(refusal.text))


def delivery_error(error: Exception, room: RoomKey) -> DeliveryError:
    """Tell the caller of `send` what to do."""
    if isinstance(error, NotSentError):
        return Later("down", CONNECT_AGAIN, room_only=False)
    return _refused(error, room) if isinstance(error, Refusal) else Uncertain("lost")


def _refused(error: Refusal, room: RoomKey) -> DeliveryError:
    if error.moved_to is not None:
        return Unreachable("moved", moved_to=RoomKey(room.channel, str(error.moved_to)))
    if error.status == TOO_MANY:
        return Later("busy", max(error.retry_after, 1.0))
    # Without a description it is a proxy's page or the like: not the word of a Bot API server.
    if error.status in SERVER_ERRORS or not error.text:
        return Later("down", max(error.retry_after, AGAIN), room_only=False)
    if error.status in {UNAUTHORIZED, NOT_FOUND}:
        return Later("token", TOKEN_AGAIN, room_only=False)
    if lacks_rights(error):
        return Unreachable(NO_RIGHTS)
    if error.status == FORBIDDEN:
        return Unreachable("blocked", dead=True)
    if _DEAD.search(error.text):
        return Unreachable("gone", dead=True)
    return Unreachable("gone" if _UNEDITABLE.search(error.text) else "refused")
