"""Ideas in other languages, as people see them."""

from __future__ import annotations

from bot.chat.content import Block, Choice, Content, Text, When, quote, small
from bot.domain.ideas import Idea, Translation
from bot.i18n import NAMES
from bot.views.common import button
from bot.views.receipts import receipt
from bot.views.words import shortened

ON_CARD, WHOLE = 300, 3000
TAKEN = Text("Somebody has put it into this language already. They, or whoever gave the idea, can change it.")
HIDDEN = Text("A moderator has hidden the translation into this language.")
NONE = Text("That translation is not here any more.")


def below(translation: Translation, name: str) -> tuple[Block, ...]:
    """What stands below the words of an idea."""
    by = Text("Translated by %(name)s.", {"name": name}) if name else Text("Translated.")
    return quote(shortened(translation.text, ON_CARD)), small(by)


def whole(translation: Translation, name: str) -> list[Content]:
    """All words of a translation, in as many messages as they need."""
    parts = [translation.text[start : start + WHOLE] for start in range(0, len(translation.text), WHOLE)]
    return [Content.of(small(NAMES[translation.locale]), quote(part), *below(translation, name)[1:]) for part in parts]


def added(idea: Idea, locale: str) -> Content:
    """Thank who put an idea into another language."""
    params: dict[str, str | int] = {"number": idea.number, "language": NAMES[locale]}
    return Content.of(Text("Thank you. Idea %(number)d can be read in this language now: %(language)s.", {**params}))


def told(idea: Idea, locale: str) -> Content:
    """Tell whoever gave an idea that it can be read in another language."""
    return receipt(idea, Text("Somebody has put your idea into another language: %(language)s.", _in(locale)))


def dropped(idea: Idea, locale: str) -> Content:
    """Tell who put an idea into another language that its words have changed."""
    words = Text("The words of an idea have changed. So your translation is not shown any more: %(language)s.",
                 _in(locale))  # fmt: skip
    return receipt(idea, words)


def removed(idea: Idea) -> Content:
    """A translation is taken back."""
    return Content.of(Text("The translation of idea %(number)d is taken back.", {"number": idea.number}))


def take_back(idea: Idea, locale: str) -> Choice:
    """The button that takes a translation back."""
    label = Text("Take back the text in %(language)s", _in(locale))
    return button(label, "untranslate", idea.conversation_id, idea.id, locale)


def hide(idea: Idea, locale: str) -> Choice:
    """A moderator's button that hides a translation."""
    label = Text("Hide the text in %(language)s", _in(locale))
    return button(label, "untranslate", idea.conversation_id, idea.id, f"mod.{locale}")


def _in(locale: str) -> dict[str, str | int | When | Text]:
    return {"language": NAMES[locale]}
