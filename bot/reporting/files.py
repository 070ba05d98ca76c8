"""The harvest as files to send: which forms there are, and what their files are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from bot.chat.content import Attachment, Content, Text
from bot.domain.harvest import Harvest
from bot.flows.words import fold
from bot.i18n import render
from bot.reporting import notice
from bot.reporting.data import data
from bot.reporting.document import document
from bot.reporting.markdown import markdown
from bot.reporting.page import page
from bot.reporting.sheet import sheet
from bot.reporting.tables import tables, zipped

NAME_AT_MOST = 40
PDF, HTML = "application/pdf", "text/html"
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ð": "d", "þ": "th"})


class Form(msgspec.Struct, frozen=True):
    """A kind of file: the end of its name, what it is, and what writes it in a language.

    A PDF is `printed` from a page; `called` stands in the name of what is not the whole harvest.
    """

    end: str
    mime: str
    write: Callable[[Harvest, str], bytes]
    printed: bool = False
    called: Text | None = None


# Translators: the end of a file's name, such as harvest-vadstena-2026-03-02-one-page.pdf.
_ONE_PAGE = Text("one-page", context="file")

FORMS: Mapping[str, Form] = {
    "html": Form("html", HTML, lambda harvest, locale: page(document(harvest, locale))),
    "md": Form("md", "text/markdown", lambda harvest, locale: markdown(document(harvest, locale))),
    "csv": Form("zip", "application/zip", lambda harvest, _locale: zipped(tables(harvest))),
    "json": Form("json", "application/json", lambda harvest, _locale: data(harvest)),
    "pdf": Form("pdf", PDF, lambda harvest, locale: page(document(harvest, locale)), printed=True),
    "sheet": Form("html", HTML, sheet, called=_ONE_PAGE),
    "sheet-pdf": Form("pdf", PDF, sheet, printed=True, called=_ONE_PAGE),
}
"""The forms that a harvest can take, by their names."""


def write(harvest: Harvest, form: str, locale: str) -> Attachment:
    """Write the harvest in a form; of what is printed, the page to print. It takes a second: off the event loop."""
    kind = FORMS[form]
    name = f"{file_name(harvest, locale, kind.called)}.{kind.end}"
    return Attachment("file", name, kind.mime, kind.write(harvest, locale))


def poster(content: Content, link: str, locale: str, zone: str) -> Attachment:
    """Write a poster, as the page that is to be printed."""
    # Translators: the name of a file, without its end.
    name = render(Text("invitation", context="file"), locale)
    return Attachment("file", f"{name}.pdf", PDF, notice.poster(content, link, locale, zone))


def unprinted(file: Attachment) -> Attachment:
    """Give the page that was to be printed, as a file of its own."""
    return msgspec.structs.replace(file, name=f"{file.name.removesuffix('pdf')}html", mime=HTML)


def write_page(harvest: Harvest) -> bytes:
    """Write the page in the conversation's own language."""
    return page(document(harvest, harvest.locale))


def file_name(harvest: Harvest, locale: str, called: Text | None = None) -> str:
    """Name the files: what it is, the place and the day, in plain letters that every system takes."""
    place = re.sub(r"[^a-z0-9]+", "-", fold(harvest.place).translate(_LETTERS))[:NAME_AT_MOST].strip("-")
    # Translators: the beginning of a file's name, such as harvest-vadstena-2026-03-02.
    word = render(Text("harvest", context="file"), locale)
    what = render(called, locale) if called else ""
    return "-".join(part for part in (word, place, harvest.made_at.date().isoformat(), what) if part)
