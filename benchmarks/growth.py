"""What one event costs when there are ten conversations, and when there are a hundred thousand."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure
from benchmarks.processes import Server, byalag
from benchmarks.world import World, prepare
from tests.peers.telegram.load import WebhookLoad

FEW, MANY = 10, 100_000
IDEAS = 3
COUNT = 2000


async def growth() -> list[Figure]:
    """Measure both by turns."""
    with TemporaryDirectory() as folder:
        few = await prepare(Path(folder) / "few", people=500, conversations=FEW, ideas=IDEAS)
        many = await prepare(Path(folder) / "many", people=500, conversations=MANY, ideas=IDEAS)
        costs: dict[str, list[float]] = {"few": [], "many": []}
        for turn in range(3):
            costs["few"].append(await _cost(few, turn))
            costs["many"].append(await _cost(many, turn))
    less, more = median(costs["few"]), median(costs["many"])
    ratio = more / less
    about = f"processor time of one vote with {MANY:,} conversations ({IDEAS} ideas each) and with {FEW}."
    runs = [[round(cost, 2) for cost in costs[name]] for name in ("many", "few")]
    return [
        Figure(
            "growth", about, round(more, 2), round(less, 2), round(ratio, 2), "≤ 1.2 ×", ratio <= 1.2, "ms CPU", runs
        )
    ]


async def _cost(world: World, turn: int) -> float:
    """Give milliseconds of processor time a vote."""
    async with Server() as server, byalag(world.data, server) as running:
        updates = world.votes(COUNT, first_id=1 + turn * COUNT)
        load = WebhookLoad(updates, running.webhook, secret=running.secret, concurrency=40)
        before = running.cpu()
        await load.run(answered=lambda: server.accepted("answerCallbackQuery"))
        return (running.cpu() - before) / COUNT * 1000
