"""Lines from the keyboard, or from a pipe or file, without ever holding up the event loop.

Rules
-----
* A thread of its own waits for each line, and only when one is asked for, so the prompt is always true and a script's
  lines are taken one by one. It is a daemon: a wait for somebody who types nothing ends with the process.
* In a terminal that can do it, lines can be edited and there is a history, kept in memory only: what people say is
  written nowhere. The terminal is left as it was found.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TextIO

try:
    import readline
    import termios
except ImportError:  # a platform without them reads plain lines
    HAS_READLINE = False
else:
    HAS_READLINE = True

Read = Callable[[str], str | None]


def _from_terminal(prompt: str) -> str | None:
    """Read a line that can be edited; none at the end."""
    try:
        return input(prompt)
    except EOFError:
        return None
    except UnicodeDecodeError:
        return ""


def _from_stream(stream: TextIO) -> Read:
    """Read plain lines.

    A file descriptor is read past Python's own stdin, whose lock a daemon thread must not hold when the process ends.
    """
    try:
        descriptor = stream.fileno()
    except io.UnsupportedOperation:
        return lambda _prompt: line.removesuffix("\n") if (line := stream.readline()) else None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest, ended = "", False

    def read(_prompt: str) -> str | None:
        nonlocal rest, ended
        while "\n" not in rest and not ended:
            data = os.read(descriptor, 65536)
            rest += decoder.decode(data, final=not data)
            ended = not data
        if ended and not rest:
            return None
        line, _, rest = rest.partition("\n")
        return line

    return read


class Keyboard:
    """Where lines come from. `terminal`: a person sits there. `edits`: with a line that can be edited and redrawn."""

    def __init__(self, stdin: TextIO, stdout: TextIO) -> None:
        self.terminal = stdin.isatty()
        ours = stdin is sys.stdin and stdout is sys.stdout and stdout.isatty()
        self.edits = HAS_READLINE and self.terminal and ours and os.environ.get("TERM", "dumb") != "dumb"
        self._read = _from_terminal if self.edits else _from_stream(stdin)
        self._stdout = stdout
        self._found = termios.tcgetattr(stdin) if self.edits else None
        self._stdin = stdin
        self._prompt = ""
        self._asking = False
        self._asked: SimpleQueue[str | None] = SimpleQueue()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._thread: threading.Thread | None = None

    async def line(self, prompt: str) -> str | None:
        """Wait for the next line, without its end; none when there is no more. May be cancelled: the line is kept."""
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._wait, args=(loop,), name="keyboard", daemon=True)
            self._thread.start()
        if not self._asking:
            self._asking, self._prompt = True, prompt
            if self.terminal and not self.edits:
                self._stdout.write(prompt)
                self._stdout.flush()
            self._asked.put(prompt)
        line = await self._lines.get()
        self._asking = False
        return line and line.removesuffix("\r").replace("\0", "").encode(errors="replace").decode()

    def being_typed(self) -> str | None:
        """Give what stands on the line where somebody types, prompt included; none if nobody is asked."""
        if not (self._asking and self.terminal):
            return None
        return self._prompt + (readline.get_line_buffer() if self.edits else "")

    def close(self) -> None:
        """Ask for no more lines, and leave the terminal as it was found. May be called again."""
        self._asked.put(None)
        if self._found is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._stdin, termios.TCSADRAIN, self._found)
        if self._asking and self.terminal:
            with contextlib.suppress(OSError, ValueError):
                self._stdout.write("\n")
                self._stdout.flush()
        self._asking = False

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        while (prompt := self._asked.get()) is not None:
            try:
                line = self._read(prompt)
            except (OSError, ValueError):  # the terminal is gone, or its stream was closed
                line = None
            try:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            except RuntimeError:  # the loop is gone
                return
