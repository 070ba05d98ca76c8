"""From neutral content to a message in the receiver's language, with signed buttons: the step before an adapter."""

from __future__ import annotations

from collections.abc import Callable

from bot.chat.content import Attachment, Choice, Content, LocalBlock, LocalChoice, LocalMessage, Words, small
from bot.chat.port import Manner
from bot.crypto import Keyring
from bot.domain.rooms import Room
from bot.i18n import render
from bot.store.records import Message
from bot.views.buttons import seal


def localize(message: Message, room: Room, keys: Keyring, manner: Manner, *, silent: bool = False) -> LocalMessage:
    """Write a message for a room, in the room's language or its own, as one speaks on its network."""
    content, language = message.content, message.locale or room.locale
    before_all = manner.before_all and not room.private and not message.only_for
    blocks = (*content.blocks, small(content.openly)) if before_all and content.openly else content.blocks
    rows = [[choice for choice in row if not (before_all and choice.aside)] for row in content.choices]

    def say(words: Words) -> str:
        return render(words, language, room.zone, manner.sign)

    return LocalMessage(
        blocks=tuple(LocalBlock(block.kind, say(block.words)) for block in blocks),
        choices=tuple(tuple(_choice(choice, room, keys, say) for choice in row) for row in rows if row),
        attachment=_attachment(content.attachment, language),
        awaits=content.awaits,
        poll=content.poll and not room.private and not message.only_for,
        pinned=content.pinned,
        letters=content.letters,
        replaces=message.replaces,
        reply_to=message.reply_to,
        only_for=message.only_for,
        silent=silent,
        locale=language,
    )


def typed_words(content: Content, locale: str) -> tuple[tuple[str, Choice], ...]:
    """Give each choice with its label as one may type it (lower case), in the order of their numbers."""
    return tuple((render(choice.label, locale).casefold(), choice) for row in content.choices for choice in row)


def _choice(choice: Choice, room: Room, keys: Keyring, say: Callable[[Words], str]) -> LocalChoice:
    return LocalChoice(
        label=say(choice.label),
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
