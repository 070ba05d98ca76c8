"""The harvest as one HTML page that needs nothing else: no script, no picture, no font, no network.

At WCAG 2.2 AA: headings and landmarks in order, every number in words (the bar is only a picture of them, hatched as
well as coloured), light and dark by what the reader prefers, any width from a phone's, paper, and right to left.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from bot.reporting.parts import Document


def page(document: Document) -> bytes:
    """Write the page."""
    return _template().render(document=document).encode()


def direction(words: str) -> str:
    """Tell in which direction words are read, by their first letter; what prints pages does not find out by itself."""
    kinds = (unicodedata.bidirectional(sign) for sign in words)
    return "rtl" if next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


@cache
def _template() -> Template:
    made = Environment(
        loader=PackageLoader("bot.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["direction"] = direction
    made.filters["base64"] = lambda data: b64encode(data).decode()
    return made.get_template("harvest.html.jinja")
