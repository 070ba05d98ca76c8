"""When somebody wants to compare emoji with the bot: it cannot, and says so at once, so that nobody waits."""

from __future__ import annotations

from bot.adapters.matrix.api import Json
from bot.adapters.matrix.words import plain

REQUEST, CANCEL = "m.key.verification.request", "m.key.verification.cancel"
BEGINNINGS = frozenset({REQUEST, "m.key.verification.start"})
WHY: Json = {"code": "m.unknown_method", "reason": "This bot is verified by its session key."}
CANNOT = (
    "Jag kan inte jämföra emojier. Den som driver mig kan visa min sessionsnyckel, och den kan du jämföra.\n\n"
    "I cannot compare emoji. Whoever runs me can show you my session key, for you to compare."
)


def declined(event: Json) -> tuple[str, str, Json] | None:
    """Give whom (account, device) to answer what about a message from device to device that begins a verification."""
    content = event.get("content")
    if event.get("type") not in BEGINNINGS or not isinstance(content, dict):
        return None
    user, device, about = (plain(each) for each in (event.get("sender"), content.get("from_device"),
                                                    content.get("transaction_id")))  # fmt: skip
    return (user, device, WHY | {"transaction_id": about}) if user and device and about else None


def asked_in_room(event: Json, me: str) -> str:
    """Give the id of a message that asks us for a verification; empty for any other."""
    content = event.get("content")
    if not isinstance(content, dict) or content.get("msgtype") != REQUEST or content.get("to") != me:
        return ""
    return plain(event.get("event_id"))


def answer(event_id: str) -> Json:
    """Write what ends it in the room."""
    return WHY | {"m.relates_to": {"rel_type": "m.reference", "event_id": event_id}}
