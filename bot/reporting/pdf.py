"""A page as PDF, to print or to keep: laid out on A4 and tagged for screen readers (PDF/UA).

Made by WeasyPrint, which is no part of what the bot needs: it takes seconds, and libraries of the system. So it is an
extra, ``byalag[pdf]``; without it the page prints just as well from a browser. As a program (``python -m
bot.reporting.pdf``) it reads the page and writes the PDF, so that a bot at work need not wait for it.
"""

from __future__ import annotations

import logging
import os
import sys

MISSING = (
    "A PDF needs WeasyPrint, which is not installed. In the project's folder: "
    ".venv/bin/pip install --require-hashes --only-binary :all: -r requirements-pdf.lock"
)
NO_LIBRARIES = (
    "WeasyPrint is there, but libraries of the system that it needs are not. On Debian or Ubuntu: "
    "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core. On macOS: brew install pango. "
    "Or print the page from a browser: --format html."
)
CANNOT = 3
"""The status with which the program ends where no PDF can be made; it says why."""

BESIDES = 10
"""How much the program steps back for what else runs."""


class NoPdf(Exception):
    """No PDF can be made here; the message says what is missing."""


def pdf(page: bytes) -> bytes:
    """Print a page that needs nothing else; it takes some seconds. Raises `NoPdf`."""
    try:
        import weasyprint
    except ImportError as error:
        raise NoPdf(MISSING) from error
    except OSError as error:
        raise NoPdf(NO_LIBRARIES) from error
    # It warns of each rule of the page that is for screens.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    # Pictures stand in the page; nothing else is fetched, and what people wrote must not reach out.
    inside = weasyprint.urls.URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    laid_out = weasyprint.HTML(string=page.decode(), url_fetcher=inside)
    made: bytes = laid_out.write_pdf(pdf_variant="pdf/ua-1")
    return made


def main() -> int:
    """Print the page that comes in."""
    os.nice(BESIDES)
    try:
        made = pdf(sys.stdin.buffer.read())
    except NoPdf as error:
        sys.stderr.write(str(error))
        return CANNOT
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
