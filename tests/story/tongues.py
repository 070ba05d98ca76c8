"""Which language a line is in: every line of the bot has to be of a catalog, in the language of who receives it.

A line is compared with all sentences of the catalogs, what stands for a name or number in them being anything. Quoted
words of participants are left out, since they stand as they were written.
"""

from __future__ import annotations

import html
import re
import string
from collections.abc import Callable, Collection, Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from babel import Locale
from babel.messages.pofile import read_po

from bot.i18n import DIRECTORY, FIRST_STRONG_ISOLATE, LOCALES, NAMES, POP_ISOLATE, known
from tests.peers.telegram import Request

if TYPE_CHECKING:
    from tests.story.world import Town

_WORD = re.compile(r"[^\W\d_]+")
_PARAMETER = re.compile(r"%\(\w+\)[sd]")
_QUOTED = re.compile(r"<blockquote[^>]*>.*?</blockquote>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ISOLATES = f"{string.whitespace}{FIRST_STRONG_ISOLATE}{POP_ISOLATE}"
_SAYS_NOTHING = re.compile(r"[/!]\w+|https?://\S+(?: → [/!]start \S+)?|@\w+|[\W\d_]+")
PROPER = frozenset({"Telegram", "Matrix", *NAMES.values()})
_LEAST_LETTERS = 3


class Tongues:
    """The catalogs' sentences as patterns, by language."""

    def right(self, line: str, language: str, written: Collection[str] = ()) -> bool:
        """Whether a line is in this language, or says nothing of the bot's own: an address, or what people wrote."""
        line = line.strip(_ISOLATES)
        return self._alone(line, language) or (bool(written) and self._right(line, language, written))

    @cached_property
    def _alone(self) -> Callable[[str, str], bool]:
        """Tell whether a line is right without knowing what people wrote, which many are told again and again."""
        return cache(lambda line, language: self._right(line, language, ()))

    def _right(self, line: str, language: str, written: Collection[str]) -> bool:
        return (
            not line
            or line in PROPER
            or bool(_SAYS_NOTHING.fullmatch(line))
            or _is_of(line, written)
            or self._is_a_moment(line, language)
            or (", " in line and all(self.right(part, language, written) for part in line.split(", ")))
            or self._is_said(line, language, written)
        )

    def _is_a_moment(self, line: str, language: str) -> bool:
        """Whether a line is a day and a time."""
        words = {word.lower() for word in _WORD.findall(line)}
        return bool(words) and any(map(str.isdecimal, line)) and words <= self._of_dates[language]

    @cached_property
    def _of_dates(self) -> dict[str, set[str]]:
        """Give the names of days and months."""
        named = {one: (Locale.parse(one).days, Locale.parse(one).months) for one in LOCALES}
        return {one: {name.lower() for each in kinds for name in each["format"]["wide"].values()}
                for one, kinds in named.items()}  # fmt: skip

    def _is_said(self, line: str, language: str, written: Collection[str]) -> bool:
        for beginning, pattern, says_something in self._patterns[language]:
            match = pattern.fullmatch(line) if line.startswith(beginning) else None
            if match is None:
                continue
            # A sentence that is a parameter alone would match all there is.
            parts = match.groups()
            if says_something or (line not in parts and all(self.right(part, language, written) for part in parts)):
                return True
        return False

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[str, re.Pattern[str], bool]]]:
        return {language: [_pattern(one) for one in sentences] for language, sentences in self._sentences.items()}

    @cached_property
    def _sentences(self) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {language: {} for language in LOCALES}
        for language in LOCALES:
            path = DIRECTORY / language / "LC_MESSAGES" / "bot.po"
            if not path.exists():
                continue
            with path.open("rb") as file:
                for message in read_po(file, locale=language):
                    if not message.id:
                        continue
                    found["en"].update(dict.fromkeys(_forms(message.id)))
                    found[language].update(dict.fromkeys(_forms(message.string)))
        return {language: list(sentences) for language, sentences in found.items()}


TONGUES = Tongues()
"""Read once, by whoever first asks."""


class Line(NamedTuple):
    """A line or label of the bot's own, to whom it is said, and in which languages it may be."""

    whom: str
    languages: tuple[str, ...]
    words: str


def heard(request: Request, town: Town) -> Iterator[Line]:
    """Give what a request says."""
    if not request.ok:
        return
    whom, languages = _receiver(request, town)
    if languages:
        for words in [*_lines(request.params), *_labels(request.params)]:
            yield Line(whom, languages, words)


def _receiver(request: Request, town: Town) -> tuple[str, tuple[str, ...]]:
    """Tell who reads it. An answer to one person that a whole group sees may be in the group's language too."""
    params, core = request.params, town.server.core
    if request.method == "answerCallbackQuery":
        presser = town.neighbours[core.callbacks[params["callback_query_id"]].user.id]
        return presser.name, (presser.language,)
    chat_id = params.get("chat_id")
    if not request.method.startswith(("send", "edit")) or chat_id is None:
        return "", ()
    chat = core.world.chats[int(chat_id)]
    alone = (params.get("ephemeral_message_parameters") or params).get("receiver_user_id")
    reader = town.neighbours.get(int(alone or chat_id))
    if reader is not None:
        return reader.name, (reader.language,)
    group = town.spoken.get(chat.id, known(""))
    edited = chat.messages.get(int(params.get("message_id", 0)))
    number = (params.get("reply_parameters") or {}).get("message_id", 0)
    answered = edited.reply_to if edited else chat.messages.get(number)
    asker = town.neighbours.get(answered.sender.id) if answered else None
    return chat.title, (group, asker.language) if asker else (group,)


def _lines(params: Any) -> Iterator[str]:
    words = str(params.get("text") or params.get("caption") or "")
    for line in _TAG.sub("", _QUOTED.sub("", words)).split("\n"):
        yield html.unescape(line).strip()


def _labels(params: Any) -> Iterator[str]:
    for row in (params.get("reply_markup") or {}).get("inline_keyboard", []):
        for button in row:
            yield str(button["text"])


def _is_of(line: str, written: Collection[str]) -> bool:
    """Whether a line is what somebody wrote, or its beginning."""
    begun = line.rstrip("…").rstrip()
    return line in written or (line.endswith("…") and any(one.startswith(begun) for one in written))


def _pattern(sentence: str) -> tuple[str, re.Pattern[str], bool]:
    """Give how a sentence begins, what it looks like, and whether it has words of its own."""
    parts = [part.replace("%%", "%") for part in _PARAMETER.split(sentence)]
    says_something = len(parts) == 1 or sum(map(str.isalpha, "".join(parts))) >= _LEAST_LETTERS
    return parts[0], re.compile("(.+?)".join(map(re.escape, parts)), re.DOTALL), says_something


def _forms(words: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, (words,) if isinstance(words, str) else words))
