"""What people see: messages as plain paragraphs, with colour where the terminal has it.

Rules
-----
* Whatever participants wrote is indented, and control characters are taken out of it: it can neither steer the
  terminal nor pass for a line of the console's own.
* Nothing is said by colour alone. A message is written in one go, so that a pipe's reader gets it whole.
* A line that is being typed is taken off the screen first and put back after.
"""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import TextIO

from bot.chat.content import BlockKind, LocalChoice, LocalMessage, typed_as

BOLD, DIM, CYAN, RESET = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[0m"
_STYLE: dict[BlockKind, str] = {"title": BOLD, "text": "", "quote": "", "small": DIM}
INDENT = "  "


def clean(text: str) -> str:
    """Take out what steers a terminal or cannot be written; lines stay."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))


def one_line(text: str) -> str:
    """Make a label or name fit into a line."""
    return clean(" ".join(text.split()))


def has_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether colour is wanted there (no-color.org, TERM=dumb)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"


class Screen:
    """Writes to the terminal or the pipe."""

    def __init__(self, stream: TextIO, being_typed: Callable[[], str | None], *, colour: bool, steers: bool) -> None:
        self._stream = stream
        self._being_typed = being_typed
        self._colour = colour
        self._steers = steers

    def message(
        self, header: str, message: LocalMessage, links: Callable[[LocalChoice], str], notes: tuple[str, ...]
    ) -> None:
        """Show a message of the bot; `links` writes out where a choice leads. Raises `OSError`."""
        lines = [self._styled(CYAN, one_line(header))]
        for block in message.blocks:
            bar = "│ " if block.kind == "quote" else ""
            style = _STYLE[block.kind]
            lines += [f"{INDENT}{bar}{self._styled(style, line)}" for line in clean(block.text).split("\n")]
        lines += [INDENT + note for note in notes]
        lines += self._choices(message, links)
        self.write(lines)

    def note(self, text: str) -> None:
        """Say something of the console's own. Raises `OSError`."""
        self.write([self._styled(DIM, line) for line in clean(text).split("\n")])

    def write(self, lines: list[str]) -> None:
        """Write lines, around what is being typed. Raises `OSError`."""
        text = "\n".join(lines) + "\n"
        being_typed = self._being_typed()
        if being_typed is not None:
            text = self._line_taken_off(being_typed) + text + being_typed
        try:
            self._stream.write(text)
            self._stream.flush()
        except ValueError as error:  # the stream was closed
            raise OSError(str(error)) from error

    def _line_taken_off(self, being_typed: str) -> str:
        if not self._steers:
            return "\n"
        above = max(len(being_typed) - 1, 0) // max(shutil.get_terminal_size().columns, 1)
        return (f"\x1b[{above}A" if above else "") + "\r\x1b[J"

    def _choices(self, message: LocalMessage, links: Callable[[LocalChoice], str]) -> Iterator[str]:
        number = 0
        for row in message.choices:
            shown = []
            for choice in row:
                number += 1
                link = links(choice)
                key = typed_as(number, letters=message.letters)
                shown.append(
                    f"{self._styled(BOLD, f'[{key}]')} {one_line(choice.label)}" + (f" ({link})" if link else "")
                )
            yield INDENT + "   ".join(shown)

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self._colour and style and text else text
