"""The harvest as files to send: which forms there are, and what their files are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from bot.chat.content import Attachment, Text
from bot.domain.harvest import Harvest
from bot.flows.words import fold
from bot.i18n import render
from bot.reporting.data import data
from bot.reporting.document import document
from bot.reporting.markdown import markdown
from bot.reporting.page import page
from bot.reporting.tables import tables, zipped

NAME_AT_MOST = 40
PDF = "application/pdf"
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "þ": "th"})


class Form(msgspec.Struct, frozen=True):
    """A kind of file: the end of its name, what it is, and what writes it in a language; a PDF is `printed` from it."""

    end: str
    mime: str
    write: Callable[[Harvest, str], bytes]
    printed: bool = False


FORMS: Mapping[str, Form] = {
    "html": Form("html", "text/html", lambda harvest, locale: page(document(harvest, locale))),
    "md": Form("md", "text/markdown", lambda harvest, locale: markdown(document(harvest, locale))),
    "csv": Form("zip", "application/zip", lambda harvest, _locale: zipped(tables(harvest))),
    "json": Form("json", "application/json", lambda harvest, _locale: data(harvest)),
    "pdf": Form("pdf", PDF, lambda harvest, locale: page(document(harvest, locale)), printed=True),
}
"""The forms that a harvest can take, by their names."""

AT_ONCE = ("html", "md", "csv", "json")
"""Those that come without being asked for."""


def write(harvest: Harvest, form: str, locale: str) -> Attachment:
    """Write the harvest in a form; of what is printed, the page to print. It takes a second: off the event loop."""
    kind = FORMS[form]
    name = f"{file_name(harvest, locale)}.{kind.end}"
    return Attachment("file", name, kind.mime, kind.write(harvest, locale))


def write_page(harvest: Harvest) -> bytes:
    """Write the page in the conversation's own language."""
    return page(document(harvest, harvest.locale))


def file_name(harvest: Harvest, locale: str) -> str:
    """Name the files: what it is, the place and the day, in plain letters that every system takes."""
    place = re.sub(r"[^a-z0-9]+", "-", fold(harvest.place).translate(_LETTERS))[:NAME_AT_MOST].strip("-")
    # Translators: the beginning of a file's name, such as harvest-vadstena-2026-03-02.
    word = render(Text("harvest", context="file"), locale)
    return "-".join(part for part in (word, place, harvest.made_at.date().isoformat()) if part)
