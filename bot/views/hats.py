"""Hats: which ones somebody wears, said in words as well as by marks."""

from __future__ import annotations

from collections.abc import Collection

from bot.chat.content import Choice, Content, Text, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.people import HAT_NAMES, HATS
from bot.i18n import enumerate_words, render
from bot.views.common import button


def hats(conversation: Conversation, worn: Collection[str], locale: str, *, shown: bool) -> Content:
    """Show the hats to put on and take off, and whether others see them. `locale` is the reader's."""
    toggles = [_toggle(conversation, hat, on=hat in worn) for hat in HATS]
    rows = [tuple(toggles[start : start + 2]) for start in range(0, len(toggles), 2)]
    label = Text("Hide my hats") if shown else Text("Show my hats")
    rows.append((button(label, "shown", conversation.id, arg="0" if shown else "1"),))
    return Content.of(
        title(Text("Which hats do you wear here?")),
        _worn(worn, locale),
        Text("They stand beside your name.") if shown else Text("Only you see them."),
        small(Text("A hat is your own word. It never changes what one may do, or what one's vote weighs.")),
        small(conversation.question),
        choices=tuple(rows),
    )


def _worn(worn: Collection[str], locale: str) -> Words:
    if not worn:
        return Text("You wear none. Press one to put it on, and again to take it off.")
    names = enumerate_words([render(Text(HAT_NAMES[hat]), locale) for hat in HATS if hat in worn], locale)
    return Text("You wear: %(hats)s.", {"hats": names})


def _toggle(conversation: Conversation, hat: str, *, on: bool) -> Choice:
    """A button says what it will do; pressed twice by mistake, it does that once."""
    name = Text(HAT_NAMES[hat])
    label = Text("✓ %(hat)s", {"hat": name}) if on else name
    return button(label, "hat", conversation.id, arg=f"{'-' if on else '+'}{hat}")
