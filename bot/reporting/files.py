"""The harvest as files to send: which forms there are, and what their files are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.chat.content import Attachment, Text
from bot.flows.words import fold
from bot.i18n import render
from bot.reporting.data import data
from bot.reporting.document import document
from bot.reporting.markdown import markdown
from bot.reporting.page import page
from bot.reporting.tables import tables, zipped
from bot.store.harvest import Harvest

NAME_AT_MOST = 40
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "þ": "th"})

FORMS: Mapping[str, tuple[str, Callable[[Harvest, str], bytes]]] = {
    "html": ("text/html", lambda harvest, locale: page(document(harvest, locale))),
    "md": ("text/markdown", lambda harvest, locale: markdown(document(harvest, locale))),
    "zip": ("application/zip", lambda harvest, _locale: zipped(tables(harvest))),
    "json": ("application/json", lambda harvest, _locale: data(harvest)),
}
"""The forms by the ends of their files' names: what kind of file it is, and what writes it in a language."""


def every_form(harvest: Harvest, locale: str) -> list[Attachment]:
    """Write the harvest in every form. It takes a second for a thousand ideas: call it off the event loop."""
    name = file_name(harvest, locale)
    return [Attachment("file", f"{name}.{end}", mime, write(harvest, locale)) for end, (mime, write) in FORMS.items()]


def write_page(harvest: Harvest) -> bytes:
    """Write the page in the conversation's own language."""
    return page(document(harvest, harvest.locale))


def file_name(harvest: Harvest, locale: str) -> str:
    """Name the files: what it is, the place and the day, in plain letters that every system takes."""
    place = re.sub(r"[^a-z0-9]+", "-", fold(harvest.place).translate(_LETTERS))[:NAME_AT_MOST].strip("-")
    # Translators: the beginning of a file's name, such as harvest-vadstena-2026-03-02.
    word = render(Text("harvest", context="file"), locale)
    return "-".join(part for part in (word, place, harvest.made_at.date().isoformat()) if part)
