"""A Bot API server that only answers: for benchmarks, where the peer must cost next to nothing.

No models, no parsing, no people: it reads the method and the chat id off the bytes and answers from templates, some ten
times as many requests a second as the strict server. It counts what it accepted, by method, and can note when each
press was answered. `latency` puts off every answer, as a network does. Control, also over HTTP (JSON):
GET /__control__/counts · GET /__control__/answered · POST /__control__/reset · POST /__control__/updates (a list of
updates without ids, for getUpdates).
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any, Self

import msgspec

from .updates import UpdateQueue

_LENGTH = re.compile(rb"content-length:[ \t]*(\d+)", re.IGNORECASE)
_CHAT = re.compile(rb"chat_id[^\d-]{1,8}(-?\d+)")
_MESSAGE = re.compile(rb"(?<![_a-z])message_id[^\d-]{1,8}(\d+)")
_CALLBACK = re.compile(rb"callback_query_id[^\w-]{1,8}([\w-]+)")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_TRUE = b'{"ok":true,"result":true}'
_TRUE_ANSWER = _HEAD % len(_TRUE) + _TRUE
_WRONG = b'{"ok":false,"error_code":401,"description":"Unauthorized"}'
_WRONG_ANSWER = (
    b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_WRONG) + _WRONG
)
_MESSAGES = ("send", "edit", "forward")
_NO_MESSAGE = {"sendChatAction"}


class FastServer:
    """`async with FastServer() as server: …`; `server.counts["sendMessage"]` grows as the bot works."""

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = 0, token: str = "", username: str = "example_bot",
        bot_id: int = 700_000_001, latency: float = 0.0, note_answers: bool = False,
    ) -> None:  # fmt: skip
        self.host, self.port = host, port
        self.token = token or f"{bot_id}:{'Emulated' * 4}-_0"
        self.latency = latency
        self.note_answers = note_answers
        self.counts: dict[str, int] = {}
        self.answered_at: dict[str, float] = {}
        """callback_query_id → time.perf_counter() when its answer was accepted."""
        self.last_at = 0.0
        self.updates = UpdateQueue(time.time)
        self.next_message_id = 1
        bot = {"id": bot_id, "is_bot": True, "first_name": "Example", "username": username}
        switches = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        self.me = self._answer(b'{"ok":true,"result":%s}' % msgspec.json.encode(bot | switches))
        self._message = (
            b'{"ok":true,"result":{"message_id":%d,"from":' + msgspec.json.encode(bot)
            + b',"chat":{"id":%b,"type":"%b","title":"x"},"date":%d,"text":"ok"}}'
        )  # fmt: skip
        self._now = int(time.time())
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    @property
    def root(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.root}/bot"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), self.host, self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.updates.abort_poll("the emulator stops")
        for connection in list(self._connections):
            connection.close()
        await self._server.wait_closed()

    def accepted(self, *methods: str) -> int:
        """Requests carried out so far, of these methods or of all but getUpdates."""
        wanted = methods or [name for name in self.counts if name != "getUpdates"]
        return sum(self.counts.get(name, 0) for name in wanted)

    def reset(self) -> None:
        self.counts.clear()
        self.answered_at.clear()

    def answer(self, method: str, line: bytes, body: bytes) -> bytes:
        """The answer to one request."""
        self.counts[method] = self.counts.get(method, 0) + 1
        self.last_at = time.perf_counter()
        if method.startswith(_MESSAGES) and method not in _NO_MESSAGE:
            return self._message_answer(line, body)
        if method == "answerCallbackQuery":
            if self.note_answers and (found := _CALLBACK.search(body)):
                self.answered_at[found.group(1).decode()] = self.last_at
            return _TRUE_ANSWER
        if method == "getMe":
            return self.me
        return _TRUE_ANSWER

    def _message_answer(self, line: bytes, body: bytes) -> bytes:
        found = _CHAT.search(body) or _CHAT.search(line)
        chat_id = found.group(1) if found else b"1"
        edited = _MESSAGE.search(body)
        if edited:
            number = int(edited.group(1))
        else:
            number = self.next_message_id
            self.next_message_id += 1
        kind = b"supergroup" if chat_id.startswith(b"-") else b"private"
        return self._answer(self._message % (number, chat_id, kind, self._now))

    def control(self, path: str, body: bytes) -> bytes:
        """The answer to a request under /__control__/."""
        result: Any = True
        match path:
            case "counts":
                result = {"counts": self.counts, "accepted": self.accepted(), "last_at": self.last_at}
            case "answered":
                result = self.answered_at
            case "reset":
                self.reset()
            case "updates":
                for update in msgspec.json.decode(body):
                    ((kind, payload),) = ((key, value) for key, value in update.items() if key != "update_id")
                    self.updates.push(kind, payload, 0)
            case _:
                result = False
        return self._answer(msgspec.json.encode(result))

    async def poll(self, body: bytes) -> bytes:
        """getUpdates, with the real queue behind it."""
        given = {name: int(value) for name, value in re.findall(rb"(offset|limit|timeout)[^\d-]{1,8}(-?\d+)", body)}
        updates = await self.updates.poll(given.get(b"offset", 0), given.get(b"limit", 100), given.get(b"timeout", 0))
        return self._answer(b'{"ok":true,"result":[%b]}' % b",".join(update.body for update in updates))

    @staticmethod
    def _answer(body: bytes) -> bytes:
        return _HEAD % len(body) + body


class _Connection(asyncio.Protocol):
    def __init__(self, server: FastServer) -> None:
        self.server = server
        self.prefix = f"/bot{server.token}/".encode()
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server._connections.discard(self)
        self.transport = None

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer + data if self.buffer else data
        while True:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                break
            found = _LENGTH.search(buffer, 0, end)
            total = end + 4 + (int(found.group(1)) if found else 0)
            if len(buffer) < total:
                break
            self._request(buffer[: buffer.find(b"\r\n")], buffer[end + 4 : total])
            buffer = buffer[total:]
        self.buffer = buffer

    def _request(self, line: bytes, body: bytes) -> None:
        target = line.split(b" ", 2)[1]
        path, _, query = target.partition(b"?")
        if not path.startswith(self.prefix):
            if path.startswith(b"/__control__/"):
                self.write(self.server.control(path[13:].decode(), body))
            else:
                self.write(_WRONG_ANSWER)
            return
        method = path[len(self.prefix) :].decode()
        if method == "getUpdates":
            task = asyncio.get_running_loop().create_task(self._poll(body + b"&" + query))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            return
        answer = self.server.answer(method, query, body)
        if self.server.latency:
            asyncio.get_running_loop().call_later(self.server.latency, self.write, answer)
        else:
            self.write(answer)

    async def _poll(self, body: bytes) -> None:
        self.server.counts["getUpdates"] = self.server.counts.get("getUpdates", 0) + 1
        self.write(await self.server.poll(body))

    def write(self, answer: bytes) -> None:
        if self.transport is not None:
            self.transport.write(answer)
