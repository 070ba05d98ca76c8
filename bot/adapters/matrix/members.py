"""Who is in an encrypted room: each of them gets the keys. Asked for when the bot first writes there, then kept."""

from __future__ import annotations

from collections import Counter

from bot.adapters.matrix.api import Api, path_of
from bot.adapters.matrix.words import plain

MANY_WITHIN = 60.0


class Members:
    """The people of rooms. Those who are invited count: they may read what was said before they came."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, set[str]] = {}
        self._changes: Counter[str] = Counter()

    def notice(self, room_id: str, user: str, membership: object) -> None:
        """Take in that somebody came or left."""
        self._changes[room_id] += 1
        people = self._known.get(room_id)
        if people is None:
            return
        if membership in {"join", "invite"}:
            people.add(user)
        else:
            people.discard(user)

    def forget(self, room_id: str) -> None:
        """Ask again next time: something may have been missed."""
        self._changes[room_id] += 1
        self._known.pop(room_id, None)

    async def of(self, room_id: str) -> set[str]:
        """Give everybody in a room. Raises `ApiError`."""
        while room_id not in self._known:
            before = self._changes[room_id]
            answer = await self._api.get(path_of("rooms", room_id, "members"), within=MANY_WITHIN)
            if self._changes[room_id] == before:
                self._known[room_id] = {
                    plain(event.get("state_key"))
                    for event in answer.get("chunk", ())
                    if event.get("content", {}).get("membership") in {"join", "invite"}
                }
        return self._known[room_id]
