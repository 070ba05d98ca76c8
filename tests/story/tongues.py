"""Which language a line is in: every line of the bot has to be of a catalog, in the language of who receives it.

A line is compared with all sentences of the catalogs, what stands for a name or number in them being anything. Quoted
words of participants are left out, since they stand as they were written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.messages.pofile import read_po

from bot.i18n import DIRECTORY, LOCALES, NAMES, known
from tests.peers.telegram import Request

if TYPE_CHECKING:
    from tests.story.world import Town

_PARAMETER = re.compile(r"%\(\w+\)[sd]")
_QUOTED = re.compile(r"<blockquote[^>]*>.*?</blockquote>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_SAYS_NOTHING = re.compile(r"/\w+|https?://\S+|@\w+|[\W\d_]+")
PROPER = frozenset({"Telegram", "Matrix", *NAMES.values()})
_LEAST_LETTERS = 3


class Tongues:
    """The catalogs' sentences as patterns, by language."""

    def right(self, line: str, language: str, written: Collection[str] = ()) -> bool:
        """Whether a line is in this language, or says nothing of the bot's own: an address, or what people wrote."""
        line = line.strip()
        return (
            not line
            or line in PROPER
            or bool(_SAYS_NOTHING.fullmatch(line))
            or _is_of(line, written)
            or (", " in line and all(self.right(part, language, written) for part in line.split(", ")))
            or self._is_said(line, language, written)
        )

    def _is_said(self, line: str, language: str, written: Collection[str]) -> bool:
        for beginning, pattern, says_something in self._patterns[language]:
            match = pattern.fullmatch(line) if line.startswith(beginning) else None
            if match is None:
                continue
            if says_something or all(self.right(part, language, written) for part in match.groups() if part != line):
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


class Line(NamedTuple):
    """A line or label of the bot's own, to whom it is said, and in which language it ought to be."""

    whom: str
    language: str
    words: str


def heard(request: Request, town: Town) -> Iterator[Line]:
    """Give what a request says."""
    if not request.ok:
        return
    whom, language = _receiver(request, town)
    if not language:
        return
    for line in [*_lines(request.params), *_labels(request.params)]:
        yield Line(whom, language, line)


def _receiver(request: Request, town: Town) -> tuple[str, str]:
    params, core = request.params, town.server.core
    if request.method == "answerCallbackQuery":
        presser = town.neighbours[core.callbacks[params["callback_query_id"]].user.id]
        return presser.name, presser.language
    chat_id = params.get("chat_id")
    if not (request.method.startswith("send") or request.method.startswith("edit")) or chat_id is None:
        return "", ""
    chat = core.world.chats[int(chat_id)]
    only_for = (params.get("ephemeral_message_parameters") or params).get("receiver_user_id")
    answered = chat.messages.get((params.get("reply_parameters") or {}).get("message_id", 0))
    reader = only_for or (answered.sender.id if answered else 0) or int(chat_id)
    if request.method.startswith("edit") and chat.type != "private":
        edited = chat.messages.get(int(params.get("message_id", 0)))
        reader = edited.reply_to.sender.id if edited and edited.reply_to else int(chat_id)
    neighbour = town.neighbours.get(int(reader))
    if neighbour is not None:
        return neighbour.name, neighbour.language
    return chat.title, town.spoken.get(chat.id, known(""))


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
