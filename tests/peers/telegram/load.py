"""Load for benchmarks: updates pushed to a webhook as Telegram pushes them, and the bot's answers counted.

    load = WebhookLoad(messages(10_000, people=500), url, secret=secret, concurrency=16)
    result = await load.run(answered=lambda: server.accepted("sendMessage"), expect=10_000)
    result.events_per_second, result.p99

All requests are rendered before the clock starts. Updates of one chat go over one connection, one after the other, as
Telegram keeps them in order; `rate` paces them (open loop: latency then counts from when an update was due).
Figures: `seconds` until the last answer, or until the last update was taken if nothing is expected; `latencies` from
sending an update to its 2xx; `sent_at` by update_id on time.perf_counter, which processes of one machine share.
From a shell: python -m tests.peers.telegram.load --url … --secret … --count 10000 --counts http://127.0.0.1:N
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

Answered = Callable[[], int | Awaitable[int]]
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"content-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"transfer-encoding:[ \t]*chunked", re.IGNORECASE)


@dataclass(slots=True)
class LoadResult:
    """What came of a run. Times in seconds."""

    sent: int = 0
    refused: int = 0
    """Answers other than 2xx, and broken connections; each was tried again."""
    given_up: int = 0
    answered: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    sent_at: dict[int, float] = field(default_factory=dict)

    @property
    def events_per_second(self) -> float:
        return (self.answered or self.sent) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    @property
    def p50(self) -> float:
        return self.percentile(0.5)

    @property
    def p99(self) -> float:
        return self.percentile(0.99)


@dataclass(frozen=True, slots=True)
class _Shot:
    update_id: int
    due: float
    request: bytes


class WebhookLoad:
    def __init__(
        self, updates: Iterable[dict[str, Any]], url: str, *, secret: str = "", concurrency: int = 8,
        rate: float | None = None, retries: int = 5, timeout: float = 60.0,
    ) -> None:  # fmt: skip
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.retries = retries
        self.timeout = timeout
        head = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        if secret:
            head += f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
        self._lanes: list[list[_Shot]] = [[] for _ in range(concurrency)]
        self.count = 0
        for index, update in enumerate(updates):
            body = msgspec.json.encode(update)
            request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            due = index / rate if rate else 0.0
            self._lanes[queue_of(update) % concurrency].append(_Shot(update.get("update_id", index), due, request))
            self.count += 1

    async def run(
        self, *, answered: Answered | None = None, expect: int | None = None, timeout: float = 600.0
    ) -> LoadResult:
        """Push everything; with `answered`, wait until it says at least `expect` (default: one for each update)."""
        result = LoadResult()
        already = await _value(answered) if answered else 0
        expect = self.count if expect is None else expect
        begin = time.perf_counter()
        async with asyncio.timeout(timeout):
            async with asyncio.TaskGroup() as lanes:
                for shots in self._lanes:
                    if shots:
                        lanes.create_task(self._lane(shots, begin, result))
            while answered and (got := await _value(answered) - already) < expect:
                result.answered = got
                await asyncio.sleep(0.002)
        result.seconds = time.perf_counter() - begin
        result.answered = await _value(answered) - already if answered else 0
        return result

    async def _lane(self, shots: list[_Shot], begin: float, result: LoadResult) -> None:
        reader, writer = await self._connect()
        for shot in shots:
            wait = begin + shot.due - time.perf_counter()
            if shot.due and wait > 0:
                await asyncio.sleep(wait)
            start = begin + shot.due if shot.due else time.perf_counter()
            result.sent_at[shot.update_id] = start
            for attempt in range(self.retries + 1):
                try:
                    async with asyncio.timeout(self.timeout):
                        writer.write(shot.request)
                        status, keep = await _response(reader)
                except (OSError, EOFError, TimeoutError):
                    status, keep = 0, False
                if not keep:
                    writer.close()
                    reader, writer = await self._connect()
                if 200 <= status <= 299:
                    result.latencies.append(time.perf_counter() - start)
                    result.sent += 1
                    break
                result.refused += 1
                await asyncio.sleep(min(0.05 * 2**attempt, 1.0))
            else:
                result.given_up += 1
        writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in range(100):
            try:
                return await asyncio.open_connection(self.host, self.port)
            except OSError:
                await asyncio.sleep(0.05)
        return await asyncio.open_connection(self.host, self.port)


def queue_of(update: dict[str, Any]) -> int:
    """Updates of one chat (or presses of one person) keep their order, as Telegram keeps it."""
    if press := update.get("callback_query"):
        return int(press["from"]["id"])
    for payload in update.values():
        if isinstance(payload, dict):
            place: dict[str, Any] = payload.get("chat") or payload.get("from") or {"id": 0}
            return abs(int(place["id"]))
    return 0


def person_json(number: int) -> dict[str, Any]:
    """A made-up person by number, always the same."""
    return {"id": 7_100_000_000 + number, "is_bot": False, "first_name": f"Person {number}", "language_code": "sv"}


def message_update(update_id: int, person: int, text: str, *, message_id: int | None = None) -> dict[str, Any]:
    """A text in private. A leading command gets its entity."""
    user = person_json(person)
    chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
    message: dict[str, Any] = {
        "message_id": message_id or update_id, "from": user, "chat": chat, "date": int(time.time()), "text": text
    }  # fmt: skip
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    return {"update_id": update_id, "message": message}


def press_update(update_id: int, person: int, data: str, *, message_id: int = 1, query: str = "") -> dict[str, Any]:
    """A press on a button of the bot's message `message_id` in private; `query` is the callback_query_id."""
    message: dict[str, Any] = message_update(update_id, person, "card", message_id=message_id)["message"]
    message["from"] = {"id": 700_000_001, "is_bot": True, "first_name": "Example", "username": "example_bot"}
    press = {
        "id": query or str(10**17 + update_id), "from": person_json(person), "message": message,
        "chat_instance": str(person), "data": data,
    }  # fmt: skip
    return {"update_id": update_id, "callback_query": press}


def messages(
    count: int, *, people: int = 100, text: str = "Hello {number}", first_id: int = 1
) -> Iterator[dict[str, Any]]:
    """`count` texts by turns from so many people."""
    for number in range(count):
        yield message_update(first_id + number, number % people, text.format(number=number))


def counts_of(root: str, *methods: str) -> Answered:
    """For `answered=`: what a server in another process has accepted (its /__control__/counts)."""
    parts = urlsplit(root)

    async def fetch() -> int:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"GET /__control__/counts HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        counts = msgspec.json.decode(await reader.readexactly(int(found.group(1)) if found else 0))["counts"]
        writer.close()
        return sum(counts.get(name, 0) for name in methods or counts)

    return fetch


async def _value(answered: Answered) -> int:
    value = answered()
    return await value if inspect.isawaitable(value) else value


async def _response(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Status, and whether the connection may be used again."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = _STATUS.match(head)
    length = _LENGTH.search(head)
    if length:
        await reader.readexactly(int(length.group(1)))
    elif _CHUNKED.search(head):
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(status.group(1)) if status else 0, b"connection: close" not in head.lower()


def main() -> None:
    """Push texts to a webhook and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--secret", default="")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--text", default="Hello {number}")
    parser.add_argument("--counts", default="", help="root of the Bot API server whose accepted calls are the answers")
    options = parser.parse_args()
    load = WebhookLoad(
        messages(options.count, people=options.people, text=options.text), options.url,
        secret=options.secret, concurrency=options.concurrency, rate=options.rate,
    )  # fmt: skip
    result = asyncio.run(load.run(answered=counts_of(options.counts) if options.counts else None))
    figures = {name: getattr(result, name) for name in ("sent", "refused", "given_up", "answered", "seconds")}
    figures |= {"per_second": result.events_per_second, "p50": result.p50, "p99": result.p99}
    print(msgspec.json.encode(figures).decode())  # noqa: T201 - a command line prints


if __name__ == "__main__":
    main()
