"""Hold the first conversation, and show it: ``python -m tools.picture``.

The lines of docs/first-conversation.txt are typed into the bot's own console, with made-up keys and a clock that stands
still at noon, so that the same bot always says the same. What it says is written to docs/first-conversation.md, and the
pieces of it that `PIECES` names are drawn as a terminal in docs/pictures/first-conversation.svg.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import msgspec
from pydantic import SecretStr

from bot import logs
from bot.app import Bot
from bot.crypto import KeyFile
from bot.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCRIPT = DOCS / "first-conversation.txt"
PAGE = DOCS / "first-conversation.md"
PICTURE = DOCS / "pictures" / "first-conversation.svg"

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
"""When it is held: at night a group's card would wait until the morning."""

PIECES = (
    ("[Anna → bot] #: Vadstena", "Anna pressed 3"),
    ("[Library] # Omar: /idea…", "[Omar ← bot] #"),
    ("[Library] #", "You are Maria…"),
    ("Anna pressed 👍…", "  You can change…"),
    ("[Library] #", "You are Omar…"),
    ("Omar pressed I join in", "[Library] # (changed)"),
)
"""What the picture shows: each from one line up to another. Messages stand without their numbers; … is any ending."""

COLUMNS = 92
LINE, CHARACTER, MARGIN, BAR = 20, 8.43, 22, 36
TITLE = "A conversation in the terminal"
_NUMBER = re.compile(r"#\d+")


ABOUT = """\
# A first conversation

One person at the keyboard plays three: Anna begins a conversation, Omar gives an idea, Maria finds that hers says the
same and carries his, Anna weighs it in secret, Maria takes the lead, and Omar joins in. Try it; nothing of it stays:

```sh
BYALAG_DATA=$(mktemp -d) make run < docs/first-conversation.txt
```

A line that begins with a colon tells the terminal who speaks, and where. Between eight in the evening and eight in the
morning (in Sweden) the helper group's card comes to the library later: the bot lets groups sleep.

## What is typed

```text
{typed}
```

## What is seen

```text
{said}
```

This page, and the picture in the README, are made by `python -m tools.picture`.
"""


async def held(script: Path = SCRIPT) -> str:
    """Hold the conversation and give all that the terminal showed."""
    logs.set_up("ERROR", readable=True)
    screen = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, script.open(encoding="utf-8") as keyboard:
        settings = Settings(
            data=Path(folder), database="", keys=SecretStr(_keys()), operator="", port=0, channels="console"
        )
        before, sys.stdin = sys.stdin, keyboard
        try:
            with contextlib.redirect_stdout(screen):
                await Bot(settings, clock=lambda: NOON).run()
        finally:
            sys.stdin = before
    return screen.getvalue()


def _keys() -> str:
    """Keys that protect nothing: the codes in what is shown are the same every time."""
    made = [base64.b64encode(hashlib.sha256(name).digest()).decode() for name in (b"cipher", b"hashing", b"signing")]
    return msgspec.json.encode(KeyFile({"1": made[0]}, made[1], made[2])).decode()


def page(said: str) -> str:
    """Write the conversation as a page."""
    return ABOUT.format(typed=SCRIPT.read_text(encoding="utf-8").rstrip(), said=said.rstrip())


def picture(said: str) -> str:
    """Draw the pieces as a terminal, in SVG."""
    lines = list(_shown(said))
    width = round(COLUMNS * CHARACTER + 2 * MARGIN)
    height = BAR + MARGIN + len(lines) * LINE
    drawn = "\n".join(
        f'<text x="{MARGIN}" y="{BAR + MARGIN + number * LINE}" class="{kind}">{text}</text>'
        for number, (kind, text) in enumerate(lines)
        if text
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" \
aria-labelledby="title">
<title id="title">{TITLE}</title>
<style>
text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d9dee8;
  white-space: pre; }}
.bar {{ fill: #aab3c2; text-anchor: middle; }}
.typed {{ fill: #f3d08a; }}
.bot {{ fill: #86d3e3; }}
.note, .gap {{ fill: #9aa4b4; }}
.quote {{ fill: #ffffff; }}
tspan {{ font-weight: bold; fill: #b9e3a1; }}
</style>
<rect width="{width}" height="{height}" rx="10" fill="#1c2129"/>
<circle cx="22" cy="18" r="5" fill="#586173"/>
<circle cx="40" cy="18" r="5" fill="#586173"/>
<circle cx="58" cy="18" r="5" fill="#586173"/>
<text x="{width // 2}" y="23" class="bar">make run</text>
{drawn}
</svg>
"""


def _shown(said: str) -> Iterator[tuple[str, str]]:
    """Give the lines of the picture: what each is, and its SVG."""
    lines = said.splitlines()
    at = 0
    for first, end in PIECES:
        if at:
            yield "gap", "  ⋯"
        at = _find(lines, first, at)
        until = _find(lines, end, at + 1)
        for line in lines[at:until]:
            for part in _wrapped(line):
                yield _kind(line), _svg(part)
        at = until


def _find(lines: list[str], wanted: str, after: int) -> int:
    beginning = wanted.removesuffix("…")
    for number in range(after, len(lines)):
        line = _NUMBER.sub("#", lines[number])
        if line == wanted or (beginning != wanted and line.startswith(beginning)):
            return number
    raise SystemExit(f"No line is “{wanted}” any more: change PIECES in tools/picture.py.")


def _kind(line: str) -> str:
    if line.startswith("["):
        return "typed" if ": " in line else "bot"
    if line.startswith("  "):
        return "quote" if line.startswith("  │") else "text"
    return "note"


def _wrapped(line: str) -> Iterator[str]:
    """Break a long line between words; what follows is indented as it."""
    indent = " " * (len(line) - len(line.lstrip(" │")))
    while len(line) > COLUMNS:
        cut = line.rfind(" ", len(indent) + 1, COLUMNS)
        yield line[:cut]
        line = indent + line[cut + 1 :]
    yield line


def _svg(line: str) -> str:
    """Escape a line, with its buttons' numbers set in bold."""
    parts = escape(line, quote=False).split("[")
    marked = [parts[0]]
    for part in parts[1:]:
        number, bracket, rest = part.partition("]")
        marked.append(f"<tspan>[{number}]</tspan>{rest}" if bracket and number.isdecimal() else f"[{part}")
    return "".join(marked)


def main() -> int:
    """Write the page and the picture."""
    said = asyncio.run(held())
    PAGE.write_text(page(said), encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(said), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
