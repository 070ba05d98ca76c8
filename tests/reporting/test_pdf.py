"""The harvest as PDF, and as one page; where what it takes is not there, a sentence that says what is missing."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path

import msgspec
import pytest

from bot.chat.content import Content, quote, small, title
from bot.domain.harvest import Energy, Opinions
from bot.reporting.document import document
from bot.reporting.notice import poster
from bot.reporting.page import page
from bot.reporting.pdf import NoPdf, pdf
from bot.reporting.sheet import sheet
from tests.reporting.town import NORA, hostile
from tests.there import printer  # noqa: F401


def printed(words: str = "") -> bytes:
    """A PDF; of these words, if any."""
    return pdf(page(document(hostile(words) if words else NORA, "sv")))


def inside(made: bytes) -> bytes:
    """All that stands in a PDF, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    return made + b"".join(zlib.decompress(part) for part in packed if part[:1] == b"\x78")


@pytest.mark.usefixtures("printer")
def test_it_is_a_tagged_pdf_in_its_language() -> None:
    made = printed()
    assert made.startswith(b"%PDF-1.7")
    assert all(mark in inside(made) for mark in (b"/StructTreeRoot", b"(sv)", b"/H1", b"/BlockQuote"))


@pytest.mark.usefixtures("printer")
@pytest.mark.parametrize("words", ["W" * 4000, "نريد مكانًا نجلس فيه معًا ونتحدث "])
def test_the_sheet_is_one_page_whatever_was_written(words: str) -> None:
    full = hostile((words * 1000)[:4000])
    full = msgspec.structs.replace(
        full, ideas=tuple(msgspec.structs.replace(full.ideas[0], number=number) for number in range(1, 9)),
        groups=full.groups * 4, energy=tuple(Energy(number, 3) for number in range(1, 9)),
        opinions=Opinions((1, 2, 3, 4), ()),
    )  # fmt: skip
    made = pdf(sheet(full, "en"))
    assert len(re.findall(rb"/Type /Page\b", inside(made))) == 1


@pytest.mark.usefixtures("printer")
def test_nothing_that_people_wrote_is_fetched_or_run() -> None:
    found = inside(printed('<img src="file:///etc/passwd"><script>x</script><a href="javascript:x">y</a>'))
    assert not [mark for mark in (b"/JavaScript", b"/URI", b"/EmbeddedFile") if mark in found]
    assert found.count(b"/Subtype /Image") == 2, "the map, which stands in the page, and its mask"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(NoPdf, match=r"requirements-pdf\.lock"):
        pdf(b"")


def test_without_the_systems_libraries_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(NoPdf, match="libpango"):
        pdf(b"")


@pytest.mark.usefixtures("printer")
@pytest.mark.parametrize("reached", ["http://127.0.0.1:9/x.png", "file:///etc/passwd"])
def test_it_fetches_nothing(reached: str) -> None:
    with pytest.raises(BaseException, match=reached):
        pdf(f"<html lang=en><title>x</title><img alt=x src={reached}>".encode())


@pytest.mark.usefixtures("printer")
def test_a_poster_is_one_page_with_its_code() -> None:
    words = Content.of(title("You are invited"), quote("W" * 300), "W " * 250, "W " * 250, small("W" * 90))
    made = inside(pdf(poster(words, "https://byalag.example/i/x", "en", "Europe/Stockholm")))
    assert b"/Figure" in made
    assert len(re.findall(rb"/Type /Page\b", made)) == 1
