"""A copy that waits is changed or taken back only while nobody sends it, on both engines."""

from __future__ import annotations

import asyncio

import msgspec
from uuid6 import uuid7

from bot.chat.content import Content
from bot.crypto import Keyring
from bot.store import carrying
from bot.store.engine import Database
from bot.store.records import FANOUT, Carried, Message, Outbox
from tests.store import some
from tests.store.some import CHANNEL, NOW, keep, work


async def test_what_is_being_sent_does_not_wait_any_more(database: Database, keys: Keyring) -> None:
    room = some.room()
    copy = Carried(uuid7(), uuid7(), room.id, "", b"author", NOW)
    said = Message(Content.of("Hej"))
    row = Outbox(
        uuid7(), CHANNEL, "carry", FANOUT, NOW, room_id=room.id, subject_id=copy.id, secret=said,
        unique_key=carrying.key_of(copy),
    )  # fmt: skip
    await keep(database, keys, room, copy, row)
    taken = asyncio.Event()

    async def send() -> None:
        async with work(database, keys) as uow:
            waiting = await carrying.waiting(uow, copy)
            assert waiting is not None
            uow.save(msgspec.structs.replace(waiting, state="sending", unique_key=None))
            await uow.flush()
            taken.set()
            await asyncio.sleep(0.05)

    async def change() -> Outbox | None:
        await taken.wait()
        async with work(database, keys) as uow:
            return await carrying.waiting(uow, copy)

    sent, found = await asyncio.gather(send(), change())
    assert (sent, found) == (None, None)
