"""The harvest as PDF, where the libraries that it takes are there; else a sentence that says what is missing."""

from __future__ import annotations

import re
import sys
import zlib

import pytest

from bot.reporting import pdf as printing
from bot.reporting.document import document
from bot.reporting.pdf import NoPdf, pdf
from tests.reporting.town import NORA, hostile


def printed(words: str = "") -> bytes:
    """A PDF; of these words, if any. Empty where the system's libraries are missing, which must be said."""
    try:
        return pdf(document(hostile(words) if words else NORA, "sv"))
    except NoPdf as missing:
        assert "libpango" in str(missing), "WeasyPrint itself is installed for the tests"  # noqa: PT017 (both are right)
        return b""


def inside(made: bytes) -> bytes:
    """All that stands in a PDF, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    return made + b"".join(zlib.decompress(part) for part in packed if part[:1] == b"\x78")


def test_it_is_a_tagged_pdf_in_its_language() -> None:
    made = printed()
    assert not made or made.startswith(b"%PDF-1.7")
    assert not made or all(mark in inside(made) for mark in (b"/StructTreeRoot", b"(sv)", b"/H1", b"/BlockQuote"))


def test_nothing_that_people_wrote_is_fetched_or_run() -> None:
    found = inside(printed('<img src="file:///etc/passwd"><script>x</script><a href="javascript:x">y</a>'))
    assert not [mark for mark in (b"/JavaScript", b"/URI", b"/Image", b"/EmbeddedFile") if mark in found]


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(NoPdf, match=r"requirements-pdf\.lock"):
        pdf(document(NORA, "en"))


def test_it_fetches_nothing() -> None:
    with pytest.raises(ValueError, match="http"):
        printing._fetch("http://example.org/")
