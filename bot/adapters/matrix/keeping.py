"""Rooms of the bot's own making: one for each key, encrypted, with people invited into it.

Rules
-----
* Matrix gives `createRoom` no transaction id. So a room is made with an alias that follows from its key, which the
  server gives out once only; whoever makes it again, after a lost answer or a crash, finds the room by it.
* Each step looks at what is there before it does anything, and goes on from there: alias, room, rights, invitations.
* Who left or was banned is not invited by making the room, and who is banned not at all.
* From version 12 on the bot, as creator, stands above the levels and must not be named in them; before, it is named by
  the server. So levels are changed as they are found, and only for people.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from hashlib import blake2b

import structlog

from bot.adapters.matrix.api import BAD_REQUEST, FORBIDDEN, NOT_FOUND, Api, ApiError, Json, Refusal, path_of
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.refusals import told
from bot.adapters.matrix.relations import content_of
from bot.adapters.matrix.rooms import ADMIN, MADE, Room
from bot.adapters.matrix.translate import Me
from bot.adapters.matrix.words import clean, cut, plain
from bot.chat.keys import RoomKey
from bot.chat.port import Guest, Later, NewRoom, Uncertain, Unreachable

log = structlog.get_logger()

TITLE, TOPIC = 100, 500
HALF_MADE = 120.0
"""Seconds after which an alias that leads to no room is given up: the server fell while it made it."""
AGAIN = 3.0
NOT_INVITED = frozenset({BAD_REQUEST, FORBIDDEN, NOT_FOUND})
"""How a server says that somebody cannot be invited, ever: they are there, do not exist, or do not want to be."""
IN_USE, CONFLICT = "M_ROOM_IN_USE", 409

_STATE = (
    {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}},
    # Who has the address may ask to be let in; anybody inside can say yes.
    {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock"}},
    {"type": "m.room.guest_access", "state_key": "", "content": {"guest_access": "forbidden"}},
)


class Keeping:
    """Makes rooms within `within` seconds a call."""

    def __init__(self, api: Api, place: Place, me: Me, within: float) -> None:
        self._api = api
        self._place = place
        self._me = me
        self._within = within
        self._half_made: dict[str, float] = {}

    async def make_room(self, wanted: NewRoom, key: str) -> RoomKey:
        """Make a room, or go on with it. Raises `DeliveryError`."""
        try:
            async with asyncio.timeout(self._within):
                mark = blake2b(f"{self._me.id} {key}".encode(), digest_size=10).hexdigest()
                return RoomKey(self._me.channel, await self._make(wanted, mark))
        except TimeoutError:
            raise Uncertain("lost") from None
        except ApiError as error:
            raise told(error, Room(""), self._me.channel) from None

    async def admit(self, room: RoomKey, guest: Guest) -> None:
        """Invite somebody, and give them their rights. Raises `DeliveryError`."""
        there = self._place.rooms.get(room.room)
        if there is not None and there.moved_to:
            raise Unreachable("moved", moved_to=RoomKey(self._me.channel, there.moved_to))
        if (there is None and not self._place.word("token")) or (there is not None and there.standing == "invite"):
            raise Later("not there yet", AGAIN)
        if there is None or not there.joined or not there.made:
            return
        try:
            async with asyncio.timeout(self._within):
                await self._promote(there.id, [guest])
                await self._invite(there.id, [guest], frozenset({"join", "invite", "ban"}))
        except TimeoutError:
            raise Uncertain("lost") from None
        except ApiError as error:
            raise told(error, there, self._me.channel) from None

    async def _make(self, wanted: NewRoom, mark: str) -> str:
        name = f"byalag-{mark}"
        alias = f"#{name}:{self._me.id.partition(':')[2]}"
        room_id = await self._found(alias)
        if room_id:
            await self._complete(room_id, alias)
        else:
            room_id = await self._create(wanted, name)
        self._half_made.pop(alias, None)
        await self._know(room_id, wanted)
        await self._promote(room_id, wanted.guests)
        await self._invite(room_id, wanted.guests, frozenset({"join", "invite", "leave", "ban"}))
        return room_id

    async def _found(self, alias: str) -> str:
        return plain((await self._api.find(path_of("directory", "room", alias))).get("room_id"))

    async def _create(self, wanted: NewRoom, name: str) -> str:
        body: Json = {
            "preset": "private_chat", "visibility": "private", "room_alias_name": name,
            "name": _line(wanted.title, TITLE), "topic": _line(wanted.topic, TOPIC),
            "creation_content": {MADE: True}, "initial_state": list(_STATE),
        }  # fmt: skip
        try:
            answer = await self._api.post(path_of("createRoom"), body)
        except Refusal as refusal:
            if refusal.code == IN_USE or refusal.status == CONFLICT:  # the latter, of two requests at a time
                raise Later("the room is being made", AGAIN) from None
            if refusal.code and refusal.status in {BAD_REQUEST, FORBIDDEN}:
                log.error("Matrix lets the bot make no room", channel=self._me.channel, reason=refusal.code)
                raise Unreachable("no room can be made", dead=True) from None
            raise
        room_id = answer.get("room_id")
        if not isinstance(room_id, str):
            raise Uncertain("the answer cannot be read")
        return room_id

    async def _complete(self, room_id: str, alias: str) -> None:
        """Make sure that what an alias leads to is a room in which we are. Raises `DeliveryError`."""
        try:
            mine = await self._api.get(path_of("rooms", room_id, "state", "m.room.member", self._me.id))
        except Refusal as refusal:
            if refusal.status not in {FORBIDDEN, NOT_FOUND}:
                raise
            since = self._half_made.setdefault(alias, time.monotonic())
            if time.monotonic() - since > HALF_MADE:
                self._half_made.pop(alias)
                await self._give_up(alias)
            raise Later("the room is being made", AGAIN) from None
        if mine.get("membership") in {"leave", "ban"}:
            raise Unreachable("gone", dead=True)
        if mine.get("membership") != "join":
            raise Later("the room is being made", AGAIN)

    async def _give_up(self, alias: str) -> None:
        try:
            await self._api.ask("DELETE", path_of("directory", "room", alias))
        except Refusal as refusal:
            if refusal.status != NOT_FOUND:
                raise

    async def _know(self, room_id: str, wanted: NewRoom) -> None:
        """Know of the room before the next sync tells."""
        made = Room(room_id, title=_line(wanted.title, TITLE), creators=(self._me.id,), people=1, made=True, told=True)
        room = self._place.rooms.setdefault(room_id, made)
        room.standing, room.encrypted, room.made, room.told = "join", True, True, True
        await self._place.commit(rooms=[room])

    async def _promote(self, room_id: str, guests: Iterable[Guest]) -> None:
        """Let those who are to be admins be so."""
        admins = [guest.account for guest in guests if guest.admin]
        if not admins:
            return
        path = path_of("rooms", room_id, "state", "m.room.power_levels", "")
        levels = await self._api.get(path)
        users = levels.get("users")
        known = users if isinstance(users, dict) else {}
        fresh = known | {who: ADMIN for who in admins if not _at_least(known.get(who), ADMIN)}
        if fresh == known:
            return
        try:
            await self._api.put(path, levels | {"users": fresh})
        except Refusal as refusal:
            if refusal.status not in NOT_INVITED:
                raise
            log.warning("somebody could not be made an admin", channel=self._me.channel, status=refusal.status)

    async def _invite(self, room_id: str, guests: Iterable[Guest], but: frozenset[str]) -> None:
        members = (await self._api.get(path_of("rooms", room_id, "members"))).get("chunk", ())
        known = {plain(event.get("state_key")): content_of(event).get("membership") for event in members}
        for guest in guests:
            if guest.account == self._me.id or known.get(guest.account) in but:
                continue
            try:
                await self._api.post(path_of("rooms", room_id, "invite"), {"user_id": guest.account})
            except Refusal as refusal:
                if refusal.status not in NOT_INVITED:
                    raise
                log.info("somebody could not be invited", channel=self._me.channel, status=refusal.status)


def _line(text: str, most: int) -> str:
    return cut(" ".join(clean(text).split()), most)


def _at_least(level: object, least: int) -> bool:
    return isinstance(level, int) and level >= least
