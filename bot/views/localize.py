"""From neutral content to a message in the receiver's language, with signed buttons: the step before an adapter."""

from __future__ import annotations

from bot.chat.content import Attachment, Choice, Content, LocalBlock, LocalChoice, LocalMessage
from bot.crypto import Keyring
from bot.domain.rooms import Room
from bot.i18n import render
from bot.views.buttons import seal


def localize(
    content: Content, room: Room, keys: Keyring, *, locale: str = "", replaces: str = "", reply_to: str = "",
    only_for: str = "", silent: bool = False,
) -> LocalMessage:  # fmt: skip
    """Write `content` for a room, in its language or the given one."""
    language = locale or room.locale
    return LocalMessage(
        blocks=tuple(LocalBlock(block.kind, render(block.words, language, room.zone)) for block in content.blocks),
        choices=tuple(tuple(_choice(choice, room, keys, language) for choice in row) for row in content.choices if row),
        attachment=_attachment(content.attachment, language),
        awaits=content.awaits,
        replaces=replaces,
        reply_to=reply_to,
        only_for=only_for,
        silent=silent,
        locale=language,
    )


def typed_words(content: Content, locale: str) -> tuple[tuple[str, Choice], ...]:
    """Give each choice with its label as one may type it (lower case), in the order of their numbers."""
    return tuple((render(choice.label, locale).casefold(), choice) for row in content.choices for choice in row)


def _choice(choice: Choice, room: Room, keys: Keyring, locale: str) -> LocalChoice:
    return LocalChoice(
        label=render(choice.label, locale, room.zone),
        data=seal(choice.action, room.lookup, keys) if choice.action else "",
        url=choice.url,
        start=choice.start,
        group=choice.group,
    )


def _attachment(attachment: Attachment | None, locale: str) -> Attachment | None:
    if attachment is None or isinstance(attachment.alt, str):
        return attachment
    return Attachment(
        attachment.kind, attachment.name, attachment.mime, attachment.data, render(attachment.alt, locale)
    )
