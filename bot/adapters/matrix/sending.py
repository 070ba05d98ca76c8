"""Sending what `render` wrote: one event a message, encrypted where the room is, with what people may press put there.

Rules
-----
* The outbox's key is the transaction's id: however often it is sent, the server delivers once.
* In an encrypted room nothing goes in the clear; a room whose state we do not know gets nothing at all.
* What only one person in a group is to see goes to their private room, which is opened if there is none. It says which
  group it is about, so that what is chosen and answered there counts as said in the group.
* No link on Matrix carries a payload: where a link would bring somebody to the private room, the bot takes them there.
* Reactions come after the message, beside everything else (`reacting.py`). In an encrypted private room there are none,
  since they would tell the server what is chosen from.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from datetime import UTC, datetime

import msgspec
import structlog

from bot.adapters.matrix import verification
from bot.adapters.matrix.api import Api, ApiError, Json, path_of
from bot.adapters.matrix.crypto import Crypto
from bot.adapters.matrix.memory import Memory
from bot.adapters.matrix.pinning import Pinning
from bot.adapters.matrix.place import Place
from bot.adapters.matrix.reacting import Pace, Reacting
from bot.adapters.matrix.refusals import AGAIN, TOKEN_AGAIN, told
from bot.adapters.matrix.relations import ABOUT
from bot.adapters.matrix.render import Rendered, read
from bot.adapters.matrix.rooms import Room
from bot.adapters.matrix.translate import Me, place_of, sender_of
from bot.adapters.matrix.uploading import uploaded
from bot.adapters.matrix.words import clean
from bot.chat.events import CommandGiven
from bot.chat.keys import RoomKey
from bot.chat.port import Accept, DeliveryError, Later, PressAnswer, Uncertain, Unreachable

log = structlog.get_logger()

JOINING = 3.0
"""Seconds to wait for a room to be joined, before its messages are put off."""
SEPARATOR = " "
"""Between a message's id and its room, where that is another room than the one it was meant for."""


class Sending:
    """Sends within `within` seconds a message, and later what belongs to it."""

    def __init__(
        self, api: Api, crypto: Crypto, place: Place, memory: Memory, me: Me, pace: Pace, within: float
    ) -> None:
        self._api = api
        self._crypto = crypto
        self._place = place
        self._memory = memory
        self._members = memory.members
        self._me = me
        self._pace = pace
        self._within = within
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.reacting = Reacting(api, memory, pace)
        self.pinning = Pinning(api, place, me)
        self.stopped = False
        self.accept: Accept | None = None
        """Who takes events: what somebody is brought to happens as if they had gone there."""

    async def stop(self) -> None:
        """Send nothing more, not even reactions."""
        self.stopped = True
        await self.reacting.stop()

    async def send(self, room_key: RoomKey, rendered: bytes, key: str) -> str:
        """Send a message and give its id. Raises `DeliveryError`."""
        try:
            message = read(rendered)
        except msgspec.DecodeError:
            raise Unreachable("refused") from None
        if self.stopped:
            raise Later("stopped", TOKEN_AGAIN, room_only=False)
        room = await self.open(room_key.room)
        try:
            async with asyncio.timeout(self._within):
                return await self._send(room, room_key.thread, message, key)
        except TimeoutError:
            raise Uncertain("lost") from None
        except ApiError as error:
            raise told(error, room, self._me.channel) from None

    async def open(self, room_id: str) -> Room:
        """Give a room that one may write to; one that is just being joined is waited for, a little."""
        room = self._place.rooms.get(room_id)
        until = time.monotonic() + JOINING
        while room is not None and room.standing == "invite" and time.monotonic() < until:
            await asyncio.sleep(0.05)
            room = self._place.rooms.get(room_id)
        if room is not None and room.moved_to:
            raise Unreachable("moved", moved_to=RoomKey(self._me.channel, room.moved_to))
        if room is not None and room.joined:
            return room
        if room is not None and room.standing == "invite":
            raise Later("not joined yet", AGAIN)
        if not self._place.word("token"):
            raise Later("not synced yet", AGAIN, room_only=False)
        raise Unreachable("gone", dead=True)

    async def _send(self, room: Room, thread: str, message: Rendered, key: str) -> str:
        edits, _, elsewhere = message.edits.partition(SEPARATOR)
        if elsewhere:
            room, thread = await self.open(elsewhere), ""
        elif message.only_for and not room.private and not edits:
            return await self._aside(room, thread, message, key)
        sent = await self._send_to(room, thread, message, edits, key)
        return f"{sent}{SEPARATOR}{elsewhere}" if elsewhere else sent

    async def _aside(self, room: Room, thread: str, message: Rendered, key: str) -> str:
        """Answer somebody in a group in their private room."""
        private = await self._private(message.only_for)
        if self._memory.is_in(message.reply_to, room.id):
            self.reacting.react(room, message.reply_to, "👀", f"{key}.seen")
        content = msgspec.json.decode(message.content) | {ABOUT: [room.id, thread]}
        answer = msgspec.structs.replace(message, reply_to="", content=msgspec.Raw(msgspec.json.encode(content)))
        sent = await self._send_to(private, "", answer, "", key)
        if message.start:
            await self._bring(message.only_for, private, message.start, key)
        return f"{sent}{SEPARATOR}{private.id}"

    async def _bring(self, user: str, private: Room, start: str, key: str) -> None:
        """Let somebody come to the private room with a payload. The same key brings them once."""
        if self.accept is not None:
            event = CommandGiven(
                id=f"{key}.start", at=datetime.now(UTC), room=place_of(private, self._me), message_id="", name="start",
                sender=sender_of(user, private, self._me), argument=start,
            )  # fmt: skip
            await self.accept([event])

    async def _send_to(self, room: Room, thread: str, message: Rendered, edits: str, key: str) -> str:
        content: Json = msgspec.json.decode(message.content)
        if message.upload is not None:
            content |= await uploaded(self._api, room, message.upload, content)
        written = _edit(content, edits) if edits else content | _relation(thread, message.reply_to)
        sent = await self._put(room, message.kind, written, key)
        clear = {"event_id": sent, "sender": self._me.id, "type": message.kind, "content": written}
        self._memory.notice(clear, room.id)
        if message.pinned and not edits:
            await self.pinning.pin(room, sent)
        if message.asks and room.private:
            await self._asks(room, (edits or sent) if ABOUT in content else "")
        if not (room.private and room.encrypted):
            self.reacting.offer(room, edits or sent, message.reactions, key, changed=bool(edits))
        return edits or sent

    async def _asks(self, room: Room, aside: str) -> None:
        """Remember whether the last question in a private room is about a group."""
        if room.aside != aside:
            room.aside = aside
            await self._place.commit(rooms=[room])

    async def _put(self, room: Room, kind: str, content: Json, key: str) -> str:
        if room.encrypted:
            kind, content = "m.room.encrypted", await self._encrypted(room, kind, content)
        self._pace.take()
        answer = await self._api.put(path_of("rooms", room.id, "send", kind, key), content)
        sent = answer.get("event_id")
        if not isinstance(sent, str):
            raise Uncertain("the answer cannot be read")
        return sent

    async def _encrypted(self, room: Room, kind: str, content: Json) -> Json:
        try:
            return await self._crypto.encrypt(room.id, await self._members.of(room.id), kind, content)
        except (ApiError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 (delivery must know what to do, whatever a key library raises)
            log.error("a message could not be encrypted", channel=self._me.channel, error=type(error).__name__)
            raise Later("keys", AGAIN) from None

    async def say(self, room: Room, text: str, key: str) -> None:
        """Say a line of the adapter's own; a failure is only logged."""
        try:
            async with asyncio.timeout(self._within):
                await self._put(room, "m.room.message", {"msgtype": "m.notice", "body": text, "m.mentions": {}}, key)
        except (ApiError, DeliveryError, TimeoutError) as error:
            log.info("a line could not be said", channel=self._me.channel, error=type(error).__name__)

    async def decline(self, room: Room, event_id: str) -> None:
        """End a verification that somebody asks for, and say what they can do instead."""
        try:
            async with asyncio.timeout(self._within):
                await self._put(room, verification.CANCEL, verification.answer(event_id), f"cancel-{event_id}")
        except (ApiError, DeliveryError, TimeoutError) as error:
            log.info("a verification could not be ended", channel=self._me.channel, error=type(error).__name__)
        await self.say(room, verification.CANNOT, f"cannot-{event_id}")

    # One person alone

    async def _private(self, user: str) -> Room:
        """Find the private room with somebody, or open one."""
        async with self._opening[user]:
            found = self._place.private_with(user)
            if found is not None:
                return found
            encrypted = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
            body: Json = {
                "preset": "trusted_private_chat", "is_direct": True, "invite": [user], "initial_state": [encrypted]
            }  # fmt: skip
            answer = await self._api.post(path_of("createRoom"), body)
            made = Room(
                str(answer["room_id"]), standing="join", direct=True, encrypted=True, people=2, other=user,
                creators=(self._me.id,),
            )  # fmt: skip
            room = self._place.rooms.setdefault(made.id, made)
            room.direct, room.encrypted, room.other = True, True, user
            await self._place.commit(rooms=[room])
            return room

    async def tell(self, user: str, room_id: str, answer: PressAnswer, key: str) -> None:
        """Answer a press in private: where that matters, a private room is opened. Raises `ApiError`."""
        room = self._place.rooms.get(room_id)
        if room is None or not room.private:
            room = self._place.private_with(user)
        if (room is None or not room.joined) and (answer.alert or answer.start) and not self.stopped:
            room = await self._private(user)
        if room is None or not room.joined or self.stopped:
            return
        if text := clean(answer.text).strip():
            await self.say(room, text, key)
        if answer.start:
            await self._bring(user, room, answer.start, key)


def _relation(thread: str, reply_to: str) -> Json:
    event_id = reply_to.partition(SEPARATOR)[0]
    if thread:
        relation: Json = {
            "rel_type": "m.thread", "event_id": thread, "is_falling_back": not event_id,
            "m.in_reply_to": {"event_id": event_id or thread},
        }  # fmt: skip
        return {"m.relates_to": relation}
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event_id}}} if event_id else {}


def _edit(content: Json, edits: str) -> Json:
    """Write a message as a change of another one; a client that knows no edits shows it as a new message."""
    shown = {"msgtype": content["msgtype"], "body": f"* {content['body']}"}
    if "url" in content or "file" in content:
        shown["msgtype"] = "m.text"
    return shown | {
        "m.new_content": content, "m.mentions": {}, "m.relates_to": {"rel_type": "m.replace", "event_id": edits}
    }  # fmt: skip
