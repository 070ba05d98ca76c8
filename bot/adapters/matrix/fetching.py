"""Bringing pictures and files that came with messages: read up to a limit, decrypted where their room is encrypted."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Literal
from urllib.parse import quote

import msgspec
import structlog

from bot.adapters.matrix.api import NOT_FOUND, SERVER_ERRORS, TOO_MANY, Api, ApiError, Json, Refusal, TooLargeError
from bot.adapters.matrix.refusals import AGAIN
from bot.adapters.matrix.words import plain
from bot.chat.events import Media
from bot.chat.port import Later, Unreachable

log = structlog.get_logger()

_ADDRESS = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_-]{1,255})")
_MOST_SIZE = 2**53
_WAYS = ("/_matrix/client/v1/media/download", "/_matrix/media/v3/download")
"""Where servers give files out: today's way, and that of older ones."""


class Ref(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a file is, and what opens it in an encrypted room."""

    url: str
    key: str = ""
    iv: str = ""
    sha256: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Ref).decode


def media_in(content: Json) -> Media | None:
    """Read which picture or file a message brings."""
    kinds: dict[str, Literal["picture", "file"]] = {
        "m.image": "picture", "m.file": "file", "m.video": "file", "m.audio": "file"
    }  # fmt: skip
    kind = kinds.get(plain(content.get("msgtype")))
    if kind is None:
        return None
    file, info = _dict(content.get("file")), _dict(content.get("info"))
    key, hashes = _dict(file.get("key")), _dict(file.get("hashes"))
    ref = Ref(
        plain(file.get("url") or content.get("url")), plain(key.get("k")), plain(file.get("iv")),
        plain(hashes.get("sha256")),
    )  # fmt: skip
    if not _ADDRESS.fullmatch(ref.url) or (file and not (ref.key and ref.iv and ref.sha256)):
        return None
    size = info.get("size")
    size = size if isinstance(size, int) and 0 <= size <= _MOST_SIZE else 0
    name = plain(content.get("filename") or content.get("body"))
    return Media(_encode(ref).decode(), kind, name, plain(info.get("mimetype")), size)


async def fetch(api: Api, ref: str, most: int, channel: str) -> bytes:
    """Bring a file. Raises `Unreachable` or `Later`."""
    try:
        wanted = _decode(ref)
    except msgspec.DecodeError:
        raise Unreachable("gone") from None
    address = _ADDRESS.fullmatch(wanted.url)
    if address is None:
        raise Unreachable("gone")
    place = "/".join(quote(part, safe="") for part in address.groups())
    try:
        data = await _brought(api, place, most)
    except TooLargeError:
        raise Unreachable("large") from None
    except Refusal as refusal:
        if refusal.status == TOO_MANY or refusal.status in SERVER_ERRORS:
            raise Later("down", refusal.retry_after or AGAIN) from None
        raise Unreachable("gone") from None
    except ApiError as error:
        log.info("a file could not be brought", channel=channel, error=type(error).__name__)
        raise Later("down", AGAIN) from None
    return await asyncio.to_thread(_opened, data, wanted) if wanted.key else data


async def _brought(api: Api, place: str, most: int) -> bytes:
    try:
        return await api.download(f"{_WAYS[0]}/{place}", most)
    except Refusal as refusal:
        if refusal.status != NOT_FOUND or refusal.code != "M_UNRECOGNIZED":
            raise
    return await api.download(f"{_WAYS[1]}/{place}", most)


def _opened(data: bytes, wanted: Ref) -> bytes:
    from nio.crypto.attachments import decrypt_attachment  # noqa: PLC0415 (loaded with the first file)

    try:
        return bytes(decrypt_attachment(data, wanted.key, wanted.sha256, wanted.iv))
    except Exception as error:  # noqa: BLE001 (whatever a key library raises of hostile input)
        log.info("a file could not be decrypted", error=type(error).__name__)
        raise Unreachable("gone") from None


def _dict(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
