"""Removing messages of the bot's own: what they say now, and what they said before they were edited."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from urllib.parse import quote

from bot.adapters.matrix.api import NOT_FOUND, Api, ApiError, Refusal, path_of
from bot.adapters.matrix.reacting import Pace
from bot.adapters.matrix.refusals import told
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.sending import SEPARATOR, Sending
from bot.chat.keys import RoomKey
from bot.chat.port import Uncertain


async def remove(
    api: Api, sending: Sending, pace: Pace, room_key: RoomKey, message_id: str, key: str, *, within: float, channel: str
) -> None:
    """Remove a message, its edits first; what is gone is passed over. Raises `DeliveryError`."""
    event_id, _, elsewhere = message_id.partition(SEPARATOR)
    room = await sending.open(elsewhere or room_key.room)
    try:
        async with asyncio.timeout(within):
            for one in (*await _edits(api, room, event_id), event_id):
                pace.take()
                await _redact(api, room, one, key)
    except TimeoutError:
        raise Uncertain("lost") from None
    except ApiError as error:
        raise told(error, room, channel) from None


async def _edits(api: Api, room: Room, event_id: str) -> list[str]:
    path = f"/_matrix/client/v1/rooms/{quote(room.id, safe='')}/relations/{quote(event_id, safe='')}/m.replace"
    try:
        found = (await api.get(path, limit="100")).get("chunk")
    except Refusal as refusal:
        if refusal.status == NOT_FOUND:
            return []
        raise
    ids = [one.get("event_id") for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [one for one in ids if isinstance(one, str)]


async def _redact(api: Api, room: Room, event_id: str, key: str) -> None:
    # Each has a transaction of its own: the server takes two of one name for one.
    name = f"{key}.{blake2b(event_id.encode(), digest_size=6).hexdigest()}"
    try:
        await api.put(path_of("rooms", room.id, "redact", event_id, name), {})
    except Refusal as refusal:
        if refusal.status != NOT_FOUND:
            raise
