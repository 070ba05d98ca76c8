"""What the database holds of people: nothing that can be read without the keys, and nothing that opens elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, text, update

from bot.chat.keys import AccountKey, RoomKey
from bot.crypto import KeyFile, Keyring, WrongKeys, make_keys, rotated
from bot.domain.people import Account, Participant
from bot.domain.rooms import Room, RoomSecret
from bot.store import inbox
from bot.store.engine import Database
from bot.store.mapping import MAPPINGS
from bot.store.records import Dialogue, Draft
from bot.store.schema import account, metadata, participant
from tests.store import some
from tests.store.some import NOW, keep, work

NAME, ACCOUNT, ROOM, TITLE, WORDS = "Canary-Alva", "canary-account", "canary-room", "Canary street", "canary words"
CANARIES = (NAME, ACCOUNT, ROOM, TITLE, WORDS)


async def _everything(database: Database) -> bytes:
    """All that the database holds, as bytes: its rows, and where it is a file, its files."""
    found: list[Any] = []
    async with database.transaction() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(text(f'select * from "{table.name}"')):  # noqa: S608 (our own tables)
                found.extend(row)
    files = _files(database) if database.sqlite else []
    return b"\n".join([*(_raw(value) for value in found), *(path.read_bytes() for path in files)])


def _files(database: Database) -> Iterable[Path]:
    path = Path(str(database.url.database))
    return path.parent.glob(f"{path.name}*")


def _raw(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


async def test_names_accounts_rooms_drafts_and_messages_cannot_be_read(database: Database, keys: Keyring) -> None:
    # Given somebody who is kept, in a room, with a draft and a message on its way
    alva, key = some.person(), AccountKey("memory", ACCOUNT)
    talk = some.conversation()
    me = some.participant(talk, NAME)
    here = msgspec.structs.replace(some.room(), secret=RoomSecret(RoomKey("memory", ROOM), TITLE))
    draft = Dialogue(alva.id, here.id, (Draft("give_idea", {}, (("text", "text", WORDS),)),), NOW)
    await keep(database, keys, alva, some.account(alva, key, keys, NAME), talk, me, here, draft, some.say(here, WORDS))
    # and an event that has just come in
    async with database.transaction() as connection:
        await inbox.store(connection, [some.message(1, WORDS, RoomKey("memory", ROOM))], keys, NOW)

    found = await _everything(database)

    assert [canary for canary in CANARIES if canary.encode() in found] == []
    assert talk.question.encode() in found, "what is open is not sealed"


async def test_what_is_sealed_opens_only_where_it_belongs(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    alva, bo = some.participant(talk, "Alva"), some.participant(talk, "Bo")
    await keep(database, keys, talk, alva, bo)

    # When whoever has the database, but not the keys, gives Alva's sealed name to Bo
    async with database.transaction() as connection:
        sealed = (
            await connection.execute(select(participant.c.secret).where(participant.c.id == alva.id))
        ).scalar_one()
        await connection.execute(update(participant).where(participant.c.id == bo.id).values(secret=sealed))

    async with work(database, keys) as uow:
        assert await uow.get(Participant, talk.id, alva.id) == alva
        with pytest.raises(WrongKeys):
            await uow.get(Participant, talk.id, bo.id)


async def test_what_is_sealed_for_one_table_does_not_open_in_another(database: Database, keys: Keyring) -> None:
    alva, key = some.person(), AccountKey("memory", "alva")
    await keep(database, keys, alva)
    sealed = MAPPINGS[Room].to_row(some.room(), keys)["secret"]
    row = MAPPINGS[Account].to_row(some.account(alva, key, keys), keys) | {"secret": sealed}
    async with database.transaction() as connection:
        await connection.execute(insert(account), [row])

    async with work(database, keys) as uow:
        with pytest.raises(WrongKeys):
            await uow.by(Account, row["lookup"])


async def test_a_changed_byte_is_noticed(database: Database, keys: Keyring) -> None:
    talk = some.conversation()
    alva = some.participant(talk, "Alva")
    await keep(database, keys, talk, alva)
    async with database.transaction() as connection:
        sealed = bytes((await connection.execute(select(participant.c.secret))).scalar_one())
        await connection.execute(update(participant).values(secret=sealed[:-1] + bytes([sealed[-1] ^ 1])))

    async with work(database, keys) as uow:
        with pytest.raises(WrongKeys):
            await uow.get(Participant, talk.id, alva.id)


async def test_after_a_rotation_the_old_can_be_read_and_the_new_is_sealed_with_the_new_key(database: Database) -> None:
    before = make_keys()
    after = rotated(before)
    only_new = Keyring(KeyFile(dict([next(iter(after.ciphers.items()))]), after.hashing, after.signing))
    talk = some.conversation()
    alva, bo = some.participant(talk, "Alva"), some.participant(talk, "Bo")
    await keep(database, Keyring(before), talk, alva)
    await keep(database, Keyring(after), bo)

    async with work(database, Keyring(after)) as uow:
        assert [await uow.get(Participant, talk.id, one.id) for one in (alva, bo)] == [alva, bo]
    async with work(database, only_new) as uow:
        assert await uow.get(Participant, talk.id, bo.id) == bo
        with pytest.raises(WrongKeys):
            await uow.get(Participant, talk.id, alva.id)
