"""Storing files on the server: encrypted where the room is."""

from __future__ import annotations

import asyncio

from bot.adapters.matrix.api import Api, Json
from bot.adapters.matrix.render import SELF_THUMBNAIL, Upload
from bot.adapters.matrix.rooms import Room


async def uploaded(api: Api, room: Room, upload: Upload, content: Json) -> Json:
    """Store a file; gives what the event says of it. Raises `ApiError`."""
    info = content["info"]
    small = content["msgtype"] == "m.image" and len(upload.data) <= SELF_THUMBNAIL
    if not room.encrypted:
        address = await api.upload(upload.data, upload.mime)
        return {"url": address, "info": info | ({"thumbnail_url": address, "thumbnail_info": info} if small else {})}
    from nio.crypto.attachments import encrypt_attachment  # noqa: PLC0415 (loaded with the first file)

    ciphertext, keys = await asyncio.to_thread(encrypt_attachment, upload.data)
    file = keys | {"url": await api.upload(ciphertext, "application/octet-stream")}
    return {"file": file, "info": info | ({"thumbnail_file": file, "thumbnail_info": info} if small else {})}
