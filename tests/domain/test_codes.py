"""Codes are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from bot.domain.conversation import code_in

LONG = "aB3-_xY7" * 2 + "kLmNoP"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("K7M2QX", "K7M2QX"), (" k7m2qx ", "K7M2QX"), ("k7m-2qx", "K7M2QX"), ("K7M 2QX", "K7M2QX"),
        ("https://example.org/i/K7M2QX/", "K7M2QX"), (LONG, LONG), (f"https://t.me/somebot?start=i-{LONG}", LONG),
        (f"https://example.org/i/{LONG}", LONG), ("Here is the code that I got: K7M2QX.", "K7M2QX"),
        (f"It is this one: https://example.org/i/{LONG}", LONG), (f"i-{LONG}", LONG),
    ],
)  # fmt: skip
def test_a_code_is_found_also_in_a_link(typed: str, found: str) -> None:
    assert code_in(typed) == found
    assert code_in(found) == found


@pytest.mark.parametrize("typed", ["", "K7M2Q", "K7M2QXY", "K1M0QO", "åäö", "x" * 65, "what code?", f"{LONG} or so"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert code_in(typed) == ""
