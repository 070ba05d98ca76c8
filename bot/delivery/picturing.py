"""Brings a picture that somebody sent with a story, and keeps it: cleaned, sealed, and with a card of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from uuid6 import uuid7

from bot.chat.content import Text
from bot.chat.port import ChatAdapter, Unreachable
from bot.crypto import Keyring
from bot.delivery.pictures import NoPicture, cleaned
from bot.domain.steps import MAX_PICTURE, Story, StoryPicture, picture_card
from bot.store.engine import Database
from bot.store.records import FANOUT, Outbox, StoryPictureFile
from bot.store.unit_of_work import Missing, UnitOfWork

Adapters = Mapping[str, ChatAdapter]
WITHIN = 60.0
JPEG = "image/jpeg"

KEPT = Text("The picture stands with your story now. I have kept nothing of where and when it was taken.")
NOT_KEPT = Text("I could not read that picture. Please send it as an ordinary photo.")


async def bring(
    database: Database, keys: Keyring, adapters: Adapters, conversation_id: UUID, file: StoryPictureFile, now: datetime
) -> Text:
    """Bring a picture and keep it with its story; gives what is told. Raises what may go better another time."""
    try:
        async with asyncio.timeout(WITHIN):
            data = await adapters[file.channel].fetch_media(file.ref, MAX_PICTURE)
        picture = await asyncio.to_thread(cleaned, data)
    except (Unreachable, NoPicture):
        return NOT_KEPT
    async with database.transaction() as connection:
        uow = UnitOfWork(connection, keys)
        story = await uow.get(Story, conversation_id, file.story_id)
        if story is None or story.state != "shown":
            raise Missing("story", file.story_id)
        uow.save(msgspec.structs.replace(story, pictured=True))
        kept = StoryPicture(conversation_id, story.id, JPEG, picture)
        before = await uow.get(StoryPicture, conversation_id, story.id)
        (uow.add if before is None else uow.save)(kept)
        subject = picture_card(story.id)
        uow.add(
            Outbox(
                uuid7(), "", "fanout", FANOUT, now, conversation_id=conversation_id, subject="picture",
                subject_id=subject, unique_key=f"fanout:{subject}",
            )
        )  # fmt: skip
        await uow.flush()
    return KEPT
