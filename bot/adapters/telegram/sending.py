"""Sending what `render` wrote: one request a message, two where the words did not fit under a picture.

Rules
-----
* The rendering is sent as it is stored; only the chat, and the bot's name in its links, are put in.
* Telegram knows no idempotency keys. Here a key serves only to remember that the first of two requests went through.
* What only one person in a group is to see goes as an ephemeral message; a server that has none gets a plain one.
* Where a group allows no pictures or files, their words go alone.
* What is too old to be removed becomes an empty picture.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import OrderedDict

import msgspec
import structlog

from bot.adapters.telegram.api import Api, Refusal
from bot.adapters.telegram.refusals import delivery_error, is_gone, is_lasting, is_no_picture, is_same, lacks_rights
from bot.adapters.telegram.render import NAMELESS, Call, Upload, read
from bot.adapters.telegram.request import Body, LostError, NotSentError, form
from bot.adapters.telegram.translate import Me
from bot.chat.keys import RoomKey
from bot.chat.port import DeliveryError, Later, Uncertain, Unreachable

log = structlog.get_logger()

NAME_AGAIN = 5.0
HALVES = 1000
"""Of how many messages it is remembered that their first half is out."""
BLANK = (
    "blank.png",
    b64decode(
        b"iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAKklEQVR42u3MQREAAAwCIPt3tIsh9ttBANKjCAQCgUAgEAgEAoFAIPgeDKQA"
        b"0MQqcE1rAAAAAElFTkSuQmCC"
    ),
    "image/png",
)
"""A small grey picture."""


class Sent(msgspec.Struct, frozen=True):
    """A message as the server tells of it."""

    message_id: int
    ephemeral_message_id: int | None = None


_sent = msgspec.json.Decoder(Sent)


class Sending:
    """Sends within `within` seconds a message, all its requests together."""

    def __init__(self, api: Api, me: Me, within: float) -> None:
        self._api = api
        self._me = me
        self._within = within
        self._ephemeral = True
        self._halves: OrderedDict[str, None] = OrderedDict()

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Send a message and give its id. Raises `DeliveryError`."""
        until = asyncio.get_running_loop().time() + self._within
        *before, last = read(rendered)
        for call in before:
            if key not in self._halves:
                await self._send(room, call, until)
                self._remember(key)
        message_id = await self._send(room, last, until)
        self._halves.pop(key, None)
        return message_id

    async def delete(self, room: RoomKey, message_id: str) -> None:
        """Remove a message of ours; one that is not there any more is removed. Raises `DeliveryError`."""
        if not message_id.isdecimal():
            raise Unreachable("refused")
        params = _addressed(b'{"message_id":%d}' % int(message_id), room, "deleteMessage")
        try:
            await self._api.call("deleteMessage", params, within=self._within)
        except Refusal as refusal:
            if is_lasting(refusal):
                await self._blank(room, message_id)
            elif not is_gone(refusal):
                raise delivery_error(refusal, room) from None
        except (NotSentError, LostError) as error:
            raise delivery_error(error, room) from None

    async def _blank(self, room: RoomKey, message_id: str) -> None:
        """Put an empty picture in the place of what cannot be removed any more. Raises `DeliveryError`."""
        params = {"chat_id": int(room.room), "message_id": int(message_id)}
        body = form(params | {"media": {"type": "photo", "media": "attach://blank"}}, {"blank": BLANK})
        try:
            await self._api.call("editMessageMedia", body, within=self._within)
        except Refusal as refusal:
            raise delivery_error(refusal, room) from None
        except (NotSentError, LostError) as error:
            raise delivery_error(error, room) from None

    def _remember(self, key: str) -> None:
        self._halves[key] = None
        if len(self._halves) > HALVES:
            self._halves.popitem(last=False)

    async def _send(self, room: RoomKey, call: Call, until: float) -> str:
        params = _addressed(self._named(bytes(call.params)), room, call.method)
        try:
            if call.only_for and self._ephemeral:
                found = await self._send_ephemeral(room, call, params, until)
                if found:
                    return found
            result = await self._transmit(call, params, until)
            return call.edits or _id_of(result, call)
        except Refusal as refusal:
            if call.edits and is_same(refusal):
                return call.edits
            raise self._told(refusal, room, call) from None
        except (NotSentError, LostError) as error:
            raise delivery_error(error, room) from None

    async def _send_ephemeral(self, room: RoomKey, call: Call, params: bytes, until: float) -> str:
        """Try it as a message that only one person sees; nothing if the server does not do that."""
        for_one = b'%s,"ephemeral_message_parameters":{"receiver_user_id":%d}}' % (params[:-1], call.only_for)
        try:
            return _id_of(await self._transmit(call, for_one, until), call)
        except Refusal as refusal:
            if str(delivery_error(refusal, room)) != "refused":
                raise
            if "ephemeral" in refusal.text.lower():
                self._ephemeral = False
                log.info("this server has no ephemeral messages", channel=room.channel, status=refusal.status)
            return ""

    async def _transmit(self, call: Call, params: bytes, until: float) -> msgspec.Raw:
        left = max(until - asyncio.get_running_loop().time(), 0.001)
        if call.upload is None:
            return await self._api.call(call.method, params, within=left)
        try:
            return await self._api.call(call.method, _form(params, call.upload), within=left)
        except Refusal as refusal:
            other = _instead(call, params, refusal)
            if other is None:
                raise
        return await self._transmit(other, bytes(other.params), until)

    def _named(self, params: bytes) -> bytes:
        """Put the bot's name into links."""
        if NAMELESS not in params:
            return params
        if not self._me.name:
            raise Later("name", NAME_AGAIN, room_only=False)
        return params.replace(NAMELESS, NAMELESS.replace(b"?", b"%s?" % self._me.name.encode()))

    def _told(self, refusal: Refusal, room: RoomKey, call: Call) -> DeliveryError:
        error = delivery_error(refusal, room)
        if str(error) in {"refused", "token"}:
            log.error(
                "Telegram refused a message", channel=room.channel, reason=str(error), status=refusal.status,
                method=call.method,
            )  # fmt: skip
        return error


def _addressed(params: bytes, room: RoomKey, method: str) -> bytes:
    """Put in the chat, and the topic where something new is said."""
    try:
        head = b'{"chat_id":%d' % int(room.room)
        if room.thread and method.startswith("send"):
            head += b',"message_thread_id":%d' % int(room.thread)
    except ValueError:
        raise Unreachable("gone", dead=True) from None
    return head + (b"," if params != b"{}" else b"") + params[1:]


def _instead(call: Call, params: bytes, refusal: Refusal) -> Call | None:
    """Give what to send where a file was refused: the picture as a file, or, where files are not allowed, its words."""
    if call.upload is None:
        return None
    if call.method == "sendPhoto" and is_no_picture(refusal):
        upload = msgspec.structs.replace(call.upload, field="document")
        return msgspec.structs.replace(call, method="sendDocument", params=msgspec.Raw(params), upload=upload)
    if not lacks_rights(refusal):
        return None
    words = msgspec.json.decode(params)
    words["text"] = words.pop("caption", call.upload.name)
    return msgspec.structs.replace(
        call, method="sendMessage", params=msgspec.Raw(msgspec.json.encode(words)), upload=None
    )


def _form(params: bytes, upload: Upload) -> Body:
    return form(msgspec.json.decode(params), {upload.field: (upload.name, upload.data, upload.mime)})


def _id_of(result: msgspec.Raw, call: Call) -> str:
    try:
        sent = _sent.decode(result)
    except ValueError:
        raise Uncertain("the answer cannot be read") from None
    if sent.ephemeral_message_id is not None and call.only_for:
        return f"{call.only_for}~{sent.ephemeral_message_id}"
    return str(sent.message_id)
