"""Pages of HTML that need nothing else: no script, no font, no network; what pictures there are stand in them.

At WCAG 2.2 AA: headings and landmarks in order, every number in words (a bar is only a picture of them, hatched as
well as coloured), light and dark by what the reader prefers, any width from a phone's, paper, and right to left.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from functools import cache
from typing import Any, Literal

import segno
from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.chat.content import Text
from bot.reporting.parts import Document


def page(document: Document) -> bytes:
    """Write the harvest's page."""
    return written("harvest", document.locale, document=document)


def written(template: str, locale: str, **given: Any) -> bytes:
    """Write a page by its template, in a language."""
    made = _templates().get_template(f"{template}.html.jinja")
    return made.render(locale=locale, reads=reads(locale), **given).encode()


def qr_code(link: str) -> tuple[str, Text]:
    """Draw a link as a QR code that a phone reads from two steps away; gives an address of its data, and its words."""
    drawn = segno.make(link, error="m", micro=False).svg_data_uri(border=0, omitsize=True)
    return drawn, Text("A QR code that leads to %(link)s", {"link": link})


def reads(locale: str) -> Literal["ltr", "rtl"]:
    """Tell in which direction a language is read."""
    return "rtl" if Locale.parse(locale).text_direction == "rtl" else "ltr"


def direction(words: str) -> str:
    """Tell in which direction words are read, by their first letter; what prints pages does not find out by itself."""
    kinds = (unicodedata.bidirectional(sign) for sign in words)
    return "rtl" if next((kind for kind in kinds if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["direction"] = direction
    made.filters["reads"] = reads
    made.filters["base64"] = lambda data: b64encode(data).decode()
    return made
