"""What is asked at every turn searches an index: its cost does not grow with what was said and done before."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import event
from uuid6 import uuid7

from bot.crypto import Keyring
from bot.domain.gatherings import Gathering
from bot.domain.ideas import Idea
from bot.domain.needs import Help, HelpSecret
from bot.domain.prompts import Rule, Schedule
from bot.domain.rooms import Room
from bot.store import (
    carrying,
    conversations,
    gatherings,
    ideas,
    inbox,
    maps,
    merging,
    needs,
    open_space,
    outbox,
    people,
    prompts,
)
from bot.store.engine import Database
from bot.store.unit_of_work import UnitOfWork
from tests.store.some import CHANNEL, NOW

GIVEN = ("SCAN json_each", "SCAN anon_")
"""Lists that the question itself gives, and what was found so far."""

WEEKLY = Schedule(
    uuid7(), uuid7(), uuid7(), NOW, NOW, "Europe/Stockholm", Rule("days", time(9), NOW.date()), secret=("What now?",)
)
SOMEBODY = (uuid7(), uuid7())
NEED = Help(uuid7(), "need", "SE-1884", "Nora", NOW, HelpSecret("A ladder"))
OFFER = Help(uuid7(), "offer", "", "Nora", NOW, HelpSecret("A ladder"))
FIKA = Gathering(uuid7(), uuid7(), uuid7(), "Fika", NOW, NOW, "UTC", NOW, NOW, seats=1)
ASKED: dict[str, Callable[[UnitOfWork], Awaitable[object]]] = {
    "which events wait": lambda uow: inbox.fresh(uow.connection, 200),
    "how many events wait": lambda uow: inbox.waiting(uow.connection),
    "which messages are due": lambda uow: outbox.due(uow, NOW, 64, [uuid7()], [CHANNEL]),
    "when the next message is due": lambda uow: outbox.next_due(uow, NOW),
    "how many messages are due": lambda uow: outbox.waiting(uow.connection, NOW),
    "what a crash left on its way": lambda uow: outbox.reclaim(uow.connection, NOW, all_leases=True),
    "the messages of a room that is gone": lambda uow: outbox.park_room(uow.connection, uuid7(), "blocked"),
    "the rooms of a conversation": lambda uow: outbox.rooms_of(uow, uuid7(), uuid7(), 500),
    "the cards of an idea": lambda uow: outbox.cards_of(uow, "idea", uuid7(), uuid7(), 500),
    "the card that a message is": lambda uow: outbox.cards_at(uow, [(uuid7(), "m1")]),
    "the cards of a day": lambda uow: outbox.cards_since(uow, [uuid7()], NOW),
    "a few rooms by their address": lambda uow: uow.load_by(Room, [b"one", b"two"]),
    "a few ideas by their key": lambda uow: uow.load(Idea, [SOMEBODY, (uuid7(), uuid7())]),
    "which idea to weigh next": lambda uow: ideas.next_to_weigh(uow, [SOMEBODY]),
    "the idea that a message gave": lambda uow: ideas.from_message(uow, b"source"),
    "which offers may meet a need": lambda uow: needs.suiting(uow, NEED),
    "the matches of a need": lambda uow: needs.matches_of(uow, NEED),
    "the matches of an offer": lambda uow: needs.matches_of(uow, OFFER),
    "the needs and offers of somebody": lambda uow: needs.mine(uow, b"somebody", [SOMEBODY]),
    "the gatherings to come": lambda uow: gatherings.coming(uow, uuid7(), NOW, 0, 5),
    "how many come to some gatherings": lambda uow: gatherings.counts(uow, uuid7(), [uuid7(), uuid7()]),
    "which seat is free": lambda uow: gatherings.free_seat(uow, FIKA),
    "who waits for a seat": lambda uow: gatherings.first_waiting(uow, FIKA),
    "who comes, in chunks": lambda uow: gatherings.answers(uow, FIKA, ("yes",), uuid7(), 200, seated=True),
    "the names of who comes": lambda uow: gatherings.names(uow, FIKA, 8),
    "the topics of an Open Space": lambda uow: open_space.topics(uow, FIKA),
    "the last topic's number": lambda uow: open_space.last_number(uow, FIKA),
    "how many are at which topic": lambda uow: open_space.here(uow, FIKA),
    "the notes of a gathering": lambda uow: gatherings.notes(uow, FIKA),
    "when something is to be made": lambda uow: outbox.next_to_make(uow.connection),
    "what is to be made": lambda uow: outbox.to_make(uow, NOW),
    "which map is the latest": lambda uow: maps.head(uow, uuid7()),
    "the votes on an idea since the last map": lambda uow: maps.votes_since(uow, *SOMEBODY, NOW, uuid7()),
    "somebody's votes": lambda uow: maps.votes_of(uow, *SOMEBODY),
    "how many have weighed seven ideas": lambda uow: maps.anybody_weighed(uow, uuid7(), 10, 7),
    "the ideas of a map": lambda uow: maps.ideas_of(uow, uuid7()),
    "what a message of a room is a copy of": lambda uow: carrying.at(uow, uuid7(), "m1"),
    "the copies of a message": lambda uow: carrying.all_of(uow, uuid7()),
    "what was carried of somebody": lambda uow: carrying.by_authors(uow, [b"one", b"two"]),
    "what was carried long ago": lambda uow: carrying.forget_old(uow.connection, NOW),
    "what is planned in a conversation": lambda uow: prompts.of(uow, uuid7()),
    "what was asked in rooms lately": lambda uow: prompts.asked_in(uow, [uuid7(), uuid7()], NOW),
    "what came of a day of a schedule": lambda uow: prompts.on_day(uow, WEEKLY, NOW.date()),
    "what was asked in a room last": lambda uow: prompts.latest_in(uow, uuid7(), NOW),
    "whether a conversation is lively": lambda uow: conversations.lively_since(uow, uuid7(), NOW),
    "who is in a conversation, in chunks": lambda uow: people.after(uow, uuid7(), uuid7(), 200),
    "the ideas with a tag": lambda uow: ideas.listed(uow, uuid7(), "new", 0, 5, "cycling"),
    "the tags of a conversation": lambda uow: ideas.tags(uow, uuid7()),
    "what is proposed about an idea": lambda uow: merging.about(uow, uuid7(), [uuid7()], "asked"),
    "the newest ideas": lambda uow: ideas.listed(uow, uuid7(), "new", 0, 5),
}


@pytest.mark.parametrize("question", ASKED)
async def test_an_index_is_searched(question: str, tmp_path: Path, sqlite_with_tables: Path, keys: Keyring) -> None:
    path = tmp_path / "byalag.db"
    path.write_bytes(await asyncio.to_thread(sqlite_with_tables.read_bytes))
    database = Database(f"sqlite+aiosqlite:///{path}")
    asked: list[tuple[str, object]] = []

    def note(_conn: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append((statement, given))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.transaction() as connection:
        await ASKED[question](UnitOfWork(connection, keys))
    await database.close()

    plans = sqlite3.connect(path)
    steps = [
        str(step[3]) for statement, given in asked for step in plans.execute(f"explain query plan {statement}", given)
    ]
    plans.close()
    through_all = [step for step in steps if step.startswith("SCAN") and " USING " not in step]
    assert steps
    assert [step for step in through_all if not step.startswith(GIVEN)] == []
