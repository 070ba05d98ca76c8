"""Presses: answered at once when there is something to say, with nothing after a second, never twice, never late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.chat.events import ChoiceMade, Room, Sender
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import PressAnswer
from bot.delivery.presses import Presses
from tests.delivery import virtual
from tests.store.some import CHANNEL, NOW

THANKS = PressAnswer("Thank you")
NOTHING = PressAnswer()


@dataclass
class Lane:
    """What presses were answered with, and after how many seconds."""

    answers: list[tuple[float, str, PressAnswer]] = field(default_factory=list)
    breaks: bool = False

    def __post_init__(self) -> None:
        self.presses = Presses({CHANNEL: self}, self.clock)  # type: ignore[dict-item]

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=asyncio.get_running_loop().time())

    async def answer(self, press: str, answer: PressAnswer) -> None:
        self.answers.append((round(asyncio.get_running_loop().time(), 6), press, answer))


def _press(name: str = "p1", at: datetime = NOW) -> ChoiceMade:
    key = RoomKey(CHANNEL, "private-alva")
    return ChoiceMade(
        id=f"e-{name}", at=at, room=Room(key, private=True), sender=Sender(AccountKey(CHANNEL, "alva"), "Alva"),
        message_id="m1", data="data", press=name,
    )  # fmt: skip


def _tell(story: Callable[[Lane], Awaitable[None]]) -> list[tuple[float, str, PressAnswer]]:
    """Play a story, and a minute more; gives the answers."""
    lane = Lane()

    async def play() -> None:
        await story(lane)
        await asyncio.sleep(60)

    virtual.run(play())
    return lane.answers


def test_a_press_is_answered_as_soon_as_there_is_something_to_say() -> None:
    async def story(lane: Lane) -> None:
        lane.presses.expect(_press())
        await asyncio.sleep(0.3)
        lane.presses.answer(_press(), THANKS)

    assert _tell(story) == [(0.3, "p1", THANKS)]


def test_a_press_that_nobody_answers_stops_spinning_after_a_second() -> None:
    async def story(lane: Lane) -> None:
        lane.presses.expect(_press())

    assert _tell(story) == [(1.0, "p1", NOTHING)]


def test_what_comes_after_the_second_comes_too_late() -> None:
    async def story(lane: Lane) -> None:
        lane.presses.expect(_press())
        await asyncio.sleep(1.5)
        lane.presses.answer(_press(), THANKS)

    assert _tell(story) == [(1.0, "p1", NOTHING)]


def test_a_press_is_never_answered_twice() -> None:
    async def story(lane: Lane) -> None:
        lane.presses.expect(_press())
        for _ in range(3):
            lane.presses.answer(_press(), THANKS)
        await asyncio.sleep(2)
        lane.presses.answer(_press(), THANKS)

    assert _tell(story) == [(0.0, "p1", THANKS)]


def test_a_press_that_arrives_twice_is_answered_once() -> None:
    async def story(lane: Lane) -> None:
        lane.presses.expect(_press())
        lane.presses.expect(_press())
        await asyncio.sleep(0.1)
        lane.presses.answer(_press(), THANKS)
        lane.presses.expect(_press())

    assert _tell(story) == [(0.1, "p1", THANKS)]


def test_each_press_has_its_own_answer() -> None:
    async def story(lane: Lane) -> None:
        for name in ("p1", "p2", "p3"):
            lane.presses.expect(_press(name))
        await asyncio.sleep(0.2)
        lane.presses.answer(_press("p2"), THANKS)

    assert sorted(_tell(story), key=lambda told: told[:2]) == [
        (0.2, "p2", THANKS),
        (1.0, "p1", NOTHING),
        (1.0, "p3", NOTHING),
    ]


def test_a_press_that_another_process_took_in_is_answered_here() -> None:
    async def story(lane: Lane) -> None:
        await asyncio.sleep(2)
        lane.presses.answer(_press(), THANKS)

    assert _tell(story) == [(2.0, "p1", THANKS)]


@pytest.mark.parametrize(("after", "answered"), [(10, 1), (10.1, 0)])
def test_nobody_looks_any_more_after_ten_seconds(after: float, answered: int) -> None:
    async def story(lane: Lane) -> None:
        await asyncio.sleep(after)
        lane.presses.answer(_press(), THANKS)

    assert len(_tell(story)) == answered


def test_what_needs_no_answer_gets_none() -> None:
    async def story(lane: Lane) -> None:
        lane.presses.expect(_press(""))

    assert _tell(story) == []


def test_ten_thousand_presses_are_remembered_and_no_more() -> None:
    remembered: list[Any] = []

    async def story(lane: Lane) -> None:
        for number in range(10_050):
            lane.presses.expect(_press(f"{number}"))
            lane.presses.answer(_press(f"{number}"), THANKS)
        remembered.append(lane.presses)

    assert len(_tell(story)) == 10_050
    assert len(remembered[0]._answered) == 10_000
    assert not remembered[0]._timers
    assert not remembered[0]._answering
