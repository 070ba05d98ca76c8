"""What people attach: pictures, documents, voice, stickers, places, as the Bot API shows them."""

from __future__ import annotations

from typing import Any

from . import render
from .state import World


def attachment(
    world: World,
    photo: bytes | None,
    document: tuple[str, bytes] | None,
    voice: bytes | None,
    sticker: str,
    location: tuple[float, float] | None,
) -> dict[str, Any]:
    """The field of the message that holds what is given; {} when nothing is. Files can be downloaded by the bot."""
    store = world.store_file
    if photo is not None:
        return {"photo": render.photo_json(store(photo, "photo.jpg", "image/jpeg", "photos", 640, 480))}
    if document is not None:
        name, data = document
        return {"document": render.document_json(store(data, name, "application/octet-stream", "documents"))}
    if voice is not None:
        return {
            "voice": {**_file(render.document_json(store(voice, "voice.oga", "audio/ogg", "voice"))), "duration": 3}
        }
    if sticker:
        stored = store(sticker.encode(), "sticker.webp", "image/webp", "stickers", 512, 512)
        kind = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return {"sticker": {**kind, "emoji": sticker, **_file(render.document_json(stored))}}
    if location is not None:
        return {"location": {"latitude": location[0], "longitude": location[1]}}
    return {}


def _file(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("file_id", "file_unique_id", "file_size")}
