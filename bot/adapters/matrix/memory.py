"""What messages said that others point at: the last thousands in memory, older ones asked for.

A message is asked for where something points at it that we do not remember, as after a restart; its latest edit comes
along. What does not exist, or cannot be read, is unknown: whatever pointed at it points at nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import structlog

from bot.adapters.matrix.api import Api, Json, Refusal, path_of
from bot.adapters.matrix.crypto import Crypto
from bot.adapters.matrix.members import Members
from bot.adapters.matrix.relations import Known, known_of

log = structlog.get_logger()

MOST = 20_000
WITHIN = 10.0


class Memory:
    """Messages by id, our own reactions, and who is in which room."""

    def __init__(self, api: Api, crypto: Crypto) -> None:
        self._api = api
        self._crypto = crypto
        self.members = Members(api)
        self._known: OrderedDict[str, Known] = OrderedDict()
        self.reactions: OrderedDict[tuple[str, str], str] = OrderedDict()
        """Our own reactions' ids, by message and key."""

    def notice(self, event: Json, room_id: str) -> None:
        """Remember a message (in the clear); an edit changes what is known of the message that it edits."""
        event_id, known = event.get("event_id"), known_of(event, room_id)
        if not isinstance(event_id, str):
            return
        self._keep(event_id, known)
        original = self._known.get(known.edits) if known.edits else None
        if original is not None and original.sender == known.sender and not original.edits:
            self._keep(known.edits, replace(original, text=known.text, choices=known.choices))

    def _keep(self, event_id: str, known: Known) -> None:
        self._known[event_id] = known
        self._known.move_to_end(event_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def notice_reaction(self, message_id: str, key: str, event_id: str) -> None:
        """Remember a reaction of our own."""
        self.reactions[message_id, key] = event_id
        if len(self.reactions) > MOST:
            self.reactions.popitem(last=False)

    def is_in(self, event_id: str, room_id: str) -> bool:
        """Whether a message is remembered, as one of this room."""
        known = self._known.get(event_id)
        return known is not None and known.room == room_id

    async def find(self, event_id: str, room_id: str) -> Known | None:
        """Give a message of this room; None if there is none. Raises `ApiError` if the server cannot be asked now."""
        known = self._known.get(event_id)
        if known is None:
            known = await self._ask(event_id, room_id)
        return known if known is not None and known.room == room_id else None

    async def _ask(self, event_id: str, room_id: str) -> Known | None:
        try:
            event = await self._api.get(path_of("rooms", room_id, "event", event_id), within=WITHIN)
        except Refusal as refusal:
            if refusal.status in range(400, 429):
                return None
            raise
        clear = self._clear(event, room_id)
        if clear is None:
            return None
        self.notice(clear, room_id)
        newer = _latest_edit(event)
        if newer is not None and (clear_newer := self._clear(newer, room_id)) is not None:
            self.notice(clear_newer, room_id)
        return self._known.get(event_id)

    def _clear(self, event: Json, room_id: str) -> Json | None:
        return self._crypto.decrypt(room_id, event) if event.get("type") == "m.room.encrypted" else event


def _latest_edit(event: Json) -> Json | None:
    """Give the edit that the server tells of beside a message."""
    found: object = event
    for name in ("unsigned", "m.relations", "m.replace"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) and isinstance(found.get("event_id"), str) else None
