"""A message as a page: the poster of an invitation, for a wall, and the page that its link opens."""

from __future__ import annotations

from bot.chat.content import Content, LocalBlock, Text, title
from bot.i18n import render
from bot.reporting.page import qr_code, written

ROOMY = 420
"""So many letters leave a poster room to be read from afar."""


def poster(content: Content, link: str, locale: str, zone: str) -> bytes:
    """Write a poster of one A4 page, with a link as a QR code that a phone reads from two steps away."""
    code, alt = qr_code(link)
    blocks = _blocks(content, locale, zone)
    letters = sum(len(block.text) for block in blocks if block.kind != "small")
    return written(
        "poster", locale, heading=_heading(content), blocks=blocks, roomy=letters < ROOMY, code=code,
        alt=render(alt, locale),
        scan=render(Text("Point the camera of your phone here."), locale),
    )  # fmt: skip


def landing(content: Content, locale: str, zone: str = "Europe/Stockholm") -> bytes:
    """Write a page with what a message says, and its choices as links."""
    choices = [(render(choice.label, locale, zone), choice.url) for row in content.choices for choice in row]
    return written("landing", locale, heading=_heading(content), blocks=_blocks(content, locale, zone), choices=choices)


def gone(locale: str) -> bytes:
    """Write the page that stands where there is nothing, or nothing any more."""
    return landing(
        Content.of(
            title(Text("There is nothing to see here")),
            Text("This link leads nowhere, or not any more. Ask whoever gave it to you for a new one."),
        ),
        locale,
    )  # fmt: skip


def _heading(content: Content) -> str:
    """Tell what is the heading: the question or what a group wants, if there is one."""
    return "quote" if any(block.kind == "quote" for block in content.blocks) else "title"


def _blocks(content: Content, locale: str, zone: str) -> list[LocalBlock]:
    return [LocalBlock(block.kind, render(block.words, locale, zone)) for block in content.blocks]
