"""Buttons: an `Action` as a short signed string that fits Telegram's 64 bytes, and back.

The signature binds it to the room, so that a button cannot be carried elsewhere or made up. What somebody may do is
still checked when they press: a button is an address, not a permission.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from bot.chat.content import Action
from bot.crypto import MAC_BYTES, Keyring

VERBS = (
    "help", "language", "new", "join", "invite", "hats", "idea", "ideas", "vote", "lead", "groups", "privacy",
    "report", "mod", "start", "pick", "back", "skip", "stop", "done", "yes", "no", "support", "more", "read", "show",
    "agree", "disagree", "pass", "ballot", "hat", "shown", "group", "joingroup", "leavegroup", "room", "forwhom",
    "endlink", "current", "consent", "edit", "withdraw", "author_yes", "author_no", "hide", "restore", "leave",
    "ask_other", "mute", "undo", "log", "resume", "mydata", "forget", "pace", "filter", "joinopen", "unlink",
    "settings", "linkroom", "talked", "nothing", "links", "harvest", "host", "role", "handover", "takeover", "close",
    "page", "energy", "hand", "take", "groupmore", "groupedit", "groupend", "groupover", "groupheir", "notes", "note",
    "map", "postmap", "quiet", "prompt", "merge", "merging", "apart", "decide", "need", "offer", "match", "aid",
    "holds", "badhelp", "carry", "remove", "meet", "gathering", "rsvp", "meetnote", "noteideas", "topic",
    "market", "posttopic", "here", "topicidea",
    "step", "stepped",
    "poster",
    "tags",
    "season", "rhythm", "lasts",
    "story", "stories", "tale", "tryit",
    "translate", "untranslate",
    "listen",
    "goon",
    "card",
)  # fmt: skip
"""All verbs, in an order that only grows at its end: old buttons keep their meaning."""

_NUMBER = {verb: number for number, verb in enumerate(VERBS)}
_SCOPE, _SUBJECT = 1, 2
MOST_BYTES = 48


class Forged(ValueError):
    """No button of ours, or not of this room."""


def seal(action: Action, room: bytes, keys: Keyring) -> str:
    """Write an action for a room (its look-up hash): at most 64 characters."""
    flags = (_SCOPE if action.scope else 0) | (_SUBJECT if action.subject else 0)
    data = bytes((_NUMBER[action.verb], flags))
    if action.scope:
        data += action.scope.bytes
    if action.subject:
        data += action.subject.bytes
    data += action.arg.encode("ascii")
    if len(data) + MAC_BYTES > MOST_BYTES:
        raise ValueError(f"the argument of {action.verb} is too long: {action.arg}")
    return base64.urlsafe_b64encode(data + keys.sign(data, room)).rstrip(b"=").decode()


def unseal(text: str, room: bytes, keys: Keyring) -> Action:
    """Read a button pressed in a room. Raises `Forged`."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Forged(text) from error
    data, signature = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if len(data) < 2 or not keys.signed(data, signature, room) or data[0] >= len(VERBS):  # noqa: PLR2004 (verb, flags)
        raise Forged(text)
    flags, rest = data[1], data[2:]
    scope = subject = None
    if flags & _SCOPE:
        scope, rest = UUID(bytes=rest[:16]), rest[16:]
    if flags & _SUBJECT:
        subject, rest = UUID(bytes=rest[:16]), rest[16:]
    return Action(VERBS[data[0]], scope, subject, rest.decode("ascii"))
