"""Where a message is read: in its room; but what is for one person in a group, in theirs, if the bot can open it.

What is read in one room is sent one after the other, though it waits as messages of two: so the answer to what somebody
did is before what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from bot.chat.keys import AccountKey
from bot.chat.port import ChatAdapter
from bot.domain.people import Account
from bot.store.records import Outbox
from bot.store.unit_of_work import UnitOfWork


async def rooms(uow: UnitOfWork, adapters: Mapping[str, ChatAdapter], rows: Iterable[Outbox]) -> dict[UUID, set[UUID]]:
    """Give for each row, by its id, the room that it is for and the one where it is read."""
    meant = {row.id: _reader(uow, adapters, row) for row in rows}
    await uow.load_by(Account, filter(None, meant.values()))
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        reader = meant[row.id]
        account = await uow.by(Account, reader) if reader else None
        found[row.id] = {room for room in (row.room_id, account.private_room_id if account else None) if room}
    return found


def _reader(uow: UnitOfWork, adapters: Mapping[str, ChatAdapter], row: Outbox) -> bytes | None:
    """Give the look-up of who alone is to read a row, elsewhere than in its room."""
    alone = row.secret.only_for if row.secret is not None else ""
    if not alone or not adapters[row.channel].manner.opens:
        return None
    return uow.keys.lookup("account", str(AccountKey(row.channel, alone)))
