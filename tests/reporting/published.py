"""Harvests of conversations that Polis has published, with their maps."""

from __future__ import annotations

from pathlib import Path

from uuid6 import uuid7

from bot.crypto import Keyring
from bot.delivery.mapping import Mapping
from bot.domain.harvest import Harvest
from bot.reporting.polis import read
from bot.store.engine import Database
from bot.store.harvest import load_harvest
from bot.store.polis import keep_exported
from tests.store import some

PUBLISHED = Path(__file__).parents[1] / "data" / "polis"


async def harvest_of(name: str, database: Database, keys: Keyring) -> Harvest:
    """Take a conversation in, and harvest it."""
    exported = read({path.name: path.read_bytes() for path in (PUBLISHED / name).glob("*.csv")})
    about = some.conversation(place_name="Nora", code="NRA234", question=exported.topic, why=exported.description)
    async with some.work(database, keys) as uow:
        keep_exported(uow, exported, about, some.NOW, uuid7, lambda _sums: 0.0)
    await Mapping(database, keys, lambda: some.NOW).renew(about.id)
    async with some.work(database, keys) as uow:
        return await load_harvest(uow, about.id, some.NOW)
