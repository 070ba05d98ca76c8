"""The Bot API server as a process: python -m tests.peers.telegram --port N [--lenient] [--latency SECONDS].

Strict by default, with the control API of control.py under /__control__/. `--lenient` starts fast.py for benchmarks.
Prints one line of JSON when ready: root, base_url, token, bot_username. Ends on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from typing import Any

import msgspec

from .fast import FastServer


async def serve(options: argparse.Namespace) -> None:
    """Until a signal ends it."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    more = {"token": options.token} if options.token else {}
    async with contextlib.AsyncExitStack() as stack:
        peer: Any
        if options.lenient:
            peer = FastServer(
                host=options.host, port=options.port, latency=options.latency, note_answers=options.note_answers, **more
            )
        else:
            from .emulator import TelegramEmulator

            peer = TelegramEmulator(host=options.host, port=options.port, limits=options.limits, **more)
        await stack.enter_async_context(peer)
        ready = {"root": peer.root, "base_url": peer.base_url, "token": peer.token}
        print(msgspec.json.encode(ready).decode(), flush=True)  # noqa: T201 - whoever started it reads this
        await stop.wait()


def main() -> None:
    """Start a Bot API server on loopback."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers.telegram", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="")
    parser.add_argument("--lenient", action="store_true", help="answer everything, as fast as can be")
    parser.add_argument("--latency", type=float, default=0.0, help="put off each answer (lenient)")
    parser.add_argument("--note-answers", action="store_true", help="note when each press was answered (lenient)")
    parser.add_argument("--limits", action="store_true", help="Telegram's flood limits (strict)")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
