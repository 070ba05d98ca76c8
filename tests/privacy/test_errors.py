"""When a handler fails over something that somebody said, the places of the fault are kept, and not a word of it."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from bot.chat.events import CommandGiven, Room
from bot.chat.keys import RoomKey
from bot.chat.port import Manner, RoomKeeper
from bot.logs import places
from bot.store import inbox
from bot.store.schema import inbox as table
from tests.handlers.world import CHANNEL, Who, World

CANARY = "kanariefågel-4711"


class Breaking:
    """A network that cannot make a link, and says why with more than it should."""

    manner = Manner()
    keeper: RoomKeeper | None = None

    def address(self, room: RoomKey) -> str:
        return ""

    def link(self, start: str, *, group: bool = False) -> str:
        links: dict[str, str] = {}
        try:
            return links[f"{CANARY} {start}"]
        except KeyError as error:
            raise RuntimeError(f"no link for {CANARY}") from error


@pytest.fixture
async def world(log: io.StringIO, tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def _asks_for_a_link(world: World, who: Who) -> None:
    event = CommandGiven(
        id="poison", at=world.now, room=Room(who.room.key, private=True), sender=world.sender(who),
        message_id="m99", name="invite", argument=CANARY,
    )  # fmt: skip
    async with world.database.transaction() as connection:
        await inbox.store(connection, [event], world.keys, world.now)
    await world.settle()


async def test_a_fault_tells_where_and_not_about_what(world: World, log: io.StringIO) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    world.dispatcher.links = {CHANNEL: Breaking()}

    await _asks_for_a_link(world, anna)

    # The event is parked after three tries, with the places
    assert world.dispatcher.parked == 1
    async with world.database.transaction() as connection:
        row = (await connection.execute(select(table).where(table.c.event_id == "poison"))).one()
    assert (row.state, row.attempts) == ("parked", 3)
    assert "RuntimeError" in row.trace
    assert "KeyError" in row.trace
    assert "handlers/invite.py:" in row.trace
    # and neither they, nor the log, nor what is kept of the event tells a word of it
    for told in (row.trace, log.getvalue(), row.payload.decode("latin-1")):
        assert CANARY not in told
    assert log.getvalue().count('"event": "an event failed"') == 3
    # The person is told by which reference it can be found
    assert f"{row.seq:X}" in world.last(anna.room).text
    assert f'"reference": "{row.seq:X}"' in log.getvalue()


async def test_a_task_that_fails_unseen_is_logged_with_its_places_only(log: io.StringIO) -> None:
    async def fails() -> None:
        raise ValueError(CANARY)

    asyncio.get_running_loop().call_exception_handler(
        {"message": f"unseen {CANARY}", "exception": await _raised(fails()), "task": asyncio.current_task()}
    )

    told = log.getvalue()
    assert told.startswith("ERROR asyncio\nValueError\n")
    assert "test_errors.py" in told
    assert CANARY not in told


async def _raised(work: object) -> BaseException:
    (error,) = await asyncio.gather(work, return_exceptions=True)  # type: ignore[call-overload]
    assert isinstance(error, BaseException)
    return error


def test_the_libraries_speak_of_errors_only_and_tell_nothing_of_them(log: io.StringIO) -> None:
    for name in ("httpx", "telegram.ext", "aiohttp.access", "sqlalchemy.engine", "nio", "aiosqlite", "apscheduler"):
        logging.getLogger(name).debug("GET /bot%s", CANARY)
        logging.getLogger(name).warning("slow: %s", CANARY)
        logging.getLogger(name).error("failed: %s", CANARY)

    assert CANARY not in log.getvalue()
    assert log.getvalue().splitlines()[0] == "ERROR httpx"
    assert len(log.getvalue().splitlines()) == 7


def test_a_field_that_nobody_knows_to_be_harmless_is_left_out(log: io.StringIO) -> None:
    structlog.get_logger().info("something", channel="telegram", name=CANARY, text=CANARY, exc_info=ValueError(CANARY))

    assert '"channel": "telegram"' in log.getvalue()
    assert CANARY not in log.getvalue()


def test_places_name_each_error_of_a_chain_and_no_message() -> None:
    with pytest.raises(RuntimeError) as caught:
        Breaking().link("x")

    lines = places(caught.value).splitlines()

    assert (lines[0], "KeyError" in lines) == ("RuntimeError", True)
    assert all(CANARY not in line for line in lines)


def test_places_leave_out_what_was_deliberately_put_aside() -> None:
    def put_aside() -> None:
        try:
            Breaking().link("x")
        except RuntimeError:
            raise LookupError from None

    with pytest.raises(LookupError) as caught:
        put_aside()

    assert "RuntimeError" not in places(caught.value)
