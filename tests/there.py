"""What some tests need of the machine beside Python: a developer may be without it, but not who checks every change."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

from bot.reporting.pdf import NoPdf, pdf

MUST = bool(os.environ.get("CI"))
"""Whether what is missing is a failure; `.ci/run` says so."""


def missing(what: str) -> NoReturn:
    """Skip this test, or fail it."""
    if MUST:
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def printer() -> None:
    """Ask for what prints a PDF: Pango."""
    try:
        pdf(b"<html lang=en><title>x</title><p>x</p>")
    except NoPdf as error:
        missing(str(error))
