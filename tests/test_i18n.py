"""Commands in texts are written as the receiver's network writes them, and there is no command that is none."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from bot.chat.content import Text
from bot.handlers.tables import named
from bot.i18n import DIRECTORY, render


def sentences() -> list[tuple[str, str, str]]:
    """All sentences of the catalogs, with the language that each is in."""
    found: list[tuple[str, str, str]] = []
    with (DIRECTORY / "sv" / "LC_MESSAGES" / "bot.po").open("rb") as file:
        for message in (one for one in read_po(file, locale="sv") if one.id):
            msgid = message.id if isinstance(message.id, str) else message.id[0]
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            found += [(msgid, "en", msgid), *((msgid, "sv", text) for text in texts)]
    return found


def test_what_is_shown_as_a_command_is_one() -> None:
    shown = [
        (text, word)
        for _msgid, language, text in sentences()
        for word in re.findall(r"(?<![\w/:.<])/(\w+)", text)
        if named(word) is None
    ]
    assert not shown


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_command_is_written_in_the_networks_way(language: str) -> None:
    bare = dict.fromkeys(msgid for msgid, _language, _text in sentences() if "%(" not in msgid)
    named_there = [msgid for msgid in bare if "/help" in msgid]
    assert len(named_there) > 3
    assert all("!help" in render(Text(msgid), "en", sign="!") for msgid in named_there)
    assert not [msgid for msgid in bare if re.search(r"(^|\s)/\w", render(Text(msgid), language, sign="!"))]


def test_what_people_wrote_keeps_its_words() -> None:
    words = Text("I do not know the command /%(word)s.", {"word": "and/or /idea"})
    assert render(words, "en", sign="!") == "I do not know the command !and/or /idea."
    assert render(words, "en") == "I do not know the command /and/or /idea."
