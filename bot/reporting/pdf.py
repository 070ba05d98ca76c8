"""The harvest as PDF, to print or to keep: the page, laid out on A4 and tagged for screen readers (PDF/UA).

Made by WeasyPrint, which is no part of what the bot needs: it takes seconds, and libraries of the system. So it is an
extra, ``byalag[pdf]``, for the command line only; without it the page prints just as well from a browser.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from bot.reporting.document import Document
from bot.reporting.page import page

MISSING = (
    "A PDF needs WeasyPrint, which is not installed. In the project's folder: "
    ".venv/bin/pip install --require-hashes --only-binary :all: -r requirements-pdf.lock"
)
NO_LIBRARIES = (
    "WeasyPrint is there, but libraries of the system that it needs are not. On Debian or Ubuntu: "
    "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. On macOS: brew install pango. "
    "Or print the page from a browser: --format html."
)


class NoPdf(Exception):
    """No PDF can be made here; the message says what is missing."""


def pdf(document: Document) -> bytes:
    """Write the PDF; it takes some seconds. Raises `NoPdf`."""
    try:
        import weasyprint
    except ImportError as error:
        raise NoPdf(MISSING) from error
    except OSError as error:
        raise NoPdf(NO_LIBRARIES) from error
    # It warns of each rule of the page that is for screens.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    laid_out = weasyprint.HTML(string=page(document).decode(), url_fetcher=_fetch)
    made: bytes = laid_out.write_pdf(pdf_variant="pdf/ua-1")
    return made


def _fetch(url: str, *_more: Any, **_named: Any) -> NoReturn:
    """Fetch nothing: the page needs nothing, and what people wrote must not reach out."""
    raise ValueError(url)
