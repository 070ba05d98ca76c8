"""Time to answer a press: alone, and while votes arrive and cards go out to a thousand rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from uuid6 import uuid7

from benchmarks.figure import Figure
from benchmarks.processes import Server, byalag
from benchmarks.world import World, prepare
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.store.engine import Database
from bot.store.records import FANOUT, Outbox
from bot.store.unit_of_work import UnitOfWork
from tests.peers.telegram.load import WebhookLoad

ROOMS = 1000
PACE = {"BYALAG_TELEGRAM_RATE": "100"}
IDLE = 0.025
BUSY = 0.050
TIMES = 3.0


async def press() -> list[Figure]:
    """Measure both."""
    with TemporaryDirectory() as folder:
        world = await prepare(Path(folder) / "data", people=500, rooms=ROOMS)
        async with Server(note_answers=True) as server, byalag(world.data, server, **PACE) as running:
            await _answer_times(server, running.webhook, running.secret, world, 100, 20, 1)
            idle = await _answer_times(server, running.webhook, running.secret, world, 300, 20, 1000)
            sent = server.accepted("sendMessage")
            await _plan_fan_out(world)
            busy = await _answer_times(server, running.webhook, running.secret, world, 1000, 50, 10_000)
            sent = server.accepted("sendMessage") - sent
    about = (
        "p99 from the webhook call of a press to the accepted answerCallbackQuery, 20 presses a second, nothing else."
    )
    under = (
        f"the same while 50 votes a second arrive (20 s) and a card goes to {ROOMS} rooms ({sent} were sent then), "
        "at 100 messages a second in all, three times Telegram's limit: 50 next ideas and 50 cards. "
        "The goal is 50 ms and three times the idle time."
    )
    p50 = f" Median {_share(idle, 0.5) * 1000:.1f} ms."
    ratio = _share(busy, 0.99) / _share(idle, 0.99)
    return [
        Figure(
            "press-idle", about + p50, _ms(idle), None, None, "≤ 25 ms", _share(idle, 0.99) <= IDLE, "ms p99",
            [[_ms(idle)]],
        ),
        Figure(
            "press-busy", f"{under} Median {_share(busy, 0.5) * 1000:.1f} ms.", _ms(busy), _ms(idle), round(ratio, 2),
            "≤ 50 ms and ≤ 3 ×", _share(busy, 0.99) <= BUSY and ratio <= TIMES, "ms p99", [[_ms(busy)], [_ms(idle)]],
        ),
    ]  # fmt: skip


async def _answer_times(
    server: Server, webhook: str, secret: str, world: World, count: int, rate: float, first_id: int
) -> list[float]:
    updates = list(world.votes(count, first_id=first_id))
    load = WebhookLoad(updates, webhook, secret=secret, concurrency=LANES, rate=rate)
    result = await load.run(answered=lambda: server.accepted("answerCallbackQuery"))
    return [
        server.answered_at[update["callback_query"]["id"]] - result.sent_at[update["update_id"]] for update in updates
    ]


async def _plan_fan_out(world: World) -> None:
    """Give an idea whose card is to go to all rooms in a second from now: nothing is written while presses come."""
    database = Database(world.url)
    async with database.transaction() as connection:
        uow = UnitOfWork(connection, world.keys)
        conversation = await uow.need(Conversation, world.conversations[0])
        now = datetime.now(UTC)
        given = Idea(
            conversation.id, uuid7(), conversation.ideas + 1, conversation.host_id, named=True,
            text="En bänk till", created_at=now,
        )  # fmt: skip
        uow.add(given)
        uow.save(msgspec.structs.replace(conversation, ideas=given.number))
        row = Outbox(
            uuid7(), "", "fanout", FANOUT, now + timedelta(seconds=1), conversation_id=conversation.id, subject="idea",
            subject_id=given.id, unique_key=f"fanout:{given.id}",
        )  # fmt: skip
        uow.add(row)
        await uow.flush()
    await database.close()


LANES = 40


def _share(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _ms(times: list[float]) -> float:
    return round(_share(times, 0.99) * 1000, 1)
