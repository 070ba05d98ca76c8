"""The harvest as one HTML page that needs nothing else: no script, no picture, no font, no network.

At WCAG 2.2 AA: headings and landmarks in order, every number in words (the bar is only a picture of them, hatched as
well as coloured), light and dark by what the reader prefers, any width from a phone's, paper, and right to left.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from bot.reporting.document import Document


def page(document: Document) -> bytes:
    """Write the page."""
    return _template().render(document=document).encode()


@cache
def _template() -> Template:
    made = Environment(
        loader=PackageLoader("bot.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return made.get_template("harvest.html.jinja")
