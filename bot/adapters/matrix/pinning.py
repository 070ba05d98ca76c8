"""Keeping one message of ours at hand in a room: pinned, where the bot may; otherwise as soon as it may."""

from __future__ import annotations

import structlog

from bot.adapters.matrix.api import TOO_MANY, Api, ApiError, Refusal, path_of
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.translate import Me

log = structlog.get_logger()


class Pinning:
    """Pins in place of what the bot pinned before; what others pinned stays."""

    def __init__(self, api: Api, place: Place, me: Me) -> None:
        self._api = api
        self._place = place
        self._me = me

    async def pin(self, room: Room, event_id: str) -> None:
        """Pin a message, if we may. Raises `ApiError`."""
        if room.private:
            return
        if not room.can_pin(self._me.id):
            room.unpinned = event_id
            await self._place.commit(rooms=[room])
            return
        path = path_of("rooms", room.id, "state", "m.room.pinned_events", "")
        try:
            found = (await self._api.find(path)).get("pinned")
            others = [each for each in found if each not in {event_id, room.pinned}] if isinstance(found, list) else []
            await self._api.put(path, {"pinned": [*others, event_id]})
        except Refusal as refusal:
            if refusal.status == TOO_MANY:
                raise
            log.info("a card could not be pinned", channel=self._me.channel, status=refusal.status)
        else:
            room.pinned, room.unpinned = event_id, ""
            await self._place.commit(rooms=[room])

    async def pin_late(self, room: Room) -> None:
        """Pin what could not be pinned before; a failure is only logged."""
        try:
            await self.pin(room, room.unpinned)
        except ApiError as error:
            log.info("a card could not be pinned", channel=self._me.channel, error=type(error).__name__)
